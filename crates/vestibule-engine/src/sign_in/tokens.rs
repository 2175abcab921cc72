//! The tokens that a provider gives to somebody who has signed in by it before.

use vestibule_core::{AccountChanges, AccountTokens, AdapterError, Change, NewAccount};

use crate::route::Context;

/// Keeps the tokens with the account, unless those that are there can do more. Nobody is kept from signing in by it.
pub(super) async fn keep(account: &NewAccount, context: &Context<'_>) {
    if let Err(error) = keep_better(account, context).await {
        tracing::warn!(%error, provider = account.provider.as_str(), "the tokens of an account were not kept");
    }
}

async fn keep_better(account: &NewAccount, context: &Context<'_>) -> Result<(), AdapterError> {
    let NewAccount { provider, provider_account_id, tokens, .. } = account;
    let adapter = &context.parts.adapter;
    let known = adapter.account(provider, provider_account_id).await?;
    if known.is_some_and(|known| replaces(&known.tokens, tokens)) {
        let changes = AccountChanges { tokens: Change::Set(tokens.clone()), ..AccountChanges::default() };
        adapter.update_account(provider, provider_account_id, &changes).await?;
    }
    Ok(())
}

/// Whether nothing is lost by the new tokens. That the old refresh token stays where there is no new one also keeps out
/// of the way of a refreshing, which may be storing another at this very moment.
fn replaces(old: &AccountTokens, new: &AccountTokens) -> bool {
    let refreshes = new.refresh_token.is_some() || old.refresh_token.is_none();
    let covers = match (&old.scope, &new.scope) {
        (Some(old), Some(new)) => {
            old.split_whitespace().all(|word| new.split_whitespace().any(|other| other == word))
        }
        _ => true,
    };
    new.access_token.is_some() && refreshes && covers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(access: Option<&str>, refresh: Option<&str>, scope: Option<&str>) -> AccountTokens {
        AccountTokens {
            access_token: access.map(Into::into),
            refresh_token: refresh.map(Into::into),
            scope: scope.map(Into::into),
            ..AccountTokens::default()
        }
    }

    #[test]
    fn tokens_that_can_do_less_replace_nothing() {
        let old = tokens(Some("a"), Some("r"), Some("openid email"));

        assert!(replaces(&old, &tokens(Some("b"), Some("s"), Some("email openid more"))));
        assert!(replaces(&old, &tokens(Some("b"), Some("s"), None)));
        assert!(!replaces(&old, &tokens(Some("b"), Some("s"), Some("openid"))));
        assert!(!replaces(&old, &tokens(Some("b"), None, Some("openid email"))));
        assert!(!replaces(&old, &tokens(None, Some("s"), None)));
        assert!(replaces(&tokens(None, None, None), &tokens(Some("b"), None, Some("openid"))));
    }
}
