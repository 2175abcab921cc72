//! The schemas of Lucia: users with an id and columns of the application's own, and sessions named by their token.
//!
//! Attributes, which Lucia leaves to the application, are declared by
//! [`with_extra_column`](Profile::with_extra_column), or as what they are to the contract by
//! [`with_column`](Profile::with_column), such as an e-mail address.

use std::time::Duration;

use vestibule_core::IdKind;

use super::ColumnKind::{Id, Joined, ShortText, Time, UserRef};
use super::column::Part;
use super::{Column, ExtraColumn, ExtraKind, Fill, IdMaker, Profile, Table, TableSpec, TimeForm, Zone};
use crate::Dialect;
use crate::dialect::Family;

impl Profile {
    /// The tables of Lucia v3: `auth_user` (`user` in SQLite and MySQL) and `user_session` (`session` in SQLite),
    /// with ids of text; those of users can be of [another kind](Profile::with_id_kind), and
    /// [those of sessions UUIDs](Profile::with_uuid_session_tokens). There are no accounts and no verification tokens; add tables of
    /// [`authjs`](Profile::authjs) where both are used.
    ///
    /// `expires_at` is a `timestamptz` in PostgreSQL, whole seconds since the epoch in SQLite, and a `DATETIME` of
    /// whole seconds in MySQL: on the wall of the zone that the Node process was in, which is Coordinated
    /// Universal Time until [`with_time_zone`](Profile::with_time_zone) says otherwise.
    pub fn lucia(dialect: Dialect) -> Self {
        let form = match dialect.family() {
            Family::Sqlite => TimeForm::EpochSeconds,
            Family::MySql => TimeForm::WallSeconds(Zone::UTC),
            Family::Mssql | Family::Postgres => TimeForm::Native,
        };
        let (users, sessions) = match dialect.family() {
            Family::Sqlite => ("user", "session"),
            Family::MySql => ("user", "user_session"),
            Family::Mssql | Family::Postgres => ("auth_user", "user_session"),
        };
        let sessions = TableSpec::new(
            sessions,
            vec![
                Column::required("sessionToken", ShortText).named("id"),
                Column::required("expires", Time(form)).named("expires_at"),
                Column::required("userId", UserRef).named("user_id"),
            ],
        );
        Self::of("lucia", IdKind::Text, TableSpec::new(users, vec![Column::required("id", Id)]))
            .sessions(sessions)
            .with_id_maker(IdMaker::Alphanumeric(16))
            .with_given_users()
    }

    /// The tables of Lucia v2: `auth_user` (`user` in SQLite and MySQL), `user_key`, and `user_session`, with ids of
    /// 15 characters.
    ///
    /// A session lives until `idle_expires`, in milliseconds since the epoch; `active_expires` travels in the
    /// `extra` of the session, as the time until which Lucia does not extend it. When a session is created or
    /// extended, it is one day later than the adapter's clock, as in Lucia, or what
    /// [`with_active_period`](Profile::with_active_period) says. A key is an account whose provider
    /// and id there are parted by the first colon; its `hashed_password` travels in the `extra` of the account.
    pub fn lucia_v2(dialect: Dialect) -> Self {
        let users = if dialect.family() == Family::Postgres { "auth_user" } else { "user" };
        let sessions = TableSpec::new(
            "user_session",
            vec![
                Column::required("sessionToken", ShortText).named("id"),
                Column::required("expires", Time(TimeForm::EpochMillis)).named("idle_expires"),
                Column::required("userId", UserRef).named("user_id"),
            ],
        );
        let active = ExtraColumn::new("active_expires", ExtraKind::TimeAs(TimeForm::EpochMillis));
        Self::of("lucia-v2", IdKind::Text, TableSpec::new(users, vec![Column::required("id", Id)]))
            .sessions(sessions)
            .accounts(keys())
            .with_extra_column(
                Table::Sessions,
                active.with_fill(Fill::NowPlus(ACTIVE_PERIOD)).refreshed().required(),
            )
            .with_extra_column(Table::Accounts, ExtraColumn::text("hashed_password"))
            .with_id_maker(IdMaker::Alphanumeric(15))
            .with_given_users()
    }
}

impl Profile {
    /// The application writes the users, and may number them itself.
    fn with_given_users(mut self) -> Self {
        self.given_users = true;
        self
    }

    /// Says for how long Lucia v2 takes a session for active that was created or extended, which is a day until
    /// then: its `sessionExpiresIn.activePeriod`.
    #[must_use]
    pub fn with_active_period(mut self, active: Duration) -> Self {
        let column = self.spec_mut(Table::Sessions).and_then(|spec| {
            spec.extra.iter_mut().find(|column| matches!(column.fill, Some(Fill::NowPlus(_))))
        });
        match column {
            Some(column) => column.fill = Some(Fill::NowPlus(active)),
            None => self.problems.push("the sessions of the profile have no active period".to_owned()),
        }
        self
    }
}

/// Lucia's own default.
const ACTIVE_PERIOD: Duration = Duration::from_hours(24);

/// `user_key`: provider and id stand in one column.
fn keys() -> TableSpec {
    let columns = vec![
        Column::required("provider", Joined(Part::First)).named("id"),
        Column::required("providerAccountId", Joined(Part::Rest)).named("id"),
        Column::required("userId", UserRef).named("user_id"),
    ];
    TableSpec { constants: &[("type", "oauth")], ..TableSpec::new("user_key", columns) }
}
