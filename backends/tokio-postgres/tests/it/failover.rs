//! The primary is killed under load, and its standby takes over.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::Adapter;
use vestibule_testkit::replicated::PrivateReplicatedPostgres;
use vestibule_testkit::sql::Made;
use vestibule_testkit::traffic::Traffic;
use vestibule_tokio_postgres::{Settings, TokioPostgres};

use crate::server::{self, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_that_the_standby_takes_over() {
    for made in [Made::Fresh, Made::Published] {
        let Some(mut servers) = PrivateReplicatedPostgres::start() else { return };
        let schema = server::schema_at(&servers.primary().url(), "failover").await;
        // Both servers, and the one that takes writes is wanted.
        let mut settings = Settings::from_url(&servers.url()).unwrap();
        (settings.max, settings.answer_timeout) = (8, Duration::from_secs(2));
        let adapter = schema.adapter(TokioPostgres::connect(&settings).unwrap(), made).await;
        let adapter: Arc<dyn Adapter> = Arc::new(adapter);
        let traffic = Traffic::start(vec![Arc::clone(&adapter)], 8);

        traffic.progress(50).await;
        servers.kill_primary();
        until("the outage is noticed", || async { traffic.outages() > 0 }).await;
        servers.promote_standby();
        traffic.progress(50).await;
        let ledger = traffic.stop().await;

        ledger.assert_kept(&*adapter).await;
        let client = server::client(&servers.standby().url()).await;
        let count = async |what: &str| -> i64 {
            let text = format!("SELECT count({what}) FROM {}.users", schema.name);
            client.query_one(&text, &[]).await.unwrap().get(0)
        };
        assert_eq!(count("*").await, count("DISTINCT email").await, "a user was created twice");
        assert_eq!(usize::try_from(count("*").await).unwrap(), ledger.users.len());
    }
}
