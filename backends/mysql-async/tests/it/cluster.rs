//! Three nodes that all take writes, one of which dies under load and comes back.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::Adapter;
use vestibule_mysql_async::{MysqlAsync, Settings};
use vestibule_sql::{Dialect, Profile, SqlAdapter, schema};
use vestibule_testkit::galera::PrivateGalera;
use vestibule_testkit::traffic::Traffic;

async fn node(url: &str) -> MysqlAsync {
    let mut settings = Settings::from_url(url).unwrap();
    (settings.max, settings.answer_timeout) = (8, Duration::from_secs(2));
    MysqlAsync::connect(&settings).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_that_a_node_of_the_cluster_dies() {
    let Some(mut cluster) = PrivateGalera::start() else { return };
    let urls = cluster.urls();
    let profile = Profile::authjs();
    schema::apply(&node(&urls[0]).await, &schema::create(&profile, Dialect::MariaDb).unwrap()).await.unwrap();
    let mut adapters: Vec<Arc<dyn Adapter>> = Vec::new();
    for url in &urls {
        adapters.push(Arc::new(SqlAdapter::inspect(node(url).await, profile.clone()).await.unwrap()));
    }
    let traffic = Traffic::start(adapters.clone(), 6);

    traffic.progress(60).await;
    cluster.kill(2);
    traffic.progress(60).await;
    assert!(traffic.outages() > 0, "the tasks of the dead node have noticed");
    cluster.bring_back(2);
    traffic.progress(60).await;
    let ledger = traffic.stop().await;

    for (number, adapter) in adapters.iter().enumerate() {
        ledger.assert_kept(&**adapter).await;
        let users = cluster.ask(number, "SELECT count(*), count(DISTINCT email) FROM users");
        assert_eq!(users, format!("{0}\t{0}", ledger.users.len()), "on node {number}");
    }
}
