//! A provider that answers anything, and a browser that brings anything back: nobody is signed in but by a signature.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};
use vestibule_core::{Clock, Timestamp};
use vestibule_http::http::{Request, Response};
use vestibule_http::{Bytes, HttpClient, HttpError, Limits};
use vestibule_oauth::{Alg, CallbackParams, Expected, Identity, Kind, Provider, Quirk, RelyingParty};

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://p.example";
const SECRET: &str = "secret";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7515, appendix A.3.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

pub(crate) fn run(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(data).into_owned();
    match kind % 8 {
        0 => nobody(Answers::default(), &text),
        1 => nobody(Answers { token: with_id_token(&text), ..Answers::default() }, "code=c&state=s"),
        2 => {
            let token = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(data));
            nobody(Answers { token: with_id_token(&token), ..Answers::default() }, "code=c&state=s");
        }
        3 => nobody(
            Answers { keys: text, token: with_id_token(ES256), ..Answers::default() },
            "code=c&state=s",
        ),
        4 => nobody(Answers { token: text, ..Answers::default() }, "code=c&state=s"),
        5 => nobody(Answers { discovery: text, ..Answers::default() }, "code=c&state=s"),
        6 => only_with_the_right_claims(&text),
        _ => only_with_an_id(text),
    }
}

/// RFC 7515, appendix A.3: signed by the key, and long expired.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
    yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn with_id_token(token: &str) -> String {
    json!({"access_token": "a", "token_type": "bearer", "id_token": token}).to_string()
}

fn nobody(answers: Answers, callback: &str) {
    for provider in [oidc(), oidc().with_quirk(Quirk::TenantIssuer)] {
        assert!(identify(answers.clone(), &provider, callback).is_none(), "signed in without a signature");
    }
}

/// What the provider did sign is believed only if it says the right things.
fn only_with_the_right_claims(claims: &str) {
    let encoded = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let signed = format!("{}.{}", encoded(r#"{"alg":"HS256"}"#), encoded(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())));
    let answers = Answers { token: with_id_token(&token), ..Answers::default() };
    let identity = identify(answers, &oidc().with_id_token_alg(Alg::Hs256), "code=c&state=s");

    let claims: Value = serde_json::from_str(claims).unwrap_or_default();
    let is_ours = match &claims["aud"] {
        Value::String(one) => one == "me",
        Value::Array(all) => {
            all.contains(&json!("me"))
                && all.iter().all(Value::is_string)
                && (all.len() == 1 || claims["azp"] == "me")
        }
        _ => false,
    };
    let time = |name: &str| claims[name].as_f64().filter(|time| *time >= 0.0);
    let now = f64::from(i32::try_from(NOW).expect("a time of this century"));
    let in_time = time("exp").is_some_and(|exp| exp + 30.0 > now)
        && time("iat").is_some_and(|iat| iat < now + 30.002)
        && (claims.get("nbf").is_none() || time("nbf").is_some_and(|nbf| nbf < now + 30.002));
    let right = claims["iss"] == ISSUER && is_ours && in_time && claims["nonce"] == "n";
    match identity {
        Some(identity) => {
            assert!(right && claims["sub"] == &*identity.user.id && !identity.user.id.is_empty())
        }
        None => {
            assert!(!right || !claims["sub"].as_str().is_some_and(|sub| !sub.is_empty()) || at_hash(&claims))
        }
    }
}

/// Whether it says which access token it belongs to, which it may get wrong.
fn at_hash(claims: &Value) -> bool {
    claims.get("at_hash").is_some()
}

/// OAuth knows the user by the answer of an API, which names one or does not.
fn only_with_an_id(user_info: String) {
    let provider = Provider::new("p", "P", Kind::OAuth)
        .with_client_id("me")
        .with_client_secret(SECRET)
        .with_token("https://p.example/token")
        .with_user_info("https://p.example/userinfo");
    if let Some(identity) = identify(Answers { user_info, ..Answers::default() }, &provider, "code=c&state=s")
    {
        assert!(!identity.user.id.is_empty());
    }
}

fn oidc() -> Provider {
    Provider::new("p", "P", Kind::Oidc).with_issuer(ISSUER).with_client_id("me").with_client_secret(SECRET)
}

fn identify(answers: Answers, provider: &Provider, callback: &str) -> Option<Identity> {
    let callback = CallbackParams::from_query(callback).ok()?;
    let expected = Expected {
        state: Some("s"),
        nonce: Some("n"),
        code_verifier: Some(VERIFIER),
        redirect_uri: "https://app.example/",
    };
    let party = RelyingParty::new(Arc::new(answers), Arc::new(Still));
    let result = now(party.identify(provider, &callback, &expected));
    if let Err(error) = &result {
        assert!(!error.to_string().contains(SECRET), "a secret is told");
    }
    result.ok()
}

/// The value of a future that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("there is nothing to wait for"),
    }
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(NOW)
    }
}

/// What a provider answers at its endpoints.
#[derive(Clone, Debug)]
struct Answers {
    discovery: String,
    keys: String,
    token: String,
    user_info: String,
}

impl Default for Answers {
    fn default() -> Self {
        let discovery = json!({
            "issuer": ISSUER, "token_endpoint": "https://p.example/token", "jwks_uri": "https://p.example/keys",
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "EdDSA", "none"],
        });
        Self {
            discovery: discovery.to_string(),
            keys: KEYS.into(),
            token: json!({"access_token": "a", "token_type": "bearer"}).to_string(),
            user_info: "{}".into(),
        }
    }
}

#[async_trait]
impl HttpClient for Answers {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, HttpError> {
        let body = match request.uri().path() {
            "/keys" => &self.keys,
            "/token" => &self.token,
            "/userinfo" => &self.user_info,
            _ => &self.discovery,
        };
        Ok(Response::new(Bytes::from(body.clone())))
    }
}
