//! The pages of a provider.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::state::{Grant, Page, State};
use super::{FakeProvider, Returned};

type Params = HashMap<String, String>;

pub(super) fn text(status: u16, text: &'static str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from_static(text.as_bytes())).expect("a status")
}

fn params(text: &[u8]) -> Params {
    form_urlencoded::parse(text).into_owned().collect()
}

impl State {
    pub(super) fn discovery(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                "ES384", "EdDSA", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    pub(super) fn authorize(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let asked = params(request.uri().query().unwrap_or_default().as_bytes());
        let get = |name: &str| asked.get(name).cloned();
        let (Some(redirect_uri), true) =
            (get("redirect_uri"), get("client_id").as_deref() == Some(FakeProvider::CLIENT_ID))
        else {
            return text(400, "unknown client");
        };
        let grant = Grant {
            user: self.user.clone(),
            redirect_uri: redirect_uri.clone(),
            scope: get("scope").unwrap_or_default(),
            nonce: get("nonce"),
            challenge: get("code_challenge"),
        };
        let code = self.next("code");
        self.codes.insert(code.clone(), grant);
        let mut answer = vec![("code".to_owned(), code)];
        answer.extend(get("state").map(|state| ("state".to_owned(), state)));
        answer.push(("iss".to_owned(), self.issuer.clone()));
        for change in &self.defects.returns {
            change(&mut answer);
        }
        let params = form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        if get("response_mode").as_deref() == Some("form_post") {
            let page = format!("<form method=post action=\"{redirect_uri}\"></form>");
            self.posted = Some(Returned { redirect_uri, params, posted: true });
            return Response::new(Bytes::from(page));
        }
        let location = format!("{redirect_uri}?{params}");
        let answer = Response::builder().status(302).header("location", location);
        answer.body(Bytes::new()).expect("a redirect")
    }

    pub(super) fn exchange(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let form = params(request.body());
        let get = |name: &str| form.get(name).map(String::as_str);
        let refused = |state: &Self, error: &str| state.json(Page::Token, 400, json!({"error": error}));
        if !is_the_client(request, &form) {
            return self.json(Page::Token, 401, json!({"error": "invalid_client"}));
        }
        let (grant, is_fresh) = match get("grant_type") {
            Some("authorization_code") => {
                (get("code").and_then(|code| self.codes.remove(code)).filter(|grant| grant.fits(&form)), true)
            }
            Some("refresh_token") => {
                (get("refresh_token").and_then(|token| self.refresh_tokens.remove(token)), false)
            }
            _ => return refused(self, "unsupported_grant_type"),
        };
        let Some(mut grant) = grant else { return refused(self, "invalid_grant") };
        let access_token = self.next("access-token");
        let refresh_token = self.next("refresh-token");
        self.access_tokens.insert(access_token.clone(), grant.clone());
        self.refresh_tokens.insert(refresh_token.clone(), grant.clone());
        let mut answer = json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": refresh_token, "scope": grant.scope,
        });
        if grant.scope.split(' ').any(|word| word == "openid") {
            grant.nonce = grant.nonce.filter(|_| is_fresh);
            answer["id_token"] = self.id_token(&grant, &access_token).into();
        }
        self.json(Page::Token, 200, answer)
    }

    pub(super) fn user_info(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let Some(grant) = self.bearer(request) else {
            return self.json(Page::UserInfo, 401, json!({"message": "Bad credentials"}));
        };
        let user = self.defects.altered(Page::UserInfo, grant.user.clone());
        let Some(added) = self.signed_user_info.clone() else {
            return crate::http_server::json(200, &user);
        };
        let mut claims = user.as_object().cloned().unwrap_or_default();
        claims.extend(added.as_object().cloned().unwrap_or_default());
        let answer = Response::builder().header("content-type", "application/jwt; charset=utf-8");
        answer.body(Bytes::from(self.sign(claims))).expect("an answer")
    }

    pub(super) fn emails(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let Some(grant) = self.bearer(request) else {
            return self.json(Page::Emails, 401, json!({"message": "Bad credentials"}));
        };
        let own = &grant.user;
        let emails = json!([{"email": own["email"], "primary": true, "verified": own["email_verified"]}]);
        self.json(Page::Emails, 200, emails)
    }

    /// What the access token of a request stands for.
    fn bearer(&self, request: &Request<Bytes>) -> Option<&Grant> {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        self.access_tokens.get(header?.strip_prefix("Bearer ")?)
    }
}

impl Grant {
    /// Whether the token request belongs to the authorization request.
    fn fits(&self, form: &Params) -> bool {
        let verifier = form
            .get("code_verifier")
            .map(|verifier| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())));
        form.get("redirect_uri") == Some(&self.redirect_uri) && verifier == self.challenge
    }
}

/// Whether the request has the client's secret, in the header or in the form.
fn is_the_client(request: &Request<Bytes>, form: &Params) -> bool {
    let known = |id: Option<&str>, secret: Option<&str>| {
        id == Some(FakeProvider::CLIENT_ID) && secret == Some(FakeProvider::CLIENT_SECRET)
    };
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(basic) = header.and_then(|value| value.strip_prefix("Basic ")) else {
        return known(
            form.get("client_id").map(String::as_str),
            form.get("client_secret").map(String::as_str),
        );
    };
    let Some(pair) = STANDARD.decode(basic).ok().and_then(|pair| String::from_utf8(pair).ok()) else {
        return false;
    };
    let Some((id, secret)) = pair.split_once(':') else { return false };
    let decoded = |text: &str| params(format!("x={text}").as_bytes()).remove("x");
    known(decoded(id).as_deref(), decoded(secret).as_deref())
}
