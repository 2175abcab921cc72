//! The whole program on each kind of database that a URL can name, beside SQLite and PostgreSQL.

use std::path::Path;

use vestibule_testkit::databases::MariaDbDatabase;
use vestibule_testkit::{HranaServer, NeonBridge, servers};

use crate::browser::{Browser, SESSION_COOKIE};
use crate::postgres::Database;
use crate::program::{Server, run};

/// From an empty database to somebody who has signed in and out. None of it shows `secret`.
fn from_empty_to_signed_out(folder: &Path, url: &str, secret: &str, look: impl FnOnce(&Browser)) {
    let env = [("DATABASE_URL", url)];

    let lacking = run(folder, &["schema", "check"], &env);
    let refused = run(folder, &[], &env);
    let applied = run(folder, &["schema", "apply", "--yes"], &env);
    let checked = run(folder, &["schema", "check"], &env);
    let detected = run(folder, &["schema", "detect"], &env);
    let swept = run(folder, &["sweep"], &env);

    let codes = [&lacking, &refused, &applied, &checked, &detected, &swept].map(|ended| ended.code);
    assert_eq!(
        codes,
        [1, 4, 0, 0, 0, 0].map(Some),
        "{lacking:?} {refused:?} {applied:?} {checked:?} {detected:?}"
    );
    assert!(refused.stderr.contains("CREATE TABLE IF NOT EXISTS"), "{refused:?}");
    assert!(checked.stdout.contains("everything"), "{checked:?}");
    assert!(detected.stdout.contains("the profile authjs"), "{detected:?}");
    for ended in [&lacking, &refused, &applied, &checked, &detected, &swept] {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret), "{ended:?}");
    }
    let server = Server::with(folder, &[], &env);
    let mut browser = Browser::new(server.address);
    browser.sign_in("ada@example.com");
    look(&browser);
    assert_eq!(browser.sign_out().status, 302);
    let (status, printed) = server.stop();
    assert!(status.success() && !printed.contains(secret), "{printed}");
}

#[test]
fn a_sign_in_is_kept_in_mariadb() {
    for scheme in ["mysql", "mariadb"] {
        let Some(database) = MariaDbDatabase::create("cli") else { return };
        let folder = tempfile::tempdir().unwrap();
        let url = database.url().replacen("mysql", scheme, 1);

        from_empty_to_signed_out(folder.path(), &url, ":vestibule@", |browser| {
            let query = "SELECT u.email, s.sessionToken FROM sessions s JOIN users u ON u.id = s.userId";
            let token = browser.cookie(SESSION_COOKIE).map(str::to_owned);
            assert_eq!(database.rows(query), [[Some("ada@example.com".to_owned()), token]]);
        });

        assert_eq!(database.rows("SELECT count(*) FROM sessions"), [[Some("0".to_owned())]]);
    }
}

#[test]
fn a_mysql_that_does_not_let_us_in_is_told_without_the_password() {
    let Some(url) = servers::url(servers::MARIADB_URL) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut stranger = url::Url::parse(&url).unwrap();
    stranger.set_username("nobody_of_that_name").unwrap();
    stranger.set_password(Some("hunter2")).unwrap();
    let dead = "mysql://ada:hunter2@127.0.0.1:1/app";

    let refused = run(folder.path(), &["schema", "check"], &[("DATABASE_URL", stranger.as_str())]);
    let absent = run(folder.path(), &["schema", "check"], &[("DATABASE_URL", dead)]);
    let wrong =
        run(folder.path(), &["schema", "check"], &[("DATABASE_URL", &format!("{dead}?sslmode=prefer"))]);

    assert_eq!(
        [&refused, &absent, &wrong].map(|ended| ended.code),
        [3, 3, 2].map(Some),
        "{refused:?} {wrong:?}"
    );
    assert!(refused.stderr.contains("Access denied"), "{refused:?}");
    assert!(wrong.stderr.contains("sslmode"), "{wrong:?}");
    for ended in [&refused, &absent, &wrong] {
        assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_kept_at_neon() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let bridge = NeonBridge::start(&database.url(None)).await;
    let mut url = url::Url::parse(&bridge.connection_string().replacen("postgresql", "neon", 1)).unwrap();
    url.query_pairs_mut().append_pair("endpoint", &bridge.endpoint());
    let password = url.password().unwrap().to_owned();

    from_empty_to_signed_out(folder.path(), url.as_str(), &password, |_| {});

    assert!(bridge.requests() > 20);
    let users = database.open().await.query("SELECT email FROM users", &[]).await.unwrap();
    assert_eq!(users[0].get::<_, &str>(0), "ada@example.com");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_kept_in_libsql() {
    let server = HranaServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let address = server.url().replacen("http:", "libsql:", 1);
    let url = format!("{address}?tls=0&authToken={}", server.token());

    from_empty_to_signed_out(folder.path(), &url, server.token(), |_| {});

    assert!(server.requests() > 20);
    let strange = format!("{address}?tls=0&authToken=hunter2");
    let refused = run(folder.path(), &["schema", "check"], &[("DATABASE_URL", &strange)]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
}
