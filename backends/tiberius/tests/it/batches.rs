//! Several statements as one request.

use vestibule_sql::{Driver as _, DriverError, ParamType, Value};
use vestibule_testkit::tds::{Cell, Column, Kind, Reply};

use crate::fake::{calls, pair, statement};

fn number() -> [Column; 1] {
    [Column::new("x", Kind::Int)]
}

#[tokio::test]
async fn a_batch_is_one_request_in_one_transaction() {
    let (server, driver) = pair(1, |_| {
        // A result set, a statement without, and one with two.
        Reply::new()
            .set(&number(), &[vec![Cell::Int(7)], vec![Cell::Null]])
            .end_of_statement(0)
            .count(3)
            .end_of_statement(1)
            .set(&number(), &[])
            .set(&number(), &[vec![Cell::Int(9)]])
            .end_of_statement(2)
    })
    .await;
    let first = statement("INSERT a VALUES (@P1, @P2)", &[ParamType::Int, ParamType::Text]);
    let second = statement("DELETE [@P1] WHERE x = @P1", &[ParamType::Text]);
    let third = statement("SELECT '@P1'", &[]);
    let (one, two) = ([Value::Int(1), Value::Null], [Value::Text("z".into())]);

    let answers = driver.run_all(&[(&first, &one), (&second, &two), (&third, &[])]).await.unwrap();

    let expected = [vec![vec![Value::Int(7)], vec![Value::Null]], vec![], vec![vec![Value::Int(9)]]];
    assert_eq!(answers, expected);
    let requests = calls(&server);
    assert_eq!(requests.len(), 1);
    let lines: Vec<_> = requests[0].text.lines().collect();
    assert_eq!(lines[0], "SET NOCOUNT, XACT_ABORT ON;");
    assert_eq!(
        lines[3..],
        [
            "BEGIN TRY",
            "BEGIN TRANSACTION;",
            "INSERT a VALUES (@P1, @P2);",
            "SELECT 0 AS [vestibule:end];",
            "DELETE [@P1] WHERE x = @P3;",
            "SELECT 1 AS [vestibule:end];",
            "SELECT '@P1';",
            "SELECT 2 AS [vestibule:end];",
            "COMMIT TRANSACTION;",
            "END TRY",
            "BEGIN CATCH",
            "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;",
            "THROW;",
            "END CATCH;",
        ]
    );
    assert_eq!(requests[0].declared, "@P1 bigint,@P2 nvarchar(4000),@P3 nvarchar(4000)");
    assert_eq!(requests[0].params, [Cell::Int(1), Cell::Null, Cell::Text("z".into())]);
}

#[tokio::test]
async fn an_error_in_the_middle_is_the_answer_of_the_whole() {
    let (server, driver) = pair(1, |_| {
        Reply::new().set(&number(), &[vec![Cell::Int(7)]]).end_of_statement(0).error(
            1205,
            13,
            "deadlock victim",
        )
    })
    .await;
    let statement = statement("x", &[]);

    let answer = driver.run_all(&[(&statement, &[]), (&statement, &[])]).await;
    let again = driver.run_all(&[(&statement, &[]), (&statement, &[])]).await;

    assert!(matches!(answer, Err(DriverError::Contention(_))), "{answer:?}");
    assert!(matches!(again, Err(DriverError::Contention(_))), "{again:?}");
    assert_eq!(server.logins().len(), 1);
}

#[tokio::test]
async fn an_answer_that_lacks_a_statement_is_no_answer() {
    let reply = |text: &str| match text {
        text if text.contains("early") => Reply::new().end_of_statement(0),
        text if text.contains("late") => {
            Reply::new().end_of_statement(0).end_of_statement(1).set(&number(), &[vec![Cell::Int(1)]])
        }
        _ => Reply::new().end_of_statement(1).end_of_statement(0),
    };
    let (_server, driver) = pair(1, move |request| reply(&request.text)).await;
    for text in ["early", "late", "crossed"] {
        let statement = statement(text, &[]);

        let answer = driver.run_all(&[(&statement, &[]), (&statement, &[])]).await;

        assert!(
            matches!(answer, Err(DriverError::Unavailable(_) | DriverError::Refused(_))),
            "{text}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn one_statement_may_have_several_result_sets() {
    let (_server, driver) = pair(1, |_| {
        Reply::new().count(1).set(&number(), &[vec![Cell::Int(1)]]).set(&number(), &[vec![Cell::Int(2)]])
    })
    .await;

    let rows = driver.run(&statement("x", &[]), &[]).await.unwrap();

    assert_eq!(rows, [[Value::Int(1)], [Value::Int(2)]]);
}
