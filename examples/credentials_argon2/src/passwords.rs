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
    /// Whether a hash is that of a password, which is what takes its time.
    check: Check,
}

/// Takes a hash and a password.
type Check = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

impl Passwords {
    /// Over a store whose users have the column `passwordHash`.
    pub fn new(store: Arc<dyn Adapter>) -> Self {
        let places = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            store,
            places: Arc::new(Semaphore::new(places)),
            nobodys: hash("nobody has this password"),
            check: Arc::new(is_hash_of),
        }
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
        let check = self.check.clone();
        Ok(tokio::task::spawn_blocking(move || check(&hash, &password)).await?)
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use vestibule::axum::Auth;
    use vestibule::memory::Memory;
    use vestibule::{Config, CredentialsProvider, Engine, JwtPolicy};

    use super::*;
    use crate::NoMail;

    /// Signs in by a form, and says where that leads.
    async fn sign_in(auth: &Auth, email: &str, password: &str) -> String {
        use tower::ServiceExt as _;
        let send = |request: axum::http::request::Builder, body: String| {
            let request =
                request.header("host", "localhost:3000").body(axum::body::Body::from(body)).unwrap();
            axum::Router::new().nest("/auth", auth.router()).with_state(auth.clone()).oneshot(request)
        };
        let got = send(axum::http::Request::get("/auth/csrf"), String::new()).await.unwrap();
        let cookie = got.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let token = cookie.split(['=', '%']).nth(1).unwrap().to_owned();
        let form = format!("csrfToken={token}&email={email}&password={password}");
        let post = axum::http::Request::post("/auth/callback/credentials")
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = send(post, form).await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// By counting, since time tells nothing on a machine that does other things as well.
    #[tokio::test]
    async fn a_name_that_nobody_has_costs_one_hash_of_the_same_kind() {
        let store: Arc<dyn Adapter> = Arc::new(Memory::new());
        let checked: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut passwords = Passwords::new(store.clone());
        let noted = checked.clone();
        passwords.check = Arc::new(move |hash, password| {
            noted.lock().unwrap().push(hash.to_owned());
            is_hash_of(hash, password)
        });
        passwords.sign_up("ada@example.com", "Ada", "right").await.unwrap();
        store.create_user(&NewUser::with_email("bob@example.com"), None).await.unwrap();
        let config = Config::new("a secret of 32 or more random characters")
            .with_base_url("http://localhost:3000")
            .with_session(JwtPolicy::default())
            .with_provider(CredentialsProvider::new(passwords));
        let auth = Auth::new(Engine::new(config, vestibule::Parts::new(store, Arc::new(NoMail))).unwrap());

        let wrong = "http://localhost:3000/auth/signin?error=CredentialsSignin&code=credentials";
        let mut parameters = Vec::new();
        for (email, password, to) in [
            ("ada@example.com", "right", "http://localhost:3000"),
            ("ada@example.com", "wrong", wrong),
            // A user who has no password, and a name that nobody has; not even with the password of nobody.
            ("bob@example.com", "wrong", wrong),
            ("eve@example.com", "wrong", wrong),
            ("eve@example.com", "nobody+has+this+password", wrong),
        ] {
            assert_eq!(sign_in(&auth, email, password).await, to, "{email}");
            let hashes = std::mem::take(&mut *checked.lock().unwrap());
            assert_eq!(hashes.len(), 1, "{email}");
            let hash = PasswordHash::new(&hashes[0]).unwrap();
            parameters.push((hash.algorithm.to_string(), hash.params.to_string(), hash.hash.unwrap().len()));
        }

        assert!(parameters.iter().all(|each| *each == parameters[0]), "{parameters:?}");
    }
}
