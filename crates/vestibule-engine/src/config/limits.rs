//! How often something may be asked for or tried.

use std::time::Duration;

use crate::limit::{Limit, Topic};

/// How often mails may be asked for, and credentials and codes be wrong, and who may ask about addresses for passkeys.
///
/// Wrong answers of passkeys are not counted: a signature cannot be guessed, and whoever sends wrong ones would lock out their
/// whole network.
///
/// What is limited by network counts for an IPv4 address or 64 bits of an IPv6 address, if it is known where a request comes
/// from; see [`ClientAddress`](crate::ClientAddress) and
/// [`Config::with_trusted_proxies`](crate::Config::with_trusted_proxies). A browser in which somebody has signed in before
/// has counts of its own for that name or address, so that nobody is locked out by others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    mails: [Option<Limit>; 2],
    credentials: [Option<Limit>; 2],
    codes: Option<Limit>,
    passkeys: Option<Limit>,
}

const QUARTER: Duration = Duration::from_mins(15);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl Limits {
    /// The default: an hour 10 mails to an address and 50 from a network; 10 wrong credentials for a name in a quarter of
    /// an hour, and 100 an hour from a network; 20 wrong codes for an address a day; 100 addresses to register a passkey
    /// for an hour from a network.
    pub fn new() -> Self {
        Self {
            mails: [Some(Limit::new(10, HOUR)), Some(Limit::new(50, HOUR))],
            credentials: [Some(Limit::new(10, QUARTER)), Some(Limit::new(100, HOUR))],
            codes: Some(Limit::new(20, DAY)),
            passkeys: Some(Limit::new(100, HOUR)),
        }
    }

    /// No limits; and no cookie by which a browser is known again.
    pub fn off() -> Self {
        Self { mails: [None; 2], credentials: [None; 2], codes: None, passkeys: None }
    }

    /// How often mails to one address may be asked for. What stands behind a `+` in it makes no other address.
    #[must_use]
    pub fn with_mails_per_address(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.mails[0] = limit.into();
        self
    }

    /// How often mails may be asked for from one network.
    #[must_use]
    pub fn with_mails_per_network(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.mails[1] = limit.into();
        self
    }

    /// How often the credentials for one name may be wrong; the name is in
    /// [`CredentialsProvider::with_identifier`](crate::CredentialsProvider::with_identifier).
    #[must_use]
    pub fn with_failures_per_name(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.credentials[0] = limit.into();
        self
    }

    /// How often credentials from one network may be wrong.
    #[must_use]
    pub fn with_failures_per_network(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.credentials[1] = limit.into();
        self
    }

    /// How often codes for one address may be wrong, beyond the tries that each code has. Afterwards only links count.
    #[must_use]
    pub fn with_wrong_codes(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.codes = limit.into();
        self
    }

    /// How often somebody who is not signed in may ask from one network about an address; see
    /// [`PasskeyRegistration::ByAddress`](crate::PasskeyRegistration).
    #[must_use]
    pub fn with_passkey_addresses_per_network(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.passkeys = limit.into();
        self
    }

    /// The limits for a name, and for a network.
    pub(crate) fn of(&self, topic: Topic) -> (Option<Limit>, Option<Limit>) {
        match topic {
            Topic::Mail => self.mails.into(),
            Topic::Credentials => self.credentials.into(),
            Topic::Code => (self.codes, None),
            Topic::PasskeyAddress => (None, self.passkeys),
        }
    }

    /// Every limit there is.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Limit> {
        self.mails.iter().chain(&self.credentials).chain([&self.codes, &self.passkeys]).flatten()
    }

    /// Whether anything is limited.
    pub(crate) fn is_on(&self) -> bool {
        self.all().next().is_some()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
