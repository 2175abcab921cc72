//! From plain to encrypted, and from an old key to the one that encrypts.

use vestibule_core::{
    Account, AccountChanges, AdapterError, Change, Extra, ProviderAccountId, ProviderId, UserId,
};

use super::EncryptedTokens;

impl EncryptedTokens {
    /// Encrypts the tokens of an account with the key that encrypts, unless they are, and tells whether it did.
    ///
    /// An account that is not linked, or without tokens, is left as it is. Done twice, the second time changes
    /// nothing. Two round trips, one if there is nothing to do, and **not one step**: tokens that somebody else
    /// writes between the two are overwritten by those before. Where tokens are refreshed at the same time, hold
    /// the lease that whoever refreshes them holds.
    ///
    /// # Errors
    ///
    /// Those of the store; [`AdapterError::CorruptRow`] if a token does not decrypt, or is plain where that
    /// is [refused](crate::PlainTokens::Refused). Nothing was changed then.
    pub async fn reencrypt(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<bool, AdapterError> {
        match self.inner.account(provider, provider_account_id).await? {
            Some(account) => self.reencrypt_stored(account).await,
            None => Ok(false),
        }
    }

    /// Does the same for all accounts of a user, and says how many were changed.
    ///
    /// Done twice, the second time changes none, so that a run over all users that was broken off can begin anew.
    /// An account whose tokens do not decrypt keeps no other from it. One round trip, and one for each account
    /// that is changed. What is said of [`reencrypt`](Self::reencrypt) about others who write at the same time
    /// holds here too.
    ///
    /// # Errors
    ///
    /// Those of the store, after which some accounts may have been changed; [`AdapterError::CorruptRow`] for the
    /// first that could not be, once the others are done.
    pub async fn migrate_user(&self, user_id: &UserId) -> Result<u64, AdapterError> {
        let (mut changed, mut corrupt) = (0, None);
        for account in self.inner.accounts_of_user(user_id).await? {
            match self.reencrypt_stored(account).await {
                Ok(is_changed) => changed += u64::from(is_changed),
                Err(error @ AdapterError::CorruptRow { .. }) => corrupt = corrupt.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        corrupt.map_or(Ok(changed), Err)
    }

    async fn reencrypt_stored(&self, stored: Account) -> Result<bool, AdapterError> {
        let (account, is_current) = self.open(stored)?;
        if is_current {
            return Ok(false);
        }
        let Account { provider, provider_account_id, tokens, .. } = &account;
        let tokens = Change::Set(self.seal("update_account", provider, provider_account_id, tokens)?);
        let changes = AccountChanges { tokens, extra: Extra::new() };
        Ok(self.inner.update_account(provider, provider_account_id, &changes).await?.is_some())
    }
}
