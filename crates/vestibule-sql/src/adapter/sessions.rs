use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, NewSession, RowId, SecretToken, Session, SessionChanges, Sessions, Timestamp,
    TouchPolicy, Touched, User, UserId,
};

use super::{About, SqlAdapter, first_made, is_true};
use crate::decode::time;
use crate::profile::Table;
use crate::statements::sessions::{EXPIRES_CHANGED, FIELDS};
use crate::{Dialect, Driver, Row, Value};

impl<D: Driver> SqlAdapter<D> {
    fn decode_session(&self, row: &mut std::vec::IntoIter<Value>) -> Result<Session, AdapterError> {
        let mut cells = self.cells(Table::Sessions, &FIELDS, row);
        Ok(Session {
            id: cells.opt_id()?.map(RowId::new),
            token: cells.text()?.into(),
            user_id: UserId::new(cells.id()?),
            expires: cells.time()?,
            extra: cells.extra()?,
        })
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
        let token = Value::Text(session.token.expose().to_owned());
        let mut args = vec![token, owner, time(self.sql.dialect, session.expires)];
        let mask = self.push_extra(&mut args, Table::Sessions, &session.extra, about.operation)?;
        let mut row = self.insert_owned(&self.sessions.create.get(mask), &args, about).await?;
        self.decode_session(&mut row)
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        let Some(key) = self.key([token.expose()]) else {
            return Ok(None);
        };
        let about = About::new("session_and_user", Entity::Session);
        let rows = self.run(&self.sessions.with_user, &key, about).await?;
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
        let Some([token]) = self.key([token.expose()]) else {
            return Ok(None);
        };
        let about = About::new("touch_session", Entity::Session);
        let dialect = self.sql.dialect;
        let expiry = policy.expiry(now);
        let args = [token, time(dialect, now), time(dialect, expiry), time(dialect, policy.due_until(now))];
        let rows = match dialect {
            Dialect::Postgres => self.run(&self.sessions.touch, &args, about).await?,
            Dialect::Sqlite => self.run_all(&self.sessions.touch, &args, about).await?.swap_remove(1),
        };
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let extended = is_true(row.next().as_ref());
        let mut session = self.decode_session(&mut row)?;
        let user = self.decode_user(&mut row)?;
        let previous_expiry = session.expires;
        if extended {
            session.expires = expiry;
        }
        Ok(Some(Touched { session, user, previous_expiry }))
    }

    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        let about = About::new("update_session", Entity::Session);
        let Some(key) = self.key([token.expose()]) else {
            return Ok(None);
        };
        let (mut mask, mut args) = (0, Vec::from(key));
        if let Some(&expires) = changes.expires.as_set() {
            args.push(time(self.sql.dialect, expires));
            mask |= EXPIRES_CHANGED;
        }
        mask |= self.push_extra(&mut args, Table::Sessions, &changes.extra, about.operation)? << 1;
        let rows = if mask == 0 {
            self.run(&self.sessions.one, &args, about).await?
        } else {
            self.run(&self.sessions.update.get(mask), &args, about).await?
        };
        self.first_session(rows)
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        let Some(key) = self.key([token.expose()]) else {
            return Ok(None);
        };
        let about = About::new("delete_session", Entity::Session);
        self.first_session(self.run(&self.sessions.delete, &key, about).await?)
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let Some(id) = self.user_id(user_id) else {
            return Ok(Vec::new());
        };
        let about = About::new("sessions_of_user", Entity::Session);
        let rows = self.run(&self.sessions.of_user, &[id], about).await?;
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
        // A token that cannot exist keeps nothing.
        let rows = match keep.and_then(|token| self.key([token.expose()])) {
            Some([keep]) => self.run(&self.sessions.delete_of_user_but, &[id, keep], about).await?,
            None => self.run(&self.sessions.delete_of_user, &[id], about).await?,
        };
        Ok(rows.len() as u64)
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let about = About::new("delete_expired_sessions", Entity::Session);
        let args = [time(self.sql.dialect, now), Value::Int(limit.into())];
        Ok(self.run(&self.sessions.delete_expired, &args, about).await?.len() as u64)
    }
}
