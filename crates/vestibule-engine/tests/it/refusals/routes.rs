//! What each route is sent that cannot be, and what was used before.

use vestibule_testkit::Signing;

use super::{
    CHECKS, CONFIGURATION, Is, MISSING, NOT_THE_BROWSERS, NOT_THE_PROVIDERS, REFUSED, Scene, Sent, TICKET,
    VERIFICATION, WRONG_KEY, is_refused,
};
use crate::app::ORIGIN;
use crate::oauth::strategies;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn what_cannot_be_is_refused_at_each_route() {
    let wrong = Is::To("/auth/signin?error=CredentialsSignin&code=credentials");
    for strategy in strategies() {
        let scene = Scene::set(strategy).await;
        let s = &scene;
        let link =
            |change: (&str, &str)| format!("/auth/callback/mail?{}", s.link.replace(change.0, change.1));
        let invalid = "/auth/verify-request?provider=mail&type=email&error=InvalidCode";
        let consumed: &[&str] = &["consume_verification_token"];
        let post = |path: &str, fields: &[(&str, &str)]| Sent::post(s, path, fields);
        let opened = |path: String| Sent {
            body: path.split_once('?').unwrap().1.to_owned(),
            ..post("/auth/callback/mail", &[])
        };
        let table: Vec<(&str, Sent, Is, &str, &[&str])> = vec![
            ("an unknown action", Sent::get(s, "/auth/hunter2"), Is::Status(400), REFUSED, &[]),
            ("an action with too much", Sent::get(s, "/auth/session/hunter2"), Is::Status(400), REFUSED, &[]),
            ("a broken query", Sent::get(s, "/auth/csrf?hunter2=%zz"), Is::Status(400), REFUSED, &[]),
            (
                "a callback URL of no kind",
                Sent::get(s, "/auth/signin?callbackUrl=javascript:hunter2"),
                Is::Status(400),
                "CallbackUrl",
                &[],
            ),
            (
                "a GET of a button",
                Sent::get(s, "/auth/signin/mail?email=eve@example.com"),
                Is::Status(400),
                REFUSED,
                &[],
            ),
            (
                "an unknown provider",
                post("/auth/signin/hunter2", &[]),
                Is::Status(404),
                "UnknownProvider",
                &[],
            ),
            (
                "an unknown provider's answer",
                Sent::get(s, "/auth/callback/hunter2?code=hunter2"),
                Is::Status(404),
                "UnknownProvider",
                &[],
            ),
            ("a POST for the token", post("/auth/csrf", &[]), Is::Status(400), REFUSED, &[]),
            (
                "a POST for options",
                post("/auth/webauthn-options/passkey", &[]),
                Is::Status(400),
                REFUSED,
                &[],
            ),
            ("options of no provider", Sent::get(s, "/auth/webauthn-options"), Is::Status(400), REFUSED, &[]),
            (
                "options of an unknown one",
                Sent::get(s, "/auth/webauthn-options/hunter2"),
                Is::Status(404),
                "UnknownProvider",
                &[],
            ),
            (
                "options of another kind",
                Sent::get(s, "/auth/webauthn-options/fake"),
                CONFIGURATION,
                "NotAnAction",
                &[],
            ),
            (
                "options for what there is not",
                Sent::get(s, "/auth/webauthn-options/passkey?action=hunter2"),
                Is::Status(400),
                "Invalid action",
                &[],
            ),
            (
                "options for a stranger",
                Sent::get(s, "/auth/webauthn-options/passkey?action=register&email=eve@example.com"),
                Is::Status(400),
                "Invalid request",
                &[],
            ),
            ("a GET of a passkey", Sent::get(s, "/auth/callback/passkey"), CONFIGURATION, "NotAnAction", &[]),
            ("nothing of a passkey", post("/auth/callback/passkey", &[]), Is::Status(400), REFUSED, &[]),
            (
                "a passkey that was not asked for",
                post("/auth/callback/passkey", &[("action", "authenticate"), ("data", "hunter2")]),
                WRONG_KEY,
                NOT_THE_BROWSERS,
                &[],
            ),
            (
                "a passkey from elsewhere",
                post("/auth/callback/passkey", &[("action", "authenticate"), ("data", "hunter2")])
                    .by_a_script_elsewhere(),
                MISSING,
                "MissingCsrf",
                &[],
            ),
            ("a POST for the providers", post("/auth/providers", &[]), Is::Status(400), REFUSED, &[]),
            ("a POST for the error page", post("/auth/error", &[]), Is::Status(400), REFUSED, &[]),
            ("a POST for the mail page", post("/auth/verify-request", &[]), Is::Status(400), REFUSED, &[]),
            (
                "broken JSON",
                Sent::json(s, "/auth/session", "{\"csrfToken\":\"hunter2".into()),
                Is::Status(400),
                REFUSED,
                &[],
            ),
            (
                "no address",
                post("/auth/signin/mail", &[("email", "hunter2")]),
                Is::Told(400, "/auth/signin?error=EmailSignin"),
                "Email",
                &[],
            ),
            (
                "two addresses",
                post("/auth/signin/mail", &[("email", "eve@example.com,hunter2@evil.example")]),
                Is::Told(400, "/auth/signin?error=EmailSignin"),
                "Email",
                &[],
            ),
            (
                "a callback URL in the form",
                post("/auth/signin/mail", &[("email", "eve@example.com"), ("callbackUrl", "data:hunter2")]),
                Is::Status(400),
                "CallbackUrl",
                &[],
            ),
            (
                "a link without its token",
                Sent::get(s, "/auth/callback/mail?email=eve@example.com"),
                Is::Status(400),
                "Link",
                &[],
            ),
            (
                "a link without its address",
                Sent::get(s, "/auth/callback/mail?token=hunter2"),
                Is::Status(400),
                "Link",
                &[],
            ),
            (
                "a guessed token",
                opened("?email=eve%40example.com&token=hunter2".into()),
                VERIFICATION,
                "Verification",
                consumed,
            ),
            (
                "a token of another address",
                opened(link(("eve", "hunter2"))),
                VERIFICATION,
                "Verification",
                consumed,
            ),
            ("half a token", opened(link(("token=", "token=0"))), VERIFICATION, "Verification", consumed),
            (
                "a code that is none",
                post("/auth/callback/mail", &[("code", "hunter2")]),
                Is::Told(400, invalid),
                "Code",
                &[],
            ),
            (
                "a code without its ticket",
                post("/auth/callback/mail", &[("code", &s.code)]).without(TICKET),
                Is::Told(400, "/auth/verify-request?provider=mail&type=email&error=CodeExpired"),
                "Code",
                &[],
            ),
            (
                "a code with a state for a ticket",
                post("/auth/callback/mail", &[("code", &s.code)]).cookie(TICKET, &s.jar[CHECKS[0]]),
                Is::Told(400, "/auth/verify-request?provider=mail&type=email&error=CodeExpired"),
                "Code",
                &[],
            ),
            (
                "a code at another provider",
                post("/auth/callback/email", &[("code", &s.code)]),
                Is::Status(400),
                REFUSED,
                &[],
            ),
            (
                "nobody's password",
                post("/auth/callback/credentials", &[("username", "eve"), ("password", "hunter2")]),
                wrong,
                "Credentials {",
                &[],
            ),
            (
                "a password in a query",
                Sent::get(s, "/auth/callback/credentials?username=eve&password=hunter2"),
                CONFIGURATION,
                REFUSED,
                &[],
            ),
            (
                "an answer without a state",
                Sent::get(s, "/auth/callback/fake?code=hunter2"),
                CONFIGURATION,
                NOT_THE_PROVIDERS,
                &[],
            ),
            (
                "an answer with a state of nobody's",
                Sent::get(s, "/auth/callback/fake?code=hunter2&state=hunter2"),
                CONFIGURATION,
                NOT_THE_PROVIDERS,
                &[],
            ),
            (
                "an answer with two states",
                Sent::get(s, format!("/auth/callback/fake?{}&state=hunter2", s.params)),
                CONFIGURATION,
                NOT_THE_PROVIDERS,
                &[],
            ),
            (
                "an answer of another provider",
                Sent::get(s, format!("/auth/callback/twin?{}", s.params)),
                CONFIGURATION,
                NOT_THE_BROWSERS,
                &[],
            ),
            (
                "an answer posted to who wants it in the query",
                Sent { body: s.params.clone(), ..post("/auth/callback/fake", &[]) },
                CONFIGURATION,
                NOT_THE_PROVIDERS,
                &[],
            ),
            (
                "an answer of another provider, posted",
                Sent { body: s.params.clone(), ..post("/auth/callback/posting", &[]) },
                CONFIGURATION,
                NOT_THE_BROWSERS,
                &[],
            ),
            (
                "an error of nobody's",
                Sent::get(s, "/auth/callback/fake?error=hunter2"),
                CONFIGURATION,
                NOT_THE_PROVIDERS,
                &[],
            ),
        ];
        for (name, sent, expected, reason, writes) in table {
            is_refused(&scene, sent, expected, reason, writes, name).await;
        }
        // Nothing of all that has disturbed what was under way.
        let mut browser = scene.browser();
        assert_eq!(
            browser.get(&format!("/auth/callback/fake?{}", scene.params)).await.location(),
            Some(ORIGIN)
        );
    }
}

#[tokio::test]
async fn what_was_used_is_refused() {
    for strategy in strategies() {
        let scene = Scene::set(strategy).await;
        let answer = format!("/auth/callback/fake?{}", scene.params);
        let code = Sent::post(&scene, "/auth/callback/mail", &[("code", &scene.code)]);
        let link = Sent { body: scene.link.clone(), ..Sent::post(&scene, "/auth/callback/mail", &[]) };
        let wrong = Is::Told(400, "/auth/verify-request?provider=mail&type=email&error=InvalidCode");
        scene.browser().redeem(&format!("/auth/callback/mail?{}", scene.link)).await;

        is_refused(&scene, link, VERIFICATION, "Verification", &["consume_verification_token"], "a link")
            .await;
        // That somebody tries is counted before it is known that there is nothing to try.
        let counted = ["create_verification_token", "consume_verification_token"];
        is_refused(&scene, code, wrong, "Code", &counted, "a code").await;
        // A state is used up although the browser has kept its cookies: the store has a mark, which is made once.
        scene.world.fake.sign(Signing::Broken);
        assert!(scene.browser().get(&answer).await.location().is_some());
        scene.world.fake.heal();
        let sent = Sent::get(&scene, answer);
        let marked = ["create_verification_token"];
        is_refused(&scene, sent, CONFIGURATION, NOT_THE_BROWSERS, &marked, "an answer").await;
    }
}
