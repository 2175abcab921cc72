//! Batches are sent without waiting between their statements, and are transactions all the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use futures_util::future::poll_immediate;
use vestibule_diesel_async::DieselAsync;
use vestibule_diesel_async::diesel_async::AsyncPgConnection;
use vestibule_diesel_async::diesel_async::pooled_connection::deadpool::Pool;
use vestibule_diesel_async::diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use vestibule_sql::{Access, Driver, DriverError, ParamType, Row, Statement, Value};
use vestibule_testkit::databases::PostgresDatabase;

/// On one connection.
fn driver(url: &str) -> DieselAsync {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    DieselAsync::new(Pool::builder(manager).max_size(1).build().unwrap())
}

fn statement(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}

/// A database of the test's own with a table of numbers.
fn numbers(label: &str) -> Option<PostgresDatabase> {
    let database = PostgresDatabase::create(label)?;
    database.run("CREATE TABLE numbers (number bigint PRIMARY KEY)");
    Some(database)
}

fn count(database: &PostgresDatabase) -> String {
    database.rows("SELECT count(*) FROM numbers")[0][0].clone().unwrap()
}

async fn insert(driver: &DieselAsync, numbers: &[i64]) -> Result<Vec<Vec<Row>>, DriverError> {
    let text = "INSERT INTO numbers (number) VALUES ($1) RETURNING number";
    let insert = statement(text, &[ParamType::Int]);
    let values: Vec<[Value; 1]> = numbers.iter().map(|number| [Value::Int(*number)]).collect();
    let batch: Vec<(&Statement, &[Value])> = values.iter().map(|values| (&insert, &values[..])).collect();
    driver.run_all(&batch).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_statement_by_statement() {
    let Some(database) = numbers("diesel_answers") else { return };
    let driver = driver(database.url());

    for numbers in [[1, 2], [3, 4]] {
        let answers = insert(&driver, &numbers).await.unwrap();

        assert_eq!(answers, numbers.map(|number| vec![vec![Value::Int(number)]]));
    }
    assert_eq!(insert(&driver, &[]).await.unwrap(), Vec::<Vec<Row>>::new());
    assert_eq!(count(&database), "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_leaves_nothing_and_tells_the_first_reason() {
    let Some(database) = numbers("diesel_fails") else { return };
    let driver = driver(database.url());

    // At first nothing is prepared, then everything is. What comes behind the twin fails because of it.
    for _ in 0..50 {
        let failure = insert(&driver, &[1, 2, 1, 3, 4]).await.unwrap_err();

        assert!(matches!(failure, DriverError::UniqueViolated { .. }), "{failure:?}");
    }
    let nonsense = [&statement("SELECT 1", &[]), &statement("SELECT nothing", &[])];
    let failure = driver.run_all(&nonsense.map(|statement| (statement, &[][..]))).await.unwrap_err();
    assert!(matches!(failure, DriverError::Refused(_)), "{failure:?}");

    assert_eq!(count(&database), "0");
    insert(&driver, &[1, 2]).await.unwrap();
    assert_eq!(count(&database), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_given_up_is_done_or_not_and_nobody_works_inside_it() {
    let Some(database) = numbers("diesel_given_up") else { return };
    let driver = driver(database.url());

    for polls in 0..40 {
        let first = 10 * i64::from(polls);
        let given_up = [first, first + 1, first + 2];
        let mut batch = Box::pin(insert(&driver, &given_up));
        for _ in 0..polls {
            if poll_immediate(&mut batch).await.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(batch);
        let text = format!("INSERT INTO numbers VALUES ({})", first + 5);
        driver.run(&statement(&text, &[]), &[]).await.unwrap();

        let alone = format!("SELECT count(*) FROM numbers WHERE number = {}", first + 5);
        assert_eq!(database.rows(&alone)[0][0].as_deref(), Some("1"), "after {polls} polls");
        let some = format!("SELECT count(*) % 3 FROM numbers WHERE number BETWEEN {first} AND {first} + 2");
        assert_eq!(database.rows(&some)[0][0].as_deref(), Some("0"), "after {polls} polls");
    }
}
