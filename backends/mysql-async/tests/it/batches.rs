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

#[tokio::test]
async fn who_makes_a_user_keeps_out_who_makes_one_of_the_same_address() {
    for url in mysql::urls() {
        let admin = server::connected(&url, 1).await;
        let names = ["here", "there"].map(|place| format!("it_locks_{place}_{}", std::process::id()));
        for name in &names {
            mysql::fresh_database(&admin, name).await;
        }
        let [here, there] = [&names[0], &names[1]].map(|name| mysql::with_database(&url, name));
        let (one, two) = (server::connected(&here, 1).await, server::connected(&here, 1).await);
        let elsewhere = server::connected(&there, 1).await;

        mysql::a_lock_keeps_out_who_wants_the_same(&one, &two, &elsewhere).await;

        for name in &names {
            mysql::drop_database(&admin, name).await;
        }
    }
}
