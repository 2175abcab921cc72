//! Claims are read from JSON and written again.

use serde_json::Value;
use vestibule_token::{Claim, Claims};

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Claims::from_json(text);
    let value: Option<Value> = serde_json::from_str(text).ok();
    if value.as_ref().is_some_and(Value::is_object) {
        assert!(read.is_ok(), "an object is refused");
    }
    let Ok(claims) = read else { return };

    // The order of members and the numbers are as they are written.
    let written = claims.to_json();
    assert_eq!(Claims::from_json(&written).as_ref(), Ok(&claims));
    assert_eq!(Claims::from_json(&written).map(|again| again.to_json()).as_ref(), Ok(&written));

    // Nothing is lost and nothing made up.
    if let Some(Value::Object(members)) = value {
        assert_eq!(members.len(), claims.len());
        for (name, member) in &members {
            let claim = claims.get(name).expect("every member is there");
            assert!(is_same(claim, member), "{name:?} is another");
        }
    }
    let by_value = Claims::try_from(Value::from(claims.clone())).expect("an object");
    assert_eq!(by_value.len(), claims.len());
}

fn is_same(claim: &Claim, value: &Value) -> bool {
    match (claim, value) {
        (Claim::Null, Value::Null) => true,
        (Claim::Bool(claim), Value::Bool(value)) => claim == value,
        (Claim::Number(claim), Value::Number(value)) => value.as_f64() == Some(claim.as_f64()),
        (Claim::String(claim), Value::String(value)) => claim == value,
        (Claim::Array(claims), Value::Array(values)) => {
            claims.len() == values.len()
                && claims.iter().zip(values).all(|(claim, value)| is_same(claim, value))
        }
        (Claim::Object(claims), Value::Object(values)) => {
            claims.len() == values.len()
                && claims
                    .iter()
                    .all(|(name, claim)| values.get(name).is_some_and(|value| is_same(claim, value)))
        }
        _ => false,
    }
}
