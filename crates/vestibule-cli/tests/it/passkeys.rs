use vestibule_rusqlite::rusqlite::Connection;
use vestibule_testkit::webauthn::{KeyKind, VirtualAuthenticator};

use crate::browser::{Browser, SESSION_COOKIE, hidden};
use crate::http::Response;
use crate::program::{Server, run};

const ON: [(&str, &str); 1] = [("AUTH_PASSKEY", "true")];

/// Asks for options and sends what the authenticator answers.
fn ceremony(browser: &mut Browser, origin: &str, key: &mut VirtualAuthenticator, action: &str) -> Response {
    let asked = browser.open(&format!("/auth/webauthn-options/passkey?action={action}"));
    assert_eq!(asked.status, 200, "{asked:?}");
    let asked: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let data = match action {
        "register" => key.register(origin, &asked["options"]),
        _ => key.authenticate(origin, &asked["options"]),
    };
    let token = hidden(&browser.open("/auth/signin?callbackUrl=%2F").body, "csrfToken");
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("csrfToken", &token).append_pair("callbackUrl", "/");
    form.append_pair("action", action).append_pair("data", &data.to_string());
    browser.submit("/auth/callback/passkey", &form.finish())
}

#[test]
fn a_passkey_signs_in_on_the_programs_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), &[], &ON);
    let origin = format!("http://localhost:{}", server.address.port());
    assert!(server.invitation.starts_with(&format!("Open {origin} ")), "{}", server.invitation);
    let mut browser = Browser::named("localhost", server.address);
    let mut key = VirtualAuthenticator::new(KeyKind::Es256);
    browser.sign_in("ada@example.com");
    assert!(browser.open("/").body.contains("Add a passkey"));

    let registered = ceremony(&mut browser, &origin, &mut key, "register");
    assert_eq!((registered.status, registered.header("location")), (302, Some(&*format!("{origin}/"))));
    browser.sign_out();
    let signed_in = ceremony(&mut browser, &origin, &mut key, "authenticate");

    assert_eq!(signed_in.status, 302, "{signed_in:?}");
    assert!(browser.cookie(SESSION_COOKIE).is_some(), "{signed_in:?}");
    assert!(browser.open("/").body.contains("ada@example.com"));
    let database = Connection::open(folder.path().join("vestibule.db")).unwrap();
    let counter: i64 =
        database.query_row("SELECT counter FROM authenticators", [], |row| row.get(0)).unwrap();
    assert_eq!(counter, 2);
}

#[test]
fn the_programs_own_file_has_a_place_for_passkeys_before_they_are_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());

    assert!(!Browser::new(server.address).open("/auth/signin").body.contains("passkey"));
    let database = Connection::open(folder.path().join("vestibule.db")).unwrap();
    let rows: i64 = database.query_row("SELECT count(*) FROM authenticators", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn a_table_for_passkeys_that_is_missing_is_named_and_added() {
    let folder = tempfile::tempdir().unwrap();
    let target = ["--database-url", "sqlite:app.db"];
    let schema = |words: &[&str], env: &[(&str, &str)]| {
        let args: Vec<&str> = ["schema"].iter().chain(words).chain(&target).copied().collect();
        run(folder.path(), &args, env)
    };
    assert_eq!(schema(&["apply", "--yes"], &[]).code, Some(0));
    assert_eq!(schema(&["check"], &[]).code, Some(0));

    let checked = schema(&["check"], &ON);
    let refused = run(folder.path(), &["serve", target[0], target[1]], &ON);

    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stderr.contains("authenticators"), "{checked:?}");
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("CREATE TABLE IF NOT EXISTS \"authenticators\""), "{refused:?}");
    assert_eq!(schema(&["apply", "--yes"], &ON).code, Some(0));
    assert_eq!(schema(&["check"], &ON).code, Some(0));
}

#[test]
fn passkeys_are_for_a_name_and_not_for_an_address() {
    let folder = tempfile::tempdir().unwrap();

    let refused = run(folder.path(), &["serve"], &[ON[0], ("AUTH_URL", "http://127.0.0.1:3000")]);

    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("`passkey`"), "{refused:?}");
}
