//! From what a configuration says to a profile.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{ConfigError, ConfigProblem, ExtraConfig, ProfileConfig, TableConfig};
use crate::profile::authjs;
use crate::schema::{Detected, SchemaError};
use crate::{Dialect, Driver, ExtraColumn, ExtraKind, Fill, Profile, ProfileError, Table, Zone, decode};

impl ProfileConfig {
    /// The profile `base` with all that the section says of it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong, each with its key.
    pub fn build(&self, base: Profile, dialect: Dialect) -> Result<Profile, ConfigError> {
        let mut builder = Builder { profile: base, dialect, problems: Vec::new(), blame: BTreeMap::new() };
        builder.note("profile");
        self.whole(&mut builder);
        for (table, section, config) in self.tables() {
            builder.table(table, section, config);
        }
        // What the tables have decided comes first: a zone is of clocks, and deletion is by a column.
        if let Some(name) = &self.time_zone {
            match Zone::named(name) {
                Some(zone) => builder.step("time_zone", |profile, dialect| profile.with_time_zone(&zone, dialect)),
                None => builder.problem(
                    "time_zone",
                    format!("{name:?} is not the name of a zone in the IANA database, such as Europe/Berlin or UTC"),
                ),
            }
        }
        if let Some(field) = &self.soft_delete {
            builder.step("soft_delete", |profile, _| profile.with_soft_delete(field.as_str()));
        }
        builder.end()
    }

    /// The profile that the section describes, for a database: the one that it names, or the one that the tables
    /// show where it says `auto` or nothing. At most a few round trips; changes nothing.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Profile`] with everything that is wrong with the section; [`SchemaError::Undetected`] and
    /// [`SchemaError::Store`] as for [`Profile::detect`].
    pub async fn find(&self, driver: &impl Driver) -> Result<Detected, SchemaError> {
        let dialect = driver.dialect();
        let mut detected = match self.profile() {
            None | Some("auto") => Profile::detect(driver).await?,
            Some(name) => {
                let profile = Profile::named(name, dialect).ok_or_else(|| unknown(name, dialect))?;
                Detected { profile, reason: "it is named".to_owned() }
            }
        };
        detected.profile = self.build(detected.profile, dialect)?;
        Ok(detected)
    }

    fn whole(&self, builder: &mut Builder) {
        if let Some(schema) = &self.postgres_schema {
            builder.step("postgres_schema", |mut profile, _| {
                profile.postgres_schema = Some(schema.clone()).filter(|schema| !schema.is_empty());
                profile
            });
        }
        if let Some(kind) = self.id_kind {
            builder.step("id_kind", |profile, _| profile.with_id_kind(kind.kind()));
        }
        if let Some(kind) = self.row_id_kind {
            builder.step("row_id_kind", |profile, _| profile.with_row_id_kind(kind.kind()));
        }
        if self.uuid_session_tokens == Some(true) {
            builder.step("uuid_session_tokens", |profile, _| profile.with_uuid_session_tokens());
        }
        if let Some(maker) = self.id_maker {
            builder.step("id_maker", |profile, _| profile.with_id_maker(maker.maker()));
        }
        if let Some(snake_case) = self.snake_case {
            builder.step("snake_case", |mut profile, _| {
                profile.snake_case = snake_case;
                profile
            });
        }
        if let Some(form) = &self.times {
            builder.step("times", |profile, _| profile.with_time_forms(&form.form()));
        }
        if let Some(seconds) = self.active_period {
            let active = Duration::from_secs(seconds);
            builder.step("active_period", |profile, _| profile.with_active_period(active));
        }
        for (at, word) in self.without.iter().enumerate() {
            let table = word.table();
            if builder.profile.spec(table).is_none() {
                builder.problem(&format!("without.{at}"), format!("the profile has no table for {table}"));
            }
            builder.step(&format!("without.{at}"), |profile, _| profile.without_table(table));
        }
        if let Some(prefix) = &self.table_prefix {
            builder.step("table_prefix", |profile, _| profile.with_table_prefix(prefix));
        }
    }
}

/// A name that no profile for the database has.
fn unknown(name: &str, dialect: Dialect) -> SchemaError {
    let names = Profile::names(dialect).collect::<Vec<_>>().join(", ");
    let problem = format!("{name:?} is no profile for {}; there are auto, {names}", dialect.as_str());
    SchemaError::Profile(ProfileError { problems: vec![problem] })
}

impl From<ConfigError> for SchemaError {
    fn from(error: ConfigError) -> Self {
        let problems = error.0.iter().map(ToString::to_string).collect();
        Self::Profile(ProfileError { problems })
    }
}

/// A profile in the making, and after which key each problem was there first.
struct Builder {
    profile: Profile,
    dialect: Dialect,
    problems: Vec<ConfigProblem>,
    blame: BTreeMap<String, String>,
}

impl Builder {
    fn step(&mut self, key: &str, change: impl FnOnce(Profile, Dialect) -> Profile) {
        self.profile = change(self.profile.clone(), self.dialect);
        self.note(key);
    }

    /// Remembers which problems are there since this key.
    fn note(&mut self, key: &str) {
        if let Err(error) = self.profile.check(self.dialect) {
            for problem in error.problems {
                self.blame.entry(problem).or_insert_with(|| key.to_owned());
            }
        }
    }

    fn problem(&mut self, key: &str, message: String) {
        self.problems.push(ConfigProblem { key: key.to_owned(), message });
    }

    fn end(mut self) -> Result<Profile, ConfigError> {
        // A problem may have been there only until a later key: two tables may swap their names.
        if let Err(error) = self.profile.check(self.dialect) {
            for message in error.problems {
                let key = self.blame.get(&message).cloned().unwrap_or_default();
                self.problems.push(ConfigProblem { key, message });
            }
        }
        if self.problems.is_empty() { Ok(self.profile) } else { Err(ConfigError(self.problems)) }
    }

    fn table(&mut self, table: Table, section: &str, config: &TableConfig) {
        if config.is_empty() {
            return;
        }
        let name_key = format!("{section}.name");
        match (&config.name, self.profile.spec(table).is_some()) {
            (Some(name), true) => self.step(&name_key, |profile, _| profile.with_table(table, name)),
            (Some(name), false) if table == Table::Authenticators => {
                self.step(&name_key, |profile, _| profile.with_authenticators(name));
            }
            (None, true) => {}
            (_, false) => {
                self.problem(section, format!("the profile has no table for {table}"));
                return;
            }
        }
        for (field, name) in &config.columns {
            let key = format!("{section}.columns.{field}");
            if self.knows(table, &key, field) {
                self.step(&key, |profile, _| profile.with_column(table, field, name));
            }
        }
        for (at, extra) in config.extra.iter().enumerate() {
            self.extra(table, &format!("{section}.extra.{at}"), extra);
        }
        for (field, word) in &config.times {
            let key = format!("{section}.times.{field}");
            if self.knows(table, &key, field) {
                self.step(&key, |profile, _| profile.with_time_form(table, field, word.form()));
            }
        }
    }

    /// Whether there is such a column; if not, that is a problem.
    fn knows(&mut self, table: Table, key: &str, field: &str) -> bool {
        let mut there = authjs::fields(table);
        let spec = self.profile.spec(table);
        let own: Vec<_> =
            spec.map_or(&[][..], |spec| &spec.extra).iter().map(|column| column.field.to_string()).collect();
        there.extend(own.iter().map(String::as_str));
        let known = there.contains(&field);
        if !known {
            let message = format!("is no column of {table}; there are {}", there.join(", "));
            self.problem(key, message);
        }
        known
    }

    fn extra(&mut self, table: Table, key: &str, config: &ExtraConfig) {
        let kind = match (config.kind.kind(), &config.form) {
            (Ok(ExtraKind::Time), Some(form)) => ExtraKind::TimeAs(form.form()),
            (Ok(kind), None) => kind,
            (Ok(_), Some(_)) => {
                return self.problem(&format!("{key}.form"), "only a column of kind \"time\" has one".into());
            }
            (Err(problem), _) => return self.problem(&format!("{key}.kind"), problem),
        };
        let is_time = matches!(kind, ExtraKind::Time | ExtraKind::TimeAs(_));
        let is_text = kind == ExtraKind::Text;
        if config.refreshed && !is_time {
            return self.problem(&format!("{key}.refreshed"), "only a column of kind \"time\" can be".into());
        }
        let mut column = ExtraColumn::new(config.name.as_str(), kind);
        if let Some(name) = &config.column {
            column = column.with_name(name.as_str());
        }
        if let Some(default) = &config.default {
            if let Err(wanted) = decode::write_extra(&column, default) {
                return self.problem(&format!("{key}.default"), format!("must be {wanted}"));
            }
            column = column.with_default(default.clone());
        }
        if let Some(fill) = config.fill {
            let fits = match fill.fill() {
                Fill::Now | Fill::NowPlus(_) => is_time,
                Fill::AccountHash | Fill::AccountIssuer => table == Table::Accounts && is_text,
                Fill::RandomHex(bytes) => bytes > 0 && is_text,
            };
            if !fits {
                let message = "\"now\" and \"now-plus\" fill columns of kind \"time\"; the others fill columns of kind \"text\", \
                               those that begin with \"account\" in the accounts alone";
                return self.problem(&format!("{key}.fill"), message.into());
            }
            column = column.with_fill(fill.fill());
        }
        column.refreshed = config.refreshed;
        column.may_lack = config.if_there;
        column.hidden = config.hidden;
        column.required = config.required;
        self.step(key, |profile, _| profile.with_extra_column(table, column));
    }
}
