//! The program in `tests/lucia`, which calls the real packages.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use vestibule_core::Timestamp;

use super::EXPIRES_IN;

/// What a call answers: a value, or what kind of error.
pub(crate) type Answer = Result<Value, String>;

/// A process that is there for one schema. It ends with this value.
pub(crate) struct Original {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lucia")
}

/// Whether the packages are there. Without them the caller is to return: a line says that the test is skipped.
pub(crate) fn is_installed() -> bool {
    let installed = folder().join("node_modules/lucia/package.json").is_file();
    if !installed {
        let reason = "the packages of the real Lucia are not installed (npm ci in tests/lucia)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
    }
    installed
}

impl Original {
    pub(crate) fn start(url: &str, schema: &str) -> Self {
        let mut child = Command::new("node")
            .arg("--no-warnings")
            .arg(folder().join("original.mjs"))
            .env("LUCIA_DATABASE_URL", url)
            .env("LUCIA_SCHEMA", schema)
            .env("LUCIA_EXPIRES_IN", EXPIRES_IN.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { input, output, _child: child }
    }

    /// Calls a method of `lucia`, `adapter`, `Scrypt` or `LegacyScrypt` at `now`.
    pub(crate) async fn call(&mut self, now: Timestamp, on: &str, call: &str, args: Value) -> Answer {
        self.ask(&json!({"now": now.as_millis(), "on": on, "call": call, "args": args})).await
    }

    /// Makes several calls at once.
    pub(crate) async fn all(&mut self, now: Timestamp, calls: Vec<Value>) -> Vec<Answer> {
        let answers = self.ask(&json!({"now": now.as_millis(), "all": calls})).await.unwrap();
        answers.as_array().unwrap().iter().map(read).collect()
    }

    async fn ask(&mut self, request: &Value) -> Answer {
        self.input.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        let line = self.output.next_line().await.unwrap().expect("the original answers");
        read(&serde_json::from_str(&line).unwrap())
    }
}

/// The errors of PostgreSQL that the contract has a name for.
fn read(answer: &Value) -> Answer {
    match answer["error"].as_str() {
        None => Ok(answer["value"].clone()),
        Some("23505") => Err("taken".into()),
        Some("23503") => Err("nobody".into()),
        Some("42703") => Err("no such column".into()),
        Some(other) => Err(other.into()),
    }
}
