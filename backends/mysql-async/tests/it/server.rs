//! Drivers on the servers for tests.

use vestibule_mysql_async::mysql_async::{Opts, OptsBuilder, Pool, PoolConstraints, PoolOpts};
use vestibule_mysql_async::{MysqlAsync, Settings};
use vestibule_testkit::mysql;

/// A pool as an application has it, whose connections are told this when they begin.
pub(crate) fn pool(url: &str, size: usize, init: &[&str]) -> Pool {
    let options = Opts::from_url(url).unwrap();
    let pool = PoolOpts::default().with_constraints(PoolConstraints::new(size, size).unwrap());
    let options = OptsBuilder::from_opts(options)
        .prefer_socket(false)
        .pool_opts(pool)
        .stmt_cache_size(256)
        .init(init.iter().map(|text| (*text).to_owned()).collect());
    Pool::new(options)
}

/// The connecting constructor with so many connections.
pub(crate) async fn connected(url: &str, size: usize) -> MysqlAsync {
    let mut settings = Settings::from_url(url).unwrap();
    settings.max = size;
    MysqlAsync::connect(&settings).await.unwrap()
}

/// Both constructors, each with so many connections.
pub(crate) async fn drivers(url: &str, size: usize) -> [(&'static str, MysqlAsync); 2] {
    [
        ("the caller's pool", MysqlAsync::detect(pool(url, size, &[])).await.unwrap()),
        ("the connecting constructor", connected(url, size).await),
    ]
}

/// Runs a test on every server and both constructors, with an empty database each.
pub(crate) async fn on_each(
    test: &str,
    size: usize,
    run: impl AsyncFn(MysqlAsync, &MysqlAsync, &str, &'static str),
) {
    for url in mysql::urls() {
        let watcher = connected(&url, 4).await;
        let database = format!("it_{test}_{}", std::process::id());
        for (how, driver) in drivers(&url, size).await {
            mysql::fresh_database(&watcher, &database).await;
            run(driver, &watcher, &database, how).await;
        }
        mysql::drop_database(&watcher, &database).await;
    }
}
