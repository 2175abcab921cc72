//! New users, with or without their first account and their first session.

use vestibule_core::{AdapterError, Entity, FirstSession, NewAccount, NewUser};

use super::accounts::push_account;
use super::fill::Occasion;
use super::{About, Inserted, MOST_ATTEMPTS, SqlAdapter};
use crate::decode::opt_text;
use crate::profile::Table;
use crate::statements::Variants;
use crate::statements::users::{ACCOUNT_EXTRA, SESSION_EXTRA};
use crate::{Driver, Value};

impl<D: Driver> SqlAdapter<D> {
    /// Inserts a user and what comes with it, and returns the cells of the user, then those of the session.
    pub(super) async fn insert_user(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: Option<&FirstSession>,
    ) -> Result<std::vec::IntoIter<Value>, AdapterError> {
        let operation = if session.is_some() { "sign_up" } else { "create_user" };
        let about = About::new(operation, Entity::User);
        let variants = self.new_user_statements(account.is_some(), session.is_some(), operation)?;
        self.refuse_email(user.email.as_deref(), about)?;
        let mut args = vec![
            self.new_user_id(user.id.as_ref()),
            opt_text(user.name.as_deref()),
            opt_text(user.email.as_deref()),
            user.email_verified.map_or(Value::Null, Value::Time),
            opt_text(user.image.as_deref()),
        ];
        if let Some(account) = account {
            self.account_statements(operation)?;
            args.push(self.new_row_id(Table::Accounts));
            push_account(&mut args, account);
        }
        if let Some(session) = session {
            self.refuse_token(&session.token, about)?;
            let token = Value::Text(session.token.expose().to_owned());
            args.extend([token, Value::Time(session.expires), self.new_row_id(Table::Sessions)]);
        }
        let mut mask = self.push_extra(&mut args, Table::Users, &user.extra, Occasion::Create, operation)?;
        if let Some(account) = account {
            mask |= self.push_account_extra(&mut args, account, operation)? << ACCOUNT_EXTRA;
        }
        if let Some(session) = session {
            let extra = &session.extra;
            mask |= self.push_extra(&mut args, Table::Sessions, extra, Occasion::Create, operation)?
                << SESSION_EXTRA;
        }

        let plan = variants.get(mask);
        let probes = if session.is_some() { 3 } else { 2 };
        let mut attempt = 1;
        let inserted = loop {
            let results = match &*plan.steps {
                [_] => vec![self.run(&plan, &args, about).await?],
                _ => self.run_all(&plan, &args, about).await?,
            };
            let inserted = Inserted::read(&plan, results, probes);
            // Nothing was taken, and then something was: somebody was faster, and the next probe tells at what.
            let is_overtaken =
                inserted.row.is_none() && inserted.was_probed_before && inserted.probe == [false; 3];
            if !is_overtaken || attempt == MOST_ATTEMPTS {
                break inserted;
            }
            attempt += 1;
        };
        let entity = match (inserted.probe, inserted.row) {
            ([false, false, false], Some(row)) => return Ok(row),
            ([false, true, _], _) => Entity::Account,
            ([false, false, true], _) => Entity::Session,
            ([true, ..], _) | (_, None) => Entity::User,
        };
        Err(AdapterError::Conflict { entity })
    }

    fn new_user_statements(
        &self,
        with_account: bool,
        with_session: bool,
        operation: &'static str,
    ) -> Result<&Variants, AdapterError> {
        let users = &self.users;
        if !with_session {
            return Ok(if with_account { &users.create_with_account } else { &users.create });
        }
        let sign_up = Self::statements(users.sign_up.as_ref(), operation, "table for sessions")?;
        Ok(if with_account { &sign_up.with_account } else { &sign_up.alone })
    }

    /// An address that would be lost is refused. Names, images and the like are left out where there is no
    /// column for them.
    pub(super) fn refuse_email(&self, email: Option<&str>, about: About) -> Result<(), AdapterError> {
        if email.is_none() || self.sql.has(Table::Users, "email") {
            return Ok(());
        }
        let source = "the schema profile has no column for e-mail addresses".into();
        Err(AdapterError::Refused { operation: about.operation, source })
    }
}
