//! `GET /auth/callback/github`: somebody who has been here before comes back from the provider.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use serde_json::Value;

use super::CONCURRENCY;
use super::load::{self, Asks, Connection, Until, get};
use super::provider;
use super::server::{Kind, Options, Server};
use crate::data::Data;
use crate::measure::{Sample, Side, take_turns};
use crate::plan::Plan;
use crate::report::{Finding, Report};
use crate::stores::postgres::{Postgres, Tables};

/// How many callbacks a round has.
const CALLBACKS: u64 = 640;

/// Somebody who is on the way to the provider.
struct Traveller {
    path: String,
    cookies: String,
}

/// Leaves for the provider, which is not measured, or comes back.
struct SignIn {
    port: u16,
    /// The cookies of the first visit, and the token of the form.
    first: (String, String),
    data: Arc<Data>,
    away: Mutex<Vec<Traveller>>,
}

impl SignIn {
    async fn new(port: u16, data: &Arc<Data>) -> Result<Self> {
        let answer = Connection::open(port).await?.ask(get(port, "/auth/csrf", "")?).await?;
        let token: Value = serde_json::from_slice(answer.body())?;
        let token = token["csrfToken"].as_str().context("no CSRF token")?.to_owned();
        let first = (load::cookies(answer.headers()), token);
        Ok(Self { port, first, data: Arc::clone(data), away: Mutex::default() })
    }

    /// Sends so many people to the provider.
    async fn leave(&self, people: u64) -> Result<()> {
        let mut connection = Connection::open(self.port).await?;
        let (cookies, token) = &self.first;
        for n in 0..people {
            let request = Request::builder().method(Method::POST).uri("/auth/signin/github");
            let origin = format!("http://127.0.0.1:{}", self.port);
            let request = request
                .header(header::HOST, format!("127.0.0.1:{}", self.port))
                .header(header::ORIGIN, &origin)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::COOKIE, cookies)
                .body(Full::from(format!("csrfToken={token}&callbackUrl={origin}")))?;
            let answer = connection.ask(request).await?;
            let to = answer.headers().get(header::LOCATION).context("nobody was sent anywhere")?.to_str()?;
            let (_, query) = to.split_once("/authorize?").with_context(|| format!("sent to {to}"))?;
            let state = query.split('&').find(|pair| pair.starts_with("state="));
            let code = self.data.user(n).account.as_str();
            let state = state.map(|state| format!("&{state}")).unwrap_or_default();
            let cookies = format!("{cookies}; {}", load::cookies(answer.headers()));
            let traveller = Traveller { path: format!("/auth/callback/github?code={code}{state}"), cookies };
            self.away.lock().unwrap_or_else(PoisonError::into_inner).push(traveller);
        }
        Ok(())
    }
}

impl SignIn {
    /// Comes back, and returns the cookies that are set.
    async fn come_back(&self, connection: &mut Connection) -> Result<String> {
        let back = self.away.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Traveller { path, cookies } = back.context("nobody is away")?;
        let answer = connection.ask(get(self.port, &path, &cookies)?).await?;
        ensure!(answer.status() == StatusCode::FOUND, "{}", answer.status());
        let cookies = load::cookies(answer.headers());
        ensure!(cookies.contains("session-token="), "{:?}", answer.headers());
        Ok(cookies)
    }

    /// Signs one in and asks who that is.
    async fn check(&self) -> Result<()> {
        self.leave(1).await?;
        let mut connection = Connection::open(self.port).await?;
        let cookies = self.come_back(&mut connection).await?;
        let answer = connection.ask(get(self.port, "/auth/session", &cookies)?).await?;
        let body = std::str::from_utf8(answer.body())?;
        ensure!(body.contains(&self.data.user(0).email), "somebody else is signed in: {body}");
        Ok(())
    }
}

impl Asks for SignIn {
    async fn ask(&self, connection: &mut Connection, _: u64) -> Result<()> {
        self.come_back(connection).await.map(drop)
    }
}

/// Compares with `@auth/express` on the same tables.
pub(super) async fn run(
    plan: &Plan,
    report: &mut Report,
    postgres: &Postgres,
    tables: &Tables,
) -> Result<()> {
    let name = format!("http/oauth-callback/auth-express/{CONCURRENCY}");
    if !plan.wants(&name) {
        return Ok(());
    }
    let options = Options::database(postgres.url(), &tables.schema).with_provider(provider::start().await?);
    let (ours, theirs) =
        (Server::start(Kind::Vestibule, &options).await?, Server::start(Kind::AuthExpress, &options).await?);
    let (of_ours, of_theirs) =
        (SignIn::new(ours.port, &tables.data).await?, SignIn::new(theirs.port, &tables.data).await?);
    let (asks_ours, asks_theirs) = (Arc::new(of_ours), Arc::new(of_theirs));
    let round = async |server: &Server, asks: &Arc<SignIn>| -> Result<Sample> {
        asks.leave(CALLBACKS).await?;
        load::round(server, postgres.server, asks, (CONCURRENCY, Until::Done(CALLBACKS))).await
    };
    asks_ours.check().await.context("vestibule")?;
    asks_theirs.check().await.context("@auth/express")?;
    Report::begin("The way back from a provider, by callbacks for the same processor time");
    round(&ours, &asks_ours).await.context("vestibule")?;
    round(&theirs, &asks_theirs).await.context("@auth/express")?;
    let (of_ours, of_theirs) = take_turns(plan.effort().rounds, async |side| match side {
        Side::Ours => round(&ours, &asks_ours).await,
        Side::Theirs => round(&theirs, &asks_theirs).await,
    })
    .await?;
    let (ours, theirs) = (("vestibule", &of_ours[..]), ("@auth/express", &of_theirs[..]));
    report.add(Finding::by_thrift(name, ours, theirs, None));
    Ok(())
}
