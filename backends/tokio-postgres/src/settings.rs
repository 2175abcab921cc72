//! Where the database is and how to connect to it, as the originals' pool takes it.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use crate::Sending;

/// Whether the connection is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// In clear: for a server on the same machine or network.
    #[default]
    Off,
    /// Encrypted, the server's certificate and name verified.
    Verified {
        /// A PEM file of the authorities to trust; without one, those that browsers trust.
        root_certificates: Option<PathBuf>,
    },
}

/// Settings of a pool, with the defaults of node-postgres except where it would wait for ever.
#[derive(Clone, Debug)]
pub struct Settings {
    config: Config,
    /// How many connections at the most, not counting those that reads share. 20.
    pub max: usize,
    /// How long a connection may lie idle before it is closed. 30 s.
    pub idle_timeout: Duration,
    /// How long to wait for a connection. 2 s.
    pub connection_timeout: Duration,
    /// How long to wait for an answer. 5 s.
    pub answer_timeout: Duration,
    /// How many connections reads share; 0 sends them to the pool. By default one for each core, 2 to 4.
    pub shared_connections: usize,
    /// Whether the connection is encrypted.
    pub tls: Tls,
    /// Whether every statement is sent whole, as a pooler in transaction mode needs it; see
    /// [`with_unnamed_statements`](crate::TokioPostgres::with_unnamed_statements). `false`.
    pub unnamed_statements: bool,
}

/// Why settings make no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Neither `DATABASE_URL` nor `DATABASE_HOST` is set.
    #[error("neither DATABASE_URL nor DATABASE_HOST is set")]
    EnvironmentEmpty,
    /// A variable or a parameter of the URL holds what it cannot.
    #[error("{name} is no {expected}")]
    Malformed {
        /// Which variable or parameter.
        name: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The pool refused its settings.
    #[error("the connection pool cannot be made: {0}")]
    Pool(String),
    /// The certificates to trust cannot be read.
    #[error("the certificates in {path} cannot be read: {problem}")]
    RootCertificates {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The URL is not one of PostgreSQL's. The URL itself is not repeated, as it may hold a password.
    #[error("the database URL is not valid: {0}")]
    Url(#[source] tokio_postgres::Error),
}

impl Settings {
    /// Settings for a server, with the defaults for everything else.
    pub fn new(host: &str, port: u16, user: &str, password: Option<&str>, database: &str) -> Self {
        let mut config = Config::new();
        config.host(host).port(port).user(user).dbname(database);
        if let Some(password) = password {
            config.password(password);
        }
        Self::from_config(config)
    }

    /// Settings from what the driver itself understands.
    pub fn from_config(mut config: Config) -> Self {
        if config.get_application_name().is_none() {
            config.application_name("vestibule");
        }
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            config,
            max: 20,
            idle_timeout: Duration::from_secs(30),
            connection_timeout: Duration::from_secs(2),
            answer_timeout: Duration::from_secs(5),
            shared_connections: cores.clamp(2, 4),
            tls: Tls::Off,
            unnamed_statements: false,
        }
    }

    /// Settings from a URL such as `postgres://user:password@host:5432/database?sslmode=verify-full`.
    ///
    /// `sslmode` may be `disable`, `require`, `verify-ca` or `verify-full`; the last three all verify the
    /// certificate and the name, against the file in `sslrootcert` if there is one. `max`, `idle_timeout`,
    /// `connection_timeout` and `answer_timeout` (times in milliseconds, like node-postgres) may stand there too, and
    /// `pgbouncer=true` (as Prisma spells it) for [`unnamed_statements`](Self::unnamed_statements); any other
    /// parameter is the driver's.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Url`] or [`SettingsError::Malformed`].
    pub fn from_url(url: &str) -> Result<Self, SettingsError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if OURS.contains(&name) { ours.push((name, value)) } else { theirs.push(pair) }
        }
        let rest = if theirs.is_empty() { base.to_owned() } else { format!("{base}?{}", theirs.join("&")) };
        let mut settings = Self::from_config(rest.parse().map_err(SettingsError::Url)?);
        for (name, value) in ours {
            settings.set(name, value)?;
        }
        Ok(settings)
    }

    /// Settings from `DATABASE_URL`, or else from `DATABASE_HOST`, `DATABASE_PORT` (5432), `DATABASE_NAME`
    /// (`postgres`), `DATABASE_USER` (`postgres`) and `DATABASE_PASSWORD`.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if neither is set or one is malformed.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_variables(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// As [`from_env`](Self::from_env), with the variables looked up by `get`.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if neither is set or one is malformed.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        if let Some(url) = get("DATABASE_URL") {
            return Self::from_url(&url);
        }
        let host = get("DATABASE_HOST").ok_or(SettingsError::EnvironmentEmpty)?;
        let port =
            get("DATABASE_PORT").map_or(Ok(5432), |port| parse("DATABASE_PORT", &port, "port number"))?;
        let user = get("DATABASE_USER").unwrap_or_else(|| "postgres".to_owned());
        let name = get("DATABASE_NAME").unwrap_or_else(|| "postgres".to_owned());
        Ok(Self::new(&host, port, &user, get("DATABASE_PASSWORD").as_deref(), &name))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let millis = |value| parse(name, value, "number of milliseconds").map(Duration::from_millis);
        match name {
            "max" => self.max = parse(name, value, "number of connections")?,
            "idle_timeout" => self.idle_timeout = millis(value)?,
            "connection_timeout" => self.connection_timeout = millis(value)?,
            "answer_timeout" => self.answer_timeout = millis(value)?,
            "pgbouncer" => self.unnamed_statements = parse(name, value, "true or false")?,
            "sslrootcert" => {
                self.tls = Tls::Verified { root_certificates: Some(decoded(name, value)?.into()) }
            }
            _ => match value {
                "disable" => self.tls = Tls::Off,
                "require" | "verify-ca" | "verify-full" if self.tls == Tls::Off => {
                    self.tls = Tls::Verified { root_certificates: None };
                }
                "require" | "verify-ca" | "verify-full" => {}
                _ => {
                    let expected = "sslmode of disable, require, verify-ca or verify-full";
                    return Err(SettingsError::Malformed { name: name.to_owned(), expected });
                }
            },
        }
        Ok(())
    }

    pub(crate) fn sending(&self) -> Sending {
        if self.unnamed_statements { Sending::Unnamed } else { Sending::Prepared }
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = self.config.clone();
        config.connect_timeout(self.connection_timeout);
        config.ssl_mode(if self.tls == Tls::Off { SslMode::Disable } else { SslMode::Require });
        config
    }
}

/// The parameters of a URL that are ours and not the driver's.
const OURS: [&str; 7] =
    ["sslmode", "sslrootcert", "pgbouncer", "max", "idle_timeout", "connection_timeout", "answer_timeout"];

fn parse<T: std::str::FromStr>(name: &str, value: &str, expected: &'static str) -> Result<T, SettingsError> {
    value.parse().map_err(|_| SettingsError::Malformed { name: name.to_owned(), expected })
}

fn decoded(name: &str, value: &str) -> Result<String, SettingsError> {
    let pair = format!("x={value}");
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    let expected = "path";
    pairs
        .next()
        .map(|(_, value)| value.into_owned())
        .ok_or(SettingsError::Malformed { name: name.to_owned(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_sets_what_it_names() {
        let url = "postgres://ada:p%40ss@db.example:6543/app?max=7&sslmode=verify-full&idle_timeout=1000&application_name=x";

        let settings = Settings::from_url(url).unwrap();

        assert_eq!(settings.max, 7);
        assert_eq!(settings.idle_timeout, Duration::from_secs(1));
        assert_eq!(settings.connection_timeout, Duration::from_secs(2));
        assert_eq!(settings.tls, Tls::Verified { root_certificates: None });
        assert_eq!(settings.config.get_user(), Some("ada"));
        assert_eq!(settings.config.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(settings.config.get_application_name(), Some("x"));
    }

    #[test]
    fn what_nobody_says_is_as_with_node_postgres() {
        let settings = Settings::from_url("postgres://localhost/app").unwrap();

        let times = [settings.idle_timeout, settings.connection_timeout, settings.answer_timeout];
        assert_eq!((settings.max, times.map(|time| time.as_secs())), (20, [30, 2, 5]));
        assert_eq!((settings.tls, settings.unnamed_statements), (Tls::Off, false));
    }

    #[test]
    fn the_parts_of_an_address_are_each_a_variable() {
        let all = [
            ("DATABASE_HOST", "db.example"),
            ("DATABASE_PORT", "6543"),
            ("DATABASE_USER", "ada"),
            ("DATABASE_PASSWORD", "p@ss"),
            ("DATABASE_NAME", "app"),
        ];
        let of = |given: &[(&str, &str)]| {
            let given: std::collections::HashMap<String, String> =
                given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            Settings::from_variables(|name| given.get(name).cloned())
        };

        let (whole, host_alone) = (of(&all).unwrap().config, of(&all[..1]).unwrap().config);

        assert_eq!((whole.get_user(), whole.get_dbname()), (Some("ada"), Some("app")));
        assert_eq!((whole.get_password(), whole.get_ports()), (Some(&b"p@ss"[..]), &[6543][..]));
        assert_eq!((host_alone.get_user(), host_alone.get_dbname()), (Some("postgres"), Some("postgres")));
        assert_eq!((host_alone.get_password(), host_alone.get_ports()), (None, &[5432][..]));
        assert!(matches!(of(&all[1..]), Err(SettingsError::EnvironmentEmpty)));
        assert!(matches!(of(&[all[0], ("DATABASE_PORT", "many")]), Err(SettingsError::Malformed { .. })));
    }

    #[test]
    fn the_order_of_tls_parameters_does_not_matter() {
        for query in
            ["sslmode=require&sslrootcert=%2Ftmp%2Fca.pem", "sslrootcert=/tmp/ca.pem&sslmode=require"]
        {
            let settings = Settings::from_url(&format!("postgres://localhost/app?{query}")).unwrap();

            assert_eq!(settings.tls, Tls::Verified { root_certificates: Some("/tmp/ca.pem".into()) });
        }
    }

    #[test]
    fn a_mode_that_does_not_verify_is_refused() {
        for mode in ["prefer", "allow", "no-verify", ""] {
            let error = Settings::from_url(&format!("postgres://localhost/app?sslmode={mode}")).unwrap_err();

            assert!(matches!(error, SettingsError::Malformed { .. }), "{mode}");
        }
    }

    #[test]
    fn a_url_says_that_a_pooler_is_in_between() {
        let unnamed = |query: &str| {
            let settings = Settings::from_url(&format!("postgres://localhost/app{query}"));
            settings.map(|settings| settings.unnamed_statements)
        };

        assert!(unnamed("?pgbouncer=true").unwrap());
        assert!(!unnamed("?pgbouncer=false").unwrap() && !unnamed("").unwrap());
        assert!(matches!(unnamed("?pgbouncer=1"), Err(SettingsError::Malformed { .. })));
    }

    #[test]
    fn variables_take_the_place_of_a_url() {
        let variables = |name: &str| match name {
            "DATABASE_HOST" => Some("db.example".to_owned()),
            "DATABASE_NAME" => Some("app".to_owned()),
            _ => None,
        };

        let settings = Settings::from_variables(variables).unwrap();

        assert_eq!(settings.config.get_dbname(), Some("app"));
        assert_eq!(settings.config.get_user(), Some("postgres"));
        assert!(matches!(Settings::from_variables(|_| None), Err(SettingsError::EnvironmentEmpty)));
    }

    #[test]
    fn neither_settings_nor_errors_print_the_password() {
        let url = "postgres://ada:hunter2@db.example:notaport/app";

        let error = Settings::from_url(url).unwrap_err();
        let settings = Settings::new("db.example", 5432, "ada", Some("hunter2"), "app");

        assert!(!format!("{error} {error:?} {settings:?}").contains("hunter2"));
    }
}
