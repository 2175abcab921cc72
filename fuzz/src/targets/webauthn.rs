//! Answers of browsers: anything, and right ones of which one part is anything. What is accepted is read a second time.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use vestibule_core::{Authenticator, DeviceType};
use vestibule_webauthn::{
    AuthenticationResponse, Challenge, Expected, Problem, Registered, RegistrationResponse, RelyingParty,
    Settings,
};

const ORIGIN: &str = "https://app.example";
const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ID: [u8; 16] = [7; 16];
/// Present, verified.
const FLAGS: u8 = 0b101;

struct Site {
    party: RelyingParty,
    challenge: Challenge,
    settings: Settings,
    pair: Ed25519KeyPair,
    stored: Authenticator,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let stored = Authenticator {
        credential_id: vestibule_core::CredentialId::new(ID),
        user_id: "ada".into(),
        provider_account_id: "id".into(),
        credential_public_key: cose(&pair).into(),
        counter: 1,
        device_type: DeviceType::SingleDevice,
        backed_up: false,
        transports: None,
    };
    Site {
        party: RelyingParty::of_origin(ORIGIN).expect("a relying party"),
        challenge: Challenge::parse(CHALLENGE).expect("a challenge"),
        settings: Settings::passkey(),
        pair,
        stored,
    }
});

pub(crate) fn run(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    let site = &*SITE;
    match kind % 8 {
        0 => anything(site, &String::from_utf8_lossy(data)),
        1 => registers(site, &client_data("webauthn.create"), data),
        2 => registers(site, &client_data("webauthn.create"), &attestation(data)),
        3 => {
            let id = u16::try_from(ID.len()).expect("short").to_be_bytes();
            let made = [&head(FLAGS | 0x40, 1)[..], &[0; 16], &id, &ID, data].concat();
            registers(site, &client_data("webauthn.create"), &attestation(&made));
        }
        4 => signs_in(site, &client_data("webauthn.get"), data, None),
        5 => signs_in(site, data, &head(FLAGS, 2), None),
        6 => signs_in(site, &client_data("webauthn.get"), &head(FLAGS, 2), Some(data)),
        // The signature is right of what is not sent.
        _ => {
            let signature = sign(site, &client_data("webauthn.get"), &head(FLAGS, 2));
            signs_in(site, &client_data("webauthn.get"), data, Some(&signature));
        }
    }
}

fn anything(site: &Site, text: &str) {
    let expected = expected(site);
    if let Ok(response) = RegistrationResponse::parse(text) {
        let _whatever = response.verify(&expected);
    }
    if let Ok(response) = AuthenticationResponse::parse(text) {
        assert!(response.verify(&expected, &site.stored).is_err(), "nobody signed");
    }
}

fn registers(site: &Site, client_data: &[u8], attestation: &[u8]) {
    let response = json!({
        "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
        "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
    });
    let Ok(response) = RegistrationResponse::parse(&envelope(&response)) else { return };
    let Ok(registered) = response.verify(&expected(site)) else { return };
    holds(&registered, attestation);
    // What was stored can be read when it is used.
    let signature = [0; 64];
    let mut stored = registered.into_authenticator("ada".into());
    stored.counter = 0;
    let problem = signed_in(site, &self::client_data("webauthn.get"), &head(FLAGS, 2), &signature, &stored);
    assert_eq!(problem, Err(Problem::WrongSignature));
}

/// The rules a second time: all that is told stands in one piece in the attestation object.
fn holds(registered: &Registered, attestation: &[u8]) {
    let id = registered.credential_id.as_bytes();
    let length = u16::try_from(id.len()).expect("short").to_be_bytes();
    let behind =
        [&registered.counter.to_be_bytes()[..], &registered.aaguid, &length, id, &registered.public_key];
    let piece = behind.concat();
    let flags = |flags: u8| {
        flags & 0x45 == 0x45
            && (flags & 0x08 != 0) == (registered.device_type == DeviceType::MultiDevice)
            && (flags & 0x10 != 0) == registered.backed_up
            && (flags & 0x18 != 0x10)
    };
    let rp = digest(&SHA256, b"app.example");
    let found = attestation
        .windows(33 + piece.len())
        .any(|data| data.starts_with(rp.as_ref()) && flags(data[32]) && data[33..] == piece);
    assert!(found, "what was registered is not in the answer");
    assert!(registered.user_verified, "it is demanded");
}

fn signs_in(site: &Site, client_data: &[u8], data: &[u8], signature: Option<&[u8]>) {
    let right = sign(site, client_data, data);
    let signature = signature.unwrap_or(&right);
    let Ok(counter) = signed_in(site, client_data, data, signature, &site.stored) else { return };
    assert_eq!(signature, right, "a forgery is accepted");
    let said: Value = serde_json::from_slice(client_data).expect("JSON");
    assert_eq!(said["type"], "webauthn.get");
    assert_eq!(said["challenge"], CHALLENGE);
    assert_eq!(said["origin"], ORIGIN);
    assert!(said.get("crossOrigin").is_none_or(|cross| cross == false));
    assert_eq!(&data[..32], digest(&SHA256, b"app.example").as_ref());
    assert_eq!(data[32] & 0b1_1101, FLAGS, "present, verified, and never to leave its device");
    assert_eq!(&data[33..37], counter.to_be_bytes());
    assert!(counter > 1 && (data.len() == 37 || data[32] & 0xc0 != 0));
}

fn signed_in(
    site: &Site,
    client_data: &[u8],
    data: &[u8],
    signature: &[u8],
    stored: &Authenticator,
) -> Result<u32, Problem> {
    let response = json!({
        "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
        "authenticatorData": URL_SAFE_NO_PAD.encode(data),
        "signature": URL_SAFE_NO_PAD.encode(signature),
    });
    let response = AuthenticationResponse::parse(&envelope(&response))?;
    response.verify(&expected(site), stored).map(|authenticated| authenticated.counter)
}

fn expected(site: &Site) -> Expected<'_> {
    Expected { challenge: &site.challenge, relying_party: &site.party, settings: &site.settings }
}

fn envelope(response: &Value) -> String {
    let id = URL_SAFE_NO_PAD.encode(ID);
    json!({"id": id, "rawId": id, "type": "public-key", "response": response}).to_string()
}

fn client_data(kind: &str) -> Vec<u8> {
    json!({"type": kind, "challenge": CHALLENGE, "origin": ORIGIN}).to_string().into_bytes()
}

fn head(flags: u8, counter: u32) -> Vec<u8> {
    [digest(&SHA256, b"app.example").as_ref(), &[flags], &counter.to_be_bytes()].concat()
}

fn sign(site: &Site, client_data: &[u8], data: &[u8]) -> Vec<u8> {
    let message = [data, digest(&SHA256, client_data).as_ref()].concat();
    site.pair.sign(&message).as_ref().to_vec()
}

/// An attestation object of the format `none`.
fn attestation(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59", &length[..], data].concat()
}

fn cose(pair: &Ed25519KeyPair) -> Vec<u8> {
    [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", pair.public_key().as_ref()].concat()
}
