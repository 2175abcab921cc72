//! A PostgreSQL that outlives its server: a primary and a standby that follows it synchronously.

use std::process::Command;

use crate::postgres::{End, PrivatePostgres, program};
use crate::private::{must_run, wait_until};

/// How the standby calls itself.
const STANDBY: &str = "standby";

/// A primary that answers a commit only when the standby has it too, and that standby. Both are the test's own and
/// end with this value.
#[derive(Debug)]
pub struct PrivateReplicatedPostgres {
    primary: PrivatePostgres,
    standby: PrivatePostgres,
}

impl PrivateReplicatedPostgres {
    /// Starts both and waits until the standby is synchronous; `None`, with a line that says so, if PostgreSQL is not
    /// installed.
    ///
    /// # Panics
    ///
    /// If one does not start, or PostgreSQL is not installed under continuous integration.
    pub fn start() -> Option<Self> {
        let waits = ["synchronous_commit=on".to_owned(), format!("synchronous_standby_names={STANDBY}")];
        let primary = PrivatePostgres::start_with(waits.into())?;
        let mut standby = PrivatePostgres::without_data(Vec::new())?;
        let mut copy = standby.command("pg_basebackup");
        let (host, port) = ("127.0.0.1", primary.address());
        let port = port.rsplit(':').next().unwrap_or_default();
        copy.arg("-d").arg(format!("host={host} port={port} user=postgres application_name={STANDBY}"));
        // Without waiting for the disk or for the next checkpoint; ready to follow the primary.
        copy.args(["--no-sync", "--checkpoint=fast", "--write-recovery-conf", "-D"]).arg(standby.data());
        must_run(copy);
        standby.start_again();

        let cluster = Self { primary, standby };
        let text = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'";
        wait_until(|| "the standby does not follow".to_owned(), || ask(&cluster.primary, text) == "sync");
        Some(cluster)
    }

    /// A URL with both servers in it, for whoever wants the one that takes writes.
    pub fn url(&self) -> String {
        let hosts = [self.primary.address(), self.standby.address()].join(",");
        format!("postgres://postgres@{hosts}/postgres?target_session_attrs=read-write")
    }

    /// The server that takes writes at first.
    pub fn primary(&self) -> &PrivatePostgres {
        &self.primary
    }

    /// The server that takes writes once it is [promoted](Self::promote_standby).
    pub fn standby(&self) -> &PrivatePostgres {
        &self.standby
    }

    /// Kills the primary (`kill -9`).
    ///
    /// # Panics
    ///
    /// If it runs no more.
    pub fn kill_primary(&mut self) {
        self.primary.end(End::Killed);
    }

    /// Makes the standby the primary, and waits until it is.
    ///
    /// # Panics
    ///
    /// If it does not become one.
    pub fn promote_standby(&self) {
        let mut promote = self.standby.command("pg_ctl");
        promote.args(["promote", "--wait", "-D"]).arg(self.standby.data());
        must_run(promote);
    }
}

/// The one value that the server answers with; nothing if it does not answer.
fn ask(server: &PrivatePostgres, text: &str) -> String {
    let mut psql = Command::new(program("psql"));
    psql.args(["-X", "-q", "-A", "-t", "-d", &server.url(), "-c", text]);
    let output = psql.output().expect("psql can be started");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
