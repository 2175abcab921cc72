//! What a provider knows.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use ring::{digest, hmac};
use serde_json::{Map, Value, json};

use super::defects::{Defects, Signing};
use super::keys::Keys;
use super::{FakeProvider, Returned};
use crate::TestClock;

/// A page of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    /// `/.well-known/openid-configuration`.
    Discovery,
    /// `/keys`.
    Keys,
    /// `/authorize`.
    Authorization,
    /// `/token`.
    Token,
    /// `/userinfo`.
    UserInfo,
    /// `/userinfo/emails`.
    Emails,
}

/// What was agreed to.
#[derive(Clone, Default)]
pub(super) struct Grant {
    /// Who agreed.
    pub(super) user: Value,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
}

pub(super) struct State {
    pub(super) clock: TestClock,
    pub(super) issuer: String,
    pub(super) user: Value,
    pub(super) keys: Keys,
    pub(super) defects: Defects,
    pub(super) seen: Vec<(Page, Request<Bytes>)>,
    pub(super) codes: HashMap<String, Grant>,
    pub(super) refresh_tokens: HashMap<String, Grant>,
    pub(super) access_tokens: HashMap<String, Grant>,
    pub(super) posted: Option<Returned>,
    pub(super) signed_user_info: Option<Value>,
    serial: usize,
}

impl State {
    pub(super) fn new(clock: TestClock) -> Self {
        Self {
            clock,
            issuer: String::new(),
            user: json!({
                "sub": "248289761001", "name": "Jane Doe", "email": "jane@example.com", "email_verified": true,
            }),
            keys: Keys::new("ES256"),
            defects: Defects::default(),
            seen: Vec::new(),
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
            access_tokens: HashMap::new(),
            posted: None,
            signed_user_info: None,
            serial: 0,
        }
    }

    /// A name that nothing else has.
    pub(super) fn next(&mut self, kind: &str) -> String {
        self.serial += 1;
        format!("{kind}-{}", self.serial)
    }

    pub(super) fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let page = match request.uri().path() {
            "/.well-known/openid-configuration" => Page::Discovery,
            "/keys" => Page::Keys,
            "/authorize" => Page::Authorization,
            "/token" => Page::Token,
            "/userinfo" => Page::UserInfo,
            "/userinfo/emails" => Page::Emails,
            _ => return super::answers::text(404, "there is no such page"),
        };
        self.seen.push((page, request.clone()));
        if let Some(answer) = self.defects.replaced(page) {
            return answer;
        }
        match page {
            Page::Discovery => self.json(page, 200, self.discovery()),
            Page::Keys => self.json(page, 200, self.keys.published()),
            Page::Authorization => self.authorize(request),
            Page::Token => self.exchange(request),
            Page::UserInfo => self.user_info(request),
            Page::Emails => self.emails(request),
        }
    }

    pub(super) fn json(&self, page: Page, status: u16, answer: Value) -> Response<Bytes> {
        crate::http_server::json(status, &self.defects.altered(page, answer))
    }

    /// An ID token for what was agreed to.
    pub(super) fn id_token(&mut self, grant: &Grant, access_token: &str) -> String {
        use vestibule_core::Clock as _;

        let now = self.clock.now().as_secs();
        let mut claims = grant.user.as_object().cloned().unwrap_or_default();
        claims.insert("iss".into(), self.issuer.clone().into());
        claims.insert("aud".into(), FakeProvider::CLIENT_ID.into());
        claims.insert("iat".into(), now.into());
        claims.insert("exp".into(), (now + 300).into());
        if let Some(nonce) = &grant.nonce {
            claims.insert("nonce".into(), nonce.clone().into());
        }
        if self.keys.alg() != "EdDSA" {
            claims.insert("at_hash".into(), at_hash(self.keys.alg(), access_token).into());
        }
        for change in &self.defects.claims {
            change(&mut claims);
        }
        self.sign(claims)
    }

    /// A token, signed in the way that is in force.
    pub(super) fn sign(&mut self, claims: Map<String, Value>) -> String {
        let stranger = (self.defects.signing == Signing::Stranger).then(|| self.keys.stranger());
        let alg = match self.defects.signing {
            Signing::None => "none",
            Signing::HmacUnderPublicKey | Signing::HmacUnderSecret => "HS256",
            _ => self.keys.alg(),
        };
        let named = self.keys.newest();
        let key = stranger.as_ref().unwrap_or(named);
        let header = json!({"alg": alg, "kid": named.kid, "typ": "JWT"});
        let mut header = header.as_object().cloned().unwrap_or_default();
        for change in &self.defects.headers {
            change(&mut header);
        }
        let encoded = |part: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string());
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let message = signed.as_bytes();
        let hmac = |secret: &str| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message).as_ref().to_vec()
        };
        let signature = match self.defects.signing {
            Signing::Proper | Signing::Stranger => key.sign(alg, message),
            Signing::None => Vec::new(),
            Signing::HmacUnderPublicKey => hmac(&key.public().to_string()),
            Signing::HmacUnderSecret => hmac(FakeProvider::CLIENT_SECRET),
            Signing::Broken => {
                let mut signature = key.sign(alg, message);
                signature[7] ^= 1;
                signature
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The left half of a hash.
fn at_hash(alg: &str, access_token: &str) -> String {
    let algorithm = match &alg[2..] {
        "384" => &digest::SHA384,
        "512" => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let hash = digest::digest(algorithm, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
