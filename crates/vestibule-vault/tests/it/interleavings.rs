//! Every order in which the calls of two or three operations can reach the store.
//!
//! Each operation is run in steps, one call to the store each. After a run another order is tried, until there is none
//! left. So what the documentation says of operations that meet does not depend on luck.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use vestibule_core::{
    Adapter, Change, NewSession, NewUser, SecretToken, SessionChanges, Sessions, User, Users,
};
use vestibule_memory::Memory;
use vestibule_testkit::FaultyAdapter;
use vestibule_vault::HashedSessions;

use crate::support::{HASH_OF_TOKEN, HOUR, NOW, POLICY, stored_tokens};

/// What an operation answered, as far as it matters: whether there was a session, or how many.
type Task = Pin<Box<dyn Future<Output = u64>>>;

/// A store with two plain sessions, `token` and `phone`, of one user.
struct World {
    memory: Memory,
    store: HashedSessions,
    user: User,
}

/// Does what needs no other task to run.
fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match Box::pin(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the store in memory waits for nobody"),
    }
}

impl World {
    fn new() -> Self {
        let memory = Memory::new();
        let user = now_or_never(memory.create_user(&NewUser::with_email("ada@example.com"), None)).unwrap();
        for token in ["token", "phone"] {
            let new = NewSession::new(token, user.id.clone(), NOW.after(HOUR));
            now_or_never(memory.create_session(&new)).unwrap();
        }
        // Lets others run before each call.
        let inner: Arc<dyn Adapter> = Arc::new(FaultyAdapter::new(Arc::new(memory.clone())));
        Self { memory, store: HashedSessions::new(inner), user }
    }

    fn stored(&self) -> Vec<String> {
        now_or_never(stored_tokens(&self.memory, &self.user))
    }

    /// Whether a token finds a session, once all is quiet.
    fn finds(&self, token: &str) -> bool {
        let quiet = HashedSessions::new(Arc::new(self.memory.clone()));
        now_or_never(quiet.session_and_user(&token.into())).unwrap().is_some()
    }
}

fn read(world: &World) -> Task {
    let store = world.store.clone();
    Box::pin(async move { u64::from(store.session_and_user(&"token".into()).await.unwrap().is_some()) })
}

fn touch(world: &World) -> Task {
    let store = world.store.clone();
    Box::pin(
        async move { u64::from(store.touch_session(&"token".into(), NOW, &POLICY).await.unwrap().is_some()) },
    )
}

fn expire(world: &World) -> Task {
    let store = world.store.clone();
    let changes = SessionChanges { expires: Change::Set(NOW), ..SessionChanges::default() };
    Box::pin(
        async move { u64::from(store.update_session(&"token".into(), &changes).await.unwrap().is_some()) },
    )
}

fn end(world: &World) -> Task {
    let store = world.store.clone();
    Box::pin(async move { u64::from(store.delete_session(&"token".into()).await.unwrap().is_some()) })
}

fn end_listed(world: &World) -> Task {
    let (store, id) = (world.store.clone(), world.user.id.clone());
    let (session, _) = now_or_never(world.memory.session_and_user(&"token".into())).unwrap().unwrap();
    assert_eq!(session.user_id, id);
    let listed = store.listed(&session);
    Box::pin(async move { u64::from(store.delete_session(&listed).await.unwrap().is_some()) })
}

fn end_all_but(world: &World, keep: Option<&'static str>) -> Task {
    let (store, id) = (world.store.clone(), world.user.id.clone());
    Box::pin(async move {
        let keep = keep.map(SecretToken::from);
        store.delete_sessions_of_user(&id, keep.as_ref()).await.unwrap()
    })
}

fn delete_user(world: &World) -> Task {
    let (store, id) = (world.store.clone(), world.user.id.clone());
    Box::pin(async move { u64::from(store.delete_user(&id).await.unwrap().is_some()) })
}

fn migrate(world: &World) -> Task {
    let (store, id) = (world.store.clone(), world.user.id.clone());
    Box::pin(async move { store.migrate_user(&id).await.unwrap() })
}

/// How often a task that could go on is interrupted at most, where there are three of them: all orders of three would be
/// millions.
const INTERRUPTIONS: usize = 4;

/// Runs the tasks in every order, and looks at what they answered and at the world after each.
fn in_every_order(tasks: &[fn(&World) -> Task], check: impl Fn(&World, &[u64])) {
    let most = if tasks.len() == 2 { usize::MAX } else { INTERRUPTIONS };
    // Which of the unfinished tasks took each step, and how many there were to choose from.
    let mut steps: Vec<(usize, usize)> = Vec::new();
    let mut orders = 0;
    loop {
        let world = World::new();
        // The task that took the last step is at the front.
        let mut running: Vec<(usize, Task)> = tasks.iter().map(|task| task(&world)).enumerate().collect();
        let mut answers = vec![0; tasks.len()];
        let (mut at, mut interruptions, mut is_first) = (0, 0, true);
        while !running.is_empty() {
            if at == steps.len() {
                let may_turn = is_first || interruptions < most;
                steps.push((0, if may_turn { running.len() } else { 1 }));
            }
            let turn = steps[at].0;
            interruptions += usize::from(turn != 0 && !is_first);
            let (number, mut task) = running.remove(turn);
            is_first = false;
            match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => running.insert(0, (number, task)),
                Poll::Ready(answer) => {
                    answers[number] = answer;
                    is_first = true;
                }
            }
            at += 1;
        }
        check(&world, &answers);
        orders += 1;

        while steps.last().is_some_and(|(turn, choices)| turn + 1 == *choices) {
            steps.pop();
        }
        match steps.last_mut() {
            Some(step) => step.0 += 1,
            None => break,
        }
    }
    assert!(orders > 10, "only {orders} orders");
}

#[test]
fn many_who_adopt_a_session_all_find_it() {
    in_every_order(&[read, touch], |world, answers| {
        assert_eq!(answers, [1, 1]);
        assert_eq!(world.stored(), ["phone", HASH_OF_TOKEN]);
    });
}

#[test]
fn three_who_adopt_a_session_all_find_it() {
    in_every_order(&[read, read, read], |world, answers| {
        assert_eq!(answers, [1, 1, 1]);
        assert_eq!(world.stored(), ["phone", HASH_OF_TOKEN]);
    });
}

#[test]
fn a_session_that_ends_while_it_is_adopted_has_ended() {
    for adopt in [read, touch] {
        in_every_order(&[adopt, end], |world, answers| {
            assert_eq!(answers[1], 1);
            assert!(!world.finds("token"));
            assert_eq!(world.stored(), ["phone"]);
        });
    }
}

#[test]
fn a_session_that_ends_while_two_adopt_it_has_ended() {
    in_every_order(&[read, read, end], |world, answers| {
        assert_eq!(answers[2], 1);
        assert!(!world.finds("token"));
        assert_eq!(world.stored(), ["phone"]);
    });
}

#[test]
fn a_session_that_ends_from_a_list_while_it_is_adopted_has_ended() {
    in_every_order(&[touch, end_listed], |world, answers| {
        assert_eq!(answers[1], 1);
        assert!(!world.finds("token"));
        assert_eq!(world.stored(), ["phone"]);
    });
}

#[test]
fn a_session_that_ends_with_all_others_while_it_is_adopted_has_ended() {
    in_every_order(&[read, |world| end_all_but(world, None)], |world, _| {
        assert_eq!(world.stored(), [""; 0]);
    });
    in_every_order(&[touch, |world| end_all_but(world, Some("unknown"))], |world, _| {
        assert_eq!(world.stored(), [""; 0]);
    });
    in_every_order(&[read, |world| end_all_but(world, Some("phone"))], |world, answers| {
        assert_eq!(answers[1], 1);
        assert!(!world.finds("token"));
        assert_eq!(world.stored(), ["phone"]);
    });
}

#[test]
fn a_session_that_is_kept_while_it_is_adopted_goes_on() {
    in_every_order(&[read, |world| end_all_but(world, Some("token"))], |world, answers| {
        assert_eq!(answers, [1, 1]);
        assert_eq!(world.stored(), [HASH_OF_TOKEN]);
    });
    in_every_order(&[touch, read, |world| end_all_but(world, Some("token"))], |world, answers| {
        assert_eq!(answers, [1, 1, 1]);
        assert_eq!(world.stored(), [HASH_OF_TOKEN]);
    });
}

#[test]
fn a_user_who_is_deleted_while_a_session_is_adopted_leaves_none() {
    in_every_order(&[read, touch, delete_user], |world, answers| {
        assert_eq!(answers[2], 1);
        assert_eq!(world.stored(), [""; 0]);
        assert!(!world.finds("token"));
    });
}

#[test]
fn an_expiry_that_is_set_while_a_session_is_adopted_stays() {
    in_every_order(&[read, expire], |world, answers| {
        assert_eq!(answers, [1, 1]);
        assert_eq!(world.stored(), ["phone", HASH_OF_TOKEN]);
        let row = now_or_never(world.memory.session_and_user(&HASH_OF_TOKEN.into())).unwrap();
        assert_eq!(row.unwrap().0.expires, NOW);
    });
}

#[test]
fn a_session_that_is_adopted_while_all_are_migrated_is_found() {
    in_every_order(&[read, migrate], |world, answers| {
        assert_eq!(answers[0], 1);
        assert!(answers[1] == 1 || answers[1] == 2);
        let stored = world.stored();
        assert_eq!(stored.len(), 2);
        assert!(stored.iter().all(|token| token.starts_with("sha256:")));
    });
    in_every_order(&[end, migrate], |world, answers| {
        assert_eq!(answers[0], 1);
        assert!(!world.finds("token"));
        assert_eq!(world.stored().len(), 1);
    });
}
