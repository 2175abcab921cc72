//! What is measured.

/// One operation, or a pair of them that leaves the tables as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// A session that is there, with its user.
    SessionAndUser,
    /// A session that is not there.
    SessionAndUserMiss,
    /// A user by id.
    User,
    /// A user by e-mail address.
    UserByEmail,
    /// A user by account.
    UserByAccount,
    /// A session that is used and not due for extension.
    TouchNotDue,
    /// A session that is used and extended.
    TouchDue,
    /// A new expiry.
    UpdateSession,
    /// A new name.
    UpdateUser,
    /// A session comes and goes.
    SessionCreateDelete,
    /// A verification token comes and is consumed.
    TokenCreateConsume,
    /// An account is linked and unlinked.
    AccountLinkUnlink,
    /// A user with an account comes and goes.
    UserCreateDelete,
}

impl Operation {
    pub(crate) const ALL: [Self; 13] = [
        Self::SessionAndUser,
        Self::SessionAndUserMiss,
        Self::User,
        Self::UserByEmail,
        Self::UserByAccount,
        Self::TouchNotDue,
        Self::TouchDue,
        Self::UpdateSession,
        Self::UpdateUser,
        Self::SessionCreateDelete,
        Self::TokenCreateConsume,
        Self::AccountLinkUnlink,
        Self::UserCreateDelete,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SessionAndUser => "session_and_user",
            Self::SessionAndUserMiss => "session_and_user (absent)",
            Self::User => "user",
            Self::UserByEmail => "user_by_email",
            Self::UserByAccount => "user_by_account",
            Self::TouchNotDue => "touch_session (not due)",
            Self::TouchDue => "touch_session (due)",
            Self::UpdateSession => "update_session",
            Self::UpdateUser => "update_user",
            Self::SessionCreateDelete => "create_session + delete_session",
            Self::TokenCreateConsume => "create + consume_verification_token",
            Self::AccountLinkUnlink => "link_account + unlink_account",
            Self::UserCreateDelete => "create_user with account + delete_user",
        }
    }

    /// Whether it may wait for a disk.
    pub(crate) fn is_slow(self) -> bool {
        !matches!(
            self,
            Self::SessionAndUser
                | Self::SessionAndUserMiss
                | Self::User
                | Self::UserByEmail
                | Self::UserByAccount
        )
    }
}
