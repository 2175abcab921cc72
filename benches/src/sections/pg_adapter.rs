//! How fast is `session_and_user` beside `@auth/pg-adapter` on the same tables?

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::cpu::{self, Server};
use crate::measure::{self, Sample};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::report::{Bar, Finding, Report};
use crate::stores::postgres::{Postgres, Tables};
use crate::stores::short;

/// How many sessions it asks for, of those that there are.
const MOST_TOKENS: usize = 20_000;

/// Compares, with the bars for 16 and 64 tasks.
pub(crate) async fn run(
    plan: &Plan,
    report: &mut Report,
    postgres: &Postgres,
    tables: &Tables,
) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    if !folder.join("node_modules").is_dir() {
        report
            .note("pg-adapter: skipped, its packages are not installed (npm ci in benches/node)".to_owned());
        return Ok(());
    }
    let ours = postgres.connected(tables).await?;
    let mut theirs = Node::start(&folder, postgres, tables).await?;
    let (effort, server) = (plan.effort(), postgres.server);
    Report::begin("session_and_user and @auth/pg-adapter");
    for &concurrency in plan.concurrency() {
        let name = format!("pg-adapter/{}/{concurrency}/session_and_user", short(tables.sessions));
        if !plan.wants(&name) {
            continue;
        }
        let operation = Operation::SessionAndUser;
        measure::round(&ours, operation, concurrency, effort.round, server).await?;
        // Long enough for the compiler of Node to have seen everything.
        theirs.round(concurrency, effort.round * 3, server).await?;
        let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            of_ours.push(measure::round(&ours, operation, concurrency, effort.round, server).await?);
            of_theirs.push(theirs.round(concurrency, effort.round, server).await?);
        }
        let bar = match concurrency {
            16 => Some(Bar::AtLeast(3.5)),
            64 => Some(Bar::AtLeast(4.5)),
            _ => None,
        };
        let (ours, theirs) = (("shared", &of_ours[..]), ("@auth/pg-adapter", &of_theirs[..]));
        report.add(Finding::by_rate(name, ours, theirs, bar));
    }
    theirs.stop().await
}

/// A process of Node that waits for jobs.
struct Node {
    child: Child,
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    operations: f64,
    seconds: f64,
    cpu_micros: f64,
}

impl Node {
    async fn start(folder: &Path, postgres: &Postgres, tables: &Tables) -> Result<Self> {
        let mut command = Command::new("node");
        command.arg("bench.mjs").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().context("cannot start node")?;
        let stdin = child.stdin.take().context("node has no stdin")?;
        let stdout = child.stdout.take().context("node has no stdout")?;
        let mut node = Self { child, stdin, answers: BufReader::new(stdout).lines() };
        let sessions = &tables.data.sessions;
        let step = (sessions.len() / MOST_TOKENS).max(1);
        let tokens: Vec<_> = sessions.iter().step_by(step).map(vestibule_core::SecretToken::expose).collect();
        node.ask(&json!({ "url": postgres.url(), "schema": tables.schema, "tokens": tokens })).await?;
        Ok(node)
    }

    async fn ask(&mut self, job: &serde_json::Value) -> Result<String> {
        self.stdin.write_all(format!("{job}\n").as_bytes()).await?;
        match self.answers.next_line().await? {
            Some(answer) => Ok(answer),
            None => bail!("node ended: {}", self.child.wait().await?),
        }
    }

    async fn round(
        &mut self,
        concurrency: usize,
        length: Duration,
        server: Option<Server>,
    ) -> Result<Sample> {
        let before = server.map(Server::used);
        let millis = u64::try_from(length.as_millis())?;
        let answer = self.ask(&json!({ "concurrency": concurrency, "millis": millis })).await?;
        let answer: Answer = serde_json::from_str(&answer)?;
        let server = match (&before, server.map(Server::used)) {
            (Some(before), Some(after)) => cpu::between(before, &after).as_secs_f64(),
            _ => 0.0,
        };
        let program = answer.cpu_micros / 1e6;
        Ok(Sample { operations: answer.operations, seconds: answer.seconds, program, server })
    }

    async fn stop(self) -> Result<()> {
        let Self { mut child, stdin, answers } = self;
        drop((stdin, answers));
        let status = child.wait().await?;
        if !status.success() {
            bail!("node failed: {status}");
        }
        Ok(())
    }
}
