//! The default schema of Better Auth.

use vestibule_core::IdKind;

use super::ColumnKind::{Id, ShortText, Text, Time, UserRef};
use super::{Column, ExtraColumn, Fill, IdMaker, Profile, Table, TableSpec, TextForm, TimeForm};
use crate::Dialect;
use crate::dialect::Family;

impl Profile {
    /// The default schema of Better Auth: `user`, `account`, `session`, `verification`, with ids of 32 letters and
    /// digits.
    ///
    /// An e-mail address is verified or not: what is read as the time of it is `createdAt`. Better Auth signs its
    /// cookies and gives `verification.value` other meanings, so rows are shared and sign-ins are not.
    pub fn better_auth(dialect: Dialect) -> Self {
        let users = vec![
            Column::required("id", Id),
            Column::nullable("name", ShortText).never_null(""),
            Column::required("email", ShortText),
            Column::required("emailVerified", Time(TimeForm::Flag { since: "createdAt".into() })),
            Column::nullable("image", Text),
        ];
        let accounts = TableSpec {
            constants: &[("type", "oauth")],
            ..TableSpec::new(
                "account",
                vec![
                    Column::required("id", Id),
                    Column::required("userId", UserRef),
                    Column::required("provider", ShortText).named("providerId"),
                    Column::required("providerAccountId", ShortText).named("accountId"),
                    Column::nullable("access_token", Text).named("accessToken"),
                    Column::nullable("refresh_token", Text).named("refreshToken"),
                    Column::nullable("id_token", Text).named("idToken"),
                    Column::optional_time("expires_at").named("accessTokenExpiresAt"),
                    Column::nullable("scope", Text),
                ],
            )
        };
        let sessions = vec![
            Column::required("id", Id),
            Column::required("userId", UserRef),
            Column::time("expires").named("expiresAt"),
            Column::required("sessionToken", ShortText).named("token"),
        ];
        let tokens = vec![
            Column::required("id", Id),
            Column::required("identifier", ShortText),
            Column::required("token", ShortText).named("value"),
            Column::time("expires").named("expiresAt"),
        ];
        let mut profile = Self::of("better-auth", IdKind::Text, TableSpec::new("user", users))
            .accounts(accounts)
            .sessions(TableSpec::new("session", sessions))
            .verification_tokens(TableSpec::new("verification", tokens))
            .with_extra_column(Table::Sessions, ExtraColumn::text("ipAddress"))
            .with_extra_column(Table::Sessions, ExtraColumn::text("userAgent"))
            .with_extra_column(Table::Accounts, ExtraColumn::time("refreshTokenExpiresAt"))
            .with_extra_column(Table::Accounts, ExtraColumn::text("password"))
            .with_extra_column(
                Table::Accounts,
                ExtraColumn::text("issuer").with_fill(Fill::AccountIssuer).required().if_there(),
            )
            .with_id_maker(IdMaker::Alphanumeric(32));
        for table in [Table::Users, Table::Accounts, Table::Sessions] {
            for column in times() {
                profile = profile.with_extra_column(table, column);
            }
        }
        profile = profile.with_tokens_filled(times());
        match dialect.family() {
            Family::Sqlite => profile.with_time_forms(&TimeForm::Text(TextForm::Iso)),
            _ => profile,
        }
    }
}

fn times() -> Vec<ExtraColumn> {
    let column = |name: &str| ExtraColumn::time(name).with_fill(Fill::Now).required();
    vec![column("createdAt"), column("updatedAt").refreshed()]
}
