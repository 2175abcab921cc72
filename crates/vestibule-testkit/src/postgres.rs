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
        // Children of a killed server may hold its memory for a moment longer.
        while Instant::now() < deadline {
            self.running = Some(self.launch());
            if self.wait_until_ready(deadline) {
                return;
            }
            self.running = None;
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

    /// Whether the server has said, in its own file, that it is ready, be it to follow another.
    fn wait_until_ready(&mut self, deadline: Instant) -> bool {
        let file = self.data().join("postmaster.pid");
        let mut had_file = false;
        while Instant::now() < deadline {
            let text = fs::read_to_string(&file);
            let status = text.as_ref().ok().and_then(|text| text.lines().nth(7)).map(str::trim);
            if status.is_some_and(|status| ["ready", "standby"].contains(&status)) {
                return true;
            }
            // A start that fails takes the file away again.
            if had_file && text.is_err() {
                return false;
            }
            had_file |= text.is_ok();
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
