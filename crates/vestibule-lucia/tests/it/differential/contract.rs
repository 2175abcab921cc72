//! Each of the seven methods of Lucia's `Adapter`, beside the operation of the contract that stands for it.

use serde_json::{Value, json};
use vestibule_core::{
    Adapter, AdapterError, Change, Clock, Extra, NewSession, SecretToken, Session, SessionChanges, Timestamp,
    User, UserId,
};
use vestibule_testkit::TestClock;

use super::original::{Answer, Original};
use super::tables::Schema;
use crate::support::iso;

const ADA: &str = "d23dpxagmdehfe42";
const GRACE: &str = "tsmtexa7jkmqlcn3";

struct Both {
    schema: Schema,
    original: Original,
    now: Timestamp,
}

impl Both {
    async fn make(test: &str) -> Option<Self> {
        let schema = Schema::make(test).await?;
        Some(Self { original: schema.original(), schema, now: TestClock::default().now() })
    }

    fn store(&self) -> &dyn Adapter {
        &*self.schema.adapter
    }

    async fn adapter(&mut self, call: &str, args: Value) -> Answer {
        self.original.call(self.now, "adapter", call, args).await
    }

    /// A live and an expired session of Ada's and a live one of Grace's, two of them made by the original.
    async fn filled(test: &str) -> Option<Self> {
        let mut both = Self::make(test).await?;
        let (live, expired) = (both.now.after(std::time::Duration::from_mins(1)), both.now);
        both.set("live", ADA, live, json!({"ip_country": "GB", "device": {"n": 1}})).await.unwrap();
        both.set("expired", ADA, expired, json!({})).await.unwrap();
        both.create("grace's", GRACE, live, json!({"seen": "2030-01-02T03:04:05.006Z"})).await.unwrap();
        Some(both)
    }

    async fn set(&mut self, id: &str, user: &str, expires: Timestamp, attributes: Value) -> Answer {
        let expires = json!({"$date": expires.as_millis()});
        let session = json!({"id": id, "userId": user, "expiresAt": expires, "attributes": attributes});
        self.adapter("setSession", json!([session])).await
    }

    async fn create(
        &self,
        id: &str,
        user: &str,
        expires: Timestamp,
        attributes: Value,
    ) -> Result<Session, AdapterError> {
        let mut new = NewSession::new(id, UserId::from(user), expires);
        let Value::Object(attributes) = attributes else { panic!("an object") };
        new.extra = attributes.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self.store().create_session(&new).await
    }
}

/// As the original's adapter tells it.
fn database_session(session: &Session) -> Value {
    json!({
        "id": session.token.expose(), "userId": session.user_id.as_str(), "expiresAt": iso(session.expires),
        "attributes": attributes(&session.extra),
    })
}

fn database_user(user: &User) -> Value {
    json!({"id": user.id.as_str(), "attributes": attributes(&user.extra)})
}

fn attributes(extra: &Extra) -> Value {
    Value::Object(extra.iter().map(|(name, value)| (name.to_string(), value.clone())).collect())
}

#[tokio::test]
async fn get_session_and_user() {
    let Some(mut both) = Both::filled("get").await else { return };

    for id in ["live", "expired", "grace's", "unknown", "LIVE", ""] {
        let theirs = both.adapter("getSessionAndUser", json!([id])).await.unwrap();
        let ours = both.store().session_and_user(&id.into()).await.unwrap();

        let ours = ours.map_or(json!([null, null]), |(session, user)| {
            json!([database_session(&session), database_user(&user)])
        });
        assert_eq!(ours, theirs, "{id:?}");
    }
    both.schema.drop().await;
}

#[tokio::test]
async fn get_user_sessions() {
    let Some(mut both) = Both::filled("list").await else { return };

    for user in [ADA, GRACE, "nobody"] {
        let mut theirs = both.adapter("getUserSessions", json!([user])).await.unwrap();
        let ours = both.store().sessions_of_user(&UserId::from(user)).await.unwrap();

        // The original's list is in no order.
        theirs
            .as_array_mut()
            .unwrap()
            .sort_by_key(|session| std::cmp::Reverse(session["expiresAt"].to_string()));
        assert_eq!(ours.iter().map(database_session).collect::<Value>(), theirs, "{user}");
    }
    both.schema.drop().await;
}

#[tokio::test]
async fn set_session() {
    let Some(mut both) = Both::make("set").await else { return };
    let at = both.now.after(std::time::Duration::from_millis(678));
    let given = [
        json!({}),
        json!({"ip_country": null}),
        json!({"ip_country": "GB", "device": {"os": "plan 9"}, "seen": "1969-12-31T23:59:59.999Z"}),
    ];

    for attributes in given {
        both.set("same", ADA, at, attributes.clone()).await.unwrap();
        let theirs = both.schema.rows().await;
        both.schema.execute("DELETE FROM user_session").await;
        both.create("same", ADA, at, attributes.clone()).await.unwrap();
        assert_eq!(both.schema.rows().await, theirs, "{attributes}");
        both.schema.execute("DELETE FROM user_session").await;
    }

    both.set("taken", ADA, at, json!({})).await.unwrap();
    assert_eq!(both.set("taken", ADA, at, json!({})).await, Err("taken".into()));
    assert!(matches!(both.create("taken", ADA, at, json!({})).await, Err(AdapterError::Conflict { .. })));
    assert_eq!(both.set("x", "nobody", at, json!({})).await, Err("nobody".into()));
    assert!(matches!(both.create("x", "nobody", at, json!({})).await, Err(AdapterError::OwnerAbsent { .. })));
    assert_eq!(both.set("x", ADA, at, json!({"nope": 1})).await, Err("no such column".into()));
    assert!(matches!(both.create("x", ADA, at, json!({"nope": 1})).await, Err(AdapterError::Refused { .. })));
    assert_eq!(both.schema.rows().await.len(), 1, "what was refused wrote nothing");
    both.schema.drop().await;
}

#[tokio::test]
async fn update_session_expiration() {
    let Some(mut both) = Both::filled("update").await else { return };
    for millis in [0, -1, 1, 2_147_483_648_000, 4_102_444_800_123] {
        let at = Timestamp::from_millis(millis);
        both.adapter("updateSessionExpiration", json!(["live", {"$date": millis}])).await.unwrap();
        let theirs = both.schema.rows().await;
        both.schema.execute("UPDATE user_session SET expires_at = now() WHERE id = 'live'").await;

        let changes = SessionChanges { expires: Change::Set(at), ..SessionChanges::default() };
        let changed = both.store().update_session(&"live".into(), &changes).await.unwrap();

        assert_eq!(both.schema.rows().await, theirs);
        assert_eq!(changed.map(|session| session.expires), Some(at));
        assert_eq!(both.store().update_session(&"unknown".into(), &changes).await.unwrap(), None);
    }
    let rows = both.schema.rows().await;
    assert_eq!(
        both.adapter("updateSessionExpiration", json!(["unknown", {"$date": 0}])).await,
        Ok(Value::Null)
    );
    assert_eq!(both.schema.rows().await, rows);
    both.schema.drop().await;
}

/// Runs the original's deletion and ours on the same rows, and compares what is left.
async fn same_is_left<F>(
    test: &str,
    call: &str,
    args: Value,
    ours: impl FnOnce(std::sync::Arc<dyn Adapter>, Timestamp) -> F,
) where
    F: Future<Output = usize>,
{
    let Some(mut both) = Both::filled(test).await else { return };
    both.schema.execute("CREATE TABLE kept AS SELECT * FROM user_session").await;
    both.adapter(call, args).await.unwrap();
    let theirs = both.schema.rows().await;
    both.schema.execute("DELETE FROM user_session; INSERT INTO user_session SELECT * FROM kept").await;

    let deleted = ours(both.schema.adapter.clone(), both.now).await;

    assert_eq!(both.schema.rows().await, theirs, "{test}");
    assert_eq!(deleted, 3 - theirs.len());
    both.schema.drop().await;
}

#[tokio::test]
async fn delete_session() {
    for (test, id) in [("delete", "live"), ("delete_none", "unknown")] {
        same_is_left(test, "deleteSession", json!([id]), async |store, _| {
            usize::from(store.delete_session(&SecretToken::from(id)).await.unwrap().is_some())
        })
        .await;
    }
}

#[tokio::test]
async fn delete_user_sessions() {
    for (test, user) in [("end_all", ADA), ("end_none", "nobody")] {
        same_is_left(test, "deleteUserSessions", json!([user]), async |store, _| {
            usize::try_from(store.delete_sessions_of_user(&UserId::from(user), None).await.unwrap()).unwrap()
        })
        .await;
    }
}

#[tokio::test]
async fn delete_expired_sessions() {
    same_is_left("sweep", "deleteExpiredSessions", json!([]), async |store, now| {
        usize::try_from(store.delete_expired_sessions(now, 1000).await.unwrap()).unwrap()
    })
    .await;
}
