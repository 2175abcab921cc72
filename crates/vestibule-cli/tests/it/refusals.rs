use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::browser::{Browser, hidden, path_of};
use crate::http::get;
use crate::program::{Server, run};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn production_is_refused_with_all_that_lacks_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (args, env) in [
        (&["--production"][..], &[][..]),
        (&["serve", "--production"], &[]),
        (&["--listen", "0.0.0.0:0"], &[]),
        (&[], &[("AUTH_ENV", "production")]),
    ] {
        let ended = run(folder.path(), args, env);

        assert_eq!(ended.code, Some(2), "{ended:?}");
        for name in ["AUTH_SECRET", "AUTH_URL", "AUTH_EMAIL_SERVER", "DATABASE_URL"] {
            assert!(ended.stderr.contains(&format!("- {name}: is not set")), "{ended:?}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    }
}

#[test]
fn a_short_secret_is_refused_in_production_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();

    let ended = run(folder.path(), &["--production"], &[("AUTH_SECRET", "hunter2")]);

    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("fewer than 32 characters"), "{ended:?}");
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
}

#[test]
fn production_with_everything_starts_without_the_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let database = ["--database-url", "sqlite:app.db"];
    let made = run(folder.path(), &["schema", "apply", "--yes", database[0], database[1]], &[]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let env = [
        ("AUTH_SECRET", SECRET),
        ("AUTH_URL", "https://app.example.com"),
        ("AUTH_EMAIL_SERVER", "smtp://127.0.0.1:9"),
        ("AUTH_EMAIL_FROM", "App <app@example.com>"),
    ];

    let server = Server::with(folder.path(), &["--production", database[0], database[1]], &env);

    assert!(server.invitation.starts_with("Open https://app.example.com"), "{}", server.invitation);
    assert_eq!(get(server.address, "/mailbox", &[]).status, 404);
    assert!(!folder.path().join(".vestibule-secret").exists());
    let csrf = get(server.address, "/auth/csrf", &[("host", "app.example.com")]);
    assert!(csrf.cookies().any(|cookie| cookie.starts_with("__Host-authjs.csrf-token=")), "{csrf:?}");
}

#[test]
fn a_mail_server_that_cannot_be_reached_is_no_outage_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let env =
        [("EMAIL_SERVER", &*format!("smtp://127.0.0.1:{}", closed.port())), ("EMAIL_FROM", "a@example.com")];
    let mut server = Server::with(folder.path(), &[], &env);
    let mut browser = Browser::new(server.address);

    let asked = browser.ask_for_link("ada@example.com");

    assert_eq!(asked.status, 302, "{asked:?}");
    let location = asked.header("location").unwrap();
    assert!(location.contains("error=EmailSignin"), "{location}");
    let page = browser.open(&path_of(location));
    assert!(page.body.contains("could not be sent"), "{page:?}");
    let logged = server.wait_for_log("a mail was not sent");
    assert!(!logged.contains("ada"), "{logged}");
}

#[test]
fn an_unknown_key_of_the_file_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), "[server]\n\nlisen = \"127.0.0.1:0\"\n").unwrap();

    let ended = run(folder.path(), &["--config", "my.toml"], &[]);

    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("my.toml:3: `server.lisen`: unknown field"), "{ended:?}");
}

#[test]
fn an_address_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let ended = run(folder.path(), &["--listen", &address], &[]);

    assert_eq!(ended.code, Some(5));
    assert!(ended.stderr.contains(&address) && ended.stderr.contains("--listen"), "{ended:?}");
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".vestibule-secret");
    fs::write(&file, SECRET).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();

    let ended = run(folder.path(), &["--listen", "127.0.0.1:0"], &[]);

    assert_eq!(ended.code, Some(5));
    assert!(ended.stderr.contains("chmod 600"), "{ended:?}");
    assert!(!ended.stderr.contains(SECRET), "{ended:?}");
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://ada:hunter2@{closed}/app");

    let ended = run(folder.path(), &["--database-url", &url], &[]);

    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains(&format!("postgres://{closed}/app")), "{ended:?}");
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("notes.txt"),
        "not a database, but long enough to be taken for one".repeat(9),
    )
    .unwrap();

    for (url, code) in
        [("oracle://h/d", 2), ("notes.txt", 2), ("sqlite:notes.txt", 3), ("sqlite:absent.db", 4)]
    {
        let ended = run(folder.path(), &["--database-url", url], &[]);

        assert_eq!(ended.code, Some(code), "{url}: {ended:?}");
    }
    assert!(!folder.path().join("absent.db").exists());
}

/// A document of a provider must not lead into the network that the program stands in.
#[test]
fn a_provider_on_a_private_network_is_asked_only_where_it_may_be() {
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = provider.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for connection in provider.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            drop(connection);
        }
    });
    for is_allowed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[server]\nprivate_providers = {is_allowed}\n[[provider]]\nid = \"corp\"\ntype = \"oidc\"\n\
             issuer = \"http://127.0.0.1:{port}\"\nclient_id = \"app\"\nclient_secret = \"hunter2-hunter2\"\n"
        );
        fs::write(folder.path().join("corp.toml"), text).unwrap();
        let server = Server::with(folder.path(), &["--config", "corp.toml"], &[]);
        let mut browser = Browser::new(server.address);
        let token = hidden(&browser.open("/auth/signin").body, "csrfToken");

        let answer = browser.submit("/auth/signin/corp", &format!("csrfToken={token}"));

        let location = answer.header("location").unwrap_or_default();
        assert!(answer.status == 302 && location.contains("error=OAuthCallbackError"), "{answer:?}");
        assert_eq!(asked.load(Ordering::SeqCst) > 0, is_allowed, "allowed: {is_allowed}");
    }
}
