//! Many at once, on memory and on SQLite, with tables as Vestibule makes them and as they were published.

use std::any::Any;
use std::sync::Arc;

use vestibule_core::{Adapter, NewSession, NewUser, SecretToken, Sessions, User};
use vestibule_memory::Memory;
use vestibule_testkit::FaultyAdapter;
use vestibule_testkit::sql::Made;
use vestibule_vault::HashedSessions;

use crate::support::{HASH_OF_TOKEN, HOUR, NOW, POLICY, at_once, sqlite};

const TASKS: usize = 64;
const ROUNDS: usize = 16;

/// A store, what is around it, a user, and what must not be dropped before them.
struct Race {
    inner: Arc<dyn Adapter>,
    store: Arc<HashedSessions>,
    user: User,
    _guard: Box<dyn Any>,
}

async fn race(inner: Arc<dyn Adapter>, guard: Box<dyn Any>) -> Race {
    let user = inner.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    let store = Arc::new(HashedSessions::new(Arc::clone(&inner)));
    Race { inner, store, user, _guard: guard }
}

async fn on_sqlite(made: Made) -> Race {
    let (_, adapter, folder) = sqlite(made).await;
    race(Arc::new(adapter), Box::new(folder)).await
}

async fn everywhere() -> Vec<Race> {
    // Lets others run before each call.
    let memory = FaultyAdapter::new(Arc::new(Memory::new()));
    vec![
        race(Arc::new(memory), Box::new(())).await,
        on_sqlite(Made::Fresh).await,
        on_sqlite(Made::Published).await,
    ]
}

impl Race {
    async fn plain(&self, token: &str) {
        let new = NewSession::new(token, self.user.id.clone(), NOW.after(HOUR));
        self.inner.create_session(&new).await.unwrap();
    }

    async fn stored(&self) -> Vec<String> {
        let rows = self.inner.sessions_of_user(&self.user.id).await.unwrap();
        rows.into_iter().map(|row| row.token.expose().to_owned()).collect()
    }

    /// Uses the session in one way or another, and tells whether it was there.
    fn uses(&self, number: usize) -> impl Future<Output = bool> + Send + 'static {
        let store = Arc::clone(&self.store);
        async move {
            let token = SecretToken::from("token");
            match number % 3 {
                0 => store.session_and_user(&token).await.unwrap().is_some(),
                1 => store.touch_session(&token, NOW, &POLICY).await.unwrap().is_some(),
                _ => {
                    let nothing = vestibule_core::SessionChanges::default();
                    store.update_session(&token, &nothing).await.unwrap().is_some()
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_of_many_find_a_plain_session_and_one_row_is_left() {
    for race in everywhere().await {
        for _ in 0..ROUNDS {
            race.plain("token").await;

            let found = at_once(TASKS, |number| race.uses(number)).await;

            assert_eq!(found, [true; TASKS]);
            assert_eq!(race.stored().await, [HASH_OF_TOKEN]);
            race.store.delete_session(&"token".into()).await.unwrap().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_session_that_ends_while_many_use_it_has_ended() {
    for race in everywhere().await {
        for _ in 0..ROUNDS {
            race.plain("token").await;

            let ended = at_once(TASKS, |number| {
                let (store, used) = (Arc::clone(&race.store), race.uses(number));
                async move {
                    if number == TASKS / 2 {
                        return store.delete_session(&"token".into()).await.unwrap().is_some();
                    }
                    used.await;
                    false
                }
            })
            .await;

            assert!(ended.contains(&true));
            assert_eq!(race.stored().await, [""; 0]);
            assert_eq!(race.store.session_and_user(&"token".into()).await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_out_everywhere_while_many_use_a_plain_session_leaves_none() {
    for race in everywhere().await {
        for _ in 0..ROUNDS {
            race.plain("token").await;
            race.plain("phone").await;

            at_once(TASKS, |number| {
                let (store, id, used) = (Arc::clone(&race.store), race.user.id.clone(), race.uses(number));
                async move {
                    if number == TASKS / 2 {
                        store.delete_sessions_of_user(&id, None).await.unwrap();
                    } else {
                        used.await;
                    }
                }
            })
            .await;

            assert_eq!(race.stored().await, [""; 0]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_out_everywhere_else_while_many_use_a_plain_session_keeps_it() {
    for race in everywhere().await {
        for _ in 0..ROUNDS {
            race.plain("token").await;
            race.plain("phone").await;

            let found = at_once(TASKS, |number| {
                let (store, id, used) = (Arc::clone(&race.store), race.user.id.clone(), race.uses(number));
                async move {
                    if number == TASKS / 2 {
                        let keep = SecretToken::from("token");
                        return store.delete_sessions_of_user(&id, Some(&keep)).await.unwrap() == 1;
                    }
                    used.await
                }
            })
            .await;

            assert_eq!(found, [true; TASKS]);
            assert_eq!(race.stored().await, [HASH_OF_TOKEN]);
            race.store.delete_session(&"token".into()).await.unwrap().unwrap();
        }
    }
}
