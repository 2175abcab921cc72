//! The conformance suite on PostgreSQL: on connections of our own and on the caller's pool, on a fresh schema and
//! on the published one; on version 18 as well, and behind PgBouncer in transaction mode.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Store};
use vestibule_testkit::servers::{PGBOUNCER_URL, POSTGRES_URL, POSTGRES18_URL};
use vestibule_testkit::sql::{self, Made};
use vestibule_tokio_postgres::{Settings, TokioPostgres, deadpool_postgres, tokio_postgres};

async fn connected(variable: &str, fixture: Fixture, made: Made) -> Option<Store> {
    let url = std::env::var(variable).ok()?;
    let driver = TokioPostgres::connect(&Settings::from_url(&url).unwrap()).unwrap();
    Some(sql::store(driver, &fixture, made).await)
}

/// A pool as an application would have it.
fn pool(variable: &str) -> Option<deadpool_postgres::Pool> {
    let url = std::env::var(variable).ok()?;
    let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
    Some(deadpool_postgres::Pool::builder(manager).max_size(8).build().unwrap())
}

async fn own_pool(fixture: Fixture, made: Made) -> Option<Store> {
    Some(sql::store(TokioPostgres::new(pool(POSTGRES_URL)?), &fixture, made).await)
}

mod fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(POSTGRES_URL, fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(POSTGRES_URL, fixture, Made::Published).await);
}

mod pool {
    use super::*;
    vestibule_conformance::suite!(async |fixture| own_pool(fixture, Made::Fresh).await);
}

mod published_pool {
    use super::*;
    vestibule_conformance::suite!(async |fixture| own_pool(fixture, Made::Published).await);
}

mod fresh_18 {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(POSTGRES18_URL, fixture, Made::Fresh).await);
}

mod published_18 {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(POSTGRES18_URL, fixture, Made::Published).await);
}

/// As somebody has it who writes `pgbouncer=true`.
mod pgbouncer {
    use super::*;

    async fn store(fixture: Fixture) -> Option<Store> {
        let url = format!("{}?pgbouncer=true", std::env::var(PGBOUNCER_URL).ok()?);
        let driver = TokioPostgres::connect(&Settings::from_url(&url).unwrap()).unwrap();
        Some(sql::store(driver, &fixture, Made::Fresh).await)
    }

    vestibule_conformance::suite!(async |fixture| store(fixture).await);
}

mod published_pgbouncer_pool {
    use super::*;

    async fn store(fixture: Fixture) -> Option<Store> {
        let driver = TokioPostgres::new(pool(PGBOUNCER_URL)?).with_unnamed_statements();
        Some(sql::store(driver, &fixture, Made::Published).await)
    }

    vestibule_conformance::suite!(async |fixture| store(fixture).await);
}
