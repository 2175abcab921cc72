use std::sync::{MutexGuard, PoisonError};

use async_trait::async_trait;
use vestibule_core::{
    AdapterError, Change, NewSession, SecretToken, Session, SessionChanges, Sessions, Timestamp, TouchPolicy,
    Touched, User, UserId, Users,
};

use super::{Broken, Fault, MILLISECOND, OWN_CLOCK, round_trip};

impl Broken {
    fn orphans(&self) -> MutexGuard<'_, Vec<Session>> {
        self.orphans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sessions for Broken {
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError> {
        let mut new = session.clone();
        if self.has(Fault::CreateCutsToSeconds) {
            new.expires = Timestamp::from_secs(new.expires.as_secs());
        }
        if self.has(Fault::OrphanSessions) && self.memory.user(&new.user_id).await?.is_some() {
            round_trip().await;
            let created = self.memory.create_session(&new).await;
            if let Err(AdapterError::OwnerAbsent { .. }) = created {
                let orphan = Session {
                    id: None,
                    token: new.token,
                    user_id: new.user_id,
                    expires: new.expires,
                    extra: new.extra,
                };
                self.orphans().push(orphan.clone());
                return Ok(orphan);
            }
            return created;
        }
        self.memory.create_session(&new).await
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        let found = self.memory.session_and_user(token).await?;
        if self.has(Fault::FindsOnlyLiveSessions) {
            return Ok(found.filter(|(session, _)| session.expires > OWN_CLOCK));
        }
        Ok(found)
    }

    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError> {
        let mut policy = *policy;
        match self.fault {
            Fault::TouchIsLate => policy.update_age += MILLISECOND,
            Fault::TouchKeepsExpired => {
                let found = self.memory.session_and_user(token).await?;
                if found.is_some_and(|(session, _)| TouchPolicy::is_expired(session.expires, now)) {
                    return Ok(None);
                }
            }
            Fault::TouchShortens => {
                let changes =
                    SessionChanges { expires: Change::Set(policy.expiry(now)), ..SessionChanges::default() };
                self.memory.update_session(token, &changes).await?;
            }
            Fault::TouchRevives => {
                let Some((session, user)) = self.memory.session_and_user(token).await? else {
                    return Ok(None);
                };
                round_trip().await;
                let new = NewSession::new(token.clone(), user.id, session.expires);
                match self.memory.create_session(&new).await {
                    Ok(_) | Err(AdapterError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            _ => {}
        }
        self.memory.touch_session(token, now, &policy).await
    }

    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        let updated = self.memory.update_session(token, changes).await?;
        if self.has(Fault::UpdateSessionMakesGhost) && updated.is_none() {
            let user_id = UserId::from("ghost");
            let expires = *changes.expires.as_set().unwrap_or(&OWN_CLOCK);
            let ghost =
                Session { id: None, token: token.clone(), user_id, expires, extra: changes.extra.clone() };
            return Ok(Some(ghost));
        }
        Ok(updated)
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        self.memory.delete_session(token).await
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let mut sessions = self.memory.sessions_of_user(user_id).await?;
        let orphans = self.orphans();
        sessions.extend(orphans.iter().filter(|session| session.user_id == *user_id).cloned());
        if self.has(Fault::ListsShortestFirst) {
            sessions.reverse();
        }
        if self.has(Fault::ListsUselessTokens) {
            for session in &mut sessions {
                session.token = "useless".into();
            }
        }
        Ok(sessions)
    }

    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        let keep = keep.filter(|_| !self.has(Fault::KeepsNoSession));
        self.memory.delete_sessions_of_user(user_id, keep).await
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        match self.fault {
            Fault::SweepsSessionsLate => {
                self.memory.delete_expired_sessions(now.before(MILLISECOND), limit).await
            }
            Fault::SweepsWithoutLimit => self.memory.delete_expired_sessions(now, u32::MAX).await,
            _ => self.memory.delete_expired_sessions(now, limit).await,
        }
    }
}
