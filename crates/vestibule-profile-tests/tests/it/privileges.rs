//! Databases whose tables the user may not see.

use std::error::Error;

use vestibule_core::AdapterError;
use vestibule_mysql_async::MysqlAsync;
use vestibule_profile_tests::Database;
use vestibule_sql::schema::{self, SchemaError};
use vestibule_sql::{Dialect, Profile};
use vestibule_testkit::databases::{MariaDbDatabase, PostgresDatabase};
use vestibule_tokio_postgres::TokioPostgres;

use crate::Test;
use crate::place::block_on;

pub(crate) const TESTS: [(&str, Test); 1] =
    [("tables_that_the_user_may_not_see_are_not_said_to_be_missing_for_certain", hidden)];

fn hidden(database: Database) {
    match database {
        Database::MariaDb | Database::MySql => hidden_in_mariadb(),
        Database::Postgres => hidden_in_postgres(),
        // Whoever may read the file sees everything.
        Database::Sqlite => {}
    }
}

/// The URL with another user in it, who is named after the database.
fn as_stranger(url: &str) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    let database = place.rsplit_once('/').unwrap().1.split('?').next().unwrap();
    let user = format!("stranger_{database}");
    (format!("{scheme}://{user}:secret@{place}"), user)
}

fn hidden_in_mariadb() {
    let Some(database) = MariaDbDatabase::create("privileges") else { return };
    for statement in schema::create(&Profile::authjs(), Dialect::MariaDb).unwrap() {
        database.run(&statement);
    }
    let (url, user) = as_stranger(&database.url());
    // Without any privilege on the database it could not even be connected to.
    database.run(&format!(
        "CREATE TABLE other (id int); CREATE USER '{user}' IDENTIFIED BY 'secret'; \
         GRANT SELECT ON other TO '{user}'; GRANT SELECT, INSERT, UPDATE, DELETE ON users TO '{user}'"
    ));

    let report = block_on(async {
        let settings = vestibule_mysql_async::Settings::from_url(&url).unwrap();
        let driver = MysqlAsync::connect(&settings).await.unwrap();
        schema::inspect(&driver, &Profile::authjs()).await.unwrap()
    });
    database.run(&format!("DROP USER '{user}'"));

    let messages: Vec<_> = report.problems.iter().map(|finding| &*finding.message).collect();
    assert_eq!(messages.len(), 3, "the users can be seen: {messages:?}");
    for (message, table) in messages.iter().zip(["accounts", "sessions", "verification_token"]) {
        assert!(message.starts_with(&format!("there is no table `{table}`, or ")), "{message}");
        assert!(message.contains("SHOW GRANTS"), "{message}");
    }
}

fn hidden_in_postgres() {
    let Some(database) = PostgresDatabase::create("privileges") else { return };
    let profile = Profile::authjs().with_postgres_schema("auth");
    for statement in schema::create(&profile, Dialect::Postgres).unwrap() {
        database.run(&statement);
    }
    let (url, role) = as_stranger(database.url());
    database.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; ALTER ROLE {role} SET search_path = auth"
    ));

    let (report, named) = block_on(async {
        let settings = vestibule_tokio_postgres::Settings::from_url(&url).unwrap();
        let driver = TokioPostgres::connect(&settings).unwrap();
        let report = schema::inspect(&driver, &Profile::authjs()).await.unwrap();
        (report, schema::inspect(&driver, &profile).await)
    });
    database.run(&format!("DROP ROLE {role}"));

    let message = &report.problems[0].message;
    assert!(message.starts_with("there is no table \"users\", or "), "{message}");
    assert!(message.contains("has_schema_privilege"), "{message}");
    // A schema that is named is asked for, and PostgreSQL says what is in the way.
    let Err(SchemaError::Store(AdapterError::Refused { source, .. })) = &named else { panic!("{named:?}") };
    assert!(told(&**source).contains("permission denied for schema auth"), "{source:?}");
}

/// All that an error and its causes say.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}
