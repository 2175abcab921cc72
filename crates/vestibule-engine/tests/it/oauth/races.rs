//! What several browsers at the same time may not do.

use std::collections::HashSet;

use serde_json::json;
use tokio::task::JoinSet;
use vestibule_core::{Accounts, NewAccount, NewUser, Users};
use vestibule_engine::{Linking, SessionStrategy};

use super::{NOT_LINKED, World, ada, client_of, strategies};
use crate::app::ORIGIN;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_sign_ins_of_one_account_one_user_comes_and_all_are_signed_in() {
    const BROWSERS: usize = 64;
    for strategy in strategies() {
        let world = World::new(strategy).await;
        world.fake.set_user(ada());
        let mut tasks = JoinSet::new();
        for _ in 0..BROWSERS {
            let mut browser = world.app.browser();
            let to = browser.leave_for("fake").await;
            let returned = world.fake.visit(&to);
            tasks.spawn(async move {
                let answer = browser.come_back(&returned).await;
                assert_eq!(answer.location(), Some(ORIGIN));
                browser
            });
        }

        let mut users = HashSet::new();
        while let Some(browser) = tasks.join_next().await {
            users.insert(world.who(&browser.unwrap()).await.unwrap());
        }

        let user = world.app.user("ada@example.com").await.unwrap();
        assert_eq!(users, HashSet::from([user.id.clone()]));
        assert_eq!(world.accounts(&user.id).await, 1);
        let told = world.diary.take();
        let count = |word: &str| told.iter().filter(|line| line.starts_with(word)).count();
        let new = told.iter().filter(|line| line.ends_with(" new")).count();
        assert_eq!(
            (count("createUser"), count("linkAccount"), count("signIn"), new),
            (1, 1, BROWSERS, 1),
            "{told:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_users_who_link_one_account_at_once_one_gets_it() {
    for strategy in strategies() {
        let mut winners = HashSet::new();
        for _ in 0..8 {
            let world = World::new(strategy).await;
            world.fake.set_user(json!({"sub": "shared"}));
            let mut tasks = JoinSet::new();
            for email in ["ada@example.com", "grace@example.com"] {
                let (mut browser, user) = world.signed_in(email).await;
                let returned = world.fake.visit(&browser.leave_for("fake").await);
                tasks.spawn(async move {
                    let answer = browser.come_back(&returned).await;
                    (user.id, email, answer.location().unwrap().to_owned())
                });
            }

            let ended = tasks.join_all().await;

            let owner = world.account("shared").await.unwrap().user_id;
            for (user, email, location) in ended {
                let is_owner = user == owner;
                assert_eq!(location, if is_owner { ORIGIN } else { NOT_LINKED });
                assert_eq!(world.accounts(&user).await, usize::from(is_owner));
                if is_owner {
                    winners.insert(email);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_providers_that_tell_one_address_one_makes_the_user() {
    let world = World::configured(|fake, config| {
        config.with_provider(client_of(fake, "fake")).with_provider(client_of(fake, "twin"))
    })
    .await;
    world.fake.set_user(ada());
    let mut tasks = JoinSet::new();
    for id in ["fake", "twin"] {
        let mut browser = world.app.browser();
        let returned = world.fake.visit(&browser.leave_for(id).await);
        tasks.spawn(async move { browser.come_back(&returned).await.location().unwrap().to_owned() });
    }

    let mut ended = tasks.join_all().await;

    ended.sort_by_key(String::len);
    assert_eq!(ended, [ORIGIN, NOT_LINKED]);
    let user = world.app.user("ada@example.com").await.unwrap();
    assert_eq!(world.accounts(&user.id).await, 1);
}

/// Between the look at the account and the look at the address.
#[tokio::test]
async fn a_user_who_is_created_with_the_account_meanwhile_is_signed_in() {
    for operation in ["user_by_email", "sign_up"] {
        let world = World::new(SessionStrategy::default()).await;
        world.fake.set_user(ada());
        let memory = world.app.memory.clone();
        world.app.store.meanwhile(operation, move || async move {
            let account = NewAccount::new("oidc".into(), "fake", "ada-1");
            memory.create_user(&NewUser::with_email("ada@example.com"), Some(&account)).await.unwrap();
        });
        let mut browser = world.app.browser();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(ORIGIN), "{operation}");
        let user = world.app.user("ada@example.com").await.unwrap();
        assert_eq!(world.who(&browser).await, Some(user.id));
    }
}

#[tokio::test]
async fn an_account_that_somebody_links_meanwhile_is_theirs() {
    let world = World::new(SessionStrategy::default()).await;
    let (mut browser, user) = world.signed_in("ada@example.com").await;
    let other = world.app.memory.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
    world.fake.set_user(ada());
    let (memory, winner) = (world.app.memory.clone(), other.id.clone());
    world.app.store.meanwhile("link_account", move || async move {
        let account = NewAccount::new("oidc".into(), "fake", "ada-1");
        memory.link_account(&winner, &account).await.unwrap();
    });

    let answer = world.sign_in(&mut browser).await;

    assert_eq!(answer.location(), Some(NOT_LINKED));
    assert_eq!(world.account("ada-1").await.unwrap().user_id, other.id);
    assert_eq!(world.who(&browser).await, Some(user.id));
}

#[tokio::test]
async fn a_user_who_is_deleted_while_they_link_leaves_no_account_behind() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        let (mut browser, user) = world.signed_in("grace@example.com").await;
        world.fake.set_user(ada());
        let (memory, id) = (world.app.memory.clone(), user.id.clone());
        world.app.store.meanwhile("link_account", move || async move {
            memory.delete_user(&id).await.unwrap();
        });

        let answer = world.sign_in(&mut browser).await;

        // Nobody was signed in any more: whoever owns the account at the provider is somebody new.
        assert_eq!(answer.location(), Some(ORIGIN));
        let new = world.app.user("ada@example.com").await.unwrap();
        assert_eq!(world.account("ada-1").await.unwrap().user_id, new.id);
        assert_eq!(world.who(&browser).await, Some(new.id));
    }
}

#[tokio::test]
async fn a_user_with_the_address_who_is_deleted_before_the_link_comes_anew() {
    let world =
        World::with(SessionStrategy::default(), |fake| fake.with_linking(Linking::DangerousSameEmail)).await;
    let old = world.app.memory.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    world.fake.set_user(ada());
    let (memory, id) = (world.app.memory.clone(), old.id.clone());
    world.app.store.meanwhile("link_account", move || async move {
        memory.delete_user(&id).await.unwrap();
    });
    let mut browser = world.app.browser();

    let answer = world.sign_in(&mut browser).await;

    assert_eq!(answer.location(), Some(ORIGIN));
    let new = world.app.user("ada@example.com").await.unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(world.account("ada-1").await.unwrap().user_id, new.id);
}

#[tokio::test]
async fn a_user_who_is_deleted_before_the_session_begins_is_not_signed_in() {
    let world = World::new(SessionStrategy::default()).await;
    let owner = world.owner("ada@example.com", "ada-1").await;
    world.fake.set_user(ada());
    let (memory, id) = (world.app.memory.clone(), owner.id.clone());
    world.app.store.meanwhile("create_session", move || async move {
        memory.delete_user(&id).await.unwrap();
    });
    let mut browser = world.app.browser();

    let answer = world.sign_in(&mut browser).await;

    assert_eq!(answer.location(), Some(super::DENIED));
    assert_eq!(browser.session_token(), None);
    assert_eq!(world.account("ada-1").await, None);
}
