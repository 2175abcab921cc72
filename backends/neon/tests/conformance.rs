//! The conformance suite over HTTP, on a fresh schema and on the published one, with values as text and as JSON.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use vestibule_conformance::{Fixture, Store};
use vestibule_http::HyperClient;
use vestibule_neon::{Cells, Neon, Settings};
use vestibule_testkit::NeonBridge;
use vestibule_testkit::sql::{self, Made};

async fn store(fixture: Fixture, made: Made, cells: Cells) -> Option<Store> {
    let url = std::env::var("VESTIBULE_TEST_POSTGRES_URL").ok()?;
    let bridge = NeonBridge::start(&url).await;
    let settings = Settings::from_url(bridge.connection_string()).unwrap();
    let settings = settings.with_endpoint(&bridge.endpoint()).unwrap().with_cells(cells);
    let driver = Neon::new(Arc::new(HyperClient::new()), settings);
    Some(sql::store(driver, &fixture, made).await.with_guard(bridge))
}

mod fresh {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Fresh, Cells::Text).await);
}

mod published {
    use super::*;
    vestibule_conformance::suite!(async |fixture| store(fixture, Made::Published, Cells::Json).await);
}
