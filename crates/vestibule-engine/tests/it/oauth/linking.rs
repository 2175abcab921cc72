//! `Linking::SameVerifiedEmail`: both sides must know that the address is the user's.

use serde_json::{Value, json};
use vestibule_core::{NewUser, User, Users};
use vestibule_engine::oauth::UserInfoMapping;
use vestibule_engine::{Linking, OAuthProvider, SessionStrategy};

use super::{NOT_LINKED, World, client_of, strategies};
use crate::app::{Browser, ORIGIN};

async fn world(strategy: SessionStrategy) -> World {
    World::with(strategy, |fake| fake.with_linking(Linking::SameVerifiedEmail)).await
}

/// A user with the address that the provider tells as well.
async fn ada(world: &World, is_verified: bool) -> User {
    let email_verified = is_verified.then(|| world.app.now());
    let user = NewUser { email_verified, ..NewUser::with_email("ada@example.com") };
    world.app.memory.create_user(&user, None).await.unwrap()
}

fn tells(world: &World, email_verified: &Value) {
    world
        .fake
        .set_user(json!({"sub": "ada-1", "email": "ada@example.com", "email_verified": email_verified}));
}

/// A browser that is signed in as Grace, who has nothing to do with the address.
async fn grace(world: &World) -> Browser {
    world.signed_in("grace@example.com").await.0
}

#[tokio::test]
async fn an_account_is_linked_by_its_address_if_both_sides_have_verified_it() {
    for strategy in strategies() {
        for (there, here) in [
            (json!(true), true),
            (json!(true), false),
            (json!(false), true),
            (json!(false), false),
            (json!(null), true),
            (json!(null), false),
        ] {
            let world = world(strategy).await;
            let user = ada(&world, here).await;
            tells(&world, &there);
            let mut browser = world.app.browser();

            let answer = world.sign_in(&mut browser).await;

            let account = world.account("ada-1").await;
            if there == json!(true) && here {
                assert_eq!(answer.location(), Some(ORIGIN));
                assert_eq!(account.unwrap().user_id, user.id);
                assert_eq!(world.who(&browser).await, Some(user.id));
                let events = ["linkAccount ada@example.com fake:ada-1", "signIn ada@example.com fake"];
                assert_eq!(world.diary.take(), events);
            } else {
                assert_eq!(answer.location(), Some(NOT_LINKED), "{there} {here}");
                assert_eq!((account, world.who(&browser).await), (None, None), "{there} {here}");
                assert_eq!(world.diary.take(), [""; 0]);
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_signed_in_links_the_account_however_verified_the_address_of_somebody_else_is() {
    for strategy in strategies() {
        for (there, here) in
            [(json!(true), true), (json!(true), false), (json!(false), true), (json!(false), false)]
        {
            let world = world(strategy).await;
            let other = ada(&world, here).await;
            let mut browser = grace(&world).await;
            let user = world.app.user("grace@example.com").await.unwrap();
            tells(&world, &there);

            let answer = world.sign_in(&mut browser).await;

            assert_eq!(answer.location(), Some(ORIGIN));
            assert_eq!(world.account("ada-1").await.unwrap().user_id, user.id);
            assert_eq!(world.who(&browser).await, Some(user.id));
            assert_eq!(world.accounts(&other.id).await, 0);
        }
    }
}

/// Somebody makes a user with the address of a victim, and waits until the victim comes by a provider.
#[tokio::test]
async fn a_user_who_lies_in_wait_gets_nobodys_account() {
    let world = world(SessionStrategy::default()).await;
    let trap = ada(&world, false).await;
    tells(&world, &json!(true));

    let answer = world.sign_in(&mut world.app.browser()).await;

    assert_eq!(answer.location(), Some(NOT_LINKED));
    assert_eq!(world.accounts(&trap.id).await, 0);
}

/// Somebody tells a provider that checks nothing the address of a victim, and waits until the victim comes by e-mail.
#[tokio::test]
async fn an_address_that_the_provider_doubts_is_nobodys() {
    let world = world(SessionStrategy::default()).await;
    tells(&world, &json!(false));
    let mut stranger = world.app.browser();
    world.sign_in(&mut stranger).await;

    let mut victim = world.app.browser();
    victim.sign_in("ada@example.com").await;

    let strangers = world.who(&stranger).await.unwrap();
    let user = world.app.user("ada@example.com").await.unwrap();
    assert_ne!(user.id, strangers);
    assert_eq!(world.who(&victim).await, Some(user.id.clone()));
    assert_eq!(world.accounts(&user.id).await, 0);
    assert_eq!(world.app.memory.user(&strangers).await.unwrap().unwrap().email, None);
}

/// The same at a provider that never says whether it has verified an address.
#[tokio::test]
async fn a_link_leads_to_no_user_who_may_lie_in_wait_for_the_owner_of_the_address() {
    for (linking, vouches, is_refused) in [
        (Linking::WhenSignedIn, false, true),
        (Linking::SameVerifiedEmail, false, true),
        (Linking::WhenSignedIn, true, false),
        (Linking::DangerousSameEmail, false, false),
    ] {
        for strategy in strategies() {
            let world = World::configured(|fake, config| {
                let mapping = UserInfoMapping::default();
                let mapping = if vouches { mapping } else { mapping.without_verified_addresses() };
                let provider = OAuthProvider::new(client_of(fake, "fake").with_mapping(mapping));
                config.with_provider(provider.with_linking(linking)).with_session(strategy)
            })
            .await;
            tells(&world, &json!(null));
            let mut stranger = world.app.browser();
            world.sign_in(&mut stranger).await;
            let theirs = world.who(&stranger).await.unwrap();

            let mut victim = world.app.browser();
            let link = victim.ask_for_link("ada@example.com").await;
            let answer = victim.redeem(&link).await;

            let user = world.app.memory.user(&theirs).await.unwrap().unwrap();
            assert_eq!(user.email.as_deref(), Some("ada@example.com"));
            if is_refused {
                assert_eq!(answer.location(), Some(NOT_LINKED));
                assert_eq!((world.who(&victim).await, user.email_verified), (None, None));
                // Whoever is signed in as the user and reads the mail is the same person.
                stranger.sign_in("ada@example.com").await;
                assert_eq!(world.who(&stranger).await, Some(theirs.clone()));
                let user = world.app.memory.user(&theirs).await.unwrap().unwrap();
                assert!(user.email_verified.is_some());
                world.app.browser().sign_in("ada@example.com").await;
            } else {
                assert_eq!(world.who(&victim).await, Some(theirs));
                assert!(user.email_verified.is_some());
            }
        }
    }
}

#[tokio::test]
async fn a_new_user_has_a_verified_address_if_the_provider_says_so_and_linking_asks() {
    for (linking, there, is_verified) in [
        (Linking::SameVerifiedEmail, json!(true), true),
        (Linking::SameVerifiedEmail, json!(null), false),
        (Linking::WhenSignedIn, json!(true), false),
        (Linking::WhenSignedIn, json!(null), false),
        (Linking::DangerousSameEmail, json!(true), false),
        (Linking::DangerousSameEmail, json!(false), false),
    ] {
        let world = World::with(SessionStrategy::default(), |fake| fake.with_linking(linking)).await;
        tells(&world, &there);

        world.sign_in(&mut world.app.browser()).await;

        let user = world.app.user("ada@example.com").await.unwrap();
        assert_eq!(user.email_verified.is_some(), is_verified, "{linking:?} {there}");
    }
}

#[tokio::test]
async fn an_address_that_the_provider_calls_unverified_is_kept_for_nobody() {
    for linking in [Linking::WhenSignedIn, Linking::SameVerifiedEmail] {
        let world = World::with(SessionStrategy::default(), |fake| fake.with_linking(linking)).await;
        tells(&world, &json!(false));

        let mut stranger = world.app.browser();
        world.sign_in(&mut stranger).await;

        let user = world.who(&stranger).await.unwrap();
        assert_eq!(world.app.memory.user(&user).await.unwrap().unwrap().email, None, "{linking:?}");
    }
}
