//! A provider that answers as the fixture of an entry says, and keeps what it was asked.

use std::fmt::Write;
use std::sync::Mutex;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{hmac, rsa};
use serde_json::{Value, json};
use url::Url;
use vestibule_http::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use vestibule_http::http::{Method, Request, Response};
use vestibule_http::{Bytes, HttpClient, HttpError, Limits};
use vestibule_oauth::{Alg, Kind, ProfileSource, ResponseMode};

use crate::subject::{CLIENT_ID, CLIENT_SECRET, Subject};

/// The second at which everything happens.
pub(crate) const NOW: i64 = 1_762_166_400;

#[derive(Debug)]
pub(crate) struct Idp {
    subject: Subject,
    nonce: Option<&'static str>,
    asked: Mutex<String>,
}

impl Idp {
    /// A provider that puts `nonce` into its ID tokens.
    pub(crate) fn new(subject: Subject, nonce: &'static str) -> Self {
        let nonce = subject.provider.checks().nonce.then_some(nonce);
        Self { subject, nonce, asked: Mutex::default() }
    }

    /// The requests so far, apart from those for public documents.
    pub(crate) fn asked(&self) -> String {
        self.asked.lock().unwrap().clone()
    }

    /// What Apple adds to the callback.
    pub(crate) fn callback_user(&self) -> Option<String> {
        let form_post = self.subject.provider.response_mode() == ResponseMode::FormPost;
        form_post.then(|| self.subject.userinfo.get("user").map(Value::to_string)).flatten()
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let url = Url::parse(&request.uri().to_string()).unwrap();
        if url.path().contains("/.well-known/openid-configuration") {
            return answer(&self.subject.discovery());
        }
        if url.path().ends_with("/jwks") {
            return answer(&json!({"keys": [jwk()]}));
        }
        let asked = shown(request, &url);
        self.asked.lock().unwrap().push_str(&asked);
        if request.method() == Method::POST && is_token_request(request) {
            return answer(&self.tokens());
        }
        if let Some(emails) = self.subject.emails.as_ref().filter(|_| url.path().ends_with("/emails")) {
            return answer(emails);
        }
        if self.subject.provider.user_info_alg().is_some() {
            let mut signed = answer(&Value::Null);
            *signed.body_mut() = sign(&self.subject.userinfo, Alg::Rs256).into();
            signed.headers_mut().insert(CONTENT_TYPE, "application/jwt".parse().unwrap());
            return signed;
        }
        answer(&self.subject.userinfo)
    }

    fn tokens(&self) -> Value {
        let mut tokens = self.subject.token_response();
        if let Some(claims) = self.subject.id_token(self.nonce) {
            tokens["id_token"] =
                sign(&claims, self.subject.provider.id_token_alg().unwrap_or(Alg::Rs256)).into();
        }
        tokens
    }
}

impl Subject {
    /// The document that the issuer publishes.
    pub(crate) fn discovery(&self) -> Value {
        let issuer = self.provider.issuer().unwrap();
        let server = issuer.trim_end_matches('/');
        // Tenants share one.
        let issuer = issuer.replace("/common/", "/{tenantid}/");
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{server}/authorize"),
            "token_endpoint": format!("{server}/token"),
            "userinfo_endpoint": format!("{server}/userinfo"),
            "jwks_uri": format!("{server}/jwks"),
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    /// What the token endpoint answers, without an ID token.
    pub(crate) fn token_response(&self) -> Value {
        let mut tokens = json!({"access_token": "access-token", "token_type": "Bearer", "expires_in": 3600});
        for (name, value) in self.token.iter().flat_map(|token| token.as_object().unwrap()) {
            tokens[name] = value.clone();
        }
        // An answer without a type is written as one whose type is null.
        tokens.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        tokens
    }

    /// The claims of the ID token, if there is one.
    pub(crate) fn id_token(&self, nonce: Option<&str>) -> Option<Value> {
        if self.provider.kind() == Kind::OAuth {
            return None;
        }
        let mut claims = match self.provider.profile_source() {
            ProfileSource::IdToken => self.userinfo.clone(),
            ProfileSource::UserInfo => json!({"sub": self.userinfo["sub"]}),
        };
        let tenant = claims["tid"].as_str().map(ToOwned::to_owned);
        let issuer = self.provider.issuer().unwrap();
        claims["iss"] = tenant.map_or(issuer.to_owned(), |tenant| issuer.replace("common", &tenant)).into();
        claims["aud"] = CLIENT_ID.into();
        claims["iat"] = NOW.into();
        claims["exp"] = (NOW + 600).into();
        // These belong to other tokens than those that are made here.
        for name in ["at_hash", "c_hash", "nbf", "azp"] {
            claims.as_object_mut().unwrap().remove(name);
        }
        if self.provider.response_mode() == ResponseMode::FormPost {
            claims.as_object_mut().unwrap().remove("user");
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        Some(claims)
    }
}

#[async_trait]
impl HttpClient for Idp {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, HttpError> {
        assert_eq!(request.uri().scheme_str(), Some("https"));
        assert!(request.headers().contains_key(USER_AGENT), "some refuse who has no name");
        Ok(self.answer(&request))
    }
}

fn answer(value: &Value) -> Response<Bytes> {
    Response::builder().header(CONTENT_TYPE, "application/json").body(value.to_string().into()).unwrap()
}

fn is_token_request(request: &Request<Bytes>) -> bool {
    std::str::from_utf8(request.body()).is_ok_and(|body| body.contains("grant_type="))
}

/// A request as one reads it: the line, the headers that matter, the fields of the form.
fn shown(request: &Request<Bytes>, url: &Url) -> String {
    let mut text = format!("\n{} {}\n", request.method(), url.as_str());
    for (name, value) in request.headers() {
        let value = value.to_str().unwrap();
        match (name.as_str(), value.strip_prefix("Basic ")) {
            ("authorization", Some(pair)) => {
                let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
                let _ = writeln!(text, "    {AUTHORIZATION}: Basic ({pair})");
            }
            ("content-type" | "user-agent" | "accept", _) => {}
            _ => drop(writeln!(text, "    {name}: {value}")),
        }
    }
    for (name, value) in form_urlencoded::parse(request.body()) {
        let _ = writeln!(text, "    {name} = {value}");
    }
    text
}

fn key() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("rsa.pk8")).unwrap()
}

fn jwk() -> Value {
    let public = rsa::PublicKeyComponents::<Vec<u8>>::from(key().public());
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": encoded(&public.n), "e": encoded(&public.e)})
}

fn sign(claims: &Value, alg: Alg) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!("{}.{}", encoded(&json!({"alg": alg.as_str(), "kid": "1"})), encoded(claims));
    let signature = if alg == Alg::Hs256 {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes()), text.as_bytes())
            .as_ref()
            .to_vec()
    } else {
        let key = key();
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        signature
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
