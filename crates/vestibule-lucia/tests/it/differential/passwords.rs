//! Hashes that are made here, verified by the original, and the other way round.

use serde_json::json;
use vestibule_core::{OsRandom, Timestamp};
use vestibule_lucia::PasswordHash;

use super::original::{self, Original};

#[tokio::test]
async fn each_verifies_what_the_other_hashed() {
    if !original::is_installed() {
        return;
    }
    // No database is asked.
    let mut original = Original::start("postgres://127.0.0.1:1/", "none");
    let now = Timestamp::from_secs(0);
    for password in ["correct horse battery staple", "", "ﬁancé ①", "Ａ𝔭𝔭le"] {
        let ours = PasswordHash::new(password, &OsRandom);
        let verified = original.call(now, "Scrypt", "verify", json!([ours.expose(), password])).await;
        assert_eq!(verified, Ok(json!(true)), "{password}");
        let verified = original.call(now, "Scrypt", "verify", json!([ours.expose(), "another"])).await;
        assert_eq!(verified, Ok(json!(false)), "{password}");

        for maker in ["Scrypt", "LegacyScrypt"] {
            let theirs = original.call(now, maker, "hash", json!([password])).await.unwrap();
            let theirs = PasswordHash::parse(theirs.as_str().unwrap()).unwrap();
            assert!(theirs.verify(password) && !theirs.verify("another"), "{maker}: {password}");
        }
    }
}
