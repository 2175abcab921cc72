//! The conformance suite on MariaDB and MySQL through sqlx's pool, on a fresh schema and on one that keeps
//! nothing unique.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Offer};
use vestibule_sqlx_mysql::SqlxMysql;
use vestibule_sqlx_mysql::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use vestibule_testkit::mysql::{self, URLS};
use vestibule_testkit::sql::Made;

async fn store(server: usize, fixture: Fixture, made: Made) -> Offer {
    let connect = async |url: &str| {
        let options: MySqlConnectOptions = url.parse().unwrap();
        let pool = MySqlPoolOptions::new().max_connections(8).test_before_acquire(false);
        SqlxMysql::detect(pool.connect_lazy_with(options.statement_cache_capacity(256))).await.unwrap()
    };
    mysql::store(URLS[server], connect, fixture, made).await
}

mod mariadb_fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(0, fixture, Made::Fresh).await);
}

mod mysql_fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(1, fixture, Made::Fresh).await);
}

mod mariadb_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(0, fixture, Made::Published).await);
}

mod mysql_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(1, fixture, Made::Published).await);
}
