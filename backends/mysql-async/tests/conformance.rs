//! The conformance suite on MariaDB and MySQL: on connections of our own and on the caller's pool, on a fresh schema
//! and on one that keeps nothing unique.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Offer};
use vestibule_mysql_async::mysql_async::{Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts};
use vestibule_mysql_async::{MysqlAsync, Settings};
use vestibule_testkit::mysql::{self, URLS};
use vestibule_testkit::sql::Made;

async fn connected(server: usize, fixture: Fixture, made: Made) -> Offer {
    let connect = async |url: &str| {
        let mut settings = Settings::from_url(url).unwrap();
        settings.max = 8;
        MysqlAsync::connect(&settings).await.unwrap()
    };
    mysql::store(URLS[server], connect, fixture, made).await
}

/// A pool as an application would have it.
async fn own_pool(server: usize, fixture: Fixture, made: Made) -> Offer {
    let connect = async |url: &str| {
        let pool = PoolOpts::default().with_constraints(PoolConstraints::new(1, 8).unwrap());
        let options = OptsBuilder::from_opts(Opts::from_url(url).unwrap());
        let pool = Pool::new(options.prefer_socket(false).stmt_cache_size(256).pool_opts(pool));
        MysqlAsync::detect(pool).await.unwrap()
    };
    mysql::store(URLS[server], connect, fixture, made).await
}

mod mariadb_fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(0, fixture, Made::Fresh).await);
}

mod mysql_fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(1, fixture, Made::Fresh).await);
}

mod mariadb_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(0, fixture, Made::Published).await);
}

mod mysql_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(1, fixture, Made::Published).await);
}

mod mariadb_pool_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| own_pool(0, fixture, Made::Published).await);
}

mod mariadb_pool {
    use super::*;
    vestibule_conformance::suite!(async |fixture| own_pool(0, fixture, Made::Fresh).await);
}
