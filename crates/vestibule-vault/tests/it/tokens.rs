//! OAuth tokens: what stands in the store, and what does not decrypt.

use vestibule_core::{
    AccountChanges, AccountTokens, Accounts, Adapter, Change, Extra, FirstSession, NewUser, Timestamp, Users,
};
use vestibule_vault::EncryptedTokens;

use crate::support::{self, ACCESS, ID, REFRESH, account, all_tokens, corrupt, ring, secrets, stored};

fn set_tokens(tokens: AccountTokens) -> AccountChanges {
    AccountChanges { tokens: Change::Set(tokens), extra: Extra::new() }
}

#[tokio::test]
async fn whatever_writes_tokens_encrypts_three_of_them_and_leaves_the_rest() {
    let set = support::tokens().await;
    let created = account("1");
    set.store.create_user(&NewUser::with_email("bob@example.com"), Some(&created)).await.unwrap();
    set.store.link_account(&set.user.id, &account("2")).await.unwrap();
    let bare = vestibule_core::NewAccount { tokens: AccountTokens::default(), ..account("3") };
    set.store.link_account(&set.user.id, &bare).await.unwrap();
    set.store
        .update_account(&"github".into(), &"3".into(), &set_tokens(all_tokens()))
        .await
        .unwrap()
        .unwrap();

    for id in ["1", "2", "3"] {
        let tokens = stored(&set.memory, id).await.tokens;
        for sealed in secrets(&tokens) {
            assert!(sealed.unwrap().starts_with("vst1.a."));
        }
        let rest = AccountTokens { access_token: None, refresh_token: None, id_token: None, ..tokens };
        let expected =
            AccountTokens { access_token: None, refresh_token: None, id_token: None, ..all_tokens() };
        assert_eq!(rest, expected);
    }
}

#[tokio::test]
async fn whatever_reads_an_account_decrypts() {
    let set = support::tokens().await;
    let (provider, id) = ("github".into(), "1".into());

    let linked = set.store.link_account(&set.user.id, &account("1")).await.unwrap();

    assert_eq!(linked.tokens, all_tokens());
    assert_eq!(set.store.account(&provider, &id).await.unwrap(), Some(linked.clone()));
    assert_eq!(set.store.accounts_of_user(&set.user.id).await.unwrap(), std::slice::from_ref(&linked));
    let nothing = AccountChanges::default();
    assert_eq!(set.store.update_account(&provider, &id, &nothing).await.unwrap(), Some(linked.clone()));
    let again = set_tokens(all_tokens());
    assert_eq!(set.store.update_account(&provider, &id, &again).await.unwrap(), Some(linked.clone()));
    assert_eq!(set.store.unlink_account(&provider, &id).await.unwrap(), Some(linked));
}

#[tokio::test]
async fn every_operation_is_one_round_trip() {
    let set = support::tokens().await;
    let (provider, id) = ("github".into(), "1".into());

    set.store.link_account(&set.user.id, &account("1")).await.unwrap();
    set.store.account(&provider, &id).await.unwrap();
    set.store.accounts_of_user(&set.user.id).await.unwrap();
    set.store.update_account(&provider, &id, &set_tokens(all_tokens())).await.unwrap();
    set.store.unlink_account(&provider, &id).await.unwrap();
    set.store.create_user(&NewUser::default(), Some(&account("1"))).await.unwrap();
    let session = FirstSession::new("token", Timestamp::from_secs(1));
    set.store.sign_up(&NewUser::default(), Some(&account("2")), &session).await.unwrap();

    let expected = [
        "link_account",
        "account",
        "accounts_of_user",
        "update_account",
        "unlink_account",
        "create_user",
        "sign_up",
    ];
    assert_eq!(set.faulty.take_calls(), expected);
}

#[tokio::test]
async fn what_is_not_there_stays_so_and_what_is_empty_is_encrypted() {
    let set = support::tokens().await;
    let mut new = account("1");
    new.tokens.access_token = Some("".into());
    new.tokens.refresh_token = None;

    let linked = set.store.link_account(&set.user.id, &new).await.unwrap();

    assert_eq!(linked.tokens, new.tokens);
    let tokens = stored(&set.memory, "1").await.tokens;
    assert!(tokens.access_token.unwrap().expose().starts_with("vst1."));
    assert_eq!(tokens.refresh_token, None);
}

/// A provider may say what it likes.
#[tokio::test]
async fn a_token_that_looks_encrypted_is_encrypted() {
    let set = support::tokens().await;
    set.store.link_account(&set.user.id, &account("1")).await.unwrap();
    let sealed = stored(&set.memory, "1").await.tokens.access_token;
    let mut new = account("2");
    new.tokens.access_token.clone_from(&sealed);

    let linked = set.store.link_account(&set.user.id, &new).await.unwrap();

    assert_eq!(linked.tokens.access_token, sealed);
    assert_ne!(stored(&set.memory, "2").await.tokens.access_token, sealed);
}

#[tokio::test]
async fn tokens_of_one_row_do_not_decrypt_in_another() {
    let set = support::tokens().await;
    set.store.link_account(&set.user.id, &account("1")).await.unwrap();
    set.store.link_account(&set.user.id, &account("2")).await.unwrap();
    let others = stored(&set.memory, "2").await.tokens;

    for (column, moved) in [
        ("access_token", AccountTokens { access_token: others.access_token, ..AccountTokens::default() }),
        ("refresh_token", AccountTokens { refresh_token: others.refresh_token, ..AccountTokens::default() }),
        ("id_token", AccountTokens { id_token: others.id_token, ..AccountTokens::default() }),
    ] {
        set.memory.update_account(&"github".into(), &"1".into(), &set_tokens(moved)).await.unwrap();

        let (cell, _) = corrupt(set.store.account(&"github".into(), &"1".into()).await);

        assert_eq!(cell, format!("accounts.{column}"));
        assert_eq!(corrupt(set.store.accounts_of_user(&set.user.id).await).0, cell);
    }
    assert!(set.store.account(&"github".into(), &"2".into()).await.is_ok());
}

#[tokio::test]
async fn a_token_of_one_column_does_not_decrypt_in_another() {
    let set = support::tokens().await;
    set.store.link_account(&set.user.id, &account("1")).await.unwrap();
    let mut tokens = stored(&set.memory, "1").await.tokens;
    tokens.access_token = tokens.refresh_token.clone();
    set.memory.update_account(&"github".into(), &"1".into(), &set_tokens(tokens)).await.unwrap();

    let (cell, message) = corrupt(set.store.account(&"github".into(), &"1".into()).await);

    assert_eq!(cell, "accounts.access_token");
    assert!(message.contains("does not decrypt"), "{message}");
}

#[tokio::test]
async fn another_key_does_not_decrypt() {
    let set = support::tokens().await;
    set.store.link_account(&set.user.id, &account("1")).await.unwrap();
    let (provider, id) = ("github".into(), "1".into());

    for (keys, expected) in [(("a", 2), "does not decrypt"), (("b", 1), "a key that is not in the ring")] {
        let other = EncryptedTokens::new(std::sync::Arc::new(set.memory.clone()), ring(&[keys]));

        let (_, message) = corrupt(other.account(&provider, &id).await);

        assert!(message.contains(expected), "{message}");
        assert_eq!(
            corrupt(other.update_account(&provider, &id, &AccountChanges::default()).await).1,
            message
        );
    }
}

/// What the documentation says of operations that write and read in one step.
#[tokio::test]
async fn an_account_whose_tokens_do_not_decrypt_can_be_mended_and_unlinked() {
    let set = support::tokens().await;
    let (provider, id) = ("github".into(), "1".into());
    let broken = || AccountTokens { id_token: Some("vst1.a.AAAA".into()), ..AccountTokens::default() };
    set.store.link_account(&set.user.id, &account("1")).await.unwrap();

    set.memory.update_account(&provider, &id, &set_tokens(broken())).await.unwrap();
    let mended = set.store.update_account(&provider, &id, &set_tokens(all_tokens())).await.unwrap();
    assert_eq!(mended.unwrap().tokens, all_tokens());

    set.memory.update_account(&provider, &id, &set_tokens(broken())).await.unwrap();
    assert_eq!(corrupt(set.store.unlink_account(&provider, &id).await).0, "accounts.id_token");
    assert_eq!(set.store.account(&provider, &id).await.unwrap(), None);
}

#[tokio::test]
async fn nothing_prints_a_key_or_a_token() {
    let set = support::tokens().await;
    let linked = set.store.link_account(&set.user.id, &account("1")).await.unwrap();

    let printed = format!("{:?} {linked:?}", set.store);

    for secret in [ACCESS, REFRESH, ID, "vst1."] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains(r#"KeyRing["a"]"#), "{printed}");
}
