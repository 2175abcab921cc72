//! PostgreSQL for tests: the server that the environment names, and private ones that can be crashed.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::servers::{self, skip};

/// How long a server may take to be ready on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(1);

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
    binaries: PathBuf,
    folder: TempDir,
    port: u16,
    user: Option<(u32, u32)>,
    running: Option<Child>,
}

/// Runs its arguments until a line comes in that names a signal, or until the input ends.
const KEEPER: &str = r#""$@" & child=$!; read signal; kill -"${signal:-QUIT}" $child; wait $child"#;

impl PrivatePostgres {
    /// Makes a cluster and starts it; `None`, with a line that says so, if PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// If the server does not start, or is not installed under continuous integration.
    pub fn start() -> Option<Self> {
        let Some(binaries) = binaries() else {
            skip("PostgreSQL is not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let is_root = fs::metadata(folder.path()).expect("it is there").uid() == 0;
        let user = is_root.then(|| unprivileged().expect("a user postgres or nobody to run the server"));
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).expect("root may give a folder away");
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let mut server = Self { binaries, folder, port, user, running: None };
        let mut initdb = server.command(&server.binaries.join("initdb"));
        initdb.arg("-D").arg(server.folder.path().join("data"));
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        let done = initdb.output().expect("initdb can be started");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        server.start_again();
        Some(server)
    }

    /// The URL of the superuser's database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where the server's files of settings are.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends the server and waits until it is gone.
    ///
    /// # Panics
    ///
    /// If it runs no more.
    pub fn end(&mut self, how: End) {
        let mut child = self.running.take().expect("the server runs");
        let mut input = child.stdin.take().expect("it has an input");
        writeln!(input, "{}", how.signal()).expect("its keeper listens");
        drop(child.wait());
    }

    /// Starts the server again on the same data and port, and waits until it takes connections.
    ///
    /// # Panics
    ///
    /// If it does not within a minute.
    pub fn start_again(&mut self) {
        let deadline = Instant::now() + READY_WITHIN;
        // Children of a killed server may hold its memory for a moment longer.
        while Instant::now() < deadline {
            self.running = Some(self.launch());
            if self.wait_until_ready(deadline) {
                return;
            }
            self.stop();
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the server does not start; its log:\n{log}");
    }

    fn launch(&self) -> Child {
        let log = self.folder.path().join("log");
        let log = fs::File::options().create(true).append(true).open(log).expect("a log file");
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", KEEPER, "sh"]).arg(self.binaries.join("postgres"));
        command.arg("-D").arg(self.data());
        let sockets = format!("unix_socket_directories={}", self.folder.path().display());
        let port = format!("port={}", self.port);
        for setting in [&port, "listen_addresses=127.0.0.1", &sockets, "timezone=UTC"] {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::piped()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        command.process_group(0).spawn().expect("the server can be started")
    }

    /// Whether the server has said, in its own file, that it is ready.
    fn wait_until_ready(&mut self, deadline: Instant) -> bool {
        let file = self.data().join("postmaster.pid");
        let mut had_file = false;
        while Instant::now() < deadline {
            let text = fs::read_to_string(&file);
            if text.as_ref().is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"))
            {
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

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            drop(child.stdin.take());
            drop(child.wait());
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        self.stop();
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

/// The user `postgres`, else `nobody`: the server refuses to run as root.
fn unprivileged() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
            [name, _, uid, gid, ..] if name == wanted => Some((uid.parse().ok()?, gid.parse().ok()?)),
            _ => None,
        })
    };
    find("postgres").or_else(|| find("nobody"))
}
