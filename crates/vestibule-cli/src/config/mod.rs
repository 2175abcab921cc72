//! The configuration: flags before environment before file before defaults.
//!
//! [`Sources`] holds what was given; [`StoreSettings`] and [`ServeSettings`] are what it comes to. All problems
//! are reported at once, each with the place that it comes from and what would mend it.

mod cookies;
mod database;
mod env;
mod file;
mod limits;
mod lines;
mod mail;
mod merge;
mod passkeys;
mod providers;
mod schema;
mod serve;
mod session;

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

pub(crate) use database::{DEFAULT_FILE, Database, Kind, PostgresParts};
pub(crate) use env::Env;
pub(crate) use file::FileConfig;
pub(crate) use mail::Mail;
pub(crate) use schema::{Choice, SchemaSettings};
pub(crate) use serve::{Mode, Secrets, ServeSettings};

use crate::args::{CommonArgs, LogFormat};
use crate::failure::{Exit, Failure};
use merge::{Found, Problems, duration, first, number};

/// A string of the configuration file that may hold a password: its `Debug` shows nothing.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// All that was given, by whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    args: CommonArgs,
    env: Env,
    file: FileConfig,
}

/// What every command that talks to a database needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoreSettings {
    /// Which database.
    pub(crate) database: Database,
    /// How many connections at most; PostgreSQL's driver knows a default, and a URL may say otherwise.
    pub(crate) max_connections: Option<u32>,
    /// How long an idle connection is kept.
    pub(crate) idle_timeout: Option<Duration>,
    /// How long to wait for a connection.
    pub(crate) connection_timeout: Option<Duration>,
    /// How many expired rows are deleted at a time.
    pub(crate) sweep_batch: u32,
    /// Whose tables they are.
    pub(crate) schema: SchemaSettings,
}

/// How the logs look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogSettings {
    /// Text or JSON; `None` asks the terminal.
    pub(crate) format: Option<LogFormat>,
    /// What is logged, in the language of `RUST_LOG`.
    pub(crate) filter: String,
}

impl Sources {
    /// Gathers flags, environment and the file that they name.
    ///
    /// # Errors
    ///
    /// If the environment or the file is not understood.
    pub(crate) fn gather(args: &CommonArgs) -> Result<Self, Failure> {
        let env = Env::of_process()?;
        let path = args.config.clone().or_else(|| env.get("VESTIBULE_CONFIG").map(Into::into));
        let file = match path {
            Some(path) => FileConfig::read(&path)?,
            None => FileConfig::default(),
        };
        Ok(Self { args: args.clone(), env, file })
    }

    /// What a command that only talks to the database needs.
    ///
    /// # Errors
    ///
    /// With every problem there is.
    pub(crate) fn store(&self) -> Result<StoreSettings, Failure> {
        let mut problems = Problems::default();
        let settings = self.store_settings(&mut problems);
        problems.end(settings)
    }

    /// How the logs look.
    ///
    /// # Errors
    ///
    /// If the format in the file is not known.
    pub(crate) fn log(&self) -> Result<LogSettings, Failure> {
        let format = match (self.args.log_format, self.file.log.format.as_deref()) {
            (Some(format), _) => Some(format),
            (None, Some("text")) => Some(LogFormat::Text),
            (None, Some("json")) => Some(LogFormat::Json),
            (None, None) => None,
            (None, Some(_)) => {
                return Err(Failure::new(
                    Exit::Usage,
                    "log.format in the configuration file: write \"text\" or \"json\".",
                ));
            }
        };
        let filter = self.env.get("RUST_LOG").or(self.file.log.filter.as_deref()).unwrap_or("info");
        Ok(LogSettings { format, filter: filter.to_owned() })
    }

    fn store_settings(&self, problems: &mut Problems) -> StoreSettings {
        let file = &self.file.database;
        let max = file.max_connections;
        let (idle, connection) = (file.idle_timeout, file.connection_timeout);
        StoreSettings {
            database: self.database(problems),
            max_connections: max.map(|_| number(problems, "database.max_connections", max, 1, 1..=1000)),
            idle_timeout: idle.map(|_| duration(problems, "database.idle_timeout", idle, 1)),
            connection_timeout: connection
                .map(|_| duration(problems, "database.connection_timeout", connection, 1)),
            sweep_batch: number(problems, "sweep.batch", self.file.sweep.batch, 1000, 1..=100_000),
            schema: self.schema(),
        }
    }

    fn database(&self, problems: &mut Problems) -> Database {
        let url = first([
            Found::flag("--database-url", self.args.database_url.as_deref()),
            Found::env(&self.env, "DATABASE_URL"),
        ]);
        let url = url.or_else(|| {
            // The parts are environment too, so they come before the file.
            if self.env.get("DATABASE_HOST").is_some() {
                return None;
            }
            Found::file("database.url", self.file.database.url.as_ref().map(|url| url.0.as_str()))
        });
        if let Some(url) = url {
            return problems.parse(&url, Database::parse).unwrap_or(Database::Default);
        }
        let Some(host) = self.env.get("DATABASE_HOST") else {
            for name in ["DATABASE_NAME", "DATABASE_USER", "DATABASE_PASSWORD", "DATABASE_PORT"] {
                if self.env.get(name).is_some() {
                    problems
                        .add(name, "is set, but DATABASE_HOST is not; set it, or set DATABASE_URL instead");
                    break;
                }
            }
            return Database::Default;
        };
        let port = Found::env(&self.env, "DATABASE_PORT").and_then(|port| {
            problems.parse(&port, |text| text.parse::<u16>().map_err(|_| "is not a port number".to_owned()))
        });
        Database::PostgresParts(PostgresParts {
            host: host.to_owned(),
            port,
            user: self.env.get("DATABASE_USER").map(str::to_owned),
            password: self.env.get("DATABASE_PASSWORD").map(Into::into),
            name: self.env.get("DATABASE_NAME").map(str::to_owned),
        })
    }

    /// Sources for tests: flags, environment and the text of a file.
    #[cfg(test)]
    pub(crate) fn of(args: CommonArgs, env: &[(&'static str, &str)], file: &str) -> Self {
        let lines = lines::of_section(file, "schema");
        Self { args, env: Env::of(env), file: FileConfig { lines, ..FileConfig::parse(file).unwrap() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[database]\nurl = \"sqlite:file.db\"\n";

    fn flag(url: &str) -> CommonArgs {
        CommonArgs { database_url: Some(url.into()), ..CommonArgs::default() }
    }

    fn database(args: CommonArgs, env: &[(&'static str, &str)], file: &str) -> Database {
        Sources::of(args, env, file).store().unwrap().database
    }

    #[test]
    fn flag_before_environment_before_file_before_default() {
        let env = [("DATABASE_URL", "sqlite:env.db")];
        let none = CommonArgs::default;

        assert_eq!(database(flag("sqlite:flag.db"), &env, FILE), Database::Sqlite("flag.db".into()));
        assert_eq!(database(none(), &env, FILE), Database::Sqlite("env.db".into()));
        assert_eq!(database(none(), &[], FILE), Database::Sqlite("file.db".into()));
        assert_eq!(database(none(), &[], ""), Database::Default);
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        assert_eq!(
            database(CommonArgs::default(), &[("DATABASE_URL", " ")], FILE),
            Database::Sqlite("file.db".into())
        );
    }

    #[test]
    fn the_parts_of_a_postgres_address_are_put_together() {
        let env = [
            ("DATABASE_HOST", "db"),
            ("DATABASE_NAME", "app"),
            ("DATABASE_USER", "ada"),
            ("DATABASE_PASSWORD", "p@ss"),
        ];

        let database = database(CommonArgs::default(), &env, FILE);

        assert_eq!(
            database,
            Database::PostgresParts(PostgresParts {
                host: "db".into(),
                port: None,
                user: Some("ada".into()),
                password: Some("p@ss".into()),
                name: Some("app".into()),
            })
        );
        assert!(!format!("{database} {database:?}").contains("p@ss"));
    }

    #[test]
    fn a_part_without_a_host_is_a_problem() {
        let failure =
            Sources::of(CommonArgs::default(), &[("DATABASE_NAME", "app")], "").store().unwrap_err();

        assert!(failure.to_string().contains("DATABASE_HOST"), "{failure}");
    }

    #[test]
    fn a_problem_names_the_place_it_comes_from() {
        for (sources, place) in [
            (Sources::of(flag("x:y"), &[], ""), "--database-url"),
            (Sources::of(CommonArgs::default(), &[("DATABASE_URL", "x:y")], ""), "DATABASE_URL"),
            (
                Sources::of(CommonArgs::default(), &[], "[database]\nurl = \"x:y\"\n"),
                "database.url in the configuration file",
            ),
        ] {
            let failure = sources.store().unwrap_err();

            assert!(failure.to_string().contains(&format!("- {place}:")), "{failure}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_all_reported() {
        let file = "[database]\nmax_connections = 0\nconnection_timeout = 0\n[sweep]\nbatch = 0\n";

        let failure = Sources::of(CommonArgs::default(), &[], file).store().unwrap_err();

        for key in ["database.max_connections", "database.connection_timeout", "sweep.batch"] {
            assert!(failure.to_string().contains(key), "{failure}");
        }
    }

    #[test]
    fn the_log_filter_comes_from_the_environment_first() {
        let filter = |env: &[(&'static str, &str)], file| {
            Sources::of(CommonArgs::default(), env, file).log().unwrap().filter
        };

        assert_eq!(filter(&[("RUST_LOG", "debug")], "[log]\nfilter = \"warn\"\n"), "debug");
        assert_eq!(filter(&[], "[log]\nfilter = \"warn\"\n"), "warn");
        assert_eq!(filter(&[], ""), "info");
    }
}
