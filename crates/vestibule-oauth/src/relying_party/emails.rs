//! GitHub's list of e-mail addresses.

use serde_json::{Map, Value};
use vestibule_http::Repeat;
use vestibule_http::http::StatusCode;
use vestibule_http::http::header::AUTHORIZATION;

use super::{RelyingParty, is_absent};
use crate::discovery::Endpoints;
use crate::token::TokenResponse;
use crate::wire::get;
use crate::{OAuthError, Provider, ProviderEndpoint, user_info_endpoint};

const FROM: ProviderEndpoint = ProviderEndpoint::Emails;

impl RelyingParty {
    /// Puts `email`, if the profile has none, and `email_verified` into the profile.
    pub(super) async fn add_emails(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        token: &TokenResponse,
        profile: &mut Map<String, Value>,
    ) -> Result<(), OAuthError> {
        let mut url = match provider.user_info() {
            Some(own) => user_info_endpoint::own_endpoint(provider, own, token)?,
            None => endpoints.user_info()?.clone(),
        };
        url.set_path(&format!("{}/emails", url.path().trim_end_matches('/')));
        let mut request = get(FROM, &url)?;
        request.headers_mut().insert(AUTHORIZATION, user_info_endpoint::bearer(token)?);
        let answer = self.wire.send(FROM, request, Repeat::IfUnanswered).await?;
        match answer.status() {
            StatusCode::OK => {}
            // The scope does not go that far.
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => return Ok(()),
            status => return Err(OAuthError::Status { from: FROM, status: status.as_u16() }),
        }
        let emails: Vec<Value> =
            serde_json::from_slice(answer.body()).map_err(|_| OAuthError::NotJson { from: FROM })?;
        add(&emails, profile);
        Ok(())
    }
}

fn add(emails: &[Value], profile: &mut Map<String, Value>) {
    let address = |entry: &Value| entry.get("email").and_then(Value::as_str).map(str::to_owned);
    let is = |entry: &Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
    if is_absent(profile, "email") {
        let primary = emails.iter().find(|entry| is(entry, "primary")).or(emails.first());
        let Some(email) = primary.and_then(address) else { return };
        profile.insert("email".into(), email.into());
    }
    let chosen = profile.get("email").and_then(Value::as_str);
    let verified = emails
        .iter()
        .find(|entry| {
            address(entry)
                .is_some_and(|email| chosen.is_some_and(|chosen| chosen.eq_ignore_ascii_case(&email)))
        })
        .map(|entry| is(entry, "verified"));
    if let Some(verified) = verified {
        profile.insert("email_verified".into(), verified.into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn added(mut profile: Value, emails: &Value) -> Value {
        add(emails.as_array().unwrap(), profile.as_object_mut().unwrap());
        profile
    }

    #[test]
    fn the_primary_address_is_taken_and_whether_it_is_verified() {
        let emails = json!([
            {"email": "old@example.com", "primary": false, "verified": true},
            {"email": "jane@example.com", "primary": true, "verified": true},
        ]);

        assert_eq!(
            added(json!({"email": null}), &emails),
            json!({"email": "jane@example.com", "email_verified": true})
        );
        assert_eq!(
            added(json!({"email": "Old@example.com"}), &emails),
            json!({"email": "Old@example.com", "email_verified": true})
        );
    }

    #[test]
    fn an_address_is_never_made_out_to_be_verified() {
        let unverified = json!([{"email": "jane@example.com", "primary": true, "verified": false}]);

        assert_eq!(
            added(json!({}), &unverified),
            json!({"email": "jane@example.com", "email_verified": false})
        );
        assert_eq!(added(json!({"email": "x@example.com"}), &unverified), json!({"email": "x@example.com"}));
        assert_eq!(added(json!({}), &json!([])), json!({}));
        assert_eq!(added(json!({}), &json!([1, {"email": 1}])), json!({}));
    }
}
