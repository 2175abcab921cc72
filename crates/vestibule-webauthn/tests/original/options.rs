use serde_json::{Value, json};
use vestibule_core::{Authenticator, CredentialId, DeviceType, OsRandom};
use vestibule_webauthn::{
    AuthenticationOptions, Challenge, NewUser, RegistrationOptions, RelyingParty, ResidentKey, Settings,
    UserVerification,
};

use crate::node::ask;

const USER: NewUser<'_> = NewUser { handle: "6b1f", name: "ada@example.com", display_name: "Ada Ł" };

fn authenticator(id: &[u8], transports: Option<&str>) -> Authenticator {
    Authenticator {
        credential_id: CredentialId::new(id),
        user_id: "ada".into(),
        provider_account_id: "id".into(),
        credential_public_key: [].into(),
        counter: 0,
        device_type: DeviceType::SingleDevice,
        backed_up: false,
        transports: transports.map(Into::into),
    }
}

/// What Auth.js hands to the library for the providers `passkey` and `webauthn`, and for one with settings.
fn providers() -> Vec<(Settings, Value)> {
    let discouraged = Settings::webauthn()
        .with_resident_key(ResidentKey::Discouraged)
        .with_user_verification(UserVerification::Discouraged);
    let selection = |word: &str| json!({"residentKey": word, "userVerification": word});
    vec![
        (
            Settings::passkey(),
            json!({
                "timeout": 300_000, "userVerification": "required", "authenticatorSelection": selection("required"),
            }),
        ),
        (Settings::webauthn(), json!({"timeout": 300_000})),
        (
            discouraged,
            json!({
                "timeout": 300_000, "userVerification": "discouraged",
                "authenticatorSelection": selection("discouraged"),
            }),
        ),
    ]
}

#[test]
fn options_are_those_of_the_original() {
    let party = RelyingParty::of_origin("https://app.example:8443").unwrap();
    let known = [authenticator(&[0xfb, 0xef, 0xff], Some("internal,hybrid")), authenticator(&[1; 32], None)];
    for (settings, theirs) in providers() {
        let challenge = Challenge::new(&OsRandom);
        let case = json!({
            "kind": "options",
            "challenge": challenge.as_str(),
            "rp": {"id": party.id(), "name": party.name()},
            "user": {"id": USER.handle, "name": USER.name, "displayName": USER.display_name},
            "settings": theirs,
            "credentials": [
                {"id": "--__", "transports": ["internal", "hybrid"]},
                {"id": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"},
            ],
        });
        let Some(answers) = ask(&[case]) else { return };

        let register = RegistrationOptions::new(&settings, &party, &challenge, USER).excluding(&known);
        let discover = AuthenticationOptions::new(&settings, &party, &challenge);

        let ours = json!({"accepted": {
            "register": register.to_json(),
            "authenticate": discover.clone().allowing(&known).to_json(),
            "discover": discover.to_json(),
        }});
        assert_eq!(ours, answers[0]);
    }
}
