//! What Lucia leaves to the application: the types of ids, who makes them, and what the tables are called.

use std::time::Duration;

use vestibule_core::{
    AdapterError, FirstSession, IdKind, NewSession, NewUser, SessionChanges, Timestamp, TouchPolicy,
};
use vestibule_profile_tests::Database;
use vestibule_sql::{Profile, Table};

use crate::Test;
use crate::place::{Place, block_on, dialect};

pub(crate) const TESTS: [(&str, Test); 4] = [
    ("ids_of_lucias_users_may_be_numbers_that_nothing_counts", numbered_by_hand),
    ("a_session_token_that_is_no_uuid_names_no_session", malformed),
    ("uuids_in_columns_of_text_are_compared_byte_by_byte", uuids_in_text),
    ("tables_of_lucia_under_any_name_are_used", renamed),
];

const AT: Timestamp = Timestamp::from_secs(1_925_089_445);

/// Users, and sessions with a place for their end.
fn tables(database: Database, [users, sessions]: [&str; 2], [user_id, session_id]: [&str; 2]) -> [String; 2] {
    let expires = match database {
        Database::Postgres => "timestamptz",
        Database::MariaDb | Database::MySql => "DATETIME",
        Database::Sqlite => "INTEGER",
    };
    [
        format!("CREATE TABLE {users} (id {user_id} NOT NULL PRIMARY KEY)"),
        format!(
            "CREATE TABLE {sessions} (id {session_id} NOT NULL PRIMARY KEY, expires_at {expires} NOT NULL, \
             user_id {user_id} NOT NULL)"
        ),
    ]
}

fn usual_names(database: Database) -> [&'static str; 2] {
    match database {
        Database::Postgres => ["auth_user", "user_session"],
        Database::MariaDb | Database::MySql => ["user", "user_session"],
        Database::Sqlite => ["user", "session"],
    }
}

/// The application gives each user a number; there is no default.
fn numbered_by_hand(database: Database) {
    let names = usual_names(database);
    let statements = tables(database, names, ["INT", "VARCHAR(255)"]);
    let profile = Profile::lucia(dialect(database)).with_id_kind(IdKind::Serial);
    let Some(place) = Place::made(database, "lucia_numbers", &statements, profile) else { return };
    place.run(&format!("INSERT INTO {} (id) VALUES (7)", names[0]));
    block_on(async {
        let found = place.detect().await.unwrap().profile;
        assert_eq!(found.id_kind(), IdKind::Serial);
        for profile in [place.profile(), found] {
            let adapter = place.adapter(profile).await;
            let made = adapter.create_session(&NewSession::new("session", "7".into(), AT)).await.unwrap();
            let (session, user) = adapter.session_and_user(&"session".into()).await.unwrap().unwrap();
            assert_eq!((&session, user.id.as_str()), (&made, "7"));
            assert_eq!(adapter.user(&"7".into()).await.unwrap(), Some(user));
            for nobody in ["8", "07", "seven", "7 "] {
                assert_eq!(adapter.user(&nobody.into()).await.unwrap(), None, "{nobody:?}");
            }
            let refused = adapter.create_user(&NewUser::default(), None).await.unwrap_err();
            assert!(matches!(refused, AdapterError::Refused { .. }), "{refused:?}");
            adapter.delete_session(&"session".into()).await.unwrap().unwrap();
        }
    });
}

const TOKEN: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

/// Of the right shape, and not of a kind that RFC 9562 knows.
const ODD: &str = "11111111-1111-1111-1111-111111111111";
const NIL: &str = "00000000-0000-0000-0000-000000000000";

fn malformed(database: Database) {
    let uuid = if database == Database::Sqlite { "TEXT" } else { "uuid" };
    let statements = tables(database, usual_names(database), [uuid, uuid]);
    let profile = Profile::lucia(dialect(database)).with_id_kind(IdKind::Uuid).with_uuid_session_tokens();
    let Some(place) = Place::made(database, "lucia_uuids", &statements, profile) else { return };
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let user = adapter.create_user(&NewUser::default(), None).await.unwrap();
        let made = adapter.create_session(&NewSession::new(TOKEN, user.id.clone(), AT)).await.unwrap();
        assert_eq!(made.token.expose(), TOKEN);
        let policy = TouchPolicy { max_age: Duration::from_hours(1), update_age: Duration::ZERO };
        let change = SessionChanges { expires: vestibule_core::Change::Set(AT), ..SessionChanges::default() };
        let shouted = TOKEN.to_uppercase();
        let braced = format!("{{{TOKEN}}}");
        for token in ["session", "", "'", "\0", &shouted, &braced, &TOKEN.replace('-', ""), ODD, NIL] {
            let key = token.into();
            assert_eq!(adapter.session_and_user(&key).await.unwrap(), None, "{token:?}");
            assert_eq!(adapter.touch_session(&key, Timestamp::from_secs(7), &policy).await.unwrap(), None);
            assert_eq!(adapter.update_session(&key, &change).await.unwrap(), None);
            assert_eq!(adapter.delete_session(&key).await.unwrap(), None);
        }
        let refused = adapter.create_session(&NewSession::new("session", user.id.clone(), AT)).await;
        assert!(matches!(refused, Err(AdapterError::Refused { .. })), "{refused:?}");
        let first = FirstSession::new("session", AT);
        let refused = adapter.sign_up(&NewUser::default(), None, &first).await;
        assert!(matches!(refused, Err(AdapterError::Refused { .. })), "{refused:?}");
        let (found, _) = adapter.session_and_user(&TOKEN.into()).await.unwrap().unwrap();
        assert_eq!(found, made);
        assert_eq!(adapter.delete_sessions_of_user(&user.id, Some(&TOKEN.into())).await.unwrap(), 0);
        let ended = adapter.delete_sessions_of_user(&user.id, Some(&"session".into())).await.unwrap();
        assert_eq!(ended, 1, "a token that cannot exist keeps nothing");
    });
}

/// As other programs have left them, in another case, where the collation takes one for the other.
fn uuids_in_text(database: Database) {
    let uuid = match database {
        // A column of text is refused.
        Database::Postgres => return,
        Database::MariaDb | Database::MySql => "CHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        Database::Sqlite => "TEXT COLLATE NOCASE",
    };
    let names = usual_names(database);
    let statements = tables(database, names, [uuid, uuid]);
    let profile = Profile::lucia(dialect(database)).with_id_kind(IdKind::Uuid).with_uuid_session_tokens();
    let Some(place) = Place::made(database, "lucia_uuid_texts", &statements, profile) else { return };
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let user = adapter.create_user(&NewUser::default(), None).await.unwrap();
        let made = adapter.create_session(&NewSession::new(TOKEN, user.id.clone(), AT)).await.unwrap();
        let found = adapter.session_and_user(&TOKEN.into()).await.unwrap();
        assert_eq!(found, Some((made, user.clone())));
        assert_eq!(adapter.user(&user.id).await.unwrap().as_ref(), Some(&user));

        place.run(&format!("UPDATE {} SET id = UPPER(id)", names[1]));
        assert_eq!(adapter.session_and_user(&TOKEN.into()).await.unwrap(), None);
        assert_eq!(adapter.delete_session(&TOKEN.into()).await.unwrap(), None);
        place.run(&format!("UPDATE {} SET id = '{}'", names[0], TOKEN.to_uppercase()));
        assert_eq!(adapter.user(&TOKEN.into()).await.unwrap(), None);
    });
}

/// Lucia takes any names.
fn renamed(database: Database) {
    let names = ["our members", "signed.in"];
    let quote = if database == Database::MariaDb { '`' } else { '"' };
    let quoted = names.map(|name| format!("{quote}{name}{quote}"));
    let statements = tables(database, [&quoted[0], &quoted[1]], ["VARCHAR(255)", "VARCHAR(255)"]);
    let profile = Profile::lucia(dialect(database))
        .with_table(Table::Users, names[0])
        .with_table(Table::Sessions, names[1]);
    let Some(place) = Place::made(database, "lucia_names", &statements, profile) else { return };
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let user = adapter.create_user(&NewUser::default(), None).await.unwrap();
        let made = adapter.create_session(&NewSession::new("session", user.id.clone(), AT)).await.unwrap();

        let found = adapter.session_and_user(&"session".into()).await.unwrap();

        assert_eq!(found, Some((made, user.clone())));
        assert_eq!(place.cell(names[0], "id").1, user.id.as_str());
        let undetected = place.detect().await.unwrap_err().to_string();
        assert!(names.iter().all(|name| undetected.contains(name)), "{undetected}");
    });
}
