//! A server that crashes, restarts, and refuses: one of the test's own.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use vestibule_core::{
    AccountType, Adapter as _, AdapterError, FirstSession, NewAccount, NewUser, Timestamp, Users as _,
};
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_testkit::postgres::{End, PrivatePostgres};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::{Settings, TokioPostgres};

use crate::outage::full;
use crate::server::{self, until};

/// What the tasks of a test have been told is written.
#[derive(Debug, Default)]
struct Acknowledged {
    emails: std::sync::Mutex<BTreeSet<String>>,
    count: AtomicUsize,
    stop: AtomicBool,
}

/// Signs up users, each with an account and a session, until told to stop. Whoever gets no answer asks again, and must then be
/// told that the user is there or that it exists already.
async fn sign_up_users(adapter: Arc<SqlAdapter<TokioPostgres>>, task: usize, told: Arc<Acknowledged>) {
    for number in 0.. {
        let email = format!("{task}-{number}@example.com");
        let account = NewAccount::new(AccountType::OAuth, "github", format!("{task}-{number}"));
        loop {
            let session = FirstSession::new(format!("{task}-{number}"), Timestamp::from_secs(4_102_444_800));
            match adapter.sign_up(&NewUser::with_email(&*email), Some(&account), &session).await {
                Ok(_) | Err(AdapterError::Conflict { .. }) => break,
                Err(AdapterError::Unavailable(_)) if told.stop.load(Ordering::SeqCst) => return,
                Err(AdapterError::Unavailable(_)) => tokio::task::yield_now().await,
                Err(other) => panic!("{}", full(&other)),
            }
        }
        told.emails.lock().unwrap().insert(email);
        told.count.fetch_add(1, Ordering::SeqCst);
        if told.stop.load(Ordering::SeqCst) {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_crashes_and_is_there_once() {
    let Some(mut server) = PrivatePostgres::start() else { return };
    let schema = server::schema_at(&server.url(), "crash").await;
    let mut settings = Settings::from_url(&server.url()).unwrap();
    (settings.max, settings.answer_timeout) = (8, Duration::from_secs(2));
    let driver = TokioPostgres::connect(&settings).unwrap();
    // Nothing in the database keeps the users apart.
    let adapter = Arc::new(schema.adapter(driver, Made::Published).await);
    let told = Arc::new(Acknowledged::default());
    let tasks: Vec<_> = (0..8)
        .map(|task| tokio::spawn(sign_up_users(Arc::clone(&adapter), task, Arc::clone(&told))))
        .collect();

    for how in [End::Crash, End::Killed, End::Orderly] {
        let before = told.count.load(Ordering::SeqCst);
        until("work", || async { told.count.load(Ordering::SeqCst) > before + 50 }).await;
        server.end(how);
        assert!(matches!(adapter.ping().await, Err(AdapterError::Unavailable(_))));
        server.start_again();
    }
    let before = told.count.load(Ordering::SeqCst);
    until("work after the last restart", || async { told.count.load(Ordering::SeqCst) > before + 50 }).await;
    told.stop.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }

    let client = server::client(&server.url()).await;
    let rows = client
        .query(
            &format!(
                "SELECT u.email, (SELECT count(*) FROM {0}.accounts a WHERE a.\"userId\" = u.id), \
                 (SELECT count(*) FROM {0}.sessions s WHERE s.\"userId\" = u.id) FROM {0}.users u",
                schema.name
            ),
            &[],
        )
        .await
        .unwrap();
    let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(there.len(), rows.len(), "a user was created twice");
    assert!(rows.iter().all(|row| row.get::<_, i64>(1) == 1), "a user without its account");
    assert!(rows.iter().all(|row| row.get::<_, i64>(2) == 1), "a user without its session");
    let lost: Vec<_> = told.emails.lock().unwrap().difference(&there).cloned().collect();
    assert_eq!(lost, Vec::<String>::new(), "acknowledged and lost");
    for children in ["accounts", "sessions"] {
        let orphans = format!(
            "SELECT count(*) FROM {0}.{children} c WHERE NOT EXISTS (SELECT 1 FROM {0}.users u WHERE u.id = c.\"userId\")",
            schema.name
        );
        assert_eq!(client.query_one(&orphans, &[]).await.unwrap().get::<_, i64>(0), 0, "{children}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_an_error_that_says_so() {
    let Some(mut server) = PrivatePostgres::start() else { return };
    let client = server::client(&server.url()).await;
    client.batch_execute("ALTER USER postgres PASSWORD 'right'").await.unwrap();
    server.end(End::Orderly);
    let rule = "host all all 127.0.0.1/32 scram-sha-256\n";
    fs::write(server.data().join("pg_hba.conf"), rule).unwrap();
    server.start_again();

    let with = |password: &str| {
        let url = server.url().replace("postgres@", &format!("postgres:{password}@"));
        let driver = TokioPostgres::connect(&Settings::from_url(&url).unwrap()).unwrap();
        SqlAdapter::new(driver, Profile::authjs()).unwrap()
    };
    with("right").ping().await.unwrap();
    let adapter = with("hunter2");
    for result in [adapter.ping().await, adapter.delete_user(&"1".into()).await.map(drop)] {
        let error = result.unwrap_err();
        assert!(matches!(error, AdapterError::Refused { .. }), "{error:?}");
        assert!(full(&error).contains("password authentication failed"), "{}", full(&error));
        assert!(!format!("{} {error:?}", full(&error)).contains("hunter2"));
    }
}
