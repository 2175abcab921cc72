//! Token responses (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).

use serde_json::{Map, Value};
use vestibule_core::{AccountTokens, SecretToken, Timestamp};
use vestibule_http::Bytes;
use vestibule_http::http::Response;

use crate::provider::{Provider, Quirk};
use crate::text::printable;
use crate::wire::object;
use crate::{OAuthError, ProviderEndpoint};

const FROM: ProviderEndpoint = ProviderEndpoint::Token;
const BEARER: &str = "bearer";

/// What the token endpoint answered.
pub(crate) struct TokenResponse {
    /// The access token.
    pub(crate) access_token: SecretToken,
    /// What is kept. The ID token is in it, and not verified.
    pub(crate) tokens: AccountTokens,
    /// All of it, for what single providers put into it.
    pub(crate) members: Map<String, Value>,
}

impl TokenResponse {
    /// Reads an answer. Members that are not of the standards are not kept.
    pub(crate) fn read(
        provider: &Provider,
        answer: &Response<Bytes>,
        now: Timestamp,
    ) -> Result<Self, OAuthError> {
        let members = members(provider, answer)?;
        let access_token = text(&members, "access_token")?
            .map(SecretToken::from)
            .ok_or(OAuthError::Member { from: FROM, name: "access_token" })?;
        let secret = |name| Ok::<_, OAuthError>(text(&members, name)?.map(SecretToken::from));
        let tokens = AccountTokens {
            access_token: Some(access_token.clone()),
            refresh_token: secret("refresh_token")?,
            id_token: secret("id_token")?,
            expires_at: expires_at(&members, now)?,
            token_type: Some(token_type(provider, &members)?),
            scope: scope(&members),
            session_state: text(&members, "session_state")?.map(str::to_owned),
        };
        Ok(Self { access_token, tokens, members })
    }
}

/// The members of an answer, if it is no error. Some providers send errors with the status 200.
fn members(provider: &Provider, answer: &Response<Bytes>) -> Result<Map<String, Value>, OAuthError> {
    let status = answer.status();
    if status.is_server_error() || status.as_u16() == 429 {
        return Err(OAuthError::Status { from: FROM, status: status.as_u16() });
    }
    if let Ok(body) = serde_json::from_slice::<Map<String, Value>>(answer.body())
        && let Some(error) = body.get("error").and_then(Value::as_str)
    {
        let description = body.get("error_description").and_then(Value::as_str).map(printable);
        return Err(OAuthError::TokenRefused { error: printable(error), description });
    }
    let members = object(FROM, answer)?;
    let at = provider.quirks().iter().find_map(|quirk| match quirk {
        Quirk::TokenAt(pointer) => Some(pointer),
        _ => None,
    });
    let Some(pointer) = at else { return Ok(members) };
    match Value::Object(members).pointer(pointer) {
        Some(Value::Object(inner)) => Ok(inner.clone()),
        _ => Err(OAuthError::NotJson { from: FROM }),
    }
}

/// A text. `null` and the empty one are absent, as several providers mean it.
fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, OAuthError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(OAuthError::Member { from: FROM, name }),
    }
}

fn token_type(provider: &Provider, members: &Map<String, Value>) -> Result<String, OAuthError> {
    let has = |quirk: &dyn Fn(&Quirk) -> bool| provider.quirks().iter().any(quirk);
    let Some(given) = text(members, "token_type")? else {
        let may_be_missing = has(&|quirk| *quirk == Quirk::TokenTypeMissing);
        let missing = OAuthError::Member { from: FROM, name: "token_type" };
        return if may_be_missing { Ok(BEARER.to_owned()) } else { Err(missing) };
    };
    let given = given.to_lowercase();
    if given == BEARER || has(&|quirk| matches!(quirk, Quirk::TokenTypeAlso(also) if **also == *given)) {
        return Ok(given);
    }
    Err(OAuthError::TokenTypeRefused(printable(&given)))
}

/// `expires_in`, from a number or the text of one. 0 means that nothing is known.
fn expires_at(members: &Map<String, Value>, now: Timestamp) -> Result<Option<Timestamp>, OAuthError> {
    let seconds = match members.get("expires_in") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let bad = OAuthError::Member { from: FROM, name: "expires_in" };
    let seconds: f64 = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0).ok_or(bad)?;
    #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes the largest there is")]
    let seconds = seconds as i64;
    Ok((seconds > 0).then(|| Timestamp::from_secs(now.as_secs().saturating_add(seconds))))
}

/// `scope`, which some providers send as a list. What is neither is dropped.
fn scope(members: &Map<String, Value>) -> Option<String> {
    let scope = match members.get("scope")? {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => return None,
    };
    (!scope.is_empty()).then_some(scope)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{Kind, any_json};

    const NOW: Timestamp = Timestamp::from_millis(1_000_500);

    fn provider() -> Provider {
        Provider::new("p", "P", Kind::OAuth)
    }

    fn read_by(provider: &Provider, status: u16, body: &str) -> Result<TokenResponse, OAuthError> {
        let answer = Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
        TokenResponse::read(provider, &answer, NOW)
    }

    fn read(body: &Value) -> Result<TokenResponse, OAuthError> {
        read_by(&provider(), 200, &body.to_string())
    }

    fn refused(body: &Value) -> OAuthError {
        read(body).err().expect("a refusal")
    }

    fn with(name: &str, value: Value) -> Value {
        let mut body = json!({"access_token": "a", "token_type": "Bearer"});
        body[name] = value;
        body
    }

    #[test]
    fn what_the_standards_name_is_kept_and_nothing_else() {
        let body = json!({
            "access_token": "a", "token_type": "BEARER", "expires_in": 3600, "refresh_token": "r", "scope": "x y",
            "id_token": "i", "session_state": "s", "ext_expires_in": 1, "not-before-policy": 0,
        });

        let tokens = read(&body).unwrap().tokens;

        assert_eq!(
            tokens,
            AccountTokens {
                access_token: Some("a".into()),
                refresh_token: Some("r".into()),
                id_token: Some("i".into()),
                expires_at: Some(Timestamp::from_secs(4600)),
                token_type: Some("bearer".into()),
                scope: Some("x y".into()),
                session_state: Some("s".into()),
            }
        );
    }

    #[test]
    fn a_time_may_be_a_text_and_none_is_none() {
        let expires = |value| read(&with("expires_in", value)).map(|read| read.tokens.expires_at);

        assert_eq!(expires(json!("3599")).unwrap(), Some(Timestamp::from_secs(4599)));
        assert_eq!(expires(json!(1.5)).unwrap(), Some(Timestamp::from_secs(1001)));
        assert_eq!(expires(json!(0)).unwrap(), None);
        assert_eq!(expires(json!(null)).unwrap(), None);
        assert!(expires(json!(1e300)).unwrap().is_some());
        for bad in [json!(-1), json!("soon"), json!(""), json!([]), json!("NaN"), json!("inf")] {
            let refused = expires(bad.clone());
            assert!(matches!(refused, Err(OAuthError::Member { name: "expires_in", .. })), "{bad}");
        }
    }

    #[test]
    fn a_scope_may_be_a_list_and_null_is_absent() {
        let scope = |value| read(&with("scope", value)).unwrap().tokens.scope;

        assert_eq!(scope(json!(["a", "b"])).as_deref(), Some("a b"));
        for none in [json!(null), json!(""), json!([]), json!({}), json!(1)] {
            assert_eq!(scope(none), None);
        }
        assert!(read(&with("refresh_token", json!(null))).unwrap().tokens.refresh_token.is_none());
    }

    #[test]
    fn members_of_the_wrong_kind_are_refused() {
        for name in ["access_token", "refresh_token", "id_token", "token_type", "session_state"] {
            let refused = refused(&with(name, json!(1)));
            assert!(matches!(refused, OAuthError::Member { name: which, .. } if which == name), "{refused}");
        }
        for absent in ["access_token", "token_type"] {
            let refused = refused(&with(absent, json!(null)));
            assert!(matches!(refused, OAuthError::Member { name, .. } if name == absent), "{refused}");
        }
    }

    #[test]
    fn only_a_bearer_token_is_understood() {
        assert!(
            matches!(refused(&with("token_type", json!("DPoP"))), OAuthError::TokenTypeRefused(kind) if &*kind == "dpop")
        );
        let provider = provider().with_quirk(Quirk::TokenTypeAlso("jwt-bearer".into()));
        let body = with("token_type", json!("jwt-bearer")).to_string();
        assert_eq!(read_by(&provider, 200, &body).unwrap().tokens.token_type.as_deref(), Some("jwt-bearer"));
    }

    #[test]
    fn a_type_may_be_missing_and_an_answer_nested_where_the_data_says_so() {
        let provider =
            provider().with_quirk(Quirk::TokenTypeMissing).with_quirk(Quirk::TokenAt("/data/user".into()));

        let read = read_by(&provider, 200, r#"{"data": {"user": {"access_token": "a"}}}"#).unwrap();

        assert_eq!(read.tokens.token_type.as_deref(), Some("bearer"));
        assert!(matches!(read_by(&provider, 200, "{}"), Err(OAuthError::NotJson { .. })));
    }

    #[test]
    fn an_error_is_an_error_whatever_the_status() {
        for status in [200, 400, 401] {
            let refused = read_by(
                &provider(),
                status,
                r#"{"error": "invalid_grant", "error_description": "old\ncode"}"#,
            );
            let Err(OAuthError::TokenRefused { error, description }) = refused else {
                panic!("{status} is no refusal")
            };
            assert_eq!((&*error, description.as_deref()), ("invalid_grant", Some("old code")));
        }
    }

    #[test]
    fn nothing_but_200_and_an_object_will_do() {
        for status in [201, 204, 302, 400, 429, 500, 503] {
            let refused = read_by(&provider(), status, r#"{"access_token": "a", "token_type": "bearer"}"#);
            assert!(matches!(refused, Err(OAuthError::Status { status: got, .. }) if got == status));
        }
        for body in ["", "[]", "null", "access_token=a", "{"] {
            assert!(matches!(read_by(&provider(), 200, body), Err(OAuthError::NotJson { .. })), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(status in 100u16..600, body in ".{0,200}") {
            drop(read_by(&provider(), status, &body));
        }

        #[test]
        fn no_object_makes_it_panic_and_none_is_without_an_access_token(
            body in any_json::object(&[
                "access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope", "session_state", "error",
            ]),
        ) {
            if let Ok(read) = read(&Value::Object(body)) {
                prop_assert!(!read.access_token.expose().is_empty());
            }
        }
    }
}
