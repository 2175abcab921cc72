//! Cookies, bearer tokens and origins beside the answers of the original, recorded in `fixtures/lucia/http.json`.

use std::time::Duration;

use serde_json::Value;
use vestibule_core::SecretToken;
use vestibule_lucia::{CookieLifetime, SameSite, SessionCookie, read_bearer_token, verify_request_origin};

use crate::support::Setting;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../fixtures/lucia/http.json")).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Lucia's `sessionCookie` as ours.
pub(crate) fn settings(of: &Value) -> SessionCookie {
    let mut cookie = SessionCookie::default();
    if let Some(name) = of["name"].as_str() {
        cookie = cookie.with_name(name).unwrap();
    }
    if of["expires"] == false {
        cookie = cookie.with_lifetime(CookieLifetime::Long);
    }
    let attributes = &of["attributes"];
    if attributes["secure"] == false {
        cookie = cookie.without_secure();
    }
    if let Some(domain) = attributes["domain"].as_str() {
        cookie = cookie.with_domain(domain).unwrap();
    }
    if let Some(path) = attributes["path"].as_str() {
        cookie = cookie.with_path(path).unwrap();
    }
    cookie.with_same_site(match attributes["sameSite"].as_str() {
        Some("strict") => SameSite::Strict,
        Some("none") => SameSite::None,
        _ => SameSite::Lax,
    })
}

#[tokio::test]
async fn cookies_are_written_byte_for_byte() {
    let lucia = Setting::new().await.lucia;
    let vectors = vectors();
    let written = vectors["written"].as_array().unwrap();
    assert_eq!(written.len(), 96);

    for entry in written {
        let lucia = lucia
            .clone()
            .with_session_cookie(settings(&entry["sessionCookie"]))
            .with_session_expires_in(Duration::from_secs(entry["seconds"].as_u64().unwrap()));
        let cookie = match entry["id"].as_str() {
            Some(id) => lucia.create_session_cookie(&SecretToken::from(id)),
            None => lucia.create_blank_session_cookie(),
        };

        assert_eq!(cookie.to_header(), entry["header"].as_str().unwrap(), "{entry}");
    }
}

#[test]
fn origins_are_judged_alike() {
    let vectors = vectors();
    let origins = &vectors["origins"];
    let accepted = origins["accepted"].as_array().unwrap();
    let mut count = 0;

    for origin in texts(&origins["requests"]) {
        for allowed in origins["allowed"].as_array().unwrap() {
            let expected =
                accepted.iter().any(|entry| entry["origin"] == origin && entry["allowed"] == *allowed);
            count += usize::from(expected);
            assert_eq!(verify_request_origin(Some(origin), texts(allowed)), expected, "{origin:?} {allowed}");
        }
    }
    assert_eq!(count, accepted.len());
    assert!(count > 100);
}

/// What the original answers; what it throws at is told apart.
fn original(entry: &Value) -> Result<Option<&str>, ()> {
    if entry["throws"] == true { Err(()) } else { Ok(entry["value"].as_str()) }
}

#[test]
fn cookies_are_read_alike() {
    // On purpose: an empty value is no session, nothing is thrown, and `;` alone separates.
    let different = [
        ("auth_session=", None),
        ("auth_session", None),
        ("auth_session=%zz", Some("%zz")),
        ("x=%; auth_session=abc", Some("abc")),
        ("auth_session=abc;x=1", Some("abc")),
        ("x=1;auth_session=abc", Some("abc")),
        ("x=1;  auth_session=abc", Some("abc")),
    ];
    compare(&vectors()["read"], &different, |header| SessionCookie::default().read(header));
}

#[test]
fn bearer_tokens_are_read_alike() {
    // On purpose: an empty token is none, and the scheme counts in any case, with any number of spaces.
    let different = [
        ("Bearer ", None),
        ("Bearer  abc", Some("abc")),
        ("bearer abc", Some("abc")),
        ("BEARER abc", Some("abc")),
    ];
    compare(&vectors()["bearer"], &different, read_bearer_token);
}

fn compare(vectors: &Value, different: &[(&str, Option<&str>)], read: impl Fn(&str) -> Option<SecretToken>) {
    let mut differences = 0;
    for entry in vectors.as_array().unwrap() {
        let header = entry["header"].as_str().unwrap();
        let ours = read(header);
        let ours = ours.as_ref().map(SecretToken::expose);
        if let Some((_, on_purpose)) = different.iter().find(|(other, _)| *other == header) {
            assert_eq!(ours, *on_purpose, "{header:?}");
            assert_ne!(Ok(ours), original(entry), "{header:?} is no difference any more");
            differences += 1;
        } else {
            assert_eq!(Ok(ours), original(entry), "{header:?}");
        }
    }
    assert_eq!(differences, different.len());
}
