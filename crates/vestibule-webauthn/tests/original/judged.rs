//! What the authenticator of the test kit answers, right and wrong, judged here and by the original.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vestibule_core::{Authenticator, OsRandom};
use vestibule_testkit::webauthn::{Defect, KeyKind, VirtualAuthenticator};
use vestibule_webauthn::{
    AuthenticationOptions, AuthenticationResponse, Challenge, Expected, NewUser, Problem,
    RegistrationOptions, RegistrationResponse, RelyingParty, Settings,
};

use crate::node::ask;

const ORIGIN: &str = "https://app.example";
const USER: NewUser<'_> = NewUser { handle: "6b1f", name: "ada@example.com", display_name: "Ada" };

/// What both are asked, and what is said here.
struct Case {
    name: String,
    defect: Option<Defect>,
    theirs: Value,
    ours: Result<Value, Problem>,
}

struct Site {
    party: RelyingParty,
    settings: Settings,
    browser: VirtualAuthenticator,
}

impl Site {
    fn new(browser: VirtualAuthenticator) -> Self {
        let party = RelyingParty::of_origin(ORIGIN).expect("a relying party");
        Self { party, settings: Settings::passkey(), browser }
    }

    fn register(&mut self) -> (Value, Option<Authenticator>, Result<Value, Problem>) {
        let challenge = Challenge::new(&OsRandom);
        let options = RegistrationOptions::new(&self.settings, &self.party, &challenge, USER).to_json();
        let answer = self.browser.register(ORIGIN, &options);
        let expected =
            Expected { challenge: &challenge, relying_party: &self.party, settings: &self.settings };
        let judged = RegistrationResponse::parse(&answer.to_string()).and_then(|it| it.verify(&expected));
        let case = self.case("register", &challenge, &answer);
        let stored = judged.as_ref().ok().map(|it| it.clone().into_authenticator("ada".into()));
        let ours = judged.map(|it| {
            json!({
                "credentialID": URL_SAFE_NO_PAD.encode(it.credential_id.as_bytes()),
                "credentialPublicKey": URL_SAFE_NO_PAD.encode(&it.public_key),
                "counter": it.counter,
                "credentialDeviceType": it.device_type.as_str(),
                "credentialBackedUp": it.backed_up,
                "userVerified": it.user_verified,
            })
        });
        (case, stored, ours)
    }

    fn authenticate(&mut self, stored: &Authenticator) -> (Value, Result<Value, Problem>) {
        let challenge = Challenge::new(&OsRandom);
        let options = AuthenticationOptions::new(&self.settings, &self.party, &challenge).to_json();
        let answer = self.browser.authenticate(ORIGIN, &options);
        let expected =
            Expected { challenge: &challenge, relying_party: &self.party, settings: &self.settings };
        let judged =
            AuthenticationResponse::parse(&answer.to_string()).and_then(|it| it.verify(&expected, stored));
        let mut case = self.case("authenticate", &challenge, &answer);
        case["authenticator"] = json!({
            "id": URL_SAFE_NO_PAD.encode(stored.credential_id.as_bytes()),
            "publicKey": URL_SAFE_NO_PAD.encode(&stored.credential_public_key),
            "counter": stored.counter,
        });
        let ours = judged.map(|it| {
            json!({
                "counter": it.counter,
                "credentialDeviceType": it.device_type.as_str(),
                "credentialBackedUp": it.backed_up,
                "userVerified": it.user_verified,
            })
        });
        (case, ours)
    }

    fn case(&self, kind: &str, challenge: &Challenge, answer: &Value) -> Value {
        json!({
            "kind": kind, "response": answer, "challenge": challenge.as_str(), "origin": ORIGIN,
            "rpId": self.party.id(), "settings": {"requireUserVerification": true},
        })
    }
}

fn registrations(kind: KeyKind, defect: Option<Defect>) -> Case {
    let mut site = Site::new(VirtualAuthenticator::new(kind));
    if let Some(defect) = defect {
        site.browser.misbehave(defect);
    }
    let (theirs, _, ours) = site.register();
    Case { name: format!("register {kind:?} {defect:?}"), defect, theirs, ours }
}

fn authentications(kind: KeyKind, defect: Option<Defect>) -> Case {
    let mut site = Site::new(VirtualAuthenticator::new(kind));
    let (_, stored, _) = site.register();
    let mut stored = stored.expect("a credential");
    let (_, second) = site.authenticate(&stored);
    stored.counter =
        second.expect("a sign-in")["counter"].as_u64().and_then(|it| it.try_into().ok()).expect("a number");
    if let Some(defect) = defect {
        site.browser.misbehave(defect);
    }
    let (theirs, ours) = site.authenticate(&stored);
    Case { name: format!("authenticate {kind:?} {defect:?}"), defect, theirs, ours }
}

/// `differs` says of what is refused here whether the original accepts it.
fn judge(cases: &[Case], differs: fn(Defect) -> bool) {
    let asked: Vec<Value> = cases.iter().map(|case| case.theirs.clone()).collect();
    let Some(answers) = ask(&asked) else { return };
    for (case, answer) in cases.iter().zip(&answers) {
        let name = &case.name;
        match &case.ours {
            Ok(ours) => assert_eq!(&json!({"accepted": ours}), answer, "{name}"),
            Err(problem) if case.defect.is_some_and(differs) => {
                assert!(
                    answer.get("accepted").is_some(),
                    "{name}: refused by both, here as {problem:?}: {answer}"
                );
            }
            Err(problem) => {
                assert!(answer.get("refused").is_some(), "{name}: refused here alone, as {problem:?}");
            }
        }
    }
}

fn every(case: fn(KeyKind, Option<Defect>) -> Case) -> Vec<Case> {
    let defects = || [None].into_iter().chain(Defect::ALL.map(Some));
    KeyKind::ALL.into_iter().flat_map(|kind| defects().map(move |defect| case(kind, defect))).collect()
}

#[test]
fn registrations_are_judged_alike_but_for_what_the_original_does_not_look_at() {
    judge(&every(registrations), |defect| {
        matches!(
            defect,
            Defect::Huge
                | Defect::OtherId
                | Defect::CrossOrigin
                | Defect::CrossOriginText
                | Defect::TopOrigin
                // Its reader of CBOR takes fewer bytes for as many as were announced.
                | Defect::DataShort
                | Defect::AttestationTrailing
                | Defect::LongId
                // A key is looked at when it is first used.
                | Defect::OffCurve
                | Defect::OtherKeyType
                | Defect::ShortModulus
                | Defect::LongModulus
                | Defect::EvenModulus
                | Defect::ExponentOne
        )
    });
}

#[test]
fn sign_ins_are_judged_alike_but_for_what_the_original_does_not_look_at() {
    judge(&every(authentications), |defect| {
        matches!(
            defect,
            Defect::Huge
                // Auth.js has looked the authenticator up by the `id` of the answer, and the signature does not cover it.
                | Defect::OtherId
                | Defect::CrossOrigin
                | Defect::CrossOriginText
                | Defect::TopOrigin
                | Defect::EligibilityChanged
        )
    });
}
