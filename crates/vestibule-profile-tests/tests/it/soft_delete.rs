//! Users that are marked instead of deleted, on each database.

use vestibule_core::{
    AccountType, Adapter, AdapterError, Change, Entity, NewAccount, NewSession, NewUser, Timestamp, User,
    UserChanges,
};
use vestibule_profile_tests::Database;
use vestibule_sql::{ExtraColumn, Profile, Table, schema};

use crate::Test;
use crate::place::{Place, block_on, dialect};

pub(crate) const TESTS: [(&str, Test); 4] = [
    ("a_deleted_user_is_marked_and_signs_in_no_more", is_marked),
    ("the_address_of_a_deleted_user_comes_back_where_nothing_keeps_it_unique", comes_back),
    ("the_address_of_a_deleted_user_comes_back_beside_a_partial_key", comes_back_beside_a_partial_key),
    ("the_address_of_a_deleted_user_stays_taken_where_the_table_keeps_it_unique", stays_taken),
];

const EMAIL: &str = "ada@example.com";
const LATER: Timestamp = Timestamp::from_secs(1_925_089_445);

/// How the table keeps addresses unique.
#[derive(Clone, Copy, PartialEq)]
enum Unique {
    Always,
    AmongTheLiving,
    Never,
}

fn place(database: Database, unique: Unique) -> Option<Place> {
    let profile = Profile::authjs()
        .with_extra_column(Table::Users, ExtraColumn::time("deletedAt"))
        .with_soft_delete("deletedAt");
    let statements = schema::create(&profile, dialect(database)).unwrap();
    let place = Place::made(database, "soft_delete", &statements, profile)?;
    if unique != Unique::Always {
        place.run(match database {
            Database::MariaDb | Database::MySql => "ALTER TABLE users DROP INDEX users_email_key",
            Database::Postgres | Database::Sqlite => "DROP INDEX users_email_key",
        });
    }
    if unique == Unique::AmongTheLiving {
        place.run("CREATE UNIQUE INDEX living ON users (email) WHERE \"deletedAt\" IS NULL");
    }
    Some(place)
}

/// A user who has signed in, and was deleted then.
async fn deleted(adapter: &dyn Adapter) -> User {
    let account = NewAccount::new(AccountType::OAuth, "github", "7");
    let user = adapter.create_user(&NewUser::with_email(EMAIL), Some(&account)).await.unwrap();
    adapter.create_session(&NewSession::new("session", user.id.clone(), LATER)).await.unwrap();
    adapter.delete_user(&user.id).await.unwrap().unwrap()
}

fn is_marked(database: Database) {
    let Some(place) = place(database, Unique::Always) else { return };
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let gone = deleted(&*adapter).await;

        assert_eq!(adapter.user(&gone.id).await.unwrap(), None);
        assert_eq!(adapter.user_by_email(EMAIL).await.unwrap(), None);
        assert_eq!(adapter.user_by_account(&"github".into(), &"7".into()).await.unwrap(), None);
        assert_eq!(adapter.account(&"github".into(), &"7".into()).await.unwrap(), None);
        assert_eq!(adapter.session_and_user(&"session".into()).await.unwrap(), None);
        assert_eq!(adapter.delete_user(&gone.id).await.unwrap(), None, "it is gone already");
        let change = UserChanges { name: Change::Set(Some("Eve".into())), ..UserChanges::default() };
        assert_eq!(adapter.update_user(&gone.id, &change).await.unwrap(), None);
        // What another program has left of it, or adds to it, does not sign anybody in either.
        let session = NewSession::new("another", gone.id.clone(), LATER);
        let refused = adapter.create_session(&session).await.unwrap_err();
        assert!(matches!(refused, AdapterError::OwnerAbsent { entity: Entity::Session }), "{refused:?}");
        place.run(&format!(
            "INSERT INTO sessions ({}, expires, {}) SELECT id, {}, 'left' FROM users",
            quoted(database, "userId"),
            quoted(database, "sessionToken"),
            match database {
                Database::Sqlite => "1925089445000",
                Database::MariaDb | Database::MySql | Database::Postgres => "'2031-01-02 03:04:05'",
            },
        ));
        assert_eq!(adapter.session_and_user(&"left".into()).await.unwrap(), None);
        let policy = vestibule_core::TouchPolicy {
            max_age: std::time::Duration::from_hours(1),
            update_age: std::time::Duration::ZERO,
        };
        let now = Timestamp::from_secs(1_925_089_000);
        assert!(adapter.touch_session(&"left".into(), now, &policy).await.unwrap().is_none());
    });

    assert_ne!(place.cell("users", "deletedAt").1, "", "the row is there, and marked");
    assert_eq!(place.cell("users", "email").1, EMAIL);
}

fn quoted(database: Database, name: &str) -> String {
    let quote = if database == Database::MariaDb { '`' } else { '"' };
    format!("{quote}{name}{quote}")
}

fn comes_back(database: Database) {
    let Some(place) = place(database, Unique::Never) else { return };
    address_comes_back(&place);
}

fn comes_back_beside_a_partial_key(database: Database) {
    if database == Database::MariaDb {
        // It has no such keys.
        return;
    }
    let Some(place) = place(database, Unique::AmongTheLiving) else { return };
    address_comes_back(&place);
}

fn address_comes_back(place: &Place) {
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let gone = deleted(&*adapter).await;

        let account = NewAccount::new(AccountType::OAuth, "github", "7");
        let again = adapter.create_user(&NewUser::with_email(EMAIL), Some(&account)).await.unwrap();
        assert_ne!(again.id, gone.id);
        assert_eq!(adapter.user_by_email(EMAIL).await.unwrap().as_ref(), Some(&again));
        let twice = adapter.create_user(&NewUser::with_email(EMAIL), None).await.unwrap_err();
        assert!(matches!(twice, AdapterError::Conflict { entity: Entity::User }), "{twice:?}");

        adapter.delete_user(&again.id).await.unwrap().unwrap();
        let other = adapter.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
        let change = UserChanges { email: Change::Set(Some(EMAIL.into())), ..UserChanges::default() };
        let moved = adapter.update_user(&other.id, &change).await.unwrap().unwrap();
        assert_eq!(moved.email.as_deref(), Some(EMAIL));
        let third = adapter.create_user(&NewUser::with_email("eve@example.com"), None).await.unwrap();
        let taken = adapter.update_user(&third.id, &change).await.unwrap_err();
        assert!(matches!(taken, AdapterError::Conflict { entity: Entity::User }), "{taken:?}");
    });
}

fn stays_taken(database: Database) {
    let Some(place) = place(database, Unique::Always) else { return };
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        deleted(&*adapter).await;

        let again = adapter.create_user(&NewUser::with_email(EMAIL), None).await.unwrap_err();
        assert!(matches!(again, AdapterError::Conflict { entity: Entity::User }), "{again:?}");
        let account = NewAccount::new(AccountType::OAuth, "github", "7");
        let again = adapter.create_user(&NewUser::with_email(EMAIL), Some(&account)).await.unwrap_err();
        assert!(matches!(again, AdapterError::Conflict { entity: Entity::User }), "{again:?}");
        assert_eq!(
            adapter.account(&"github".into(), &"7".into()).await.unwrap(),
            None,
            "nothing is left of it"
        );
        let other = adapter.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
        let change = UserChanges { email: Change::Set(Some(EMAIL.into())), ..UserChanges::default() };
        let taken = adapter.update_user(&other.id, &change).await.unwrap_err();
        assert!(matches!(taken, AdapterError::Conflict { entity: Entity::User }), "{taken:?}");
    });
}
