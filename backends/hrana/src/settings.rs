//! Where the databases are.

use std::time::Duration;

use http::{HeaderValue, Uri};
use url::Url;

/// How long to wait for an answer, a second try included.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Where Cloudflare's REST API is.
const CLOUDFLARE: &str = "https://api.cloudflare.com/client/v4";

/// What is wrong with a setting. Says nothing of what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It is no URL, or one without a host.
    #[error("the database's URL is none such as libsql://name-org.turso.io")]
    NotAUrl,
    /// The URL is one of something else.
    #[error("the database's URL begins with none of libsql://, https:// and http://")]
    WrongScheme,
    /// The token cannot stand in a header.
    #[error("the token has a character that no header can hold")]
    WrongToken,
    /// What should identify something at Cloudflare has other characters than letters, digits and hyphens.
    #[error("the {0} has other characters than letters, digits and hyphens, or none")]
    WrongId(&'static str),
}

/// Where a libSQL database is, and who asks. Prints nothing that is secret.
#[derive(Clone, Debug)]
pub struct HranaSettings {
    pub(crate) endpoint: Uri,
    /// Marked as sensitive, so that it is not printed.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) timeout: Duration,
}

impl HranaSettings {
    /// Reads the URL as Turso gives it: `libsql://name-org.turso.io`, which is `https://` there.
    ///
    /// A parameter `authToken` is taken as the token. With `http://`, or with `tls=0`, the token travels in the clear;
    /// that is for a server on the same machine.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], which tells what is wrong and nothing of what was given.
    pub fn from_url(url: &str) -> Result<Self, SettingsError> {
        let url = Url::parse(url).map_err(|_| SettingsError::NotAUrl)?;
        let parameter =
            |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let scheme = match url.scheme() {
            "libsql" if parameter("tls").as_deref() == Some("0") => "http",
            "libsql" | "https" => "https",
            "http" => "http",
            _ => return Err(SettingsError::WrongScheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SettingsError::NotAUrl)?;
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let path = url.path().trim_end_matches('/');
        let endpoint = format!("{scheme}://{host}{port}{path}/v2/pipeline");
        let endpoint = endpoint.parse().map_err(|_| SettingsError::NotAUrl)?;
        let settings = Self { endpoint, authorization: None, timeout: TIMEOUT };
        match parameter("authToken") {
            Some(token) => settings.with_token(&token),
            None => Ok(settings),
        }
    }

    /// Proves who asks.
    ///
    /// # Errors
    ///
    /// [`SettingsError::WrongToken`].
    pub fn with_token(mut self, token: &str) -> Result<Self, SettingsError> {
        self.authorization = Some(bearer(token)?);
        Ok(self)
    }

    /// Waits so long for an answer, connecting and a second try included. 15 s if nothing else is said.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// Which database of which account, and who asks. Prints nothing that is secret.
#[derive(Clone, Debug)]
pub struct D1Settings {
    pub(crate) endpoint: Uri,
    /// Marked as sensitive, so that it is not printed.
    pub(crate) authorization: HeaderValue,
    pub(crate) timeout: Duration,
}

impl D1Settings {
    /// The database with this id, of this account, with an API token that may edit D1.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if an id or the token has impossible characters.
    pub fn new(account: &str, database: &str, token: &str) -> Result<Self, SettingsError> {
        Self::at(CLOUDFLARE, account, database, token)
    }

    /// As [`new`](Self::new), with another base URL than `https://api.cloudflare.com/client/v4`: something that stands
    /// in front of it, or for it.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if an id, the token or the URL has impossible characters.
    pub fn at(base: &str, account: &str, database: &str, token: &str) -> Result<Self, SettingsError> {
        for (what, id) in [("account's id", account), ("database's id", database)] {
            let fits = |character: char| character.is_ascii_alphanumeric() || character == '-';
            if id.is_empty() || !id.chars().all(fits) {
                return Err(SettingsError::WrongId(what));
            }
        }
        let base = base.trim_end_matches('/');
        let endpoint: Uri = format!("{base}/accounts/{account}/d1/database/{database}/raw")
            .parse()
            .map_err(|_| SettingsError::NotAUrl)?;
        if !matches!(endpoint.scheme_str(), Some("http" | "https")) {
            return Err(SettingsError::WrongScheme);
        }
        Ok(Self { endpoint, authorization: bearer(token)?, timeout: TIMEOUT })
    }

    /// Waits so long for an answer, connecting and a second try included. 15 s if nothing else is said.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

fn bearer(token: &str) -> Result<HeaderValue, SettingsError> {
    let header = HeaderValue::from_str(&format!("Bearer {token}"));
    let mut header = header.map_err(|_| SettingsError::WrongToken)?;
    header.set_sensitive(true);
    Ok(header)
}
