//! The promises of `cargo xtask services`, kept by the real program with real servers.

#![expect(clippy::unwrap_used, reason = "in a test a failure is the message")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for a busy machine; nothing waits that long unless it is broken.
const PATIENCE: Duration = Duration::from_mins(1);
/// Those that are looked at here.
const SERVICES: &str = "postgres,pgbouncer,mariadb,smtp";
const POSTGRES: &str = "VESTIBULE_TEST_POSTGRES_URL";
const PGBOUNCER: &str = "VESTIBULE_TEST_PGBOUNCER_URL";
const MARIADB: &str = "VESTIBULE_TEST_MARIADB_URL";
const SMTP: &str = "VESTIBULE_TEST_SMTP_URL";
const MAIL: &str = "VESTIBULE_TEST_SMTP_DIR";
const SERVERS: [&str; 4] = [POSTGRES, PGBOUNCER, MARIADB, SMTP];

fn services(command: &[&str]) -> Command {
    let mut services = Command::new(env!("CARGO_BIN_EXE_xtask"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_TEST_")) {
        services.env_remove(name);
    }
    services
        .env_remove("CI")
        .args(["services", "--only", SERVICES, "--"])
        .args(command)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    services
}

/// A run of `cargo xtask services` whose servers are up, and whose command lasts as long as its input.
struct Running {
    program: Child,
    variables: BTreeMap<String, String>,
}

impl Running {
    fn start() -> Self {
        let mut program = services(&["sh", "-c", "env; echo; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
        let variables = lines
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect();
        Self { program, variables }
    }

    /// The addresses of the servers that run; `None`, said aloud, where one cannot be had.
    fn addresses(&self) -> Option<Vec<String>> {
        let addresses: Vec<String> = SERVERS
            .iter()
            .filter_map(|name| self.variables.get(*name))
            .map(|url| url.split(['@', '/']).find(|part| part.starts_with("127.0.0.1:")).unwrap().to_owned())
            .collect();
        if addresses.len() == SERVERS.len() {
            return Some(addresses);
        }
        assert!(std::env::var_os("CI").is_none(), "a server is missing under CI");
        println!("skipped: a server is missing");
        None
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(&self.variables[MAIL]).parent().unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        let status =
            Command::new("kill").args(["-s", name, &self.program.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn answers(address: &str) -> bool {
    TcpStream::connect_timeout(&address.parse().unwrap(), Duration::from_secs(5)).is_ok()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn servers_stop_and_their_data_goes_when_the_command_is_killed() {
    let mut running = Running::start();
    let Some(addresses) = running.addresses() else {
        return;
    };
    let folder = running.folder();
    assert!(addresses.iter().all(|address| answers(address)) && folder.is_dir());

    running.signal("KILL");

    running.program.wait().unwrap();
    until("the servers are gone", || !addresses.iter().any(|address| answers(address)));
    until("the data is gone", || !folder.exists());
}

#[test]
fn an_interrupted_run_has_stopped_its_servers_when_it_ends() {
    let mut running = Running::start();
    let Some(addresses) = running.addresses() else {
        return;
    };
    let folder = running.folder();

    running.signal("TERM");
    let status = running.program.wait().unwrap();

    assert_eq!(status.code(), Some(128 + 15));
    assert!(!addresses.iter().any(|address| answers(address)));
    assert!(!folder.exists());
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let status = services(&["sh", "-c", "exit 7"]).stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(7));
}

#[test]
fn servers_of_the_caller_are_used_and_left_alone() {
    let theirs = [
        "postgres://theirs@192.0.2.1/x",
        "postgres://theirs@192.0.2.2/x",
        "mysql://a:b@192.0.2.3/x",
        "smtp://192.0.2.4:25",
    ];
    let output = services(&["sh", "-c", "printenv \"$@\"", "sh"])
        .args(SERVERS)
        .envs(SERVERS.into_iter().zip(theirs))
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    let told: BTreeSet<_> = said.lines().collect();
    assert_eq!(told, theirs.into());
}

#[test]
fn only_the_servers_that_are_named_are_started() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["services", "--only", "smtp", "--", "env"])
        .env_remove(POSTGRES)
        .env_remove(MARIADB)
        .output()
        .unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains(POSTGRES) && !said.contains(MARIADB), "{said}");
}

/// A machine without Node, which the SMTP server needs: what is printed, what the command prints, and whether all went well.
fn without_node(ci: &str) -> (String, String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([
            "services",
            "--only",
            "smtp",
            "--",
            "/bin/sh",
            "-c",
            "echo \"runs without ${VESTIBULE_TEST_SMTP_URL-it}\"",
        ])
        .env("PATH", "/nowhere")
        // Neither missing nor asked for.
        .env("VESTIBULE_TEST_CHROMIUM", "/bin/true")
        .env("CI", ci)
        .env_remove(SMTP)
        .env_remove(MAIL)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stderr), text(output.stdout), output.status.success())
}

#[test]
fn a_missing_server_is_printed_with_its_variable_and_the_command_runs_without_it() {
    for ci in ["", "0", "false"] {
        let (printed, said, is_well) = without_node(ci);

        let line = printed.lines().find(|line| line.starts_with("MISSING, its tests are skipped: "));
        let line = line.unwrap_or_else(|| panic!("{printed}"));
        assert!(line.contains("no node on PATH") && line.contains(SMTP), "{line}");
        assert_eq!((said.as_str(), is_well), ("runs without it\n", true), "{printed}");
    }
}

#[test]
fn a_missing_server_is_an_error_in_continuous_integration_and_the_command_does_not_run() {
    let (printed, said, is_well) = without_node("true");

    let line = printed.lines().find(|line| line.contains("missing in continuous integration: "));
    let line = line.unwrap_or_else(|| panic!("{printed}"));
    assert!(line.contains("no node on PATH") && line.contains(SMTP), "{line}");
    assert_eq!((said.as_str(), is_well), ("", false), "{printed}");
}

#[test]
fn the_smtp_server_keeps_a_message_whole_and_refuses_whom_it_should() {
    let running = Running::start();
    let Some(addresses) = running.addresses() else {
        return;
    };
    let mut talk = Talk::with(&addresses[3]);

    talk.say("EHLO here", 250);
    talk.say("AUTH PLAIN AHVzZXIAcGFzcw==", 235);
    talk.say("MAIL FROM:<a@example.com>", 250);
    talk.say("RCPT TO:<refuse@example.com>", 550);
    talk.say("RCPT TO:<ada@example.com>", 250);
    talk.say("DATA", 354);
    talk.say("Subject: hello\r\n\r\n..dotted\r\n.", 250);

    let mail = PathBuf::from(&running.variables[MAIL]).join("000001.eml");
    assert_eq!(std::fs::read_to_string(mail).unwrap(), "Subject: hello\r\n\r\n.dotted\r\n");
}

/// One conversation over SMTP.
struct Talk(TcpStream);

impl Talk {
    fn with(address: &str) -> Self {
        let mut talk = Self(TcpStream::connect(address).unwrap());
        talk.0.set_read_timeout(Some(PATIENCE)).unwrap();
        talk.expect(220);
        talk
    }

    fn say(&mut self, line: &str, code: u16) {
        write!(self.0, "{line}\r\n").unwrap();
        self.expect(code);
    }

    /// Reads one answer, whose last line has a space after its code.
    fn expect(&mut self, code: u16) {
        let mut line = String::new();
        loop {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            line.push(char::from(byte[0]));
            if line.ends_with('\n') {
                if line.as_bytes()[3] == b' ' {
                    break;
                }
                line.clear();
            }
        }
        assert!(line.starts_with(&code.to_string()), "expected {code}, got {line}");
    }
}
