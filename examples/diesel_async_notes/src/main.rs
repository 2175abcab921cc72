//! Serves the notes.
//!
//! ```sh
//! DATABASE_URL=postgres://ada@127.0.0.1/app cargo run -p diesel_async_notes
//! ```

use std::sync::Arc;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
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
    let url = std::env::var("DATABASE_URL").map_err(|_| "set DATABASE_URL to that of a PostgreSQL")?;
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast; // otherwise each operation costs a round trip more
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    let app = diesel_async_notes::app(Pool::builder(manager).build()?, Arc::new(Terminal)).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("Open http://127.0.0.1:3000");
    Ok(axum::serve(listener, app).await?)
}
