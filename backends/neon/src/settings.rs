//! Where the database is, and how to ask it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Uri};
use url::Url;
use vestibule_http::Bytes;
use vestibule_sql::DriverError;

/// As long as Neon lets a request take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Where the database is, who asks, and how. Prints nothing that is secret.
#[derive(Clone)]
pub struct Settings {
    /// Goes out as it is; holds the password.
    connection_string: HeaderValue,
    host: Box<str>,
    has_password: bool,
    authorization: Option<HeaderValue>,
    endpoint: Option<Uri>,
    timeout: Duration,
    rows: Rows,
    cells: Cells,
}

/// How Neon is asked to write a row. What comes back is understood either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// As an array.
    #[default]
    Arrays,
    /// As an object. A statement with two columns of one name is refused then, since one of them would be lost;
    /// Vestibule's own statements have such.
    Objects,
}

/// How Neon is asked to write a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cells {
    /// As PostgreSQL writes it.
    #[default]
    Text,
    /// As the JSON that comes nearest.
    Json,
}

/// What is wrong with a connection string. Says nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It is no URL.
    #[error("the connection string is no URL such as postgresql://user:password@host/database")]
    NotAUrl,
    /// It is a URL of something else.
    #[error("the connection string begins with neither postgres:// nor postgresql://")]
    WrongScheme,
    /// A part that Neon needs is not there.
    #[error("the connection string names no {0}")]
    Missing(&'static str),
    /// Neon finds the database by the host's name, so that an address will not do.
    #[error("the host in the connection string is an address, not a name")]
    HostIsAddress,
    /// The host's name has one part only, so that the endpoint cannot be told from it.
    #[error("the host in the connection string has no domain: give the endpoint as well")]
    HostWithoutDomain,
    /// The endpoint is no URL of `http` or `https`.
    #[error("the endpoint is no URL such as https://api.region.aws.neon.tech/sql")]
    WrongEndpoint,
    /// The token cannot stand in a header.
    #[error("the token has a character that no header can hold")]
    WrongToken,
}

impl Settings {
    /// Reads what Neon calls the connection string: `postgresql://user:password@ep-….region.aws.neon.tech/database`.
    ///
    /// Parameters after `?` travel along and become settings of the session. Queries go to the host with its first
    /// part replaced by `api`, as Neon's own client does.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], which tells what is wrong and nothing of what was given.
    pub fn from_url(connection_string: &str) -> Result<Self, SettingsError> {
        let url = Url::parse(connection_string).map_err(|_| SettingsError::NotAUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(SettingsError::WrongScheme);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SettingsError::Missing("host"))?;
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return Err(SettingsError::HostIsAddress);
        }
        if url.username().is_empty() {
            return Err(SettingsError::Missing("user"));
        }
        if url.path().trim_start_matches('/').is_empty() {
            return Err(SettingsError::Missing("database"));
        }
        let mut header = HeaderValue::from_str(url.as_str()).map_err(|_| SettingsError::NotAUrl)?;
        header.set_sensitive(true);
        let settings = Self {
            connection_string: header,
            host: host.into(),
            has_password: url.password().is_some_and(|password| !password.is_empty()),
            authorization: None,
            endpoint: None,
            timeout: TIMEOUT,
            rows: Rows::default(),
            cells: Cells::default(),
        };
        Ok(settings)
    }

    /// Proves who asks by a token, sent as `Authorization: Bearer`, for databases that are set up so. The connection
    /// string needs no password then. Queries go to `apiauth` instead of `api`.
    ///
    /// # Errors
    ///
    /// [`SettingsError::WrongToken`].
    pub fn with_token(mut self, token: &str) -> Result<Self, SettingsError> {
        let header = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut header = header.map_err(|_| SettingsError::WrongToken)?;
        header.set_sensitive(true);
        self.authorization = Some(header);
        Ok(self)
    }

    /// Sends queries to this URL instead: another service that speaks the protocol, or one on this machine.
    ///
    /// With `http://` the password travels in the clear; that is for a proxy on the same machine.
    ///
    /// # Errors
    ///
    /// [`SettingsError::WrongEndpoint`].
    pub fn with_endpoint(mut self, endpoint: &str) -> Result<Self, SettingsError> {
        let url: Uri = endpoint.parse().map_err(|_| SettingsError::WrongEndpoint)?;
        if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none_or(str::is_empty) {
            return Err(SettingsError::WrongEndpoint);
        }
        self.endpoint = Some(url);
        Ok(self)
    }

    /// Waits so long for an answer, connecting and a second try included. 15 s if nothing else is said.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks for rows of another form.
    #[must_use]
    pub fn with_rows(mut self, rows: Rows) -> Self {
        self.rows = rows;
        self
    }

    /// Asks for values of another form.
    #[must_use]
    pub fn with_cells(mut self, cells: Cells) -> Self {
        self.cells = cells;
        self
    }

    /// The URL that queries are sent to.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if it can be told neither from the host nor is given; or if there is neither a password nor a
    /// token.
    pub fn endpoint(&self) -> Result<Uri, SettingsError> {
        if !self.has_password && self.authorization.is_none() {
            return Err(SettingsError::Missing("password, and there is no token either"));
        }
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let (_, domain) = self.host.split_once('.').ok_or(SettingsError::HostWithoutDomain)?;
        let first = if self.authorization.is_some() { "apiauth" } else { "api" };
        format!("https://{first}.{domain}/sql").parse().map_err(|_| SettingsError::HostWithoutDomain)
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn cells(&self) -> Cells {
        self.cells
    }

    /// One request. `batch` is the isolation level and whether it only reads.
    pub(crate) fn request(
        &self,
        body: Bytes,
        batch: Option<&[HeaderValue]>,
    ) -> Result<Request<Bytes>, DriverError> {
        let endpoint = self.endpoint().map_err(|error| DriverError::Refused(error.into()))?;
        let truth = |is: bool| HeaderValue::from_static(if is { "true" } else { "false" });
        let mut request = Request::post(endpoint)
            .header(CONTENT_TYPE, "application/json")
            .header("neon-connection-string", self.connection_string.clone())
            .header("neon-raw-text-output", truth(self.cells == Cells::Text))
            .header("neon-array-mode", truth(self.rows == Rows::Arrays))
            .header("neon-pool-opt-in", truth(true));
        if let Some(token) = &self.authorization {
            request = request.header(AUTHORIZATION, token.clone());
        }
        for (name, value) in
            ["neon-batch-isolation-level", "neon-batch-read-only"].into_iter().zip(batch.unwrap_or_default())
        {
            request = request.header(name, value.clone());
        }
        request.body(body).map_err(|error| DriverError::Refused(error.into()))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Settings");
        out.field("host", &self.host).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
