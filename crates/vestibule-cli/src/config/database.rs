//! Which database, read from a URL or from its parts.

use std::fmt;
use std::path::PathBuf;

use url::Url;
use vestibule_core::SecretToken;

/// Where users and sessions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// Nothing was said: a SQLite file in the working folder, made with its tables if it is not there.
    Default,
    /// SQLite in memory, gone when the program ends; its tables are made.
    Memory,
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A server, by a URL, which may hold a password.
    Url(Kind, SecretToken),
    /// PostgreSQL, by `DATABASE_HOST` and its companions.
    PostgresParts(PostgresParts),
    /// None at all, as was asked for: sessions are in the cookie, and nobody is kept.
    None,
}

/// What a URL leads to, as its scheme says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// libSQL and Turso, over HTTP: `libsql://`.
    Libsql,
    /// MySQL and MariaDB: `mysql://`, or `mariadb://`, which says that it is that.
    Mysql,
    /// PostgreSQL at Neon, over HTTP: `neon://`.
    Neon,
    /// PostgreSQL: `postgres://` or `postgresql://`.
    Postgres,
}

impl Kind {
    fn of(scheme: &str) -> Option<Self> {
        Some(match scheme {
            "libsql" => Self::Libsql,
            "mariadb" | "mysql" => Self::Mysql,
            "neon" => Self::Neon,
            "postgres" | "postgresql" => Self::Postgres,
            _ => return None,
        })
    }
}

/// The parts of a PostgreSQL address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PostgresParts {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<SecretToken>,
    pub(crate) name: Option<String>,
}

/// The file that is used when nothing was said.
pub(crate) const DEFAULT_FILE: &str = "vestibule.db";

impl Database {
    /// Reads a database URL.
    ///
    /// # Errors
    ///
    /// Says what is wrong and what would be right; never shows the URL, which may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(format!(
                "this is not a URL; for a SQLite file write sqlite:{}, and to do without a database none",
                if text.is_empty() { DEFAULT_FILE } else { text }
            ));
        };
        let scheme = scheme.to_ascii_lowercase();
        match Kind::of(&scheme) {
            _ if scheme == "sqlite" => Self::parse_sqlite(rest),
            Some(kind) => Self::parse_url(kind, &scheme, rest),
            None => Err(format!(
                "databases of the kind {scheme:?} are not known; known are sqlite:FILE, sqlite::memory: and \
                 postgres, mysql, mariadb, neon and libsql, as in postgres://USER:PASSWORD@HOST:PORT/NAME"
            )),
        }
    }

    fn parse_url(kind: Kind, scheme: &str, rest: &str) -> Result<Self, String> {
        let text = format!("{scheme}:{rest}");
        let url = Url::parse(&text).map_err(|error| format!("this is not a URL: {error}"))?;
        // Otherwise what was meant as user and password is read as a part that may be shown.
        if url.path().contains('@') {
            return Err(format!(
                "its `@` is not where user and password end; write {scheme}://USER:PASSWORD@HOST:PORT/NAME, and \
                 `/` in a password as %2F"
            ));
        }
        if url.fragment().is_some() {
            return Err("it has a `#`; write it as %23 if it belongs to the password".into());
        }
        Ok(Self::Url(kind, SecretToken::from(text)))
    }

    fn parse_sqlite(rest: &str) -> Result<Self, String> {
        if rest == ":memory:" {
            return Ok(Self::Memory);
        }
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() {
            return Err("the file is missing; write sqlite:FILE or sqlite::memory:".into());
        }
        if path == ":memory:" {
            return Err("write sqlite::memory: for a database in memory, without slashes".into());
        }
        if path.starts_with("file:") {
            return Err("the URIs of SQLite are not understood; write sqlite:FILE".into());
        }
        if path.contains('?') {
            return Err("options after `?` are not understood; write sqlite:FILE".into());
        }
        if path.contains('\0') {
            return Err("the file's name holds a NUL byte".into());
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for Database {
    /// Names the database for a reader, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "sqlite:{DEFAULT_FILE}"),
            Self::None => f.write_str("none"),
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Url(kind, url) => match Url::parse(url.expose()) {
                Ok(url) => {
                    let scheme = if *kind == Kind::Postgres { "postgres" } else { url.scheme() };
                    write!(f, "{scheme}://{}", url.host_str().unwrap_or("localhost"))?;
                    if let Some(port) = url.port() {
                        write!(f, ":{port}")?;
                    }
                    f.write_str(url.path())
                }
                Err(_) => f.write_str("a server"),
            },
            Self::PostgresParts(parts) => {
                write!(f, "postgres://{}", parts.host)?;
                if let Some(port) = parts.port {
                    write!(f, ":{port}")?;
                }
                write!(f, "/{}", parts.name.as_deref().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_urls_name_a_file_or_memory() {
        for (url, path) in [
            ("sqlite:a.db", "a.db"),
            ("sqlite:./b/a.db", "./b/a.db"),
            ("sqlite:/srv/a.db", "/srv/a.db"),
            ("sqlite://a.db", "a.db"),
            ("sqlite:///srv/a b.db", "/srv/a b.db"),
        ] {
            assert_eq!(Database::parse(url), Ok(Database::Sqlite(path.into())), "{url}");
        }
        assert_eq!(Database::parse("sqlite::memory:"), Ok(Database::Memory));
    }

    #[test]
    fn no_database_is_said_in_a_word() {
        for text in ["none", "None"] {
            assert_eq!(Database::parse(text), Ok(Database::None));
        }
        assert_eq!(Database::None.to_string(), "none");
    }

    #[test]
    fn urls_of_servers_are_kept_whole_and_shown_without_the_password() {
        for (scheme, kind, shown) in [
            ("postgres", Kind::Postgres, "postgres"),
            ("postgresql", Kind::Postgres, "postgres"),
            ("mysql", Kind::Mysql, "mysql"),
            ("mariadb", Kind::Mysql, "mariadb"),
            ("neon", Kind::Neon, "neon"),
            ("libsql", Kind::Libsql, "libsql"),
        ] {
            let url = format!("{scheme}://ada:hunter2@db.example.com:6543/app?authToken=hunter2");

            let database = Database::parse(&url).unwrap();

            assert_eq!(database, Database::Url(kind, SecretToken::from(url)));
            assert_eq!(database.to_string(), format!("{shown}://db.example.com:6543/app"));
            assert!(!format!("{database:?}").contains("hunter2"));
        }
    }

    #[test]
    fn the_case_of_a_scheme_does_not_matter() {
        let database = Database::parse("POSTGRES://db/App").unwrap();

        assert_eq!(database, Database::Url(Kind::Postgres, "postgres://db/App".into()));
    }

    #[test]
    fn what_is_no_database_url_is_refused_without_showing_it() {
        for url in [
            "",
            "a.db",
            "sqlite:",
            "sqlite:a.db?mode=ro",
            "sqlite://:memory:",
            "sqlite:file:a.db",
            "oracle://u:hunter2@h/d",
            "mysql://u:hunter2#x@h/d",
            "libsql:///u:hunter2@h/d",
            "postgres://u:hunter2#x@h/d",
            "postgres://u:hunter2@[/d",
            "postgres:/u:hunter2@h/d",
            "postgres:u:hunter2@h/d",
            "postgres:///u:hunter2@h/d",
            "postgres://u:12/hunter2@h/d",
        ] {
            let problem = Database::parse(url).unwrap_err();

            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }
}
