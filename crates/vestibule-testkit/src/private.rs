//! What the servers of a test's own have in common: a folder, a user to run as, and an end with the test.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to be ready on a busy machine.
pub(crate) const READY_WITHIN: Duration = Duration::from_mins(2);

/// Runs its arguments until a line comes in that names a signal, or until the input ends: then the first argument
/// is the signal.
const KEEPER: &str = r#""$@" & child=$!; read signal; kill -"${signal:-$0}" $child; wait $child"#;

/// The folder of a server, removed with this value, and as whom the server runs.
#[derive(Debug)]
pub(crate) struct Home {
    folder: TempDir,
    user: Option<(u32, u32)>,
}

impl Home {
    /// Makes a folder. If we are root it is given to the user `name`, else to `nobody`, since the servers refuse to
    /// run as root.
    pub(crate) fn make(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let is_root = fs::metadata(folder.path()).expect("it is there").uid() == 0;
        let user = is_root.then(|| unprivileged(name).expect("a user to run the server"));
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).expect("root may give a folder away");
        }
        Self { folder, user }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program to be run in the folder, as its owner, with nothing of our own environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env_clear().env("LC_ALL", "C").env("TMPDIR", self.path());
        command.env("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Starts a server that ends with this process, if not before: by the signal `last`.
    pub(crate) fn keep(
        &self,
        last: &str,
        program: &Path,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Kept {
        let log = fs::File::options().create(true).append(true).open(self.log()).expect("a log file");
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", KEEPER, last]).arg(program).args(arguments);
        command.stdin(Stdio::piped()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        Kept { child: command.process_group(0).spawn().expect("the server can be started") }
    }

    /// Where what the server says is kept.
    pub(crate) fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    /// What the server has said.
    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }
}

/// A server that runs. It ends with this value.
#[derive(Debug)]
pub(crate) struct Kept {
    child: Child,
}

impl Kept {
    /// Sends a signal that ends the server, and waits until it is gone.
    pub(crate) fn end(mut self, signal: &str) {
        let mut input = self.child.stdin.take().expect("its keeper has an input");
        writeln!(input, "{signal}").expect("its keeper listens");
        drop(self.child.wait());
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

/// Runs a command to its end.
pub(crate) fn must_run(mut command: Command) {
    let program = command.get_program().to_owned();
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&said));
}

/// Asks until it is so, and panics with `what` if that takes too long.
pub(crate) fn wait_until(what: impl Fn() -> String, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + READY_WITHIN;
    while !is_so() {
        assert!(Instant::now() < deadline, "{}", what());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Different ports that are free now.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address").port())
}

/// The user `name`, else `nobody`.
fn unprivileged(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
            [name, _, uid, gid, ..] if name == wanted => Some((uid.parse().ok()?, gid.parse().ok()?)),
            _ => None,
        })
    };
    find(name).or_else(|| find("nobody"))
}
