//! Values out and in.

use vestibule_core::Timestamp;
use vestibule_sql::{Driver as _, DriverError, ParamType, Value};
use vestibule_testkit::tds::{Cell, Column, Kind, Reply};

use crate::fake::{calls, pair, statement};

/// 2031-01-02 03:04:05.678, and how SQL Server counts it.
const MOMENT: Timestamp = Timestamp::from_millis(1_925_089_445_678);
const DAYS: u32 = 741_443;
const TICKS: u64 = 110_456_780_000;

const KINDS: [ParamType; 5] =
    [ParamType::Bool, ParamType::Int, ParamType::Real, ParamType::Text, ParamType::Time];

#[tokio::test]
async fn every_parameter_is_declared_and_sent_as_its_type() {
    let (server, driver) = pair(1, |_| Reply::new()).await;
    let statement = statement("x @P1 @P2 @P3 @P4 @P5", &KINDS);
    let values = [
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Real(0.1),
        Value::Text("päß 🦀 '; --".into()),
        Value::Time(MOMENT),
    ];

    driver.run(&statement, &values).await.unwrap();

    let requests = calls(&server);
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].text, "x @P1 @P2 @P3 @P4 @P5");
    let declared = "@P1 bit,@P2 bigint,@P3 float(53),@P4 nvarchar(4000),@P5 datetime2";
    assert_eq!(requests[0].declared, declared);
    let sent = [
        Cell::Bit(true),
        Cell::Int(i64::MIN),
        Cell::Float(0.1),
        Cell::Text("päß 🦀 '; --".into()),
        Cell::DateTime2(DAYS, TICKS),
    ];
    assert_eq!(requests[0].params, sent);
}

#[tokio::test]
async fn null_is_declared_as_the_statement_says() {
    let (server, driver) = pair(1, |_| Reply::new()).await;

    driver.run(&statement("x", &KINDS), &[const { Value::Null }; 5]).await.unwrap();

    let requests = calls(&server);
    let declared = "@P1 bit,@P2 bigint,@P3 float(53),@P4 nvarchar(4000),@P5 datetime2";
    assert_eq!(requests[0].declared, declared);
    assert_eq!(requests[0].params, [const { Cell::Null }; 5]);
}

#[tokio::test]
async fn long_texts_and_bytes_travel_whole() {
    let (server, driver) = pair(1, |_| Reply::new()).await;
    let (text, short) = ("é".repeat(100_000), "x".repeat(4_000));
    let bytes = [ParamType::Text, ParamType::Text, ParamType::Text];

    let values = [Value::Text(text.clone()), Value::Text(short.clone()), Value::Text(String::new())];
    driver.run(&statement("x", &bytes), &values).await.unwrap();

    let requests = calls(&server);
    assert_eq!(requests[0].declared, "@P1 nvarchar(max),@P2 nvarchar(4000),@P3 nvarchar(4000)");
    assert_eq!(requests[0].params, [Cell::Text(text), Cell::Text(short), Cell::Text(String::new())]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_not_sent() {
    let (server, driver) = pair(1, |_| Reply::new()).await;
    for (kind, value) in [
        (ParamType::Time, Value::Time(Timestamp::from_millis(i64::MAX))),
        (ParamType::Real, Value::Real(f64::INFINITY)),
        (ParamType::Int, Value::Text("1".into())),
    ] {
        let statement = statement("x", &[kind]);
        let values = [value];

        let one = driver.run(&statement, &values).await;
        let all = driver.run_all(&[(&statement, &values)]).await;

        assert!(matches!(one, Err(DriverError::Refused(_))), "{one:?}");
        assert!(matches!(all, Err(DriverError::Refused(_))), "{all:?}");
    }
    assert_eq!(server.take_requests(), []);
}

/// Every type, a value of it, and what becomes of it.
fn cells() -> Vec<(Kind, Cell, Value)> {
    let guid = [0x6f, 0x9a, 0x3b, 0x10, 0xab, 0xcd, 0x4e, 0xf0, 0x81, 0x23, 0, 1, 2, 3, 4, 0xff];
    let long = "long ü ".repeat(20_000);
    vec![
        (Kind::Bit, Cell::Bit(true), Value::Bool(true)),
        (Kind::TinyInt, Cell::Int(255), Value::Int(255)),
        (Kind::SmallInt, Cell::Int(-32_768), Value::Int(-32_768)),
        (Kind::Int, Cell::Int(i32::MIN.into()), Value::Int(i32::MIN.into())),
        (Kind::BigInt, Cell::Int(i64::MAX), Value::Int(i64::MAX)),
        (Kind::Real, Cell::Float(0.5), Value::Real(0.5)),
        (Kind::Float, Cell::Float(0.1), Value::Real(0.1)),
        (Kind::Decimal(0), Cell::Decimal(-4_102_444_800), Value::Int(-4_102_444_800)),
        (Kind::Decimal(2), Cell::Decimal(-1250), Value::Real(-12.5)),
        (Kind::NVarChar, Cell::Text("päß 🦀".into()), Value::Text("päß 🦀".into())),
        (Kind::NVarChar, Cell::Text(String::new()), Value::Text(String::new())),
        (Kind::NVarCharMax, Cell::Text(long.clone()), Value::Text(long)),
        (Kind::NVarCharMax, Cell::Text(String::new()), Value::Text(String::new())),
        (Kind::VarChar, Cell::Text("größer".into()), Value::Text("größer".into())),
        (Kind::Text, Cell::Text("old école".into()), Value::Text("old école".into())),
        (Kind::Guid, Cell::Guid(guid), Value::Text("6f9a3b10-abcd-4ef0-8123-0001020304ff".into())),
        (Kind::VarBinaryMax, Cell::Bytes(vec![0, 255]), Value::Bytes(vec![0, 255])),
        (
            Kind::DateTime,
            Cell::DateTime(47_848, 3_313_700),
            Value::Time(Timestamp::from_millis(1_925_089_445_667)),
        ),
        (
            Kind::SmallDateTime,
            Cell::SmallDateTime(47_848, 184),
            Value::Time(Timestamp::from_secs(1_925_089_440)),
        ),
        (Kind::Date, Cell::Date(DAYS), Value::Time(Timestamp::from_secs(1_925_078_400))),
        (Kind::DateTime2(7), Cell::DateTime2(DAYS, TICKS + 9_999), Value::Time(MOMENT)),
        (Kind::DateTime2(3), Cell::DateTime2(DAYS, TICKS / 10_000), Value::Time(MOMENT)),
        (Kind::DateTime2(0), Cell::DateTime2(DAYS, 11_045), Value::Time(Timestamp::from_secs(1_925_089_445))),
        // Written at 08:34 in India: 03:04 is what travels.
        (Kind::DateTimeOffset(7), Cell::DateTimeOffset(DAYS, TICKS, 330), Value::Time(MOMENT)),
    ]
}

#[tokio::test]
async fn every_type_of_column_is_read() {
    for (kind, cell, expected) in cells() {
        let columns = [Column::new("x", kind), Column::new("y", kind).not_null(), Column::new("z", kind)];
        let rows = [vec![cell.clone(), cell.clone(), Cell::Null], vec![cell.clone(), cell.clone(), cell]];
        let (_server, driver) = pair(1, move |_| Reply::new().set(&columns, &rows)).await;

        let rows = driver.run(&statement("x", &[]), &[]).await.unwrap();

        let some = || expected.clone();
        assert_eq!(rows, [[some(), some(), Value::Null], [some(), some(), some()]], "{kind:?}");
    }
}

#[tokio::test]
async fn numbers_beyond_64_bits_are_refused_and_the_connection_goes_on() {
    let columns = [Column::new("x", Kind::Decimal(0))];
    let (server, driver) = pair(1, move |request| match &*request.text {
        "big" => Reply::new().set(&columns, &[vec![Cell::Decimal(i128::from(i64::MAX) + 1)]]),
        _ => Reply::new().set(&columns, &[vec![Cell::Decimal(1)]]),
    })
    .await;

    let big = driver.run(&statement("big", &[]), &[]).await;
    let small = driver.run(&statement("small", &[]), &[]).await.unwrap();

    assert!(matches!(big, Err(DriverError::Refused(_))), "{big:?}");
    assert_eq!(small, [[Value::Int(1)]]);
    assert_eq!(server.logins().len(), 1);
}
