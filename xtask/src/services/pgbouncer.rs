//! PgBouncer in transaction mode, in front of the PostgreSQL of the tests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::process::Signal;
use url::Url;

use super::private::{Home, Running};
use crate::process;

/// Its program.
///
/// # Errors
///
/// If it is not installed.
pub(crate) fn find() -> Result<PathBuf> {
    let elsewhere = ["/usr/sbin/pgbouncer", "/opt/homebrew/opt/pgbouncer/bin/pgbouncer"].map(PathBuf::from);
    let found = process::find_on_path("pgbouncer");
    found.or_else(|| elsewhere.into_iter().find(|file| file.is_file())).context("no pgbouncer on PATH")
}

/// A bouncer that runs, and stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    running: Running,
    database: String,
}

impl Server {
    /// Starts a bouncer for the server at `upstream`, a superuser's URL.
    ///
    /// # Errors
    ///
    /// If it is not ready in time; nothing runs then.
    pub(crate) fn start(parent: &Path, upstream: &str) -> Result<Self> {
        let program = find()?;
        let home = Home::make(parent, "pgbouncer", &["postgres"])?;
        let upstream = Url::parse(upstream).context("the URL of PostgreSQL is not valid")?;
        let database = upstream.path().trim_start_matches('/').to_owned();
        let settings = home.folder.join("settings.ini");
        let command = |port| {
            let mut command = home.command(&program);
            // A port that was taken is another one the next time.
            match home.write("settings.ini", &text(port, &upstream)) {
                Ok(settings) => command.arg(settings),
                Err(_) => command.arg(&settings),
            };
            command
        };
        let running = home.launch(&[Signal::KILL], command, || home.log().contains("process up"))?;
        Ok(Self { running, database })
    }

    /// The URL of the superuser's database, by way of the bouncer.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.running.port, self.database)
    }
}

/// Its settings: whoever comes is the superuser of `upstream`, and has a connection for one transaction.
fn text(port: u16, upstream: &Url) -> String {
    let decoded = |text: &str| {
        let pair = format!("x={}", text.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    let quoted = |text: &str| format!("'{}'", decoded(text).unwrap_or_default().replace('\'', "''"));
    let password =
        upstream.password().map_or_else(String::new, |password| format!(" password={}", quoted(password)));
    format!(
        "[databases]\n* = host={} port={} user={}{password}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = transaction\n\
         max_client_conn = 1000\ndefault_pool_size = 40\n\
         ignore_startup_parameters = extra_float_digits,options\n",
        upstream.host_str().unwrap_or("127.0.0.1"),
        upstream.port().unwrap_or(5432),
        quoted(upstream.username()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_is_the_superuser_of_the_server_behind_it() {
        let upstream = Url::parse("postgres://ada:it's%20a+b@db.example:6543/app").unwrap();

        let text = text(1234, &upstream);

        assert!(text.contains("* = host=db.example port=6543 user='ada' password='it''s a+b'\n"), "{text}");
        assert!(
            text.contains("listen_port = 1234\n") && text.contains("pool_mode = transaction\n"),
            "{text}"
        );
    }
}
