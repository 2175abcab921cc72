//! PostgreSQL at Neon, over its SQL over HTTP.
//!
//! Each statement, and each batch, is one HTTP request; nothing is kept between two of them, so a [`Neon`] is made
//! in no time and can be made anew for every request that the application serves. Whatever connections are kept
//! belong to the [`HttpClient`](vestibule_http::HttpClient) that it is given. A batch is one transaction at
//! `READ COMMITTED`; there is no transaction over several requests, and Vestibule needs none.
//!
//! A read that nobody answered is sent once more, if there is time left; a write only if it certainly never arrived.
//! A request and an answer may have 10 MiB each.
//!
//! # A handler that keeps nothing
//!
//! Only the client is worth keeping, for its connections; where even that is lost between two requests, it is made
//! anew as well.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use vestibule_core::{Session, Sessions, User};
//! use vestibule_http::HttpClient;
//! use vestibule_neon::{Neon, Settings};
//! use vestibule_sql::{Profile, SqlAdapter};
//!
//! async fn who_is_it(
//!     client: Arc<dyn HttpClient>,
//!     token: &str,
//! ) -> Result<Option<(Session, User)>, Box<dyn std::error::Error>> {
//!     let settings = Settings::from_url(&std::env::var("DATABASE_URL")?)?;
//!     let store = SqlAdapter::new(Neon::new(client, settings), Profile::authjs())?;
//!     Ok(store.session_and_user(&token.into()).await?)
//! }
//! ```

mod answer;
mod error;
mod settings;
mod time;
mod value;

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderValue;
use serde::Serialize;
use vestibule_http::{Bytes, HttpClient, Limits, Repeat, send_twice};
use vestibule_sql::{Access, Dialect, Driver, DriverError, Row, Statement, Value, postgres};

use crate::answer::Answer;
pub use crate::settings::{Cells, Rows, Settings, SettingsError};

/// The most bytes that Neon takes in one request.
const MOST_REQUEST_BYTES: usize = 10 * 1024 * 1024;
/// More than Neon ever answers, so that its own refusal arrives.
const MOST_RESPONSE_BYTES: usize = 11 * 1024 * 1024;

/// Runs statements at Neon. Cheap to make and to clone.
#[derive(Clone, Debug)]
pub struct Neon {
    client: Arc<dyn HttpClient>,
    settings: Settings,
}

/// One statement, as it travels.
#[derive(Serialize)]
struct Query<'a> {
    query: &'a str,
    params: Vec<Option<String>>,
}

/// Several, which make one transaction.
#[derive(Serialize)]
struct Batch<'a> {
    queries: Vec<Query<'a>>,
}

impl<'a> Query<'a> {
    fn new(statement: &'a Statement, params: &[Value]) -> Result<Self, DriverError> {
        postgres::check(statement, params)?;
        let params = params.iter().map(value::out).collect::<Result<_, _>>()?;
        Ok(Self { query: &statement.text, params })
    }
}

impl Neon {
    /// Sends everything with the caller's client.
    pub fn new(client: Arc<dyn HttpClient>, settings: Settings) -> Self {
        Self { client, settings }
    }

    /// Sends a body and returns that of the answer with status 200.
    async fn send(
        &self,
        body: &impl Serialize,
        batch: Option<&[HeaderValue]>,
        access: Access,
    ) -> Result<Bytes, DriverError> {
        let body = serde_json::to_vec(body).map_err(|error| DriverError::Refused(error.into()))?;
        if body.len() > MOST_REQUEST_BYTES {
            return Err(DriverError::Refused(format!("more than {MOST_REQUEST_BYTES} bytes to send").into()));
        }
        let request = self.settings.request(body.into(), batch)?;
        let limits = Limits::new(self.settings.timeout(), MOST_RESPONSE_BYTES);
        let repeat = if access == Access::Read { Repeat::IfUnanswered } else { Repeat::IfNotSent };
        let answer = send_twice(&self.client, request, limits, repeat).await;
        let answer = answer.map_err(|error| error::transport(error, access))?;
        let status = answer.status().as_u16();
        if status == 200 { Ok(answer.into_body()) } else { Err(error::status(status, answer.body(), access)) }
    }
}

#[async_trait]
impl Driver for Neon {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let body = self.send(&Query::new(statement, params)?, None, statement.access).await?;
        Answer::one(&body)?.rows(self.settings.cells())
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let queries = batch.iter().map(|(statement, params)| Query::new(statement, params));
        let body = Batch { queries: queries.collect::<Result<_, _>>()? };
        let writes = batch.iter().any(|(statement, _)| statement.access == Access::Write);
        let access = if writes { Access::Write } else { Access::Read };
        // How the transaction is begun: the isolation level, and whether it only reads.
        let begin = [
            HeaderValue::from_static("ReadCommitted"),
            HeaderValue::from_static(if writes { "false" } else { "true" }),
        ];
        let body = self.send(&body, Some(&begin), access).await?;
        let answers = Answer::several(&body, batch.len())?;
        answers.into_iter().map(|answer| answer.rows(self.settings.cells())).collect()
    }
}
