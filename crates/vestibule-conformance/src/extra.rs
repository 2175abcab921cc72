//! Cases on columns of the application's own.
//!
//! Users, accounts and sessions have the columns of [`COLUMNS`].

use std::slice;
use std::sync::Arc;

use serde_json::{Value, json};
use vestibule_core::{
    Account, AccountChanges, Adapter, Extra, NewAccount, NewSession, NewUser, Session, SessionChanges,
    TouchPolicy, User, UserChanges,
};

use crate::COLUMNS;
use crate::values::{HOUR, account, assert_refused, create_user, now, unless_refused};

/// Every column at its default.
pub(crate) fn defaults() -> Extra {
    COLUMNS.iter().map(|column| (column.name.into(), column.default_value())).collect()
}

/// Every column with a value.
pub(crate) fn values() -> Extra {
    extra(&[
        ("role", json!("admin")),
        ("order", json!("first; \"second\" 'third' – 四")),
        ("loginCount", json!(9_007_199_254_740_993_i64)),
        ("score", json!(0.1)),
        ("isSubscribed", json!(true)),
        ("preferences", json!({"theme": "dark", "langs": ["de", {"x": [1, null, false]}], "ünï": "\"'\\"})),
        ("bornAt", json!("2038-01-19T03:14:08.001Z")),
    ])
}

/// Every column null.
fn nulls() -> Extra {
    COLUMNS.iter().map(|column| (column.name.into(), Value::Null)).collect()
}

fn extra(values: &[(&str, Value)]) -> Extra {
    values.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
}

/// The first with the values of the second written over it.
fn over(mut base: Extra, changes: &Extra) -> Extra {
    base.extend(changes.clone());
    base
}

/// Values to write that set some columns, one of them to null, and leave the others alone.
fn some_changes() -> Extra {
    extra(&[("loginCount", json!(-1)), ("preferences", json!([])), ("role", Value::Null)])
}

fn user_with(extra: Extra, email: &str) -> NewUser {
    NewUser {
        extra,
        ..NewUser::with_email(email)
    }
}

async fn session_with(store: &dyn Adapter, token: &str, user: &User, extra: Extra) -> Session {
    let new = NewSession {
        extra,
        ..NewSession::new(token, user.id.clone(), now(store).after(HOUR))
    };
    store.create_session(&new).await.unwrap()
}

/// A user's own columns come back from every operation that returns a user.
pub async fn extra_columns_of_a_user_travel(store: &Arc<dyn Adapter>) {
    let new = user_with(values(), "ada@example.com");

    let user = store.create_user(&new, Some(&account("github", "1"))).await.unwrap();

    assert_eq!(user.extra, values());
    let found = [
        store.user(&user.id).await.unwrap(),
        store.user_by_email("ada@example.com").await.unwrap(),
        store.user_by_account(&"github".into(), &"1".into()).await.unwrap(),
        store.update_user(&user.id, &UserChanges::default()).await.unwrap(),
        store.delete_user(&user.id).await.unwrap(),
    ];
    for found in found {
        assert_eq!(found, Some(user.clone()));
    }
}

/// An account's own columns come back from every operation that returns an account.
pub async fn extra_columns_of_an_account_travel(store: &Arc<dyn Adapter>) {
    let new = NewAccount {
        extra: values(),
        ..account("github", "1")
    };
    let user = create_user(&**store, "ada@example.com").await;
    let key = (&new.provider, &new.provider_account_id);

    let linked = store.link_account(&user.id, &new).await.unwrap();

    assert_eq!(linked.extra, values());
    assert_eq!(store.account(key.0, key.1).await.unwrap(), Some(linked.clone()));
    assert_eq!(store.accounts_of_user(&user.id).await.unwrap(), slice::from_ref(&linked));
    let nothing = AccountChanges::default();
    assert_eq!(store.update_account(key.0, key.1, &nothing).await.unwrap(), Some(linked.clone()));
    assert_eq!(store.unlink_account(key.0, key.1).await.unwrap(), Some(linked));
}

/// The columns of an account that is created with its user are written too.
pub async fn extra_columns_of_a_first_account_travel(store: &Arc<dyn Adapter>) {
    let new = NewAccount {
        extra: values(),
        ..account("github", "1")
    };

    let user = store.create_user(&user_with(some_changes(), "ada@example.com"), Some(&new)).await.unwrap();

    assert_eq!(user.extra, over(defaults(), &some_changes()));
    assert_eq!(store.accounts_of_user(&user.id).await.unwrap()[0].extra, values());
}

/// A session's own columns, and its user's, come back from every operation that returns them.
pub async fn extra_columns_of_a_session_travel(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let user = store.create_user(&user_with(some_changes(), "ada@example.com"), None).await.unwrap();

    let session = session_with(&**store, "session", &user, values()).await;

    let token = &session.token;
    assert_eq!(session.extra, values());
    assert_eq!(store.session_and_user(token).await.unwrap(), Some((session.clone(), user.clone())));
    assert_eq!(store.sessions_of_user(&user.id).await.unwrap(), slice::from_ref(&session));
    let nothing = SessionChanges::default();
    assert_eq!(store.update_session(token, &nothing).await.unwrap(), Some(session.clone()));
    for policy in [
        TouchPolicy {
            max_age: HOUR,
            update_age: HOUR,
        },
        TouchPolicy::default(),
    ] {
        let touched = store.touch_session(token, now, &policy).await.unwrap().unwrap();
        assert_eq!((touched.session.extra, touched.user), (values(), user.clone()));
    }
    assert_eq!(store.delete_session(token).await.unwrap().unwrap().extra, values());
}

/// Where no column is given, every one of them comes back with the database's default, or null.
pub async fn extra_columns_not_given_have_defaults(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&NewUser::default(), Some(&account("github", "1"))).await.unwrap();
    let linked = store.link_account(&user.id, &account("github", "2")).await.unwrap();
    let session = session_with(&**store, "session", &user, Extra::new()).await;

    assert_eq!(user.extra, defaults());
    assert_eq!(linked.extra, defaults());
    assert_eq!(session.extra, defaults());
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
    for account in store.accounts_of_user(&user.id).await.unwrap() {
        assert_eq!(account.extra, defaults());
    }
    assert_eq!(store.session_and_user(&"session".into()).await.unwrap(), Some((session, user)));
}

/// Any part of the columns may be given; each combination is another statement in SQL.
pub async fn any_part_of_the_extra_columns_may_be_given(store: &Arc<dyn Adapter>) {
    for (name, value) in values() {
        let one = extra(&[(&name, value)]);

        let user = store.create_user(&user_with(one.clone(), &name), None).await.unwrap();
        let session = session_with(&**store, &name, &user, one.clone()).await;

        assert_eq!(user.extra, over(defaults(), &one));
        assert_eq!(session.extra, over(defaults(), &one));
        assert_eq!(store.session_and_user(&session.token).await.unwrap(), Some((session, user)));
    }
}

/// A column that is given as null is null, whatever its default.
pub async fn a_given_null_is_not_the_default(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&user_with(nulls(), "ada@example.com"), None).await.unwrap();
    let session = session_with(&**store, "session", &user, nulls()).await;

    assert_eq!(user.extra, nulls());
    assert_eq!(session.extra, nulls());
    assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
}

/// An update writes the given columns of a user and leaves the others.
pub async fn an_update_keeps_other_extra_columns_of_a_user(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&user_with(values(), "ada@example.com"), None).await.unwrap();
    let changes = UserChanges {
        extra: some_changes(),
        ..UserChanges::default()
    };

    let updated = store.update_user(&user.id, &changes).await.unwrap();

    let expected = User {
        extra: over(values(), &some_changes()),
        ..user
    };
    assert_eq!(updated, Some(expected.clone()));
    assert_eq!(store.user(&expected.id).await.unwrap(), Some(expected));
}

/// An update writes the given columns of an account and leaves the others, and the tokens.
pub async fn an_update_keeps_other_extra_columns_of_an_account(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = NewAccount {
        extra: values(),
        ..crate::values::whole_account()
    };
    let linked = store.link_account(&user.id, &new).await.unwrap();
    let changes = AccountChanges {
        extra: some_changes(),
        ..AccountChanges::default()
    };

    let updated = store.update_account(&new.provider, &new.provider_account_id, &changes).await.unwrap();

    let expected = Account {
        extra: over(values(), &some_changes()),
        ..linked
    };
    assert_eq!(updated, Some(expected.clone()));
    assert_eq!(store.account(&new.provider, &new.provider_account_id).await.unwrap(), Some(expected));
}

/// An update writes the given columns of a session and leaves the others, and the expiry.
pub async fn an_update_keeps_other_extra_columns_of_a_session(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let session = session_with(&**store, "session", &user, values()).await;
    let changes = SessionChanges {
        extra: some_changes(),
        ..SessionChanges::default()
    };

    let updated = store.update_session(&session.token, &changes).await.unwrap();

    let expected = Session {
        extra: over(values(), &some_changes()),
        ..session
    };
    assert_eq!(updated, Some(expected.clone()));
    assert_eq!(store.session_and_user(&expected.token).await.unwrap(), Some((expected, user)));
}

/// Changes to the contract's columns and to the application's own, made at once or by themselves, leave the
/// others.
pub async fn an_update_of_the_usual_columns_keeps_the_extra_ones(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&user_with(values(), "ada@example.com"), None).await.unwrap();
    let session = session_with(&**store, "session", &user, values()).await;
    let user_changes = UserChanges {
        name: vestibule_core::Change::Set(Some("Ada".into())),
        ..UserChanges::default()
    };
    let session_changes = SessionChanges {
        expires: vestibule_core::Change::Set(now(&**store)),
        ..SessionChanges::default()
    };

    store.update_user(&user.id, &user_changes).await.unwrap();
    store.update_session(&session.token, &session_changes).await.unwrap();

    let (session, user) = store.session_and_user(&session.token).await.unwrap().unwrap();
    assert_eq!((session.extra, session.expires), (values(), now(&**store)));
    assert_eq!((user.extra, user.name.as_deref()), (values(), Some("Ada")));
}

/// An update of nobody's columns writes nothing.
pub async fn an_update_of_extra_columns_makes_no_ghost(store: &Arc<dyn Adapter>) {
    let nobody = crate::values::unknown_id(&**store);
    let user_changes = UserChanges {
        extra: values(),
        ..UserChanges::default()
    };
    let account_changes = AccountChanges {
        extra: values(),
        ..AccountChanges::default()
    };
    let session_changes = SessionChanges {
        extra: values(),
        ..SessionChanges::default()
    };

    assert_eq!(store.update_user(&nobody, &user_changes).await.unwrap(), None);
    assert_eq!(store.update_account(&"github".into(), &"1".into(), &account_changes).await.unwrap(), None);
    assert_eq!(store.update_session(&"session".into(), &session_changes).await.unwrap(), None);
}

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
    for (number, (name, value)) in [
        ("role", json!("")),
        ("order", json!("null")),
        ("order", json!("  a\n\t\u{feff}b  ")),
        ("loginCount", json!(i64::MAX)),
        ("loginCount", json!(i64::MIN)),
        ("loginCount", json!(0)),
        ("score", json!(-0.000_000_1)),
        ("score", json!(1.797e308)),
        ("score", json!(3.0)),
        ("isSubscribed", json!(false)),
        ("bornAt", json!("1815-12-10T00:00:00.000Z")),
        ("bornAt", json!("9999-12-31T23:59:59.999Z")),
    ]
    .into_iter()
    .enumerate()
    {
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

/// Concurrent changes to different columns of the application's own all take effect.
pub async fn changes_to_different_extra_columns_all_survive(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let tasks: Vec<_> = values()
        .into_iter()
        .map(|(name, value)| {
            let (store, id) = (Arc::clone(store), user.id.clone());
            let changes = UserChanges {
                extra: Extra::from([(name, value)]),
                ..UserChanges::default()
            };
            tokio::spawn(async move { store.update_user(&id, &changes).await.unwrap().unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    assert_eq!(store.user(&user.id).await.unwrap().unwrap().extra, values());
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
    let name = vestibule_core::Change::Set(Some("Mallory".into()));
    let expires = vestibule_core::Change::Set(now(store));
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
        tokens: vestibule_core::Change::Set(crate::values::whole_tokens()),
        extra: refused.clone(),
    };
    let session_changes = SessionChanges {
        expires,
        extra: refused.clone(),
    };

    assert_refused(store.create_user(&user_with(refused.clone(), "bob@example.com"), None).await);
    assert_refused(store.create_user(&NewUser::with_email("bob@example.com"), Some(&bad_account)).await);
    assert_refused(store.update_user(&ada.id, &user_changes).await);
    assert_refused(store.link_account(&ada.id, &bad_account).await);
    assert_refused(store.update_account(&provider, &id, &account_changes).await);
    assert_refused(store.create_session(&bad_session).await);
    assert_refused(store.update_session(&session.token, &session_changes).await);

    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert_eq!(store.accounts_of_user(&ada.id).await.unwrap(), [linked]);
    assert_eq!(store.sessions_of_user(&ada.id).await.unwrap(), [session]);
    assert_eq!(store.delete_user(&ada.id).await.unwrap(), Some(ada));
}
