//! Values of every type, there and back, in every form that Neon has for them.

use vestibule_core::Timestamp;
use vestibule_neon::{Cells, Neon, Rows};
use vestibule_sql::{Driver as _, DriverError, ParamType, Value};

use crate::bridge::{database, statement};
use std::sync::Arc;
use vestibule_http::HyperClient;

const FORMS: [(Rows, Cells); 4] = [
    (Rows::Arrays, Cells::Text),
    (Rows::Arrays, Cells::Json),
    (Rows::Objects, Cells::Text),
    (Rows::Objects, Cells::Json),
];

#[tokio::test]
async fn every_type_is_read_in_every_form() {
    let Some(database) = database("types").await else { return };
    let text = "SELECT true AS a, (-7)::int2 AS b, 7 AS c, 9223372036854775807 AS d, 1.5::float4 AS e, \
                0.1::float8 AS f, 'NaN'::float8 AS g, 'tëxt'::text AS h, 'v'::varchar AS i, 'n'::name AS j, \
                '\\x00ff'::bytea AS k, '2026-11-20 13:06:13.652+05:30'::timestamptz AS l, \
                '2026-11-20 13:06:13.652'::timestamp AS m, '{\"a\": \"b\"}'::json AS n, '1.10'::numeric AS o, \
                '6f9619ff-8b86-4011-b42d-00c04fc964ff'::uuid AS p, NULL::int4 AS q, 'null'::text AS r, \
                '{\"a\":1}'::jsonb::text AS s";
    for (rows, cells) in FORMS {
        let settings = database.settings().with_rows(rows).with_cells(cells);
        let driver = Neon::new(Arc::new(HyperClient::new()), settings);

        let mut answer = driver.run(&statement(text, &[]), &[]).await.unwrap();

        let mut row = answer.pop().unwrap();
        assert!(matches!(row[6], Value::Real(number) if number.is_nan()));
        row[6] = Value::Null;
        // JSON may have other spaces afterwards.
        if cells == Cells::Json {
            assert!(row[13] == Value::Text("{\"a\":\"b\"}".into()));
            row[13] = Value::Text("{\"a\": \"b\"}".into());
        }
        let texts = |text: &str| Value::Text(text.into());
        let expected = [
            Value::Bool(true),
            Value::Int(-7),
            Value::Int(7),
            Value::Int(i64::MAX),
            Value::Real(1.5),
            Value::Real(0.1),
            Value::Null,
            texts("tëxt"),
            texts("v"),
            texts("n"),
            Value::Bytes(vec![0, 255]),
            Value::Time(Timestamp::from_millis(1_795_160_173_652)),
            Value::Time(Timestamp::from_millis(1_795_179_973_652)),
            texts("{\"a\": \"b\"}"),
            texts("1.10"),
            texts("6f9619ff-8b86-4011-b42d-00c04fc964ff"),
            Value::Null,
            texts("null"),
            texts("{\"a\": 1}"),
        ];
        for (at, (cell, expected)) in row.iter().zip(&expected).enumerate() {
            assert!(cell == expected, "{rows:?}, {cells:?}, column {at}: {cell:?}");
        }
        assert_eq!(row.len(), expected.len());
    }
    database.drop().await;
}

#[tokio::test]
async fn every_parameter_arrives_as_it_was() {
    let Some(database) = database("params").await else { return };
    let driver = database.driver();
    for (kind, declared, values) in [
        (ParamType::Bool, "bool", vec![Value::Bool(true), Value::Bool(false)]),
        (ParamType::Int, "int8", [0, 1, -1, i64::MIN, i64::MAX].map(Value::Int).to_vec()),
        (ParamType::Real, "float8", [0.1, -1e-7, 1.797e308, 5e-324, f64::INFINITY].map(Value::Real).to_vec()),
        (
            ParamType::Text,
            "text",
            ["", "null", "{1}", "\\x00", "'\"\\\n\u{1}👩🏽\u{200d}🚀"]
                .map(|text| Value::Text(text.into()))
                .to_vec(),
        ),
        (
            ParamType::Time,
            "timestamptz",
            [
                0,
                -1,
                -1_001,
                1_795_179_973_652,
                253_402_300_800_000,
                -62_135_683_200_000,
                -210_866_803_200_000,
            ]
            .map(|millis| Value::Time(Timestamp::from_millis(millis)))
            .to_vec(),
        ),
    ] {
        let statement = statement(&format!("SELECT $1::{declared}"), &[kind]);
        for value in values.into_iter().chain([Value::Null]) {
            let answer = driver.run(&statement, std::slice::from_ref(&value)).await.unwrap();

            assert!(answer == [[value.clone()]], "{declared}: {value:?}");
        }
    }
    database.drop().await;
}

#[tokio::test]
async fn columns_of_one_name_are_told_apart_or_refused() {
    let Some(database) = database("names").await else { return };
    let statement = statement("SELECT 1 AS a, 2 AS a", &[]);

    let arrays = database.driver().run(&statement, &[]).await.unwrap();
    let objects = Neon::new(Arc::new(HyperClient::new()), database.settings().with_rows(Rows::Objects));
    let error = objects.run(&statement, &[]).await.unwrap_err();

    assert!(arrays == [[Value::Int(1), Value::Int(2)]]);
    assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    database.drop().await;
}

#[tokio::test]
async fn times_in_another_style_are_refused_not_misread() {
    let Some(database) = database("style").await else { return };
    // Parameters of the connection string become settings of the session.
    let string = format!("{}?datestyle=SQL,%20DMY", database.bridge.connection_string());
    let settings = vestibule_neon::Settings::from_url(&string).unwrap();
    let settings = settings.with_endpoint(&database.bridge.endpoint()).unwrap();
    let driver = Neon::new(Arc::new(HyperClient::new()), settings);

    let error = driver.run(&statement("SELECT now()", &[]), &[]).await.unwrap_err();

    assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    assert!(format!("{error:?}").contains("DateStyle"), "{error:?}");
    database.drop().await;
}
