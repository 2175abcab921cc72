//! Methods that no route knows, and forms of other pages.

use super::{CSRF, Is, MISSING, SESSION, Scene, Sent, is_refused};
use crate::app::form;
use crate::oauth::strategies;

#[tokio::test]
async fn a_method_that_a_route_does_not_know_is_refused() {
    for strategy in strategies() {
        let scene = Scene::set(strategy).await;
        for path in [
            "/auth/csrf",
            "/auth/providers",
            "/auth/session",
            "/auth/signin",
            "/auth/signin/fake",
            "/auth/signin/mail",
            "/auth/signin/credentials",
            "/auth/callback/fake",
            "/auth/callback/posting",
            "/auth/callback/mail",
            "/auth/callback/credentials",
            "/auth/signout",
            "/auth/verify-request",
            "/auth/error",
        ] {
            for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
                let sent = Sent { method, ..Sent::post(&scene, path, &[("email", "eve@example.com")]) };

                is_refused(&scene, sent, Is::Status(400), "BadRequest", &[], &format!("{method} {path}"))
                    .await;
            }
        }
    }
}

#[tokio::test]
async fn a_token_against_forged_requests_is_that_of_the_browser() {
    for strategy in strategies() {
        let scene = Scene::set(strategy).await;
        let of_another = scene.other[CSRF].split('%').next().unwrap().to_owned();
        for path in [
            "/auth/signin",
            "/auth/signin/fake",
            "/auth/signin/mail",
            "/auth/callback/credentials",
            "/auth/signout",
        ] {
            let fields = [("email", "eve@example.com"), ("username", "eve"), ("password", "hunter2")];
            let good = Sent::post(&scene, path, &fields);
            for (name, sent) in [
                ("no token", Sent { body: form(&fields), ..good.clone() }),
                ("another's token", Sent { body: form(&[("csrfToken", &of_another)]), ..good.clone() }),
                (
                    "a token in the query",
                    Sent {
                        body: String::new(),
                        path: format!("{path}?csrfToken={}", scene.csrf),
                        ..good.clone()
                    },
                ),
                ("no cookie", good.clone().without(CSRF)),
                ("another's cookie", good.clone().cookie(CSRF, &scene.other[CSRF])),
                ("a session for a cookie", good.clone().cookie(CSRF, &scene.other[SESSION])),
                ("a page elsewhere", good.clone().with("origin", "https://evil.example")),
                ("a page of nobody's", good.clone().with("origin", "null")),
                ("a fetch from elsewhere", good.clone().by_a_script_elsewhere()),
            ] {
                is_refused(&scene, sent, MISSING, "MissingCsrf", &[], &format!("{path}: {name}")).await;
            }
        }
        let update = |token: &str| {
            Sent::json(&scene, "/auth/session", format!(r#"{{"csrfToken":"{token}","data":{{}}}}"#))
        };
        for (name, sent) in [
            ("no token", update("")),
            ("another's token", update(&of_another)),
            ("a page elsewhere", update(&scene.csrf).with("origin", "https://evil.example")),
        ] {
            let sent = sent.cookie(SESSION, &scene.other[SESSION]);
            is_refused(&scene, sent, Is::NoUpdate, "MissingCsrf", &[], &format!("update: {name}")).await;
        }
    }
}
