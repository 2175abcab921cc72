//! Values on their way in.

use vestibule_sql::Value;
use vestibule_sqlx_postgres::SqlxPostgres;
use vestibule_sqlx_postgres::sqlx::postgres::PgPoolOptions;
use vestibule_testkit::mysql::execute;
use vestibule_testkit::servers;

#[tokio::test]
async fn the_blanks_that_fill_up_a_char_are_not_part_of_the_text() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let driver = SqlxPostgres::new(PgPoolOptions::new().connect(&url).await.unwrap());

    let rows = execute(&driver, "SELECT ' a '::char(9), ' a '::varchar(9)").await;

    assert_eq!(rows, [[Value::Text(" a".into()), Value::Text(" a ".into())]]);
}
