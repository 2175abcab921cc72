//! Many calls at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use vestibule_core::Sessions;
use vestibule_lucia::LuciaError;

use crate::support::{DAY, Setting};

/// Runs `act` in `n` tasks that begin together.
async fn all_at_once<T: Send + 'static, F>(n: usize, act: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(n));
    let mut tasks = JoinSet::new();
    for i in 0..n {
        let (barrier, task) = (Arc::clone(&barrier), act(i));
        tasks.spawn(async move {
            barrier.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_validation_never_revives_a_deleted_session() {
    let set = Setting::new().await;
    for _ in 0..200 {
        let id = set.session().await;
        set.clock.advance(20 * DAY);

        all_at_once(8, |i| {
            let (lucia, id) = (set.lucia.clone(), id.clone());
            async move {
                if i == 0 {
                    assert!(lucia.invalidate_session(&id).await.unwrap());
                } else {
                    lucia.validate_session(&id).await.unwrap();
                }
            }
        })
        .await;

        assert_eq!(set.memory.delete_session(&id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_deletion_between_reading_and_extending_is_honored() {
    let set = Setting::new().await;
    let id = set.session().await;
    set.clock.advance(20 * DAY);
    let (memory, same) = (Arc::clone(&set.memory), id.clone());
    set.store.meanwhile("touch_session", async move || drop(memory.delete_session(&same).await));

    assert_eq!(set.lucia.validate_session(&id).await.unwrap(), None);
    assert_eq!(set.memory.delete_session(&id).await.unwrap(), None);
}

#[tokio::test]
async fn an_extension_by_somebody_else_meanwhile_is_kept_and_is_fresh() {
    let set = Setting::new().await;
    let id = set.session().await;
    set.clock.advance(30 * DAY);
    let (other, same) = (set.lucia.clone(), id.clone());
    let clock = set.clock.clone();
    let now = set.now();
    set.store.meanwhile("touch_session", async move || {
        // Another machine, whose clock is a minute behind, sees it alive.
        clock.set(now.before(std::time::Duration::from_mins(1)));
        other.validate_session(&same).await.unwrap().unwrap();
        clock.set(now);
    });

    let session = set.lucia.validate_session(&id).await.unwrap().unwrap().session;

    assert!(session.fresh, "the cookie is to be sent again");
    assert_eq!(session.expires_at, now.before(std::time::Duration::from_mins(1)).after(30 * DAY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_validations_all_agree_on_the_expiry() {
    let set = Setting::new().await;
    let id = set.session().await;
    set.clock.advance(20 * DAY);

    let found = all_at_once(16, |_| {
        let (lucia, id) = (set.lucia.clone(), id.clone());
        async move { lucia.validate_session(&id).await.unwrap().unwrap().session }
    })
    .await;

    assert!(found.iter().all(|session| session.expires_at == set.now().after(30 * DAY)));
    assert!(found.iter().any(|session| session.fresh));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_gets_a_given_id() {
    let set = Setting::new().await;

    let results = all_at_once(16, |_| {
        let (lucia, ada) = (set.lucia.clone(), set.ada.clone());
        async move { lucia.create_session_with_id("given".into(), &ada, &()).await }
    })
    .await;

    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let conflicts = results.iter().filter(|result| matches!(result, Err(LuciaError::Store(_))));
    assert_eq!(conflicts.count(), 15);
}
