//! Errors by the server's numbers.

use vestibule_sql::{Driver as _, DriverError};
use vestibule_testkit::tds::Reply;

use crate::fake::{pair, statement};

/// What a number becomes, and whether the connection survives it.
async fn becomes(number: u32, class: u8, text: &'static str) -> (DriverError, bool) {
    let (server, driver) = pair(1, move |request| match &*request.text {
        "fine" => Reply::new(),
        _ => Reply::new().error(number, class, text),
    })
    .await;
    let error = driver.run(&statement("bad", &[]), &[]).await.unwrap_err();
    driver.run(&statement("fine", &[]), &[]).await.unwrap();
    (error, server.logins().len() == 1)
}

#[tokio::test]
async fn a_key_that_exists_names_its_table_and_no_value() {
    let text = "Violation of UNIQUE KEY constraint 'User_email_key'. Cannot insert duplicate key in object 'dbo.User'. The duplicate key value is (ada@example.com).";
    let other = "Cannot insert duplicate key row in object 'dbo.User' with unique index 'ix'. The duplicate key value is (ada@example.com).";
    for (number, text) in [(2627, text), (2601, other)] {
        let (error, survives) = becomes(number, 14, text).await;

        let printed = format!("{error:?}");
        let DriverError::UniqueViolated { table: Some(table), .. } = error else { panic!("{printed}") };
        assert_eq!((&*table, survives), ("User", true));
        assert!(!printed.contains("ada"), "{printed}");
    }
}

#[tokio::test]
async fn numbers_decide() {
    type Is = fn(&DriverError) -> bool;
    let contention: Is = |error| matches!(error, DriverError::Contention(_));
    let foreign: Is = |error| matches!(error, DriverError::ForeignKeyViolated(_));
    let refused: Is = |error| matches!(error, DriverError::Refused(_));
    let unavailable: Is = |error| matches!(error, DriverError::Unavailable(_));
    for (number, is) in [
        (547, foreign),
        (1205, contention),
        (3960, contention),
        (1222, unavailable),
        (40_197, unavailable),
        (40_501, unavailable),
        (40_613, unavailable),
        (49_918, unavailable),
        (10_928, unavailable),
        (10_929, unavailable),
        (207, refused),
        (208, refused),
        (229, refused),
        (515, refused),
        (2628, refused),
    ] {
        let (error, survives) = becomes(number, 16, "x").await;

        assert!(is(&error), "{number}: {error:?}");
        assert!(survives, "{number}");
    }
}

#[tokio::test]
async fn an_error_that_ends_the_connection_is_an_outage_and_the_connection_is_not_used_again() {
    let (error, survives) =
        becomes(596, 21, "Cannot continue the execution because the session is in the kill state.").await;

    assert!(matches!(error, DriverError::Unavailable(_)), "{error:?}");
    assert!(!survives);
}

#[tokio::test]
async fn the_first_error_is_the_one_that_counts() {
    let (_server, driver) = pair(1, |_| {
        Reply::new().error(1767, 16, "there is no such table").error(1750, 16, "see previous errors")
    })
    .await;

    let error = driver.run(&statement("x", &[]), &[]).await.unwrap_err();

    let DriverError::Refused(source) = error else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "error 1767: there is no such table");
}
