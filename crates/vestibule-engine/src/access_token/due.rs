//! When an access token is still good, and what stays of the old tokens when new ones come.

use std::time::Duration;

use vestibule_core::{AccountTokens, SecretToken, Timestamp};

/// How long a token that is about to expire must still be good to be given while somebody else refreshes it.
pub(super) const WORTH: Duration = Duration::from_secs(10);

/// Whether there is a token that is good for `margin` and longer. One of which nobody knows when it expires is.
pub(super) fn is_good(tokens: &AccountTokens, margin: Duration, now: Timestamp) -> bool {
    tokens.access_token.is_some() && tokens.expires_at.is_none_or(|expires| now.after(margin) < expires)
}

/// Whether there is another token than `old`, and it is good now: one whose whole life is shorter than the margin is
/// taken when it is new.
pub(super) fn is_new(tokens: &AccountTokens, old: Option<&SecretToken>, now: Timestamp) -> bool {
    tokens.access_token.as_ref() != old && is_good(tokens, Duration::ZERO, now)
}

/// The tokens after a refreshing: what the provider does not send again stays (RFC 6749 §6, OIDC Core §12.2), save for
/// the access token and its expiry.
pub(super) fn merged(old: &AccountTokens, new: AccountTokens) -> AccountTokens {
    AccountTokens {
        access_token: new.access_token,
        expires_at: new.expires_at,
        refresh_token: new.refresh_token.or_else(|| old.refresh_token.clone()),
        id_token: new.id_token.or_else(|| old.id_token.clone()),
        token_type: new.token_type.or_else(|| old.token_type.clone()),
        scope: new.scope.or_else(|| old.scope.clone()),
        session_state: new.session_state.or_else(|| old.session_state.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: Duration = Duration::from_mins(1);

    fn tokens(access: Option<&str>, expires: Option<i64>) -> AccountTokens {
        AccountTokens {
            access_token: access.map(SecretToken::from),
            expires_at: expires.map(Timestamp::from_secs),
            ..AccountTokens::default()
        }
    }

    #[test]
    fn a_token_is_good_until_the_margin_before_it_expires() {
        let now = Timestamp::from_secs(1000);

        assert!(is_good(&tokens(Some("a"), Some(1061)), MARGIN, now));
        assert!(!is_good(&tokens(Some("a"), Some(1060)), MARGIN, now));
        assert!(is_good(&tokens(Some("a"), None), MARGIN, now));
        assert!(!is_good(&tokens(None, None), MARGIN, now));
        assert!(!is_good(&tokens(None, Some(9999)), MARGIN, now));
    }

    #[test]
    fn a_new_token_is_another_one_that_has_not_expired() {
        let (now, old) = (Timestamp::from_secs(1000), SecretToken::from("old"));

        assert!(is_new(&tokens(Some("new"), Some(1001)), Some(&old), now));
        assert!(is_new(&tokens(Some("new"), None), None, now));
        assert!(!is_new(&tokens(Some("new"), Some(1000)), Some(&old), now));
        assert!(!is_new(&tokens(Some("old"), Some(9999)), Some(&old), now));
        assert!(!is_new(&tokens(None, None), Some(&old), now));
    }

    #[test]
    fn what_is_not_sent_again_stays_but_for_the_access_token_and_its_expiry() {
        let text = |word: &str| Some(word.to_owned());
        let old = AccountTokens {
            access_token: Some("a".into()),
            refresh_token: Some("r".into()),
            id_token: Some("i".into()),
            expires_at: Some(Timestamp::from_secs(1)),
            token_type: text("bearer"),
            scope: text("openid"),
            session_state: text("s"),
        };
        let bare = AccountTokens { access_token: Some("b".into()), ..AccountTokens::default() };
        let rotated = AccountTokens { refresh_token: Some("q".into()), ..bare.clone() };

        let kept = merged(&old, bare.clone());
        assert_eq!(kept, AccountTokens { access_token: bare.access_token, expires_at: None, ..old.clone() });
        assert_eq!(merged(&old, rotated).refresh_token, Some("q".into()));
    }
}
