//! With a real mail server, where one is named by the environment.

use std::fs;
use std::path::{Path, PathBuf};

use crate::browser::{Browser, SESSION_COOKIE};
use crate::program::Server;

/// The server's URL and the folder where it leaves what it receives; `None`, said aloud, if there is none.
fn mail_server() -> Option<(String, PathBuf)> {
    let variables =
        ["VESTIBULE_TEST_SMTP_URL", "VESTIBULE_TEST_SMTP_DIR"].map(|name| std::env::var(name).ok());
    if let [Some(url), Some(folder)] = variables {
        return Some((url, folder.into()));
    }
    assert!(std::env::var_os("CI").is_none(), "in continuous integration there must be a mail server");
    println!("skipped: VESTIBULE_TEST_SMTP_URL and VESTIBULE_TEST_SMTP_DIR are not set");
    None
}

/// The one message to `address`.
fn message_to(folder: &Path, address: &str) -> String {
    let messages: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| fs::read_to_string(path).unwrap())
        .filter(|message| message.contains(&format!("To: {address}\r\n")))
        .collect();
    let [message] = &messages[..] else { panic!("{} messages to {address}", messages.len()) };
    message.clone()
}

/// The body of a part that is encoded as quoted-printable, or not at all.
fn part(message: &str, content_type: &str) -> String {
    let part = message.split_once(&format!("Content-Type: {content_type}")).unwrap().1;
    let (head, body) = part.split_once("\r\n\r\n").unwrap();
    let body = body.split("\r\n--").next().unwrap();
    if !head.contains("quoted-printable") {
        assert!(head.contains("7bit"), "{head}");
        return body.to_owned();
    }
    let body = body.replace("=\r\n", "");
    let mut pieces = body.split('=');
    let mut text = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let code = u8::from_str_radix(&piece[..2], 16).unwrap();
        text.push(char::from(code));
        text.push_str(&piece[2..]);
    }
    text
}

#[test]
fn a_mail_is_sent_and_its_link_signs_in() {
    let Some((url, folder)) = mail_server() else { return };
    let home = tempfile::tempdir().unwrap();
    let address = format!("ada-{}@example.com", std::process::id());
    let from = "Sign-in <no-reply@app.example.com>";
    let url = url.replacen("://", "://user:p%40ss@", 1);
    let server = Server::with(home.path(), &[], &[("AUTH_EMAIL_SERVER", &url), ("AUTH_EMAIL_FROM", from)]);
    let mut browser = Browser::new(server.address);

    let asked = browser.ask_for_link(&address);

    assert_eq!(asked.status, 302, "{asked:?}");
    assert!(asked.header("location").unwrap().contains("/verify-request"), "{asked:?}");
    let message = message_to(&folder, &address);
    assert!(message.contains("From: Sign-in <no-reply@app.example.com>\r\n"), "{message}");
    assert!(message.contains("Subject: Sign in to 127.0.0.1"), "{message}");
    assert!(message.contains("\r\nMessage-ID: <") && message.contains("@app.example.com>\r\n"), "{message}");
    assert!(message.contains("\r\nDate: "), "{message}");
    let text = part(&message, "text/plain");
    let link = text.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let html = part(&message, "text/html").replace("&amp;", "&");
    assert!(html.contains(link), "{html}");
    let landed = browser.follow(link);
    assert_eq!(landed.status, 302, "{landed:?}");
    assert!(browser.cookie(SESSION_COOKIE).is_some());
    assert!(browser.open("/").body.contains(&address));
    assert_eq!(browser.open("/mailbox").status, 404, "mail that is sent is not shown");
}
