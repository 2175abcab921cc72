//! What holds of every statement's text.

use vestibule_core::Adapter as _;
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Access, Dialect, Guarantees, Profile, SqlAdapter, schema};
use vestibule_testkit::operations::{Given, each_operation};

use crate::recorder::{TAG, changed, statements};

fn cases() -> impl Iterator<Item = (Dialect, Guarantees)> {
    let each = Dialect::ALL.into_iter();
    each.flat_map(|dialect| [(dialect, Guarantees::ALL), (dialect, Guarantees::default())])
}

/// The published profile, with ids that the database counts if it can.
fn published(dialect: Dialect) -> Profile {
    match dialect {
        Dialect::AuroraDsql => Profile::authjs().with_id_kind(vestibule_core::IdKind::Uuid),
        _ => Profile::authjs(),
    }
}

/// The text without quoted identifiers and without literals.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut open: Option<char> = None;
    for c in text.chars() {
        match open {
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => open = Some(c),
            None if c == '[' => open = Some(']'),
            None => out.push(c),
        }
    }
    assert_eq!(open, None, "a quote is left open: {text}");
    out
}

#[tokio::test]
async fn no_statement_holds_a_value() {
    for (dialect, guarantees) in cases() {
        for profile in [published(dialect), changed()] {
            for (operation, statements) in statements(profile, dialect, guarantees).await {
                assert!(!statements.is_empty(), "{operation} runs nothing");
                for statement in statements {
                    for value in [TAG, "7654321", "2007", "1000000"] {
                        assert!(!statement.text.contains(value), "{operation}: {}", statement.text);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn every_identifier_of_the_profile_is_quoted() {
    for (dialect, guarantees) in cases() {
        let created = schema::create(&changed(), dialect).unwrap();
        for text in &created {
            assert!(!bare(text).contains("Zz"), "{text}");
        }
        for (operation, statements) in statements(changed(), dialect, guarantees).await {
            for statement in statements {
                assert!(!bare(&statement.text).contains("Zz"), "{operation}: {}", statement.text);
                // SQL Server has statements of its own for variables and for what a procedure returns.
                let own = ["; DECLARE @vestibule_made", "; EXEC @P1_got = sp_getapplock", "; IF @P1_got"];
                let text = own.iter().fold(bare(&statement.text), |text, own| text.replace(own, " "));
                assert!(!text.contains(';'), "{operation}: {}", statement.text);
                assert!(!bare(&statement.text).contains("--"), "{operation}: {}", statement.text);
            }
        }
    }
}

#[tokio::test]
async fn placeholders_are_numbered_from_one_without_gaps() {
    for (dialect, guarantees) in cases() {
        let sign = match dialect {
            // Placeholders have no numbers.
            Dialect::MariaDb | Dialect::MySql => continue,
            Dialect::Sqlite => "?",
            Dialect::SqlServer => "@P",
            _ => "$",
        };
        for (operation, statements) in statements(changed(), dialect, guarantees).await {
            for statement in statements {
                let bare = bare(&statement.text);
                let numbers = bare.split(sign).skip(1).map(|rest| {
                    let digits = rest.chars().take_while(char::is_ascii_digit).collect::<String>();
                    digits.parse::<usize>().unwrap()
                });
                let mut numbers: Vec<_> = numbers.collect();
                numbers.sort_unstable();
                numbers.dedup();
                let wanted: Vec<_> = (1..=statement.params.len()).collect();
                assert_eq!(numbers, wanted, "{operation}: {}", statement.text);
            }
        }
    }
}

#[tokio::test]
async fn there_is_a_placeholder_for_each_parameter_where_they_have_no_numbers() {
    for dialect in [Dialect::MariaDb, Dialect::MySql] {
        for guarantees in [Guarantees::ALL, Guarantees::default()] {
            for (operation, statements) in statements(changed(), dialect, guarantees).await {
                for statement in statements {
                    let count = bare(&statement.text).matches('?').count();
                    assert_eq!(count, statement.params.len(), "{operation}: {}", statement.text);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_statement_that_is_said_to_read_neither_writes_nor_locks() {
    for (dialect, guarantees) in cases() {
        for (operation, statements) in statements(changed(), dialect, guarantees).await {
            for statement in statements.iter().filter(|statement| statement.access == Access::Read) {
                let bare = bare(&statement.text);
                assert!(bare.starts_with("SELECT "), "{operation}: {bare}");
                for word in ["INSERT", "UPDATE", "DELETE", "FOR ", "pg_advisory", "LOCK"] {
                    assert!(!bare.contains(word), "{operation}: {bare}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_operation_runs_on_the_changed_profile() {
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, &schema::create(&changed(), Dialect::Sqlite).unwrap()).await.unwrap();
    let adapter = SqlAdapter::inspect(driver, changed()).await.unwrap();
    assert_eq!(adapter.guarantees(), Guarantees::ALL);
    adapter.ping().await.unwrap();

    let given = Given::tagged(TAG).with("role", "admin").with("tier", "12.5").with("score", 2);
    each_operation(&adapter, &given, |name, result| {
        assert!(result.is_ok(), "{name}: {result:?}");
    })
    .await;
}
