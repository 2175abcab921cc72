use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, NewSession, RowId, SecretToken, Session, SessionChanges, Sessions, Timestamp,
    TouchPolicy, Touched, User, UserId,
};

use super::fill::Occasion;
use super::{About, SqlAdapter, first_made, is_true};
use crate::decode::is_uuid;
use crate::profile::Table;
use crate::statements::sessions::{EXPIRES_CHANGED, FIELDS, SessionStatements};
use crate::{Driver, Row, Value, rfc3339};

impl<D: Driver> SqlAdapter<D> {
    pub(super) fn decode_session(
        &self,
        row: &mut std::vec::IntoIter<Value>,
    ) -> Result<Session, AdapterError> {
        let mut cells = self.cells(Table::Sessions, &FIELDS, row);
        Ok(Session {
            id: cells.opt_id()?.map(RowId::new),
            token: cells.text()?.into(),
            user_id: UserId::new(cells.id()?),
            expires: cells.time()?,
            extra: cells.extra()?,
        })
    }

    fn session_statements(&self, operation: &'static str) -> Result<&SessionStatements, AdapterError> {
        Self::statements(self.sessions.as_ref(), operation, "table for sessions")
    }

    /// A token to look a session up by; `None` if no session can have it.
    fn session_key(&self, token: &SecretToken) -> Option<[Value; 1]> {
        self.can_be_token(token).then(|| self.key([token.expose()])).flatten()
    }

    fn can_be_token(&self, token: &SecretToken) -> bool {
        !self.sql.profile.has_uuid_session_tokens() || is_uuid(token.expose())
    }

    /// A token that the column cannot hold is refused.
    pub(super) fn refuse_token(&self, token: &SecretToken, about: About) -> Result<(), AdapterError> {
        if self.can_be_token(token) {
            return Ok(());
        }
        let source = "the schema profile keeps session tokens as UUIDs, and this is none".into();
        Err(AdapterError::Refused { operation: about.operation, source })
    }

    fn first_session(&self, rows: Vec<Row>) -> Result<Option<Session>, AdapterError> {
        first_made(rows).map(|row| self.decode_session(&mut row.into_iter())).transpose()
    }
}

#[async_trait]
impl<D: Driver> Sessions for SqlAdapter<D> {
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError> {
        let about = About::new("create_session", Entity::Session);
        let Some(owner) = self.user_id(&session.user_id) else {
            return Err(AdapterError::OwnerAbsent { entity: about.entity });
        };
        self.refuse_token(&session.token, about)?;
        let token = Value::Text(session.token.expose().to_owned());
        let statements = self.session_statements(about.operation)?;
        let mut args = vec![token, owner, Value::Time(session.expires), self.new_row_id(Table::Sessions)];
        let extra = &session.extra;
        let mask = self.push_extra(&mut args, Table::Sessions, extra, Occasion::Create, about.operation)?;
        let mut row = self.insert_owned(&statements.create.get(mask), &args, about).await?;
        self.decode_session(&mut row)
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        let Some(key) = self.session_key(token) else {
            return Ok(None);
        };
        let about = About::new("session_and_user", Entity::Session);
        let rows = self.run(&self.session_statements(about.operation)?.with_user, &key, about).await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        Ok(Some((self.decode_session(&mut row)?, self.decode_user(&mut row)?)))
    }

    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError> {
        let Some([key]) = self.session_key(token) else {
            return Ok(None);
        };
        let about = About::new("touch_session", Entity::Session);
        let plan = &self.session_statements(about.operation)?.touch;
        let expiry = policy.expiry(now);
        let mut args = vec![key, Value::Time(now), Value::Time(expiry), Value::Time(policy.due_until(now))];
        let refreshed = self.sql.refreshed(Table::Sessions);
        args.extend(refreshed.map(|column| Value::Time(now.after(column.ahead()))));
        let Some(row) = self.run(plan, &args, about).await?.into_iter().next() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let extended = is_true(row.next().as_ref());
        let mut session = self.decode_session(&mut row)?;
        let user = self.decode_user(&mut row)?;
        let previous_expiry = session.expires;
        if TouchPolicy::is_expired(previous_expiry, now) {
            // The database could not tell: what another program wrote into the cell compares otherwise than it reads.
            self.delete_session(token).await?;
            return Ok(None);
        }
        if extended {
            session.expires = self.as_kept(Table::Sessions, "expires", expiry);
            for column in self.sql.refreshed(Table::Sessions).filter(|column| !column.hidden) {
                let kept = self.kept_as(column.time_form(), now.after(column.ahead()));
                session.extra.insert(column.field.clone(), rfc3339::format(kept).into());
            }
        }
        Ok(Some(Touched { session, user, previous_expiry }))
    }

    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        let about = About::new("update_session", Entity::Session);
        let Some(key) = self.session_key(token) else {
            return Ok(None);
        };
        let statements = self.session_statements(about.operation)?;
        let (mut mask, mut args) = (0, Vec::from(key));
        if let Some(&expires) = changes.expires.as_set() {
            args.push(Value::Time(expires));
            mask |= EXPIRES_CHANGED;
        }
        if mask == 0 && changes.extra.is_empty() {
            return self.first_session(self.run(&statements.one, &args, about).await?);
        }
        let extra = &changes.extra;
        mask |= self.push_extra(&mut args, Table::Sessions, extra, Occasion::Change, about.operation)? << 1;
        self.first_session(self.run(&statements.update.get(mask), &args, about).await?)
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        let Some(key) = self.session_key(token) else {
            return Ok(None);
        };
        let about = About::new("delete_session", Entity::Session);
        let statements = self.session_statements(about.operation)?;
        self.first_session(self.run(&statements.delete, &key, about).await?)
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let Some(id) = self.user_id(user_id) else {
            return Ok(Vec::new());
        };
        let about = About::new("sessions_of_user", Entity::Session);
        let rows = self.run(&self.session_statements(about.operation)?.of_user, &[id], about).await?;
        let sessions = rows.into_iter().map(|row| self.decode_session(&mut row.into_iter()));
        let mut sessions = sessions.collect::<Result<Vec<_>, _>>()?;
        sessions.sort_by_key(|session| std::cmp::Reverse(session.expires));
        Ok(sessions)
    }

    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        let Some(id) = self.user_id(user_id) else {
            return Ok(0);
        };
        let about = About::new("delete_sessions_of_user", Entity::Session);
        let statements = self.session_statements(about.operation)?;
        // A token that cannot exist keeps nothing.
        match keep.and_then(|token| self.session_key(token)) {
            Some([keep]) => self.run_counted(&statements.delete_of_user_but, &[id, keep], about).await,
            None => self.run_counted(&statements.delete_of_user, &[id], about).await,
        }
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let about = About::new("delete_expired_sessions", Entity::Session);
        let args = [Value::Time(now), Value::Int(limit.into())];
        let statements = self.session_statements(about.operation)?;
        self.run_counted(&statements.delete_expired, &args, about).await
    }
}
