//! Sessions.

use std::cmp::Reverse;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_core::{
    AdapterError, Entity, Extra, NewSession, RowId, SecretToken, Session, SessionChanges, Sessions,
    Timestamp, TouchPolicy, Touched, User, UserId,
};

use crate::{Data, JsonFile, users};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    id: String,
    token: String,
    pub(crate) user_id: String,
    expires: i64,
    extra: Extra,
}

impl Row {
    fn expires(&self) -> Timestamp {
        Timestamp::from_millis(self.expires)
    }

    fn to_session(&self) -> Session {
        Session {
            id: Some(RowId::from(&*self.id)),
            token: SecretToken::from(&*self.token),
            user_id: UserId::from(&*self.user_id),
            expires: self.expires(),
            extra: self.extra.clone(),
        }
    }
}

impl Data {
    fn session(&self, token: &SecretToken) -> Option<usize> {
        self.sessions.iter().position(|session| session.token == token.expose())
    }

    pub(crate) fn insert_session(&mut self, new: NewSession, extra: Extra) -> Result<Session, AdapterError> {
        if self.session(&new.token).is_some() {
            return Err(AdapterError::Conflict { entity: Entity::Session });
        }
        let row = Row {
            id: self.next_id(),
            token: new.token.expose().to_owned(),
            user_id: new.user_id.into_inner().into(),
            expires: new.expires.as_millis(),
            extra,
        };
        let session = row.to_session();
        self.sessions.push(row);
        Ok(session)
    }
}

#[async_trait]
impl Sessions for JsonFile {
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError> {
        let (new, extra) = (session.clone(), self.row_extra(&session.extra));
        self.change(move |data| {
            data.owner(&new.user_id, Entity::Session)?;
            data.insert_session(new, extra)
        })
        .await
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        let data = self.read();
        let Some(session) = data.session(token).map(|at| &data.sessions[at]) else {
            return Ok(None);
        };
        Ok(data.user(&session.user_id).map(|user| (session.to_session(), user.to_user())))
    }

    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError> {
        let (token, policy) = (token.clone(), *policy);
        self.change(move |data| {
            let Some(at) = data.session(&token) else {
                return Ok(None);
            };
            let previous_expiry = data.sessions[at].expires();
            if TouchPolicy::is_expired(previous_expiry, now) {
                data.sessions.remove(at);
                return Ok(None);
            }
            if policy.is_due(previous_expiry, now) {
                data.sessions[at].expires = policy.expiry(now).as_millis();
            }
            let session = data.sessions[at].to_session();
            let user = data.user(session.user_id.as_str()).map(users::Row::to_user);
            Ok(user.map(|user| Touched { session, user, previous_expiry }))
        })
        .await
    }

    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        let (token, changes) = (token.clone(), changes.clone());
        self.change(move |data| {
            let Some(at) = data.session(&token) else {
                return Ok(None);
            };
            let session = &mut data.sessions[at];
            if let Some(expires) = changes.expires.as_set() {
                session.expires = expires.as_millis();
            }
            session.extra.extend(changes.extra);
            Ok(Some(session.to_session()))
        })
        .await
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        let token = token.clone();
        self.change(move |data| Ok(data.session(&token).map(|at| data.sessions.remove(at).to_session())))
            .await
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let data = self.read();
        let of_user = data.sessions.iter().filter(|session| session.user_id == user_id.as_str());
        let mut sessions: Vec<Session> = of_user.map(Row::to_session).collect();
        sessions.sort_by_key(|session| Reverse(session.expires));
        Ok(sessions)
    }

    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        let (user_id, keep) = (user_id.clone(), keep.cloned());
        self.change(move |data| {
            let before = data.sessions.len();
            let keep = keep.as_ref().map(SecretToken::expose);
            data.sessions.retain(|row| row.user_id != user_id.as_str() || Some(&*row.token) == keep);
            Ok((before - data.sessions.len()) as u64)
        })
        .await
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        self.change(move |data| {
            let mut deleted = 0;
            data.sessions.retain(|session| {
                let delete = deleted < u64::from(limit) && TouchPolicy::is_expired(session.expires(), now);
                deleted += u64::from(delete);
                !delete
            });
            Ok(deleted)
        })
        .await
    }
}
