//! Many at once: on memory, SQLite, PostgreSQL and MariaDB, with tables as Vestibule makes them and as they were published.

use std::sync::Arc;

use vestibule_conformance::{Case, Fixture, Offer, Store, run};
use vestibule_core::{Adapter, NewSession, NewUser, SecretToken, Sessions, User};
use vestibule_memory::Memory;
use vestibule_mysql_async::MysqlAsync;
use vestibule_rusqlite::Rusqlite;
use vestibule_testkit::servers::{MARIADB_URL, POSTGRES_URL};
use vestibule_testkit::sql::{self, Made};
use vestibule_testkit::{FaultyAdapter, mysql, servers};
use vestibule_tokio_postgres::TokioPostgres;
use vestibule_vault::HashedSessions;

use crate::support::{HASH_OF_TOKEN, HOUR, NOW, POLICY, at_once};

const TASKS: usize = 64;
const ROUNDS: usize = 16;

/// A store, what is around it, and a user.
struct Race {
    inner: Arc<dyn Adapter>,
    store: Arc<HashedSessions>,
    user: User,
}

impl Race {
    async fn on(inner: Arc<dyn Adapter>) -> Self {
        let user = inner.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
        let store = Arc::new(HashedSessions::new(Arc::clone(&inner)));
        Self { inner, store, user }
    }

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

/// Lets others run before each call.
async fn memory(_: Fixture) -> Offer {
    Store::new(FaultyAdapter::new(Arc::new(Memory::new()))).into()
}

async fn sqlite(fixture: Fixture, made: Made) -> Offer {
    let folder = tempfile::tempdir().unwrap();
    let driver = Rusqlite::open(folder.path().join("vestibule.db")).unwrap();
    sql::store(driver, &fixture, made).await.with_guard(folder).into()
}

async fn postgres(fixture: Fixture, made: Made) -> Offer {
    let Ok(url) = std::env::var(POSTGRES_URL) else { return servers::absent(POSTGRES_URL) };
    let settings = vestibule_tokio_postgres::Settings::from_url(&url).unwrap();
    sql::store(TokioPostgres::connect(&settings).unwrap(), &fixture, made).await.into()
}

async fn mariadb(fixture: Fixture, made: Made) -> Offer {
    let connect = async |url: &str| {
        let mut settings = vestibule_mysql_async::Settings::from_url(url).unwrap();
        settings.max = 8;
        MysqlAsync::connect(&settings).await.unwrap()
    };
    mysql::store(MARIADB_URL, connect, fixture, made).await
}

/// A test of each race on each store.
macro_rules! races {
    ($($name:ident: $race:ident;)*) => {
        $(
            mod $name {
                use super::*;

                const RACE: Case = |inner| Box::pin($race(inner));
                const FIXTURE: Fixture = Fixture::plain(stringify!($race));

                #[test]
                fn in_memory() {
                    run(FIXTURE, &[], memory, RACE);
                }

                #[test]
                fn on_sqlite() {
                    run(FIXTURE, &[], async |fixture| sqlite(fixture, Made::Fresh).await, RACE);
                }

                #[test]
                fn on_published_sqlite() {
                    run(FIXTURE, &[], async |fixture| sqlite(fixture, Made::Published).await, RACE);
                }

                #[test]
                fn on_postgres() {
                    run(FIXTURE, &[], async |fixture| postgres(fixture, Made::Fresh).await, RACE);
                }

                #[test]
                fn on_published_postgres() {
                    run(FIXTURE, &[], async |fixture| postgres(fixture, Made::Published).await, RACE);
                }

                #[test]
                fn on_mariadb() {
                    run(FIXTURE, &[], async |fixture| mariadb(fixture, Made::Fresh).await, RACE);
                }

                #[test]
                fn on_published_mariadb() {
                    run(FIXTURE, &[], async |fixture| mariadb(fixture, Made::Published).await, RACE);
                }
            }
        )*
    };
}

races! {
    using: all_of_many_find_a_plain_session_and_one_row_is_left;
    ending: a_plain_session_that_ends_while_many_use_it_has_ended;
    ending_all: signing_out_everywhere_while_many_use_a_plain_session_leaves_none;
    ending_all_others: signing_out_everywhere_else_while_many_use_a_plain_session_keeps_it;
}

async fn all_of_many_find_a_plain_session_and_one_row_is_left(inner: Arc<dyn Adapter>) {
    let race = Race::on(inner).await;
    for _ in 0..ROUNDS {
        race.plain("token").await;

        let found = at_once(TASKS, |number| race.uses(number)).await;

        assert_eq!(found, [true; TASKS]);
        assert_eq!(race.stored().await, [HASH_OF_TOKEN]);
        race.store.delete_session(&"token".into()).await.unwrap().unwrap();
    }
}

async fn a_plain_session_that_ends_while_many_use_it_has_ended(inner: Arc<dyn Adapter>) {
    let race = Race::on(inner).await;
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

async fn signing_out_everywhere_while_many_use_a_plain_session_leaves_none(inner: Arc<dyn Adapter>) {
    let race = Race::on(inner).await;
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

async fn signing_out_everywhere_else_while_many_use_a_plain_session_keeps_it(inner: Arc<dyn Adapter>) {
    let race = Race::on(inner).await;
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
