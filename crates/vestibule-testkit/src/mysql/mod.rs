//! MySQL and MariaDB for tests: the servers that the environment names, databases of a test's own, and what every
//! driver for them must do.

#[expect(clippy::unwrap_used, reason = "a check fails by panicking")]
mod batches;
#[expect(clippy::unwrap_used, reason = "a check fails by panicking")]
mod locks;
pub(crate) mod private;
#[expect(clippy::unwrap_used, reason = "a check fails by panicking")]
mod values;

pub use batches::{a_batch_is_one_transaction, a_cancelled_batch_leaves_nothing_open};
pub use locks::a_lock_keeps_out_who_wants_the_same;
pub use private::PrivateMariaDb;
pub use values::{every_type_comes_in_the_same_either_way, values_come_back_as_they_went_out};
use vestibule_conformance::{Fixture, Offer};
use vestibule_sql::{Access, Driver, ParamType, Statement, Value};

use crate::servers::{self, MARIADB_URL, MYSQL_URL};
use crate::sql::{self, Made};

/// The variables that name an administrator's database on a server for tests: MariaDB's, and MySQL's, which has a
/// stage of its own.
pub const URLS: [&str; 2] = [MARIADB_URL, MYSQL_URL];

/// A store of the conformance suite on tables in a database of its own, on the server that this variable names;
/// none if it names none. The teardown takes the database away.
///
/// # Panics
///
/// If the tables cannot be made.
pub async fn store<D: Driver + Clone>(
    variable: &str,
    connect: impl AsyncFn(&str) -> D,
    fixture: Fixture,
    made: Made,
) -> Offer {
    let Ok(url) = std::env::var(variable) else { return servers::absent(variable) };
    let admin = connect(&url).await;
    let name = sql::schema_name(&fixture, admin.dialect(), made);
    fresh_database(&admin, &name).await;
    let store = sql::store(connect(&with_database(&url, &name)).await, &fixture, made).await;
    store.with_teardown(async move { drop_database(&admin, &name).await }).into()
}

/// The URLs of the servers for tests. A line says of each that is missing that it is skipped.
///
/// # Panics
///
/// If there is none under continuous integration, where nothing may be skipped but what could not be had.
pub fn urls() -> Vec<String> {
    URLS.into_iter().filter_map(servers::url).collect()
}

/// The URL with another database.
///
/// # Panics
///
/// If it is no URL with a path.
pub fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, ""), |(base, query)| (base, query));
    let after_scheme = base.find("://").map_or(0, |at| at + 3);
    let path = base[after_scheme..].find('/').map_or(base.len(), |at| after_scheme + at);
    let question = if query.is_empty() { "" } else { "?" };
    format!("{}/{name}{question}{query}", &base[..path])
}

/// The host and port in a URL.
pub fn address(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.contains(':') { host.to_owned() } else { format!("{host}:3306") }
}

/// The URL by way of another address.
pub fn by_way_of(url: &str, address: std::net::SocketAddr) -> String {
    url.replacen(&self::address(url), &address.to_string(), 1)
}

/// Makes an empty database of this name, and one that was left over away.
///
/// # Panics
///
/// If it cannot.
pub async fn fresh_database(driver: &impl Driver, name: &str) {
    drop_database(driver, name).await;
    let text = format!("CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    execute(driver, &text).await;
}

/// Takes the database away.
///
/// # Panics
///
/// If it cannot.
pub async fn drop_database(driver: &impl Driver, name: &str) {
    execute(driver, &format!("DROP DATABASE IF EXISTS `{name}`")).await;
}

/// Runs a text as it is, without parameters.
///
/// # Panics
///
/// If the server refuses it.
pub async fn execute(driver: &impl Driver, text: &str) -> Vec<vestibule_sql::Row> {
    let statement = statement(text, &[]);
    driver.run(&statement, &[]).await.unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn statement(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}

/// What a single number asks for.
async fn number(driver: &impl Driver, text: &str) -> i64 {
    match execute(driver, text).await.first().and_then(|row| row.first()) {
        Some(Value::Int(number)) => *number,
        other => panic!("{text}: {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (url, there) in [
            ("mysql://root@127.0.0.1:3307/mysql", "mysql://root@127.0.0.1:3307/t"),
            ("mysql://root@127.0.0.1:3307", "mysql://root@127.0.0.1:3307/t"),
            ("mysql://root@127.0.0.1:3307/?max=2", "mysql://root@127.0.0.1:3307/t?max=2"),
        ] {
            assert_eq!(with_database(url, "t"), there);
            assert_eq!(address(url), "127.0.0.1:3307");
        }
        assert_eq!(address("mysql://a:b@db/x"), "db:3306");
        let way = "127.0.0.1:9".parse().unwrap();
        assert_eq!(by_way_of("mysql://root@127.0.0.1:3307/x", way), "mysql://root@127.0.0.1:9/x");
    }
}
