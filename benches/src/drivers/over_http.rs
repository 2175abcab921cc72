//! The drivers that send each statement as an HTTP request: the same request written by hand, with the same client, to
//! the same server. The servers are those of the test kit and run in this process, so that they are counted as ours.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use http::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;
use vestibule_hrana::{Hrana, HranaSettings};
use vestibule_http::{Bytes, HttpClient, HyperClient, Limits};
use vestibule_neon::{Neon, Settings};
use vestibule_sql::{Access, Dialect, Driver, Profile, Statement, schema};
use vestibule_testkit::{HranaServer, NeonBridge};

use super::Comparison;
use crate::data::Data;
use crate::raw::session::Find;

/// How many rows one statement inserts.
const TOGETHER: usize = 500;
const LIMITS: (Duration, usize) = (Duration::from_secs(15), 11 << 20);

async fn send<A: DeserializeOwned>(client: &HyperClient, request: Request<Bytes>) -> Result<A> {
    let answer = client.send(request, Limits::new(LIMITS.0, LIMITS.1)).await?;
    ensure!(answer.status() == 200, "{}: {:?}", answer.status(), answer.body());
    Ok(serde_json::from_slice(answer.body())?)
}

struct RawNeon {
    client: Arc<HyperClient>,
    endpoint: String,
    connection_string: String,
    text: Arc<str>,
}

#[derive(Deserialize)]
struct NeonAnswer {
    rows: Vec<NeonRow>,
}

/// A session and its owner in PostgreSQL's text format.
type NeonRow =
    (String, String, String, String, String, Option<String>, Option<String>, Option<String>, Option<String>);

impl Find for RawNeon {
    async fn find(&self, token: &str) -> Result<bool> {
        let body = json!({ "query": &*self.text, "params": [token] });
        let request = Request::post(&self.endpoint)
            .header("content-type", "application/json")
            .header("neon-connection-string", &self.connection_string)
            .header("neon-raw-text-output", "true")
            .header("neon-array-mode", "true")
            .header("neon-pool-opt-in", "true")
            .body(body.to_string().into())?;
        let mut answer: NeonAnswer = send(&self.client, request).await?;
        let Some((id, token, owner, expires, user, name, email, verified, image)) = answer.rows.pop() else {
            return Ok(false);
        };
        let session = (id.parse::<i32>()?, token, owner.parse::<i32>()?, read_time(&expires)?);
        let verified = verified.as_deref().map(read_time).transpose()?;
        black_box((session, user.parse::<i32>()?, name, email, verified, image));
        Ok(true)
    }
}

/// Reads a time as a server in UTC writes it.
fn read_time(text: &str) -> Result<OffsetDateTime> {
    let format = format_description!(
        version = 2,
        "[year]-[month]-[day] [hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory]"
    );
    Ok(OffsetDateTime::parse(text, format)?)
}

pub(super) async fn on_postgres(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let bridge = NeonBridge::start(url).await;
    let client = Arc::new(HyperClient::new());
    let settings = Settings::from_url(bridge.connection_string())?.with_endpoint(&bridge.endpoint())?;
    let driver = Neon::new(Arc::clone(&client) as Arc<dyn HttpClient>, settings);
    let raw = async |text| {
        let connection_string = bridge.connection_string().to_owned();
        Ok(RawNeon { client, endpoint: bridge.endpoint(), connection_string, text })
    };
    comparison.run("neon", driver, raw).await
}

struct RawHrana {
    client: Arc<HyperClient>,
    endpoint: String,
    authorization: String,
    text: Arc<str>,
}

#[derive(Deserialize)]
struct HranaAnswer {
    results: Vec<HranaResult>,
}

#[derive(Deserialize)]
struct HranaResult {
    response: HranaResponse,
}

#[derive(Deserialize)]
struct HranaResponse {
    result: Option<HranaRows>,
}

#[derive(Deserialize)]
struct HranaRows {
    rows: Vec<[Cell; 9]>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Cell {
    Null,
    Integer { value: String },
    Text { value: String },
}

impl Cell {
    fn integer(self) -> Result<Option<i64>> {
        match self {
            Self::Null => Ok(None),
            Self::Integer { value } => Ok(Some(value.parse()?)),
            Self::Text { .. } => bail!("a text for an integer"),
        }
    }

    fn text(self) -> Result<Option<String>> {
        match self {
            Self::Null => Ok(None),
            Self::Text { value } => Ok(Some(value)),
            Self::Integer { .. } => bail!("an integer for a text"),
        }
    }
}

impl Find for RawHrana {
    async fn find(&self, token: &str) -> Result<bool> {
        let args = json!([{ "type": "text", "value": token }]);
        let statement = json!({ "sql": &*self.text, "args": args, "want_rows": true });
        let requests = json!([{ "type": "execute", "stmt": statement }, { "type": "close" }]);
        let body = json!({ "baton": null, "requests": requests });
        let request = Request::post(&self.endpoint)
            .header("content-type", "application/json")
            .header("authorization", &self.authorization)
            .body(body.to_string().into())?;
        let answer: HranaAnswer = send(&self.client, request).await?;
        let first = answer.results.into_iter().next().context("no result")?;
        let Some(row) = first.response.result.context("no rows")?.rows.pop() else { return Ok(false) };
        let [id, token, owner, expires, user, name, email, verified, image] = row;
        black_box((id.integer()?, token.text()?, owner.integer()?, expires.integer()?));
        black_box((user.integer()?, name.text()?, email.text()?, verified.integer()?, image.text()?));
        Ok(true)
    }
}

pub(super) async fn on_sqlite(comparison: &mut Comparison<'_>) -> Result<()> {
    if !comparison.wants("hrana") {
        return Ok(());
    }
    let server = HranaServer::start().await;
    let client = Arc::new(HyperClient::new());
    let settings = HranaSettings::from_url(&server.url())?.with_token(server.token())?;
    let driver = Hrana::new(Arc::clone(&client) as Arc<dyn HttpClient>, settings);
    fill(&driver, &comparison.data).await?;
    let (endpoint, authorization) =
        (format!("{}/v2/pipeline", server.url().trim_end_matches('/')), format!("Bearer {}", server.token()));
    comparison.run("hrana", driver, async |text| Ok(RawHrana { client, endpoint, authorization, text })).await
}

/// Makes the tables and fills them with users and sessions.
async fn fill(driver: &Hrana, data: &Data) -> Result<()> {
    let mut texts = schema::create(&Profile::authjs(), Dialect::Sqlite)?;
    for users in data.users.chunks(TOGETHER) {
        let row = |id: i64, email: &str| {
            format!("({id}, 'User {id}', '{email}', 'https://example.com/avatars/{id}.png')")
        };
        let rows: Vec<_> = users.iter().map(|user| row(user.number, &user.email)).collect();
        texts.push(format!("INSERT INTO users (id, name, email, image) VALUES {}", rows.join(", ")));
    }
    let expires = data.expires.as_millis();
    for (chunk, tokens) in data.sessions.chunks(TOGETHER).enumerate() {
        let owner = |at: usize| data.owner(chunk * TOGETHER + at).number;
        let row = |(at, token): (usize, &vestibule_core::SecretToken)| {
            format!("({}, {expires}, '{}')", owner(at), token.expose())
        };
        let rows: Vec<_> = tokens.iter().enumerate().map(row).collect();
        texts
            .push(format!("INSERT INTO sessions (userId, expires, sessionToken) VALUES {}", rows.join(", ")));
    }
    for text in texts {
        let text = text.into();
        let statement = Statement { name: "fill", text, params: Box::default(), access: Access::Write };
        driver.run(&statement, &[]).await?;
    }
    Ok(())
}
