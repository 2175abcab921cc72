//! Names that are hard to quote, on a real SQLite: everything works under them, or they are refused beforehand.

use proptest::prelude::*;
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Dialect, ExtraColumn, Guarantees, Profile, SqlAdapter, Table, schema};
use vestibule_testkit::operations::{Given, each_operation};

const RENAMED: [(Table, &str); 6] = [
    (Table::Users, "email"),
    (Table::Users, "emailVerified"),
    (Table::Accounts, "userId"),
    (Table::Sessions, "expires"),
    (Table::Sessions, "sessionToken"),
    (Table::VerificationTokens, "token"),
];

fn name() -> impl Strategy<Value = String> {
    const NASTY: &[&str] = &[
        "",
        " ",
        "\"",
        "\"\"",
        "'",
        "a\0b",
        "a;b",
        "--",
        "/*",
        "x\"; DROP TABLE users; --",
        "select",
        "order",
        "table",
        "rowid",
        "RowID",
        "oid",
        "_rowid_",
        "ctid",
        "tableoid",
        "sqlite_x",
        "SQLite_master",
        "users",
        "USERS",
        "expires",
        "t",
        "u",
        "o",
        "owner",
        "taken",
        "a NOT NULL b",
        "a REFERENCES b",
        "?1",
        "$1",
        "a.b",
        "[x]",
        "`x`",
        "naïve",
        "İ",
        "数据",
        "🦀",
        "a\nb",
        "\u{feff}x",
        "users_email_key",
    ];
    prop_oneof![
        proptest::sample::select(NASTY).prop_map(str::to_owned),
        "[a-zA-Z_ ;\"'.\\-]{1,12}",
        "\\PC{1,20}",
        "[a-z\"é]{60,70}",
        "[a-z]{990,1010}",
    ]
}

fn profile() -> impl Strategy<Value = Profile> {
    let tables = proptest::array::uniform5(proptest::option::of(name()));
    let columns = proptest::array::uniform6(proptest::option::of(name()));
    (tables, columns, proptest::option::of(name()), any::<bool>()).prop_map(
        |(tables, columns, extra, snake_case)| {
            let mut profile = Profile::authjs().with_authenticators("authenticators");
            for (table, name) in Table::ALL.into_iter().zip(tables) {
                if let Some(name) = name {
                    profile = profile.with_table(table, name);
                }
            }
            for ((table, field), name) in RENAMED.into_iter().zip(columns) {
                if let Some(name) = name {
                    profile = profile.with_column(table, field, name);
                }
            }
            if let Some(name) = extra {
                let column = ExtraColumn::text("role").with_name(name).with_default("it's \"me\"; --");
                profile = profile.with_extra_column(Table::Users, column);
            }
            if snake_case { profile.with_snake_case() } else { profile }
        },
    )
}

/// Runs everything under the profile; `false` if it is refused.
async fn works(profile: &Profile) -> bool {
    let Ok(statements) = schema::create(profile, Dialect::Sqlite) else { return false };
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, &statements).await.unwrap();
    // Nothing is left to add, and nothing is taken for something else.
    let report = schema::inspect(&driver, profile).await.unwrap();
    assert_eq!(report.additions(), Vec::<String>::new());
    assert_eq!(report.fits().unwrap(), Guarantees::ALL);

    for (tag, guarantees) in [("a", Guarantees::ALL), ("b", Guarantees::default())] {
        let adapter = SqlAdapter::with_guarantees(driver.clone(), profile.clone(), guarantees).unwrap();
        each_operation(&adapter, &Given::tagged(tag), |name, result| {
            assert!(result.is_ok(), "{name}: {result:?}");
        })
        .await;
    }
    true
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_is_served_or_refused_before_anything_is_sent(profile in profile()) {
        block_on(works(&profile));
    }
}

#[tokio::test]
async fn a_name_that_another_statement_would_end_in_is_only_a_name() {
    let nasty = "x\"; DROP TABLE users; --";
    let profile = Profile::authjs()
        .with_authenticators("authenticators")
        .with_table(Table::Users, nasty)
        .with_table(Table::Sessions, "it's a session")
        .with_column(Table::Users, "email", "select \" from")
        .with_column(Table::Accounts, "userId", "a NOT NULL b")
        .with_column(Table::Sessions, "expires", "数据 🦀");

    assert!(works(&profile).await);
}

#[tokio::test]
async fn names_that_would_be_cut_to_one_and_the_same_stay_apart() {
    // The names of their keys begin with the same thousand bytes.
    let long = "x".repeat(1000);
    let profile = Profile::authjs().with_authenticators("a").with_table(Table::Sessions, long);

    assert!(works(&profile).await);
}

#[tokio::test]
async fn a_key_does_not_take_the_name_of_a_table() {
    let profile = Profile::authjs().with_authenticators("a").with_table(Table::Sessions, "USERS_email_key");

    assert!(works(&profile).await);
}

#[test]
fn names_that_the_database_keeps_for_itself_are_refused() {
    let refused = |profile: Profile, dialect| schema::create(&profile, dialect).is_err();
    let column = |name: &str| Profile::authjs().with_column(Table::Users, "name", name);
    let table = |name: &str| Profile::authjs().with_table(Table::Accounts, name);

    for name in ["rowid", "RowId", "oid", "_ROWID_"] {
        assert!(refused(column(name), Dialect::Sqlite), "{name}");
        assert!(!refused(column(name), Dialect::Postgres), "{name}");
    }
    for name in ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"] {
        assert!(refused(column(name), Dialect::Postgres), "{name}");
        assert!(!refused(column(name), Dialect::Sqlite), "{name}");
    }
    assert!(refused(table("SQLite_accounts"), Dialect::Sqlite));
    assert!(refused(table("Users"), Dialect::Sqlite));
    assert!(!refused(table("Users"), Dialect::Postgres));
    for name in ["", "a\0b"] {
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            assert!(refused(column(name), dialect) && refused(table(name), dialect), "{name:?}");
        }
    }
    assert!(refused(column(&"x".repeat(64)), Dialect::Postgres));
    assert!(!refused(column(&"x".repeat(63)), Dialect::Postgres));
    assert!(refused(column(&"é".repeat(32)), Dialect::Postgres));
}
