//! All plain rows of a user at once.

use vestibule_core::{AdapterError, UserId};

use super::HashedSessions;
use super::adopt::Adopted;
use super::name::{is_reserved, name_of};

impl HashedSessions {
    /// Replaces every plain session of a user by a hashed one, and says how many were replaced.
    ///
    /// Done twice, the second time replaces none, so that a run over all users that was broken off can begin
    /// anew. Sessions may be used and ended meanwhile, by this process or others. What is left of an adoption that was
    /// broken off is deleted, and not counted, where plain sessions are
    /// [ignored](crate::PlainSessions::Ignored); before that, somebody may just be at it. One round trip, and two
    /// for each that is replaced.
    ///
    /// # Errors
    ///
    /// Those of the store, after which some may have been replaced.
    pub async fn migrate_user(&self, user_id: &UserId) -> Result<u64, AdapterError> {
        let mut replaced = 0;
        let rows = self.inner.sessions_of_user(user_id).await?;
        for plain in rows.iter().filter(|row| !is_reserved(&row.token)) {
            match self.replace(plain, &name_of(&plain.token)).await? {
                Adopted::Here => replaced += 1,
                Adopted::Elsewhere if !self.adopts() => {
                    self.inner.delete_session(&plain.token).await?;
                }
                Adopted::Elsewhere | Adopted::Ended => {}
            }
        }
        Ok(replaced)
    }
}
