//! Batches: one request, one transaction; and what SQLite refuses.

use vestibule_sql::{Access, Driver as _, DriverError, ParamType, Statement, Value};

use crate::servers::{both, statement};

const TABLES: [&str; 2] = [
    "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
    "CREATE TABLE children (n INTEGER UNIQUE, parent INTEGER REFERENCES parents (id) ON DELETE CASCADE)",
];

fn insert() -> Statement {
    statement("INSERT INTO children (n) VALUES (?1) RETURNING n", &[ParamType::Int])
}

#[tokio::test]
async fn a_batch_is_one_request_and_done_in_order() {
    for server in both().await {
        server.run(&TABLES).await;
        let (insert, one, two) = (insert(), [Value::Int(1)], [Value::Int(2)]);
        let count = statement("SELECT count(*) FROM children", &[]);
        let before = server.requests();

        let batch: [(&Statement, &[Value]); 3] = [(&insert, &one), (&count, &[]), (&insert, &two)];
        let answers = server.driver.run_all(&batch).await.unwrap();

        assert_eq!(server.requests() - before, 1, "{}", server.name);
        assert!(answers == [[[Value::Int(1)]], [[Value::Int(1)]], [[Value::Int(2)]]], "{}", server.name);
    }
}

#[tokio::test]
async fn a_batch_that_fails_does_nothing() {
    for server in both().await {
        server.run(&TABLES).await;
        let (insert, one, two) = (insert(), [Value::Int(1)], [Value::Int(2)]);
        let broken = statement("SELECT * FROM nowhere", &[]);

        let taken: [(&Statement, &[Value]); 3] = [(&insert, &one), (&insert, &two), (&insert, &one)];
        let error = server.driver.run_all(&taken).await.unwrap_err();
        let DriverError::UniqueViolated { table, .. } = &error else { panic!("{}: {error:?}", server.name) };
        assert_eq!(table.as_deref(), Some("children"));
        assert_eq!(server.count("children").await, 0, "{}", server.name);

        let unknown: [(&Statement, &[Value]); 2] = [(&insert, &one), (&broken, &[])];
        let error = server.driver.run_all(&unknown).await.unwrap_err();
        assert!(matches!(error, DriverError::Refused(_)), "{}: {error:?}", server.name);
        assert_eq!(server.count("children").await, 0, "{}", server.name);
        // Nobody is left inside a transaction.
        assert_eq!(server.driver.run_all(&taken[..2]).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn foreign_keys_are_enforced() {
    for server in both().await {
        server.run(&TABLES).await;
        let orphan = statement("INSERT INTO children VALUES (1, 7)", &[]);

        let alone = server.driver.run(&orphan, &[]).await.unwrap_err();
        let together = server.driver.run_all(&[(&orphan, &[])]).await.unwrap_err();

        for error in [alone, together] {
            assert!(matches!(error, DriverError::ForeignKeyViolated(_)), "{}: {error:?}", server.name);
        }
        server
            .run(&[
                "INSERT INTO parents VALUES (7)",
                "INSERT INTO children VALUES (1, 7)",
                "DELETE FROM parents",
            ])
            .await;
        assert_eq!(server.count("children").await, 0, "{}", server.name);
    }
}

#[tokio::test]
async fn a_batch_of_reads_works() {
    for server in both().await {
        server.run(&TABLES).await;
        let count = Statement { access: Access::Read, ..statement("SELECT count(*) FROM parents", &[]) };
        let none: &[Value] = &[];

        let answers = server.driver.run_all(&[(&count, none), (&count, none)]).await.unwrap();

        assert!(answers == [[[Value::Int(0)]], [[Value::Int(0)]]], "{}", server.name);
    }
}
