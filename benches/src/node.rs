//! A process of Node that waits for jobs: one line of JSON in, one line out.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::cpu::{self, Server};
use crate::measure::Sample;

/// The process.
pub(crate) struct Node {
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
    /// Runs a script with its first line.
    pub(crate) async fn start(folder: &Path, script: &str, first: &Value) -> Result<Self> {
        let mut command = Command::new("node");
        command.arg(script).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().context("cannot start node")?;
        let stdin = child.stdin.take().context("node has no stdin")?;
        let stdout = child.stdout.take().context("node has no stdout")?;
        let mut node = Self { child, stdin, answers: BufReader::new(stdout).lines() };
        node.ask(first).await?;
        Ok(node)
    }

    async fn ask(&mut self, job: &Value) -> Result<String> {
        self.stdin.write_all(format!("{job}\n").as_bytes()).await?;
        match self.answers.next_line().await? {
            Some(answer) => Ok(answer),
            None => bail!("node ended: {}", self.child.wait().await?),
        }
    }

    /// Has a job done; counts what the database uses meanwhile.
    pub(crate) async fn round(&mut self, job: &Value, server: Option<Server>) -> Result<Sample> {
        let before = server.map(Server::used);
        let answer: Answer = serde_json::from_str(&self.ask(job).await?)?;
        let server = match (&before, server.map(Server::used)) {
            (Some(before), Some(after)) => cpu::between(before, &after).as_secs_f64(),
            _ => 0.0,
        };
        let program = answer.cpu_micros / 1e6;
        Ok(Sample { operations: answer.operations, seconds: answer.seconds, program, server })
    }

    /// Ends it.
    pub(crate) async fn stop(self) -> Result<()> {
        let Self { mut child, stdin, answers } = self;
        drop((stdin, answers));
        let status = child.wait().await?;
        if !status.success() {
            bail!("node failed: {status}");
        }
        Ok(())
    }
}
