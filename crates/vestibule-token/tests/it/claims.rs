//! Claims as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vestibule_token::{Claim, Claims, TokenError};

use crate::support::claims;

#[test]
fn members_stay_in_order_at_every_level() {
    for json in [
        r#"{"z":1,"a":{"y":[{"q":1,"b":2}],"c":3},"10":4,"2":5,"":6}"#,
        r#"{"s":"Zoë 東京 🚀 \"\\ \b\t\n\f\r\u0000\u001f / \u007f"}"#,
        "{\"s\":\"\u{2028}\u{2029}\u{7f}\"}",
        r#"{"n":[0,-1,1.5,0.1,1e+21,1e-7,9007199254740993,18446744073709551615,-9223372036854775808]}"#,
        r#"{"n":null,"t":true,"f":false,"a":[],"o":{},"__proto__":1}"#,
        "{}",
    ] {
        assert_eq!(claims(json).to_json(), json.replace("\\u007f", "\u{7f}"));
    }
}

#[test]
fn numbers_are_written_as_javascript_would() {
    let given =
        r#"{"n":[1.0,-0,-0.0,1E2,1e21,0.000001,0.0000001,100000000000000000000,1.7976931348623157e308]}"#;

    let written = claims(given).to_json();

    let expected = "1,0,0,100,1e+21,0.000001,1e-7,100000000000000000000,1.7976931348623157e+308";
    assert_eq!(written, format!(r#"{{"n":[{expected}]}}"#));
}

#[test]
fn of_members_with_one_name_the_last_counts_in_the_place_of_the_first() {
    assert_eq!(claims(r#"{"a":1,"b":2,"a":3}"#).to_json(), r#"{"a":3,"b":2}"#);
    let many: Vec<String> = (0..100).map(|index| format!(r#""{}":{index}"#, index % 40)).collect();
    let expected: Vec<String> = (0..40)
        .map(|name| format!(r#""{name}":{}"#, if name < 20 { name + 80 } else { name + 40 }))
        .collect();
    assert_eq!(claims(&format!("{{{}}}", many.join(","))).to_json(), format!("{{{}}}", expected.join(",")));
}

#[test]
fn a_hundred_thousand_members_take_no_time() {
    let members: Vec<String> = (0..100_000).map(|index| format!(r#""{index}":0"#)).collect();

    assert_eq!(claims(&format!("{{{}}}", members.join(","))).len(), 100_000);
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    for (json, text) in [
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""a\uD83Db""#, "a\u{fffd}b"),
        (r#""\ude80\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\ud83d\ude80""#, "\u{fffd}🚀"),
        (r#""\ud83d\u0041\n""#, "\u{fffd}A\n"),
        (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
        (r#""\\\ud83d\"é""#, "\\\u{fffd}\"é"),
    ] {
        let read = claims(&format!(r#"{{"name":{json},"a":1}}"#));

        assert_eq!(read.text("name"), Some(text), "{json}");
        assert_eq!(read.get("a").and_then(Claim::as_i64), Some(1), "{json}");
    }
    for json in [
        r#"{"a":"\ud83d"#,
        r#"{"a":"\ud83d\"#,
        r#"{"a":"\ud8"}"#,
        r#"{"a":"\ud83d\é"}"#,
        r#"{"a":"\ud83d",}"#,
    ] {
        assert_eq!(Claims::from_json(json), Err(TokenError::Malformed), "{json}");
    }
}

#[test]
fn claims_are_set_in_their_places_and_taken_out() {
    let mut claims = claims(r#"{"a":1,"b":2,"c":3}"#);

    assert_eq!(claims.insert("b", "x"), Some(Claim::from(2)));
    assert_eq!(claims.insert("d", None::<&str>), None);
    assert_eq!(claims.remove("a"), Some(Claim::from(1)));
    assert_eq!(claims.remove("a"), None);
    *claims.get_mut("c").unwrap() = vec![1.5, f64::NAN].into();

    assert_eq!(claims.to_json(), r#"{"b":"x","c":[1.5,null],"d":null}"#);
    assert_eq!(claims.len(), 3);
    assert!(!claims.is_empty());
    assert_eq!(claims.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "c", "d"]);
}

#[test]
fn claims_go_to_and_from_json_values() {
    let value = json!({"a": [1, -1, 1.5, u64::MAX, null, true], "b": {"c": "d"}});

    let claims = Claims::try_from(value.clone()).unwrap();

    assert_eq!(Value::from(claims.clone()), value);
    assert_eq!(serde_json::to_value(&claims).unwrap(), value);
    assert_eq!(serde_json::from_value::<Claims>(value).unwrap(), claims);
    for other in [json!([]), json!(1), json!(null), json!("{}")] {
        assert_eq!(Claims::try_from(other), Err(TokenError::Malformed));
    }
}

#[test]
fn serde_keeps_the_order_too() {
    let json = r#"{"z":{"y":1,"b":[true,null,2.5,"x"]},"a":-1}"#;

    let read: Claims = serde_json::from_str(json).unwrap();

    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert!(serde_json::from_str::<Claims>("[]").is_err());
}

#[test]
fn claims_become_a_type_of_ones_own() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Mine {
        sub: String,
        role: Option<String>,
        score: f64,
    }

    let mine: Mine = claims(r#"{"sub":"1","role":null,"score":1.5,"more":[]}"#).to().unwrap();

    assert_eq!(mine, Mine { sub: "1".into(), role: None, score: 1.5 });
    assert!(claims("{}").to::<Mine>().is_err());
}

#[test]
fn the_kinds_of_claims_are_told_apart() {
    let claims = claims(r#"{"n":null,"b":true,"i":7,"s":"x","a":[1],"o":{"k":"v"}}"#);
    let get = |name: &str| claims.get(name).unwrap();

    assert!(get("n").is_null() && !get("b").is_null());
    assert_eq!(get("b").as_bool(), Some(true));
    assert_eq!(get("i").as_i64(), Some(7));
    assert_eq!(get("a").as_array(), Some(&[Claim::from(1)][..]));
    assert_eq!(get("o").as_object().and_then(|object| object.text("k")), Some("v"));
    for name in ["n", "b", "i", "a", "o"] {
        assert_eq!(claims.text(name), None, "{name}");
    }
    let others = get("s");
    assert!(others.as_bool().is_none() && others.as_i64().is_none() && others.as_array().is_none());
    assert!(others.as_object().is_none() && others.as_number().is_none());
}

#[test]
fn debug_shows_names_and_kinds_alone() {
    let claims = claims(r#"{"email":"ada@example.com","n":1,"x":{"token":"secret"},"a":[null,true]}"#);

    assert_eq!(
        format!("{claims:?}"),
        r#"{"email": string, "n": number, "x": {"token": string}, "a": [null, bool]}"#
    );
}
