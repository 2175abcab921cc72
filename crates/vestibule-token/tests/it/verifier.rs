//! The verifier: which cookie counts, and what is said of one that does not.

use vestibule_token::{Claims, SessionKeys, TokenError, Verifier, cookie};

use crate::support::{NOW, SECRET};

fn sealed(cookie: &str, sub: &str) -> String {
    SessionKeys::new(&[SECRET], cookie).seal(&Claims::from([("sub", sub)]), NOW, 60, &[5; 32])
}

fn sealed_v4(sub: &str) -> String {
    SessionKeys::nextauth_v4(&[SECRET], "").seal(&Claims::from([("sub", sub)]), NOW, 60, &[5; 32])
}

fn sub(
    verifier: &Verifier,
    cookies: &str,
    authorization: Option<&str>,
) -> Result<Option<String>, TokenError> {
    let claims = verifier.verify([cookies], authorization, NOW)?;
    Ok(claims.map(|claims| claims.text("sub").unwrap().to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "as the verifier returns it")]
fn is(sub: &str) -> Result<Option<String>, TokenError> {
    Ok(Some(sub.to_owned()))
}

#[test]
fn either_cookie_of_version_five_is_read_the_one_with_the_prefix_first() {
    let verifier = Verifier::new(&["newer", SECRET]);
    let secure = format!("{}={}", cookie::AUTHJS_SECURE, sealed(cookie::AUTHJS_SECURE, "secure"));
    let plain = format!("{}={}", cookie::AUTHJS, sealed(cookie::AUTHJS, "plain"));

    assert_eq!(sub(&verifier, &secure, None), is("secure"));
    assert_eq!(sub(&verifier, &plain, None), is("plain"));
    assert_eq!(sub(&verifier, &format!("{plain}; x=y; {secure}"), None), is("secure"));
    assert_eq!(sub(&verifier, &format!("{}=broken; {plain}", cookie::AUTHJS_SECURE), None), is("plain"));
}

#[test]
fn nobody_is_signed_in_without_a_session() {
    let verifier = Verifier::new(&[SECRET]).with_nextauth_v4(&[SECRET]);

    assert_eq!(verifier.verify([], None, NOW), Ok(None));
    assert_eq!(sub(&verifier, "", Some("")), Ok(None));
    assert_eq!(sub(&verifier, "authjs.session-token=; theme=dark", Some("Basic x")), Ok(None));
    assert_eq!(sub(&verifier, "authjs.session-tokenx=y", Some("Bearer ")), Ok(None));
}

#[test]
fn a_token_for_one_cookie_does_not_count_in_another() {
    let verifier = Verifier::new(&[SECRET]);
    let moved = format!("{}={}", cookie::AUTHJS_SECURE, sealed(cookie::AUTHJS, "1"));

    assert_eq!(sub(&verifier, &moved, None), Err(TokenError::UnknownKey));
}

#[test]
fn a_cookie_of_another_name_is_read_alone() {
    let verifier = Verifier::for_cookie(&[SECRET], "mine");

    assert_eq!(sub(&verifier, &format!("mine={}", sealed("mine", "1")), None), is("1"));
    let other = format!("{}={}", cookie::AUTHJS, sealed(cookie::AUTHJS, "1"));
    assert_eq!(sub(&verifier, &other, None), Ok(None));
}

#[test]
fn sessions_of_version_four_are_read_if_asked_for() {
    let four = format!("{}={}", cookie::NEXTAUTH, sealed_v4("four"));
    let secure = format!("{}={}", cookie::NEXTAUTH_SECURE, sealed_v4("secure"));
    let five = format!("{}={}", cookie::AUTHJS, sealed(cookie::AUTHJS, "five"));
    let verifier = Verifier::new(&[SECRET]).with_nextauth_v4(&[SECRET]);

    assert_eq!(sub(&Verifier::new(&[SECRET]), &four, None), Ok(None));
    assert_eq!(sub(&verifier, &four, None), is("four"));
    assert_eq!(sub(&verifier, &format!("{four}; {secure}"), None), is("secure"));
    assert_eq!(sub(&verifier, &format!("{four}; {five}"), None), is("five"));
}

#[test]
fn a_cookie_of_another_name_may_hold_either_version() {
    let verifier = Verifier::for_cookie(&["newer"], "mine").with_nextauth_v4(&[SECRET]);

    assert_eq!(sub(&verifier, &format!("mine={}", sealed_v4("four")), None), is("four"));
    let five = SessionKeys::new(&["newer"], "mine").seal(&Claims::from([("sub", "five")]), NOW, 60, &[5; 32]);
    assert_eq!(sub(&verifier, &format!("mine={five}"), None), is("five"));
}

#[test]
fn chunks_are_put_together_across_headers() {
    let long = "x".repeat(9000);
    let token =
        SessionKeys::new(&[SECRET], cookie::AUTHJS).seal(&Claims::from([("sub", &*long)]), NOW, 60, &[5; 32]);
    let cookies: Vec<String> =
        cookie::chunks(cookie::AUTHJS, &token).map(|(name, value)| format!("a=b; {name}={value}")).collect();
    assert!(cookies.len() > 2);

    let verifier = Verifier::new(&[SECRET]);
    let claims = verifier.verify(cookies.iter().rev().map(String::as_str), None, NOW).unwrap().unwrap();
    assert_eq!(claims.text("sub"), Some(&*long));
    assert_eq!(claims.expires(), Some(NOW + 60));

    let incomplete = verifier.verify(cookies[1..].iter().map(String::as_str), None, NOW);
    assert!(incomplete.is_err());
}

#[test]
fn a_bearer_token_counts_without_a_cookie() {
    let verifier = Verifier::new(&[SECRET]).with_nextauth_v4(&[SECRET]);
    let plain = sealed(cookie::AUTHJS, "bearer");
    let encoded = plain.replace('.', "%2E");
    let cookies = format!("{}={}", cookie::AUTHJS, sealed(cookie::AUTHJS, "cookie"));

    for token in [&plain, &encoded, &sealed(cookie::AUTHJS_SECURE, "bearer"), &sealed_v4("bearer")] {
        assert_eq!(sub(&verifier, "", Some(&format!("Bearer {token}"))), is("bearer"));
    }
    assert_eq!(sub(&verifier, &cookies, Some(&format!("Bearer {plain}"))), is("cookie"));
    let broken = format!("{}=broken", cookie::AUTHJS);
    assert_eq!(sub(&verifier, &broken, Some(&format!("Bearer {plain}"))), Err(TokenError::Malformed));
    assert_eq!(sub(&verifier, "", Some("Bearer broken")), Err(TokenError::Malformed));
}

#[test]
fn the_reason_is_the_one_about_the_token() {
    let verifier = Verifier::new(&[SECRET]).with_nextauth_v4(&[SECRET]);
    let late = NOW + 3600;
    let plain = sealed(cookie::AUTHJS, "1");

    let bearer = verifier.verify([], Some(&format!("Bearer {plain}")), late);
    assert_eq!(bearer, Err(TokenError::Expired));
    let both = format!("{}={}; {}={plain}", cookie::AUTHJS_SECURE, plain, cookie::AUTHJS);
    assert_eq!(verifier.verify([both.as_str()], None, late), Err(TokenError::Expired));
    let four = format!("Bearer {}", sealed_v4("1"));
    assert_eq!(verifier.verify([], Some(&four), NOW).map(|claims| claims.is_some()), Ok(true));
}

#[test]
fn debug_shows_the_names_of_the_cookies_alone() {
    let verifier = Verifier::for_cookie(&[SECRET], "mine").with_nextauth_v4(&[SECRET]);

    assert_eq!(format!("{verifier:?}"), r#"{"mine", "mine"}"#);
}
