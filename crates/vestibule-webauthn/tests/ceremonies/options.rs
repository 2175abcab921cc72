use serde_json::json;
use vestibule_core::{Authenticator, CredentialId, DeviceType};
use vestibule_webauthn::{AuthenticationOptions, Challenge, RegistrationOptions, RelyingParty, Settings};

use crate::support::USER;

const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn authenticator(transports: Option<&str>) -> Authenticator {
    Authenticator {
        credential_id: CredentialId::new([0xfb, 0xef, 0xff]),
        user_id: "ada".into(),
        provider_account_id: "++//".into(),
        credential_public_key: [].into(),
        counter: 0,
        device_type: DeviceType::SingleDevice,
        backed_up: false,
        transports: transports.map(Into::into),
    }
}

#[test]
fn the_provider_passkey_asks_as_in_auth_js() {
    let party = RelyingParty::of_origin("https://app.example:8443").unwrap();
    let challenge = Challenge::parse(CHALLENGE).unwrap();

    let register = RegistrationOptions::new(&Settings::passkey(), &party, &challenge, USER);
    let authenticate = AuthenticationOptions::new(&Settings::passkey(), &party, &challenge);

    assert_eq!(
        register.to_json(),
        json!({
            "challenge": CHALLENGE,
            "rp": {"name": "app.example:8443", "id": "app.example"},
            "user": {"id": "6b1f", "name": "ada@example.com", "displayName": "Ada"},
            "pubKeyCredParams": [
                {"alg": -8, "type": "public-key"},
                {"alg": -7, "type": "public-key"},
                {"alg": -257, "type": "public-key"},
            ],
            "timeout": 300_000,
            "attestation": "none",
            "excludeCredentials": [],
            "authenticatorSelection": {
                "residentKey": "required", "userVerification": "required", "requireResidentKey": true,
            },
            "extensions": {"credProps": true},
        })
    );
    assert_eq!(
        authenticate.to_json(),
        json!({
            "challenge": CHALLENGE, "timeout": 300_000, "userVerification": "required", "rpId": "app.example",
        })
    );
}

#[test]
fn the_provider_webauthn_prefers_what_passkey_requires() {
    let party = RelyingParty::of_origin("http://localhost:3000").unwrap();
    let challenge = Challenge::parse(CHALLENGE).unwrap();

    let register = RegistrationOptions::new(&Settings::webauthn(), &party, &challenge, USER).to_json();
    let authenticate = AuthenticationOptions::new(&Settings::webauthn(), &party, &challenge).to_json();

    assert_eq!(
        register["authenticatorSelection"],
        json!({"residentKey": "preferred", "userVerification": "preferred", "requireResidentKey": false})
    );
    assert_eq!(authenticate["userVerification"], "preferred");
    assert_eq!(register["rp"], json!({"name": "localhost:3000", "id": "localhost"}));
}

#[test]
fn credentials_are_listed_with_how_they_are_reached() {
    let party = RelyingParty::of_origin("https://app.example").unwrap();
    let challenge = Challenge::parse(CHALLENGE).unwrap();
    let known = [authenticator(Some("internal,hybrid")), authenticator(None), authenticator(Some(""))];
    let expected = json!([
        {"id": "--__", "type": "public-key", "transports": ["internal", "hybrid"]},
        {"id": "--__", "type": "public-key"},
        {"id": "--__", "type": "public-key"},
    ]);

    let register = RegistrationOptions::new(&Settings::passkey(), &party, &challenge, USER).excluding(&known);
    let authenticate = AuthenticationOptions::new(&Settings::passkey(), &party, &challenge).allowing(&known);

    assert_eq!(register.to_json()["excludeCredentials"], expected);
    assert_eq!(authenticate.to_json()["allowCredentials"], expected);
}

#[test]
fn a_challenge_is_kept_as_text_and_says_nothing_of_itself() {
    let challenge = Challenge::parse(CHALLENGE).unwrap();

    assert_eq!(challenge.as_str(), CHALLENGE);
    assert_eq!(format!("{challenge:?}"), "Challenge(..)");
    for wrong in ["", "AAAA", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &"A".repeat(100)] {
        assert_eq!(Challenge::parse(wrong), None, "{wrong}");
    }
}
