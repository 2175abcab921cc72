//! Values there and back.

use vestibule_core::Timestamp;
use vestibule_sql::{Driver as _, DriverError, ParamType, Value};

use crate::servers::{both, d1, libsql, statement};

#[tokio::test]
async fn every_value_comes_back_as_it_was() {
    for server in both().await {
        let echo = statement("SELECT ?1", &[ParamType::Text]);
        let texts =
            ["", "null", "{1}", "a\0b", "'\"\\\n\u{1}👩🏽\u{200d}🚀"].map(|text| Value::Text(text.into()));
        let numbers = [0, 1, -1, 9_007_199_254_740_991, -9_007_199_254_740_991].map(Value::Int);
        let reals = [0.1, -1e-7, 1.797e308, 5e-324].map(Value::Real);
        for value in texts.into_iter().chain(numbers).chain(reals).chain([Value::Null]) {
            let answer = server.driver.run(&echo, std::slice::from_ref(&value)).await.unwrap();

            assert!(answer == [[value.clone()]], "{}: {value:?}: {answer:?}", server.name);
        }
        let time = Value::Time(Timestamp::from_millis(1_795_179_973_652));
        for (value, expected) in [(Value::Bool(true), 1), (Value::Bool(false), 0), (time, 1_795_179_973_652)]
        {
            assert!(server.driver.run(&echo, &[value]).await.unwrap() == [[Value::Int(expected)]]);
        }
        let error = server.driver.run(&echo, &[Value::Real(f64::NAN)]).await.unwrap_err();
        assert!(matches!(error, DriverError::Refused(_)), "{}: {error:?}", server.name);
        let bytes = server.driver.run(&statement("SELECT x'00ff'", &[]), &[]).await.unwrap();
        assert!(bytes == [[Value::Bytes(vec![0, 255])]], "{}", server.name);
        let twins = server.driver.run(&statement("SELECT 1 AS a, 2 AS a", &[]), &[]).await.unwrap();
        assert!(twins == [[Value::Int(1), Value::Int(2)]], "{}", server.name);
    }
}

#[tokio::test]
async fn libsql_has_64_bits_and_bytes() {
    let server = libsql().await;
    let echo = statement("SELECT ?1", &[ParamType::Int]);
    for value in
        [Value::Int(i64::MIN), Value::Int(i64::MAX), Value::Bytes(vec![]), Value::Bytes(vec![0, 255, 7])]
    {
        let answer = server.driver.run(&echo, std::slice::from_ref(&value)).await.unwrap();

        assert!(answer == [[value]]);
    }
}

#[tokio::test]
async fn what_d1_would_change_is_refused_before_it_is_sent() {
    let server = d1().await;
    let echo = statement("SELECT ?1", &[ParamType::Int]);
    let before = server.requests();
    for value in [Value::Int(1 << 53), Value::Int(i64::MIN), Value::Bytes(vec![7])] {
        let error = server.driver.run(&echo, &[value]).await.unwrap_err();

        assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    }
    let many = vec![Value::Null; 101];
    let long = format!("SELECT 1 -- {}", "x".repeat(100_000));
    for (text, params) in [("SELECT 1", &many[..]), (&long, &[])] {
        let error = server.driver.run(&statement(text, &[]), params).await.unwrap_err();
        assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    }
    assert_eq!(server.requests(), before);
}

#[tokio::test]
async fn an_integer_that_d1_has_changed_is_no_integer() {
    let server = d1().await;

    let answer = server
        .driver
        .run(&statement("SELECT 9223372036854775807, 9007199254740993", &[]), &[])
        .await
        .unwrap();

    assert!(matches!(answer[0][..], [Value::Real(_), Value::Real(_)]), "{answer:?}");
}
