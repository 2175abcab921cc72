//! The bridge that all other tests rely on behaves like Neon's, as far as Neon's own client can see.

use crate::bridge::database;
use vestibule_testkit::node;

#[tokio::test(flavor = "multi_thread")]
async fn neons_own_client_finds_the_bridge_to_be_neon() {
    let Some(database) = database("official").await else { return };

    let environment = [
        ("NEON_ENDPOINT", &*database.bridge.endpoint()),
        ("NEON_CONNECTION_STRING", database.bridge.connection_string()),
        ("NEON_SCHEMA", &database.name),
    ];
    node::run("neon.mjs", &environment).await;

    database.drop().await;
}
