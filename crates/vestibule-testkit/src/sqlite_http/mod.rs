//! SQLite behind HTTP: what a libSQL server and Cloudflare D1 look like to a client.

mod d1;
mod hrana;
mod statement;
mod stream;

pub use d1::D1Server;
pub use hrana::HranaServer;

use std::path::Path;
use std::time::Duration;

use vestibule_rusqlite::rusqlite::{Connection, Error};

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection with SQLite's own settings, but that it waits, and that the file keeps a log.
fn open(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    Ok(connection)
}
