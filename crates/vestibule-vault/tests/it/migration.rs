//! From plain to encrypted, and from one key to the next.

use std::sync::Arc;

use vestibule_core::{AccountChanges, AccountTokens, Accounts, AdapterError, Change, Extra};
use vestibule_testkit::Fault;
use vestibule_vault::{EncryptedTokens, PlainTokens};

use crate::support::{self, account, all_tokens, corrupt, ring, secrets, stored};

fn is_under(key: &str, tokens: &AccountTokens) -> bool {
    secrets(tokens).iter().all(|token| token.unwrap().starts_with(&format!("vst1.{key}.")))
}

#[tokio::test]
async fn a_user_is_migrated_whole_and_once() {
    let set = support::tokens().await;
    for id in ["1", "2"] {
        set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
    }
    set.store.link_account(&set.user.id, &account("3")).await.unwrap();
    let mut half = stored(&set.memory, "3").await.tokens;
    half.id_token = all_tokens().id_token;
    let mut mixed = account("4");
    mixed.tokens = AccountTokens { access_token: None, refresh_token: None, ..half };
    set.memory.link_account(&set.user.id, &mixed).await.unwrap();
    set.faulty.take_calls();

    assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 3);

    let calls = ["accounts_of_user", "update_account", "update_account", "update_account"];
    assert_eq!(set.faulty.take_calls(), calls);
    for id in ["1", "2", "3"] {
        assert!(is_under("a", &stored(&set.memory, id).await.tokens));
    }
    let strict = set.store.clone().with_plain_tokens(PlainTokens::Refused);
    let accounts = strict.accounts_of_user(&set.user.id).await.unwrap();
    assert!(accounts[..3].iter().all(|account| account.tokens == all_tokens()));
    assert_eq!(accounts[3].tokens.id_token, all_tokens().id_token);
    assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 0);
    assert_eq!(set.faulty.take_calls(), ["accounts_of_user", "accounts_of_user"]);
}

#[tokio::test]
async fn one_account_is_migrated_and_no_other() {
    let set = support::tokens().await;
    for id in ["1", "2"] {
        set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
    }
    let provider = "github".into();

    assert!(set.store.reencrypt(&provider, &"1".into()).await.unwrap());
    assert!(!set.store.reencrypt(&provider, &"1".into()).await.unwrap());
    assert!(!set.store.reencrypt(&provider, &"unknown".into()).await.unwrap());

    assert!(is_under("a", &stored(&set.memory, "1").await.tokens));
    assert_eq!(stored(&set.memory, "2").await.tokens, all_tokens());
}

#[tokio::test]
async fn a_new_key_encrypts_what_is_written_and_the_old_one_decrypts_what_is_there() {
    let set = support::tokens().await;
    set.store.link_account(&set.user.id, &account("1")).await.unwrap();
    let inner = Arc::new(set.memory.clone());
    let both = EncryptedTokens::new(inner.clone(), ring(&[("b", 2), ("a", 1)]));

    both.link_account(&set.user.id, &account("2")).await.unwrap();

    assert!(is_under("a", &stored(&set.memory, "1").await.tokens));
    assert!(is_under("b", &stored(&set.memory, "2").await.tokens));
    for account in both.accounts_of_user(&set.user.id).await.unwrap() {
        assert_eq!(account.tokens, all_tokens());
    }

    assert_eq!(both.migrate_user(&set.user.id).await.unwrap(), 1);
    assert_eq!(both.migrate_user(&set.user.id).await.unwrap(), 0);

    let new = EncryptedTokens::new(inner, ring(&[("b", 2)]));
    for account in new.accounts_of_user(&set.user.id).await.unwrap() {
        assert_eq!(account.tokens, all_tokens());
    }
    corrupt(set.store.accounts_of_user(&set.user.id).await);
}

#[tokio::test]
async fn an_account_that_does_not_decrypt_keeps_no_other_from_it() {
    let set = support::tokens().await;
    for id in ["1", "2", "3"] {
        set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
    }
    let broken = AccountTokens { id_token: Some("vst1.a.AAAA".into()), ..all_tokens() };
    let changes = AccountChanges { tokens: Change::Set(broken), extra: Extra::new() };
    let broken = set.memory.update_account(&"github".into(), &"2".into(), &changes).await.unwrap().unwrap();

    let (cell, _) = corrupt(set.store.migrate_user(&set.user.id).await);

    assert_eq!(cell, "accounts.id_token");
    assert!(is_under("a", &stored(&set.memory, "1").await.tokens));
    assert_eq!(stored(&set.memory, "2").await, broken);
    assert!(is_under("a", &stored(&set.memory, "3").await.tokens));
}

#[tokio::test]
async fn a_migration_that_was_broken_off_begins_anew() {
    for calls in 0..4 {
        let set = support::tokens().await;
        for id in ["1", "2", "3"] {
            set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
        }
        set.faulty.fail_after(calls, Fault::Unavailable);

        let broken_off = set.store.migrate_user(&set.user.id).await;

        assert!(matches!(broken_off, Err(AdapterError::Unavailable(_))), "{broken_off:?}");
        set.faulty.recover();
        for account in set.store.accounts_of_user(&set.user.id).await.unwrap() {
            assert_eq!(account.tokens, all_tokens());
        }
        let left = 3 - calls.saturating_sub(1) as u64;
        assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), left);
    }
}

#[tokio::test]
async fn an_account_that_is_unlinked_meanwhile_stays_so() {
    let set = support::tokens().await;
    set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
    let memory = set.memory.clone();
    set.faulty.meanwhile("update_account", || async move {
        memory.unlink_account(&"github".into(), &"1".into()).await.unwrap().unwrap();
    });

    assert!(!set.store.reencrypt(&"github".into(), &"1".into()).await.unwrap());
    assert_eq!(set.memory.accounts_of_user(&set.user.id).await.unwrap(), []);
}
