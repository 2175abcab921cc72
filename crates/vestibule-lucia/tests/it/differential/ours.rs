//! Our side: the same calls as of the original, answered in the same form.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vestibule_core::{AdapterError, SecretToken, Timestamp, UserId};
use vestibule_lucia::{Lucia, LuciaError, Session};
use vestibule_testkit::TestClock;

use super::EXPIRES_IN;
use super::original::Answer;
use super::tables::Schema;
use crate::support::iso;

type Attributes = BTreeMap<String, Value>;

pub(crate) struct Ours {
    pub(crate) lucia: Lucia<Attributes, Attributes>,
    clock: TestClock,
}

impl Ours {
    pub(crate) fn on(schema: &Schema) -> Self {
        let clock = TestClock::default();
        let lucia = Lucia::new(schema.adapter.clone())
            .with_clock(std::sync::Arc::new(clock.clone()))
            .with_session_expires_in(EXPIRES_IN)
            .with_attributes();
        Self { lucia, clock }
    }

    /// Calls what stands for a method of Lucia's, at `now`.
    pub(crate) async fn call(&self, now: Timestamp, call: &str, args: &Value) -> Answer {
        self.clock.set(now);
        let text = |at: usize| args[at].as_str().unwrap();
        let lucia = &self.lucia;
        match call {
            "validateSession" => {
                let found = lucia.validate_session(&text(0).into()).await;
                found.map(|found| match found {
                    None => json!({"session": null, "user": null}),
                    Some(found) => {
                        let mut user = found.user.attributes;
                        user.insert("id".into(), found.user.id.as_str().into());
                        json!({"session": session(found.session), "user": user})
                    }
                })
            }
            "createSession" => {
                let id = SecretToken::from(args[2]["sessionId"].as_str().unwrap());
                let made = lucia.create_session_with_id(id, &UserId::from(text(0)), &args[1]).await;
                made.map(|mut made| {
                    // Lucia tells the attributes that were given, not those that are stored.
                    made.attributes.retain(|name, _| args[1].get(name).is_some());
                    session(made)
                })
            }
            "getUserSessions" => lucia
                .user_sessions(&UserId::from(text(0)))
                .await
                .map(|list| list.into_iter().map(session).collect()),
            "invalidateSession" => lucia.invalidate_session(&text(0).into()).await.map(|_| Value::Null),
            "invalidateUserSessions" => {
                lucia.invalidate_user_sessions(&UserId::from(text(0))).await.map(|_| Value::Null)
            }
            "deleteExpiredSessions" => lucia.delete_expired_sessions().await.map(|_| Value::Null),
            other => panic!("Lucia has no {other}"),
        }
        .map_err(name)
    }
}

fn name(error: LuciaError) -> String {
    match error {
        LuciaError::Store(AdapterError::Conflict { .. }) => "taken".into(),
        LuciaError::Store(AdapterError::OwnerAbsent { .. }) => "nobody".into(),
        LuciaError::Store(AdapterError::Refused { .. }) => "no such column".into(),
        other => other.to_string(),
    }
}

/// As Lucia has it: attributes beside the four fields.
fn session(session: Session<Attributes>) -> Value {
    let mut fields: Map<String, Value> = session.attributes.into_iter().collect();
    fields.insert("id".into(), session.id.expose().into());
    fields.insert("userId".into(), session.user_id.as_str().into());
    fields.insert("fresh".into(), session.fresh.into());
    fields.insert("expiresAt".into(), iso(session.expires_at).into());
    Value::Object(fields)
}
