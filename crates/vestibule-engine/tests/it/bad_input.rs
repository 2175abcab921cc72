//! Whatever comes in: a defined 4xx, a clear message, nothing written, never a 5xx.

use http::StatusCode;
use proptest::prelude::*;
use vestibule_engine::{Codes, Config, EmailProvider, TrustedHosts};

use crate::app::{Answer, App, FORM, ORIGIN, PAGE, SECRET, config, form, request};
use crate::secrecy::Log;

fn is_bad_request(answer: &Answer) {
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.text(), "\"Bad request.\"");
    assert_eq!(answer.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let app = App::new();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        is_bad_request(&app.send(request(method, "/auth/session", &[], "")).await);
        is_bad_request(&app.send(request(method, "/auth/callback/email", &[], "")).await);
    }
    for path in ["/auth/session", "/auth/csrf", "/auth/signin", "/auth/signout", "/auth/error"] {
        is_bad_request(&app.send(request("HEAD", path, &[], "")).await);
    }
}

#[tokio::test]
async fn other_paths_are_refused() {
    let app = App::new();
    for path in
        ["/auth", "/auth/", "/authsession", "/auth/nothing", "/auth/session/email", "/auth/signin/a/b", "/"]
    {
        is_bad_request(&app.get(path).await);
    }
}

#[tokio::test]
async fn pages_that_take_no_post_refuse_it() {
    let app = App::new();
    for path in ["/auth/csrf", "/auth/providers", "/auth/error", "/auth/verify-request"] {
        let answer = app.browser().post(path, &[]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.json()["message"], "Bad request.");
    }
}

#[tokio::test]
async fn a_provider_belongs_into_a_post() {
    let answer = App::new().get("/auth/signin/email").await;

    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn unknown_providers_are_not_found() {
    let app = App::new();
    for path in ["/auth/signin/github", "/auth/callback/github?token=a&email=b", "/auth/signin/%00"] {
        for method in ["GET", "POST"] {
            let answer = app.browser().send(method, path, &[], "").await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
            assert_eq!(answer.json()["message"], "There is no such way to sign in.");
        }
    }
    let page = app.browser().get("/auth/signin/github").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn malformed_queries_are_refused() {
    let app = App::new();
    let long = format!("/auth/csrf?a={}", "b".repeat(9000));
    for path in ["/auth/csrf?a=%", "/auth/csrf?a=%zz", "/auth/csrf?%ff", "/auth/session?a=%00", long.as_str()]
    {
        is_bad_request(&app.get(path).await);
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let app = App::new();
    let json = ("content-type", "application/json; charset=utf-8");
    let deep = "{\"a\":".repeat(10_000);
    for path in ["/auth/signin/email", "/auth/signout", "/auth/session", "/auth/callback/email"] {
        for (kind, body) in [
            (FORM, "email=%"),
            (FORM, "email=%ff"),
            (FORM, "email=a%00"),
            (json, ""),
            (json, "{"),
            (json, "{\"csrfToken\":\"\\u0000\"}"),
            (json, deep.as_str()),
        ] {
            is_bad_request(&app.send(request("POST", path, &[kind], body)).await);
        }
        let bytes = http::Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(bytes::Bytes::from_static(b"email=\xff\xfe"))
            .unwrap();
        is_bad_request(&app.send(bytes).await);
    }
    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn a_body_may_have_64_kibibytes() {
    let app = App::new();
    let body = |length: usize| format!("x={}", "y".repeat(length - 2));

    let fits = app.send(request("POST", "/auth/signout", &[FORM], &body(64 * 1024))).await;
    assert_eq!(fits.status(), StatusCode::FOUND);

    let larger = app.send(request("POST", "/auth/signout", &[FORM], &body(64 * 1024 + 1))).await;
    assert_eq!(larger.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(larger.json()["message"], "The request is too large.");
}

#[tokio::test]
async fn the_limit_for_bodies_can_be_chosen() {
    for limit in [3, 100_000] {
        let app = App::with(config().with_body_limit(limit));
        let status = async |length: usize| {
            let body = format!("x={}", "y".repeat(length - 2));
            app.send(request("POST", "/auth/signout", &[FORM], &body)).await.status()
        };

        assert_eq!(status(limit).await, StatusCode::FOUND);
        assert_eq!(status(limit + 1).await, StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn bad_callback_urls_are_refused() {
    let long = format!("/{}", "a".repeat(2048));
    for bad in
        ["foo", "javascript:alert(1)", "data:,x", "/a\r\nX: y", "/\tb", "/\\evil.example", "http://[", &long]
    {
        let app = App::new();
        let query = form(&[("callbackUrl", bad)]);

        let page = app.browser().get(&format!("/auth/signin?{query}")).await;
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{bad}");
        assert!(page.text().contains("role=\"alert\""));
        assert_eq!(page.set_cookies(), [""; 0]);

        let fields = [("callbackUrl", bad), ("email", "ada@example.com")];
        let posted = app.browser().post("/auth/signin/email", &fields).await;
        assert_eq!(posted.status(), StatusCode::BAD_REQUEST, "{bad}");
        assert!(posted.json()["message"].as_str().unwrap().starts_with("The callback URL"));
        assert_eq!(app.store.take_calls(), [""; 0]);
        assert!(app.mailbox.mails().is_empty());
    }
}

#[tokio::test]
async fn untrusted_hosts_are_refused() {
    let config = vestibule_engine::Config::new(SECRET)
        .with_trusted_hosts(TrustedHosts::Listed(vec!["app.example.com".into()]))
        .with_provider(vestibule_engine::EmailProvider::new("a@example.com"));
    let app = App::with(config);
    for headers in [
        &[("host", "evil.example")] as &[(&str, &str)],
        &[],
        &[("host", "app.example.com"), ("x-forwarded-host", "evil.example")],
        &[("host", "app.example.com:99999")],
    ] {
        let answer = app.send(request("GET", "/auth/csrf", headers, "")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["message"], "This host is not served here.");
    }

    let answer = app.send(request("GET", "/auth/csrf", &[("host", "app.example.com")], "")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.set_cookies()[0].starts_with("__Host-"));
}

#[tokio::test]
async fn strange_cookies_do_no_harm() {
    let app = App::new();
    let many: Vec<String> = (0..10_000).map(|index| format!("authjs.session-token.{index}=x")).collect();
    let long = format!("authjs.session-token={}", "a".repeat(8000));
    for cookie in [
        "authjs.session-token=%00",
        "authjs.session-token=%ff%fe",
        "authjs.session-token=' OR 1=1 --",
        "authjs.csrf-token=%7C; authjs.callback-url=%7C",
        "; ; =; ===;;;",
        "authjs.session-token.99999999999999999999=x",
        long.as_str(),
        &many.join("; "),
    ] {
        let answer = app.send(request("GET", "/auth/session", &[("cookie", cookie)], "")).await;
        assert_eq!((answer.status(), answer.text()), (StatusCode::OK, "null"));
    }
}

fn arbitrary_request() -> impl Strategy<Value = http::Request<bytes::Bytes>> {
    let method = prop_oneof![Just("GET"), Just("POST"), Just("HEAD"), Just("PUT")];
    let path = prop_oneof![
        4 => "/auth/(csrf|session|signin|signin/email|callback/email|signout|error|verify-request|providers)/?",
        1 => "/[a-z/%.]{0,20}",
    ];
    let query = "(\\?((callbackUrl|token|email|error|x)=[!-~]{0,20}&?){0,3})?";
    let kind =
        prop_oneof![Just("application/x-www-form-urlencoded"), Just("application/json"), Just("text/plain")];
    let body = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..100),
        "((callbackUrl|token|email|csrfToken|json)=[!-~]{0,20}&?){0,4}".prop_map(String::into_bytes),
        "\\{(\"(email|csrfToken|callbackUrl)\":\"\\PC{0,20}\",?){0,3}\\}".prop_map(String::into_bytes),
    ];
    let cookie = "((authjs\\.(session-token|csrf-token|callback-url)(\\.[0-9]{1,3})?|x)=[!-~]{0,30}; ){0,4}";
    let accept = prop_oneof![Just("text/html"), Just("*/*")];
    (method, path, query, kind, body, cookie, accept).prop_filter_map(
        "no URI",
        |(method, path, query, kind, body, cookie, accept)| {
            http::Request::builder()
                .method(method)
                .uri(format!("{path}{query}"))
                .header("content-type", kind)
                .header("cookie", cookie)
                .header("accept", accept)
                .body(bytes::Bytes::from(body))
                .ok()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_request_gets_a_defined_answer_and_writes_nothing(request in arbitrary_request()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let app = App::new();
        let asked_for_error = request.uri().path().starts_with("/auth/error");

        let answer = runtime.block_on(app.send(request));

        let status = answer.status();
        prop_assert!(status.is_success() || status == StatusCode::FOUND || status.is_client_error() || asked_for_error);
        prop_assert!(app.mailbox.mails().is_empty());
        let writes = ["create_user", "sign_up", "create_session", "create_verification_token", "delete_session"];
        prop_assert!(!app.store.take_calls().iter().any(|call| writes.contains(call)));
        if let Some(location) = answer.location() {
            prop_assert!(location.starts_with("http://localhost:3000"), "{location}");
        }
    }
}

#[tokio::test]
async fn a_page_is_shown_to_whoever_reads_pages() {
    let answer = App::new().browser().send("POST", "/auth/csrf", &[PAGE], "").await;
    assert_eq!(answer.header("content-type"), Some("application/json"), "csrf is for programs");

    let answer = App::new().browser().send("POST", "/auth/error", &[PAGE], "").await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_refusal_is_logged_with_its_reason() {
    let codes = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
    let app = App::with(Config::new(SECRET).with_base_url(ORIGIN).with_provider(codes));
    let unlisted =
        App::with(Config::new(SECRET).with_trusted_hosts(TrustedHosts::Listed(vec!["app.example".into()])));
    let mut browser = app.browser();
    let csrf = browser.csrf_token().await;
    browser.ask_for_link("ada@example.com").await;
    let cookies = browser.cookie_header();
    let posted = |fields: &[(&str, &str)]| form(&[&[("csrfToken", &*csrf)], fields].concat());
    let large = "a".repeat(100_000);
    for (app, method, path, headers, body, reason) in [
        (&app, "PUT", "/auth/session", vec![], String::new(), "BadRequest"),
        (&app, "GET", "/auth/nothing", vec![], String::new(), "BadRequest"),
        (&app, "POST", "/auth/signin/email", vec![FORM], large, "TooLarge"),
        (&unlisted, "GET", "/auth/session", vec![("host", "evil.example")], String::new(), "UntrustedHost"),
        (&app, "POST", "/auth/session", vec![FORM], String::new(), "MissingCsrf"),
        (&app, "POST", "/auth/signin/email", vec![FORM], String::new(), "MissingCsrf"),
        (&app, "POST", "/auth/signin/email", vec![FORM, PAGE], posted(&[("email", "nobody")]), "Email"),
        (&app, "POST", "/auth/signin/email", vec![FORM], posted(&[("email", "nobody")]), "Email"),
        (&app, "POST", "/auth/callback/email", vec![FORM, PAGE], posted(&[("code", "12345")]), "Code"),
        (&app, "GET", "/auth/callback/email", vec![], String::new(), "Link"),
        (&app, "GET", "/auth/signin/nobody", vec![], String::new(), "UnknownProvider"),
    ] {
        let log = Log::default();
        let guard = log.listen();
        let headers = [&headers[..], &[("cookie", &*cookies)]].concat();

        let answer = app.send(request(method, path, &headers, &body)).await;

        drop(guard);
        let (text, status) = (log.text(), answer.status());
        assert!(status.is_client_error() || status.is_redirection(), "{method} {path}: {status}");
        assert!(text.contains("a request was refused") && text.contains(reason), "{method} {path}: {text}");
        assert!(!text.contains(&csrf), "{text}");
    }
}
