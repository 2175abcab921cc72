//! Sealed tokens are opened: anything, any header before the rest of a real token, and a real token that was changed.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_token::{Claims, SessionKeys, TokenError};

const NOW: i64 = 1_700_000_000;

struct Keys {
    keys: SessionKeys,
    token: String,
}

static BOTH: LazyLock<[Keys; 2]> = LazyLock::new(|| {
    let secrets = ["newer", "older"];
    [SessionKeys::new(&secrets, "cookie"), SessionKeys::nextauth_v4(&secrets, "")].map(|keys| {
        let token = keys.seal(&Claims::from([("sub", "1")]), NOW, 60, &[7; 32]);
        Keys { keys, token }
    })
});

pub(crate) fn run(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    for Keys { keys, token } in &*BOTH {
        match kind % 4 {
            0 => is_refused(keys, &String::from_utf8_lossy(data), token),
            1 => {
                let (_, rest) = token.split_once('.').expect("a token has dots");
                is_refused(keys, &format!("{}.{rest}", URL_SAFE_NO_PAD.encode(data)), token);
            }
            2 => is_refused(keys, &changed(token, data), token),
            _ => seals(keys, data),
        }
    }
}

/// Nobody makes a token without the secret.
fn is_refused(keys: &SessionKeys, text: &str, token: &str) {
    let opened = keys.open(text, NOW);
    assert!(opened.is_err() || text == token, "a forgery is opened");
    assert!(!matches!(opened, Err(TokenError::Expired | TokenError::NotYetValid)), "a forgery is read");
}

/// `token` with bytes replaced, put in or taken out: three bytes of `data` at a time say where, what and how.
fn changed(token: &str, data: &[u8]) -> String {
    let mut bytes = token.as_bytes().to_vec();
    for edit in data.chunks_exact(3) {
        let place = (usize::from(edit[0]) * 256 + usize::from(edit[1] & 0x7f)) % (bytes.len() + 1);
        match edit[1] >> 7 {
            0 if place < bytes.len() => bytes[place] = edit[2],
            _ if edit[2] == 0 => bytes.truncate(place),
            _ => bytes.insert(place, edit[2]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is sealed is opened, at any time within its life, and by nobody else.
fn seals(keys: &SessionKeys, data: &[u8]) {
    let Ok(claims) = Claims::from_json(&String::from_utf8_lossy(data)) else { return };
    let token = keys.seal(&claims, NOW, 60, &[9; 32]);
    match keys.open(&token, NOW + 74) {
        Ok(opened) => assert!(claims.iter().all(|(name, claim)| {
            matches!(name, "iat" | "exp" | "jti") || opened.get(name) == Some(claim)
        })),
        // As it was given.
        Err(TokenError::NotYetValid) => assert!(claims.get("nbf").is_some()),
        Err(TokenError::Malformed) => {
            assert!(token.len() > vestibule_token::MAX_TOKEN || claims.get("nbf").is_some());
        }
        Err(error) => panic!("what was sealed is refused: {error}"),
    }
    assert!(SessionKeys::new(&["other"], "cookie").open(&token, NOW).is_err());
}
