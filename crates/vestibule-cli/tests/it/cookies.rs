//! Cookies with other names, and a program without a database.

use crate::http::get;
use crate::program::{Server, run};

fn file(folder: &std::path::Path, text: &str) -> String {
    let path = folder.join("vestibule.toml");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn cookies_are_set_as_the_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[cookies.csrf_token]\nname = \"guard\"\nsame_site = \"strict\"\n[cookies.callback_url]\nmax_age = 60\n";
    let server = Server::with(folder.path(), &["--config", &file(folder.path(), text)], &[]);

    let answer = get(server.address, "/auth/csrf", &[]);

    let cookie = |name: &str| answer.cookies().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(cookie("guard=").contains("SameSite=Strict"), "{answer:?}");
    assert!(cookie("authjs.callback-url=").contains("Max-Age=60"), "{answer:?}");
    assert!(server.stop().0.success());
}

#[test]
fn cookies_that_browsers_would_not_keep_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "[cookies.session_token]\nname = \"__Host-sid\"\npath = \"/auth\"\n[cookies.state]\nmax_age = 0\n";

    let ended = run(folder.path(), &["--config", &file(folder.path(), text), "--listen", "127.0.0.1:0"], &[]);

    assert_eq!(ended.code, Some(2), "{ended:?}");
    for part in ["cookie session_token: ", "another path than /", "cookie state: ", "a second or longer"] {
        assert!(ended.stderr.contains(part), "{part}: {ended:?}");
    }
}

#[test]
fn without_a_database_there_is_no_file_and_people_sign_in_at_providers() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[database]\nurl = \"none\"\n[[provider]]\nid = \"corp\"\ntype = \"oidc\"\nname = \"Corp\"\n\
                issuer = \"https://id.corp.example\"\nclient_id = \"app\"\nclient_secret = \"secret\"\n";
    let server = Server::with(folder.path(), &["--config", &file(folder.path(), text)], &[]);

    let providers: serde_json::Value =
        serde_json::from_str(&get(server.address, "/auth/providers", &[]).body).unwrap();
    let statuses = ["/auth/session", "/auth/signin", "/healthz", "/", "/mailbox"]
        .map(|path| get(server.address, path, &[]).status);

    assert_eq!(providers.as_object().unwrap().keys().collect::<Vec<_>>(), ["corp"]);
    assert_eq!(statuses, [200, 200, 200, 200, 404]);
    assert_eq!(get(server.address, "/auth/session", &[]).body, "null");
    assert!(!server.invitation.contains("mailbox"), "{}", server.invitation);
    assert!(server.stop().0.success());
    assert!(!folder.path().join("vestibule.db").exists());
}

#[test]
fn there_are_no_tables_to_work_on_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["schema", "check"][..], &["sweep"]] {
        let ended = run(folder.path(), &[command, &["--database-url", "none"]].concat(), &[]);

        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("there is no database (none)"), "{ended:?}");
    }
}
