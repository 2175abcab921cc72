//! The conformance suite through sea-orm's connection: on PostgreSQL, MariaDB, MySQL and SQLite, on a
//! fresh schema and on the published one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Offer, Store};
use vestibule_sea_orm::SeaOrm;
use vestibule_sea_orm::sea_orm::{ConnectOptions, Database};
use vestibule_testkit::mysql::{self, URLS};
use vestibule_testkit::sql::{self, Made};

async fn driver(url: impl Into<String>) -> SeaOrm {
    let mut options = ConnectOptions::new(url);
    options.max_connections(8).test_before_acquire(false).sqlx_logging(false);
    SeaOrm::new(&Database::connect(options).await.unwrap()).await.unwrap()
}

async fn on_postgres(fixture: Fixture, made: Made) -> Option<Store> {
    let url = std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok()?;
    Some(sql::store(driver(url).await, &fixture, made).await)
}

async fn on_mysql(server: usize, fixture: Fixture, made: Made) -> Offer {
    mysql::store(URLS[server], async |url: &str| driver(url).await, fixture, made).await
}

async fn on_sqlite(fixture: Fixture, made: Made) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("vestibule.db").display());
    sql::store(driver(url).await, &fixture, made).await.with_guard(folder)
}

mod postgres {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_postgres(fixture, Made::Fresh).await);
}

mod postgres_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_postgres(fixture, Made::Published).await);
}

mod mariadb {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_mysql(0, fixture, Made::Fresh).await);
}

mod mysql_server {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_mysql(1, fixture, Made::Fresh).await);
}

mod mariadb_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_mysql(0, fixture, Made::Published).await);
}

mod sqlite {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_sqlite(fixture, Made::Fresh).await);
}

mod sqlite_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| on_sqlite(fixture, Made::Published).await);
}
