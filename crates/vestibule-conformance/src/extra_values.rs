//! Cases on what columns of the application's own can hold, and on what they refuse.
//!
//! Users, accounts and sessions have the columns of [`COLUMNS`](crate::COLUMNS).

use std::sync::Arc;

use serde_json::json;
use vestibule_core::{
    AccountChanges, Adapter, Change, Extra, NewAccount, NewSession, SessionChanges, UserChanges,
};

use crate::extra::{defaults, extra, over, session_with, user_with, values};
use crate::values::{
    account, as_listed, assert_refused, listed, new_user, now, unless_refused, whole_tokens,
};

/// Whatever JSON is, a JSON column gives it back.
pub async fn json_columns_keep_every_kind_of_json(store: &Arc<dyn Adapter>) {
    for (number, value) in [
        json!({}),
        json!([]),
        json!(""),
        json!("text"),
        json!("null"),
        json!("{\"not\": \"an object\"}"),
        json!(0),
        json!(-1.5),
        json!([0.1, 432.952_849_813_225_55, 914.573_183_477_043_5, 1e-7, 1e300]),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(false),
        json!({"null": null, "": [null, [], {}]}),
        json!([[[[[[[["deep"]]]]]]]]),
        json!({"emoji": "👩🏽\u{200d}🚀", "quote": "'\"\\/", "lines": "a\nb\r\tc", "control": "\u{1}\u{1f}"}),
        json!({"role": "not the column", "$ne": 1, "a.b": 2}),
    ]
    .into_iter()
    .enumerate()
    {
        let one = extra(&[("preferences", value)]);

        let user =
            store.create_user(&user_with(one.clone(), &number.to_string()), None).await.unwrap();

        let expected = over(defaults(), &one);
        assert_eq!(user.extra, expected);
        assert_eq!(store.user(&user.id).await.unwrap().unwrap().extra, expected);
    }
}

/// Each kind of column keeps its extremes.
pub async fn extra_columns_keep_extremes(store: &Arc<dyn Adapter>) {
    keep_each(
        store,
        vec![
            ("role", json!("")),
            ("order", json!("null")),
            ("order", json!("  a\n\t\u{feff}b  ")),
            ("loginCount", json!(9_007_199_254_740_991_i64)),
            ("loginCount", json!(-9_007_199_254_740_991_i64)),
            ("loginCount", json!(0)),
            ("score", json!(-0.000_000_1)),
            ("score", json!(1.797e308)),
            ("score", json!(3.0)),
            ("isSubscribed", json!(false)),
            ("bornAt", json!("1815-12-10T00:00:00.000Z")),
            ("bornAt", json!("9999-12-31T23:59:59.999Z")),
        ],
    )
    .await;
}

/// A column of integers has 64 bits, more than JSON's usual readers.
pub async fn extra_integers_have_64_bits(store: &Arc<dyn Adapter>) {
    keep_each(store, vec![("loginCount", json!(i64::MAX)), ("loginCount", json!(i64::MIN))]).await;
}

async fn keep_each(store: &Arc<dyn Adapter>, values: Vec<(&str, serde_json::Value)>) {
    for (number, (name, value)) in values.into_iter().enumerate() {
        let one = extra(&[(name, value)]);

        let user =
            store.create_user(&user_with(one.clone(), &number.to_string()), None).await.unwrap();

        assert_eq!(store.user(&user.id).await.unwrap().unwrap().extra, over(defaults(), &one));
    }
}

/// A NUL inside a text or a JSON value is kept or refused, never cut.
pub async fn extra_columns_keep_or_refuse_nul(store: &Arc<dyn Adapter>) {
    for one in [
        extra(&[("order", json!("a\0b"))]),
        extra(&[("preferences", json!("a\0b"))]),
        extra(&[("preferences", json!({"a\0b": ["\0"]}))]),
    ] {
        let new = user_with(one.clone(), "ada@example.com");

        let created = unless_refused(store.create_user(&new, None).await);

        let found = store.user_by_email("ada@example.com").await.unwrap();
        assert_eq!(found, created);
        if let Some(user) = created {
            assert_eq!(user.extra, over(defaults(), &one));
            store.delete_user(&user.id).await.unwrap();
        }
    }
}

/// A column that is not declared, or is one of the contract's, is refused everywhere, and nothing is written.
pub async fn undeclared_columns_are_refused(store: &Arc<dyn Adapter>) {
    for name in [
        "undeclared", "Role", "login_count", "id", "email", "emailVerified", "email_verified", "userId",
        "user_id", "sessionToken", "expires", "access_token", "", "role\0", "role\"; --", "*",
    ] {
        let undeclared = extra(&[(name, json!("x"))]);
        write_nothing(&**store, &undeclared).await;
    }
}

/// A value that a column cannot hold is refused everywhere, and nothing is written.
pub async fn values_of_the_wrong_kind_are_refused(store: &Arc<dyn Adapter>) {
    for (name, value) in [
        ("role", json!({"a": 1})),
        ("role", json!(["a"])),
        ("loginCount", json!("many")),
        ("loginCount", json!(1.5)),
        ("loginCount", json!(u64::MAX)),
        ("loginCount", json!(true)),
        ("score", json!("high")),
        ("isSubscribed", json!("perhaps")),
        ("isSubscribed", json!(2)),
        ("bornAt", json!("yesterday")),
        ("bornAt", json!("2024-02-30T00:00:00.000Z")),
        ("bornAt", json!({})),
    ] {
        let wrong = extra(&[(name, value)]);
        write_nothing(&**store, &wrong).await;
    }
}

/// Every operation that writes extra columns refuses these, and nothing of it is done.
async fn write_nothing(store: &dyn Adapter, refused: &Extra) {
    let ada = store.create_user(&user_with(values(), "ada@example.com"), None).await.unwrap();
    let linked = store.link_account(&ada.id, &account("github", "1")).await.unwrap();
    let session = session_with(store, "session", &ada, values()).await;
    let (provider, id) = ("github".into(), "1".into());
    let name = Change::Set(Some("Mallory".into()));
    let expires = Change::Set(now(store));
    let bad_account = NewAccount {
        extra: refused.clone(),
        ..account("github", "2")
    };
    let bad_session = NewSession {
        extra: refused.clone(),
        ..NewSession::new("other", ada.id.clone(), now(store))
    };
    let user_changes = UserChanges {
        name,
        extra: refused.clone(),
        ..UserChanges::default()
    };
    let account_changes = AccountChanges {
        tokens: Change::Set(whole_tokens()),
        extra: refused.clone(),
    };
    let session_changes = SessionChanges {
        expires,
        extra: refused.clone(),
    };

    assert_refused(store.create_user(&user_with(refused.clone(), "bob@example.com"), None).await);
    assert_refused(store.create_user(&new_user("bob@example.com"), Some(&bad_account)).await);
    assert_refused(store.update_user(&ada.id, &user_changes).await);
    assert_refused(store.link_account(&ada.id, &bad_account).await);
    assert_refused(store.update_account(&provider, &id, &account_changes).await);
    assert_refused(store.create_session(&bad_session).await);
    assert_refused(store.update_session(&session.token, &session_changes).await);

    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.accounts_of_user(&ada.id).await.unwrap(), [linked]);
    assert_eq!(listed(store, &ada.id).await, [as_listed(session)]);
    assert_eq!(store.delete_user(&ada.id).await.unwrap(), Some(ada));
}
