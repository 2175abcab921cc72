//! Cases on accounts.

use std::sync::Arc;

use vestibule_core::{
    Account, AccountChanges, AccountTokens, AccountType, Adapter, Change, Entity, NewAccount, Timestamp,
};

use crate::Feature;
use crate::values::{
    END_OF_9999, account, conflict, create_user, far, has, owner_absent, stored_account, unknown_id,
    whole_account, whole_tokens,
};

/// A linked account is returned as it is stored, and found by its key and by its user.
pub async fn a_linked_account_is_returned_whole(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = whole_account();

    let linked = store.link_account(&user.id, &new).await.unwrap();

    let expected = stored_account(&new, &user, &linked);
    assert_eq!(linked, expected);
    assert_eq!(store.account(&new.provider, &new.provider_account_id).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.accounts_of_user(&user.id).await.unwrap(), [expected]);
}

/// An account without tokens has none, not empty ones.
pub async fn an_account_without_tokens_has_none(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let new = account("github", "1");

    let linked = store.link_account(&user.id, &new).await.unwrap();

    assert_eq!(linked.tokens, AccountTokens::default());
    assert_eq!(store.account(&"github".into(), &"1".into()).await.unwrap(), Some(linked));
}

/// Every type of account comes back, those that the contract does not know too.
pub async fn every_account_type_is_kept(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    for account_type in [
        AccountType::OAuth,
        AccountType::Oidc,
        AccountType::Email,
        AccountType::WebAuthn,
        AccountType::Credentials,
        AccountType::Other("saml".into()),
    ] {
        let id = account_type.as_str();
        let new = NewAccount::new(account_type.clone(), "provider", id);

        store.link_account(&user.id, &new).await.unwrap();

        let found = store.account(&"provider".into(), &id.into()).await.unwrap().unwrap();
        assert_eq!(found.account_type, account_type);
    }
}

/// `expires_at` is kept to the second, however far it is.
pub async fn expires_at_is_kept_in_whole_seconds(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let early = Some(Timestamp::from_millis(0)).filter(|_| has(Feature::EarlyTimes));
    let near = [Timestamp::from_millis(1_999), Timestamp::from_secs(1_700_000_000)];
    let distant = [Timestamp::from_secs(i64::from(i32::MAX) + 1), far(), END_OF_9999];
    let distant = distant.into_iter().filter(|_| has(Feature::DistantTokenExpiry));
    for (id, at) in near.into_iter().chain(early).chain(distant).enumerate() {
        let mut new = account("github", &id.to_string());
        new.tokens.expires_at = Some(at);

        let linked = store.link_account(&user.id, &new).await.unwrap();

        assert_eq!(linked.tokens.expires_at, Some(Timestamp::from_secs(at.as_secs())));
        let found = store.account(&new.provider, &new.provider_account_id).await.unwrap();
        assert_eq!(found, Some(linked));
    }
}

/// An account is linked once, whoever tries again; the link stays as it is.
pub async fn an_account_is_linked_once(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let linked = store.link_account(&ada.id, &whole_account()).await.unwrap();
    let again = account("google", "117");

    assert_eq!(conflict(store.link_account(&ada.id, &again).await), Entity::Account);
    assert_eq!(conflict(store.link_account(&bob.id, &again).await), Entity::Account);
    assert_eq!(store.account(&"google".into(), &"117".into()).await.unwrap(), Some(linked));
    assert_eq!(store.accounts_of_user(&bob.id).await.unwrap(), []);
}

/// The key is the pair of provider and id there, compared to the letter.
pub async fn an_account_key_is_the_exact_pair(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let mut keys = vec![("github", "a"), ("google", "a"), ("git", "huba")];
    if has(Feature::CaseSensitiveKeys) {
        keys.extend([("github", "A"), ("GitHub", "a")]);
    }

    for (at, &(provider, id)) in keys.iter().enumerate() {
        let owner = if at % 2 == 0 { &ada } else { &bob };
        store.link_account(&owner.id, &account(provider, id)).await.unwrap();
    }

    for (at, (provider, id)) in keys.into_iter().enumerate() {
        let owner = if at % 2 == 0 { &ada } else { &bob };
        let found = store.account(&provider.into(), &id.into()).await.unwrap().unwrap();
        assert_eq!((found.provider.as_str(), found.provider_account_id.as_str()), (provider, id));
        assert_eq!(found.user_id, owner.id);
    }
    for (provider, id) in [("github", "a "), ("GITHUB", "a"), ("google", "A"), ("git", "hubA")] {
        assert_eq!(store.account(&provider.into(), &id.into()).await.unwrap(), None);
    }
}

/// An account needs a user.
pub async fn an_account_without_a_user_is_refused(store: &Arc<dyn Adapter>) {
    let nobody = unknown_id(&**store);

    let linked = store.link_account(&nobody, &whole_account()).await;

    assert_eq!(owner_absent(linked), Entity::Account);
    assert_eq!(store.account(&"google".into(), &"117".into()).await.unwrap(), None);
    assert_eq!(store.accounts_of_user(&nobody).await.unwrap(), []);
}

/// An unlinked account is returned as it was; it is gone, and can be linked to somebody else.
pub async fn an_account_is_unlinked_once(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let linked = store.link_account(&ada.id, &whole_account()).await.unwrap();
    let other = store.link_account(&ada.id, &account("google", "118")).await.unwrap();
    let (provider, id) = ("google".into(), "117".into());

    assert_eq!(store.unlink_account(&provider, &id).await.unwrap(), Some(linked));
    assert_eq!(store.unlink_account(&provider, &id).await.unwrap(), None);
    assert_eq!(store.account(&provider, &id).await.unwrap(), None);
    assert_eq!(store.accounts_of_user(&ada.id).await.unwrap(), [other]);
    assert_eq!(store.user(&ada.id).await.unwrap(), Some(ada));
    store.link_account(&bob.id, &whole_account()).await.unwrap();
}

/// An unknown account is none, and an unknown user has none.
pub async fn an_unknown_account_is_none(store: &Arc<dyn Adapter>) {
    let (provider, id) = ("google".into(), "117".into());
    let changes = AccountChanges {
        tokens: Change::Set(whole_tokens()),
        ..AccountChanges::default()
    };

    assert_eq!(store.account(&provider, &id).await.unwrap(), None);
    assert_eq!(store.unlink_account(&provider, &id).await.unwrap(), None);
    assert_eq!(store.update_account(&provider, &id, &changes).await.unwrap(), None);
    assert_eq!(store.update_account(&provider, &id, &AccountChanges::default()).await.unwrap(), None);
    assert_eq!(store.account(&provider, &id).await.unwrap(), None, "an update must not link");
    assert_eq!(store.accounts_of_user(&unknown_id(&**store)).await.unwrap(), []);
}

/// A user's accounts are listed by provider and id there, and nobody else's.
pub async fn accounts_are_listed_in_order(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    for (provider, id) in [("google", "2"), ("github", "9"), ("apple", "3"), ("github", "10"), ("google", "1")] {
        store.link_account(&ada.id, &account(provider, id)).await.unwrap();
    }
    store.link_account(&bob.id, &account("github", "11")).await.unwrap();

    let accounts = store.accounts_of_user(&ada.id).await.unwrap();

    let key = |account: &Account| format!("{} {}", account.provider, account.provider_account_id);
    let keys: Vec<String> = accounts.iter().map(key).collect();
    assert_eq!(keys, ["apple 3", "github 10", "github 9", "google 1", "google 2"]);
}

/// New tokens replace all the old ones, and nothing else.
pub async fn an_update_replaces_all_tokens(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let linked = store.link_account(&user.id, &whole_account()).await.unwrap();
    let other = store.link_account(&user.id, &account("google", "118")).await.unwrap();
    let tokens = AccountTokens {
        access_token: Some("newer".into()),
        expires_at: Some(Timestamp::from_secs(1_700_007_200)),
        ..AccountTokens::default()
    };
    let changes = AccountChanges {
        tokens: Change::Set(tokens.clone()),
        ..AccountChanges::default()
    };

    let updated = store.update_account(&"google".into(), &"117".into(), &changes).await.unwrap();

    let expected = Account { tokens, ..linked };
    assert_eq!(updated, Some(expected.clone()));
    assert_eq!(store.account(&"google".into(), &"117".into()).await.unwrap(), Some(expected));
    assert_eq!(store.account(&"google".into(), &"118".into()).await.unwrap(), Some(other));
}

/// With nothing set an update of an account is a look-up.
pub async fn an_empty_account_update_only_reads(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let linked = store.link_account(&user.id, &whole_account()).await.unwrap();

    let updated =
        store.update_account(&"google".into(), &"117".into(), &AccountChanges::default()).await.unwrap();

    assert_eq!(updated, Some(linked));
}
