//! From plain to encrypted, and from one key to the next.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::{
    AccountChanges, AccountTokens, Accounts, AdapterError, Change, Extra, Lease, NewUser, Users,
    VerificationTokens,
};
use vestibule_sql::{Profile, Table};
use vestibule_testkit::sql::Made;
use vestibule_testkit::{Fault, TestClock};
use vestibule_vault::{EncryptedTokens, PlainTokens};

use crate::support::{self, NOW, account, all_tokens, corrupt, ring, secrets, stored};

fn is_under(key: &str, tokens: &AccountTokens) -> bool {
    secrets(tokens).iter().all(|token| token.unwrap().starts_with(&format!("vst1.{key}.")))
}

fn set_tokens(tokens: AccountTokens) -> AccountChanges {
    AccountChanges { tokens: Change::Set(tokens), extra: Extra::new() }
}

fn lease_of(id: &str) -> String {
    vestibule_engine::refresh_lease(&"github".into(), &id.into())
}

#[tokio::test]
async fn a_user_is_migrated_whole_and_once() {
    let set = support::tokens().await;
    for id in ["1", "2"] {
        set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
    }
    set.store.link_account(&set.user.id, &account("3")).await.unwrap();
    let mut half = account("4");
    half.tokens = AccountTokens { access_token: None, refresh_token: None, ..all_tokens() };
    set.memory.link_account(&set.user.id, &half).await.unwrap();
    set.faulty.take_calls();

    assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 3);

    let calls = set.faulty.take_calls();
    assert_eq!(
        calls[..5],
        ["accounts_of_user", "acquire_lease", "account", "update_account", "release_lease"]
    );
    assert_eq!(calls.len(), 1 + 3 * 4);
    for id in ["1", "2", "3"] {
        assert!(is_under("a", &stored(&set.memory, id).await.tokens));
    }
    let strict = set.store.clone().with_plain_tokens(PlainTokens::Refused);
    let accounts = strict.accounts_of_user(&set.user.id).await.unwrap();
    assert!(accounts[..3].iter().all(|account| account.tokens == all_tokens()));
    assert_eq!(accounts[3].tokens, half.tokens);
    set.faulty.take_calls();
    assert_eq!(set.store.migrate_user(&set.user.id).await.unwrap(), 0);
    assert_eq!(set.faulty.take_calls(), ["accounts_of_user"]);
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
    let changes = set_tokens(broken);
    let broken = set.memory.update_account(&"github".into(), &"2".into(), &changes).await.unwrap().unwrap();

    let (cell, _) = corrupt(set.store.migrate_user(&set.user.id).await);

    assert_eq!(cell, "accounts.id_token");
    assert!(is_under("a", &stored(&set.memory, "1").await.tokens));
    assert_eq!(stored(&set.memory, "2").await, broken);
    assert!(is_under("a", &stored(&set.memory, "3").await.tokens));
}

#[tokio::test]
async fn a_migration_that_was_broken_off_begins_anew() {
    for calls in 0..13 {
        let set = support::tokens().await;
        let clock = TestClock::at(NOW);
        let store = set.store.clone().with_clock(Arc::new(clock.clone()));
        for id in ["1", "2", "3"] {
            set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
        }
        set.faulty.fail_after(calls, Fault::Unavailable);

        let broken_off = store.migrate_user(&set.user.id).await;

        assert!(matches!(broken_off, Err(AdapterError::Unavailable(_))), "{calls}: {broken_off:?}");
        set.faulty.recover();
        for account in store.accounts_of_user(&set.user.id).await.unwrap() {
            assert_eq!(account.tokens, all_tokens());
        }
        clock.advance(Duration::from_mins(1));
        store.migrate_user(&set.user.id).await.unwrap();
        for id in ["1", "2", "3"] {
            assert!(is_under("a", &stored(&set.memory, id).await.tokens));
        }
    }
}

#[tokio::test]
async fn an_account_that_is_unlinked_meanwhile_stays_so() {
    for operation in ["acquire_lease", "account", "update_account", "release_lease"] {
        let set = support::tokens().await;
        set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
        let memory = set.memory.clone();
        set.faulty.meanwhile(operation, || async move {
            memory.unlink_account(&"github".into(), &"1".into()).await.unwrap().unwrap();
        });

        let changed = set.store.migrate_user(&set.user.id).await.unwrap();

        assert_eq!(changed, u64::from(operation == "release_lease"), "{operation}");
        assert_eq!(set.memory.accounts_of_user(&set.user.id).await.unwrap(), []);
    }
}

/// The engine refreshes under this lease.
#[tokio::test]
async fn tokens_that_are_being_refreshed_are_left_alone() {
    let set = support::tokens().await;
    let clock = TestClock::at(NOW);
    let store = set.store.clone().with_clock(Arc::new(clock));
    for id in ["1", "2"] {
        set.memory.link_account(&set.user.id, &account(id)).await.unwrap();
    }
    let until = NOW.after(Duration::from_secs(1));
    let lease = set.memory.acquire_lease(&lease_of("1"), NOW, until).await.unwrap().unwrap();

    let changed = store.migrate_user(&set.user.id).await;

    assert!(matches!(changed, Err(AdapterError::Unavailable(_))), "{changed:?}");
    assert_eq!(stored(&set.memory, "1").await.tokens, all_tokens());
    assert!(is_under("a", &stored(&set.memory, "2").await.tokens));
    assert!(set.memory.release_lease(&lease).await.unwrap());
    assert_eq!(store.migrate_user(&set.user.id).await.unwrap(), 1);
}

#[tokio::test]
async fn the_lease_is_held_while_tokens_are_encrypted_and_given_back() {
    let set = support::tokens().await;
    let store = set.store.clone().with_clock(Arc::new(TestClock::at(NOW)));
    set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
    let memory = set.memory.clone();
    set.faulty.meanwhile("update_account", || async move {
        let until = NOW.after(Duration::from_secs(1));
        assert_eq!(memory.acquire_lease(&lease_of("1"), NOW, until).await.unwrap(), None);
    });

    assert!(store.reencrypt(&"github".into(), &"1".into()).await.unwrap());

    let until = NOW.after(Duration::from_secs(1));
    assert!(set.memory.acquire_lease(&lease_of("1"), NOW, until).await.unwrap().is_some());
}

/// Somebody refreshed them between the first look and the lease.
#[tokio::test]
async fn tokens_that_were_refreshed_meanwhile_are_those_that_are_encrypted() {
    let set = support::tokens().await;
    set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
    let newer = AccountTokens { refresh_token: Some("newer".into()), ..all_tokens() };
    let (memory, changes) = (set.memory.clone(), set_tokens(newer.clone()));
    set.faulty.meanwhile("acquire_lease", || async move {
        memory.update_account(&"github".into(), &"1".into(), &changes).await.unwrap().unwrap();
    });

    assert!(set.store.reencrypt(&"github".into(), &"1".into()).await.unwrap());

    let account = set.store.account(&"github".into(), &"1".into()).await.unwrap().unwrap();
    assert_eq!(account.tokens, newer);
    assert!(is_under("a", &stored(&set.memory, "1").await.tokens));
}

#[tokio::test]
async fn nothing_is_written_once_the_lease_has_expired() {
    let set = support::tokens().await;
    let clock = TestClock::at(NOW);
    let store = set.store.clone().with_clock(Arc::new(clock.clone()));
    set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
    set.faulty.take_calls();
    // Not the first look, which comes before the lease.
    let faulty = set.faulty.clone();
    set.faulty.meanwhile("acquire_lease", move || async move {
        faulty.meanwhile("account", move || async move { clock.advance(Duration::from_mins(1)) });
    });

    let changed = store.reencrypt(&"github".into(), &"1".into()).await;

    assert!(matches!(changed, Err(AdapterError::Unavailable(_))), "{changed:?}");
    assert_eq!(stored(&set.memory, "1").await.tokens, all_tokens());
    let gone = Lease { name: lease_of("1").into(), expires: NOW.after(Duration::from_mins(1)) };
    assert!(!set.memory.release_lease(&gone).await.unwrap());
}

#[tokio::test]
async fn a_store_without_a_place_for_leases_is_migrated_too() {
    let profile = Profile::authjs().without_table(Table::VerificationTokens);
    let (_, adapter, _folder) = support::sqlite_with(profile, Made::Fresh).await;
    let inner = Arc::new(adapter);
    let user = inner.create_user(&NewUser::default(), Some(&account("1"))).await.unwrap();
    let store = EncryptedTokens::new(inner.clone(), ring(&[("a", 1)]));

    assert_eq!(store.migrate_user(&user.id).await.unwrap(), 1);

    let stored = inner.account(&"github".into(), &"1".into()).await.unwrap().unwrap();
    assert!(is_under("a", &stored.tokens));
    assert_eq!(store.accounts_of_user(&user.id).await.unwrap()[0].tokens, all_tokens());
}
