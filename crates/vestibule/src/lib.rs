//! Vestibule: the data layer and sign-in engine of Auth.js and Lucia, in Rust.
//!
//! This crate is a doorway: it gathers the crates of Vestibule under one name and holds no logic of its own.
//! The contract (`vestibule-core`) and the engine (`vestibule-engine`) are always there, at the top level. The
//! rest is behind features, which only add:
//!
//! | feature | brings | for |
//! |---|---|---|
//! | `axum` | [`axum`](https://docs.rs/vestibule-axum): router, layer, extractor | applications on axum |
//! | `hyper` | `http::HyperClient`: the HTTP client that providers and mailers are reached with | signing in at other sites |
//! | `lucia` | `lucia` | applications that were built with Lucia |
//! | `mailers` | `mailers` | sending mails by Resend, `SendGrid`, Postmark, Mailgun, Forward Email or Loops |
//! | `smtp` | `mailers`, with `smtp` | sending mails by any mail server |
//! | `memory` | `memory` | tests |
//! | `providers` | `providers` | signing in at other sites: the providers of Auth.js |
//! | `rusqlite` | `rusqlite`, `sql` | SQLite, on rusqlite |
//! | `tokio-postgres` | `tokio_postgres`, `sql` | PostgreSQL, on a deadpool of tokio-postgres |
//! | `sqlx-postgres` | `sqlx_postgres`, `sql` | PostgreSQL, on a `sqlx::PgPool` |
//! | `token` | `token`: the session tokens of Auth.js v5 and NextAuth v4 | services that verify who is signed in |
//! | `tiberius` | `tiberius`, `sql` | SQL Server, on a pool of tiberius clients or on one |
//! | `vault` | `vault`: OAuth tokens encrypted, session tokens hashed | databases that must not sign anybody in |
//!
//! No feature is on by default, so that nobody compiles a database that they do not use.
//!
//! ```toml
//! [dependencies]
//! vestibule = { version = "0.1", features = ["axum", "tokio-postgres"] }
//! ```

pub use vestibule_core::*;
pub use vestibule_engine::*;
pub use vestibule_http as http;

#[cfg(feature = "axum")]
pub use vestibule_axum as axum;
#[cfg(feature = "lucia")]
pub use vestibule_lucia as lucia;
#[cfg(feature = "mailers")]
pub use vestibule_mailers as mailers;
#[cfg(feature = "memory")]
pub use vestibule_memory as memory;
#[cfg(feature = "providers")]
pub use vestibule_providers as providers;
#[cfg(feature = "rusqlite")]
pub use vestibule_rusqlite as rusqlite;
#[cfg(any(
    feature = "rusqlite",
    feature = "sqlx-postgres",
    feature = "tiberius",
    feature = "tokio-postgres"
))]
pub use vestibule_sql as sql;
#[cfg(feature = "sqlx-postgres")]
pub use vestibule_sqlx_postgres as sqlx_postgres;
#[cfg(feature = "tiberius")]
pub use vestibule_tiberius as tiberius;
#[cfg(feature = "token")]
pub use vestibule_token as token;
#[cfg(feature = "tokio-postgres")]
pub use vestibule_tokio_postgres as tokio_postgres;
#[cfg(feature = "vault")]
pub use vestibule_vault as vault;
