//! Sessions.

use std::cmp::Reverse;

use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Entity, Extra, NewSession, SecretToken, Session, SessionChanges, Sessions, Timestamp,
    TouchPolicy, Touched, User, UserId,
};

use crate::{Memory, SessionKey, Tables, columns};

#[async_trait]
impl Sessions for Memory {
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError> {
        let extra = self.options.session_columns.row("create_session", &session.extra)?;
        let tables = &mut *self.tables();
        tables.user_exists(&session.user_id, Entity::Session)?;
        tables.token_is_free(&session.token)?;
        Ok(tables.insert_session(session, extra))
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        let tables = self.tables();
        let Some(session) = tables.sessions.get(token.expose()) else {
            return Ok(None);
        };
        let user = tables.users.get(&session.user_id);
        Ok(user.map(|user| (session.clone(), user.clone())))
    }

    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError> {
        let tables = &mut *self.tables();
        let Some(session) = tables.sessions.get_mut(token.expose()) else {
            return Ok(None);
        };
        let previous_expiry = session.expires;
        if TouchPolicy::is_expired(previous_expiry, now) {
            tables.sessions.remove(token.expose());
            return Ok(None);
        }
        let Some(user) = tables.users.get(&session.user_id) else {
            return Ok(None);
        };

        if policy.is_due(previous_expiry, now) {
            session.expires = policy.expiry(now);
        }
        Ok(Some(Touched { session: session.clone(), user: user.clone(), previous_expiry }))
    }

    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        self.options.session_columns.check("update_session", &changes.extra)?;
        let tables = &mut *self.tables();
        let Some(session) = tables.sessions.get_mut(token.expose()) else {
            return Ok(None);
        };

        if let Some(expires) = changes.expires.as_set() {
            session.expires = *expires;
        }
        columns::update(&mut session.extra, &changes.extra);
        Ok(Some(session.clone()))
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        Ok(self.tables().sessions.remove(token.expose()))
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let tables = self.tables();
        let mut sessions: Vec<Session> =
            tables.sessions.values().filter(|session| session.user_id == *user_id).cloned().collect();
        sessions.sort_by_key(|session| Reverse(session.expires));
        Ok(sessions)
    }

    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        let tables = &mut *self.tables();
        let before = tables.sessions.len();
        tables.sessions.retain(|_, session| session.user_id != *user_id || Some(&session.token) == keep);
        Ok((before - tables.sessions.len()) as u64)
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let mut deleted = 0;
        self.tables().sessions.retain(|_, session| {
            let delete = deleted < u64::from(limit) && TouchPolicy::is_expired(session.expires, now);
            deleted += u64::from(delete);
            !delete
        });
        Ok(deleted)
    }
}

impl Tables {
    pub(crate) fn token_is_free(&self, token: &SecretToken) -> Result<(), AdapterError> {
        if self.sessions.contains_key(token.expose()) {
            return Err(AdapterError::Conflict { entity: Entity::Session });
        }
        Ok(())
    }

    pub(crate) fn insert_session(&mut self, session: &NewSession, extra: Extra) -> Session {
        let stored = Session {
            id: Some(self.next_row_id()),
            token: session.token.clone(),
            user_id: session.user_id.clone(),
            expires: session.expires,
            extra,
        };
        self.sessions.insert(SessionKey(stored.token.clone()), stored.clone());
        stored
    }
}
