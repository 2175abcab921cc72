//! Refreshing the tokens of one account, alone among all processes.

use std::time::Duration;

use sha2::{Digest, Sha256};
use vestibule_core::{
    Account, AccountChanges, AccountTokens, AdapterError, Change, Lease, ProviderAccountId, ProviderId,
    SecretToken, Timestamp, UserId,
};
use vestibule_oauth::{OAuthError, OAuthFailure};

use crate::Engine;
use crate::access_token::due::{WORTH, is_good, is_new, merged};
use crate::access_token::flight::{Answer, Flight, Key, Refreshing, Unstored};
use crate::access_token::{AccessToken, AccessTokenError};

/// How long a refreshing may take, and how long a process that has died holds up the others.
const HOLD: Duration = Duration::from_mins(1);
/// How much of that must be left when the provider is asked: its discovery document, its token endpoint and its keys may
/// take ten seconds each.
const ENOUGH: Duration = Duration::from_secs(35);
/// How long somebody waits: until a lease that nobody gives back has expired, and a little more.
const PATIENCE: Duration = Duration::from_secs(65);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often new tokens are given to a store that is unavailable.
const STORINGS: u32 = 6;
/// How often the provider is asked: once more if an application that knows no leases was faster.
const ASKINGS: u32 = 2;

/// One refreshing of one account.
struct Refresh {
    engine: Engine,
    key: Key,
    user_id: UserId,
    /// The access token that is not good any more.
    old: Option<SecretToken>,
}

/// Begins to refresh the tokens of an account.
pub(super) fn begin(engine: &Engine, account: &Account, key: Key) -> Flight {
    let refresh = Refresh {
        engine: engine.clone(),
        key,
        user_id: account.user_id.clone(),
        old: account.tokens.access_token.clone(),
    };
    Box::pin(async move { refresh.run().await })
}

impl Refresh {
    async fn run(&self) -> Answer {
        let end = self.now().after(PATIENCE);
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lease) = self.lease().await? {
                let answer = self.alone(&lease).await;
                if self.known().unstored(&self.key).is_none() {
                    self.release(&lease).await;
                }
                return answer;
            }
            let account = self.account().await?;
            if let Some(token) = self.taken(&account) {
                return Ok(token);
            }
            if is_good(&account.tokens, WORTH, self.now()) {
                return AccessToken::of(&account).ok_or(AccessTokenError::Busy);
            }
            let Some(runtime) = self.engine.parts().runtime.as_deref().filter(|_| self.now() < end) else {
                return Err(AccessTokenError::Busy);
            };
            runtime.pause(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Refreshes while nobody else does.
    async fn alone(&self, lease: &Lease) -> Answer {
        let provider = self.engine.oauth_provider(&self.key.provider)?;
        let relying_party = self.engine.relying_party().ok_or(AccessTokenError::UnknownProvider)?;
        let mut account = self.account().await?;
        if let Some(Unstored { spent, tokens, .. }) = self.known().unstored(&self.key) {
            if spent == account.tokens.refresh_token {
                account = self.store(&account, tokens, lease).await?;
            } else {
                self.known().forget_unstored(&self.key);
            }
        }
        for _ in 0..ASKINGS {
            if let Some(token) = self.taken(&account) {
                return Ok(token);
            }
            let refresh_token = match &account.tokens.refresh_token {
                Some(token) if !self.known().is_spent(&self.key, token) => token,
                _ => return Err(AccessTokenError::SignInAgain),
            };
            if self.now().after(ENOUGH) > lease.expires {
                return Err(AccessTokenError::Busy);
            }
            let Key { provider_account_id, .. } = &self.key;
            match relying_party.refresh(&provider.provider, refresh_token, provider_account_id).await {
                Ok(tokens) => {
                    let tokens = merged(&account.tokens, tokens);
                    self.known().learn(&self.key.provider, &tokens, self.now());
                    let stored = self.store(&account, tokens, lease).await?;
                    return AccessToken::of(&stored).ok_or(AccessTokenError::SignInAgain);
                }
                Err(OAuthError::TokenRefused { error, .. }) if &*error == "invalid_grant" => {
                    let meanwhile = self.account().await?;
                    if meanwhile.tokens.refresh_token.as_ref() == Some(refresh_token) {
                        self.known().spend(&self.key, refresh_token);
                        tracing::debug!(provider = self.key.provider.as_str(), "a refresh token is spent");
                        return Err(AccessTokenError::SignInAgain);
                    }
                    account = meanwhile;
                }
                Err(error) if error.kind() == OAuthFailure::Unreachable => {
                    return Err(AccessTokenError::Unreachable(error));
                }
                Err(error) => {
                    // While the old token is still good, the caller is not told.
                    if matches!(error, OAuthError::RefreshedSubjectMismatch) {
                        let provider = self.key.provider.as_str();
                        tracing::warn!(%error, provider, "new tokens were refused");
                    }
                    return Err(AccessTokenError::Refused(error));
                }
            }
        }
        Err(AccessTokenError::Busy)
    }

    /// Stores new tokens, again and again while the store is unavailable: the old refresh token is good no more. What
    /// cannot be stored is kept for the next call.
    async fn store(
        &self,
        account: &Account,
        tokens: AccountTokens,
        lease: &Lease,
    ) -> Result<Account, AccessTokenError> {
        let parts = self.engine.parts();
        let Key { provider, provider_account_id } = &self.key;
        let changes = AccountChanges { tokens: Change::Set(tokens.clone()), ..AccountChanges::default() };
        let unstored = Unstored { spent: account.tokens.refresh_token.clone(), tokens, lease: lease.clone() };
        self.known().keep(&self.key, unstored);
        let mut pause = FIRST_PAUSE;
        for storing in 1.. {
            match (
                parts.adapter.update_account(provider, provider_account_id, &changes).await,
                &parts.runtime,
            ) {
                (Err(AdapterError::Unavailable(_)), Some(runtime)) if storing < STORINGS => {
                    runtime.pause(pause).await;
                    pause *= 2;
                }
                (Err(error), _) => return Err(error.into()),
                (Ok(stored), _) => {
                    self.known().forget_unstored(&self.key);
                    return stored.filter(|it| it.user_id == self.user_id).ok_or(AccessTokenError::NotLinked);
                }
            }
        }
        Err(AccessTokenError::Busy)
    }

    /// The token that somebody else has got meanwhile.
    fn taken(&self, account: &Account) -> Option<AccessToken> {
        is_new(&account.tokens, self.old.as_ref(), self.now()).then(|| AccessToken::of(account)).flatten()
    }

    async fn account(&self) -> Result<Account, AccessTokenError> {
        let Key { provider, provider_account_id } = &self.key;
        self.engine.own_account(&self.user_id, provider, provider_account_id).await
    }

    /// The right to refresh; `None` if somebody else has it.
    async fn lease(&self) -> Result<Option<Lease>, AccessTokenError> {
        let now = self.now();
        if let Some(held) = self.known().held_lease(&self.key, now) {
            return Ok(Some(held));
        }
        let adapter = &self.engine.parts().adapter;
        let name = refresh_lease(&self.key.provider, &self.key.provider_account_id);
        Ok(adapter.acquire_lease(&name, now, now.after(HOLD)).await?)
    }

    async fn release(&self, lease: &Lease) {
        if let Err(error) = self.engine.parts().adapter.release_lease(lease).await {
            tracing::warn!(%error, "a lease was not given back; it ends by itself");
        }
    }

    fn known(&self) -> &Refreshing {
        self.engine.refreshing()
    }

    fn now(&self) -> Timestamp {
        self.engine.parts().clock.now()
    }
}

/// Names the lease that is held while the tokens of an account are refreshed.
///
/// Whoever else writes tokens that it has read before holds it too, or overwrites what a refreshing has got
/// meanwhile. The name is of one length whatever the ids are, and without them.
pub fn refresh_lease(provider: &ProviderId, provider_account_id: &ProviderAccountId) -> String {
    let mut sha = Sha256::new();
    sha.update(provider.as_str());
    sha.update([0]);
    sha.update(provider_account_id.as_str());
    format!("vestibule:refresh:{}", hex::encode(sha.finalize()))
}
