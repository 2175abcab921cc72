//! Batches: all or nothing, whatever happens to whoever waits.

use vestibule_testkit::mysql;

use crate::server;

#[tokio::test]
async fn a_batch_is_one_transaction() {
    server::on_each("batch", 1, async |driver, _, database, _| {
        mysql::a_batch_is_one_transaction(&driver, database).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_dropped_anywhere_leaves_no_connection_in_the_middle_of_it() {
    server::on_each("cancelled", 1, async |driver, watcher, database, _| {
        mysql::a_cancelled_batch_leaves_nothing_open(&driver, watcher, database).await;
    })
    .await;
}
