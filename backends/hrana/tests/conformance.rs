//! The conformance suite over HTTP: on a libSQL server, and on what stands for Cloudflare D1.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use vestibule_conformance::{Fixture, Store};
use vestibule_hrana::{D1, D1Settings, Hrana, HranaSettings};
use vestibule_http::HyperClient;
use vestibule_sql::Driver;
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{D1Server, HranaServer};

async fn hrana(fixture: Fixture, made: Made) -> Store {
    let server = HranaServer::start().await;
    let settings = HranaSettings::from_url(&server.url()).unwrap().with_token(server.token()).unwrap();
    // One type of driver, so that the adapter is compiled once.
    let driver: Arc<dyn Driver> = Arc::new(Hrana::new(Arc::new(HyperClient::new()), settings));
    sql::store(driver, &fixture, made).await.with_guard(server)
}

async fn d1(fixture: Fixture, made: Made) -> Store {
    let server = D1Server::start().await;
    let settings = D1Settings::at(&server.base(), server.account(), server.database(), server.token());
    let driver: Arc<dyn Driver> = Arc::new(D1::new(Arc::new(HyperClient::new()), settings.unwrap()));
    sql::store(driver, &fixture, made).await.with_guard(server)
}

mod libsql {
    use super::*;
    vestibule_conformance::suite!(async |fixture| hrana(fixture, Made::Fresh).await);
}

mod libsql_published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| hrana(fixture, Made::Published).await);
}

mod d1_fresh {
    use super::*;
    // JavaScript's numbers, through which all values go there, have 53 bits.
    vestibule_conformance::suite!(
        async |fixture| d1(fixture, Made::Fresh).await,
        without[vestibule_conformance::Feature::WideIntegers]
    );
}

mod d1_published {
    use super::*;
    vestibule_conformance::suite!(
        async |fixture| d1(fixture, Made::Published).await,
        without[vestibule_conformance::Feature::WideIntegers]
    );
}
