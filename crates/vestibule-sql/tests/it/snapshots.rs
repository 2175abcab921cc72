//! Every statement of every operation, as it is sent. A change to any of them is to be seen and meant.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vestibule_core::IdKind;
use vestibule_sql::{Dialect, ExtraColumn, Guarantees, Profile, Table, Value, schema};

use crate::recorder::{catalogue, statements};

/// Snake case, UUIDs, renamed tables, a schema, columns of the application's own.
fn house_style() -> Profile {
    Profile::authjs()
        .with_id_kind(IdKind::Uuid)
        .with_snake_case()
        .with_authenticators("passkeys")
        .with_postgres_schema("auth")
        .with_table(Table::Users, "members")
        .with_column(Table::Users, "image", "avatar \"url\"")
        .with_extra_column(Table::Users, ExtraColumn::text("role").with_default("it's \"me\""))
        .with_extra_column(Table::Users, ExtraColumn::json("preferences"))
}

/// The published profile, with ids that the database counts if it can.
fn counting(dialect: Dialect) -> Profile {
    match dialect {
        Dialect::AuroraDsql => Profile::authjs().with_id_kind(IdKind::Text),
        _ => Profile::authjs(),
    }
}

async fn written(profile: Profile, dialect: Dialect, guarantees: Guarantees) -> String {
    let mut out = String::new();
    for (operation, statements) in statements(profile, dialect, guarantees).await {
        writeln!(out, "# {operation}").unwrap();
        for statement in statements {
            writeln!(out, "{:?} {:?}\n  {}", statement.access, statement.params, statement.text).unwrap();
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_tables_of_a_fresh_schema_are_as_reviewed() {
    for dialect in Dialect::ALL {
        for (name, profile) in [("authjs", counting(dialect)), ("house_style", house_style())] {
            let text = schema::create(&profile, dialect).unwrap().join(";\n\n");
            insta::assert_snapshot!(format!("tables_{name}_{}", dialect.as_str()), text);
        }
    }
}

/// The comparison with the tables that are there, and the search for a profile. The same texts are asked of every table.
#[tokio::test]
async fn the_questions_to_the_catalogue_are_as_reviewed() {
    for dialect in Dialect::ALL {
        let mut out = String::new();
        let house_style = catalogue(&house_style(), dialect).await;
        for (what, asked) in ["the tables are compared", "a profile is looked for"].iter().zip(house_style) {
            writeln!(out, "# {what}").unwrap();
            let mut told = BTreeSet::new();
            for (statement, params) in asked {
                let of: Vec<_> = params.iter().map(shown).collect();
                writeln!(out, "{:?} {of:?}", statement.access).unwrap();
                if told.insert(statement.text.clone()) {
                    writeln!(out, "  {}", statement.text).unwrap();
                }
            }
            out.push('\n');
        }
        insta::assert_snapshot!(format!("catalogue_{}", dialect.as_str()), out);
    }
}

/// Names of tables are no secrets.
fn shown(value: &Value) -> &str {
    let Value::Text(text) = value else { panic!("{value:?}") };
    text
}

#[tokio::test]
async fn the_statements_of_every_operation_are_as_reviewed() {
    let schemas = [("fresh", Guarantees::ALL), ("published", Guarantees::default())];
    for dialect in Dialect::ALL {
        for (made, guarantees) in schemas {
            let text = written(counting(dialect), dialect, guarantees).await;
            insta::assert_snapshot!(format!("statements_authjs_{made}_{}", dialect.as_str()), text);
        }
        let text = written(house_style(), dialect, Guarantees::default()).await;
        insta::assert_snapshot!(format!("statements_house_style_{}", dialect.as_str()), text);
    }
}

/// What others have made on SQL Server, where no database of theirs can be had to test on.
#[tokio::test]
async fn the_statements_for_the_originals_tables_on_sql_server_are_as_reviewed() {
    let dialect = Dialect::SqlServer;
    for (name, profile) in [
        ("nextauth_v3", Profile::nextauth_v3(dialect)),
        ("prisma", Profile::prisma(dialect)),
        ("typeorm", Profile::typeorm()),
    ] {
        let text = written(profile, dialect, Guarantees::default()).await;
        insta::assert_snapshot!(format!("statements_{name}_{}", dialect.as_str()), text);
    }
}
