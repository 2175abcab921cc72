//! Serves the notes.
//!
//! ```sh
//! cargo run -p sea_orm_notes                                             # on SQLite, in the file notes.db
//! DATABASE_URL=postgres://ada@127.0.0.1/app cargo run -p sea_orm_notes   # on PostgreSQL
//! ```

use std::sync::Arc;

use sea_orm::{ConnectOptions, Database};
use vestibule::{Mail, MailError, Mailer};

/// Prints mails. Yours sends them.
#[derive(Debug)]
struct Terminal;

#[async_trait::async_trait]
impl Mailer for Terminal {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        println!("To {}:\n{}", mail.to, mail.text);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://notes.db?mode=rwc".to_owned());
    let mut options = ConnectOptions::new(url);
    options.test_before_acquire(false); // otherwise each operation costs a round trip more
    let database = Database::connect(options).await?;
    let app = sea_orm_notes::app(database, Arc::new(Terminal)).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("Open http://127.0.0.1:3000");
    Ok(axum::serve(listener, app).await?)
}
