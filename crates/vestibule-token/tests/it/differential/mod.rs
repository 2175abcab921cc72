//! The real `@auth/core` and `next-auth` beside ours: each opens what the other sealed.

mod original;

use original::{Original, Version, is_installed};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use vestibule_token::{Claim, Claims, SessionKeys, Verifier, cookie};

use crate::support::{COOKIE, NOW, SECRET, entropy};

/// How many sets of claims.
const SETS: usize = 200;

/// A name that JavaScript does not move to the front, and that no check looks at.
fn any_name() -> impl Strategy<Value = String> {
    let is_index = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    "[a-z_]{1,8}|\\PC{0,6}|[\\x00-\\x7f]{1,4}".prop_filter("moved, or checked", move |name: &String| {
        !is_index(name) && !matches!(name.as_str(), "iat" | "exp" | "nbf" | "jti" | "__proto__")
    })
}

/// What JavaScript reads and writes as it was.
fn any_claim() -> impl Strategy<Value = Claim> {
    let leaf = prop_oneof![
        Just(Claim::Null),
        any::<bool>().prop_map(Claim::from),
        (-(1_i64 << 53)..1_i64 << 53).prop_map(Claim::from),
        any::<f64>().prop_map(Claim::from),
        (-1e6..1e6_f64).prop_map(Claim::from),
        (any::<i64>(), -30_i32..30).prop_map(|(digits, power)| {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            Claim::from(digits as f64 * 10_f64.powi(power))
        }),
        any::<String>().prop_map(Claim::from),
        "[\\x00-\\x7f\u{2028}\u{2029}é🚀]{0,12}".prop_map(Claim::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Claim::Array),
            prop::collection::vec((any_name(), inner), 0..4)
                .prop_map(|members| Claim::Object(members.into_iter().collect())),
        ]
    })
}

/// Everything that one comparison needs.
#[derive(Debug)]
struct Case {
    claims: Claims,
    secrets: Vec<String>,
    salt: String,
    now: i64,
    max_age: u64,
    iv: [u8; 16],
    jti: String,
}

impl Case {
    fn keys(&self) -> SessionKeys {
        SessionKeys::new(&self.secrets, &self.salt)
    }

    fn entropy(&self) -> [u8; 32] {
        entropy(&self.iv, &self.jti)
    }
}

fn any_case() -> impl Strategy<Value = Case> {
    let claims = prop::collection::vec((any_name(), any_claim()), 0..10);
    let own = prop::collection::vec((prop_oneof!["iat", "exp", "jti"], any_claim()), 0..2);
    (
        (claims, own, any::<bool>()),
        prop::collection::vec("\\PC{1,40}", 1..4),
        prop_oneof!["(__Secure-)?authjs.session-token", "\\PC{1,20}"],
        // The originals count with 32 bits: what they seal after January 2038 has expired long ago.
        1_000_000_000_i64..2_147_483_648,
        20_u64..4_000_000,
        any::<[u8; 16]>(),
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    )
        .prop_map(|((claims, own, own_first), secrets, salt, now, max_age, iv, jti)| {
            let (first, second) = if own_first { (own, claims) } else { (claims, own) };
            let claims = first.into_iter().chain(second).collect();
            Case { claims, secrets, salt, now, max_age, iv, jti }
        })
}

/// The same cases in every run.
fn cases() -> impl Iterator<Item = Case> {
    let mut runner = TestRunner::deterministic();
    let cases = any_case();
    (0..SETS).map(move |_| cases.new_tree(&mut runner).unwrap().current())
}

#[test]
fn with_the_same_random_values_both_make_the_same_token() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    for case in cases() {
        let params = json!({
            "claims": case.claims.to_json(), "secret": case.secrets, "salt": case.salt, "maxAge": case.max_age,
        });

        let theirs = original.seal_with(case.now, &params, &case.iv, &case.jti);
        let ours = case.keys().seal(&case.claims, case.now, case.max_age, &case.entropy());

        assert_eq!(Ok(Some(ours)), theirs, "{case:?} {}", case.claims.to_json());
    }
}

#[test]
fn the_original_opens_what_ours_sealed() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    for case in cases() {
        let token = case.keys().seal(&case.claims, case.now, case.max_age, &case.entropy());
        let params = json!({"token": token, "secret": case.secrets, "salt": case.salt});

        let theirs = original.call(Version::Five, "decode", case.now, &params);

        let ours = case.keys().open(&token, case.now).unwrap();
        assert_eq!(theirs, Ok(Some(ours.to_json())), "{case:?}");
    }
}

#[test]
fn ours_opens_what_the_original_sealed() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    for case in cases() {
        let params = json!({
            "claims": case.claims.to_json(), "secret": case.secrets, "salt": case.salt, "maxAge": case.max_age,
        });
        let token = original.call(Version::Five, "encode", case.now, &params).unwrap().unwrap();
        let params = json!({"token": token, "secret": case.secrets, "salt": case.salt});
        let theirs = original.call(Version::Five, "decode", case.now, &params);

        let ours = case.keys().open(&token, case.now).unwrap();

        assert_eq!(theirs, Ok(Some(ours.to_json())), "{case:?}");
    }
}

#[test]
fn version_four_and_ours_open_each_others_tokens() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    for case in cases() {
        let (secret, salt) = (&case.secrets[0], if case.now % 2 == 0 { "" } else { &case.salt });
        let keys = SessionKeys::nextauth_v4(&[secret], salt);
        let params = json!({
            "claims": case.claims.to_json(), "secret": secret, "salt": salt, "maxAge": case.max_age,
        });
        let theirs = original.call(Version::Four, "encode", case.now, &params).unwrap().unwrap();
        let ours = keys.seal(&case.claims, case.now, case.max_age, &case.entropy());
        for token in [theirs, ours] {
            let params = json!({"token": token, "secret": secret, "salt": salt});
            let theirs = original.call(Version::Four, "decode", case.now, &params);

            let ours = keys.open(&token, case.now).unwrap();

            assert_eq!(theirs, Ok(Some(ours.to_json())), "{case:?}");
        }
    }
}

#[test]
fn both_refuse_the_same_tokens() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    for (index, case) in cases().enumerate() {
        let token = case.keys().seal(&case.claims, case.now, case.max_age, &case.entropy());
        let expires = case.now.checked_add_unsigned(case.max_age).unwrap();
        let others: Vec<_> = case.secrets.iter().skip(1).cloned().chain(["other".to_owned()]).collect();
        let rotated: Vec<_> = others.iter().cloned().chain([case.secrets[0].clone()]).collect();
        // In the middle, so that it is not one of the bits at the end of a segment that only ours looks at.
        let place = token.len() / 2 + index % 20;
        let mut changed = token.clone();
        let other = if &token[place..=place] == "A" { "B" } else { "A" };
        changed.replace_range(place..=place, other);
        let late = i64::try_from(index % 40).unwrap() - 5;
        for (token, secrets, now) in [
            (&token, &case.secrets, expires + late),
            (&token, &others, case.now),
            (&token, &rotated, case.now),
            (&changed, &case.secrets, case.now),
        ] {
            let params = json!({"token": token, "secret": secrets, "salt": case.salt});
            let theirs = original.call(Version::Five, "decode", now, &params);

            let ours = SessionKeys::new(secrets, &case.salt).open(token, now);

            assert_eq!(ours.is_ok(), theirs.is_ok(), "{ours:?} {theirs:?} {case:?}");
        }
    }
}

#[test]
fn both_find_the_token_in_a_request() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    let verifier = Verifier::for_cookie(&[SECRET], COOKIE);
    for length in [10, 2000, 2600, 2700, 5000, 8500] {
        let claims = Claims::from([("sub", "x".repeat(length))]);
        let token = SessionKeys::new(&[SECRET], COOKIE).seal(&claims, NOW, 60, &[8; 32]);
        let mut cut: Vec<_> =
            cookie::chunks(COOKIE, &token).map(|(name, value)| format!("{name}={value}")).collect();
        cut.push("theme=dark".into());
        cut.reverse();
        let bearer = format!("Bearer {}", token.replace('.', "%2E"));
        for (cookies, authorization) in
            [(Some(cut.join("; ")), None), (None, Some(bearer)), (None, None), (None, Some("Basic x".into()))]
        {
            let params = json!({
                "cookies": cookies, "authorization": authorization,
                "secret": SECRET, "salt": COOKIE, "cookieName": COOKIE,
            });
            let theirs = original.call(Version::Five, "getToken", NOW, &params);

            let ours = verifier.verify(cookies.as_deref(), authorization.as_deref(), NOW).unwrap();

            assert_eq!(theirs, Ok(ours.map(|claims| claims.to_json())), "{length}");
        }
    }
}

#[test]
fn both_put_chunks_together_whichever_way_their_numbers_are_written() {
    if !is_installed() {
        return;
    }
    let mut original = Original::start();
    let verifier = Verifier::for_cookie(&[SECRET], COOKIE);
    let claims = Claims::from([("sub", "somebody")]);
    let token = SessionKeys::new(&[SECRET], COOKIE).seal(&claims, NOW, 60, &[8; 32]);
    let (first, rest) = token.split_at(40);
    let (second, third) = rest.split_at(50);
    for names in [
        ["0", "1", "2"],
        ["00", "01", "02"],
        ["0", "00", "1"],
        ["00", "0", "000"],
        ["1", "9", "10"],
        ["1", "09", "010"],
        ["2", "1", "0"],
        ["1", "0", "00"],
        ["7", "4294967296", "4294967297"],
    ] {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let parts = [first, second, third];
            let pairs = order.map(|at| format!("{COOKIE}.{}={}", names[at], parts[at]));
            let cookies = pairs.join("; ");
            let params = json!({
                "cookies": cookies, "authorization": null, "secret": SECRET, "salt": COOKIE, "cookieName": COOKIE,
            });
            let theirs = original.call(Version::Five, "getToken", NOW, &params).unwrap_or_default();

            let ours = verifier.verify([&*cookies], None, NOW).ok().flatten();

            assert_eq!(ours.map(|claims| claims.to_json()), theirs, "{cookies}");
        }
    }
}
