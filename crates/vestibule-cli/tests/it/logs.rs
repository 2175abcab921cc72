//! Nothing that is secret is printed, not even with everything logged.

use std::fs;
use std::path::Path;

use crate::browser::{Browser, SESSION_COOKIE, newest_link};
use crate::http::get;
use crate::postgres::Database;
use crate::program::{Server, run};

/// A whole visit, with some mistakes in it; returns every secret that came up.
fn visit(server: &Server) -> Vec<String> {
    let mut browser = Browser::new(server.address);
    let mut secrets = vec!["ada@example.com".to_owned(), "ada%40example.com".to_owned()];
    browser.ask_for_link("ada@example.com");
    let link = newest_link(&get(server.address, "/mailbox", &[]));
    let token = link.split_once("token=").unwrap().1.split('&').next().unwrap().to_owned();
    browser.follow(&link);
    let session = browser.cookie(SESSION_COOKIE).unwrap().to_owned();
    let csrf = browser.cookie("authjs.csrf-token").unwrap().split('%').next().unwrap().to_owned();
    browser.open("/");
    browser.open(&crate::browser::path_of(&link));
    browser.open(&format!("/auth/callback/email?token={token}"));
    browser.open(&format!("/{token}/ada@example.com?token={token}"));
    browser.open(&format!("/auth/callback/ada@example.com?token={token}"));
    get(server.address, "/auth/session", &[("cookie", &format!("{SESSION_COOKIE}={session}x"))]);
    browser.sign_out();
    secrets.extend([token, session, csrf]);
    secrets
}

fn assert_clean(printed: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(secret.len() >= 15, "{secret}");
        assert!(!printed.contains(secret), "{secret} in:\n{printed}");
    }
}

fn generated_secret(folder: &Path) -> String {
    fs::read_to_string(folder.join(".vestibule-secret")).unwrap().trim().to_owned()
}

#[test]
fn a_whole_visit_leaves_no_secret_in_the_logs() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["text", "json"] {
        let server = Server::with(folder.path(), &["--log-format", format], &[("RUST_LOG", "trace")]);

        let mut secrets = visit(&server);

        secrets.push(generated_secret(folder.path()));
        let (_, printed) = server.stop();
        assert!(printed.contains("/auth/callback/email"), "requests are logged: {printed}");
        assert_clean(&printed, &secrets);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_it_on_postgres() {
    let Some(database) = Database::make().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = database.url(None);
    let made = run(folder.path(), &["schema", "apply", "--yes"], &[("DATABASE_URL", &url)]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let secret = "a-secret-from-the-environment-of-32-characters";
    let env = [("RUST_LOG", "trace"), ("DATABASE_URL", &*url), ("AUTH_SECRET", secret)];
    let server = Server::with(folder.path(), &[], &env);

    let mut secrets = visit(&server);

    secrets.push(secret.to_owned());
    let (_, printed) = server.stop();
    assert_clean(&printed, &secrets);
    assert!(!folder.path().join(".vestibule-secret").exists());
    database.remove().await;
}

#[test]
fn a_request_is_logged_with_method_route_status_and_time_and_no_query() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());

    get(server.address, "/auth/session?token=hunter2", &[]);

    let line = server.wait_for_log("/auth/session");
    for part in
        ["\"http.method\":\"GET\"", "\"http.route\":\"/auth/session\"", "\"http.status\":200", "\"time_ms\":"]
    {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("hunter2"), "{line}");
}
