//! What is said about tables that differ from the profile, and that the SQL it gives mends them.

use vestibule_core::{AdapterError, IdKind, NewSession, NewUser, Sessions as _, Timestamp, Users as _};
use vestibule_sql::schema::{self, Report, SchemaError};
use vestibule_sql::{Dialect, ExtraColumn, ExtraKind, Guarantees, Profile, SqlAdapter, Table};
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::TokioPostgres;

use crate::outage::full;
use crate::server::{self, Schema};

fn driver(schema: &Schema) -> TokioPostgres {
    TokioPostgres::new(server::pool(schema.url.parse().unwrap(), 2))
}

/// The tables of a profile with one change.
async fn fresh_but(test: &str, change: &str) -> Option<(Schema, TokioPostgres)> {
    let schema = server::schema(test).await?;
    for statement in schema::create(&schema.profile(), Dialect::Postgres).unwrap() {
        schema.execute(&statement).await;
    }
    schema.execute(change).await;
    let driver = driver(&schema);
    Some((schema, driver))
}

fn messages(schema: &Schema, report: &Report) -> Vec<String> {
    let name = format!("\"{}\".", schema.name);
    report.problems.iter().map(|finding| finding.message.replace(&name, "")).collect()
}

fn adds_only(report: &Report) {
    for text in report.additions() {
        for word in ["DROP", " TYPE ", "SET NOT NULL", "RENAME", "DELETE ", "UPDATE "] {
            let text = text.replace("ON DELETE CASCADE", "");
            assert!(!text.contains(word), "{text}");
        }
    }
}

/// Runs what each problem says would mend it, and looks again.
async fn mend(schema: &Schema, driver: &TokioPostgres, profile: &Profile, report: &Report) -> Guarantees {
    adds_only(report);
    for finding in &report.problems {
        schema.execute(finding.mend.as_ref().unwrap()).await;
    }
    let again = server::fits(driver, profile).await;
    schema::apply(driver, &again.additions()).await.unwrap();
    let again = server::fits(driver, profile).await;
    assert_eq!(again.additions(), Vec::<String>::new());
    again.fits().unwrap()
}

#[tokio::test]
async fn a_schema_that_does_not_exist_is_made_with_all_its_tables() {
    let Some(schema) = server::schema("no_schema").await else { return };
    let name = format!("{}_\"other\"", schema.name);
    let profile = Profile::authjs().with_postgres_schema(&name).with_authenticators("authenticators");
    let driver = driver(&schema);

    let report = server::fits(&driver, &profile).await;
    assert_eq!(report.problems.len(), 6, "{report:?}");
    assert!(report.problems[0].message.contains("schema"), "{report:?}");
    schema::apply(&driver, &report.additions()).await.unwrap();
    schema::apply(&driver, &report.additions()).await.unwrap();
    let report = server::fits(&driver, &profile).await;
    assert_eq!((report.additions(), report.fits().unwrap()), (Vec::new(), Guarantees::ALL));
    schema.execute(&format!("DROP SCHEMA \"{}\" CASCADE", name.replace('"', "\"\""))).await;
    schema.drop().await;
}

#[tokio::test]
async fn missing_tables_and_columns_are_named_and_added() {
    let change = "DROP TABLE sessions; ALTER TABLE users DROP COLUMN image; \
                  ALTER TABLE accounts DROP COLUMN scope, DROP COLUMN id; \
                  INSERT INTO users (email) VALUES ('ada'); ALTER TABLE verification_token DROP COLUMN expires";
    let Some((schema, driver)) = fresh_but("missing", change).await else { return };
    let profile = schema
        .profile()
        .with_extra_column(Table::Users, ExtraColumn::text("role").with_default("it's"))
        .with_extra_column(Table::Users, ExtraColumn::new("a NOT NULL b", ExtraKind::Time));

    let report = server::fits(&driver, &profile).await;
    assert_eq!(
        messages(&schema, &report)[1..],
        [
            "table \"users\" has no column \"image\"",
            "table \"users\" has no column \"role\"",
            "table \"users\" has no column \"a NOT NULL b\"",
            "table \"accounts\" has no column \"id\"",
            "table \"accounts\" has no column \"scope\"",
            "there is no table \"sessions\"",
            "table \"verification_token\" has no column \"expires\"",
        ]
    );
    let text = SchemaError::Unfit(report.problems.clone()).to_string();
    assert!(text.contains("ADD COLUMN \"role\" text DEFAULT 'it''s'"), "{text}");
    mend(&schema, &driver, &profile, &report).await;
    schema.drop().await;
}

#[tokio::test]
async fn columns_of_the_wrong_type_are_named_and_what_would_mend_them_does() {
    let change = "ALTER TABLE users ALTER \"emailVerified\" TYPE timestamp; \
                  ALTER TABLE sessions ALTER expires TYPE timestamp(3), ALTER \"sessionToken\" TYPE bytea USING NULL; \
                  ALTER TABLE accounts ALTER expires_at TYPE text; \
                  INSERT INTO users (email, \"emailVerified\") VALUES ('ada', '2030-01-02 03:04:05.678')";
    let Some((schema, driver)) = fresh_but("wrong_type", change).await else { return };
    // A server whose clocks go differently.
    schema.execute("SET timezone = 'America/New_York'").await;

    let report = server::fits(&driver, &schema.profile()).await;
    let told = messages(&schema, &report);
    for (message, part) in told.iter().zip([
        "column \"emailVerified\" of \"users\" has the type timestamp, which cannot hold what the profile keeps there \
         (timestamptz)",
        "column \"expires_at\" of \"accounts\" has the type text",
        "column \"expires\" of \"sessions\" has the type timestamp",
        "column \"sessionToken\" of \"sessions\" has the type bytea",
    ]) {
        assert!(message.starts_with(part), "{told:#?}");
    }
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(report.problems.iter().all(|finding| !finding.additive));
    adds_only(&report);
    for finding in &report.problems[..3] {
        let mend = finding.mend.as_ref().unwrap();
        let cast =
            if mend.contains("bigint") { format!("{mend} USING expires_at::bigint") } else { mend.clone() };
        schema.execute(if mend.contains("USING") { mend } else { &cast }).await;
    }
    schema.execute("ALTER TABLE sessions ALTER \"sessionToken\" TYPE varchar(255) USING NULL").await;
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    let ada = adapter.user_by_email("ada").await.unwrap().unwrap();
    assert_eq!(ada.email_verified, Some(Timestamp::from_millis(1_893_553_445_678)), "taken as UTC");
    schema.drop().await;
}

#[tokio::test]
async fn ids_of_another_kind_are_named_with_the_setting_that_fits() {
    let Some((schema, driver)) = fresh_but("id_kind", "").await else { return };
    let profile = schema.profile().with_id_kind(IdKind::Uuid);

    let report = server::fits(&driver, &profile).await;
    let told = messages(&schema, &report);
    assert_eq!(told.len(), 5, "{told:#?}");
    for message in told {
        assert!(message.contains("has the type int4") && message.contains("id kind"), "{message}");
    }
    adds_only(&report);
    schema.drop().await;
}

#[tokio::test]
async fn ids_that_nothing_makes_are_named_and_mended() {
    let change = "ALTER TABLE users ALTER id DROP DEFAULT; ALTER TABLE accounts ALTER id DROP DEFAULT";
    let Some((schema, driver)) = fresh_but("no_default", change).await else { return };

    let report = server::fits(&driver, &schema.profile()).await;
    assert_eq!(messages(&schema, &report).len(), 2, "{report:?}");
    mend(&schema, &driver, &schema.profile(), &report).await;
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    schema.drop().await;
}

#[tokio::test]
async fn a_column_that_nobody_fills_is_named_and_a_missing_key_is_not_relied_on() {
    let change = "ALTER TABLE users ADD COLUMN tenant text NOT NULL, ADD COLUMN plan text NOT NULL DEFAULT 'free', \
                  ADD COLUMN n int GENERATED ALWAYS AS IDENTITY; \
                  ALTER TABLE verification_token DROP CONSTRAINT verification_token_pkey";
    let Some((schema, driver)) = fresh_but("unfilled", change).await else { return };

    let report = server::fits(&driver, &schema.profile()).await;
    let told = messages(&schema, &report);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(!report.guarantees.unique_token);
    assert!(told[0].starts_with("column \"tenant\" of \"users\" must not be NULL"), "{told:#?}");
    schema::apply(&driver, &report.additions()).await.unwrap();
    schema.execute("ALTER TABLE users ALTER tenant DROP NOT NULL").await;
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    each_operation(&adapter, &Given::tagged("x"), |name, result| {
        assert!(result.is_ok(), "{name}: {result:?}");
    })
    .await;
    schema.drop().await;
}

#[tokio::test]
async fn keys_that_promise_less_are_not_taken_for_the_real_ones() {
    let change = "DROP INDEX users_email_key; CREATE UNIQUE INDEX ON users (email) WHERE name IS NOT NULL; \
         CREATE UNIQUE INDEX ON users (lower(email)); CREATE UNIQUE INDEX ON users (email, name); \
         CREATE UNIQUE INDEX ON users (name) INCLUDE (email); CREATE INDEX ON users (email); \
         DROP INDEX \"sessions_sessionToken_key\"; \
         ALTER TABLE sessions ADD UNIQUE (\"sessionToken\") DEFERRABLE INITIALLY DEFERRED; \
         ALTER TABLE accounts DROP CONSTRAINT \"accounts_userId_fkey\", \
         ADD FOREIGN KEY (\"userId\") REFERENCES users (id)";
    let Some((schema, driver)) = fresh_but("lesser_keys", change).await else { return };

    let report = server::fits(&driver, &schema.profile()).await;
    let given = report.guarantees;
    assert!(!given.unique_email && !given.unique_session_token && !given.cascading_owners, "{given:?}");
    assert!(given.unique_account, "{given:?}");
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    let user = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    let session = NewSession::new("s", user.id.clone(), Timestamp::from_secs(1));
    adapter.create_session(&session).await.unwrap();
    let again = adapter.create_session(&session).await;
    assert!(matches!(again, Err(AdapterError::Conflict { .. })), "{again:?}");
    adapter.delete_user(&user.id).await.unwrap().unwrap();
    schema.drop().await;
}

#[tokio::test]
async fn a_foreign_key_to_another_table_deletes_nothing_with_the_user() {
    let change = "CREATE TABLE others (id int PRIMARY KEY); ALTER TABLE sessions DROP CONSTRAINT \"sessions_userId_fkey\", \
         ADD FOREIGN KEY (\"userId\") REFERENCES others (id) ON DELETE CASCADE; INSERT INTO others VALUES (1)";
    let Some((schema, driver)) = fresh_but("other_key", change).await else { return };

    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    assert!(!adapter.guarantees().cascading_owners);
    let user = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    adapter.create_session(&NewSession::new("s", user.id.clone(), Timestamp::from_secs(1))).await.unwrap();
    adapter.delete_user(&user.id).await.unwrap().unwrap();
    assert_eq!(schema.count("sessions").await, 0);
    schema.drop().await;
}

#[tokio::test]
async fn a_table_of_the_applications_own_that_holds_on_to_a_user_is_no_absent_user() {
    let change = "CREATE TABLE orders (\"user\" int REFERENCES users (id))";
    let Some((schema, driver)) = fresh_but("orders", change).await else { return };
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    let user = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    schema.execute(&format!("INSERT INTO orders VALUES ({})", user.id)).await;

    let error = adapter.delete_user(&user.id).await.unwrap_err();
    assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
    assert!(full(&error).contains("orders"), "{}", full(&error));
    assert!(adapter.user(&user.id).await.unwrap().is_some());
    schema.drop().await;
}

#[tokio::test]
async fn views_and_partitioned_tables_serve() {
    let change = "ALTER TABLE accounts RENAME TO links; CREATE VIEW accounts AS SELECT * FROM links; \
         DROP TABLE sessions; CREATE TABLE sessions (id serial, \"userId\" int NOT NULL, expires timestamptz NOT NULL, \
         \"sessionToken\" varchar(255) NOT NULL, PRIMARY KEY (id, expires)) PARTITION BY RANGE (expires); \
         CREATE TABLE old PARTITION OF sessions FOR VALUES FROM (MINVALUE) TO ('2001-01-01'); \
         CREATE TABLE new PARTITION OF sessions FOR VALUES FROM ('2001-01-01') TO (MAXVALUE)";
    let Some((schema, driver)) = fresh_but("partitions", change).await else { return };

    server::fits(&driver, &schema.profile()).await;
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    let user = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    let at = Timestamp::from_secs;
    // The first row of each partition is at the same place in it.
    for (token, expires) in [("old", at(900_000_000)), ("alive", at(2_000_000_000))] {
        adapter.create_session(&NewSession::new(token, user.id.clone(), expires)).await.unwrap();
    }
    assert_eq!(adapter.delete_expired_sessions(at(1_000_000_000), 10).await.unwrap(), 1);
    assert!(adapter.session_and_user(&"alive".into()).await.unwrap().is_some());
    assert_eq!(adapter.session_and_user(&"old".into()).await.unwrap(), None);
    schema.drop().await;
}

#[tokio::test]
async fn the_tests_published_tables_have_primary_keys_and_nothing_else() {
    let Some(schema) = server::schema("published_keys").await else { return };
    let driver = driver(&schema);
    schema.adapter(driver.clone(), Made::Published).await;

    let profile = schema.profile().with_authenticators("authenticators");
    let report = server::fits(&driver, &profile).await;

    let mut primary = Guarantees::default();
    (primary.unique_user_id, primary.unique_token) = (true, true);
    assert_eq!(report.fits().unwrap(), primary);
    let of_schema = format!("'{}'::regnamespace", schema.name);
    let others = format!(
        "pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid \
         WHERE c.relnamespace = {of_schema} AND NOT i.indisprimary"
    );
    assert_eq!(schema.count(&others).await, 0);
    let constraints = format!("pg_constraint WHERE connamespace = {of_schema} AND contype NOT IN ('p', 'n')");
    assert_eq!(schema.count(&constraints).await, 0);
    schema.drop().await;
}
