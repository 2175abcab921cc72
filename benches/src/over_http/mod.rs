//! Whole servers in processes of their own, asked over sockets: Vestibule on axum, `@auth/express`, and axum-login.
//!
//! What counts is how many requests one second of processor time pays for, of the server's process and the
//! database's together. The load comes from this process, which is not counted.

mod jwe;
mod load;
mod provider;
mod server;
mod session;
mod sign_in;

use anyhow::Result;

use crate::plan::Plan;
use crate::report::Report;
use crate::stores::postgres::Postgres;

/// The secret of all servers.
const SECRET: &str = "a secret of at least 32 characters";
/// How many connections ask at the same time.
const CONCURRENCY: usize = 64;

/// Compares whatever of it is wanted.
pub(crate) async fn run(plan: &Plan, report: &mut Report, postgres: &Postgres) -> Result<()> {
    let tables = postgres.fill(plan.drivers_size()).await?;
    session::run(plan, report, postgres, &tables).await?;
    sign_in::run(plan, report, postgres, &tables).await
}

pub(crate) use jwe::run as jwe;
