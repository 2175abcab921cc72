//! The program in `tests/authjs`, which calls the real packages.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// What a call answers: a value, or what kind of error.
pub(crate) type Answer = Result<Option<String>, String>;

/// Which of the originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `next-auth` 4.
    Four = 4,
    /// `@auth/core`.
    Five = 5,
}

/// A process that ends with this value.
pub(crate) struct Original {
    /// Gone when the process is to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    child: Child,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/authjs")
}

/// Whether the packages are there. Without them the caller is to return: a line says that the test is skipped.
pub(crate) fn is_installed() -> bool {
    let is_there = |package: &str| folder().join("node_modules").join(package).join("package.json").is_file();
    let installed = is_there("@auth/core") && is_there("next-auth");
    if !installed {
        let reason = "the packages of the real Auth.js are not installed (npm ci in tests/authjs)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
    }
    installed
}

impl Original {
    pub(crate) fn start() -> Self {
        let mut child = Command::new("node")
            .arg("--no-warnings")
            .arg(folder().join("original.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { input, output, child }
    }

    /// Calls a function of `version` at `now`, in seconds.
    pub(crate) fn call(&mut self, version: Version, call: &str, now: i64, params: &Value) -> Answer {
        self.ask(&json!({"version": version as u8, "call": call, "now": now * 1000, "params": params}))
    }

    /// Seals claims as version 5 does, with these random values.
    pub(crate) fn seal_with(&mut self, now: i64, params: &Value, iv: &[u8], jti: &str) -> Answer {
        // Half a second later is the same second.
        let now = now * 1000 + 500;
        let iv = hex::encode(iv);
        self.ask(&json!({"version": 5, "call": "encode", "now": now, "params": params, "iv": iv, "jti": jti}))
    }

    fn ask(&mut self, request: &Value) -> Answer {
        writeln!(self.input.as_mut().unwrap(), "{request}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).expect("the original answers");
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["value"].as_str().map(str::to_owned)),
        }
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        // The program ends with its input.
        self.input = None;
        let _ = self.child.wait();
    }
}
