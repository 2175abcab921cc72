//! Plain and encrypted rows in one table.

use vestibule_core::{AccountTokens, Accounts};
use vestibule_vault::PlainTokens;

use crate::support::{self, account, all_tokens, corrupt, stored};

#[tokio::test]
async fn plain_and_encrypted_tokens_are_read_alike() {
    let set = support::tokens().await;
    set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
    set.store.link_account(&set.user.id, &account("2")).await.unwrap();

    let accounts = set.store.accounts_of_user(&set.user.id).await.unwrap();

    assert_eq!(accounts.len(), 2);
    for account in accounts {
        assert_eq!(account.tokens, all_tokens());
    }
    assert_eq!(stored(&set.memory, "1").await.tokens, all_tokens());
}

#[tokio::test]
async fn plain_tokens_are_refused_where_the_switch_says_so() {
    let set = support::tokens().await;
    let plain = set.memory.link_account(&set.user.id, &account("1")).await.unwrap();
    let only_id = AccountTokens { access_token: None, refresh_token: None, ..all_tokens() };
    let mut other = account("2");
    other.tokens = only_id;
    set.memory.link_account(&set.user.id, &other).await.unwrap();
    let strict = set.store.clone().with_plain_tokens(PlainTokens::Refused);
    let (provider, id) = (&plain.provider, &plain.provider_account_id);

    let (cell, message) = corrupt(strict.account(provider, id).await);

    assert_eq!(cell, "accounts.access_token");
    assert!(message.ends_with("is not encrypted"), "{message}");
    assert_eq!(corrupt(strict.account(provider, &"2".into()).await).0, "accounts.id_token");
    corrupt(strict.accounts_of_user(&set.user.id).await);
    corrupt(strict.reencrypt(provider, id).await);
    corrupt(strict.migrate_user(&set.user.id).await);
    assert_eq!(stored(&set.memory, "1").await, plain);
    assert_eq!(strict.link_account(&set.user.id, &account("3")).await.unwrap().tokens, all_tokens());
}

/// The other columns are not secret, and no switch is about them.
#[tokio::test]
async fn an_account_without_secret_tokens_is_no_plain_one() {
    let set = support::tokens().await;
    let mut bare = account("1");
    bare.tokens = AccountTokens { access_token: None, refresh_token: None, id_token: None, ..all_tokens() };
    let linked = set.memory.link_account(&set.user.id, &bare).await.unwrap();
    let strict = set.store.clone().with_plain_tokens(PlainTokens::Refused);

    assert_eq!(strict.accounts_of_user(&set.user.id).await.unwrap(), [linked]);
    assert_eq!(strict.migrate_user(&set.user.id).await.unwrap(), 0);
}
