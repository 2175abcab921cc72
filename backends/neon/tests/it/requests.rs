//! What an operation costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use vestibule_core::{NewUser, Users as _};
use vestibule_http::{HttpClient, HyperClient};
use vestibule_neon::{Neon, Settings};
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::Made;

use crate::bridge::database;

#[tokio::test]
async fn every_operation_is_one_request() {
    for made in [Made::Fresh, Made::Published] {
        let Some(database) = database(&format!("requests_{made:?}").to_lowercase()).await else { return };
        let profile = database.tables(made).await;
        let adapter = match made {
            Made::Fresh => SqlAdapter::inspect(database.driver(), profile).await.unwrap(),
            Made::Published => SqlAdapter::new(database.driver(), profile).unwrap(),
        };

        let (mut costs, mut before) = (BTreeMap::new(), database.bridge.requests());
        each_operation(&adapter, &Given::tagged("counted"), |name, result| {
            assert!(result.is_ok(), "{name}: {result:?}");
            let now = database.bridge.requests();
            costs.insert(name, now - before);
            before = now;
        })
        .await;

        assert!(costs.len() > 35, "{costs:?}");
        let dear: Vec<_> = costs.iter().filter(|(_, requests)| **requests != 1).collect();
        assert_eq!(dear, [], "{made:?}");
        database.drop().await;
    }
}

/// A handler as it is where nothing outlives a request: everything but the client is made anew.
async fn handler(client: Arc<dyn HttpClient>, settings: Settings, profile: Profile, email: &str) -> bool {
    let store = SqlAdapter::new(Neon::new(client, settings), profile).unwrap();
    match store.user_by_email(email).await.unwrap() {
        Some(_) => true,
        None => store.create_user(&NewUser::with_email(email), None).await.is_err(),
    }
}

#[tokio::test]
async fn a_handler_need_keep_nothing_between_requests() {
    let Some(database) = database("handler").await else { return };
    let profile = database.tables(Made::Published).await;
    let client: Arc<dyn HttpClient> = Arc::new(HyperClient::new());
    let before = database.bridge.requests();

    let handle = || handler(Arc::clone(&client), database.settings(), profile.clone(), "ada@example.com");
    let was_there = [handle().await, handle().await];

    assert_eq!(was_there, [false, true]);
    assert_eq!(database.bridge.requests() - before, 3);
    database.drop().await;
}
