//! Where the database is and how to connect to it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tiberius::{AuthMethod, Config};
use url::Url;

/// Whether the connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// In clear, the password too: for a server on the same machine.
    Off,
    /// Encrypted, the server's certificate and name verified.
    Verified {
        /// A PEM file of the authorities to trust; without one, those that browsers trust.
        root_certificates: Option<PathBuf>,
    },
    /// Encrypted, whoever the server is: keeps out those who listen, not those who stand in between.
    Unverified,
}

/// Settings of a connection and of a pool.
#[derive(Clone)]
pub struct Settings {
    pub(crate) host: String,
    pub(crate) port: u16,
    user: String,
    password: String,
    database: String,
    /// How many connections at the most. 20.
    pub max: usize,
    /// How long a connection may lie idle before it is closed. 30 s.
    pub idle_timeout: Duration,
    /// How long to wait for a connection. 2 s.
    pub connection_timeout: Duration,
    /// How long to wait for an answer, and for a lock. 5 s.
    pub answer_timeout: Duration,
    /// Whether the connection is encrypted. By default, and verified.
    pub tls: Tls,
}

/// Prints no password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Why settings make no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A parameter of the URL holds what it cannot.
    #[error("{name} is no {expected}")]
    Malformed {
        /// Which parameter.
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
    /// The URL is not one of SQL Server's. The URL itself is not repeated, as it may hold a password.
    #[error("the database URL is not valid: {0}")]
    Url(&'static str),
}

impl Settings {
    /// Settings for a server, with the defaults for everything else.
    pub fn new(host: &str, port: u16, user: &str, password: &str, database: &str) -> Self {
        Self {
            host: host.to_owned(),
            port,
            user: user.to_owned(),
            password: password.to_owned(),
            database: database.to_owned(),
            max: 20,
            idle_timeout: Duration::from_secs(30),
            connection_timeout: Duration::from_secs(2),
            answer_timeout: Duration::from_secs(5),
            tls: Tls::Verified { root_certificates: None },
        }
    }

    /// Settings from a URL such as `mssql://user:password@host:1433/database?encrypt=true`, or from what Prisma
    /// calls one: `sqlserver://host:1433;database=app;user=ada;password=…;encrypt=true`.
    ///
    /// `encrypt` may be `true` (the default) or `false`, `trustServerCertificate` (or `trust_server_certificate`)
    /// `true` or `false` (the default), and `root_certificates` a PEM file. `max`, `idle_timeout`,
    /// `connection_timeout` and `answer_timeout` (all three in milliseconds) may stand there too.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Url`] or [`SettingsError::Malformed`].
    pub fn from_url(url: &str) -> Result<Self, SettingsError> {
        let (scheme, rest) = url.split_once("://").ok_or(SettingsError::Url("it has no scheme"))?;
        if !["mssql", "sqlserver"].contains(&scheme) {
            return Err(SettingsError::Url("its scheme is neither mssql nor sqlserver"));
        }
        let mut settings = Self::new("localhost", 1433, "", "", "master");
        let mut words = TlsWords::default();
        if is_properties(rest) {
            settings.read_properties(rest, &mut words)?;
        } else {
            settings.read_url(rest, &mut words)?;
        }
        settings.tls = words.tls();
        Ok(settings)
    }

    /// `host:port/database?name=value` after the scheme, with the user before an `@`.
    fn read_url(&mut self, rest: &str, words: &mut TlsWords) -> Result<(), SettingsError> {
        // A scheme that the parser takes for the web's, so that it reads the host as a name.
        let url =
            Url::parse(&format!("ws://{rest}")).map_err(|_| SettingsError::Url("it cannot be parsed"))?;
        url.host_str().unwrap_or("localhost").clone_into(&mut self.host);
        // The parser leaves out the web's own port.
        self.port = url.port_or_known_default().filter(|_| rest_has_port(rest)).unwrap_or(1433);
        let decode = |text: &str| {
            let pair = format!("x={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
        };
        self.user = decode(url.username()).unwrap_or_default();
        self.password = decode(url.password().unwrap_or_default()).unwrap_or_default();
        if let Some(database) = decode(url.path().trim_matches('/')).filter(|name| !name.is_empty()) {
            self.database = database;
        }
        url.query_pairs().try_for_each(|(name, value)| self.set(&name, &value, words))
    }

    /// `host:port;name=value;…` after the scheme; a value may stand in braces.
    fn read_properties(&mut self, rest: &str, words: &mut TlsWords) -> Result<(), SettingsError> {
        let (address, mut rest) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = address.rsplit_once(':').unwrap_or((address, "1433"));
        if !host.is_empty() {
            host.clone_into(&mut self.host);
        }
        self.port = parse("the port", port, "port number")?;
        while !rest.is_empty() {
            let (name, value) = rest.split_once('=').ok_or(SettingsError::Url("a property has no value"))?;
            let (value, after) = match value.strip_prefix('{') {
                Some(value) => value.split_once('}').ok_or(SettingsError::Url("a brace is not closed"))?,
                None => value.find(';').map_or((value, ""), |at| value.split_at(at)),
            };
            match name.trim() {
                "database" | "initial catalog" | "databaseName" => value.clone_into(&mut self.database),
                "user" | "username" | "uid" | "userid" => value.clone_into(&mut self.user),
                "password" | "pwd" => value.clone_into(&mut self.password),
                name => self.set(name, value, words)?,
            }
            rest = after.trim_start_matches(';');
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, words: &mut TlsWords) -> Result<(), SettingsError> {
        let millis = |value| parse(name, value, "number of milliseconds").map(Duration::from_millis);
        let truth = |value: &str| match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "mandatory" => Ok(true),
            "false" | "no" | "optional" => Ok(false),
            _ => Err(SettingsError::Malformed { name: name.to_owned(), expected: "true or false" }),
        };
        match name {
            "encrypt" => words.in_clear = !truth(value)?,
            "trust_server_certificate" | "trustServerCertificate" => words.unverified = truth(value)?,
            "root_certificates" => words.root_certificates = Some(value.into()),
            "max" => self.max = parse(name, value, "number of connections")?,
            "idle_timeout" => self.idle_timeout = millis(value)?,
            "connection_timeout" => self.connection_timeout = millis(value)?,
            "answer_timeout" => self.answer_timeout = millis(value)?,
            _ => {
                let expected = "parameter that is known here";
                return Err(SettingsError::Malformed { name: name.to_owned(), expected });
            }
        }
        Ok(())
    }

    /// What tiberius is to know. It encrypts nothing itself and sets no time limits; both are ours.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new();
        config.host(&self.host);
        config.port(self.port);
        config.database(&self.database);
        config.authentication(AuthMethod::sql_server(&self.user, &self.password));
        config.application_name("vestibule");
        config.handshake_timeout(None);
        config.command_timeout(None);
        config
    }
}

/// What a URL says about encryption, in whatever order.
#[derive(Default)]
struct TlsWords {
    in_clear: bool,
    unverified: bool,
    root_certificates: Option<PathBuf>,
}

impl TlsWords {
    fn tls(self) -> Tls {
        match self {
            Self { in_clear: true, .. } => Tls::Off,
            Self { unverified: true, .. } => Tls::Unverified,
            Self { root_certificates, .. } => Tls::Verified { root_certificates },
        }
    }
}

/// Whether this is `host:port;name=value` and not a URL.
fn is_properties(rest: &str) -> bool {
    let (address, properties) = rest.split_once(';').unwrap_or((rest, ""));
    let named = properties.split_once('=').is_some_and(|(name, _)| !name.contains('@'));
    !address.contains(['/', '?', '@']) && (named || !properties.contains('@'))
}

fn rest_has_port(rest: &str) -> bool {
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

fn parse<T: std::str::FromStr>(name: &str, value: &str, expected: &'static str) -> Result<T, SettingsError> {
    value.parse().map_err(|_| SettingsError::Malformed { name: name.to_owned(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_sets_what_it_names() {
        let url = "mssql://ada:p%40s%2Bs+w@db.example:1434/app?max=7&idle_timeout=1000&trust_server_certificate=true";

        let settings = Settings::from_url(url).unwrap();

        assert_eq!((settings.host.as_str(), settings.port), ("db.example", 1434));
        assert_eq!((settings.user.as_str(), settings.password.as_str()), ("ada", "p@s+s+w"));
        assert_eq!((settings.database.as_str(), settings.max), ("app", 7));
        assert_eq!(settings.idle_timeout, Duration::from_secs(1));
        assert_eq!(settings.connection_timeout, Duration::from_secs(2));
        assert_eq!(settings.tls, Tls::Unverified);
    }

    #[test]
    fn what_prisma_calls_a_url_is_understood() {
        let url = "sqlserver://db.example:1434;database=app;user=ada;password={p;a=b};encrypt=true;trustServerCertificate=false";

        let settings = Settings::from_url(url).unwrap();

        assert_eq!((settings.host.as_str(), settings.port), ("db.example", 1434));
        assert_eq!((settings.user.as_str(), settings.password.as_str()), ("ada", "p;a=b"));
        assert_eq!(
            (settings.database.as_str(), &settings.tls),
            ("app", &Tls::Verified { root_certificates: None })
        );
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        for (url, port, database) in [
            ("mssql://sa:x@localhost", 1433, "master"),
            ("mssql://sa:x@localhost:80/app", 80, "app"),
            ("mssql://localhost/app", 1433, "app"),
            ("sqlserver://localhost", 1433, "master"),
            ("sqlserver://localhost:14330;database=app", 14330, "app"),
        ] {
            let settings = Settings::from_url(url).unwrap();
            assert_eq!((settings.port, settings.database.as_str()), (port, database), "{url}");
            assert_eq!(settings.tls, Tls::Verified { root_certificates: None }, "{url}");
        }
    }

    #[test]
    fn the_order_of_tls_parameters_does_not_matter() {
        let tls = |query: &str| Settings::from_url(&format!("mssql://h/d?{query}")).unwrap().tls;

        let file = Tls::Verified { root_certificates: Some("/tmp/ca.pem".into()) };
        assert_eq!(tls("encrypt=true&root_certificates=/tmp/ca.pem"), file);
        assert_eq!(tls("root_certificates=/tmp/ca.pem&encrypt=true"), file);
        assert_eq!(tls("encrypt=false&trust_server_certificate=true"), Tls::Off);
        assert_eq!(tls("trust_server_certificate=true&encrypt=false"), Tls::Off);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for url in
            ["postgres://h/d", "nothing", "mssql://h:port/d", "mssql://h/d?encrypt=strict", "mssql://h/d?x=1"]
        {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
        for url in ["sqlserver://h:x;database=a", "sqlserver://h;database", "sqlserver://h;password={x"] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn neither_settings_nor_errors_print_the_password() {
        let error = Settings::from_url("mssql://ada:hunter2@db.example:notaport/app").unwrap_err();
        let settings = Settings::new("db.example", 1433, "ada", "hunter2", "app");

        assert!(!format!("{error} {error:?} {settings:?} {:?}", settings.config()).contains("hunter2"));
    }
}
