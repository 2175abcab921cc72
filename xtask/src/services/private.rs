//! What the private servers have in common: a user to run as, a folder, a free port, a wait, an end.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use crate::process;

/// How long a server may take to be ready on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(2);
/// How long a server may take to end before a stronger signal is tried.
const END_WITHIN: Duration = Duration::from_secs(5);
/// How often another free port is tried, since one may be taken between choosing and using it.
const ATTEMPTS: usize = 3;

/// The folder of one server, and as whom the server runs.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) folder: PathBuf,
    user: Option<User>,
}

impl Home {
    /// Makes the folder `name` under `parent`. If we are root it is given to the first of `users` that there is,
    /// else to `nobody`, since the servers refuse to run as root.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made, or there is none of the users.
    pub(super) fn make(parent: &Path, name: &str, users: &[&str]) -> Result<Self> {
        let folder = parent.join(name);
        fs::DirBuilder::new().mode(0o755).create(&folder)?;
        let mut user = None;
        if fs::metadata(&folder)?.uid() == 0 {
            let found = unprivileged(&fs::read_to_string("/etc/passwd")?, users);
            let found = found
                .with_context(|| format!("it refuses root, and there is no user {users:?} or nobody"))?;
            chown(&folder, Some(found.uid), Some(found.gid))?;
            user = Some(found);
        }
        Ok(Self { folder, user })
    }

    /// A program to be run in the folder, as its owner, with nothing of our own environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_clear().env("LC_ALL", "C");
        // A MariaDB that starts removes what others have left in its temporary folder, and what they still use.
        command.env("TMPDIR", &self.folder);
        command
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Writes a file that the server may read and nobody else.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let mut file = fs::File::create(&path)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        if let Some(user) = self.user {
            chown(&path, Some(user.uid), Some(user.gid))?;
        }
        Ok(path)
    }

    /// What the server has logged.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// `installed`, or a copy of it here if the server's user cannot get there.
    ///
    /// # Errors
    ///
    /// If it cannot be copied.
    pub(super) fn reachable(&self, installed: &Path) -> Result<PathBuf> {
        let open = |path: &Path| fs::metadata(path).is_ok_and(|found| found.mode() & 0o005 == 0o005);
        if self.user.is_none() || installed.ancestors().all(open) {
            return Ok(installed.to_owned());
        }
        let copy = self.folder.join("installed");
        let mut cp = Command::new("cp");
        cp.arg("-a").arg(installed).arg(&copy);
        must_run(cp)?;
        Ok(copy)
    }

    /// Starts a server on a free port, and waits until it is ready.
    ///
    /// `command` makes the command for a port. The server is stopped by each of `stop` in turn, until it ends.
    ///
    /// # Errors
    ///
    /// If it does not start or is not ready in time: with what it logged.
    pub(super) fn launch(
        &self,
        stop: &'static [Signal],
        command: impl Fn(u16) -> Command,
        is_ready: impl Fn() -> bool,
    ) -> Result<Running> {
        let mut attempt = 1;
        loop {
            match self.launch_once(stop, &command, &is_ready) {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                result => {
                    return result.with_context(|| format!("it does not start; its log:\n{}", self.log()));
                }
            }
        }
    }

    fn launch_once(
        &self,
        stop: &'static [Signal],
        command: impl Fn(u16) -> Command,
        is_ready: impl Fn() -> bool,
    ) -> Result<Running> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(self.folder.join("log"))?;
        let mut command = command(port);
        command.stdout(log.try_clone()?).stderr(log).process_group(0);
        let mut running = Running { child: command.spawn().context("cannot start it")?, stop, port };
        running.wait_until(is_ready)?;
        Ok(running)
    }
}

/// Runs `command` to its end.
///
/// # Errors
///
/// If it cannot be started, or fails: with what it said.
pub(super) fn must_run(mut command: Command) -> Result<()> {
    let what = process::show(&command);
    let what = what.split(' ').next().unwrap_or_default();
    let output = command.output().with_context(|| format!("cannot start {what}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{what} failed ({}): {}", output.status, String::from_utf8_lossy(&said));
    }
    Ok(())
}

/// A server that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    stop: &'static [Signal],
    pub(super) port: u16,
}

impl Running {
    fn wait_until(&mut self, is_ready: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended at once ({status})");
            }
            if is_ready() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("it is not ready after {} s", READY_WITHIN.as_secs());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for signal in self.stop {
            process::send_to_process(&self.child, *signal);
            if matches!(process::wait_for(&mut self.child, END_WITHIN), Ok(Some(_))) {
                return;
            }
        }
    }
}

/// Someone to run a server as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct User {
    uid: u32,
    gid: u32,
}

/// The first of `wanted`, else `nobody`, from the text of `/etc/passwd`.
fn unprivileged(passwd: &str, wanted: &[&str]) -> Option<User> {
    let find = |wanted: &str| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(wanted)).then_some(())?;
            Some(User { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        })
    };
    wanted.iter().copied().chain(["nobody"]).find_map(find).filter(|user| user.uid != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_runs_as_its_own_user_or_else_as_nobody() {
        let both = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/sbin/nologin\npostgres:x:101:104::/:/bin/sh\n";
        let one = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/sbin/nologin\n";

        assert_eq!(unprivileged(both, &["postgres"]), Some(User { uid: 101, gid: 104 }));
        assert_eq!(unprivileged(one, &["postgres"]), Some(User { uid: 65534, gid: 65533 }));
        assert_eq!(unprivileged("root:x:0:0::/root:/bin/sh\n", &["postgres", "root"]), None);
    }

    #[test]
    fn a_server_that_does_not_start_says_what_it_logged() {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let home = Home::make(parent.path(), "x", &[]).unwrap();
        let command = |_| {
            let mut command = home.command(Path::new("/bin/sh"));
            command.args(["-c", "echo no room; exit 3"]);
            command
        };

        let error = home.launch(&[Signal::KILL], command, || false).unwrap_err();

        let text = format!("{error:#}");
        assert!(text.contains("no room") && text.contains("exit status: 3"), "{text}");
    }
}
