//! Tokens that are about nobody.

use vestibule_token::{Claims, SessionKeys, TokenError, Verifier, cookie};

const SECRET: [&str; 1] = ["a secret of 32 or more random characters"];

#[test]
fn what_nextauth_v4_seals_beside_sessions_is_no_session() {
    let verifier = Verifier::new(&SECRET).with_nextauth_v4(&SECRET);
    let claims = Claims::from([("state", "x")]);
    let token = SessionKeys::nextauth_v4(&SECRET, "").seal(&claims, 0, 600, &[7; 32]);
    let cookies = format!("{}={token}", cookie::NEXTAUTH);

    assert_eq!(verifier.verify([cookies.as_str()], None, 0), Err(TokenError::Malformed));
}
