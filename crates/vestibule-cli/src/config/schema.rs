//! Whose tables the database has: the section `[schema]`, and the flag and variable that come before its profile.

use std::collections::BTreeMap;

use vestibule_sql::config::{ConfigError, ProfileConfig};
use vestibule_sql::{Dialect, Profile};

use super::Sources;
use crate::failure::{Exit, Failure};

/// Look at the tables and find out.
const AUTO: &str = "auto";

/// Whose tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SchemaSettings {
    /// The profile that was chosen, and where; nothing if nobody did.
    chosen: Option<(String, String)>,
    section: ProfileConfig,
    /// Whether a place for passkeys is needed.
    passkeys: bool,
    file: String,
    lines: BTreeMap<String, usize>,
}

/// What to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice<'a> {
    /// Nothing was said.
    Nothing,
    /// What the tables show.
    Auto,
    /// The published profile of this name.
    Named(&'a str),
}

impl Sources {
    /// Whose tables, by flag, environment and file.
    pub(crate) fn schema(&self) -> SchemaSettings {
        let flag = self.args.profile.as_deref().map(|name| (name, "--profile".to_owned()));
        let variable = self.env.get("VESTIBULE_PROFILE").map(|name| (name, "VESTIBULE_PROFILE".to_owned()));
        let file = &self.file;
        let of_file = file.schema.profile().map(|name| {
            let line = file.lines.get("profile").map(|line| format!(":{line}")).unwrap_or_default();
            (name, format!("{}{line}: `schema.profile`", file.name))
        });
        let chosen = flag.or(variable).or(of_file).map(|(name, place)| (name.to_owned(), place));
        SchemaSettings {
            chosen,
            section: file.schema.clone(),
            passkeys: self.wants_passkeys(),
            file: file.name.clone(),
            lines: file.lines.clone(),
        }
    }
}

impl SchemaSettings {
    /// What to begin with.
    pub(crate) fn choice(&self) -> Choice<'_> {
        match &self.chosen {
            None => Choice::Nothing,
            Some((name, _)) if name == AUTO => Choice::Auto,
            Some((name, _)) => Choice::Named(name),
        }
    }

    /// The published profile that was named, or the one of Auth.js, with all that the section says of it.
    ///
    /// # Errors
    ///
    /// If there is no such profile for the database, or the section does not go with it.
    pub(crate) fn named(&self, dialect: Dialect) -> Result<Profile, Failure> {
        let base = match &self.chosen {
            None => Profile::authjs(),
            Some((name, place)) => {
                Profile::named(name, dialect).ok_or_else(|| unknown(name, place, dialect))?
            }
        };
        self.with_section(base, dialect)
    }

    /// A profile with all that the section says of it.
    ///
    /// # Errors
    ///
    /// If the section does not go with the profile or the database.
    pub(crate) fn with_section(&self, base: Profile, dialect: Dialect) -> Result<Profile, Failure> {
        let built = self.section.build(base, dialect);
        let built = built.map(|profile| if self.passkeys { profile.with_passkeys() } else { profile });
        built.map_err(|ConfigError(problems)| {
            let lines = problems.iter().map(|problem| {
                // The nearest key that the file has.
                let mut key = problem.key.as_str();
                let line = loop {
                    match (self.lines.get(key), key.rsplit_once('.')) {
                        (Some(line), _) => break *line,
                        (None, Some((above, _))) => key = above,
                        (None, None) => break self.lines.get("").copied().unwrap_or(1),
                    }
                };
                format!("{}:{line}: `schema.{}`: {}", self.file, problem.key, problem.message)
            });
            Failure::problems("the schema profile cannot be used:", &lines.collect::<Vec<_>>())
        })
    }
}

fn unknown(name: &str, place: &str, dialect: Dialect) -> Failure {
    let names = Profile::names(dialect).collect::<Vec<_>>().join(", ");
    Failure::new(
        Exit::Usage,
        format!(
            "{place}: {name:?} is no schema profile for {}; there are auto (look at the tables), {names}.",
            dialect.as_str()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CommonArgs;

    fn settings(profile: Option<&str>, env: &[(&'static str, &str)], file: &str) -> SchemaSettings {
        let args = CommonArgs { profile: profile.map(str::to_owned), ..CommonArgs::default() };
        Sources::of(args, env, file).schema()
    }

    #[test]
    fn flag_before_environment_before_file() {
        let file = "[schema]\nprofile = \"drizzle\"\n";
        let env = [("VESTIBULE_PROFILE", "auto")];

        assert_eq!(settings(Some("prisma"), &env, file).choice(), Choice::Named("prisma"));
        assert_eq!(settings(None, &env, file).choice(), Choice::Auto);
        assert_eq!(settings(None, &[], file).choice(), Choice::Named("drizzle"));
        assert_eq!(settings(None, &[], "").choice(), Choice::Nothing);
    }

    #[test]
    fn a_name_that_is_not_known_is_told_with_those_that_are() {
        let failure = settings(Some("supabase"), &[], "").named(Dialect::Sqlite).unwrap_err().to_string();

        assert!(failure.starts_with("--profile: \"supabase\" is no schema profile for sqlite"), "{failure}");
        assert!(failure.contains("auto") && failure.contains("authjs, better-auth, d1"), "{failure}");
    }

    #[test]
    fn the_section_counts_for_whatever_profile_is_named() {
        let file = "[schema]\nprofile = \"drizzle\"\nusers = \"people\"\n";

        let profile = settings(Some("prisma"), &[], file).named(Dialect::Sqlite).unwrap();

        assert_eq!(profile.name(), "prisma");
        assert_eq!(profile.table_name(vestibule_sql::Table::Users), Some("people"));
    }

    #[test]
    fn what_does_not_go_with_the_database_is_told_with_key_and_line() {
        let file = "[schema.users]\nname = \"people\"\n\n[schema.users.columns]\nimage = \"rowid\"\n";

        let failure = settings(None, &[], file).named(Dialect::Sqlite).unwrap_err().to_string();

        assert!(failure.contains(":5: `schema.users.columns.image`: "), "{failure}");
    }

    /// Every section in the guides is understood, and goes with its profile on some database.
    #[test]
    fn the_sections_in_the_guides_can_be_used() {
        let guides = [
            include_str!("../../../../docs/from-authjs-v5.md"),
            include_str!("../../../../docs/from-better-auth.md"),
            include_str!("../../../../docs/from-nextauth-v3.md"),
        ];
        let blocks = guides.iter().flat_map(|guide| guide.split("```toml\n").skip(1));
        let sections: Vec<_> = blocks.map(|block| block.split("```").next().unwrap()).collect();
        assert!(sections.len() >= 4, "{sections:?}");
        for section in sections {
            let settings = settings(None, &[], section);
            assert!(Dialect::ALL.into_iter().any(|dialect| settings.named(dialect).is_ok()), "{section}");
        }
    }

    /// Every profile in the table of a guide exists.
    #[test]
    fn the_profiles_in_the_guides_exist() {
        for guide in [
            include_str!("../../../../docs/from-authjs-v5.md"),
            include_str!("../../../../docs/from-nextauth-v3.md"),
        ] {
            let rows = guide.lines().filter(|line| line.starts_with("| ") && line.contains("` |"));
            let cells =
                rows.filter_map(|row| row.split('|').nth(2)?.trim().strip_prefix('`')?.strip_suffix('`'));
            for name in cells {
                let found = Dialect::ALL.into_iter().any(|dialect| Profile::named(name, dialect).is_some());
                assert!(found, "{name}");
            }
        }
    }
}
