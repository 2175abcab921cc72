//! Two people sign in, and each writes notes.

#[path = "../../notes.rs"]
mod notes;

use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

#[tokio::test]
async fn everybody_sees_their_own_notes_on_postgresql() {
    let Ok(url) = std::env::var("VESTIBULE_TEST_POSTGRES_URL") else {
        eprintln!("skipped: VESTIBULE_TEST_POSTGRES_URL is not set");
        return;
    };
    let schema = format!("diesel_async_notes_{}", std::process::id());
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-c%20search_path%3D{schema}");
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
    let pool = Pool::builder(manager).build().unwrap();
    let execute = async |text: &str| pool.get().await.unwrap().batch_execute(text).await.unwrap();
    execute(&format!("CREATE SCHEMA {schema}")).await;

    notes::everybody_sees_their_own_notes(async |mailer| {
        diesel_async_notes::app(pool.clone(), mailer).await.unwrap()
    })
    .await;

    execute(&format!("DROP SCHEMA {schema} CASCADE")).await;
}
