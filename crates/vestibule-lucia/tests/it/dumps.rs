//! Databases that Lucia v2 and v3 left on SQLite: nobody is signed out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use vestibule_core::{Accounts, Clock, ProviderAccountId, ProviderId, Sessions, Timestamp, Users};
use vestibule_lucia::{HashForm, Lucia, PasswordHash};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Dialect, ExtraColumn, Profile, SqlAdapter, Table};
use vestibule_testkit::TestClock;

use crate::support::{DAY, iso};

/// A copy of a dump, and what the original said of its rows.
struct Dump {
    _folder: TempDir,
    store: Arc<SqlAdapter<Rusqlite>>,
    expected: Value,
    clock: TestClock,
}

impl Dump {
    async fn open(name: &str, profile: Profile) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lucia.db");
        std::fs::copy(fixtures.join(format!("dumps/lucia/{name}.sqlite")), &file).unwrap();
        let expected = std::fs::read(fixtures.join(format!("expected/{name}.sqlite.json"))).unwrap();
        let store = SqlAdapter::inspect(Rusqlite::open(&file).unwrap(), profile).await.unwrap();
        let expected = serde_json::from_slice(&expected).unwrap();
        // The minute after the dump was made.
        let clock = TestClock::at(Timestamp::from_secs(1_795_181_600));
        Self { _folder: folder, store: Arc::new(store), expected, clock }
    }

    fn lucia<S, U>(&self) -> Lucia<S, U> {
        Lucia::new(Arc::clone(&self.store) as _).with_clock(Arc::new(self.clock.clone())).with_attributes()
    }

    fn rows(&self, of: &str) -> &[Value] {
        self.expected[of].as_array().unwrap()
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Username {
    username: String,
}

type Attributes = BTreeMap<String, Value>;

#[tokio::test]
async fn sessions_of_v3_go_on() {
    let profile = Profile::lucia(Dialect::Sqlite)
        .with_extra_column(Table::Users, ExtraColumn::text("username"))
        .with_column(Table::Users, "email", "email")
        .with_extra_column(Table::Sessions, ExtraColumn::text("ip_country"));
    let dump = Dump::open("lucia3", profile).await;
    let lucia = dump.lucia::<Attributes, Attributes>();
    let now = iso(dump.clock.now());
    let (mut live, mut expired) = (0, 0);

    for row in dump.rows("sessions") {
        let id = row["sessionToken"].as_str().unwrap().into();
        let found = lucia.validate_session(&id).await.unwrap();

        if row["expires"].as_str().unwrap() <= now.as_str() {
            assert_eq!(found, None, "{row}");
            expired += 1;
            continue;
        }
        let found = found.unwrap();
        let user = dump.rows("users").iter().find(|user| user["id"] == row["userId"]).unwrap();
        assert_eq!(iso(found.session.expires_at), row["expires"].as_str().unwrap());
        assert!(!found.session.fresh);
        assert_eq!(serde_json::to_value(&found.session.attributes).unwrap(), row["extra"]);
        assert_eq!(found.user.id.as_str(), row["userId"].as_str().unwrap());
        assert_eq!(found.user.attributes["username"], user["extra"]["username"]);
        // A column that the contract knows is there if it is not null.
        let email = found.user.attributes.get("email").cloned().unwrap_or_default();
        assert_eq!(email, user["extra"]["email"]);
        live += 1;
    }
    assert_eq!((live, expired), (4, 1));
}

#[tokio::test]
async fn sessions_and_keys_of_v2_go_on() {
    let profile = Profile::lucia_v2(Dialect::Sqlite)
        .with_extra_column(Table::Users, ExtraColumn::text("username"))
        .with_extra_column(Table::Sessions, ExtraColumn::text("country"));
    let dump = Dump::open("lucia2", profile).await;
    let lucia = dump.lucia::<Attributes, Username>().with_session_periods(DAY, 14 * DAY);

    for row in dump.rows("sessions") {
        let id = row["sessionToken"].as_str().unwrap().into();
        // The idle period of 14 days begins when the active one ends.
        let (stored, _) = dump.store.session_and_user(&id).await.unwrap().unwrap();
        let active = stored.expires.before(14 * DAY);
        assert_eq!(iso(active), row["extra"]["active_expires"].as_str().unwrap());
        dump.clock.set(Timestamp::from_millis(active.as_millis() - 1));
        let found = lucia.validate_session(&id).await.unwrap().unwrap();
        dump.clock.set(active);
        let idle = lucia.validate_session(&id).await.unwrap().unwrap();

        assert_eq!(iso(found.session.expires_at), row["expires"].as_str().unwrap());
        assert_eq!(found.session.attributes["country"], row["extra"]["country"]);
        // What v2 would find in the row: the session is active again, for a day.
        let (stored, _) = dump.store.session_and_user(&id).await.unwrap().unwrap();
        assert_eq!(stored.extra["active_expires"], iso(active.after(DAY)));
        assert_eq!(stored.expires, active.after(15 * DAY));
        assert_eq!(idle.session.attributes["active_expires"], iso(active.after(DAY)));
        assert!(
            !found.session.fresh && idle.session.fresh,
            "it is extended when its active period has passed"
        );
        assert_eq!(idle.session.expires_at, dump.clock.now().after(Duration::from_hours(15 * 24)));
    }
    for row in dump.rows("accounts") {
        let text = |key: &str| row[key].as_str().unwrap();
        let (provider, id) =
            (ProviderId::from(text("provider")), ProviderAccountId::from(text("providerAccountId")));
        let user = dump.store.user_by_account(&provider, &id).await.unwrap().unwrap();
        let account = dump.store.account(&provider, &id).await.unwrap().unwrap();

        assert_eq!(user.id.as_str(), text("userId"));
        assert_eq!(account.extra["hashed_password"], row["extra"]["hashed_password"]);
        if let Some(hash) = account.extra["hashed_password"].as_str() {
            let hash = PasswordHash::parse(hash).unwrap();
            assert_eq!(hash.form(), HashForm::S2);
            assert!(hash.verify("hunter22") && !hash.verify("hunter2"));
        }
    }
}
