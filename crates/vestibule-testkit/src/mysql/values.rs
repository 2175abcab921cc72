//! Values out and in, prepared and as text.

use vestibule_core::{Random as _, Timestamp};
use vestibule_sql::{Driver, ParamType, Row, Value};

use super::{execute, statement};
use crate::SeededRandom;

/// What texts are made of that somebody might read as something else.
const PIECES: [&str; 20] = [
    "'", "\"", "`", "\\", "\0", "\n", "\r", "\u{1a}", "%", "_", "?", ";", "--", "/*", "ß", "é", "日本", "😀",
    " ", "a",
];

fn texts(random: &SeededRandom) -> Vec<String> {
    let mut texts: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
    texts.push(String::new());
    texts.push("x".repeat(70_000));
    for _ in 0..40 {
        let mut bytes = [0; 24];
        random.fill(&mut bytes);
        let pieces = bytes.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]);
        texts.push(pieces.collect());
        let letters = bytes.chunks_exact(4).map(|four| {
            let number = u32::from_le_bytes([four[0], four[1], four[2], 0]) % 0x11_0000;
            char::from_u32(number).unwrap_or('\u{fffd}')
        });
        texts.push(letters.collect());
    }
    texts
}

fn rows(random: &SeededRandom) -> Vec<[Value; 5]> {
    let numbers = [0, 1, -1, i64::MIN, i64::MAX, 4_294_967_296];
    let reals = [0.0, -0.5, 0.1, 1e300, -1.5e-300, f64::MAX, f64::MIN_POSITIVE, 1.0 / 3.0];
    let times = [0, 1, -1, 999, -62_135_596_800_000, 253_402_300_799_999, 1_925_089_445_678];
    let texts = texts(random);
    let row = |at: usize, text: &String| {
        [
            Value::Bool(at.is_multiple_of(2)),
            Value::Int(numbers[at % numbers.len()]),
            Value::Real(reals[at % reals.len()]),
            Value::Text(text.clone()),
            Value::Time(Timestamp::from_millis(times[at % times.len()])),
        ]
    };
    let nothing = [const { Value::Null }; 5];
    texts.iter().enumerate().map(|(at, text)| row(at, text)).chain([nothing]).collect()
}

/// What a column of truth values answers.
fn as_it_comes_back(row: &[Value]) -> Row {
    let number = |value: &Value| match value {
        Value::Bool(truth) => Value::Int((*truth).into()),
        other => other.clone(),
    };
    row.iter().map(number).collect()
}

/// Writes values of every type, prepared and as part of a batch, and reads each of them in both ways.
///
/// `database` is one for the test alone.
///
/// # Panics
///
/// If one comes back as another.
pub async fn values_come_back_as_they_went_out(driver: &impl Driver, database: &str) {
    let table = format!("`{database}`.`values ?`");
    let columns = "`at` INT PRIMARY KEY, `b` BOOLEAN, `i` BIGINT, `r` DOUBLE, `s` LONGTEXT, `t` DATETIME(3)";
    execute(driver, &format!("CREATE TABLE {table} ({columns})")).await;
    let kinds = [ParamType::Bool, ParamType::Int, ParamType::Real, ParamType::Text, ParamType::Time];
    let with_at: Vec<_> = [ParamType::Int].into_iter().chain(kinds).collect();
    let insert = statement(&format!("INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)"), &with_at);
    let text =
        "(b <=> ?) + (i <=> ?) + (r <=> ?) + (s <=> ?) + (t <=> ?), 'it''s ?', `b`, `i`, `r`, `s`, `t`";
    let select = format!("SELECT {text} FROM {table} WHERE `at` = ?");
    let select_kinds: Vec<_> = kinds.into_iter().chain([ParamType::Int]).collect();
    let select = statement(&select, &select_kinds);

    for (at, values) in (0_i64..).zip(rows(&SeededRandom::new(20))) {
        let mut row = vec![Value::Int(at)];
        row.extend(values.iter().cloned());
        if at % 2 == 0 {
            driver.run(&insert, &row).await.unwrap();
        } else {
            driver.run_all(&[(&insert, &row)]).await.unwrap();
        }
        let mut params = values.to_vec();
        params.push(Value::Int(at));
        let prepared = driver.run(&select, &params).await.unwrap();
        let batch = driver.run_all(&[(&select, &params)]).await.unwrap().remove(0);

        let expected = as_it_comes_back(&values);
        for (way, found) in [("prepared", prepared), ("batch", batch)] {
            let [found] = &found[..] else { panic!("{way} {at}: {} rows", found.len()) };
            assert!(found[0] == Value::Int(5), "{way} {at}: the server sees other values");
            assert!(found[1] == Value::Text("it's ?".into()), "{way} {at}");
            for (cell, expected) in found[2..].iter().zip(&expected) {
                assert!(cell == expected, "{way} {at}: {cell:?} for {expected:?}");
            }
        }
    }
}

/// Reads a cell of every column type, prepared and as part of a batch.
///
/// # Panics
///
/// If one is not the value that its type calls for.
pub async fn every_type_comes_in_the_same_either_way(driver: &impl Driver, database: &str) {
    let text = |text: &str| Value::Text(text.into());
    let time = |millis| Value::Time(Timestamp::from_millis(millis));
    let cells = [
        ("TINYINT", "-128", Value::Int(-128)),
        ("TINYINT UNSIGNED", "255", Value::Int(255)),
        ("BOOLEAN", "TRUE", Value::Int(1)),
        ("SMALLINT", "-32768", Value::Int(-32_768)),
        ("SMALLINT UNSIGNED", "65535", Value::Int(65_535)),
        ("MEDIUMINT", "-8388608", Value::Int(-8_388_608)),
        ("MEDIUMINT UNSIGNED", "16777215", Value::Int(16_777_215)),
        ("INT", "-2147483648", Value::Int(-2_147_483_648)),
        ("INT UNSIGNED", "4294967295", Value::Int(4_294_967_295)),
        ("BIGINT", "-9223372036854775808", Value::Int(i64::MIN)),
        ("BIGINT UNSIGNED", "9223372036854775807", Value::Int(i64::MAX)),
        ("YEAR", "2031", Value::Int(2031)),
        ("BIT(9)", "b'100000001'", Value::Int(257)),
        ("DECIMAL(20, 2)", "123456789012345678.90", text("123456789012345678.90")),
        ("FLOAT", "1.5", Value::Real(1.5)),
        ("FLOAT", "1.1", Value::Real(1.1)),
        ("DOUBLE", "0.1", Value::Real(0.1)),
        ("CHAR(5)", "'ab'", text("ab")),
        ("VARCHAR(9)", "'é😀'", text("é😀")),
        ("VARCHAR(9) CHARACTER SET latin1", "'é'", text("é")),
        ("VARCHAR(9) COLLATE utf8mb4_general_ci", "'A'", text("A")),
        ("TINYTEXT", "'a'", text("a")),
        ("TEXT", "'a'", text("a")),
        ("MEDIUMTEXT", "'a'", text("a")),
        ("LONGTEXT", "'a'", text("a")),
        ("ENUM('a', 'b')", "'b'", text("b")),
        ("SET('a', 'b')", "'a,b'", text("a,b")),
        ("JSON", "'[1]'", text("[1]")),
        ("BINARY(2)", "'ab'", Value::Bytes(b"ab".to_vec())),
        ("VARBINARY(5)", "'ab'", Value::Bytes(b"ab".to_vec())),
        ("BLOB", "X'00FF'", Value::Bytes(vec![0, 255])),
        ("LONGBLOB", "''", Value::Bytes(vec![])),
        ("DATE", "'2031-01-02'", time(1_925_078_400_000)),
        ("DATETIME", "'2031-01-02 03:04:05'", time(1_925_089_445_000)),
        ("DATETIME(3)", "'2031-01-02 03:04:05.678'", time(1_925_089_445_678)),
        ("DATETIME(6)", "'2031-01-02 03:04:05.678999'", time(1_925_089_445_678)),
        ("TIMESTAMP(3) NULL", "'2031-01-02 03:04:05.678'", time(1_925_089_445_678)),
        ("TIME", "'-03:04:05'", text("-03:04:05")),
        ("VARCHAR(9)", "NULL", Value::Null),
        ("DATETIME", "NULL", Value::Null),
    ];
    for (at, (column, literal, expected)) in cells.iter().enumerate() {
        let table = format!("`{database}`.`cell_{at}`");
        execute(driver, &format!("CREATE TABLE {table} (`c` {column})")).await;
        execute(driver, &format!("INSERT INTO {table} VALUES ({literal})")).await;
        let select = statement(&format!("SELECT `c` FROM {table}"), &[]);

        let prepared = driver.run(&select, &[]).await.unwrap();
        let batch = driver.run_all(&[(&select, &[])]).await.unwrap().remove(0);

        assert!(prepared == [[expected.clone()]], "{column} prepared: {prepared:?} for {expected:?}");
        assert!(batch == [[expected.clone()]], "{column} in a batch: {batch:?} for {expected:?}");
    }
    an_integer_beyond_ours_is_refused(driver, database).await;
}

async fn an_integer_beyond_ours_is_refused(driver: &impl Driver, database: &str) {
    let table = format!("`{database}`.`beyond`");
    execute(driver, &format!("CREATE TABLE {table} (`c` BIGINT UNSIGNED)")).await;
    execute(driver, &format!("INSERT INTO {table} VALUES (9223372036854775808)")).await;
    let select = statement(&format!("SELECT `c` FROM {table}"), &[]);

    assert!(driver.run(&select, &[]).await.is_err());
    assert!(driver.run_all(&[(&select, &[])]).await.is_err());
}
