//! Values and names that PostgreSQL cannot take: a defined answer, and nothing written.

use vestibule_core::{
    AccountTokens, AccountType, Accounts as _, AdapterError, IdKind, NewAccount, NewSession, NewUser,
    Sessions as _, Timestamp, Users as _, VerificationToken, VerificationTokens as _,
};
use vestibule_sql::{Dialect, ExtraColumn, ExtraKind, Guarantees, Profile, SqlAdapter, Table, schema};
use vestibule_testkit::operations::{Given, each_operation};
use vestibule_testkit::sql::Made;
use vestibule_tokio_postgres::TokioPostgres;

use crate::server;

fn is_refused<T>(result: &Result<T, AdapterError>) -> bool {
    matches!(result, Err(AdapterError::Refused { .. }))
}

#[tokio::test]
async fn what_a_column_cannot_hold_is_refused_and_nothing_is_written() {
    let Some(schema) = server::schema("values").await else { return };
    for made in [Made::Fresh, Made::Published] {
        let driver = TokioPostgres::new(server::pool(schema.url.parse().unwrap(), 2));
        let adapter = schema.adapter(driver, made).await;
        schema.execute("ALTER TABLE accounts ALTER expires_at TYPE integer").await;
        let ada = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
        let far = Timestamp::from_millis(i64::MAX);
        for (text, what) in [("x".repeat(256), "too long"), ("a\0b".to_owned(), "a NUL byte")] {
            assert!(is_refused(&adapter.create_user(&NewUser::with_email(&*text), None).await), "{what}");
            let account = NewAccount::new(AccountType::OAuth, "github", &*text);
            let user = NewUser::with_email("grace");
            assert!(is_refused(&adapter.create_user(&user, Some(&account)).await), "{what}");
            assert!(is_refused(&adapter.link_account(&ada.id, &account).await), "{what}");
            let session = NewSession::new(&*text, ada.id.clone(), Timestamp::from_secs(1));
            assert!(is_refused(&adapter.create_session(&session).await), "{what}");
            assert_eq!(adapter.user_by_email(&text).await.unwrap(), None);
            assert_eq!(adapter.session_and_user(&(*text).into()).await.unwrap(), None);
            assert_eq!(adapter.account(&"github".into(), &(*text).into()).await.unwrap(), None);
        }
        let token = VerificationToken { identifier: "a\0b".into(), token: "x".into(), expires: far };
        assert!(is_refused(&adapter.create_verification_token(&token).await));
        let session = NewSession::new("far", ada.id.clone(), far);
        assert!(is_refused(&adapter.create_session(&session).await));
        let mut account = NewAccount::new(AccountType::OAuth, "github", "1");
        let expires_at = Some(Timestamp::from_secs(i64::from(i32::MAX) + 1));
        account.tokens = AccountTokens { expires_at, ..AccountTokens::default() };
        assert!(is_refused(&adapter.link_account(&ada.id, &account).await));

        // Ids beyond what the column can hold name nobody.
        for id in ["2147483648", "-2147483649", "9223372036854775807", "9223372036854775808"] {
            assert_eq!(adapter.user(&id.into()).await.unwrap(), None);
            assert_eq!(adapter.delete_user(&id.into()).await.unwrap(), None);
            assert_eq!(adapter.sessions_of_user(&id.into()).await.unwrap(), []);
            let session = NewSession::new("s", id.into(), Timestamp::from_secs(1));
            let result = adapter.create_session(&session).await;
            assert!(matches!(result, Err(AdapterError::OwnerAbsent { .. })), "{result:?}");
        }
        assert_eq!((schema.count("users").await, schema.count("accounts").await), (1, 0));
        assert_eq!((schema.count("sessions").await, schema.count("verification_token").await), (0, 0));
        schema
            .execute("DROP TABLE users, accounts, sessions, verification_token, authenticators CASCADE")
            .await;
    }
    schema.drop().await;
}

#[tokio::test]
async fn every_operation_runs_under_names_that_are_hard_to_quote() {
    let Some(schema) = server::schema("nasty").await else { return };
    for (id_kind, guarantees) in [
        (IdKind::Serial, Guarantees::ALL),
        (IdKind::Uuid, Guarantees::default()),
        (IdKind::Text, Guarantees::ALL),
    ] {
        let mut profile = schema
            .profile()
            .with_id_kind(id_kind)
            .with_snake_case()
            .with_authenticators("x".repeat(63))
            .with_table(Table::Users, "x\"; DROP TABLE users; --")
            .with_table(Table::Accounts, "it's \\ an $1 account")
            .with_table(Table::Sessions, format!("{}é", "s".repeat(61)))
            .with_column(Table::Users, "email", "select \" from")
            .with_column(Table::Accounts, "userId", "a NOT NULL b REFERENCES c")
            .with_column(Table::Sessions, "expires", "数据 🦀");
        for (field, kind) in [
            ("role", ExtraKind::Text),
            ("preferences", ExtraKind::Json),
            ("tier", ExtraKind::Typed("numeric(6, 2)".into())),
            ("seen", ExtraKind::Typed("inet".into())),
        ] {
            for table in [Table::Users, Table::Accounts, Table::Sessions] {
                let column = ExtraColumn::new(field, kind.clone()).with_name(format!("\"{field}\"; --"));
                profile = profile.with_extra_column(table, column);
            }
        }
        let driver = TokioPostgres::new(server::pool(schema.url.parse().unwrap(), 2));
        schema::apply(&driver, &schema::create(&profile, Dialect::Postgres).unwrap()).await.unwrap();
        let report = server::fits(&driver, &profile).await;
        assert_eq!((report.additions(), report.fits().unwrap()), (Vec::new(), Guarantees::ALL));

        let adapter = SqlAdapter::with_guarantees(driver, profile.clone(), guarantees).unwrap();
        let given = Given::tagged("x")
            .with("role", "it's")
            .with("preferences", serde_json::json!({"a": [1, "\""]}))
            .with("tier", "12.50")
            .with("seen", "10.0.0.0/8");
        each_operation(&adapter, &given, |name, result| assert!(result.is_ok(), "{name}: {result:?}")).await;
        let user = NewUser { extra: given.extra.clone(), ..NewUser::with_email("eve") };
        let eve = adapter.create_user(&user, None).await.unwrap();
        assert_eq!(eve.extra, given.extra);
        assert_eq!(adapter.user(&eve.id).await.unwrap().unwrap().extra, given.extra);
        for table in Table::ALL {
            let name = profile.table_name(table).unwrap().replace('"', "\"\"");
            schema.execute(&format!("DROP TABLE \"{name}\" CASCADE")).await;
        }
    }
    assert!(
        schema::create(&Profile::authjs().with_table(Table::Users, "x".repeat(64)), Dialect::Postgres)
            .is_err()
    );
    schema.drop().await;
}
