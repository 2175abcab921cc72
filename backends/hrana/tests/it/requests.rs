//! What an operation costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use vestibule_sql::SqlAdapter;
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::Made;

use crate::servers::both;

#[tokio::test]
async fn every_operation_is_one_request() {
    for made in [Made::Fresh, Made::Published] {
        for server in both().await {
            let profile = server.tables(made).await;
            let driver = Arc::clone(&server.driver);
            let adapter = match made {
                Made::Fresh => SqlAdapter::inspect(driver, profile).await.unwrap(),
                Made::Published => SqlAdapter::new(driver, profile).unwrap(),
            };

            let (mut costs, mut before) = (BTreeMap::new(), server.requests());
            each_operation(&adapter, &Given::tagged("counted"), |name, result| {
                assert!(result.is_ok(), "{name}: {result:?}");
                let now = server.requests();
                costs.insert(name, now - before);
                before = now;
            })
            .await;

            assert!(costs.len() > 35, "{costs:?}");
            let dear: Vec<_> = costs.iter().filter(|(_, requests)| **requests != 1).collect();
            assert_eq!(dear, [], "{} {made:?}", server.name);
        }
    }
}
