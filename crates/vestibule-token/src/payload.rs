//! Claims in and out of the encrypted part of a token, with the points in time that guard them.

use crate::claims::{Claim, Claims, json};
use crate::error::TokenError;

/// By how many seconds clocks may differ.
pub const TOLERANCE: i64 = 15;

/// Set anew in every token, in this order.
const OWN: [&str; 3] = ["iat", "exp", "jti"];

/// The JSON of `claims` with `iat`, `exp` and `jti` set.
pub(crate) fn write(claims: &Claims, now: i64, max_age: u64, random: &[u8; 16]) -> Vec<u8> {
    let expires = now.saturating_add_unsigned(max_age);
    let own = [Claim::from(now), Claim::from(expires), Claim::from(uuid(random))];
    let own_of = |name: &str| OWN.iter().position(|own| *own == name).map(|index| &own[index]);

    let in_place = claims.iter().map(|(name, claim)| (name, own_of(name).unwrap_or(claim)));
    let at_the_end = OWN.into_iter().zip(&own).filter(|(name, _)| claims.get(name).is_none());
    let mut json = Vec::with_capacity(512);
    json::write_members(in_place.chain(at_the_end), &mut json);
    json
}

/// Reads claims, and checks that they are of the present.
///
/// # Errors
///
/// [`TokenError::Malformed`] if it is no JSON object, or `iat`, `exp` or `nbf` is there and no number;
/// [`TokenError::NotYetValid`]; [`TokenError::Expired`].
pub(crate) fn read(payload: &[u8], now: i64) -> Result<Claims, TokenError> {
    let text = std::str::from_utf8(payload).map_err(|_| TokenError::Malformed)?;
    let claims = Claims::from_json(text)?;
    let time = |name: &str| match claims.get(name).map(Claim::as_number) {
        None => Ok(None),
        Some(None) => Err(TokenError::Malformed),
        Some(Some(number)) => Ok(Some(number.as_f64())),
    };
    #[expect(clippy::cast_precision_loss, reason = "a point in time of this era is exact")]
    let [earliest, latest] = [now.saturating_sub(TOLERANCE) as f64, now.saturating_add(TOLERANCE) as f64];
    let (_, not_before, expires) = (time("iat")?, time("nbf")?, time("exp")?);
    if not_before.is_some_and(|not_before| not_before > latest) {
        return Err(TokenError::NotYetValid);
    }
    if expires.is_some_and(|expires| expires <= earliest) {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

/// A UUID, version 4, as text.
fn uuid(random: &[u8; 16]) -> String {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    let mut bytes = *random;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 0xf)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_that_it_is_random() {
        assert_eq!(uuid(&[0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(&[0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
