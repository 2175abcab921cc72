//! One visit by all ways in, with all that can go wrong: what is secret is in no log, and in no answer but its own.

use std::fmt::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use vestibule_core::{NewUser, ProviderId, SecretToken, UserId, Users};
use vestibule_engine::{
    Authorize, Claims, Codes, Credential, Credentials, CredentialsError, CredentialsProvider, EmailProvider,
    JwtPolicy, SessionStrategy,
};
use vestibule_testkit::{FakeProvider, Fault, Page};
use vestibule_token::SessionKeys;

use crate::app::{Answer, Browser, ORIGIN, PAGE, RETURN, SECRET};
use crate::oauth::{World, ada, client_of};
use crate::secrecy::Log;

const GRACE: &str = "grace-1";
const PASSWORD: &str = "hunter2-right-password";
const WRONG: &str = "hunter2-wrong-password";
const CREDENTIALS: &str = "/auth/callback/credentials";

/// Knows Grace, and fails with all that it was given for others.
struct Talkative;

#[async_trait]
impl Authorize for Talkative {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        let told = fields.get("password").unwrap_or_default();
        match fields.get("username") {
            Some("grace") if told == PASSWORD => {
                Ok(Some(Credential { id: Some(UserId::from(GRACE)), ..Credential::default() }))
            }
            Some("grace") => Ok(None),
            _ => Err(CredentialsError::Failed(format!("nobody has the password {told}").into())),
        }
    }
}

/// A browser, and what it has been told: in the cookies, and elsewhere.
struct Visit {
    browser: Browser,
    cookies: String,
    elsewhere: String,
}

impl Visit {
    fn sees(&mut self, answer: Answer) -> Answer {
        let others: Vec<_> = answer.headers().iter().filter(|(name, _)| *name != "set-cookie").collect();
        writeln!(self.elsewhere, "{others:?}\n{}", answer.text()).unwrap();
        self.cookies.push_str(&answer.set_cookies().join("\n"));
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        let answer = self.browser.get(path).await;
        self.sees(answer)
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.browser.post_with(path, &[PAGE], fields).await;
        self.sees(answer)
    }

    /// As the client for React does it.
    async fn script(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.browser.post_with(path, &[RETURN], fields).await;
        self.sees(answer)
    }

    fn session(&self) -> String {
        self.browser.session_token().unwrap().expose().to_owned()
    }
}

/// What came up, by its name.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    fn are_not_in(&self, text: &str, place: &str) {
        for (name, secret) in &self.0 {
            assert!(secret.len() > 5, "{name} is no secret: {secret:?}");
            assert!(!text.contains(secret), "{name} ({secret}) is in {place}: {text}");
        }
    }
}

async fn world(strategy: SessionStrategy) -> World {
    let world = World::configured(|fake, config| {
        config
            .with_provider(
                EmailProvider::new("App <no-reply@example.com>").with_id("mail").with_codes(Codes::new()),
            )
            .with_provider(client_of(fake, "fake"))
            .with_provider(CredentialsProvider::new(Talkative))
            .with_session(strategy)
    })
    .await;
    world.fake.set_user(ada());
    let grace = NewUser { id: Some(UserId::from(GRACE)), ..NewUser::with_email("grace@example.com") };
    world.app.memory.create_user(&grace, None).await.unwrap();
    world
}

fn param(text: &str, name: &str) -> String {
    let pairs = form_urlencoded::parse(text.rsplit('?').next().unwrap().as_bytes());
    pairs.into_owned().find(|(known, _)| known == name).map(|(_, value)| value).unwrap()
}

/// By name and password: rightly, wrongly, and where that cannot be told.
async fn with_a_password(world: &World, visit: &mut Visit, secrets: &mut Secrets) {
    for (user, password) in [("grace", WRONG), ("broken", WRONG), ("broken", PASSWORD), ("grace", PASSWORD)] {
        let fields = [("username", user), ("password", password)];
        visit.script(CREDENTIALS, &fields).await;
        visit.post(CREDENTIALS, &fields).await;
    }
    secrets.add("a session", visit.session());
    for fault in [Fault::Unavailable, Fault::Refused, Fault::Corrupt] {
        world.app.store.fail(fault);
        visit.post(CREDENTIALS, &[("username", "grace"), ("password", PASSWORD)]).await;
        visit.get("/auth/session").await;
        world.app.store.recover();
    }
    visit.get(&format!("{CREDENTIALS}?username=grace&password={PASSWORD}")).await;
    secrets.add("a password", PASSWORD);
    secrets.add("a wrong password", WRONG);
}

/// By a mail with a link and a code: wrongly, then rightly.
async fn with_a_code(world: &World, visit: &mut Visit, secrets: &mut Secrets) {
    visit.post("/auth/signin/mail", &[("email", "eve@example.com")]).await;
    let mail = world.app.mailbox.last_to("eve@example.com").unwrap();
    let code = mail.code.unwrap();
    secrets.add("a ticket", visit.browser.cookies["vestibule.code"].clone());
    for entered in [&code[1..], "12 45 6", &code] {
        visit.post("/auth/callback/mail", &[("code", entered)]).await;
    }
    let token = param(&mail.link, "token");
    visit.get(&mail.link[ORIGIN.len()..].replace(&token, &token[1..])).await;
    secrets.add("a code", code);
    secrets.add("a token of a link", token);
    secrets.add("a session", visit.session());
}

/// At a provider: refused, then rightly; and the tokens are refreshed, in vain and well.
async fn at_a_provider(world: &World, visit: &mut Visit, secrets: &mut Secrets) {
    for code in ["hunter2-code", ""] {
        visit.browser.cookies.remove("authjs.session-token");
        let left = visit.browser.post("/auth/signin/fake", &[]).await;
        let to = left.location().unwrap().to_owned();
        if !code.is_empty() {
            world.fake.alter_return(|params| params.push(("code".into(), "hunter2-code".into())));
        }
        let returned = world.fake.visit(&to);
        for name in ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"] {
            secrets.add("a sealed cookie", visit.browser.cookies[name].clone());
        }
        secrets.add("a state", param(&to, "state"));
        secrets.add("a nonce", param(&to, "nonce"));
        secrets.add("a code of a provider", param(&returned.params, "code"));
        let answer = visit.browser.come_back(&returned).await;
        visit.sees(answer);
        world.fake.heal();
    }
    secrets.add("a session", visit.session());
    let asked = world.fake.last_request(Page::Token).unwrap();
    let asked = String::from_utf8(asked.body().to_vec()).unwrap();
    secrets.add("a code verifier", param(&asked, "code_verifier"));
    secrets.add("the client's secret", FakeProvider::CLIENT_SECRET);

    let user = world.account("ada-1").await.unwrap().user_id;
    for works in [false, true] {
        world.app.clock.advance(Duration::from_hours(2));
        if !works {
            world.fake.answer(Page::Token, || http::Response::new("hunter2-body".into()));
        }
        let refreshed = world.app.engine.access_token(&user, &ProviderId::from("fake")).await;
        assert_eq!(refreshed.is_ok(), works);
        world.fake.heal();
        let tokens = world.account("ada-1").await.unwrap().tokens;
        let all = [tokens.access_token, tokens.refresh_token, tokens.id_token];
        for token in all.iter().flatten().map(SecretToken::expose) {
            secrets.add("a provider's token", token);
        }
    }
    secrets.add("what a provider wrote", "hunter2-body");
}

/// With the cookie of a session that NextAuth 4 has begun, whole and damaged.
async fn with_a_cookie_of_version_4(world: &World, visit: &mut Visit, secrets: &mut Secrets) {
    let claims = Claims::from_json(r#"{"name":"Ada","email":"ada@example.com","sub":"1"}"#).unwrap();
    let keys = SessionKeys::nextauth_v4(&[SECRET], "");
    let cookie = keys.seal(&claims, world.app.now().as_secs(), 600, &[7; 32]);
    for name in ["next-auth.session-token", "authjs.session-token"] {
        for value in [cookie.clone(), cookie[1..].to_owned(), format!("{cookie}A")] {
            visit.browser.cookies.remove("authjs.session-token");
            visit.browser.cookies.insert(name.into(), value);
            visit.get("/auth/session").await;
            visit.browser.cookies.remove("next-auth.session-token");
        }
    }
    secrets.add("a session of NextAuth 4", &cookie[1..]);
}

async fn nothing_leaks(strategy: SessionStrategy) {
    let log = Log::default();
    let _guard = log.listen();
    let world = world(strategy).await;
    let mut visit = Visit { browser: world.app.browser(), cookies: String::new(), elsewhere: String::new() };
    let mut secrets = Secrets::default();

    with_a_password(&world, &mut visit, &mut secrets).await;
    visit.post("/auth/signout", &[]).await;
    with_a_code(&world, &mut visit, &mut secrets).await;
    let damaged = format!("{}x", visit.session());
    visit.browser.cookies.insert("authjs.session-token".into(), damaged);
    visit.get("/auth/session").await;
    at_a_provider(&world, &mut visit, &mut secrets).await;
    visit.get("/auth/session").await;
    visit.post("/auth/signout", &[]).await;
    with_a_cookie_of_version_4(&world, &mut visit, &mut secrets).await;
    secrets.add("the secret", SECRET);

    let text = log.text();
    for expected in ["a request was refused", "Credentials {", "nobody has the password"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    secrets.are_not_in(&visit.elsewhere, "an answer");
    // A cookie holds what it is for.
    let own = ["a session", "a sealed cookie", "a ticket"];
    let others = secrets.0.iter().filter(|(name, _)| !own.contains(name)).cloned().collect();
    Secrets(others).are_not_in(&visit.cookies, "a cookie");
    secrets.add("an address", "ada@example");
    secrets.add("another address", "eve@example");
    secrets.are_not_in(&text, "the log");
}

#[tokio::test]
async fn nothing_leaks_with_sessions_in_the_store() {
    nothing_leaks(SessionStrategy::default()).await;
}

#[tokio::test]
async fn nothing_leaks_with_sessions_in_the_cookie() {
    nothing_leaks(JwtPolicy::default().with_nextauth_v4().into()).await;
}
