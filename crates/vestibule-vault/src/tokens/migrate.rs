//! From plain to encrypted, and from an old key to the one that encrypts.

use std::time::Duration;

use sha2::{Digest, Sha256};
use vestibule_core::{
    Account, AccountChanges, AdapterError, Change, Extra, Lease, ProviderAccountId, ProviderId, UserId,
};

use super::EncryptedTokens;

/// How long nobody refreshes the tokens that are being encrypted, if this process dies.
const HOLD: Duration = Duration::from_mins(1);

impl EncryptedTokens {
    /// Encrypts the tokens of an account with the key that encrypts, unless they are, and tells whether it did.
    ///
    /// An account that is not linked, or without tokens, is left as it is. Done twice, the second time changes
    /// nothing. Of several at once one does it, and none while the engine refreshes the tokens: it holds the lease
    /// that [the engine holds](https://docs.rs/vestibule-engine) then. Somebody who writes tokens without it, between
    /// the reading and the writing here, writes in vain. A store that has no place for leases is asked for none.
    /// Five round trips, one if there is nothing to do.
    ///
    /// # Errors
    ///
    /// Those of the store; [`AdapterError::Unavailable`] too if somebody else holds the lease, and trying again
    /// helps; [`AdapterError::CorruptRow`] if a token does not decrypt, or is plain where that is
    /// [refused](crate::PlainTokens::Refused). Nothing was changed then.
    pub async fn reencrypt(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<bool, AdapterError> {
        match self.inner.account(provider, provider_account_id).await? {
            Some(account) => self.reencrypt_seen(account).await,
            None => Ok(false),
        }
    }

    /// Does the same for all accounts of a user, and says how many were changed.
    ///
    /// Done twice, the second time changes none, so that a run over all users that was broken off can begin anew.
    /// An account that cannot be changed keeps no other from it. One round trip, and four for each account that
    /// is changed.
    ///
    /// # Errors
    ///
    /// Those of [`reencrypt`](Self::reencrypt) for the first that could not be changed, once all have been
    /// tried.
    pub async fn migrate_user(&self, user_id: &UserId) -> Result<u64, AdapterError> {
        let (mut changed, mut failure) = (0, None);
        for account in self.inner.accounts_of_user(user_id).await? {
            match self.reencrypt_seen(account).await {
                Ok(is_changed) => changed += u64::from(is_changed),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(changed), Err)
    }

    async fn reencrypt_seen(&self, seen: Account) -> Result<bool, AdapterError> {
        let (account, is_current) = self.open(seen)?;
        if is_current {
            return Ok(false);
        }
        let Account { provider, provider_account_id, .. } = &account;
        let now = self.clock.now();
        let name = lease_name(provider, provider_account_id);
        match self.inner.acquire_lease(&name, now, now.after(HOLD)).await {
            Ok(Some(lease)) => {
                let changed = self.reencrypt_alone(provider, provider_account_id, Some(&lease)).await;
                let released = self.inner.release_lease(&lease).await;
                let changed = changed?;
                released?;
                Ok(changed)
            }
            Ok(None) => {
                Err(AdapterError::Unavailable("the tokens of the account are being refreshed".into()))
            }
            Err(AdapterError::Refused { .. }) => {
                self.reencrypt_alone(provider, provider_account_id, None).await
            }
            Err(error) => Err(error),
        }
    }

    async fn reencrypt_alone(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        lease: Option<&Lease>,
    ) -> Result<bool, AdapterError> {
        let Some(stored) = self.inner.account(provider, provider_account_id).await? else {
            return Ok(false);
        };
        let (account, is_current) = self.open(stored)?;
        if is_current {
            return Ok(false);
        }
        if lease.is_some_and(|lease| lease.expires <= self.clock.now()) {
            return Err(AdapterError::Unavailable("the store took longer than the lease".into()));
        }
        let sealed = self.seal("update_account", provider, provider_account_id, &account.tokens)?;
        let changes = AccountChanges { tokens: Change::Set(sealed), extra: Extra::new() };
        Ok(self.inner.update_account(provider, provider_account_id, &changes).await?.is_some())
    }
}

/// The name that the engine's `refresh_lease` gives; a test compares them.
fn lease_name(provider: &ProviderId, provider_account_id: &ProviderAccountId) -> String {
    let mut sha = Sha256::new();
    sha.update(provider.as_str());
    sha.update([0]);
    sha.update(provider_account_id.as_str());
    format!("vestibule:refresh:{}", hex::encode(sha.finalize()))
}
