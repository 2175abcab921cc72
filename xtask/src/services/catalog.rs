//! Every server that the tests know, as data: its name, its variables, where it comes from, how it is started.

use std::any::Any;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::{mariadb, mysql, pgbouncer, postgres, smtp};
use crate::process;

/// A server of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Service {
    /// `PostgreSQL`, the version that the system has.
    Postgres,
    /// `PostgreSQL` 18.
    #[value(name = "postgres18")]
    Postgres18,
    /// `PgBouncer` in transaction mode, in front of the first `PostgreSQL`.
    #[value(name = "pgbouncer")]
    PgBouncer,
    /// `MariaDB`.
    #[value(name = "mariadb")]
    MariaDb,
    /// `MySQL`: an extra, for which nothing fails when it cannot be had.
    #[value(name = "mysql")]
    MySql,
    /// An SMTP server.
    Smtp,
}

/// Whether a server waits for the disk on every commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production.
    Full,
    /// Never.
    None,
}

/// A server that was started, and stops when this value is dropped.
pub(crate) struct Started {
    /// What names it in the environment.
    pub(crate) variables: Vec<(&'static str, String)>,
    _server: Box<dyn Any + Send>,
}

impl Service {
    /// Its name for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Postgres18 => "PostgreSQL 18",
            Self::PgBouncer => "PgBouncer",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
            Self::Smtp => "SMTP",
        }
    }

    /// Its name on the command line.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The variables that name it; it is the caller's if the first is set.
    pub(crate) fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["VESTIBULE_TEST_POSTGRES_URL"],
            Self::Postgres18 => &["VESTIBULE_TEST_POSTGRES18_URL"],
            Self::PgBouncer => &["VESTIBULE_TEST_PGBOUNCER_URL"],
            Self::MariaDb => &["VESTIBULE_TEST_MARIADB_URL"],
            Self::MySql => &["VESTIBULE_TEST_MYSQL_URL"],
            Self::Smtp => &["VESTIBULE_TEST_SMTP_URL", "VESTIBULE_TEST_SMTP_DIR"],
        }
    }

    /// Whether the caller has brought one.
    pub(crate) fn is_the_callers(self) -> bool {
        self.variables().first().is_some_and(|name| std::env::var_os(name).is_some())
    }

    /// Whether it is one for which nothing fails when it cannot be had.
    pub(crate) fn is_extra(self) -> bool {
        self == Self::MySql
    }

    /// Whether it could be started.
    ///
    /// # Errors
    ///
    /// If not: what is missing.
    pub(crate) fn available(self) -> Result<()> {
        match self {
            Self::Postgres => postgres::Binaries::find().map(drop),
            Self::Postgres18 => postgres::Binaries::find_18().map(drop),
            Self::PgBouncer => {
                let behind = Self::Postgres;
                if !behind.is_the_callers() {
                    behind.available().context("no PostgreSQL behind it")?;
                }
                pgbouncer::find().map(drop)
            }
            Self::MariaDb => mariadb::Binaries::find().map(drop),
            Self::MySql => mysql::available(),
            Self::Smtp => smtp::available(),
        }
    }

    /// Debian's packages that bring it, for when it is not available.
    pub(crate) fn debian_packages(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgresql"],
            Self::PgBouncer => &["pgbouncer"],
            Self::MariaDb => &["mariadb-server"],
            Self::MySql if process::find_on_path("mmdebstrap").is_none() => &["mmdebstrap"],
            Self::Postgres18 | Self::MySql | Self::Smtp => &[],
        }
    }

    /// The folder of the npm package that brings it.
    pub(crate) fn npm_folder(self) -> Option<PathBuf> {
        match self {
            Self::Postgres18 => Some(postgres::package_folder()),
            Self::Smtp => Some(smtp::package_folder()),
            Self::Postgres | Self::PgBouncer | Self::MariaDb | Self::MySql => None,
        }
    }

    /// Whether it can be started only after another one.
    pub(crate) fn waits_for(self) -> Option<Self> {
        (self == Self::PgBouncer).then_some(Self::Postgres)
    }

    /// Starts it with its data below `parent`; `behind` is the URL of the server that it waits for.
    ///
    /// # Errors
    ///
    /// If it does not start; nothing runs then.
    pub(crate) fn start(self, parent: &Path, durability: Durability, behind: &str) -> Result<Started> {
        let named = |url: String| self.variables().iter().copied().zip([url]).collect();
        Ok(match self {
            Self::Postgres | Self::Postgres18 => {
                let is_18 = self == Self::Postgres18;
                let binaries =
                    if is_18 { postgres::Binaries::find_18()? } else { postgres::Binaries::find()? };
                let server = postgres::Server::start(&binaries, parent, &self.word(), durability)?;
                Started { variables: named(server.url()), _server: Box::new(server) }
            }
            Self::PgBouncer => {
                let server = pgbouncer::Server::start(parent, behind)?;
                Started { variables: named(server.url()), _server: Box::new(server) }
            }
            Self::MariaDb => {
                let server = mariadb::Server::start(parent, durability)?;
                Started { variables: named(server.url()), _server: Box::new(server) }
            }
            Self::MySql => {
                let server = mysql::Server::start(parent)?;
                Started { variables: named(server.url()), _server: Box::new(server) }
            }
            Self::Smtp => {
                let server = smtp::Server::start(parent)?;
                let values = [server.url(), server.folder().display().to_string()];
                let variables = self.variables().iter().copied().zip(values).collect();
                Started { variables, _server: Box::new(server) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_server_has_names_of_its_own() {
        let all = Service::value_variants();
        let words: BTreeSet<_> = all.iter().map(|service| service.word()).collect();
        let variables: BTreeSet<_> = all.iter().flat_map(|service| service.variables()).collect();

        assert_eq!(words.len(), all.len());
        assert_eq!(variables.len(), all.len() + 1, "SMTP has two");
    }
}
