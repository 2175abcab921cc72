//! The conformance suite on PostgreSQL through diesel's pool, on a fresh schema and on the published one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Store};
use vestibule_diesel_async::DieselAsync;
use vestibule_diesel_async::diesel_async::AsyncPgConnection;
use vestibule_diesel_async::diesel_async::pooled_connection::deadpool::Pool;
use vestibule_diesel_async::diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use vestibule_testkit::sql::{self, Made};

async fn store(fixture: Fixture, made: Made) -> Option<Store> {
    let url = std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok()?;
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    let pool = Pool::builder(manager).max_size(8).build().unwrap();
    Some(sql::store(DieselAsync::new(pool), &fixture, made).await)
}

mod fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Fresh).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Published).await);
}
