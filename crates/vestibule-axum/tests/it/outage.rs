use crate::app::{Answer, Layered, Mount, TestApp};

const PAGE: (&str, &str) = ("accept", "text/html");

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.header("location"), None);
    assert_eq!(answer.session_cookies(), [""; 0], "the cookie stays");
    assert!(!answer.body.contains("refused"), "the cause stays inside: {answer:?}");
}

#[tokio::test]
async fn an_outage_is_503_and_never_signed_out() {
    for layered in [Layered::Yes, Layered::No] {
        let app = TestApp::with(Mount::Nested, layered, "/auth");
        let cookie = app.signed_in().await;
        app.store.set_down(true);

        for path in ["/account", "/", "/inner/deep", "/twice"] {
            assert_unavailable(&app.get(path, &[("cookie", &cookie)]).await);
            assert_unavailable(&app.get(path, &[("cookie", &cookie), PAGE]).await);
        }
        assert_eq!(app.get("/auth/session", &[("cookie", &cookie)]).await.status, 503);
    }
}

#[tokio::test]
async fn after_an_outage_the_session_is_there_again_without_a_restart() {
    let app = TestApp::new();
    let cookie = app.signed_in().await;
    app.store.set_down(true);
    assert_unavailable(&app.get("/account", &[("cookie", &cookie)]).await);

    app.store.set_down(false);

    assert_eq!(app.get("/account", &[("cookie", &cookie)]).await.body, "ada@example.com");
    assert!(app.get("/auth/session", &[("cookie", &cookie)]).await.body.contains("ada@example.com"));
}

#[tokio::test]
async fn who_has_no_cookie_does_not_notice_an_outage() {
    let app = TestApp::new();
    app.store.set_down(true);

    assert_eq!(app.get("/", &[]).await.body, "nobody");
    assert_eq!(app.get("/account", &[]).await.status, 401);
    assert_eq!(app.get("/static", &[]).await.status, 200);
}
