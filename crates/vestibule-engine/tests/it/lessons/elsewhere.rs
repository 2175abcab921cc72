//! What leads to, or comes from, other sites.

use url::Url;

use crate::app::{App, FORM, ORIGIN, PAGE, config, form};
use crate::oauth::strategies;

/// Where a browser ends up that is sent to this place.
fn leads_here(location: &str) -> bool {
    let here = Url::parse(ORIGIN).unwrap();
    here.join(location).is_ok_and(|url| url.origin() == here.origin())
}

#[tokio::test]
async fn open_redirect_is_none_by_backslashes_encodings_controls_and_letters_that_look_alike() {
    let targets = [
        "/\\evil.example",
        "/\\/evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "//evil.example",
        "///evil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "%2f%2fevil.example",
        "/..//evil.example",
        "/.//evil.example",
        "/;@evil.example",
        "http:evil.example",
        "http:/evil.example",
        "http:\\\\evil.example",
        "http:///evil.example",
        "HTTP://evil.example",
        "http://localhost:3000@evil.example",
        "http://localhost:3000\\@evil.example",
        "http://localhost:3000%40evil.example",
        "http://localhost:3000.evil.example",
        "http://localhost\u{ff0e}evil.example",
        "http://evil\u{3002}example",
        "\u{2f}\u{ff0f}evil.example",
        "/\u{2215}/evil.example",
        "/\u{202e}//evil.example",
        "http://\u{217c}ocalhost:3001",
        "javascript://localhost:3000/%0aalert(1)",
        "data:text/html,x",
        "blob:http://localhost:3000/x",
        "//evil.example/..;/http://localhost:3000",
        "http://localhost:3000\u{0}.evil.example",
        "?callbackUrl=//evil.example",
        "http://[::1]@evil.example",
    ];
    for strategy in strategies() {
        for target in targets {
            let app = App::with(config().with_session(strategy));
            let mut browser = app.browser();
            let query = form(&[("callbackUrl", target)]);
            let mut places = Vec::new();
            let page = browser.get(&format!("/auth/signin?{query}")).await;
            places.extend(page.location().map(str::to_owned));
            let remembered = form(&[("", target)]).split_off(1);
            browser.cookies.insert("authjs.callback-url".into(), remembered);
            for path in ["/auth/signin/email", "/auth/signout", "/auth/signin"] {
                let fields = [("email", "ada@example.com"), ("callbackUrl", target)];
                for fields in [&fields[..1], &fields] {
                    let answer = browser.post(path, fields).await;
                    places.extend(answer.location().map(str::to_owned));
                }
            }
            let link = browser.ask_for_link("ada@example.com").await;
            let kept: Vec<_> = link.split('&').filter(|part| !part.contains("callbackUrl=")).collect();
            let token = link.split(['?', '&']).find(|part| part.starts_with("token=")).unwrap();
            let path = format!("/auth/callback/email?{token}&email=ada%40example.com&{query}");
            let answer = browser.redeem(&path).await;
            places.extend(answer.location().map(str::to_owned));

            assert!(!kept.is_empty());
            for place in places {
                assert!(leads_here(&place), "{target:?} leads to {place:?}");
            }
        }
    }
}

#[tokio::test]
async fn origin_check_is_not_passed_by_null_prefixes_lists_and_other_spellings() {
    let evil = [
        "null",
        "NULL",
        "",
        "http://localhost:3000.evil.example",
        "http://localhost:30000",
        "http://localhost",
        "https://localhost:3000",
        "http://localhost:3000@evil.example",
        "http://evil.example/http://localhost:3000",
        "http://localhost:3000, http://evil.example",
        "http://evil.example, http://localhost:3000",
        "http://evil.example#http://localhost:3000",
        "http://localhost:3000/evil",
        "http://localhost.:3000",
        "localhost:3000",
        "file://",
        "chrome-extension://localhost:3000",
    ];
    for strategy in strategies() {
        let app = App::with(config().with_session(strategy));
        let mut browser = app.browser();
        browser.sign_in("ada@example.com").await;
        let token = browser.csrf_token().await;
        let mails = app.mailbox.mails().len();
        for origin in evil {
            for site in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "same-site")]] {
                for path in ["/auth/signin/email", "/auth/signout", "/auth/session"] {
                    let headers = [&[FORM, PAGE, ("origin", origin)], site].concat();
                    let body = form(&[("email", "eve@example.com"), ("csrfToken", &token)]);

                    let answer = browser.clone().send("POST", path, &headers, &body).await;

                    let (status, to) = (answer.status(), answer.location().unwrap_or_default());
                    let is_refused = to.ends_with("error=MissingCSRF") || status.is_client_error();
                    assert!(is_refused, "{origin:?} {site:?} {path}: {status} {to}");
                    assert!(answer.set_cookies().is_empty(), "{origin:?} {site:?} {path}");
                }
            }
        }
        assert_eq!(app.mailbox.mails().len(), mails);
        assert_ne!(browser.get("/auth/session").await.text(), "null");
    }
}
