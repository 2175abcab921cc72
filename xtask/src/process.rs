//! Running other programs: where the repository is, how a command is waited for and stopped.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::signals;

/// How long a command that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// Prints one line to standard error, and does not mind if nobody can read it any more.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// A command to be run in the root of the repository, without what `cargo run` added to the environment.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_BIN_NAME" {
            command.env_remove(&name);
        }
    }
    // Tests ask whether there is such a variable, whatever it says.
    if !in_ci() {
        command.env_remove("CI");
    }
    command
}

/// `cargo`, the one that runs this program.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The platform that the compiler runs on.
///
/// # Errors
///
/// If it does not tell.
pub(crate) fn host_triple() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = command(rustc).arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc tells no host")?.to_owned())
}

/// The first program called `name` on `PATH`.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Whether this is continuous integration, where a missing server is an error.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !matches!(value.to_str(), Some("" | "0" | "false")))
}

/// Runs `command` to its end, with this program's own input and output.
///
/// # Errors
///
/// If it cannot be started, or if a signal arrived meanwhile; it has ended then.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    let (mut child, target) = spawn(command)?;
    wait(&mut child, target)
}

/// Runs `command` and fails unless it succeeds.
///
/// # Errors
///
/// Those of [`run`], and any exit code but 0.
pub(crate) fn must_run(command: &mut Command) -> Result<()> {
    let status = run(command)?;
    if !status.success() {
        bail!("{} failed ({status})", show(command));
    }
    Ok(())
}

/// Runs `command` with its output shown as it comes, and returns that output as well.
///
/// # Errors
///
/// Those of [`run`].
pub(crate) fn run_and_read(command: &mut Command) -> Result<(ExitStatus, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, target) = spawn(command)?;
    let (sender, lines) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        tee(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        tee(stderr, sender);
    }
    let status = wait(&mut child, target)?;
    // A grandchild may hold the pipe open for ever; what the command itself wrote is there at once.
    let deadline = Instant::now() + Duration::from_secs(2);
    let mut text = String::new();
    while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        text.push_str(&line);
    }
    Ok((status, text))
}

/// The command as one would type it.
pub(crate) fn show(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn tee(stream: impl Read + Send + 'static, lines: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while matches!(reader.read_until(b'\n', &mut bytes), Ok(1..)) {
            let _ = std::io::stderr().write_all(&bytes);
            let _ = lines.send(String::from_utf8_lossy(&bytes).into_owned());
            bytes.clear();
        }
    });
}

/// Whom a signal is passed on to.
#[derive(Clone, Copy)]
enum Target {
    /// The command shares our terminal, which tells it about Ctrl-C by itself.
    Process,
    /// The command leads a process group of its own.
    Group,
}

fn spawn(command: &mut Command) -> Result<(Child, Target)> {
    let target = if std::io::stdin().is_terminal() {
        Target::Process
    } else {
        command.process_group(0);
        Target::Group
    };
    let child = command.spawn().with_context(|| format!("cannot start {}", show(command)))?;
    Ok((child, target))
}

fn wait(child: &mut Child, target: Target) -> Result<ExitStatus> {
    loop {
        // First, since the command may have ended because of the same signal, and well.
        if let Some(signal) = signals::pending() {
            say("interrupted: stopping what runs");
            stop(child, target)?;
            bail!("interrupted by signal {signal}");
        }
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(POLL);
    }
}

fn stop(child: &mut Child, target: Target) -> Result<()> {
    let steps = match target {
        Target::Process => [(None, GRACE / 4), (Some(Signal::TERM), GRACE)],
        Target::Group => [(Some(Signal::TERM), GRACE), (Some(Signal::KILL), GRACE)],
    };
    for (signal, patience) in steps {
        if let Some(signal) = signal {
            send(child, signal, target);
        }
        if wait_for(child, patience)?.is_some() {
            return Ok(());
        }
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Sends `signal` to a child that has not been waited for, so that its number is still its own.
fn send(child: &Child, signal: Signal, target: Target) {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return;
    };
    let _ = match target {
        Target::Process => kill_process(pid, signal),
        Target::Group => kill_process_group(pid, signal),
    };
}

/// Sends `signal` to the process itself, for servers that tell their own children.
pub(crate) fn send_to_process(child: &Child, signal: Signal) {
    send(child, signal, Target::Process);
}

/// Waits at most `patience` for `child`; `None` if it still runs then.
pub(crate) fn wait_for(child: &mut Child, patience: Duration) -> Result<Option<ExitStatus>> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = command("/usr/bin/cargo");
        command.args(["fmt", "--all"]);
        assert_eq!(show(&command), "cargo fmt --all");
    }

    #[test]
    fn output_of_both_streams_is_read() {
        let (status, text) = run_and_read(command("sh").args(["-c", "echo out; echo err >&2"])).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        assert!(status.success());
        assert_eq!(lines, ["err", "out"]);
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = must_run(command("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
    }
}
