//! Many callers in many processes: one of them refreshes.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use vestibule_core::{AdapterError, ProviderId, VerificationTokens};
use vestibule_engine::AccessTokenError;
use vestibule_testkit::Page;

use super::{HOUR, Office, Process};

const CALLERS: usize = 64;

/// All ask at once; the clock is moved for those who wait, once there is what they wait for. Before, it could pass the
/// lease of a process that is merely given no processor.
async fn all_ask(office: &Office, processes: &[Process]) -> HashSet<String> {
    let old = office.stored_token().await;
    let mut tasks = JoinSet::new();
    for caller in 0..CALLERS {
        let (process, user) = (processes[caller % processes.len()].clone(), office.user.clone());
        tasks.spawn(async move { process.ask(&user).await.unwrap().token.expose().to_owned() });
    }
    let all = tokio::spawn(tasks.join_all());
    while office.stored_token().await == old {
        tokio::task::yield_now().await;
    }
    office.wait_for(all).await.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_callers_in_one_process_one_refreshes() {
    let office = Office::open().await;
    let process = office.process();
    office.later(HOUR);

    let tokens = all_ask(&office, std::slice::from_ref(&process)).await;

    assert_eq!(office.refreshings(), 1);
    assert_eq!(tokens, HashSet::from([office.stored_token().await.expose().to_owned()]));
    let calls = process.store.take_calls();
    assert!(calls.iter().filter(|call| **call == "acquire_lease").count() <= 2, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_callers_in_many_processes_one_refreshes() {
    for round in 1..=3 {
        let office = Office::open().await;
        let processes: Vec<_> = (0..8).map(|_| office.process()).collect();
        office.later(HOUR * round);

        let tokens = all_ask(&office, &processes).await;

        assert_eq!(office.refreshings(), 1);
        assert_eq!(tokens, HashSet::from([office.stored_token().await.expose().to_owned()]));
    }
}

/// The first has asked the provider and is about to store what it got.
async fn in_the_middle(office: &Office, first: &Process, second: &Process) {
    let (second, user) = (second.clone(), office.user.clone());
    let waiting = tokio::sync::oneshot::channel();
    first.store.meanwhile("update_account", move || async move {
        let task = tokio::spawn({
            let second = second.clone();
            async move { second.ask(&user).await }
        });
        second.waits().await;
        waiting.0.send(task).unwrap();
    });
    let token = office.ask(first).await.unwrap();

    let task = waiting.1.await.unwrap();
    assert!(!task.is_finished());
    assert_eq!(office.wait_for(task).await.unwrap(), token);
}

#[tokio::test]
async fn whoever_comes_while_another_process_refreshes_waits_for_its_token() {
    let office = Office::open().await;
    office.later(HOUR);

    in_the_middle(&office, &office.process(), &office.process()).await;

    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn while_another_process_refreshes_a_token_that_is_still_good_is_given_at_once() {
    let office = Office::open().await;
    let (first, second) = (office.process(), office.process());
    let old = office.stored_token().await;
    office.later(Duration::from_secs(59 * 60 + 30));
    let user = office.user.clone();
    first.store.meanwhile("update_account", move || async move {
        assert_eq!(second.ask(&user).await.unwrap().token, old);
    });

    office.ask(&first).await.unwrap();

    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn without_a_runtime_whoever_comes_while_another_refreshes_is_told_so() {
    let office = Office::open().await;
    let (first, second) = (office.process(), office.process_without_runtime());
    office.later(HOUR);
    let user = office.user.clone();
    first.store.meanwhile("update_account", move || async move {
        assert!(matches!(second.ask(&user).await.unwrap_err(), AccessTokenError::Busy));
    });

    office.ask(&first).await.unwrap();

    assert_eq!(office.refreshings(), 1);
}

/// Lets a process die at a call of the store: from there on it does nothing any more.
async fn dies_at(office: &Office, operation: &'static str) {
    let dying = office.process_without_runtime();
    let (reached, stuck) = tokio::sync::oneshot::channel();
    dying.store.meanwhile(operation, move || async move {
        reached.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    let user = office.user.clone();
    let task = tokio::spawn(async move { dying.ask(&user).await });
    stuck.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_process_that_dies_before_it_asks_holds_the_others_up_until_its_lease_ends() {
    let office = Office::open().await;
    office.later(HOUR);
    dies_at(&office, "account").await;
    let (died, second) = (office.world.app.now(), office.process());
    let user = office.user.clone();

    let task = tokio::spawn(async move { second.ask(&user).await });
    let token = office.wait_for(task).await.unwrap();

    assert_eq!(token.token, office.stored_token().await);
    assert_eq!(office.refreshings(), 1);
    let waited = office.world.app.now().as_secs() - died.as_secs();
    assert!((59..=63).contains(&waited), "{waited}");
}

/// What the provider gave is gone, and the old refresh token was used up: no way leads back, and none is tried twice.
#[tokio::test]
async fn a_process_that_dies_with_the_new_tokens_costs_a_sign_in_and_no_loop() {
    let office = Office::open().await;
    office.later(HOUR);
    dies_at(&office, "update_account").await;
    assert_eq!(office.refreshings(), 1);
    let second = office.process();
    let (asking, user) = (second.clone(), office.user.clone());

    let task = tokio::spawn(async move { asking.ask(&user).await });
    let refused = office.wait_for(task).await.unwrap_err();

    assert!(matches!(refused, AccessTokenError::SignInAgain));
    assert_eq!(office.refreshings(), 2);
    for _ in 0..8 {
        assert!(matches!(office.ask(&second).await.unwrap_err(), AccessTokenError::SignInAgain));
    }
    assert_eq!(office.refreshings(), 2);
    office.world.sign_in(&mut office.world.app.browser()).await;
    assert_eq!(office.ask(&second).await.unwrap().token, office.stored_token().await);
    office.later(HOUR);
    office.ask(&second).await.unwrap();
}

#[tokio::test]
async fn a_caller_who_goes_away_loses_no_token() {
    let office = Office::open().await;
    office.later(HOUR);
    let process = office.process();
    let (reached, stuck) = tokio::sync::oneshot::channel();
    let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
    process.store.meanwhile("update_account", move || async move {
        reached.send(()).unwrap();
        wait.await.unwrap();
    });
    let (asking, user) = (process.clone(), office.user.clone());
    let task = tokio::spawn(async move { asking.ask(&user).await });
    stuck.await.unwrap();

    task.abort();
    task.await.unwrap_err();
    go_on.send(()).unwrap();
    let token = office.ask(&process).await.unwrap();

    assert_eq!(token.token, office.stored_token().await);
    assert_eq!(office.refreshings(), 1);
}

/// Without a runtime nothing goes on by itself, but what the provider gave is not forgotten.
#[tokio::test]
async fn a_caller_who_goes_away_while_the_tokens_are_stored_leaves_them_to_the_next_one() {
    let office = Office::open().await;
    office.later(HOUR);
    let process = office.process_without_runtime();
    let (reached, stuck) = tokio::sync::oneshot::channel();
    process.store.meanwhile("update_account", move || async move {
        reached.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    let (asking, user) = (process.clone(), office.user.clone());
    let task = tokio::spawn(async move { asking.ask(&user).await });
    stuck.await.unwrap();
    task.abort();
    task.await.unwrap_err();

    let token = office.ask(&process).await.unwrap();

    assert_eq!(token.token, office.stored_token().await);
    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn the_lease_is_given_back() {
    let office = Office::open().await;
    for round in 1..=3 {
        office.later(HOUR);
        let process = office.process();

        office.ask(&process).await.unwrap();

        assert_eq!(office.refreshings(), round);
        assert!(process.store.take_calls().contains(&"release_lease"));
        assert_eq!(process.runtime.pauses.load(std::sync::atomic::Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn two_accounts_do_not_wait_for_each_other() {
    let office = Office::open().await;
    let mut other = office.world.app.browser();
    office.world.fake.set_user(json!({"sub": "grace-1", "email": "grace@example.com"}));
    office.world.sign_in(&mut other).await;
    let grace = office.world.app.user("grace@example.com").await.unwrap();
    let (first, second) = (office.process(), office.process_without_runtime());
    office.later(HOUR);
    first.store.meanwhile("update_account", move || async move {
        second.ask(&grace).await.unwrap();
    });

    office.ask(&first).await.unwrap();

    assert_eq!(office.world.fake.requests(Page::Token), 4);
}

/// An application on the original refreshes without a lease, and is a little faster.
#[tokio::test]
async fn tokens_that_somebody_else_stores_meanwhile_are_taken() {
    use futures_util::FutureExt as _;
    use vestibule_core::{AccountChanges, AccountTokens, Accounts, Change};

    let office = Office::open().await;
    office.later(HOUR);
    let memory = office.world.app.memory.clone();
    let expires_at = Some(office.world.app.now().after(HOUR));
    office.world.fake.answer(Page::Token, move || {
        let tokens = AccountTokens {
            access_token: Some("theirs".into()),
            refresh_token: Some("theirs too".into()),
            expires_at,
            ..AccountTokens::default()
        };
        let changes = AccountChanges { tokens: Change::Set(tokens), ..AccountChanges::default() };
        let (fake, account) = (ProviderId::from("fake"), "ada-1".into());
        memory.update_account(&fake, &account, &changes).now_or_never().unwrap().unwrap();
        http::Response::builder().status(400).body(r#"{"error":"invalid_grant"}"#.into()).unwrap()
    });

    let token = office.ask(&office.process()).await.unwrap();

    assert_eq!(token.token.expose(), "theirs");
    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn somebody_who_waits_does_not_wait_for_ever() {
    let office = Office::open().await;
    office.later(HOUR);
    let process = office.process();
    let memory = office.world.app.memory.clone();
    let clock = office.world.app.clock.clone();
    // Whoever holds the lease takes it again and again.
    let holder = tokio::spawn(async move {
        use vestibule_core::Clock as _;
        loop {
            let now = clock.now();
            let lease: Result<_, AdapterError> =
                memory.acquire_lease(&lease_name(), now, now.after(Duration::from_mins(1))).await;
            lease.unwrap();
            tokio::task::yield_now().await;
        }
    });
    tokio::task::yield_now().await;
    let user = office.user.clone();

    let task = tokio::spawn(async move { process.ask(&user).await });
    let refused = office.wait_for(task).await.unwrap_err();

    holder.abort();
    assert!(matches!(refused, AccessTokenError::Busy));
    assert_eq!(office.refreshings(), 0);
}

/// The lease of Ada's account, which is the same for every process and every version.
fn lease_name() -> String {
    use sha2::{Digest as _, Sha256};
    format!("vestibule:refresh:{}", hex::encode(Sha256::digest("fake\0ada-1")))
}
