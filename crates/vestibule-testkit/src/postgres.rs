//! PostgreSQL for tests: the server that the environment names, and private ones that can be crashed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::private::{Home, Kept, READY_WITHIN, free_ports, must_run};
use crate::servers::{self, skip};

/// The URL of the server for tests. Without one the caller is to return: a line says that the test is skipped.
///
/// # Panics
///
/// If there is none under continuous integration, where nothing may be skipped.
pub fn url() -> Option<String> {
    servers::url(servers::POSTGRES_URL)
}

/// How a server is made to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It ends its connections and writes everything down.
    Orderly,
    /// It and its children drop everything at once, as when the machine fails: the next start recovers.
    Crash,
    /// The parent process is killed (`kill -9`).
    Killed,
}

impl End {
    fn signal(self) -> &'static str {
        match self {
            Self::Orderly => "INT",
            Self::Crash => "QUIT",
            Self::Killed => "KILL",
        }
    }
}

/// What a server logs that does not start since another has the data, be it only the children of one that was
/// killed, which end a moment later.
const STILL_HELD: [&str; 2] =
    ["pre-existing shared memory block", "lock file \"postmaster.pid\" already exists"];

/// What an earlier server has left.
struct Before {
    status: Option<String>,
    logged: usize,
}

/// A server of the test's own, with the disk waited for as in production. It ends with this value, and with this
/// process.
#[derive(Debug)]
pub struct PrivatePostgres {
    running: Option<Kept>,
    binaries: PathBuf,
    port: u16,
    /// Beyond those that every server here has.
    settings: Vec<String>,
    home: Home,
}

impl PrivatePostgres {
    /// Makes a cluster and starts it; `None`, with a line that says so, if PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// If the server does not start, or is not installed under continuous integration.
    pub fn start() -> Option<Self> {
        Self::start_with(Vec::new())
    }

    /// The same with settings such as `synchronous_standby_names=*`.
    pub(crate) fn start_with(settings: Vec<String>) -> Option<Self> {
        let mut server = Self::without_data(settings)?;
        let mut initdb = server.command("initdb");
        initdb.arg("-D").arg(server.data());
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        must_run(initdb);
        server.start_again();
        Some(server)
    }

    /// A server that has nothing to start on yet.
    pub(crate) fn without_data(settings: Vec<String>) -> Option<Self> {
        let Some(binaries) = binaries() else {
            skip("PostgreSQL is not installed");
            return None;
        };
        let [port] = free_ports();
        Some(Self { running: None, binaries, port, settings, home: Home::make("postgres") })
    }

    /// The URL of the superuser's database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address())
    }

    /// The host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where the server's files of settings are.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Ends the server and waits until it is gone.
    ///
    /// # Panics
    ///
    /// If it runs no more.
    pub fn end(&mut self, how: End) {
        self.running.take().expect("the server runs").end(how.signal());
    }

    /// Starts the server again on the same data and port, and waits until it takes connections.
    ///
    /// # Panics
    ///
    /// If it does not within two minutes.
    pub fn start_again(&mut self) {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            let before = Before { status: self.status(), logged: self.home.logged().len() };
            self.running = Some(self.launch());
            if self.wait_until_ready(&before, deadline) {
                return;
            }
            self.running = None;
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not start; its log:\n{}", self.home.logged());
    }

    fn launch(&self) -> Kept {
        let mut arguments = vec!["-D".to_owned(), self.data().display().to_string()];
        let sockets = format!("unix_socket_directories={}", self.home.path().display());
        let fixed = ["listen_addresses=127.0.0.1".to_owned(), "timezone=UTC".to_owned()];
        let settings = fixed.into_iter().chain([format!("port={}", self.port), sockets]);
        for setting in settings.chain(self.settings.iter().cloned()) {
            arguments.extend(["-c".to_owned(), setting]);
        }
        self.home.keep("QUIT", &self.binaries.join("postgres"), arguments)
    }

    /// What the server tells of itself, in its own file: first its process, in line eight how far it is.
    fn status(&self) -> Option<String> {
        fs::read_to_string(self.data().join("postmaster.pid")).ok()
    }

    /// Whether the server that was launched is ready, be it to follow another; `false` once it gave up starting.
    fn wait_until_ready(&mut self, before: &Before, deadline: Instant) -> bool {
        let mut had_file = false;
        while Instant::now() < deadline {
            // A killed server leaves its file, which says that it is ready.
            let status = self.status().filter(|status| before.status.as_ref() != Some(status));
            let stage = status.as_ref().and_then(|status| status.lines().nth(7)).map(str::trim);
            if stage.is_some_and(|stage| ["ready", "standby"].contains(&stage)) {
                return true;
            }
            // A start that fails takes the file away again, or has not made one.
            let is_refused = || {
                let logged = self.home.logged();
                let new = logged.get(before.logged..).unwrap_or_default();
                STILL_HELD.iter().any(|held| new.contains(held))
            };
            if (had_file && status.is_none()) || is_refused() {
                return false;
            }
            had_file |= status.is_some();
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// One of the server's programs, to be run as the server is.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.home.command(&self.binaries.join(program))
    }
}

/// A program that comes with PostgreSQL, such as `psql`: the one beside the server if that is installed, else the
/// one on `PATH`.
pub(crate) fn program(name: &str) -> PathBuf {
    let beside = binaries().map(|folder| folder.join(name)).filter(|path| path.is_file());
    beside.unwrap_or_else(|| PathBuf::from(name))
}

/// The folder of an installed server: on `PATH`, else Debian's newest.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter_map(|folder| {
        let file = fs::canonicalize(folder.join("initdb")).ok()?;
        file.parent().map(Path::to_owned)
    });
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().collect();
    debian.sort_by_key(|entry| {
        entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()).map(std::cmp::Reverse)
    });
    let debian = debian.into_iter().map(|entry| entry.path().join("bin"));
    on_path.chain(debian).find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_killed_answers_once_it_is_started_again() {
        let Some(mut server) = PrivatePostgres::start() else { return };

        for how in [End::Killed, End::Crash, End::Killed] {
            server.end(how);
            server.start_again();
            let asked =
                Command::new(program("psql")).args([&*server.url(), "-Atc", "SELECT 1"]).output().unwrap();
            let said = String::from_utf8_lossy(&asked.stderr);
            assert!(asked.status.success(), "after {how:?}: {said}; its log:\n{}", server.home.logged());
        }
    }
}
