//! The program, run.

#[path = "../../running.rs"]
mod running;

use std::time::{SystemTime, UNIX_EPOCH};

use running::{Browser, Program, free_port};
use vestibule::token::{Claims, SessionKeys};

const COOKIE: &str = "authjs.session-token";
const SECRET: &str = "a secret of 32 or more random characters";

/// A session's token as the application makes it.
fn token(secret: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let claims = Claims::from_json(r#"{"sub":"1","name":"Ada"}"#).unwrap();
    SessionKeys::new(&[secret], COOKIE).seal(&claims, now, 600, &[7; 32])
}

#[test]
fn whoever_has_a_session_is_known_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port().to_string();
    let variables = [("PORT", &*port), ("AUTH_SECRET", SECRET)];
    let program = Program::start(env!("CARGO_BIN_EXE_verify_only"), folder.path(), &variables);
    let me = program.line("Try ").replace(" with a session cookie", "");
    let mut browser = Browser::default();

    assert_eq!(browser.get(&me).status, 401);
    browser.cookies.insert(COOKIE.into(), token("another secret of 32 random characters"));
    assert_eq!(browser.get(&me).status, 401);
    browser.cookies.insert(COOKIE.into(), token(SECRET));
    let answer = browser.get(&me);

    assert_eq!((answer.status, &*answer.body), (200, "Hello, Ada"));
}
