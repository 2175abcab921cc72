//! What a decorator does not change, it passes on.

/// `pass_on!(Decorator: Role, …)` implements whole roles by the adapter in the field `inner`.
macro_rules! pass_on {
    ($who:ident: $($role:ident),+) => {
        $(pass_on! { @ $role $who })+
    };

    (@ Users $who:ident) => {
        pass_on! { @role Users $who
            create_user(user: &vestibule_core::NewUser, account: Option<&vestibule_core::NewAccount>)
                -> vestibule_core::User;
            user(id: &vestibule_core::UserId) -> Option<vestibule_core::User>;
            user_by_email(email: &str) -> Option<vestibule_core::User>;
            user_by_account(
                provider: &vestibule_core::ProviderId,
                provider_account_id: &vestibule_core::ProviderAccountId
            ) -> Option<vestibule_core::User>;
            update_user(id: &vestibule_core::UserId, changes: &vestibule_core::UserChanges)
                -> Option<vestibule_core::User>;
            delete_user(id: &vestibule_core::UserId) -> Option<vestibule_core::User>;
        }
    };
    (@ Accounts $who:ident) => {
        pass_on! { @role Accounts $who
            link_account(user_id: &vestibule_core::UserId, account: &vestibule_core::NewAccount)
                -> vestibule_core::Account;
            unlink_account(
                provider: &vestibule_core::ProviderId,
                provider_account_id: &vestibule_core::ProviderAccountId
            ) -> Option<vestibule_core::Account>;
            account(
                provider: &vestibule_core::ProviderId,
                provider_account_id: &vestibule_core::ProviderAccountId
            ) -> Option<vestibule_core::Account>;
            accounts_of_user(user_id: &vestibule_core::UserId) -> Vec<vestibule_core::Account>;
            update_account(
                provider: &vestibule_core::ProviderId,
                provider_account_id: &vestibule_core::ProviderAccountId,
                changes: &vestibule_core::AccountChanges
            ) -> Option<vestibule_core::Account>;
        }
    };
    (@ Sessions $who:ident) => {
        pass_on! { @role Sessions $who
            create_session(session: &vestibule_core::NewSession) -> vestibule_core::Session;
            session_and_user(token: &vestibule_core::SecretToken)
                -> Option<(vestibule_core::Session, vestibule_core::User)>;
            touch_session(
                token: &vestibule_core::SecretToken,
                now: vestibule_core::Timestamp,
                policy: &vestibule_core::TouchPolicy
            ) -> Option<vestibule_core::Touched>;
            update_session(
                token: &vestibule_core::SecretToken,
                changes: &vestibule_core::SessionChanges
            ) -> Option<vestibule_core::Session>;
            delete_session(token: &vestibule_core::SecretToken) -> Option<vestibule_core::Session>;
            sessions_of_user(user_id: &vestibule_core::UserId) -> Vec<vestibule_core::Session>;
            delete_sessions_of_user(
                user_id: &vestibule_core::UserId,
                keep: Option<&vestibule_core::SecretToken>
            ) -> u64;
            delete_expired_sessions(now: vestibule_core::Timestamp, limit: u32) -> u64;
        }
    };
    (@ VerificationTokens $who:ident) => {
        pass_on! { @role VerificationTokens $who
            create_verification_token(token: &vestibule_core::VerificationToken) -> ();
            consume_verification_token(identifier: &str, token: &vestibule_core::TokenHash)
                -> Option<vestibule_core::VerificationToken>;
            delete_expired_tokens(now: vestibule_core::Timestamp, limit: u32) -> u64;
            acquire_lease(name: &str, now: vestibule_core::Timestamp, until: vestibule_core::Timestamp)
                -> Option<vestibule_core::Lease>;
            release_lease(lease: &vestibule_core::Lease) -> bool;
        }
    };
    (@ Authenticators $who:ident) => {
        pass_on! { @role Authenticators $who
            create_authenticator(authenticator: &vestibule_core::Authenticator) -> ();
            authenticator(id: &vestibule_core::CredentialId) -> Option<vestibule_core::Authenticator>;
            authenticators_of_user(user_id: &vestibule_core::UserId) -> Vec<vestibule_core::Authenticator>;
            advance_counter(id: &vestibule_core::CredentialId, from: u32, to: u32) -> bool;
            delete_authenticator(id: &vestibule_core::CredentialId)
                -> Option<vestibule_core::Authenticator>;
        }
    };
    (@role $role:ident $who:ident $($operation:ident($($name:ident: $type:ty),*) -> $output:ty;)*) => {
        #[async_trait::async_trait]
        impl vestibule_core::$role for $who {
            $(async fn $operation(
                &self,
                $($name: $type),*
            ) -> Result<$output, vestibule_core::AdapterError> {
                self.inner.$operation($($name),*).await
            })*
        }
    };
}

pub(crate) use pass_on;
