//! A store that goes down, or breaks, after each of the calls of a sign-in: no orphan, nothing half done, and signing in
//! once more goes on from there.

use http::StatusCode;
use vestibule_core::{Sessions, User};
use vestibule_engine::{Linking, SessionStrategy};
use vestibule_testkit::{Fault, Returned};

use super::{CONFIGURATION, World, ada, strategies};
use crate::app::{Browser, ORIGIN};

/// The rows of the table that end in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Known,
    KnownAgain,
    LinkedBySession,
    LinkedByAddress,
    New,
}

const ROWS: [Row; 5] = [Row::Known, Row::KnownAgain, Row::LinkedBySession, Row::LinkedByAddress, Row::New];

struct Scene {
    world: World,
    browser: Browser,
    returned: Returned,
    /// Who there was before.
    user: Option<User>,
}

async fn scene(row: Row, strategy: SessionStrategy) -> Scene {
    let linking = match row {
        Row::LinkedByAddress => Linking::DangerousSameEmail,
        _ => Linking::default(),
    };
    let world = World::with(strategy, |fake| fake.with_linking(linking)).await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();
    let user = match row {
        Row::Known => Some(world.owner("ada@example.com", "ada-1").await),
        Row::KnownAgain => {
            world.owner("ada@example.com", "ada-1").await;
            let (signed_in, user) = world.signed_in("ada@example.com").await;
            browser = signed_in;
            Some(user)
        }
        Row::LinkedBySession => {
            let (signed_in, user) = world.signed_in("grace@example.com").await;
            browser = signed_in;
            Some(user)
        }
        Row::LinkedByAddress => Some(world.signed_in("ada@example.com").await.1),
        Row::New => None,
    };
    let returned = world.fake.visit(&browser.leave_for("fake").await);
    world.app.store.take_calls();
    world.diary.take();
    Scene { world, browser, returned, user }
}

/// Whose the account is, if it is anybody's. There is no user without it, and no account without its user.
async fn consistent(scene: &Scene, row: Row) {
    let Scene { world, user, .. } = scene;
    let account = world.account("ada-1").await;
    let by_address = world.app.user("ada@example.com").await;
    match row {
        Row::Known | Row::KnownAgain => assert_eq!(account.unwrap().user_id, user.as_ref().unwrap().id),
        Row::LinkedBySession | Row::LinkedByAddress => {
            assert!(account.is_none_or(|account| account.user_id == user.as_ref().unwrap().id));
        }
        Row::New => assert_eq!(account.map(|account| account.user_id), by_address.map(|user| user.id)),
    }
}

async fn goes_on_after(fault: Fault) -> Vec<(Row, usize)> {
    let mut counted = Vec::new();
    for strategy in strategies() {
        for row in ROWS {
            let mut step = 0;
            loop {
                let mut scene = scene(row, strategy).await;
                let before = scene.browser.clone();
                scene.world.app.store.fail_after(step, fault);

                let answer = scene.browser.come_back(&scene.returned).await;

                scene.world.app.store.recover();
                if answer.location() == Some(ORIGIN) {
                    break;
                }
                match fault {
                    Fault::Unavailable => {
                        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{row:?} {step}");
                        assert_eq!(answer.header("retry-after"), Some("5"));
                    }
                    _ => assert_eq!(answer.location(), Some(CONFIGURATION), "{row:?} {step}"),
                }
                assert!(!answer.set_cookies().iter().any(|cookie| cookie.contains("session-token=")));
                assert_eq!(scene.browser.session_token(), before.session_token());
                consistent(&scene, row).await;
                if let (Row::New, SessionStrategy::Database(_)) = (row, strategy) {
                    assert_eq!(scene.world.app.user("ada@example.com").await, None, "there is no session");
                }

                let again = scene.world.sign_in(&mut scene.browser).await;

                assert_eq!(again.location(), Some(ORIGIN), "{row:?} {step}");
                consistent(&scene, row).await;
                let who = scene.world.who(&scene.browser).await.unwrap();
                assert_eq!(scene.world.account("ada-1").await.unwrap().user_id, who);
                assert_eq!(scene.world.accounts(&who).await, 1);
                step += 1;
            }
            counted.push((row, step));
        }
    }
    counted
}

#[tokio::test]
async fn a_store_that_goes_down_leaves_nothing_half_done() {
    let counted = goes_on_after(Fault::Unavailable).await;

    // Used state, account, session, which comes with a new user; and what each row needs besides. That new tokens are not kept stops nobody.
    assert_eq!(
        counted,
        [
            (Row::Known, 5),
            (Row::KnownAgain, 7),
            (Row::LinkedBySession, 6),
            (Row::LinkedByAddress, 5),
            (Row::New, 4),
            (Row::Known, 2),
            (Row::KnownAgain, 3),
            (Row::LinkedBySession, 4),
            (Row::LinkedByAddress, 4),
            (Row::New, 4)
        ]
    );
}

#[tokio::test]
async fn a_store_that_breaks_leaves_nothing_half_done() {
    goes_on_after(Fault::Corrupt).await;
}

#[tokio::test]
async fn an_outage_before_the_code_is_sent_costs_no_code() {
    let mut scene = scene(Row::New, SessionStrategy::default()).await;
    scene.world.app.store.fail(Fault::Unavailable);

    let answer = scene.browser.come_back(&scene.returned).await;
    scene.world.app.store.recover();
    let again = scene.browser.come_back(&scene.returned).await;

    assert_eq!((answer.status(), answer.set_cookies().len()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    assert_eq!(again.location(), Some(ORIGIN));
}

#[tokio::test]
async fn an_outage_after_the_code_was_sent_ends_the_attempt() {
    let mut scene = scene(Row::New, SessionStrategy::default()).await;
    scene.world.app.store.fail_after(1, Fault::Unavailable);

    let answer = scene.browser.come_back(&scene.returned).await;
    scene.world.app.store.recover();

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let deleted: Vec<_> = answer.set_cookies().iter().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(deleted, ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"]);
    assert_eq!(scene.browser.come_back(&scene.returned).await.location(), Some(CONFIGURATION));
}

#[tokio::test]
async fn a_session_that_cannot_be_ended_does_not_keep_the_new_one_from_the_store() {
    let mut scene = scene(Row::KnownAgain, SessionStrategy::default()).await;
    let user = scene.user.clone().unwrap();
    let before = scene.world.app.memory.sessions_of_user(&user.id).await.unwrap().len();
    scene.world.app.store.fail_after(6, Fault::Unavailable);

    let answer = scene.browser.come_back(&scene.returned).await;

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let after = scene.world.app.memory.sessions_of_user(&user.id).await.unwrap().len();
    assert_eq!(after, before + 1, "a session that no cookie leads to, and that expires");
}
