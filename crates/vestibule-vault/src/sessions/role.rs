//! The role.

use std::collections::HashSet;

use async_trait::async_trait;
use vestibule_core::{
    Adapter, AdapterError, Capabilities, FirstSession, NewAccount, NewSession, NewUser, SecretToken, Session,
    SessionChanges, Sessions, Timestamp, TouchPolicy, Touched, User, UserId,
};

use super::HashedSessions;
use super::name::{is_name, is_reserved, name_of};

#[async_trait]
impl Sessions for HashedSessions {
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError> {
        refuse_reserved(&session.token, "create_session")?;
        let hashed = NewSession { token: name_of(&session.token), ..session.clone() };
        Ok(under(&session.token, self.inner.create_session(&hashed).await?))
    }

    async fn session_and_user(&self, token: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        let Some(name) = lookup(token) else { return Ok(None) };
        let mut found = self.inner.session_and_user(&name).await?;
        if found.is_none() && self.adopt(token, &name).await? {
            found = self.inner.session_and_user(&name).await?;
        }
        Ok(found.map(|(session, user)| (under(token, session), user)))
    }

    async fn touch_session(
        &self,
        token: &SecretToken,
        now: Timestamp,
        policy: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError> {
        let Some(name) = lookup(token) else { return Ok(None) };
        let mut found = self.inner.touch_session(&name, now, policy).await?;
        if let Some(touched) = &found {
            self.drop_left_over(token, touched, now, policy).await?;
        } else if self.adopt(token, &name).await? {
            found = self.inner.touch_session(&name, now, policy).await?;
        }
        Ok(found.map(|touched| Touched { session: under(token, touched.session), ..touched }))
    }

    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        let Some(name) = lookup(token) else { return Ok(None) };
        let mut updated = self.inner.update_session(&name, changes).await?;
        if updated.is_none() && self.adopt(token, &name).await? {
            updated = self.inner.update_session(&name, changes).await?;
        } else if self.adopts() && updated.is_some() && changes.expires.as_set().is_some() {
            // What is left of an adoption that was broken off must not last longer than the session.
            let expires = SessionChanges { expires: changes.expires, ..SessionChanges::default() };
            self.inner.update_session(token, &expires).await?;
        }
        Ok(updated.map(|session| under(token, session)))
    }

    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        let ended = if let Some(listed) = self.list_key.read(token) {
            let rows =
                if self.adopts() { self.inner.sessions_of_user(&listed.user_id).await? } else { Vec::new() };
            self.end(&rows, &listed.name).await?
        } else if let Some(name) = lookup(token) {
            // The plain row first: whoever is adopting it then notices.
            let plain = if self.adopts() { self.inner.delete_session(token).await? } else { None };
            self.inner.delete_session(&name).await?.or(plain)
        } else {
            None
        };
        Ok(ended.map(|session| under(token, session)))
    }

    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let rows = self.inner.sessions_of_user(user_id).await?;
        let mut names: HashSet<String> =
            rows.iter().filter(|row| is_name(&row.token)).map(|row| row.token.expose().to_owned()).collect();
        let listed = rows.into_iter().filter_map(|row| {
            let name = if is_name(&row.token) {
                row.token.clone()
            } else {
                // Hashed already, if an adoption was broken off; and listed once.
                let name = self.adopted_name(&row)?;
                if !names.insert(name.expose().to_owned()) {
                    return None;
                }
                name
            };
            Some(under(&self.list_key.write(&name, &row.user_id), row))
        });
        Ok(listed.collect())
    }

    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        let name = keep.and_then(|token| match self.list_key.read(token) {
            Some(listed) => Some(listed.name),
            None => lookup(token),
        });
        if let Some(name) = &name
            && self.adopts()
        {
            let rows = self.inner.sessions_of_user(user_id).await?;
            if rows.iter().any(|row| self.adopted_name(row).as_ref() == Some(name)) {
                return self.end_all_but(&rows, name).await;
            }
        }
        self.inner.delete_sessions_of_user(user_id, name.as_ref()).await
    }

    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        self.inner.delete_expired_sessions(now, limit).await
    }
}

#[async_trait]
impl Adapter for HashedSessions {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        self.inner.ping().await
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        refuse_reserved(&session.token, "sign_up")?;
        let hashed = FirstSession { token: name_of(&session.token), ..session.clone() };
        let (user, stored) = self.inner.sign_up(user, account, &hashed).await?;
        Ok((user, under(&session.token, stored)))
    }
}

impl HashedSessions {
    /// What a plain row will be called once it is adopted. `None` of a hashed row, of one under a text that cannot be a
    /// token, and where plain rows do not count.
    pub(super) fn adopted_name(&self, row: &Session) -> Option<SecretToken> {
        (self.adopts() && !is_reserved(&row.token)).then(|| name_of(&row.token))
    }

    /// Ends the session `name`, of whose user these are the rows: the plain row first, as always.
    async fn end(&self, rows: &[Session], name: &SecretToken) -> Result<Option<Session>, AdapterError> {
        let mut ended = None;
        for row in rows.iter().filter(|row| self.adopted_name(row).as_ref() == Some(name)) {
            ended = ended.or(self.inner.delete_session(&row.token).await?);
        }
        Ok(self.inner.delete_session(name).await?.or(ended))
    }

    /// Ends every session among the rows save for `keep`, which is not hashed yet, or just being.
    ///
    /// To the store, its row has one name before that and another one after, and can be told to keep one name only.
    async fn end_all_but(&self, rows: &[Session], keep: &SecretToken) -> Result<u64, AdapterError> {
        let mut done = HashSet::from([keep.expose().to_owned()]);
        let mut ended = 0;
        for row in rows {
            let name = self.adopted_name(row).unwrap_or_else(|| row.token.clone());
            if done.insert(name.expose().to_owned()) {
                ended += u64::from(self.end(rows, &name).await?.is_some());
            }
        }
        Ok(ended)
    }
}

/// A session cannot be begun under what looks like the stored hash of another.
fn refuse_reserved(token: &SecretToken, operation: &'static str) -> Result<(), AdapterError> {
    if is_reserved(token) {
        let source = "a token must not look like a stored hash".into();
        return Err(AdapterError::Refused { operation, source });
    }
    Ok(())
}

/// The name to look for; `None` if the text cannot be a token, least of all when it is the name itself.
fn lookup(token: &SecretToken) -> Option<SecretToken> {
    (!is_reserved(token)).then(|| name_of(token))
}

/// The session with the token that the caller knows it by.
fn under(token: &SecretToken, session: Session) -> Session {
    Session { token: token.clone(), ..session }
}
