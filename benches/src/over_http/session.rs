//! `GET /auth/session`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use vestibule_core::{Clock, OsRandom, Random, SecretToken, SystemClock};
use vestibule_token::{Claims, SessionKeys};

use super::load::{self, Asks, Connection, Until, get};
use super::server::{Kind, Options, Server};
use super::{CONCURRENCY, SECRET};
use crate::cpu;
use crate::measure::{Side, take_turns};
use crate::plan::Plan;
use crate::report::{Bar, Finding, Report};
use crate::stores::postgres::{Postgres, Tables};

/// Of requests for the same processor time.
const DATABASE_BAR: Bar = Bar::AtLeast(15.0);
const JWT_BAR: Bar = Bar::AtLeast(40.0);
const AXUM_LOGIN_BAR: Bar = Bar::AtLeast(3.0);
/// The name of the session's cookie over plain HTTP.
const COOKIE: &str = "authjs.session-token";
/// How many sessions axum-login has.
const OF_AXUM_LOGIN: u64 = 2_000;

/// Asks who is signed in.
struct WhoIsIt {
    port: u16,
    visitors: Vec<Visitor>,
}

/// Somebody who is signed in.
#[derive(Clone)]
struct Visitor {
    /// The cookies, or the session token while the others are not known.
    cookies: String,
    /// What the answer says of them.
    email: String,
}

impl Visitor {
    fn new(cookies: String, number: impl std::fmt::Display) -> Self {
        Self { cookies, email: format!("\"email\":\"user{number}@example.com\"") }
    }
}

impl Asks for WhoIsIt {
    async fn ask(&self, connection: &mut Connection, n: u64) -> Result<()> {
        // Steps by a prime, so that neighbors are asked for at different times.
        #[expect(clippy::cast_possible_truncation, reason = "it is less than the length")]
        let at = (n.wrapping_mul(7919) % self.visitors.len() as u64) as usize;
        let Visitor { cookies, email } = &self.visitors[at];
        let answer = connection.ask(get(self.port, "/auth/session", cookies)?).await?;
        ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
        let body = std::str::from_utf8(answer.body())?;
        ensure!(body.starts_with("{\"user\"") && body.contains(email), "not {email}: {body}");
        Ok(())
    }
}

/// A server, and what it is asked.
struct Contestant {
    name: &'static str,
    server: Server,
    asks: Arc<WhoIsIt>,
}

impl Contestant {
    async fn start(kind: Kind, options: &Options, sessions: Vec<Visitor>) -> Result<Self> {
        let server = Server::start(kind, options).await?;
        let (port, mut connection) = (server.port, Connection::open(server.port).await?);
        let (name, visitors) = match kind {
            Kind::AxumLogin => {
                let mut visitors = Vec::new();
                for user in 1..=OF_AXUM_LOGIN {
                    visitors.push(Visitor::new(sign_in(&mut connection, port, user).await?, user));
                }
                ("axum-login", visitors)
            }
            Kind::Vestibule | Kind::AuthExpress => {
                let first = connection.ask(get(port, "/auth/csrf", "")?).await?;
                let others = load::cookies(first.headers());
                let with_others = |visitor: Visitor| Visitor {
                    cookies: format!("{others}; {COOKIE}={}", visitor.cookies),
                    ..visitor
                };
                let visitors = sessions.into_iter().map(with_others).collect();
                (if kind == Kind::Vestibule { "vestibule" } else { "@auth/express" }, visitors)
            }
        };
        Ok(Self { name, server, asks: Arc::new(WhoIsIt { port, visitors }) })
    }
}

/// A session with axum-login.
async fn sign_in(connection: &mut Connection, port: u16, user: u64) -> Result<String> {
    let request = Request::builder().method(Method::POST).uri(format!("/sign-in/{user}"));
    let request = request.header(header::HOST, format!("127.0.0.1:{port}")).body(Full::default())?;
    let answer = connection.ask(request).await?;
    ensure!(answer.status() == StatusCode::NO_CONTENT, "axum-login: {}", answer.status());
    Ok(load::cookies(answer.headers()))
}

/// Compares with `@auth/express`, sessions in the database and in the cookie, and with axum-login.
pub(super) async fn run(
    plan: &Plan,
    report: &mut Report,
    postgres: &Postgres,
    tables: &Tables,
) -> Result<()> {
    let database = Options::database(postgres.url(), &tables.schema);
    let data = &tables.data;
    let visitor =
        |(at, token): (usize, &SecretToken)| Visitor::new(token.expose().to_owned(), data.owner(at).number);
    let in_tables: Vec<_> = data.sessions.iter().enumerate().map(visitor).collect();
    let in_cookies: Vec<_> = (1_u32..).zip(tokens()).map(|(at, token)| Visitor::new(token, at)).collect();
    let comparisons = [
        ("database/auth-express", Kind::AuthExpress, &database, DATABASE_BAR),
        ("database/axum-login", Kind::AxumLogin, &database, AXUM_LOGIN_BAR),
        ("jwt/auth-express", Kind::AuthExpress, &Options::jwt(), JWT_BAR),
    ];
    let name_of = |what: &str| format!("http/session/{what}/{CONCURRENCY}");
    let wanted: Vec<_> = comparisons.into_iter().filter(|(what, ..)| plan.wants(&name_of(what))).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    Report::begin("GET /auth/session, by requests for the same processor time");
    for (what, kind, options, bar) in wanted {
        let is_jwt = what.starts_with("jwt");
        let sessions = if is_jwt { &in_cookies } else { &in_tables };
        let ours = Contestant::start(Kind::Vestibule, options, sessions.clone()).await?;
        let theirs = Contestant::start(kind, options, sessions.clone()).await?;
        compare(plan, report, name_of(what), (&ours, &theirs), postgres.server.filter(|_| !is_jwt), bar)
            .await?;
    }
    Ok(())
}

async fn compare(
    plan: &Plan,
    report: &mut Report,
    name: String,
    (ours, theirs): (&Contestant, &Contestant),
    database: Option<cpu::Server>,
    bar: Bar,
) -> Result<()> {
    let effort = plan.effort();
    let ask = async |contestant: &Contestant, length: Duration| {
        let how = (CONCURRENCY, Until::Elapsed(length));
        load::round(&contestant.server, database, &contestant.asks, how).await.context(contestant.name)
    };
    // Long enough for the compiler of Node to have seen everything.
    ask(ours, effort.round * 5).await?;
    ask(theirs, effort.round * 20).await?;
    let (of_ours, of_theirs) = take_turns(effort.rounds, async |side| match side {
        Side::Ours => ask(ours, effort.round * 5).await,
        Side::Theirs => ask(theirs, effort.round * 5).await,
    })
    .await?;
    let (ours, theirs) = ((ours.name, &of_ours[..]), (theirs.name, &of_theirs[..]));
    report.add(Finding::by_thrift(name, ours, theirs, Some(bar)));
    Ok(())
}

/// Sessions in the cookie, as either server makes them.
pub(super) fn tokens() -> Vec<String> {
    let keys = SessionKeys::new(&[SECRET], COOKIE);
    let tokens = (1..=64_u32).map(|number| {
        let mut claims = Claims::new();
        claims.insert("name", format!("User {number}").as_str());
        claims.insert("email", format!("user{number}@example.com").as_str());
        claims.insert("picture", format!("https://example.com/avatars/{number}.png").as_str());
        claims.insert("sub", number.to_string().as_str());
        let mut entropy = [0; 32];
        OsRandom.fill(&mut entropy);
        keys.seal(&claims, SystemClock.now().as_secs(), 30 * 24 * 60 * 60, &entropy)
    });
    tokens.collect()
}
