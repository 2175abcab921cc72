//! The conformance suite on PostgreSQL: on connections of our own and on the caller's pool, on a fresh schema and
//! on the published one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Store};
use vestibule_testkit::sql::{self, Made};
use vestibule_tokio_postgres::{Settings, TokioPostgres, deadpool_postgres, tokio_postgres};

async fn connected(fixture: Fixture, made: Made) -> Option<Store> {
    let url = std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok()?;
    let driver = TokioPostgres::connect(&Settings::from_url(&url).unwrap()).unwrap();
    Some(sql::store(driver, &fixture, made).await)
}

/// A pool as an application would have it.
async fn own_pool(fixture: Fixture, made: Made) -> Option<Store> {
    let url = std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok()?;
    let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(8).build().unwrap();
    Some(sql::store(TokioPostgres::new(pool), &fixture, made).await)
}

mod fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(fixture, Made::Published).await);
}

mod pool {
    use super::*;
    vestibule_conformance::suite!(async |fixture| own_pool(fixture, Made::Fresh).await);
}

mod published_pool {
    use super::*;
    vestibule_conformance::suite!(async |fixture| own_pool(fixture, Made::Published).await);
}
