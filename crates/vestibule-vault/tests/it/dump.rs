//! What somebody gets who has the database file.

use vestibule_core::{
    Account, AccountChanges, Accounts, Adapter, Change, Extra, FirstSession, NewSession, NewUser,
    SecretToken, Sessions, Users,
};
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Dialect, Profile, SqlAdapter, Value, schema};
use vestibule_testkit::databases::SqliteFile;
use vestibule_vault::{EncryptedTokens, HashedSessions, PlainSessions};

use std::sync::Arc;

use crate::support::{ACCESS, HOUR, ID, NOW, POLICY, REFRESH, account, all_tokens, ring, run};

const TOKENS: [&str; 3] =
    ["3f2c1b0a9d8e-cookie-of-the-laptop", "cookie-of-the-phone-77", "cookie-of-the-tablet-9"];

/// The token of a session that was begun together with its user.
const FIRST: &str = "cookie-of-the-first-day-4";

/// Every cell of every table that is text or bytes.
async fn cells(driver: &Rusqlite) -> Vec<String> {
    let tables = run(driver, "SELECT name FROM sqlite_schema WHERE type = 'table'").await;
    let mut cells = Vec::new();
    for table in tables.into_iter().flatten() {
        let Value::Text(table) = table else { panic!("a table has a name") };
        for cell in run(driver, &format!("SELECT * FROM \"{table}\"")).await.into_iter().flatten() {
            match cell {
                Value::Text(text) => cells.push(text),
                Value::Bytes(bytes) => cells.push(String::from_utf8_lossy(&bytes).into_owned()),
                _ => {}
            }
        }
    }
    cells
}

/// The bytes of the file and of those beside it.
fn bytes(file: &SqliteFile) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(file.path().parent().unwrap()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn tables(file: &SqliteFile) -> (Rusqlite, Arc<SqlAdapter<Rusqlite>>) {
    let driver = Rusqlite::open(file.path()).unwrap();
    let profile = Profile::authjs();
    schema::apply(&driver, &schema::create(&profile, Dialect::Sqlite).unwrap()).await.unwrap();
    let adapter = SqlAdapter::inspect(driver.clone(), profile).await.unwrap();
    (driver, Arc::new(adapter))
}

fn vault(inner: Arc<dyn Adapter>) -> HashedSessions {
    HashedSessions::new(Arc::new(EncryptedTokens::new(inner, ring(&[("b", 2), ("a", 1)]))))
}

/// Everything that writes, twice and more.
async fn traffic(store: &dyn Adapter) {
    let user = store.create_user(&NewUser::with_email("ada@example.com"), Some(&account("1"))).await.unwrap();
    let first = FirstSession::new(FIRST, NOW.after(HOUR));
    store.sign_up(&NewUser::with_email("grace@example.com"), Some(&account("4")), &first).await.unwrap();
    let Account { provider, provider_account_id: id, .. } =
        store.link_account(&user.id, &account("2")).await.unwrap();
    let changes = AccountChanges { tokens: Change::Set(all_tokens()), extra: Extra::new() };
    store.update_account(&provider, &id, &changes).await.unwrap().unwrap();
    store.link_account(&user.id, &account("3")).await.unwrap();
    store.unlink_account(&provider, &"3".into()).await.unwrap().unwrap();
    for token in TOKENS {
        store.create_session(&NewSession::new(token, user.id.clone(), NOW.after(HOUR))).await.unwrap();
    }
    let token = SecretToken::from(TOKENS[0]);
    store.session_and_user(&token).await.unwrap().unwrap();
    store.touch_session(&token, NOW, &POLICY).await.unwrap().unwrap();
    let changes = vestibule_core::SessionChanges {
        expires: Change::Set(NOW.after(HOUR)),
        ..vestibule_core::SessionChanges::default()
    };
    store.update_session(&token, &changes).await.unwrap().unwrap();
    store.delete_session(&TOKENS[1].into()).await.unwrap().unwrap();
}

fn secrets() -> impl Iterator<Item = &'static str> {
    TOKENS.into_iter().chain([FIRST, ACCESS, REFRESH, ID])
}

#[tokio::test]
async fn no_cell_and_no_byte_of_the_file_holds_a_token() {
    let file = SqliteFile::create();
    let (driver, inner) = tables(&file).await;

    traffic(&vault(inner)).await;

    let cells = cells(&driver).await;
    let bytes = bytes(&file);
    assert!(cells.iter().any(|cell| cell.starts_with("vst1.b.")));
    assert!(cells.iter().any(|cell| cell.starts_with("sha256:")));
    assert!(holds(&bytes, "ada@example.com"));
    for secret in secrets() {
        assert!(!cells.iter().any(|cell| cell.contains(secret)), "{secret}");
        assert!(!holds(&bytes, secret), "{secret}");
    }
}

/// So that the test above would notice.
#[tokio::test]
async fn without_the_vault_the_file_holds_every_token() {
    let file = SqliteFile::create();
    let (driver, inner) = tables(&file).await;

    traffic(&*inner).await;

    let cells = cells(&driver).await;
    for secret in secrets().filter(|secret| *secret != TOKENS[1]) {
        assert!(cells.iter().any(|cell| cell.contains(secret)), "{secret}");
    }
}

/// Nothing that can be found in the database is good as a cookie.
#[tokio::test]
async fn no_text_of_the_database_is_accepted_as_a_token() {
    let file = SqliteFile::create();
    let (driver, inner) = tables(&file).await;
    let adopting = vault(inner.clone());
    traffic(&adopting).await;
    let strict = vault(inner).with_plain_sessions(PlainSessions::Ignored);

    for cell in cells(&driver).await {
        let token = SecretToken::from(cell);
        for store in [&adopting, &strict] {
            assert_eq!(store.session_and_user(&token).await.unwrap(), None);
            assert_eq!(store.touch_session(&token, NOW, &POLICY).await.unwrap(), None);
            assert_eq!(store.delete_session(&token).await.unwrap(), None);
        }
    }
    assert!(adopting.session_and_user(&TOKENS[0].into()).await.unwrap().is_some());
}

#[tokio::test]
async fn after_a_migration_no_cell_holds_a_token_and_after_a_vacuum_no_byte() {
    let file = SqliteFile::create();
    let (driver, inner) = tables(&file).await;
    traffic(&*inner).await;
    let user = inner.user_by_email("ada@example.com").await.unwrap().unwrap();
    let grace = inner.user_by_email("grace@example.com").await.unwrap().unwrap();
    let encrypted = EncryptedTokens::new(inner, ring(&[("b", 2)]));
    let store = HashedSessions::new(Arc::new(encrypted.clone()));

    assert_eq!(encrypted.migrate_user(&user.id).await.unwrap(), 2);
    assert_eq!(store.migrate_user(&user.id).await.unwrap(), 2);
    assert_eq!(encrypted.migrate_user(&grace.id).await.unwrap(), 1);
    assert_eq!(store.migrate_user(&grace.id).await.unwrap(), 1);

    let texts = cells(&driver).await;
    for secret in secrets() {
        assert!(!texts.iter().any(|cell| cell.contains(secret)), "{secret}");
    }
    assert!(secrets().any(|secret| holds(&bytes(&file), secret)), "what was deleted lies in the file still");
    run(&driver, "VACUUM").await;
    run(&driver, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    for secret in secrets() {
        assert!(!holds(&bytes(&file), secret), "{secret}");
    }
    for token in [TOKENS[0], TOKENS[2]] {
        assert!(store.session_and_user(&token.into()).await.unwrap().is_some());
    }
    for account in store.accounts_of_user(&user.id).await.unwrap() {
        assert_eq!(account.tokens, all_tokens());
    }
}
