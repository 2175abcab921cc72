//! Who has which password.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::Semaphore;
use vestibule::{
    Adapter, AdapterError, Authorize, CallbackError, Credential, Credentials, CredentialsError, NewUser, User,
};

/// The column in which hashes are kept.
const COLUMN: &str = "passwordHash";

/// Checks passwords against the hashes in the table of users.
pub struct Passwords {
    store: Arc<dyn Adapter>,
    /// One hash takes some 20 MiB and a processor for a moment; more at once would only take longer.
    places: Arc<Semaphore>,
    /// The hash of nobody's password, so that a name nobody has takes as long as a wrong password.
    nobodys: String,
}

impl Passwords {
    /// Over a store whose users have the column `passwordHash`.
    pub fn new(store: Arc<dyn Adapter>) -> Self {
        let places = std::thread::available_parallelism().map_or(1, usize::from);
        Self { store, places: Arc::new(Semaphore::new(places)), nobodys: hash("nobody has this password") }
    }

    /// Makes a user, unless there is one with this address.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn sign_up(&self, email: &str, name: &str, password: &str) -> Result<(), AdapterError> {
        let user = NewUser {
            name: Some(name.to_owned()),
            extra: [(COLUMN.into(), Value::from(hash(password)))].into_iter().collect(),
            ..NewUser::with_email(email)
        };
        match self.store.create_user(&user, None).await {
            Ok(_) | Err(AdapterError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn verify(&self, password: String, hash: String) -> Result<bool, CallbackError> {
        let _place = self.places.acquire().await?;
        Ok(tokio::task::spawn_blocking(move || is_hash_of(&hash, &password)).await?)
    }
}

#[async_trait]
impl Authorize for Passwords {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        let (Some(email), Some(password)) = (fields.get("email"), fields.get("password")) else {
            return Err(CredentialsError::refused("incomplete"));
        };
        let found = self.store.user_by_email(&email.trim().to_lowercase()).await;
        let user = found.map_err(|error| CredentialsError::Failed(error.into()))?;
        let hash = user.as_ref().and_then(hash_of).unwrap_or_else(|| self.nobodys.clone());
        let is_right = self.verify(password.to_owned(), hash).await?;
        Ok(user.filter(|user| is_right && hash_of(user).is_some()).map(Credential::from))
    }
}

fn hash_of(user: &User) -> Option<String> {
    user.extra.get(COLUMN).and_then(Value::as_str).map(str::to_owned)
}

/// Argon2id with the parameters that OWASP recommends, which are the crate's defaults.
fn hash(password: &str) -> String {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).unwrap_or_default()
}

fn is_hash_of(hash: &str, password: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
