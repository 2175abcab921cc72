//! Where the database is and how to connect to it, as the originals' pool takes it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mysql_async::{Opts, OptsBuilder, PoolConstraints, PoolOpts, SslOpts, UrlError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use vestibule_sql::{Dialect, DriverError, mysql};

use crate::{PATIENCE, Patience};

/// More than there are statements, so that each stays prepared.
const CACHED_STATEMENTS: usize = 256;

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

/// Settings of a pool, with the defaults of `mysql2` except where it would wait for ever.
#[derive(Clone)]
pub struct Settings {
    options: Opts,
    /// Which server it is; asked when connecting, if not known. A URL of `mariadb://` says so.
    pub dialect: Option<Dialect>,
    /// How many connections at the most. 20.
    pub max: usize,
    /// How long a connection may lie idle before it is closed. 60 s.
    pub idle_timeout: Duration,
    /// How long to wait for a connection. 2 s.
    pub connection_timeout: Duration,
    /// How long to wait for an answer. 5 s.
    pub answer_timeout: Duration,
    /// Whether the connection is encrypted.
    pub tls: Tls,
}

/// Leaves out the password.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.options.ip_or_hostname())
            .field("port", &self.options.tcp_port())
            .field("user", &self.options.user())
            .field("database", &self.options.db_name())
            .field("dialect", &self.dialect)
            .field("max", &self.max)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Why settings make no sense, or lead to no database.
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
    /// The certificates to trust cannot be read.
    #[error("the certificates in {path} cannot be read: {problem}")]
    RootCertificates {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// The server could not be asked whether it is MySQL or MariaDB, or its connections are of no use.
    #[error("the database server could not be asked what it is")]
    Server(#[source] DriverError),
    /// The URL is not one of MySQL's. The URL itself is not repeated, as it may hold a password.
    #[error("the database URL is not valid: {0}")]
    Url(#[source] UrlError),
}

impl Settings {
    /// Settings for a server, with the defaults for everything else.
    pub fn new(host: &str, port: u16, user: &str, password: Option<&str>, database: &str) -> Self {
        let options = OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(port)
            .user(Some(user))
            .pass(password)
            .db_name(Some(database))
            .prefer_socket(false);
        Self::from_options(options.into())
    }

    /// Settings from what the driver itself understands; its pool's and TLS's settings are replaced by those here.
    pub fn from_options(options: Opts) -> Self {
        Self {
            options,
            dialect: None,
            max: 20,
            idle_timeout: Duration::from_mins(1),
            connection_timeout: PATIENCE.connection,
            answer_timeout: PATIENCE.answer,
            tls: Tls::Off,
        }
    }

    /// Settings from a URL such as `mysql://user:password@host:3306/database?sslmode=verify-full`, or
    /// `mariadb://…`, which says which server it is.
    ///
    /// `sslmode` may be `disable`, `require`, `verify-ca` or `verify-full`, and `ssl-mode` what MySQL's own programs
    /// take: `DISABLED`, `REQUIRED`, `VERIFY_CA`, `VERIFY_IDENTITY`; all but the first verify the certificate and
    /// the name, against the file in `sslrootcert` or `ssl-ca` if there is one. `max`, `idle_timeout`,
    /// `connection_timeout` and `answer_timeout` (the latter three in milliseconds) may stand there too; any other
    /// parameter is the driver's.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Url`] or [`SettingsError::Malformed`].
    pub fn from_url(url: &str) -> Result<Self, SettingsError> {
        let invalid = |_| SettingsError::Url(UrlError::Invalid);
        let (dialect, url) = match url.strip_prefix("mariadb://") {
            Some(rest) => (Some(Dialect::MariaDb), format!("mysql://{rest}")),
            None => (None, url.to_owned()),
        };
        let mut url = url::Url::parse(&url).map_err(invalid)?;
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (ours, theirs): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| OURS.contains(&name.as_str()));
        let has_socket = theirs.iter().any(|(name, _)| name == "prefer_socket" || name == "socket");
        url.query_pairs_mut().clear().extend_pairs(theirs);
        let options = Opts::from_url(url.as_str()).map_err(SettingsError::Url)?;
        let options =
            if has_socket { options } else { OptsBuilder::from_opts(options).prefer_socket(false).into() };
        let mut settings = Self { dialect, ..Self::from_options(options) };
        for (name, value) in ours {
            settings.set(&name, &value)?;
        }
        Ok(settings)
    }

    /// Settings from `DATABASE_URL`, or else from `DATABASE_HOST`, `DATABASE_PORT` (3306), `DATABASE_NAME`
    /// (`mysql`), `DATABASE_USER` (`root`) and `DATABASE_PASSWORD`.
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
            get("DATABASE_PORT").map_or(Ok(3306), |port| parse("DATABASE_PORT", &port, "port number"))?;
        let user = get("DATABASE_USER").unwrap_or_else(|| "root".to_owned());
        let name = get("DATABASE_NAME").unwrap_or_else(|| "mysql".to_owned());
        Ok(Self::new(&host, port, &user, get("DATABASE_PASSWORD").as_deref(), &name))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let millis = |value| parse(name, value, "number of milliseconds").map(Duration::from_millis);
        match name {
            "max" => self.max = parse(name, value, "number of connections")?,
            "idle_timeout" => self.idle_timeout = millis(value)?,
            "connection_timeout" => self.connection_timeout = millis(value)?,
            "answer_timeout" => self.answer_timeout = millis(value)?,
            "sslrootcert" | "ssl-ca" => self.tls = Tls::Verified { root_certificates: Some(value.into()) },
            _ => match value {
                "disable" | "DISABLED" => self.tls = Tls::Off,
                "require" | "verify-ca" | "verify-full" | "REQUIRED" | "VERIFY_CA" | "VERIFY_IDENTITY" => {
                    if self.tls == Tls::Off {
                        self.tls = Tls::Verified { root_certificates: None };
                    }
                }
                _ => {
                    let expected = "mode that verifies, or none: disable, require, verify-ca, verify-full";
                    return Err(SettingsError::Malformed { name: name.to_owned(), expected });
                }
            },
        }
        Ok(())
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience { connection: self.connection_timeout, answer: self.answer_timeout }
    }

    pub(crate) fn options(&self) -> Result<Opts, SettingsError> {
        let constraints = PoolConstraints::new(0, self.max).ok_or_else(|| SettingsError::Malformed {
            name: "max".to_owned(),
            expected: "number of connections above 0",
        })?;
        let pool = PoolOpts::default()
            .with_constraints(constraints)
            .with_inactive_connection_ttl(self.idle_timeout.max(Duration::from_millis(1)))
            .with_ttl_check_interval((self.idle_timeout / 2).max(Duration::from_secs(1)));
        let tls = match &self.tls {
            Tls::Off => None,
            Tls::Verified { root_certificates } => Some(tls(root_certificates.as_deref())?),
        };
        let mut init = vec![mysql::session(self.answer_timeout)];
        init.extend(self.options.init().iter().cloned());
        let options = OptsBuilder::from_opts(self.options.clone())
            .pool_opts(pool)
            .ssl_opts(tls)
            .stmt_cache_size(CACHED_STATEMENTS.max(self.options.stmt_cache_size()))
            .init(init);
        Ok(options.into())
    }
}

fn tls(root_certificates: Option<&Path>) -> Result<SslOpts, SettingsError> {
    // The driver takes the provider of the process, and panics if there is none or could be two.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        drop(rustls::crypto::ring::default_provider().install_default());
    }
    let Some(path) = root_certificates else { return Ok(SslOpts::default()) };
    let unreadable = |problem: String| SettingsError::RootCertificates { path: path.to_owned(), problem };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in found {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("it holds none".to_owned()));
    }
    Ok(SslOpts::default().with_root_certs(vec![path.to_owned().into()]).with_disable_built_in_roots(true))
}

/// The parameters of a URL that are ours and not the driver's.
const OURS: [&str; 8] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-ca",
    "max",
    "idle_timeout",
    "connection_timeout",
    "answer_timeout",
];

fn parse<T: std::str::FromStr>(name: &str, value: &str, expected: &'static str) -> Result<T, SettingsError> {
    value.parse().map_err(|_| SettingsError::Malformed { name: name.to_owned(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_sets_what_it_names() {
        let url = "mysql://ada:p%40ss@db.example:3307/app?max=7&sslmode=verify-full&idle_timeout=1000&tcp_nodelay=false";

        let settings = Settings::from_url(url).unwrap();

        assert_eq!(settings.dialect, None);
        assert_eq!(settings.max, 7);
        assert_eq!(settings.idle_timeout, Duration::from_secs(1));
        assert_eq!(settings.connection_timeout, Duration::from_secs(2));
        assert_eq!(settings.tls, Tls::Verified { root_certificates: None });
        assert_eq!(settings.options.user(), Some("ada"));
        assert_eq!(settings.options.pass(), Some("p@ss"));
        assert_eq!(settings.options.ip_or_hostname(), "db.example");
        assert_eq!(settings.options.tcp_port(), 3307);
        assert_eq!(settings.options.db_name(), Some("app"));
        assert!(!settings.options.tcp_nodelay());
        assert!(!settings.options.prefer_socket());
    }

    #[test]
    fn a_url_of_mariadb_says_which_server_it_is() {
        let settings = Settings::from_url("mariadb://root@localhost/app").unwrap();

        assert_eq!(settings.dialect, Some(Dialect::MariaDb));
        assert_eq!(settings.options.tcp_port(), 3306);
    }

    #[test]
    fn the_order_of_tls_parameters_does_not_matter() {
        for query in ["ssl-mode=REQUIRED&ssl-ca=%2Ftmp%2Fca.pem", "sslrootcert=/tmp/ca.pem&sslmode=require"] {
            let settings = Settings::from_url(&format!("mysql://localhost/app?{query}")).unwrap();

            assert_eq!(settings.tls, Tls::Verified { root_certificates: Some("/tmp/ca.pem".into()) });
        }
    }

    #[test]
    fn a_mode_that_does_not_verify_is_refused() {
        for mode in ["prefer", "PREFERRED", "no-verify", ""] {
            let error = Settings::from_url(&format!("mysql://localhost/app?sslmode={mode}")).unwrap_err();

            assert!(matches!(error, SettingsError::Malformed { .. }), "{mode}");
        }
    }

    #[test]
    fn what_is_no_url_of_mysql_is_refused() {
        for url in ["", "localhost", "postgres://localhost/app", "mysql://", "mysql://localhost/app?no=such"]
        {
            assert!(matches!(Settings::from_url(url), Err(SettingsError::Url(_))), "{url}");
        }
    }

    #[test]
    fn variables_take_the_place_of_a_url() {
        let variables = |name: &str| match name {
            "DATABASE_HOST" => Some("db.example".to_owned()),
            "DATABASE_NAME" => Some("app".to_owned()),
            _ => None,
        };

        let settings = Settings::from_variables(variables).unwrap();

        assert_eq!(settings.options.db_name(), Some("app"));
        assert_eq!(settings.options.user(), Some("root"));
        assert!(matches!(Settings::from_variables(|_| None), Err(SettingsError::EnvironmentEmpty)));
    }

    #[test]
    fn neither_settings_nor_errors_print_the_password() {
        let error = Settings::from_url("mysql://ada:hunter2@db.example:notaport/app").unwrap_err();
        let settings = Settings::new("db.example", 3306, "ada", Some("hunter2"), "app");

        assert!(!format!("{error} {error:?} {settings:?}").contains("hunter2"));
    }
}
