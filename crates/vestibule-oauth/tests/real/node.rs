//! The programs in `tests/oidc`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

pub(crate) const REDIRECT_URI: &str = "https://app.example/auth/callback/real";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oidc")
}

/// Whether the packages are there. Without them the caller is to return: a line says that the test is skipped.
pub(crate) fn is_installed() -> bool {
    let installed = folder().join("node_modules/oidc-provider/package.json").is_file();
    if !installed {
        let reason = "the packages of the real provider are not installed (npm ci in tests/oidc)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
    }
    installed
}

fn script(name: &str) -> Command {
    let mut command = Command::new("node");
    command.arg("--no-warnings").arg(folder().join(name)).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// A provider that runs. It ends with this value.
pub(crate) struct RealProvider {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
    pub(crate) issuer: String,
    clients: Vec<Value>,
}

impl RealProvider {
    pub(crate) async fn start() -> Self {
        let mut child =
            script("provider.mjs").env("OIDC_REDIRECT_URI", REDIRECT_URI).spawn().expect("node runs");
        let input = child.stdin.take().expect("a pipe");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        // It says first what it thinks of the version of Node.
        let told: Value = loop {
            let line = output.next_line().await.expect("text").expect("the provider starts");
            if let Ok(told) = serde_json::from_str(&line) {
                break told;
            }
        };
        let issuer = told["issuer"].as_str().expect("an issuer").to_owned();
        let clients = told["clients"].as_array().expect("clients").clone();
        Self { input, output, _child: child, issuer, clients }
    }

    /// Signs with new keys from now on.
    pub(crate) async fn rotate(&mut self) {
        self.input.write_all(b"rotate\n").await.expect("it listens");
        loop {
            let line = self.output.next_line().await.expect("text").expect("it answers");
            if line == "rotated" {
                return;
            }
        }
    }

    /// What was registered for a client: `client_secret`, and `key` in PEM.
    pub(crate) fn client(&self, id: &str) -> &Value {
        self.clients.iter().find(|client| client["client_id"] == id).expect("such a client")
    }
}

/// What the library of the originals says of token responses: nothing, or why it refuses.
pub(crate) async fn judge(cases: &Value) -> Vec<Option<String>> {
    let mut child = script("judge.mjs").spawn().expect("node runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(cases.to_string().as_bytes()).await.expect("it listens");
    drop(input);
    let output = child.wait_with_output().await.expect("it ends");
    serde_json::from_slice(&output.stdout).expect("a list of verdicts")
}
