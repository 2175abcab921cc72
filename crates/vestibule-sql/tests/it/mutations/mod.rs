//! Tables that were changed at random, on a real SQLite, PostgreSQL and MariaDB: either the profile is refused and
//! what differs is named, or every operation answers as it should or with an error. Never a panic, never another row,
//! and looking changes nothing.

mod databases;
mod tables;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Runtime;
use vestibule_core::{
    Accounts as _, AdapterError, ProviderAccountId, ProviderId, SecretToken, Sessions as _, Timestamp,
    TokenHash, User, Users as _, VerificationTokens as _,
};
use vestibule_sql::schema::{self, SchemaError};
use vestibule_sql::{Driver, Row, SqlAdapter};
use vestibule_testkit::mysql::execute;
use vestibule_testkit::operations::{Given, each_operation};

use self::databases::{Home, MariaDb, Postgres, Sqlite};
use self::tables::{Change, Made, change, changed, every_type};

/// Makes the tables with their rows; tells whether every row is there, or nothing if the database would not have the
/// tables. A row that it would not have is left out.
async fn make<H: Home>(driver: &H::Driver, tables: &[Made]) -> Option<bool> {
    let mut whole = true;
    for table in tables {
        schema::apply(driver, &[table.create(&H::WORDS)]).await.ok()?;
        whole &= schema::apply(driver, &[table.insert(&H::WORDS)]).await.is_ok();
    }
    Some(whole)
}

/// All that can be seen of the tables and their rows.
async fn picture<H: Home>(driver: &H::Driver, tables: &[Made]) -> Vec<Vec<Row>> {
    let mut seen = vec![execute(driver, H::CATALOG).await];
    for table in tables {
        seen.push(execute(driver, &format!("SELECT * FROM {}", table.quoted(&H::WORDS))).await);
    }
    seen
}

/// What only reads, of tables that the profile has.
const READS: [&str; 10] = [
    "ping",
    "user",
    "user_by_email",
    "user_by_account",
    "update_user with nothing",
    "account",
    "accounts_of_user",
    "session_and_user",
    "update_session with nothing",
    "sessions_of_user",
];

/// An error that an operator can act on: never an outage, and a row is named by table and column. A constraint is in the
/// way of writes alone, so that a read finds a row that makes no sense, or answers.
fn is_named(operation: &str, error: &AdapterError) -> bool {
    match error {
        AdapterError::CorruptRow { table, column, problem } => {
            let names = ["users", "accounts", "sessions", "verification_token"];
            names.contains(&&**table) && !column.is_empty() && problem.starts_with("expected ")
        }
        AdapterError::Conflict { .. } | AdapterError::OwnerAbsent { .. } | AdapterError::Refused { .. } => {
            !READS.contains(&operation)
        }
        _ => false,
    }
}

fn right_or_named<T: PartialEq + std::fmt::Debug>(
    what: &str,
    answer: Result<T, AdapterError>,
    right: &T,
) -> Result<(), TestCaseError> {
    match answer {
        Ok(answer) => prop_assert_eq!(&answer, right, "{}", what),
        Err(error) => prop_assert!(is_named(what, &error), "{what}: {error:?}"),
    }
    Ok(())
}

/// The rows that are there, and none for a key in another case.
async fn reads_right<D: Driver>(adapter: &SqlAdapter<D>, now: i64) -> Result<(), TestCaseError> {
    let ada = User {
        id: "7".into(),
        name: Some("007".into()),
        email: Some("ada@example.com".into()),
        email_verified: Some(Timestamp::from_millis(now)),
        image: Some("1.50".into()),
        extra: vestibule_core::Extra::new(),
    };
    right_or_named("user", adapter.user(&"7".into()).await, &Some(ada.clone()))?;
    for (email, right) in
        [("ada@example.com", Some(ada.clone())), ("ADA@example.com", None), ("ada@example.com ", None)]
    {
        right_or_named("user_by_email", adapter.user_by_email(email).await, &right)?;
    }
    for (id, right) in [("05e31", Some(ada.clone())), ("05E31", None), ("05e31 ", None)] {
        let found = adapter.user_by_account(&ProviderId::from("github"), &ProviderAccountId::from(id)).await;
        right_or_named("user_by_account", found, &right)?;
    }
    for (token, right) in [("4e2", Some((now, ada))), ("4E2", None), ("4e2 ", None)] {
        let found = adapter.session_and_user(&SecretToken::from(token)).await;
        let found = found.map(|found| found.map(|(session, user)| (session.expires.as_millis(), user)));
        right_or_named("session_and_user", found, &right)?;
    }
    for (identifier, token, right) in
        [("8e5", "9E9", None), ("8E5", "9e9", None), ("8e5", "9e9", Some(("8e5".to_owned(), now)))]
    {
        let taken = adapter.consume_verification_token(identifier, &TokenHash::from(token)).await;
        let taken = taken.map(|token| token.map(|it| (it.identifier.to_string(), it.expires.as_millis())));
        right_or_named("consume_verification_token", taken, &right)?;
    }
    Ok(())
}

/// Whatever the rows hold: each read answers, or names what makes no sense.
async fn reads_or_names<D: Driver>(adapter: &SqlAdapter<D>) -> Result<(), TestCaseError> {
    let (provider, id) = (ProviderId::from("github"), ProviderAccountId::from("05e31"));
    let answers = [
        ("user", adapter.user(&"7".into()).await.map(drop)),
        ("user_by_email", adapter.user_by_email("ada@example.com").await.map(drop)),
        ("user_by_account", adapter.user_by_account(&provider, &id).await.map(drop)),
        ("account", adapter.account(&provider, &id).await.map(drop)),
        ("accounts_of_user", adapter.accounts_of_user(&"7".into()).await.map(drop)),
        ("session_and_user", adapter.session_and_user(&SecretToken::from("4e2")).await.map(drop)),
        ("sessions_of_user", adapter.sessions_of_user(&"7".into()).await.map(drop)),
    ];
    for (operation, answer) in answers {
        let error = answer.err();
        let named = error.as_ref().is_none_or(|error| is_named(operation, error));
        prop_assert!(named, "{operation}: {error:?}");
    }
    Ok(())
}

fn names_a_table(message: &str) -> bool {
    ["users", "accounts", "sessions", "verification_token"].iter().any(|table| message.contains(table))
}

/// Which way a case went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The database would not have such tables.
    Impossible,
    Refused,
    Used,
}

async fn is_refused_by_name_or_read_right<H: Home>(
    home: &H,
    changes: &[Change],
) -> Result<Outcome, TestCaseError> {
    let (tables, values) = changed(&H::WORDS, changes);
    let (driver, profile) = home.empty().await;
    let Some(whole) = make::<H>(&driver, &tables).await else { return Ok(Outcome::Impossible) };

    let before = picture::<H>(&driver, &tables).await;
    let answer = SqlAdapter::inspect(driver.clone(), profile).await;
    prop_assert_eq!(picture::<H>(&driver, &tables).await, before, "looking has changed something");
    let adapter = match answer {
        Ok(adapter) => adapter,
        Err(SchemaError::Unfit(findings)) => {
            prop_assert!(!findings.is_empty());
            prop_assert!(
                findings.iter().all(|finding| {
                    names_a_table(&finding.message)
                        || finding.message.contains("tables are missing in the schema")
                }),
                "{findings:?}"
            );
            return Ok(Outcome::Refused);
        }
        Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
    };
    if values {
        reads_or_names(&adapter).await?;
    } else if whole {
        reads_right(&adapter, H::WORDS.now.1).await?;
    }
    let mut errors = Vec::new();
    each_operation(&adapter, &Given::tagged("t"), |operation, answer| {
        if let Err(error) = answer {
            errors.push((operation, error));
        }
    })
    .await;
    prop_assert!(errors.iter().all(|(operation, error)| is_named(operation, error)), "{errors:?}");
    Ok(Outcome::Used)
}

fn run<H: Home>(runtime: &Runtime, home: &H) {
    let mut outcomes = Vec::new();
    for changes in [Vec::new()].into_iter().chain(every_type(&H::WORDS, H::KINDS)) {
        let outcome = runtime.block_on(is_refused_by_name_or_read_right(home, &changes));
        outcomes.push(outcome.unwrap_or_else(|problem| panic!("{changes:?}: {problem}")));
    }
    assert_eq!(outcomes[0], Outcome::Used, "what is published fits");

    let config = Config { cases: H::CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcomes = std::cell::RefCell::new(outcomes);
    runner
        .run(&prop::collection::vec(change(&H::WORDS), 0..4), |changes| {
            let outcome = runtime.block_on(is_refused_by_name_or_read_right(home, &changes))?;
            outcomes.borrow_mut().push(outcome);
            Ok(())
        })
        .unwrap();
    for way in [Outcome::Refused, Outcome::Used] {
        let count = outcomes.borrow().iter().filter(|&&outcome| outcome == way).count();
        assert!(count >= 10, "only {count} were {way:?}");
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn changed_tables_are_refused_by_name_or_read_right() {
    run(&runtime(), &Sqlite);
}

#[test]
fn changed_tables_of_postgres_are_refused_by_name_or_read_right() {
    let Some(home) = Postgres::start() else { return };
    run(&runtime(), &home);
}

#[test]
fn changed_tables_of_mariadb_are_refused_by_name_or_read_right() {
    let runtime = runtime();
    let Some(home) = runtime.block_on(MariaDb::start()) else { return };
    run(&runtime, &home);
}
