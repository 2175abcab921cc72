//! What NextAuth v3 keeps beyond the contract, as it lies in the cells; and its tables under other names.

use std::sync::Arc;

use vestibule_conformance::Feature;
use vestibule_core::{
    AccountTokens, AccountType, Extra, NewAccount, NewSession, NewUser, SecretToken, Timestamp,
    VerificationToken,
};
use vestibule_profile_tests::{Database, Entry};
use vestibule_sql::{Profile, Table, schema};
use vestibule_testkit::TestClock;

use crate::Test;
use crate::place::{Place, block_on, dialect};

pub(crate) const TESTS: [(&str, Test); 2] = [
    ("tables_of_v3_behind_a_prefix_are_used", prefixed),
    ("tables_of_v3_whose_models_are_mapped_are_used", mapped),
];

const AT: Timestamp = Timestamp::from_millis(1_925_089_445_678);
const BEFORE: &str = "2030-01-02T03:04:05.000Z";

const SNAKE: [&str; 3] = ["access_token", "created_at", "updated_at"];
const CAMEL: [&str; 3] = ["accessToken", "createdAt", "updatedAt"];

/// The columns of its own that v3 fills in every session, and their keys in `extra`.
fn own(entry: &Entry) -> Option<(&'static str, [&'static str; 3], [&'static str; 3])> {
    match entry.profile {
        "nextauth-v3" | "nextauth-v3-prisma-legacy" => Some(("sessions", SNAKE, SNAKE)),
        // The keys are the names in the models.
        "nextauth-v3-prisma-snake-case" => Some(("sessions", SNAKE, CAMEL)),
        "nextauth-v3-prisma" => Some(("Session", CAMEL, CAMEL)),
        _ => None,
    }
}

/// v3 makes 32 random bytes for each session; what is given instead is kept.
pub(crate) fn fields_can_be_set(entry: &Entry) {
    let Some((sessions, [token, created, updated], [token_key, created_key, _])) = own(entry) else { return };
    let Some(place) = Place::without_rows(entry) else { return };
    let profile = place.profile();
    let session = |extra: &[(&str, &str)]| {
        let mut session = NewSession::new("session", "".into(), AT);
        session.extra = extra.iter().map(|&(key, value)| (key.into(), value.into())).collect::<Extra>();
        session
    };
    block_on(async {
        let adapter = place.adapter_by(profile, Arc::new(TestClock::at(AT))).await;
        assert!(!entry.without.contains(&Feature::Accounts));
        let mut user = NewUser::with_email("ada@example.com");
        user.name = Some("Ada".into());
        let user = adapter.create_user(&user, None).await.unwrap();
        let mut plain = session(&[]);
        plain.user_id = user.id.clone();
        let made = adapter.create_session(&plain).await.unwrap();

        let random = place.cell(sessions, token).1;
        assert_eq!(random.len(), 64, "{random}");
        assert!(random.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{random}");
        assert_eq!(made.extra[token_key], random);
        assert_eq!(place.cell(sessions, created), place.cell(sessions, "expires"), "both are now");
        assert_eq!(place.cell(sessions, updated), place.cell(sessions, "expires"));

        adapter.delete_session(&"session".into()).await.unwrap().unwrap();
        let mut given = session(&[(token_key, "given"), (created_key, BEFORE)]);
        given.user_id = user.id;
        let made = adapter.create_session(&given).await.unwrap();
        assert_eq!((&made.extra[token_key], &made.extra[created_key]), (&"given".into(), &BEFORE.into()));
        let (read, _) = adapter.session_and_user(&"session".into()).await.unwrap().unwrap();
        assert_eq!(read.extra, made.extra);
    });
    assert_eq!(place.cell(sessions, token).1, "given");
    assert_ne!(place.cell(sessions, created), place.cell(sessions, updated), "only one was given");
}

/// One of each, and all of it found again.
fn is_used(place: &Place) {
    block_on(async {
        let adapter = place.adapter_by(place.profile(), Arc::new(TestClock::at(AT))).await;
        let mut account = NewAccount::new(AccountType::OAuth, "github", "583231");
        account.tokens = AccountTokens {
            access_token: Some(SecretToken::from("access")),
            refresh_token: Some(SecretToken::from("refresh")),
            ..AccountTokens::default()
        };
        let user = NewUser::with_email("ada@example.com");
        let user = adapter.create_user(&user, Some(&account)).await.unwrap();
        adapter.create_session(&NewSession::new("session", user.id.clone(), AT)).await.unwrap();
        let (identifier, token) = ("ada@example.com".into(), "hash".into());
        let token = VerificationToken { identifier, token, expires: AT };
        adapter.create_verification_token(&token).await.unwrap();

        let found = adapter.user_by_account(&"github".into(), &"583231".into()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&user));
        let (_, owner) = adapter.session_and_user(&"session".into()).await.unwrap().unwrap();
        assert_eq!(owner, user);
        let consumed = adapter.consume_verification_token("ada@example.com", &"hash".into()).await.unwrap();
        assert_eq!(consumed, Some(token));
        adapter.unlink_account(&"github".into(), &"583231".into()).await.unwrap().unwrap();
        adapter.link_account(&user.id, &account).await.unwrap();
    });
}

const COMPOUND_ID: &str = "4fcc682b4c8e565797dc73dfa62205f731c9a68fbda71ec1f9f86f5fe6051b9f";

/// As `entityPrefix` names them.
fn prefixed(database: Database) {
    let profile = Profile::nextauth_v3(dialect(database));
    let mut statements = schema::create(&profile, dialect(database)).unwrap();
    for table in ["users", "accounts", "sessions", "verification_requests"] {
        statements.push(format!("ALTER TABLE {table} RENAME TO shop_{table}"));
    }
    let profile = profile.with_table_prefix("shop_");
    let Some(place) = Place::made(database, "prefixed", &statements, profile) else { return };

    is_used(&place);

    assert_eq!(place.cell("shop_accounts", "compound_id").1, COMPOUND_ID);
    let detected = block_on(place.detect()).unwrap();
    if database != Database::MariaDb {
        // Our own tables keep dates there as those of Prisma.
        assert_eq!(detected.profile.name(), "nextauth-v3");
    }
    assert_eq!(detected.profile.table_name(Table::Sessions), Some("shop_sessions"));
}

/// As `modelMapping` of `Adapters.Prisma` names them, where the models have columns of other names too.
fn mapped(database: Database) {
    let profile = Profile::nextauth_v3_prisma_legacy(dialect(database));
    let mut statements = schema::create(&profile, dialect(database)).unwrap();
    statements.extend(
        [
            "ALTER TABLE users RENAME COLUMN email_verified TO verified",
            "ALTER TABLE users RENAME TO members",
            "ALTER TABLE accounts RENAME COLUMN compound_id TO hash",
            "ALTER TABLE accounts RENAME COLUMN user_id TO member",
            "ALTER TABLE sessions RENAME COLUMN access_token TO secret",
            "ALTER TABLE sessions RENAME COLUMN session_token TO token",
        ]
        .map(str::to_owned),
    );
    let profile = profile
        .with_table(Table::Users, "members")
        .with_column(Table::Users, "emailVerified", "verified")
        .with_column(Table::Accounts, "compound_id", "hash")
        .with_column(Table::Accounts, "userId", "member")
        .with_column(Table::Sessions, "access_token", "secret")
        .with_column(Table::Sessions, "sessionToken", "token");
    let Some(place) = Place::made(database, "mapped", &statements, profile) else { return };

    is_used(&place);

    assert_eq!(place.cell("accounts", "hash").1, COMPOUND_ID);
    assert_eq!(place.cell("sessions", "secret").1.len(), 64);
}
