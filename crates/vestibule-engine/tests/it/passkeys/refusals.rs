//! Whatever a browser may send instead of an answer: the public code, a reason in the log and no secret, nothing written, no
//! session, and no 5xx.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vestibule_core::Authenticators as _;
use vestibule_testkit::webauthn::{Defect, KeyKind, VirtualAuthenticator};

use super::{ADA, CHALLENGE, Place, WRONG, new_key, open};
use crate::app::{Answer, Browser, FORM, ORIGIN, RETURN, form};
use crate::oauth::strategies;
use crate::secrecy::Log;

const WRITES: [&str; 12] = [
    "sign_up",
    "create_user",
    "update_user",
    "delete_user",
    "link_account",
    "unlink_account",
    "create_session",
    "delete_session",
    "create_verification_token",
    "consume_verification_token",
    "create_authenticator",
    "advance_counter",
];

/// What an answer that does not hold leads to.
async fn is_refused(place: &Place, browser: &Browser, body: &str, expected: Result<&str, u16>, name: &str) {
    for is_script in [false, true] {
        let mut browser = browser.clone();
        let secrets: Vec<_> =
            browser.cookies.clone().into_iter().filter(|(name, _)| !name.contains("url")).collect();
        place.app.store.take_calls();
        let log = Log::default();
        let guard = log.listen();
        let headers = [&[FORM, ("origin", ORIGIN)][..], if is_script { &[RETURN] } else { &[] }].concat();

        let answer = browser.send("POST", "/auth/callback/passkey", &headers, body).await;

        drop(guard);
        let name = format!("{name} (script: {is_script}): {}", answer.text());
        match expected {
            Ok(to) if is_script => assert_eq!(answer.json()["url"], to, "{name}"),
            Ok(to) => assert_eq!(answer.location(), Some(to), "{name}"),
            Err(status) => assert_eq!(answer.status().as_u16(), status, "{name}"),
        }
        assert!(answer.status().as_u16() < 500, "{name}");
        let begins = |line: &&str| line.contains("session-token");
        assert_eq!(answer.set_cookies().iter().find(|line| begins(line)), None, "{name}");
        let calls = place.app.store.take_calls();
        let written: Vec<_> = calls.into_iter().filter(|call| WRITES.contains(call)).collect();
        assert_eq!(written, [""; 0], "{name}");
        let text = log.text();
        for (cookie, value) in &secrets {
            assert!(!text.contains(value), "{name}: {cookie} is in {text}");
        }
        assert!(!text.contains("new@") && !text.contains("ada@"), "{name}: {text}");
    }
}

fn body(action: &str, data: &str) -> String {
    form(&[("action", action), ("data", data)])
}

/// Those that change nothing of a registration, and those that change nothing of a sign-in.
const NOT_OF_A_REGISTRATION: [Defect; 7] = [
    Defect::OtherKey,
    Defect::SignatureFlipped,
    Defect::ClientDataChanged,
    Defect::DataChanged,
    Defect::CounterBack,
    Defect::CounterStays,
    Defect::EligibilityChanged,
];
const NOT_OF_A_SIGN_IN: [Defect; 16] = [
    Defect::AttestationTrailing,
    Defect::AttestationWithoutLength,
    Defect::AttestationTwice,
    Defect::StatementOfNone,
    Defect::StatementDeep,
    Defect::StatementLies,
    Defect::NoCredential,
    Defect::LongId,
    Defect::OffCurve,
    Defect::OtherAlgorithm,
    Defect::OtherKeyType,
    Defect::ParameterTwice,
    Defect::ShortModulus,
    Defect::LongModulus,
    Defect::EvenModulus,
    Defect::ExponentOne,
];

#[tokio::test]
async fn no_defect_registers_a_key() {
    let place = Place::new(open(), strategies()[0]);
    for kind in [KeyKind::Es256, KeyKind::Rs256] {
        let of_rsa = |defect| {
            use Defect::{EvenModulus, ExponentOne, LongModulus, ShortModulus};
            matches!(defect, ShortModulus | LongModulus | EvenModulus | ExponentOne)
        };
        let is_skipped = |defect| match kind {
            KeyKind::Rs256 => !of_rsa(defect),
            _ => of_rsa(defect),
        };
        for defect in Defect::ALL {
            if NOT_OF_A_REGISTRATION.contains(&defect) || is_skipped(defect) {
                continue;
            }
            let mut browser = place.app.browser();
            let asked = browser.asked("email=new@example.com").await;
            let mut key = VirtualAuthenticator::new(kind);
            let data = key.misbehave(defect).register(ORIGIN, &asked["options"]);
            let expected = if defect == Defect::Huge { Err(413) } else { Ok(WRONG) };

            let body = body("register", &data.to_string());
            is_refused(&place, &browser, &body, expected, &format!("{kind:?} {defect:?}")).await;
        }
    }
    assert_eq!(place.app.user("new@example.com").await, None);
}

#[tokio::test]
async fn no_defect_signs_anybody_in() {
    let place = Place::new(open(), strategies()[1]);
    let (_, mut key, ada) = place.registered(ADA).await;
    let before = place.keys(&ada).await;
    for defect in Defect::ALL {
        if NOT_OF_A_SIGN_IN.contains(&defect) {
            continue;
        }
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        let data = key.misbehave(defect).authenticate(ORIGIN, &asked["options"]);
        let expected = if defect == Defect::Huge { Err(413) } else { Ok(WRONG) };

        let body = body("authenticate", &data.to_string());
        is_refused(&place, &browser, &body, expected, &format!("{defect:?}")).await;
    }
    assert_eq!(place.keys(&ada).await, before);
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, _) = place.registered(ADA).await;
    for (action, query) in [("register", "email=new@example.com"), ("authenticate", "action=authenticate")] {
        let mut browser = place.app.browser();
        let asked = browser.asked(query).await;
        let data = match action {
            "register" => new_key().register(ORIGIN, &asked["options"]),
            _ => key.authenticate(ORIGIN, &asked["options"]),
        };
        let deep = "[".repeat(10_000);
        let text = data.to_string();
        for (name, data) in [
            ("empty", ""),
            ("no JSON", "{"),
            ("no object", "[]"),
            ("a text", "\"x\""),
            ("null", "null"),
            ("an empty object", "{}"),
            ("deep", deep.as_str()),
            ("cut", &text[..text.len() / 2]),
        ] {
            is_refused(&place, &browser, &body(action, data), Ok(WRONG), name).await;
        }
        for path in leaves(&data) {
            for wrong in [json!(null), json!(1), json!([]), json!({}), json!(""), json!("\u{0}"), json!("é~")]
            {
                let mut changed = data.clone();
                *changed.pointer_mut(&path).unwrap() = wrong.clone();
                let is_known = |answer: &Answer| answer.location() == Some(WRONG);
                let mut tab = browser.clone();
                let mut fields = vec![("action", action)];
                let changed = changed.to_string();
                fields.push(("data", &changed));
                let headers = [FORM, ("origin", ORIGIN)];
                let is_free = [
                    "/authenticatorAttachment",
                    "/clientExtensionResults",
                    "/response/userHandle",
                    "/response/transports",
                ]
                .iter()
                .any(|free| path.starts_with(free));
                if !is_free {
                    let answer = tab.send("POST", "/auth/callback/passkey", &headers, &form(&fields)).await;
                    assert!(is_known(&answer), "{path} {wrong}: {:?} {}", answer.location(), answer.text());
                }
            }
        }
    }
    assert_eq!(place.app.user("new@example.com").await, None);
}

/// The paths of everything in a JSON object.
fn leaves(value: &Value) -> Vec<String> {
    let Value::Object(members) = value else { return vec![String::new()] };
    let below = |(name, value): (&String, &Value)| {
        let rest = leaves(value);
        rest.into_iter().map(|rest| format!("/{name}{rest}")).collect::<Vec<_>>()
    };
    members.iter().flat_map(below).collect()
}

#[tokio::test]
async fn what_is_no_form_of_ours_is_refused() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, _) = place.registered(ADA).await;
    let mut browser = place.app.browser();
    let asked = browser.asked("action=authenticate").await;
    let data = key.authenticate(ORIGIN, &asked["options"]).to_string();
    for (name, body, expected) in [
        ("no field", String::new(), Err(400)),
        ("no action", form(&[("data", &data)]), Err(400)),
        ("no data", form(&[("action", "authenticate")]), Err(400)),
        ("another action", body("remove", &data), Err(400)),
        ("an empty action", body("", &data), Err(400)),
        ("another purpose", body("register", &data), Ok(WRONG)),
        ("broken encoding", "action=authenticate&data=%".into(), Err(400)),
        ("a zero byte", "action=authenticate&data=%00".into(), Err(400)),
    ] {
        is_refused(&place, &browser, &body, expected, name).await;
    }
    let mut without = browser.clone();
    without.cookies.remove(CHALLENGE);
    is_refused(&place, &without, &body("authenticate", &data), Ok(WRONG), "no cookie").await;
    // Nothing was wrong with what was changed.
    assert_eq!(
        browser.answer("authenticate", &serde_json::from_str(&data).unwrap()).await.location(),
        Some(ORIGIN)
    );
}

#[tokio::test]
async fn a_key_of_another_length_than_any_is_nobodys() {
    let place = Place::new(open(), strategies()[0]);
    let found = place.app.memory.authenticator(&vestibule_core::CredentialId::new([])).await.unwrap();

    assert_eq!(found, None);
}

/// Columns of 31 bits have no room for it.
#[tokio::test]
async fn a_counter_that_cannot_be_stored_is_not_registered() {
    for strategy in strategies() {
        for (counter, to) in [(0x7fff_ffff_u32, ORIGIN), (0x8000_0000, WRONG), (u32::MAX, WRONG)] {
            let place = Place::new(open(), strategy);
            let mut browser = place.app.browser();
            let asked = browser.asked("email=ada@example.com").await;
            let mut data = new_key().register(ORIGIN, &asked["options"]);
            let object = data["response"]["attestationObject"].as_str().unwrap();
            let mut object = URL_SAFE_NO_PAD.decode(object).unwrap();
            let hash = Sha256::digest("localhost");
            let start = object.windows(32).position(|bytes| bytes == &hash[..]).unwrap() + 33;
            object[start..start + 4].copy_from_slice(&counter.to_be_bytes());
            data["response"]["attestationObject"] = URL_SAFE_NO_PAD.encode(object).into();

            let answer = browser.answer("register", &data).await;

            assert_eq!(answer.location(), Some(to), "{counter}");
            assert_eq!(place.app.user(ADA).await.is_some(), to != WRONG, "{counter}");
        }
    }
}
