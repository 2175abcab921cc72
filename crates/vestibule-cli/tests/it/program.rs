//! Starts the program and watches it. It is killed when the test is over, whatever comes of it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longer than anything takes, so that a test that waits in vain ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program with an empty environment, in a folder.
pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.env_clear().current_dir(folder).args(args).stdin(Stdio::null());
    command
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program to its end.
pub(crate) fn run(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Ended {
    let output = command(folder, args).envs(env.iter().copied()).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program, serving.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The line that says what to open.
    pub(crate) invitation: String,
    logs: Receiver<String>,
    seen: Vec<String>,
    threads: Vec<JoinHandle<()>>,
    stdout: Receiver<String>,
}

impl Server {
    /// Starts it with nothing given but a free port.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::with(folder, &[], &[])
    }

    /// Starts it with flags and environment; waits until it serves.
    pub(crate) fn with(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut child = command(folder, &["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stdout_thread) = lines(child.stdout.take().unwrap());
        let (logs, logs_thread) = lines(child.stderr.take().unwrap());
        let Ok(invitation) = stdout.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let said: Vec<String> = logs.iter().collect();
            panic!("the program did not start: {}", said.join("\n"));
        };
        let places = ["http://127.0.0.1:", "listening on 127.0.0.1:", "http://localhost:"];
        let own = places.iter().find_map(|place| invitation.split_once(place));
        let (_, own) = own.unwrap_or_else(|| panic!("{invitation}"));
        let port: String = own.chars().take_while(char::is_ascii_digit).collect();
        Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())),
            invitation,
            logs,
            seen: Vec::new(),
            threads: vec![stdout_thread, logs_thread],
            stdout,
        }
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for a log line that holds `text` and returns it.
    pub(crate) fn wait_for_log(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.logs.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(error) => panic!("{error}: no log line with {text:?} in:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Waits for the end and returns it with everything that was printed.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        let mut printed = vec![self.invitation.clone()];
        printed.extend(self.stdout.try_iter());
        printed.append(&mut self.seen);
        printed.extend(self.logs.try_iter());
        (status, printed.join("\n"))
    }

    /// Ends it as an operator would.
    pub(crate) fn stop(self) -> (ExitStatus, String) {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl Read + Send + 'static) -> (Receiver<String>, JoinHandle<()>) {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (receiver, thread)
}
