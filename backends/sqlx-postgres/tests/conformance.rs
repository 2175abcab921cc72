//! The conformance suite on PostgreSQL through sqlx's pool, on a fresh schema and on the published one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Store};
use vestibule_sqlx_postgres::{SqlxPostgres, sqlx};
use vestibule_testkit::sql::{self, Made};

async fn store(fixture: Fixture, made: Made) -> Option<Store> {
    let url = std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok()?;
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8).connect(&url).await.unwrap();
    Some(sql::store(SqlxPostgres::new(pool), &fixture, made).await)
}

mod fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Published).await);
}
