//! A statement that PostgreSQL refuses for the sake of another transaction, again and again.

use vestibule_core::{AdapterError, NewSession, NewUser, Sessions as _, Timestamp, Users as _};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::TokioPostgres;

use crate::server;

/// Counts in what no rollback undoes, and refuses as a serialization failure does, so many times.
fn refusing(times: u32) -> String {
    format!(
        "CREATE SEQUENCE attempts;
         CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
         BEGIN
             IF nextval('attempts') <= {times} THEN
                 RAISE EXCEPTION 'could not serialize access' USING ERRCODE = 'serialization_failure';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER lose BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION lose()"
    )
}

#[tokio::test]
async fn what_always_loses_is_given_up_after_64_attempts_and_what_wins_at_the_last_is_done() {
    // One statement, and a batch.
    for (made, name) in [(Made::Fresh, "fresh"), (Made::Published, "published")] {
        let Some(schema) = server::schema(&format!("losing_{name}")).await else { return };
        let driver = TokioPostgres::new(server::pool(schema.url.parse().unwrap(), 1));
        let adapter = schema.adapter(driver, made).await;
        let ada = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
        let session = NewSession::new("session", ada.id, Timestamp::from_secs(2_000_000_000));
        schema.execute(&refusing(1_000_000)).await;

        let error = adapter.create_session(&session).await.unwrap_err();

        assert!(matches!(error, AdapterError::Unavailable(_)), "{name}: {error:?}");
        assert_eq!(schema.count("sessions").await, 0, "{name}");
        let attempts = schema.client.query_one("SELECT last_value FROM attempts", &[]).await.unwrap();
        assert_eq!(attempts.get::<_, i64>(0), 64, "{name}");

        schema.execute("DROP TRIGGER lose ON sessions; DROP FUNCTION lose; DROP SEQUENCE attempts").await;
        schema.execute(&refusing(63)).await;
        adapter.create_session(&session).await.unwrap();
        assert_eq!(schema.count("sessions").await, 1, "{name}");
        schema.drop().await;
    }
}
