//! What the browser says: `clientDataJSON`.

use ring::digest::{Digest, SHA256, digest};
use serde_json::{Map, Value};

use crate::response::base64url;
use crate::{Expected, Part, Problem};

/// The longest that is read. A challenge, two origins and what browsers add for fun.
const LIMIT: usize = 8 * 1024;

/// Which question an answer is to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ceremony {
    Registration,
    Authentication,
}

#[derive(Clone, Debug)]
pub(crate) struct ClientData {
    hash: Digest,
    said: Map<String, Value>,
}

impl ClientData {
    pub(crate) fn parse(response: &Map<String, Value>) -> Result<Self, Problem> {
        let bytes = base64url(response.get("clientDataJSON"), Part::ClientData, LIMIT)?;
        let said = serde_json::from_slice(&bytes).map_err(|_| Problem::Malformed(Part::ClientData))?;
        Ok(Self { hash: digest(&SHA256, &bytes), said })
    }

    /// The SHA-256 of the bytes that came, which the authenticator signed.
    pub(crate) fn hash(&self) -> &[u8] {
        self.hash.as_ref()
    }

    pub(crate) fn verify(&self, ceremony: Ceremony, expected: &Expected<'_>) -> Result<(), Problem> {
        let kind = match ceremony {
            Ceremony::Registration => "webauthn.create",
            Ceremony::Authentication => "webauthn.get",
        };
        if self.text("type")? != kind {
            return Err(Problem::WrongType);
        }
        if !expected.challenge.is(self.text("challenge")?) {
            return Err(Problem::WrongChallenge);
        }
        if !expected.relying_party.has_origin(self.text("origin")?) {
            return Err(Problem::WrongOrigin);
        }
        match self.said.get("crossOrigin") {
            None | Some(Value::Bool(false)) => {}
            Some(Value::Bool(true)) => return Err(Problem::CrossOrigin),
            Some(_) => return Err(Problem::Malformed(Part::ClientData)),
        }
        // Only said of an answer inside another page.
        if self.said.contains_key("topOrigin") { Err(Problem::CrossOrigin) } else { Ok(()) }
    }

    fn text(&self, key: &str) -> Result<&str, Problem> {
        self.said.get(key).and_then(Value::as_str).ok_or(Problem::Malformed(Part::ClientData))
    }
}
