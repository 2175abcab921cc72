//! A table of token responses, judged here, by the library of the originals, and by the crate `openidconnect`.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use vestibule_core::{Clock as _, OsRandom};
use vestibule_http::HyperClient;
use vestibule_oauth::{
    AuthorizationRequest, CallbackParams, Expected, Kind, OAuthError, Provider, RelyingParty, pkce,
};
use vestibule_testkit::{FakeProvider, Page, Signing, TestClock};

use crate::node::{REDIRECT_URI, is_installed, judge};
use crate::oracle;

type Claims = fn(&mut Map<String, Value>, now: i64);

/// What is done to a token response, and who accepts it: both, neither, or one of the two on purpose.
struct Case {
    name: &'static str,
    claims: Claims,
    header: Claims,
    signing: Signing,
    answer: fn(&mut Value),
    ours: bool,
    theirs: bool,
    /// Whether the ID token, or what stands in its place, is what is odd.
    in_token: bool,
}

fn case(name: &'static str, accepted: bool) -> Case {
    Case {
        name,
        claims: |_, _| {},
        header: |_, _| {},
        signing: Signing::Proper,
        answer: |_| {},
        ours: accepted,
        theirs: accepted,
        in_token: true,
    }
}

fn claims(name: &'static str, accepted: bool, claims: Claims) -> Case {
    Case { claims, ..case(name, accepted) }
}

fn header(name: &'static str, accepted: bool, header: Claims) -> Case {
    Case { header, ..case(name, accepted) }
}

fn signing(name: &'static str, signing: Signing) -> Case {
    Case { signing, ..case(name, false) }
}

fn answer(name: &'static str, accepted: bool, answer: fn(&mut Value)) -> Case {
    Case { answer, in_token: false, ..case(name, accepted) }
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

fn table() -> Vec<Case> {
    vec![
        case("as it should be", true),
        signing("nobody signed", Signing::None),
        signing("a stranger signed", Signing::Stranger),
        signing("a bit is turned", Signing::Broken),
        signing("HMAC under the public key", Signing::HmacUnderPublicKey),
        signing("HMAC under the secret, not agreed", Signing::HmacUnderSecret),
        header("no kid", true, |header, _| drop(header.remove("kid"))),
        header("an unknown kid", false, |header, _| set(header, "kid", json!("x"))),
        header("crit", false, |header, _| set(header, "crit", json!(["exp"]))),
        header("alg of another kind of key", false, |header, _| set(header, "alg", json!("RS256"))),
        header("alg that is not listed", false, |header, _| set(header, "alg", json!("ES512"))),
        header("no typ", true, |header, _| drop(header.remove("typ"))),
        claims("iss missing", false, |claims, _| drop(claims.remove("iss"))),
        claims("sub missing", false, |claims, _| drop(claims.remove("sub"))),
        claims("aud missing", false, |claims, _| drop(claims.remove("aud"))),
        claims("exp missing", false, |claims, _| drop(claims.remove("exp"))),
        claims("iat missing", false, |claims, _| drop(claims.remove("iat"))),
        claims("nonce missing", false, |claims, _| drop(claims.remove("nonce"))),
        claims("another iss", false, |claims, _| set(claims, "iss", json!("https://evil.example"))),
        claims("iss of the wrong kind", false, |claims, _| set(claims, "iss", json!(1))),
        claims("sub of the wrong kind", false, |claims, _| set(claims, "sub", json!(1))),
        claims("another aud", false, |claims, _| set(claims, "aud", json!("another"))),
        claims("aud in a list", true, |claims, _| set(claims, "aud", json!(["the-client"]))),
        claims("aud in a list of others", false, |claims, _| set(claims, "aud", json!(["a", "b"]))),
        claims("aud of the wrong kind", false, |claims, _| set(claims, "aud", json!({}))),
        claims("aud of several without azp", false, |claims, _| {
            set(claims, "aud", json!(["the-client", "another"]));
        }),
        claims("aud of several with azp", true, |claims, _| {
            set(claims, "aud", json!(["the-client", "another"]));
            set(claims, "azp", json!("the-client"));
        }),
        claims("aud of several with another azp", false, |claims, _| {
            set(claims, "aud", json!(["the-client", "another"]));
            set(claims, "azp", json!("another"));
        }),
        claims("expired within the tolerance", true, |claims, now| set(claims, "exp", json!(now - 20))),
        claims("expired", false, |claims, now| set(claims, "exp", json!(now - 40))),
        claims("exp as text", false, |claims, now| set(claims, "exp", json!(now.to_string()))),
        claims("nbf within the tolerance", true, |claims, now| set(claims, "nbf", json!(now + 20))),
        claims("nbf to come", false, |claims, now| set(claims, "nbf", json!(now + 40))),
        claims("nbf of the wrong kind", false, |claims, _| set(claims, "nbf", json!("x"))),
        claims("iat as text", false, |claims, _| set(claims, "iat", json!("x"))),
        claims("another nonce", false, |claims, _| set(claims, "nonce", json!("another"))),
        claims("nonce of the wrong kind", false, |claims, _| set(claims, "nonce", json!(1))),
        // The library does not look at these three.
        Case { theirs: true, ..claims("sub empty", false, |claims, _| set(claims, "sub", json!(""))) },
        Case {
            theirs: true,
            ..claims("iat to come", false, |claims, now| set(claims, "iat", json!(now + 40)))
        },
        Case {
            theirs: true,
            ..claims("at_hash of another token", false, |claims, _| set(claims, "at_hash", json!("AAAA")))
        },
        answer("no ID token", false, |answer| drop(answer.as_object_mut().map(|all| all.remove("id_token")))),
        answer("an ID token that is none", false, |answer| answer["id_token"] = json!("x")),
        answer("an ID token of five parts", false, |answer| answer["id_token"] = json!("a.b.c.d.e")),
        answer("another type of token", false, |answer| answer["token_type"] = json!("mac")),
        answer("no type of token", false, |answer| {
            drop(answer.as_object_mut().map(|all| all.remove("token_type")));
        }),
        answer("no access token", false, |answer| {
            drop(answer.as_object_mut().map(|all| all.remove("access_token")));
        }),
        answer("expires_in as text", true, |answer| answer["expires_in"] = json!("60")),
        answer("expires_in below zero", false, |answer| answer["expires_in"] = json!(-1)),
        answer("refresh_token of the wrong kind", false, |answer| answer["refresh_token"] = json!(1)),
        // Twitch and Mailchimp send such, and the originals have to mend their answers first.
        Case { ours: true, ..answer("scope in a list", false, |answer| answer["scope"] = json!(["openid"])) },
        Case { ours: true, ..answer("scope null", false, |answer| answer["scope"] = json!(null)) },
    ]
}

#[tokio::test]
async fn the_library_of_the_originals_accepts_the_same_save_where_it_is_meant() {
    if !is_installed() {
        return;
    }
    let (ours, cases) = all_judged().await;

    let theirs = judge(&json!(cases)).await;

    let mut differences = Vec::new();
    for ((case, ours), theirs) in table().iter().zip(ours).zip(theirs) {
        if (ours.is_ok(), theirs.is_none()) != (case.ours, case.theirs) {
            let ours = ours.err().map(|error| error.to_string());
            differences.push(format!("{}: ours {ours:?}, theirs {theirs:?}", case.name));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What the crate does otherwise: whether it accepts. It trusts no other audience, tolerates no difference of clocks, leaves
/// `nbf` and an empty `sub` alone, and looks at `iat` and `at_hash` when it is told to.
const OTHERWISE: [(&str, bool); 7] = [
    ("aud of several with azp", false),
    ("expired within the tolerance", false),
    ("nbf to come", true),
    ("nbf of the wrong kind", true),
    ("sub empty", true),
    ("iat to come", true),
    ("at_hash of another token", true),
];

#[tokio::test]
async fn the_crate_openidconnect_accepts_the_same_id_tokens_save_where_it_is_meant() {
    let (ours, cases) = all_judged().await;

    let mut differences = Vec::new();
    for ((case, ours), asked) in table().iter().zip(ours).zip(&cases).filter(|((case, _), _)| case.in_token) {
        let theirs = oracle::judge(asked);
        let otherwise = OTHERWISE.iter().find(|(name, _)| *name == case.name);
        if theirs.is_ok() != otherwise.map_or(case.ours, |&(_, accepted)| accepted) {
            let ours = ours.err().map(|error| error.to_string());
            differences.push(format!("{}: ours {ours:?}, theirs {theirs:?}", case.name));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What we say of each case, and what there was to be judged.
async fn all_judged() -> (Vec<Result<(), OAuthError>>, Vec<Value>) {
    let clock = TestClock::default();
    let fake = FakeProvider::start(&clock).await;
    let now = clock.now().as_secs();
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let (mut ours, mut cases) = (Vec::new(), Vec::new());
    for case in table() {
        fake.heal();
        fake.alter_claims(move |claims| (case.claims)(claims, now));
        fake.alter_header(move |header| (case.header)(header, now));
        fake.sign(case.signing);
        let seen_here = Arc::clone(&seen);
        fake.alter(Page::Token, move |answer| {
            (case.answer)(answer);
            seen_here.lock().expect("no panic").push(answer.clone());
        });

        ours.push(sign_in(&fake, &clock).await);

        let answer = seen.lock().expect("no panic").pop().expect("the code was exchanged");
        cases.push(json!({
            "as": fake.document(Page::Discovery), "jwks": fake.document(Page::Keys), "client_id": "the-client",
            "alg": null, "nonce": "the nonce", "now": now, "answer": answer,
        }));
    }
    (ours, cases)
}

async fn sign_in(fake: &FakeProvider, clock: &TestClock) -> Result<(), OAuthError> {
    let party = RelyingParty::new(Arc::new(HyperClient::new()), Arc::new(clock.clone()));
    let provider = Provider::new("fake", "Fake", Kind::Oidc)
        .with_issuer(fake.issuer())
        .with_client_id(FakeProvider::CLIENT_ID)
        .with_client_secret(FakeProvider::CLIENT_SECRET);
    let verifier = pkce::verifier(&OsRandom);
    let challenge = pkce::challenge(&verifier);
    let request = AuthorizationRequest {
        redirect_uri: REDIRECT_URI,
        state: Some("the state"),
        nonce: Some("the nonce"),
        code_challenge: Some(&challenge),
        params: &[],
    };
    let returned = fake.visit(&party.authorization_url(&provider, &request).await?);
    let expected = Expected {
        state: Some("the state"),
        nonce: Some("the nonce"),
        code_verifier: Some(&verifier),
        redirect_uri: REDIRECT_URI,
    };
    let callback = CallbackParams::from_query(&returned.params)?;
    party.identify(&provider, &callback, &expected).await.map(drop)
}
