//! The adapter on the driver: what goes over the wire for an operation, and what is made of the answer.

use std::collections::BTreeMap;

use vestibule_core::{
    Adapter as _, AdapterError, Entity, IdKind, NewUser, Sessions as _, Timestamp, Users as _,
};
use vestibule_sql::{Guarantees, Profile, SqlAdapter};
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::tds::{Cell, Column, Kind, Reply, Request};
use vestibule_tiberius::Tiberius;

use crate::fake::{calls, pair};

/// An answer without rows, to a statement or to each of a batch.
fn nothing(request: &Request) -> Reply {
    let statements = request.text.matches("AS [vestibule:end]").count();
    (0..statements)
        .fold(Reply::new(), |reply, position| reply.end_of_statement(i64::try_from(position).unwrap()))
}

fn adapter(driver: Tiberius, guarantees: Guarantees) -> SqlAdapter<Tiberius> {
    let profile = Profile::authjs().with_id_kind(IdKind::Uuid).with_authenticators("authenticators");
    SqlAdapter::with_guarantees(driver, profile, guarantees).unwrap()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[tokio::test]
async fn every_operation_is_one_request() {
    for guarantees in [Guarantees::ALL, Guarantees::default()] {
        let (server, driver) = pair(1, nothing).await;
        let adapter = adapter(driver, guarantees);
        adapter.ping().await.unwrap();
        assert_eq!(calls(&server).len(), 1);

        let mut costs = BTreeMap::new();
        each_operation(&adapter, &Given::tagged("x"), |name, _| {
            costs.insert(name, calls(&server).len());
        })
        .await;

        assert!(costs.len() > 35, "{costs:?}");
        let dear: Vec<_> = costs.iter().filter(|(_, requests)| **requests != 1).collect();
        assert_eq!(dear, [], "{guarantees:?}");
    }
}

/// What creating a user answers: is the address taken, is the account taken, and the row.
fn created(is_taken: bool, row: &[Vec<Cell>]) -> Reply {
    let bit = |name| Column::new(name, Kind::Bit).not_null();
    let user = [
        Column::new("", Kind::NVarChar),
        Column::new("name", Kind::NVarChar),
        Column::new("email", Kind::NVarChar),
        Column::new("emailVerified", Kind::DateTime2(3)),
        Column::new("image", Kind::NVarCharMax),
    ];
    Reply::new()
        .set(&[bit(""), bit("")], &[vec![Cell::Bit(is_taken), Cell::Bit(false)]])
        .end_of_statement(0)
        .set(&user, row)
        .end_of_statement(1)
}

const ID: &str = "6f9a3b10-abcd-4ef0-8123-0001020304ff";

#[tokio::test]
async fn a_user_is_made_of_the_row_that_the_insertion_returns() {
    let row = vec![
        text(ID),
        text("Ada"),
        text("ada@example.com"),
        Cell::DateTime2(741_443, 11_045_678),
        Cell::Null,
    ];
    let (server, driver) = pair(1, move |_| created(false, std::slice::from_ref(&row))).await;
    let adapter = adapter(driver, Guarantees::ALL);

    let user = adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();

    assert_eq!(user.id, ID.into());
    assert_eq!((user.name.as_deref(), user.email.as_deref()), (Some("Ada"), Some("ada@example.com")));
    assert_eq!(user.email_verified, Some(Timestamp::from_millis(1_925_089_445_678)));
    assert_eq!(user.image, None);
    let requests = calls(&server);
    assert!(requests[0].text.contains("INSERT INTO [users]"), "{}", requests[0].text);
    assert!(requests[0].params.contains(&text("ada@example.com")));
}

#[tokio::test]
async fn an_address_that_is_taken_is_a_conflict_whether_it_is_seen_or_met() {
    let (_server, driver) = pair(1, |_| created(true, &[])).await;
    let seen = adapter(driver, Guarantees::ALL).create_user(&NewUser::with_email("ada"), None).await;
    let (_server, driver) = pair(1, |_| {
        let text = "Cannot insert duplicate key row in object 'dbo.users' with unique index 'users_email_key'. The duplicate key value is (ada).";
        Reply::new().end_of_statement(0).error(2601, 14, text)
    })
    .await;
    let met = adapter(driver, Guarantees::ALL).create_user(&NewUser::with_email("ada"), None).await;

    for result in [seen, met] {
        assert!(matches!(result, Err(AdapterError::Conflict { entity: Entity::User })), "{result:?}");
    }
}

#[tokio::test]
async fn a_deadlock_is_tried_again_and_an_outage_is_not() {
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let (server, driver) = pair(1, move |request| {
        if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
            return Reply::new().error(1205, 13, "chosen as the deadlock victim");
        }
        nothing(request)
    })
    .await;
    let adapter = adapter(driver, Guarantees::ALL);

    let absent = adapter.session_and_user(&"x".into()).await.unwrap();

    assert_eq!(absent, None);
    assert_eq!(calls(&server).len(), 3);
    let (server, driver) = pair(1, |_| Reply::new().error(40_613, 17, "not currently available")).await;
    let adapter = self::adapter(driver, Guarantees::ALL);
    let outage = adapter.session_and_user(&"x".into()).await;
    assert!(matches!(outage, Err(AdapterError::Unavailable(_))), "{outage:?}");
    assert_eq!(calls(&server).len(), 1);
}
