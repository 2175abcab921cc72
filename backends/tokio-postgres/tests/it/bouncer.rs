//! Behind PgBouncer in transaction mode.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use vestibule_core::{Adapter as _, AdapterError, NewSession, NewUser, Sessions as _, Timestamp, Users as _};
use vestibule_testkit::databases::PostgresDatabase;
use vestibule_testkit::servers::{self, PGBOUNCER_URL};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::TokioPostgres;
use vestibule_tokio_postgres::tokio_postgres::Config;

use crate::outage::full;
use crate::server::{self, Schema};

/// Both constructors, by way of the bouncer.
fn drivers(bouncer: &str, unnamed: bool) -> [TokioPostgres; 2] {
    let mut settings = server::settings(bouncer.parse().unwrap());
    settings.unnamed_statements = unnamed;
    settings.shared_connections = 2;
    settings.answer_timeout = Duration::from_mins(1);
    let pool = TokioPostgres::new(server::pool(bouncer.parse().unwrap(), 8));
    [if unnamed { pool.with_unnamed_statements() } else { pool }, TokioPostgres::connect(&settings).unwrap()]
}

/// A database of the test's own, so that no other test has the same connections behind the bouncer.
struct Scene {
    schema: Schema,
    bouncer: String,
    /// Dropped last.
    _database: PostgresDatabase,
}

async fn scene(test: &str) -> Option<Scene> {
    let bouncer = servers::url(PGBOUNCER_URL)?;
    let database = PostgresDatabase::create(test)?;
    let config: Config = database.url().parse().unwrap();
    let name = config.get_dbname().unwrap().to_owned();
    let bouncer = format!("{}/{name}", bouncer.rsplit_once('/').unwrap().0);
    Some(Scene { schema: server::schema_at(database.url(), test).await, bouncer, _database: database })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_on_few_connections_each_get_their_own_answer() {
    let Some(Scene { schema, bouncer, _database }) = scene("bounced").await else { return };
    for (at, driver) in drivers(&bouncer, true).into_iter().enumerate() {
        let adapter = Arc::new(schema.adapter(driver, Made::Published).await);
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let adapter = Arc::clone(&adapter);
                tokio::spawn(async move {
                    let email = format!("{at}-{task}@example.com");
                    let user = adapter.create_user(&NewUser::with_email(&*email), None).await.unwrap();
                    for round in 0..20 {
                        let token = format!("{email}-{round}");
                        let new =
                            NewSession::new(&*token, user.id.clone(), Timestamp::from_secs(4_000_000_000));
                        adapter.create_session(&new).await.unwrap();
                        let found = adapter.session_and_user(&token.as_str().into()).await.unwrap().unwrap();
                        assert_eq!(found.1.email.as_deref(), Some(&*email));
                    }
                    user.id
                })
            })
            .collect();

        let mut ids = BTreeSet::new();
        for task in tasks {
            assert!(ids.insert(task.await.unwrap()));
        }
    }
    assert_eq!((schema.count("users").await, schema.count("sessions").await), (64, 1280));
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_on_the_connections_behind_the_bouncer() {
    let Some(Scene { schema, bouncer, _database }) = scene("left").await else { return };
    for driver in drivers(&bouncer, true) {
        let adapter = schema.adapter(driver, Made::Published).await;
        for at in 0..8 {
            adapter.create_user(&NewUser::with_email(format!("{at}")), None).await.unwrap();
            adapter.user_by_email("0").await.unwrap().unwrap();
        }

        let other = server::client(&bouncer).await;
        let text = "SELECT count(*)::text || ' ' || current_setting('statement_timeout') FROM pg_prepared_statements";
        let left = other.query_typed(text, &[]).await.unwrap();
        assert_eq!(left[0].get::<_, String>(0), "0 0");
        schema.execute("TRUNCATE users CASCADE").await;
    }
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgets_the_setting_is_told_about_it() {
    let Some(Scene { schema, bouncer, _database }) = scene("forgotten").await else { return };
    let [driver, _] = drivers(&bouncer, false);
    let adapter = schema.adapter(driver, Made::Published).await;

    // Somebody else, who does not know either, had the connection before; the names are only numbered.
    let other = server::client(&bouncer).await;
    let names: Vec<_> = (0..5000).map(|number| format!("PREPARE s{number} AS SELECT 1;")).collect();
    let names = names.concat();
    other.batch_execute(&names).await.unwrap();
    let error = adapter.ping().await.unwrap_err();

    assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
    assert!(full(&error).contains("set pgbouncer=true"), "{}", full(&error));
    schema.drop().await;
}
