//! Requests of any kind go to the whole engine, with sessions in the database and in the cookie: none of them makes it fall
//! over, signs anybody in, or leads away.
//!
//! An input is the text of a request: the method and the target, the headers, an empty line, the body. Words in braces
//! stand for what a browser would have got, such as `{csrf}`; they are in `desk.rs`.

use std::sync::LazyLock;

use vestibule_engine::SessionStrategy;
use vestibule_http::Bytes;
use vestibule_http::http::{Response, header};

use crate::desk::{Desk, ORIGIN, PAGES, SESSION};
use crate::provider::at_once;

static DESKS: LazyLock<[Desk; 2]> =
    LazyLock::new(|| [Desk::new(SessionStrategy::default()), Desk::in_the_cookie()]);

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for desk in &*DESKS {
        let anew = desk.anew(&text);
        check(anew.as_ref().unwrap_or(desk), &text);
    }
}

fn check(desk: &Desk, text: &str) {
    let Some(request) = desk.request(text) else { return };
    let path = request.uri().path().to_owned();
    // Nobody has a session who was not given one.
    let is_signed_in = desk.session.is_some() && text.contains(SESSION);

    let answer = at_once(desk.engine.handle(request));

    // The page that says that the configuration is wrong has that status, as in the original.
    let is_error_page = path.split('/').any(|part| part == "error") && answer.status() == 500;
    assert!(!answer.status().is_server_error() || is_error_page, "{} for {path}", answer.status());
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().expect("ASCII");
        let begins = cookie.contains("session-token") && !cookie.contains("Max-Age=0");
        assert!(!begins || is_signed_in, "{cookie}");
    }
    let told = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("ASCII").to_owned());
    for to in told.into_iter().chain(url_in(&answer)) {
        let rest = to.strip_prefix(ORIGIN);
        let is_ours = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        let is_theirs = PAGES.iter().any(|page| to.starts_with(page)) && path.contains("signin");
        assert!(is_ours || is_theirs, "{path} leads to {to}");
    }
    if path.ends_with("/session") && !is_signed_in && answer.status() == 200 {
        assert_eq!(answer.body(), "null", "nobody is signed in");
    }
}

/// What a script is told instead of a redirect.
fn url_in(answer: &Response<Bytes>) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(answer.body()).ok()?;
    json.get("url")?.as_str().map(str::to_owned)
}
