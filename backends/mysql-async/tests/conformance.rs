//! The conformance suite on MariaDB and MySQL: on connections of our own, on a fresh schema.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use vestibule_conformance::{Fixture, Offer};
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

mod mariadb_fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(0, fixture, Made::Fresh).await);
}

mod mysql_fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| connected(1, fixture, Made::Fresh).await);
}
