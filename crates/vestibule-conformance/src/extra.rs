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

use crate::values::{HOUR, account, anybody, as_listed, create_user, has, listed, new_user, now};
use crate::{COLUMNS, Feature};

/// Every column at its default.
pub(crate) fn defaults() -> Extra {
    COLUMNS.iter().map(|column| (column.name.into(), column.default_value())).collect()
}

/// Every column with a value.
pub(crate) fn values() -> Extra {
    extra(&[
        ("role", json!("admin")),
        ("order", json!("first; \"second\" 'third' – 四")),
        ("loginCount", json!(9_007_199_254_740_991_i64)),
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

pub(crate) fn extra(values: &[(&str, Value)]) -> Extra {
    values.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
}

/// The first with the values of the second written over it.
pub(crate) fn over(mut base: Extra, changes: &Extra) -> Extra {
    base.extend(changes.clone());
    base
}

/// Values to write that set some columns, one of them to null, and leave the others alone.
fn some_changes() -> Extra {
    extra(&[("loginCount", json!(-1)), ("preferences", json!([])), ("role", Value::Null)])
}

pub(crate) fn user_with(extra: Extra, email: &str) -> NewUser {
    NewUser { extra, ..new_user(email) }
}

pub(crate) async fn session_with(store: &dyn Adapter, token: &str, user: &User, extra: Extra) -> Session {
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
    assert_eq!(listed(&**store, &user.id).await, [as_listed(session.clone())]);
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
    let new = anybody("ada@example.com");
    let user = store.create_user(&new, Some(&account("github", "1"))).await.unwrap();
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
    if has(Feature::Accounts) {
        let updated = store.update_account(&"github".into(), &"1".into(), &account_changes).await.unwrap();
        assert_eq!(updated, None);
    }
    assert_eq!(store.update_session(&"session".into(), &session_changes).await.unwrap(), None);
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
