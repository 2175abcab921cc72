//! The program in `tests/authjs`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/authjs")
}

/// What the library makes of each case. `None` where the packages are not there: a line says that the test is skipped.
pub(crate) fn ask(cases: &[Value]) -> Option<Vec<Value>> {
    if !folder().join("node_modules/@simplewebauthn/server/package.json").is_file() {
        let reason = "the packages of the real Auth.js are not installed (npm ci in tests/authjs)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
        return None;
    }
    let mut node = Command::new("node");
    node.arg("--no-warnings").arg(folder().join("webauthn.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = node.spawn().expect("node runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(Value::from(cases).to_string().as_bytes()).expect("it listens");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "webauthn.mjs: {}", output.status);
    Some(serde_json::from_slice(&output.stdout).expect("a list"))
}
