//! A store in memory, a clock that is moved, and types for attributes.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vestibule_core::{NewUser, SecretToken, Timestamp, UserId, Users};
use vestibule_lucia::Lucia;
use vestibule_memory::Memory;
use vestibule_testkit::{FaultyAdapter, SeededRandom, TestClock};

/// Columns of users in these tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UserAttributes {
    pub(crate) username: String,
    pub(crate) age: Option<u8>,
}

/// Columns of sessions in these tests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip_country: Option<String>,
}

pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const MONTH: Duration = Duration::from_hours(30 * 24);
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);

/// A manager with Lucia's own settings, on a store in memory that counts calls.
pub(crate) struct Setting {
    pub(crate) lucia: Lucia<SessionAttributes, UserAttributes>,
    pub(crate) store: Arc<FaultyAdapter>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) clock: TestClock,
    pub(crate) ada: UserId,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        let columns =
            |names: &[&'static str]| names.iter().map(|name| (*name, Value::Null)).collect::<Vec<_>>();
        let memory = Memory::new()
            .with_user_columns(columns(&["username", "age"]))
            .with_session_columns(columns(&["ip_country"]));
        let memory = Arc::new(memory);
        let store = Arc::new(FaultyAdapter::new(Arc::clone(&memory) as _));
        let clock = TestClock::default();
        let lucia = Lucia::new(Arc::clone(&store) as _)
            .with_clock(Arc::new(clock.clone()))
            .with_random(Arc::new(SeededRandom::default()))
            .with_attributes();
        let mut setting = Self { lucia, store, memory, clock, ada: UserId::from("") };
        setting.ada = setting.user("ada").await;
        setting.store.take_calls();
        setting
    }

    pub(crate) async fn user(&self, username: &str) -> UserId {
        let mut user = NewUser { id: Some(UserId::from(username)), ..NewUser::default() };
        user.extra.insert("username".into(), username.into());
        self.memory.create_user(&user, None).await.unwrap().id
    }

    /// A session of Ada's with a random id.
    pub(crate) async fn session(&self) -> SecretToken {
        let id = self.lucia.create_session(&self.ada, &()).await.unwrap().id;
        self.store.take_calls();
        id
    }

    pub(crate) fn now(&self) -> Timestamp {
        vestibule_core::Clock::now(&self.clock)
    }
}

/// As `Date.prototype.toJSON` writes it.
pub(crate) fn iso(at: Timestamp) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.as_millis()) * 1_000_000).unwrap();
    let millis = at.millisecond();
    let (date, clock) = (at.date(), at.time());
    format!("{date}T{:02}:{:02}:{:02}.{millis:03}Z", clock.hour(), clock.minute(), clock.second())
}
