//! Any sequence of calls, beside a model of what Lucia promises.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use vestibule_core::{SecretToken, Timestamp, UserId};

use crate::support::{SessionAttributes, Setting};

const LIFE: Duration = Duration::from_secs(1000);

#[derive(Clone, Debug)]
enum Call {
    Create { id: u8, user: u8, country: Option<String> },
    Validate { id: u8 },
    Invalidate { id: u8 },
    InvalidateAll { user: u8 },
    List { user: u8 },
    Sweep,
    Wait { millis: u64 },
}

fn any_call() -> impl Strategy<Value = Call> {
    let (id, user) = (0_u8..5, 0_u8..2);
    prop_oneof![
        3 => (id.clone(), user.clone(), prop::option::of("[A-Z]{2}"))
            .prop_map(|(id, user, country)| Call::Create { id, user, country }),
        6 => id.clone().prop_map(|id| Call::Validate { id }),
        1 => id.prop_map(|id| Call::Invalidate { id }),
        1 => user.clone().prop_map(|user| Call::InvalidateAll { user }),
        2 => user.prop_map(|user| Call::List { user }),
        1 => Just(Call::Sweep),
        // Often to the very millisecond of the half-life or of the end.
        5 => prop_oneof![Just(1), Just(499_999), Just(500_000), Just(500_001), 0..1_200_000_u64]
            .prop_map(|millis| Call::Wait { millis }),
    ]
}

/// What Lucia says of a session: whose, until when, from where.
type Row = (u8, Timestamp, Option<String>);

fn id(number: u8) -> SecretToken {
    SecretToken::from(format!("id{number}"))
}

async fn run(calls: Vec<Call>) {
    let set = Setting::new().await;
    let lucia = set.lucia.clone().with_session_expires_in(LIFE);
    let users: [UserId; 2] = [set.ada.clone(), set.user("grace").await];
    let mut rows = BTreeMap::<u8, Row>::new();

    for call in calls {
        let now = set.now();
        match call {
            Call::Wait { millis } => set.clock.advance(Duration::from_millis(millis)),
            Call::Create { id: number, user, country } => {
                let attributes = SessionAttributes { ip_country: country.clone() };
                let made =
                    lucia.create_session_with_id(id(number), &users[usize::from(user)], &attributes).await;
                assert_eq!(
                    made.is_err(),
                    rows.contains_key(&number),
                    "an id is taken while its row is there"
                );
                if let Ok(made) = made {
                    assert_eq!((made.fresh, made.expires_at), (true, now.after(LIFE)));
                    rows.insert(number, (user, now.after(LIFE), country));
                }
            }
            Call::Validate { id: number } => {
                let found = lucia.validate_session(&id(number)).await.unwrap();
                let expected = rows.get(&number).cloned().filter(|(_, expires, _)| now < *expires);
                let Some((user, expires, country)) = expected else {
                    assert_eq!(found, None);
                    rows.remove(&number);
                    continue;
                };
                let found = found.unwrap();
                let due = now >= expires.before(LIFE / 2);
                let expires = if due { now.after(LIFE) } else { expires };
                assert_eq!((found.session.fresh, found.session.expires_at), (due, expires));
                assert_eq!(
                    (&found.user.id, &found.session.user_id),
                    (&users[usize::from(user)], &found.user.id)
                );
                assert_eq!(found.session.attributes.ip_country, country);
                rows.insert(number, (user, expires, country));
            }
            Call::Invalidate { id: number } => {
                let was_there = rows.remove(&number).is_some();
                assert_eq!(lucia.invalidate_session(&id(number)).await.unwrap(), was_there);
            }
            Call::InvalidateAll { user } => {
                let before = rows.len();
                rows.retain(|_, (owner, ..)| *owner != user);
                let ended = lucia.invalidate_user_sessions(&users[usize::from(user)]).await.unwrap();
                assert_eq!(ended, (before - rows.len()) as u64);
            }
            Call::List { user } => {
                let listed = lucia.user_sessions(&users[usize::from(user)]).await.unwrap();
                let mut listed: Vec<_> = listed
                    .iter()
                    .map(|session| (session.id.expose().to_owned(), session.expires_at))
                    .collect();
                listed.sort();
                let live = rows.iter().filter(|(_, (owner, expires, _))| *owner == user && now < *expires);
                let live = live.map(|(number, (_, expires, _))| (id(*number).expose().to_owned(), *expires));
                assert_eq!(listed, live.collect::<Vec<_>>());
            }
            Call::Sweep => {
                let before = rows.len();
                rows.retain(|_, (_, expires, _)| now < *expires);
                assert_eq!(lucia.delete_expired_sessions().await.unwrap(), (before - rows.len()) as u64);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_sequence_of_calls_does_what_lucia_promises(calls in prop::collection::vec(any_call(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(calls));
    }
}
