//! What is sealed for one thing, in the place of another.

use vestibule_engine::SessionStrategy;

use super::{CHECKS, CONFIGURATION, CSRF, Is, NOT_THE_BROWSERS, SESSION, Scene, Sent, TICKET, is_refused};
use crate::oauth::strategies;

#[tokio::test]
async fn what_is_sealed_for_something_else_is_no_session() {
    for strategy in strategies() {
        let scene = Scene::set(strategy).await;
        let kept = scene.jar.iter().chain(&scene.twin).filter(|(name, _)| !name.contains("callback-url"));
        let token = scene.link.split("token=").nth(1).unwrap().split('&').next().unwrap();
        let values = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let values: Vec<_> = values.chain([("a token of a link", token), ("nothing", "x")]).collect();
        let reason = if matches!(strategy, SessionStrategy::Jwt(_)) {
            "a session token was refused"
        } else {
            "a session "
        };
        for (kind, value) in values {
            let get = Sent::get(&scene, "/auth/session").cookie(SESSION, value);
            let body = format!(r#"{{"csrfToken":"{}","data":{{"name":"hunter2"}}}}"#, scene.csrf);
            let update = Sent::json(&scene, "/auth/session", body).cookie(SESSION, value);

            is_refused(&scene, get, Is::Null, reason, &[], &format!("{kind} as a session")).await;
            is_refused(&scene, update, Is::Null, reason, &[], &format!("{kind} as a session, updated")).await;
        }
    }
}

#[tokio::test]
async fn what_is_sealed_for_something_else_ends_no_sign_in_at_a_provider() {
    for strategy in strategies() {
        for name in CHECKS {
            let scene = Scene::set(strategy).await;
            let path = format!("/auth/callback/fake?{}", scene.params);
            let others = CHECKS.iter().filter(|other| **other != name).map(|other| &scene.jar[*other]);
            let values = others.chain([
                &scene.twin[name],
                &scene.other[SESSION],
                &scene.jar[TICKET],
                &scene.jar[CSRF],
            ]);
            let none = [String::new(), "x".to_owned()];
            for value in values.chain(&none) {
                let sent = Sent::get(&scene, &path).cookie(name, value);

                is_refused(
                    &scene,
                    sent,
                    CONFIGURATION,
                    NOT_THE_BROWSERS,
                    &[],
                    &format!("{name}={value:.20}"),
                )
                .await;
            }
            let sent = Sent::get(&scene, &path).without(name);
            is_refused(&scene, sent, CONFIGURATION, NOT_THE_BROWSERS, &[], &format!("no {name}")).await;
        }
    }
}
