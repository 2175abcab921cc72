//! The configuration file `vestibule.toml`. The README of this crate holds the table of its keys.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use vestibule_sql::config::ProfileConfig;

use crate::failure::{Exit, Failure};

/// The whole file; every key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FileConfig {
    pub(crate) server: ServerSection,
    pub(crate) database: DatabaseSection,
    pub(crate) schema: ProfileConfig,
    pub(crate) session: SessionSection,
    pub(crate) cookies: super::cookies::CookiesSection,
    pub(crate) email: EmailSection,
    pub(crate) provider: Vec<crate::config::providers::ProviderSection>,
    pub(crate) limits: LimitsSection,
    pub(crate) sweep: SweepSection,
    pub(crate) log: LogSection,
    /// What the section `[schema]` is called where something is wrong with it: the file.
    #[serde(skip)]
    pub(crate) name: String,
    /// The line of each key in the section `[schema]`.
    #[serde(skip)]
    pub(crate) lines: BTreeMap<String, usize>,
}

/// `[server]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerSection {
    pub(crate) listen: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) base_path: Option<String>,
    pub(crate) trust_host: Option<bool>,
    pub(crate) production: Option<bool>,
    pub(crate) trusted_proxies: Option<u8>,
    pub(crate) private_providers: Option<bool>,
}

/// `[database]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseSection {
    pub(crate) url: Option<crate::config::Hidden>,
    pub(crate) max_connections: Option<u32>,
    pub(crate) idle_timeout: Option<u32>,
    pub(crate) connection_timeout: Option<u32>,
}

/// `[session]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SessionSection {
    pub(crate) strategy: Option<String>,
    pub(crate) max_age: Option<u32>,
    pub(crate) update_age: Option<u32>,
    pub(crate) absolute_age: Option<u32>,
    pub(crate) reads_nextauth_v4: Option<bool>,
}

/// `[email]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EmailSection {
    pub(crate) server: Option<crate::config::Hidden>,
    pub(crate) from: Option<String>,
    pub(crate) max_age: Option<u32>,
    pub(crate) codes: Option<bool>,
    pub(crate) code_max_age: Option<u32>,
}

/// `[limits]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsSection {
    pub(crate) enabled: Option<bool>,
    pub(crate) mails_per_address: Option<u32>,
    pub(crate) mails_per_network: Option<u32>,
    pub(crate) wrong_codes: Option<u32>,
}

/// `[sweep]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SweepSection {
    pub(crate) interval: Option<u32>,
    pub(crate) batch: Option<u32>,
}

/// `[log]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogSection {
    pub(crate) format: Option<String>,
    pub(crate) filter: Option<String>,
}

impl FileConfig {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds something that is not understood; the message names key and line.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("cannot read the configuration file {}: {error}.", path.display()),
            )
        })?;
        let file = Self::parse(&text)
            .map_err(|problem| Failure::new(Exit::Usage, format!("{}:{problem}", path.display())))?;
        Ok(Self {
            name: path.display().to_string(),
            lines: super::lines::of_section(&text, "schema"),
            ..file
        })
    }

    /// Reads the text of a file; an error begins with the number of its line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            let before = &text[..text.floor_char_boundary(start)];
            let number = before.matches('\n').count() + 1;
            let line = text.lines().nth(number - 1).unwrap_or_default();
            // No more than a key: without a `=` the rest of the line may be a value, and that a secret.
            let is_value = |c: char| !(c.is_ascii_alphanumeric() || "-_.[] ".contains(c));
            let key = line.split(is_value).next().unwrap_or_default().trim();
            let section =
                before.lines().chain([line]).rev().find_map(|line| {
                    line.trim().strip_prefix('[')?.trim_start_matches('[').split(']').next()
                });
            let name = match section {
                Some(section) if !key.starts_with('[') => format!("{section}.{key}"),
                _ => key.to_owned(),
            };
            format!("{number}: `{name}`: {}", error.message())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_sets_nothing() {
        let file = FileConfig::parse("").unwrap();

        assert!(file.server.listen.is_none() && file.database.url.is_none());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let problem = FileConfig::parse("[server]\nlisten = \"127.0.0.1:1\"\nlissten = 5\n").unwrap_err();

        assert!(problem.starts_with("3: `server.lissten`: unknown field"), "{problem}");
        assert!(problem.contains("base_path"), "lists the known keys: {problem}");
    }

    #[test]
    fn an_unknown_section_is_named_with_its_line() {
        let problem = FileConfig::parse("\n[sever]\nlisten = \"x\"\n").unwrap_err();

        assert!(problem.starts_with("2: `[sever]`: unknown field"), "{problem}");
    }

    #[test]
    fn keys_of_the_schema_are_named_with_their_line_and_what_is_allowed() {
        for (text, place, allowed) in [
            ("[schema]\nprofil = \"x\"\n", "2: `schema.profil`: unknown field `profil`", "`profile`"),
            ("[schema]\nid_kind = \"int\"\n", "2: `schema.id_kind`: unknown variant `int`", "`serial`"),
            ("[schema.users]\nnmae = \"x\"\n", "2: `schema.users.nmae`: unknown field `nmae`", "`columns`"),
            (
                "[schema.users.times]\nemailVerified = \"epoch\"\n",
                "2: `schema.users.times.",
                "`epoch-millis`",
            ),
            (
                "[[schema.users.extra]]\nname = \"a\"\nkind = \"string\"\n",
                "3: `schema.users.extra.kind`: unknown variant",
                "`text`",
            ),
            ("[schema]\nid_kind = \"uuid\"\nid_kind = \"text\"\n", "3: `schema.id_kind`: duplicate key", ""),
        ] {
            let problem = FileConfig::parse(text).unwrap_err();
            assert!(problem.starts_with(place) && problem.contains(allowed), "{problem}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named_with_its_line() {
        let problem = FileConfig::parse("[session]\n\nmax_age = \"a month\"\n").unwrap_err();

        assert!(problem.starts_with("3: `session.max_age`: invalid type"), "{problem}");
    }

    #[test]
    fn a_number_that_is_too_small_or_too_large_is_refused() {
        for value in ["-1", "4294967296", "1.5"] {
            assert!(FileConfig::parse(&format!("[session]\nmax_age = {value}\n")).is_err());
        }
    }

    #[test]
    fn a_line_that_is_not_understood_is_not_shown() {
        for line in [
            "url \"postgres://u:hunter2@h/d\"",
            "url : postgres://u:hunter2@h/d",
            "url = postgres://u:hunter2@h/d",
            "url = \"postgres://u:hunter2\\q@h/d\"",
            "\"postgres://u:hunter2@h/d\"",
        ] {
            let problem = FileConfig::parse(&format!("[database]\n{line}\n")).unwrap_err();

            assert!(problem.starts_with("2: `database."), "{problem}");
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn a_password_in_the_file_is_not_printed() {
        let file = FileConfig::parse("[email]\nserver = \"smtp://u:hunter2@h\"\n").unwrap();

        assert!(!format!("{file:?}").contains("hunter2"));
    }

    #[test]
    fn the_readme_lists_every_key_of_the_schema() {
        let readme = include_str!("../../README.md");
        let mut samples = readme.split("```toml\n").skip(4).filter_map(|rest| rest.split("```").next());
        let mut sample = || FileConfig::parse(samples.next().unwrap()).unwrap().schema;

        let (schema, lucia) = (sample(), sample());

        let tables = ["name: None", "columns: {}", "times: {}", "extra: []"];
        let mut shown = format!("{schema:?}");
        let none = format!("TableConfig {{ {} }}", tables.join(", "));
        shown = shown.replace(&none, "").replace("column: None", "").replace("form: None", "");
        for (dialect, profile) in
            [(vestibule_sql::Dialect::MySql, "kysely"), (vestibule_sql::Dialect::Postgres, "prisma")]
        {
            schema.build(vestibule_sql::Profile::named(profile, dialect).unwrap(), dialect).unwrap();
        }
        // No profile has both what others have and this.
        assert!(format!("{lucia:?}").contains("active_period: Some"));
        let postgres = vestibule_sql::Dialect::Postgres;
        lucia.build(vestibule_sql::Profile::named("lucia-v2", postgres).unwrap(), postgres).unwrap();
        let shown = shown.replace("active_period: None", "");
        let section = shown.split("extra:").next().unwrap();
        assert!(!section.contains("None"), "a key is missing: {section}");
    }

    #[test]
    fn the_readme_shows_providers_that_are_understood() {
        let readme = include_str!("../../README.md");
        let samples = readme.split("```toml\n").skip(2).filter_map(|rest| rest.split("```").next());

        let files: Vec<_> = samples.take(2).map(|sample| FileConfig::parse(sample).unwrap()).collect();

        assert_eq!(files[0].provider.len(), 3);
        assert!(files[1].provider[0].passkey().is_ok());
    }

    #[test]
    fn the_readme_lists_every_key() {
        let readme = include_str!("../../README.md");
        let sample = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();

        let file = FileConfig::parse(sample).unwrap();

        assert!(file.schema.profile().is_some());
        let shown = format!("{:?}", FileConfig { schema: ProfileConfig::default(), ..file });
        let usual = format!("{:?}", crate::config::cookies::CookieSection::default());
        // One of the cookies is enough.
        assert_eq!(shown.matches(&usual).count(), 6);
        let rest = shown.replace(&format!("{:?}", ProfileConfig::default()), "").replace(&usual, "");
        assert!(!rest.contains("None"), "a key is missing: {rest}");
    }
}
