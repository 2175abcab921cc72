//! What operations cost on the wire.

use std::collections::BTreeMap;

use vestibule_core::Adapter;
use vestibule_sql::{Driver, Profile, schema};

use crate::operations::{Given, each_operation};
use crate::sql::{self, Made};
use crate::{Proxy, mysql, servers};

/// How many round trips each operation costs once its statements are prepared.
///
/// # Panics
///
/// If one of them fails, a connection is made meanwhile, or there are too few of them to mean anything.
pub async fn costs(adapter: &dyn Adapter, proxy: &Proxy) -> BTreeMap<&'static str, usize> {
    let given = |tag| Given::tagged(format!("{tag}-{}", proxy.round_trips()));
    each_operation(adapter, &given("warm"), |name, result| assert!(result.is_ok(), "{name}: {result:?}"))
        .await;
    let connections = proxy.connections();

    let (mut costs, mut before) = (BTreeMap::new(), proxy.round_trips());
    each_operation(adapter, &given("counted"), |name, result| {
        assert!(result.is_ok(), "{name}: {result:?}");
        let now = proxy.round_trips();
        costs.insert(name, now - before);
        before = now;
    })
    .await;

    assert!(costs.len() > 35, "{costs:?}");
    assert_eq!(proxy.connections(), connections, "a connection was made meanwhile");
    costs
}

/// Asserts that each costs one.
///
/// # Panics
///
/// If one does not: then all those are told.
pub fn assert_all_cost_one(costs: &BTreeMap<&'static str, usize>, what: &str) {
    let dear: Vec<_> = costs.iter().filter(|(_, trips)| **trips != 1).collect();
    assert!(dear.is_empty(), "{what}: {dear:?}");
}

/// Makes tables in a database of its own on every MySQL and MariaDB for tests, and asserts that each operation costs
/// one round trip there, on tables with keys and without.
///
/// `connect` makes a driver with one connection.
///
/// # Panics
///
/// If one does not.
pub async fn assert_one_on_mysql<D: Driver + Clone>(label: &str, connect: impl AsyncFn(&str) -> D) {
    for (number, url) in mysql::urls().into_iter().enumerate() {
        let admin = connect(&url).await;
        let proxy = Proxy::start(mysql::address(&url)).await;
        for made in [Made::Fresh, Made::Published] {
            let name = format!("trips_{label}_{number}_{}", std::process::id());
            mysql::fresh_database(&admin, &name).await;
            let way = mysql::with_database(&mysql::by_way_of(&url, proxy.address()), &name);
            let profile = Profile::authjs().with_authenticators("authenticators");
            let adapter = sql::adapter(connect(&way).await, profile, made).await;

            assert_all_cost_one(&costs(&adapter, &proxy).await, &format!("{label} {made:?}"));

            mysql::drop_database(&admin, &name).await;
        }
    }
}

/// Makes tables in a schema of its own on the PostgreSQL for tests, if there is one, and tells what each operation
/// costs there.
///
/// `connect` makes a driver with one connection.
///
/// # Panics
///
/// If the tables cannot be made.
pub async fn on_postgres<D: Driver + Clone>(
    label: &str,
    made: Made,
    connect: impl AsyncFn(&str) -> D,
) -> Option<BTreeMap<&'static str, usize>> {
    let url = servers::url(servers::POSTGRES_URL)?;
    let address = mysql::address(&url);
    assert!(url.contains(&address), "the URL of a server for tests has a port");
    let proxy = Proxy::start(address.clone()).await;
    let schema = format!("trips_{label}_{made:?}_{}", std::process::id()).to_lowercase();
    let profile =
        Profile::authjs().with_authenticators("authenticators").with_postgres_schema(schema.as_str());
    let driver = connect(&url.replacen(&address, &proxy.address().to_string(), 1)).await;
    let adapter = sql::adapter(driver.clone(), profile, made).await;

    let costs = costs(&adapter, &proxy).await;

    let drop = [format!("DROP SCHEMA \"{schema}\" CASCADE")];
    schema::apply(&driver, &drop).await.expect("the schema can be dropped");
    Some(costs)
}
