//! How the client shows the token endpoint who it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;
use vestibule_core::{Random, Timestamp};

use super::assertion::Assertion;
use super::request::Form;
use crate::OAuthError;
use crate::issuer::Issuer;
use crate::provider::{ClientAuth, Provider, Quirk};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// To whom the client shows who it is, and when.
#[derive(Clone, Copy)]
pub(crate) struct To<'a> {
    pub(crate) issuer: Option<&'a Issuer>,
    pub(crate) token_endpoint: &'a Url,
    pub(crate) now: Timestamp,
    pub(crate) random: &'a dyn Random,
}

impl To<'_> {
    fn issuer(&self) -> Box<str> {
        self.issuer.map_or_else(|| self.token_endpoint.as_str().into(), Issuer::text)
    }
}

/// Adds to the form what is needed, and gives the `Authorization` header if there is one.
pub(crate) fn authenticate(
    provider: &Provider,
    to: To<'_>,
    form: &mut Form,
) -> Result<Option<String>, OAuthError> {
    let client_id = provider.client_id();
    let assertion = |usual: Value| {
        let own = provider.quirks().iter().find_map(|quirk| match quirk {
            Quirk::AssertionAudience(audience) => Some(json!(audience)),
            _ => None,
        });
        Assertion { issuer: client_id, subject: client_id, audience: own.unwrap_or(usual) }
    };
    match provider.client_auth() {
        ClientAuth::Basic => {
            let pair = format!("{}:{}", encode(client_id), encode(secret(provider)?));
            return Ok(Some(format!("Basic {}", STANDARD.encode(pair))));
        }
        ClientAuth::Post => {
            form.add("client_id", client_id);
            form.add("client_secret", secret(provider)?);
        }
        ClientAuth::SecretJwt => {
            let text = assertion(json!(to.issuer())).under_secret(secret(provider)?, to.now, to.random);
            form.add_assertion(client_id, &text);
        }
        ClientAuth::PrivateKeyJwt(key) => {
            // Some providers want the one, others the other.
            let audience = json!([to.issuer(), to.token_endpoint.as_str()]);
            form.add_assertion(client_id, &assertion(audience).under_key(key, to.now, to.random)?);
        }
        ClientAuth::SignedSecret { team_id, audience, key } => {
            let said = Assertion { issuer: team_id, subject: client_id, audience: json!(audience) };
            form.add("client_id", client_id);
            form.add("client_secret", &said.under_key(key, to.now, to.random)?);
        }
        ClientAuth::None => form.add("client_id", client_id),
    }
    Ok(None)
}

impl Form {
    fn add_assertion(&mut self, client_id: &str, assertion: &str) {
        self.add("client_id", client_id);
        self.add("client_assertion_type", ASSERTION_TYPE);
        self.add("client_assertion", assertion);
    }
}

fn secret(provider: &Provider) -> Result<&str, OAuthError> {
    provider
        .client_secret()
        .map(vestibule_core::SecretToken::expose)
        .ok_or(OAuthError::Misconfigured("there is no client secret"))
}

/// As JavaScript's `encodeURIComponent`, with `+` for a space: what the originals send.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) => out.push(byte.into()),
            byte => out.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    out
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use vestibule_core::OsRandom;

    use super::*;
    use crate::jose::Compact;
    use crate::{ClientKey, Kind};

    fn provider(auth: ClientAuth) -> Provider {
        Provider::new("p", "P", Kind::Oidc)
            .with_client_id("me & you")
            .with_client_secret("a:b c%+/ü~")
            .with_client_auth(auth)
    }

    fn said(provider: &Provider) -> (Option<String>, Vec<(String, String)>) {
        let mut form = Form::default();
        let url = Url::parse("https://p.example/token").unwrap();
        let issuer = Issuer::exact("https://p.example");
        let to = To {
            issuer: Some(&issuer),
            token_endpoint: &url,
            now: Timestamp::from_secs(1000),
            random: &OsRandom,
        };
        let header = authenticate(provider, to, &mut form).unwrap();
        let body = form_urlencoded::parse(form.finish().as_bytes()).into_owned().collect();
        (header, body)
    }

    fn claims(token: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn basic_is_encoded_as_the_originals_do() {
        let (header, body) = said(&provider(ClientAuth::Basic));

        let pair = STANDARD.decode(header.unwrap().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), "me+%26+you:a%3Ab+c%25%2B%2F%C3%BC~");
        assert_eq!(body, []);
    }

    #[test]
    fn post_and_none_stand_in_the_form() {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());

        assert_eq!(
            said(&provider(ClientAuth::Post)),
            (None, vec![own("client_id", "me & you"), own("client_secret", "a:b c%+/ü~")])
        );
        assert_eq!(said(&provider(ClientAuth::None)), (None, vec![own("client_id", "me & you")]));
    }

    #[test]
    fn an_assertion_under_the_secret_says_who_to_whom_and_for_how_long() {
        let (header, body) = said(&provider(ClientAuth::SecretJwt));

        assert_eq!(header, None);
        assert_eq!(body[1].1, ASSERTION_TYPE);
        let token = &body[2].1;
        let verified = Compact::parse(token, |_| true).unwrap().verify_hmac("a:b c%+/ü~").unwrap();
        let mut claims = Value::Object(verified.claims);
        let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(id.as_str().unwrap().len(), 22);
        assert_eq!(
            claims,
            json!({
                "iss": "me & you", "sub": "me & you", "aud": "https://p.example",
                "iat": 1000, "nbf": 1000, "exp": 1060,
            })
        );
        assert_ne!(claims_id(token), claims_id(&said(&provider(ClientAuth::SecretJwt)).1[2].1));
    }

    fn claims_id(token: &str) -> Value {
        claims(token)["jti"].clone()
    }

    #[test]
    fn an_assertion_names_the_audience_that_the_data_says() {
        let provider = provider(ClientAuth::SecretJwt)
            .with_quirk(Quirk::AssertionAudience("https://other.example".into()));

        assert_eq!(claims(&said(&provider).1[2].1)["aud"], "https://other.example");
    }

    #[test]
    fn apples_secret_is_an_assertion_of_the_team() {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let key = ClientKey::from_pem(&pem(document.as_ref())).unwrap().with_kid("ABC123");
        let auth = ClientAuth::SignedSecret {
            team_id: "TEAM".into(),
            audience: "https://appleid.apple.com".into(),
            key,
        };

        let (header, body) = said(&provider(auth));

        assert_eq!(header, None);
        assert_eq!((&*body[0].0, &*body[0].1, &*body[1].0), ("client_id", "me & you", "client_secret"));
        let mut claims = claims(&body[1].1);
        claims.as_object_mut().unwrap().remove("jti");
        assert_eq!(
            claims,
            json!({
                "iss": "TEAM", "sub": "me & you", "aud": "https://appleid.apple.com",
                "iat": 1000, "nbf": 1000, "exp": 1060,
            })
        );
        let head = URL_SAFE_NO_PAD.decode(body[1].1.split('.').next().unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&head).unwrap(), json!({"alg": "ES256", "kid": "ABC123"}));
    }

    fn pem(der: &[u8]) -> String {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
    }

    #[test]
    fn without_a_secret_nothing_is_sent() {
        let url = Url::parse("https://p.example/token").unwrap();
        for auth in [ClientAuth::Basic, ClientAuth::Post, ClientAuth::SecretJwt] {
            let provider = Provider::new("p", "P", Kind::Oidc).with_client_id("me").with_client_auth(auth);
            let to =
                To { issuer: None, token_endpoint: &url, now: Timestamp::from_secs(0), random: &OsRandom };
            let refused = authenticate(&provider, to, &mut Form::default());
            assert!(matches!(refused, Err(OAuthError::Misconfigured(_))));
        }
    }
}
