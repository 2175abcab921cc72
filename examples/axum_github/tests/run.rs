//! The program, run.

#[path = "../../running.rs"]
mod running;

use running::{Browser, Program, free_port};

#[test]
fn one_signs_in_by_e_mail_and_is_sent_to_github() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port().to_string();
    let variables =
        [("PORT", &*port), ("AUTH_GITHUB_ID", "the-client"), ("AUTH_GITHUB_SECRET", "hunter2-hunter2")];
    let program = Program::start(env!("CARGO_BIN_EXE_axum_github"), folder.path(), &variables);
    let account = program.line("Open ");
    let origin = account.strip_suffix("/account").unwrap();
    let mut browser = Browser::default();

    assert_eq!(browser.get(&account).status, 401);
    let providers = browser.get(&format!("{origin}/auth/providers")).body;
    assert!(providers.contains("\"github\"") && providers.contains("\"email\""), "{providers}");
    let to = browser.post(origin, "/auth/signin/github", "").location.unwrap();
    assert!(to.starts_with("https://github.com/login/oauth/authorize?"), "{to}");
    assert!(to.contains("client_id=the-client"), "{to}");
    assert!(to.contains(&format!("127.0.0.1%3A{port}%2Fauth%2Fcallback%2Fgithub")), "{to}");

    browser.post(origin, "/auth/signin/email", "email=ada@example.com");
    program.line("To ada@example.com:");
    let link = format!("{origin}{}", program.line(origin));
    assert_eq!(browser.get(&link).status, 200);
    let (_, path) = link.split_once(origin).unwrap();
    let signed_in = browser.post(origin, path, "");

    assert_eq!(signed_in.status, 302, "{signed_in:?}");
    assert_eq!(browser.get(&account).body, "Hello, ada@example.com");
    browser.post(origin, "/auth/signout", "");
    assert_eq!(browser.get(&account).status, 401);
}
