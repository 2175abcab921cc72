//! A provider that answers what a target wants, at once.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use vestibule_core::{Clock, Timestamp};
use vestibule_http::http::{Request, Response};
use vestibule_http::{Bytes, HttpClient, HttpError, Limits};
use vestibule_oauth::{Kind, Provider, RelyingParty};

pub(crate) const ISSUER: &str = "https://p.example";
pub(crate) const CLIENT: &str = "client";
const SECRET: &str = "the secret of the client, 40 bytes of it";
const NOW: i64 = 1_700_000_000;

/// Says what a path is answered with.
type Answer = Box<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// A client whose requests go nowhere.
pub(crate) struct Answering(pub(crate) Answer);

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answering")
    }
}

#[async_trait]
impl HttpClient for Answering {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, HttpError> {
        assert_eq!(request.uri().scheme_str(), Some("https"), "only https is asked");
        Ok(Response::new((self.0)(request.uri().path()).into()))
    }
}

/// A clock that has stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(NOW)
    }
}

/// A relying party to which every path is answered in this way.
pub(crate) fn relying_party(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> RelyingParty {
    RelyingParty::new(Arc::new(Answering(Box::new(answer))), Arc::new(Stopped))
}

/// The data of the provider, as far as all targets agree.
pub(crate) fn provider() -> Provider {
    provider_of("p", ISSUER)
}

/// The data of a provider with this id, and the address that it goes by.
pub(crate) fn provider_of(id: &str, issuer: &str) -> Provider {
    Provider::new(id, "P", Kind::Oidc).with_issuer(issuer).with_client_id(CLIENT).with_client_secret(SECRET)
}

/// The result of something that waits for nothing.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing is waited for")
}
