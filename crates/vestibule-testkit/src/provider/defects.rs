//! What a provider does wrong.

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use super::Page;

type Change<T> = Box<dyn Fn(&mut T) + Send + Sync>;
type Answer = Box<dyn Fn() -> Response<Bytes> + Send + Sync>;

/// How tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    /// By the key that the header names.
    #[default]
    Proper,
    /// Not at all: `alg` is `none`, and the third part is empty.
    None,
    /// With HMAC, under the published key as if it were a secret.
    HmacUnderPublicKey,
    /// With HMAC, under the client's secret.
    HmacUnderSecret,
    /// By a key of the right kind that nobody published, in the name of the published one.
    Stranger,
    /// By the right key, with one bit turned.
    Broken,
}

/// All of it.
#[derive(Default)]
pub(super) struct Defects {
    pub(super) answers: Vec<(Page, Change<Value>)>,
    pub(super) replaced: Vec<(Page, Answer)>,
    pub(super) returns: Vec<Change<Vec<(String, String)>>>,
    pub(super) claims: Vec<Change<Map<String, Value>>>,
    pub(super) headers: Vec<Change<Map<String, Value>>>,
    pub(super) signing: Signing,
}

impl Defects {
    pub(super) fn replaced(&self, page: Page) -> Option<Response<Bytes>> {
        self.replaced.iter().rev().find(|(at, _)| *at == page).map(|(_, answer)| answer())
    }

    pub(super) fn altered(&self, page: Page, mut answer: Value) -> Value {
        self.answers.iter().filter(|(at, _)| *at == page).for_each(|(_, change)| change(&mut answer));
        answer
    }
}
