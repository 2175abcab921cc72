use proptest::prelude::*;
use serde_json::json;
use vestibule_core::{Timestamp, UserId};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Member,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Attributes {
    username: String,
    age: Option<u8>,
    role: Role,
}

fn extra(columns: Value) -> Extra {
    let Value::Object(columns) = columns else { panic!("an object") };
    columns.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn user(columns: Value) -> User {
    User {
        id: UserId::from("u1"),
        name: None,
        email: Some("ada@example.com".into()),
        email_verified: Some(Timestamp::from_millis(1_795_179_973_652)),
        image: None,
        extra: extra(columns),
    }
}

fn problem_of<T: DeserializeOwned + std::fmt::Debug>(columns: Value) -> (Option<String>, String) {
    let error = of_session::<T>(&extra(columns)).unwrap_err();
    (error.column().map(ToOwned::to_owned), error.to_string())
}

#[test]
fn columns_become_the_applications_own_type() {
    let columns = json!({"username": "ada", "age": 36, "role": "admin", "password_hash": "hidden"});

    let attributes: Attributes = of_session(&extra(columns)).unwrap();

    assert_eq!(attributes, Attributes { username: "ada".into(), age: Some(36), role: Role::Admin });
}

#[test]
fn null_and_absent_are_none() {
    for columns in
        [json!({"username": "a", "age": null, "role": "member"}), json!({"username": "a", "role": "member"})]
    {
        assert_eq!(of_session::<Attributes>(&extra(columns)).unwrap().age, None);
    }
}

#[test]
fn whoever_wants_no_attributes_passes_over_them() {
    assert_eq!(of_session::<NoAttributes>(&extra(json!({"username": "ada"}))), Ok(NoAttributes {}));
}

#[test]
fn columns_that_the_contract_knows_are_attributes_as_well() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Known {
        name: Option<String>,
        email: String,
        email_verified: String,
    }

    let known: Known = of_user(&user(json!({}))).unwrap();
    let own: Known = of_user(&user(json!({"email": "own@example.com", "name": "Ada"}))).unwrap();

    assert_eq!((known.name, &*known.email), (None, "ada@example.com"));
    assert_eq!(known.email_verified, "2026-11-20T13:06:13.652Z");
    assert_eq!((own.name.as_deref(), &*own.email), (Some("Ada"), "own@example.com"));
}

#[test]
fn a_mismatch_names_the_column_and_never_the_value() {
    let base = json!({"username": "ada", "age": 36, "role": "admin"});
    let cases = [
        ("username", json!(7), "column username: expected a string, found a number that does not fit"),
        ("username", json!(null), "column username: expected a string, found null"),
        ("age", json!("s3cret"), "column age: expected u8, found text that does not fit"),
        ("age", json!(70_000), "column age: expected u8, found a number that does not fit"),
        ("role", json!("s3cret"), "column role: expected enum Role, found text that does not fit"),
        ("role", json!({"s3cret": 1}), "column role: expected enum Role, found an object that does not fit"),
    ];

    for (column, value, says) in cases {
        let mut columns = base.clone();
        columns[column] = value;

        let (named, message) = problem_of::<Attributes>(columns);

        assert_eq!(named.as_deref(), Some(column));
        assert_eq!(message, format!("the attributes of a session do not fit: {says}"));
    }
}

#[test]
fn a_missing_and_an_unknown_column_are_named() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[expect(dead_code, reason = "only read into")]
        username: String,
    }

    assert_eq!(problem_of::<Attributes>(json!({"username": "ada"})).0.as_deref(), Some("role"));
    assert_eq!(problem_of::<Strict>(json!({"username": "ada", "x": 1})).0.as_deref(), Some("x"));
}

#[test]
fn what_a_type_says_of_its_own_is_not_repeated() {
    #[derive(Debug)]
    struct Even;

    impl<'de> Deserialize<'de> for Even {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = u64::deserialize(deserializer)?;
            if number % 2 == 0 { Ok(Self) } else { Err(serde::de::Error::custom(format!("{number} is odd"))) }
        }
    }

    #[derive(Debug, Deserialize)]
    struct Numbers {
        #[expect(dead_code, reason = "only read into")]
        n: Even,
    }

    assert!(of_session::<Numbers>(&extra(json!({"n": 4}))).is_ok());
    let (_, message) = problem_of::<Numbers>(json!({"n": 40_503}));
    assert!(!message.contains("40503"), "{message}");
}

#[test]
fn what_is_no_struct_cannot_be_attributes() {
    assert_eq!(of_new_session(&()), Ok(Extra::new()));
    assert_eq!(of_new_session(&NoAttributes {}), Ok(Extra::new()));
    assert_eq!(of_new_session(&json!({"a": null})), Ok(extra(json!({"a": null}))));
    for wrong in [json!("text"), json!([1]), json!(1)] {
        assert!(of_new_session(&wrong).is_err(), "{wrong}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9 ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn attributes_come_back_as_they_were(username in ".*", age: Option<u8>, admin: bool) {
        let attributes = Attributes { username, age, role: if admin { Role::Admin } else { Role::Member } };

        let back: Attributes = of_session(&of_new_session(&attributes).unwrap()).unwrap();

        prop_assert_eq!(back, attributes);
    }

    #[test]
    fn any_row_is_attributes_or_a_named_error(username in any_json(), age in any_json(), role in any_json()) {
        let columns = extra(json!({"username": username, "age": age, "role": role}));

        if let Err(error) = of_session::<Attributes>(&columns) {
            prop_assert!(error.column().is_some(), "{error}");
        }
    }
}
