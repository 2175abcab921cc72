//! Tables that were changed at random, on SQLite: either the profile is refused and what differs is named, or every
//! operation answers as it should or with an error. Never a panic, never another row.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vestibule_core::{
    Accounts as _, AdapterError, ProviderAccountId, ProviderId, SecretToken, Sessions as _, Timestamp,
    TokenHash, User, Users as _, VerificationTokens as _,
};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::schema::{self, SchemaError};
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_testkit::operations::{Given, each_operation};

/// A column: its name, its type with what follows it, and what the one row holds.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    definition: &'static str,
    value: &'static str,
}

#[derive(Clone, Debug)]
struct Made {
    name: String,
    columns: Vec<Column>,
}

/// The published tables with one row each. Texts that look like numbers are found out by a column that turns them.
fn published() -> Vec<Made> {
    let made = |name: &str, columns: &[(&str, &'static str, &'static str)]| Made {
        name: name.to_owned(),
        columns: columns
            .iter()
            .map(|&(name, definition, value)| Column { name: name.to_owned(), definition, value })
            .collect(),
    };
    vec![
        made(
            "users",
            &[
                ("id", "INTEGER PRIMARY KEY", "7"),
                ("name", "TEXT", "'007'"),
                ("email", "TEXT", "'ada@example.com'"),
                ("emailVerified", "INTEGER", "1925089445678"),
                ("image", "TEXT", "'1.50'"),
            ],
        ),
        made(
            "accounts",
            &[
                ("id", "INTEGER PRIMARY KEY", "3"),
                ("userId", "INTEGER NOT NULL", "7"),
                ("type", "TEXT NOT NULL", "'oauth'"),
                ("provider", "TEXT NOT NULL", "'github'"),
                ("providerAccountId", "TEXT NOT NULL", "'0583231'"),
                ("refresh_token", "TEXT", "NULL"),
                ("access_token", "TEXT", "'1e3'"),
                ("expires_at", "INTEGER", "1925089445"),
                ("id_token", "TEXT", "NULL"),
                ("scope", "TEXT", "NULL"),
                ("session_state", "TEXT", "NULL"),
                ("token_type", "TEXT", "'bearer'"),
            ],
        ),
        made(
            "sessions",
            &[
                ("id", "INTEGER PRIMARY KEY", "5"),
                ("userId", "INTEGER NOT NULL", "7"),
                ("expires", "INTEGER NOT NULL", "1925089445678"),
                ("sessionToken", "TEXT NOT NULL", "'0042'"),
            ],
        ),
        made(
            "verification_token",
            &[
                ("identifier", "TEXT NOT NULL", "'0815'"),
                ("expires", "INTEGER NOT NULL", "1925089445678"),
                ("token", "TEXT NOT NULL", "'0099'"),
            ],
        ),
    ]
}

/// One change. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Change {
    Add(usize, &'static str),
    Drop(usize, usize),
    DropTable(usize),
    Rename(usize, usize, &'static str),
    RenameTable(usize, &'static str),
    Retype(usize, usize, &'static str),
    Value(usize, usize, &'static str),
}

const TYPES: [&str; 20] = [
    "",
    "TEXT",
    "INTEGER",
    "REAL",
    "BLOB",
    "NUMERIC",
    "BOOLEAN",
    "DATETIME",
    "timestamp",
    "VARCHAR(255)",
    "CHAR(3)",
    "BIGINT",
    "JSON",
    "DECIMAL(10,2)",
    "TEXT COLLATE NOCASE",
    "TEXT UNIQUE",
    "INTEGER NOT NULL",
    "TEXT NOT NULL DEFAULT 'x'",
    "INTEGER GENERATED ALWAYS AS (1)",
    "TEXT CHECK (length(1) = 2)",
];

const NAMES: [&str; 8] =
    ["email", "ID", "user_id", "userid", "sessiontoken", "expires_at", "a \"b\"", "Users"];

const VALUES: [&str; 8] =
    ["NULL", "''", "'x'", "x'00ff'", "-1", "1.5", "9223372036854775807", "'2031-01-02'"];

fn change() -> impl Strategy<Value = Change> {
    let (table, column) = (0..4_usize, 0..12_usize);
    let (kind, name) = (prop::sample::select(&TYPES[..]), prop::sample::select(&NAMES[..]));
    prop_oneof![
        (table.clone(), kind.clone()).prop_map(|(at, kind)| Change::Add(at, kind)),
        (table.clone(), column.clone()).prop_map(|(at, column)| Change::Drop(at, column)),
        table.clone().prop_map(Change::DropTable),
        (table.clone(), column.clone(), name.clone()).prop_map(|(at, c, name)| Change::Rename(at, c, name)),
        (table.clone(), name).prop_map(|(at, name)| Change::RenameTable(at, name)),
        (table.clone(), column.clone(), kind).prop_map(|(at, c, kind)| Change::Retype(at, c, kind)),
        (table, column, prop::sample::select(&VALUES[..]))
            .prop_map(|(at, c, value)| Change::Value(at, c, value)),
    ]
}

/// What is changed, and whether the values of the rows were.
fn changed(changes: &[Change]) -> (Vec<Made>, bool) {
    let (mut tables, mut values) = (published(), false);
    for change in changes {
        let (Change::Add(at, _)
        | Change::Drop(at, _)
        | Change::DropTable(at)
        | Change::Rename(at, ..)
        | Change::RenameTable(at, _)
        | Change::Retype(at, ..)
        | Change::Value(at, ..)) = *change;
        if tables.is_empty() {
            break;
        }
        let at = at % tables.len();
        let table = &mut tables[at];
        let count = table.columns.len().max(1);
        match *change {
            Change::Add(_, definition) => {
                table.columns.push(Column { name: "added".to_owned(), definition, value: "'y'" });
            }
            Change::DropTable(_) => drop(tables.remove(at)),
            Change::RenameTable(_, name) => name.clone_into(&mut table.name),
            _ if table.columns.is_empty() => {}
            Change::Drop(_, column) => drop(table.columns.remove(column % count)),
            Change::Rename(_, column, name) => name.clone_into(&mut table.columns[column % count].name),
            Change::Retype(_, column, definition) => table.columns[column % count].definition = definition,
            Change::Value(_, column, value) => {
                values = true;
                table.columns[column % count].value = value;
            }
        }
    }
    (tables, values)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The statements that make the tables with their rows; `None` if a database would not have them.
async fn make(tables: &[Made]) -> Option<Rusqlite> {
    let mut statements = Vec::new();
    for table in tables.iter().filter(|table| !table.columns.is_empty()) {
        let columns =
            table.columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.definition));
        let name = quoted(&table.name);
        statements.push(format!("CREATE TABLE {name} ({})", columns.collect::<Vec<_>>().join(", ")));
        let given = table.columns.iter().filter(|column| !column.definition.contains("GENERATED"));
        let (names, values): (Vec<_>, Vec<_>) =
            given.map(|column| (quoted(&column.name), column.value)).unzip();
        statements.push(format!("INSERT INTO {name} ({}) VALUES ({})", names.join(", "), values.join(", ")));
    }
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, &statements).await.ok().map(|()| driver)
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

async fn reads_right(adapter: &SqlAdapter<Rusqlite>) -> Result<(), TestCaseError> {
    let ada = User {
        id: "7".into(),
        name: Some("007".into()),
        email: Some("ada@example.com".into()),
        email_verified: Some(Timestamp::from_millis(1_925_089_445_678)),
        image: Some("1.50".into()),
        extra: vestibule_core::Extra::new(),
    };
    right_or_named("user", adapter.user(&"7".into()).await, &Some(ada.clone()))?;
    right_or_named("user_by_email", adapter.user_by_email("ada@example.com").await, &Some(ada.clone()))?;
    right_or_named("user_by_email", adapter.user_by_email("ADA@example.com").await, &None)?;
    let account =
        adapter.user_by_account(&ProviderId::from("github"), &ProviderAccountId::from("0583231")).await;
    right_or_named("user_by_account", account, &Some(ada.clone()))?;
    let found = adapter.session_and_user(&SecretToken::from("0042")).await;
    let found = found.map(|found| found.map(|(session, user)| (session.expires.as_millis(), user)));
    right_or_named("session_and_user", found, &Some((1_925_089_445_678, ada)))?;
    let token = adapter.consume_verification_token("0815", &TokenHash::from("0099")).await;
    let token =
        token.map(|token| token.map(|token| (token.identifier.to_string(), token.expires.as_millis())));
    right_or_named("consume_verification_token", token, &Some(("0815".to_owned(), 1_925_089_445_678)))
}

/// Whatever the rows hold: each read answers, or names what makes no sense.
async fn reads_or_names(adapter: &SqlAdapter<Rusqlite>) -> Result<(), TestCaseError> {
    let (provider, id) = (ProviderId::from("github"), ProviderAccountId::from("0583231"));
    let answers = [
        ("user", adapter.user(&"7".into()).await.map(drop)),
        ("user_by_email", adapter.user_by_email("ada@example.com").await.map(drop)),
        ("user_by_account", adapter.user_by_account(&provider, &id).await.map(drop)),
        ("account", adapter.account(&provider, &id).await.map(drop)),
        ("accounts_of_user", adapter.accounts_of_user(&"7".into()).await.map(drop)),
        ("session_and_user", adapter.session_and_user(&SecretToken::from("0042")).await.map(drop)),
        ("sessions_of_user", adapter.sessions_of_user(&"7".into()).await.map(drop)),
    ];
    for (operation, answer) in answers {
        let error = answer.err();
        let named = error.as_ref().is_none_or(|error| is_named(operation, error));
        prop_assert!(named, "{operation}: {error:?}");
    }
    Ok(())
}

#[test]
fn changed_tables_are_refused_by_name_or_read_right() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = prop::collection::vec(change(), 0..4);
    runner
        .run(&strategy, |changes| {
            let (tables, values) = changed(&changes);
            runtime.block_on(async {
                let Some(driver) = make(&tables).await else { return Ok(()) };
                match SqlAdapter::inspect(driver, Profile::authjs()).await {
                    Err(SchemaError::Unfit(findings)) => {
                        let is_told = |message: &str| {
                            ["users", "accounts", "sessions", "verification_token"]
                                .iter()
                                .any(|table| message.contains(table))
                        };
                        prop_assert!(!findings.is_empty());
                        prop_assert!(
                            findings.iter().all(|finding| is_told(&finding.message)),
                            "{findings:?}"
                        );
                    }
                    Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
                    Ok(adapter) => {
                        if values {
                            reads_or_names(&adapter).await?;
                        } else {
                            reads_right(&adapter).await?;
                        }
                        let mut errors = Vec::new();
                        each_operation(&adapter, &Given::tagged("t"), |operation, answer| {
                            if let Err(error) = answer {
                                errors.push((operation, error));
                            }
                        })
                        .await;
                        let named = errors.iter().all(|(operation, error)| is_named(operation, error));
                        prop_assert!(named, "{errors:?}");
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}
