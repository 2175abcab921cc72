//! Programs in JavaScript, with clients that others wrote.

use std::path::Path;

use tokio::process::Command;

/// Runs a script of the folder `tests/http-clients` to its end. Where Node or the packages are missing, a line says
/// that the test is skipped.
///
/// # Panics
///
/// If the script fails; or if it cannot be run under continuous integration, where nothing may be skipped.
pub async fn run(script: &str, environment: &[(&str, &str)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/http-clients");
    if !folder.join("node_modules").is_dir() {
        return skip("the packages are not installed (npm ci in tests/http-clients)");
    }
    let mut node = Command::new("node");
    node.current_dir(&folder).arg(script).envs(environment.iter().copied()).kill_on_drop(true);
    let Ok(done) = node.output().await else { return skip("no node on PATH") };
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{script}: {}\n{out}\n{err}", done.status);
    println!("{out}");
}

fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
    eprintln!("SKIPPED: {reason}");
}
