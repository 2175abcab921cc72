//! What stands in a cell decides when a session ends, in a comparison as in a row that is read: on SQLite, whose columns
//! of text take any form.

use vestibule_core::{Sessions as _, Timestamp, TouchPolicy};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Profile, SqlAdapter, TextForm, TimeForm, Zone, schema};

/// 2031-01-02T03:04:05.678Z.
const END: i64 = 1_925_089_445_678;

/// The forms that a column of text can have.
fn forms() -> [TimeForm; 4] {
    [
        TimeForm::EpochMillisText,
        TimeForm::Text(TextForm::Iso),
        TimeForm::Text(TextForm::Sql),
        TimeForm::Wall(Zone::UTC),
    ]
}

/// A session whose end is this, in a column of text.
async fn adapter(form: TimeForm, cell: &str) -> SqlAdapter<Rusqlite> {
    adapter_on("TEXT", form, cell).await
}

async fn adapter_on(column: &str, form: TimeForm, cell: &str) -> SqlAdapter<Rusqlite> {
    let statements = [
        format!(
            "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT, email TEXT, emailVerified {column}, image TEXT)"
        ),
        format!(
            "CREATE TABLE sessions (id TEXT PRIMARY KEY, userId TEXT, expires {column}, sessionToken TEXT)"
        ),
        "INSERT INTO users (id) VALUES ('u')".to_owned(),
        format!("INSERT INTO sessions VALUES ('s', 'u', {cell}, 'token')"),
    ];
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, &statements).await.unwrap();
    let profile = Profile::authjs()
        .with_id_kind(vestibule_core::IdKind::Text)
        .without_table(vestibule_sql::Table::Accounts)
        .without_table(vestibule_sql::Table::VerificationTokens)
        .with_time_forms(&form);
    SqlAdapter::inspect(driver, profile).await.unwrap()
}

#[tokio::test]
async fn a_session_ends_when_its_cell_says_in_whatever_form() {
    for form in forms() {
        for cell in [
            "'1925089445678'",
            "'2031-01-02T03:04:05.678Z'",
            "'2031-01-02T05:04:05.678+02:00'",
            "'2031-01-02 03:04:05.678'",
            "'2031-01-02 03:04:05.678 +00:00'",
        ] {
            let adapter = adapter(form.clone(), cell).await;

            let (read, _) = adapter.session_and_user(&"token".into()).await.unwrap().unwrap();
            assert_eq!(read.expires, Timestamp::from_millis(END), "{form:?} {cell}");
            let early = adapter.delete_expired_sessions(Timestamp::from_millis(END - 1), 9).await.unwrap();
            assert_eq!(early, 0, "{form:?} {cell}");
            let due = adapter.delete_expired_sessions(Timestamp::from_millis(END), 9).await.unwrap();
            assert_eq!(due, 1, "{form:?} {cell}");
        }
        let before_1970 = adapter(form.clone(), "'-1000'").await;
        let swept = before_1970.delete_expired_sessions(Timestamp::from_millis(-1001), 9).await.unwrap();
        assert_eq!(swept, 0, "{form:?}");
        let swept = before_1970.delete_expired_sessions(Timestamp::from_millis(-1000), 9).await.unwrap();
        assert_eq!(swept, 1, "{form:?}");
    }
}

#[tokio::test]
async fn a_cell_that_is_no_date_is_never_swept() {
    for form in forms() {
        for cell in ["'soon'", "''", "'-'", "'2031'' '", "NULL"] {
            let adapter = adapter(form.clone(), cell).await;

            let swept = adapter.delete_expired_sessions(Timestamp::from_millis(END), 9).await.unwrap();

            assert_eq!(swept, 0, "{form:?} {cell}");
        }
    }
}

/// What SQLite cannot compare, since a text is more than any number and some offsets are none of its own.
#[tokio::test]
async fn a_session_whose_cell_reads_as_past_is_not_extended_and_is_gone_whatever_the_database_makes_of_it() {
    let odd = [
        ("INTEGER", TimeForm::EpochMillis, "'2031-01-02T03:04:05.678Z'"),
        ("INTEGER", TimeForm::EpochSeconds, "'2031-01-02T03:04:05.678Z'"),
        ("TEXT", TimeForm::Text(TextForm::Iso), "'2031-01-02T18:04:05.678+15:00'"),
        ("TEXT", TimeForm::Text(TextForm::Iso), "'2031-01-02t03:04:05.678Z'"),
    ];
    for (column, form, cell) in odd {
        let adapter = adapter_on(column, form.clone(), cell).await;
        let touch = |now| {
            let (adapter, policy) = (&adapter, TouchPolicy::default());
            async move { adapter.touch_session(&"token".into(), Timestamp::from_millis(now), &policy).await }
        };

        let before = touch(END - 1).await.unwrap().expect(cell);
        assert_eq!(before.previous_expiry, Timestamp::from_millis(END), "{form:?} {cell}");
        assert_eq!(before.session.expires, before.previous_expiry, "the database cannot tell that it is due");
        assert_eq!(touch(END).await.unwrap(), None, "{form:?} {cell}");
        assert_eq!(adapter.session_and_user(&"token".into()).await.unwrap(), None, "{form:?} {cell}");
    }
}
