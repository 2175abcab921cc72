//! A long sequence of calls, taking turns.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule_core::{Clock, Random, Timestamp};
use vestibule_testkit::{SeededRandom, TestClock};

use super::EXPIRES_IN;
use super::original::{Answer, Original};
use super::ours::Ours;
use super::tables::Schema;

/// Calls a test makes. Every one is made four times: twice a side, of which twice on the shared schema.
const CALLS: usize = 400;

/// Picks what to do next.
struct Dice(SeededRandom);

impl Dice {
    fn below(&self, n: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % n
    }

    fn one_of<T: Clone>(&self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap()].clone()
    }

    fn session(&self) -> String {
        format!("session-{}", self.below(4))
    }

    fn user(&self) -> &'static str {
        self.one_of(&["d23dpxagmdehfe42", "d23dpxagmdehfe42", "tsmtexa7jkmqlcn3", "nobody"])
    }

    /// Often not at all, and sometimes to the very millisecond at which something changes.
    fn wait(&self) -> Duration {
        let life = u64::try_from(EXPIRES_IN.as_millis()).unwrap();
        let half = life / 2;
        Duration::from_millis(match self.below(20) {
            0 => self.one_of(&[half - 1, half, half + 1]),
            1 => self.one_of(&[1, half, life - 1, life, life + 1]),
            2..8 => self.below(life / 6),
            _ => 0,
        })
    }

    fn attributes(&self) -> Value {
        self.one_of(&[
            json!({}),
            json!({}),
            json!({"ip_country": "GB"}),
            json!({"ip_country": null, "device": {"os": "plan 9", "screens": 2, "ratio": 1.5}}),
            json!({"seen": "2026-11-20T13:06:13.652Z"}),
            json!({"nope": 1}),
        ])
    }

    fn call(&self) -> (&'static str, Value) {
        match self.below(24) {
            0..8 => {
                let user = self.user();
                // Of two things that are wrong, each side may name the other one.
                let id = if user == "nobody" { "nobody's".to_owned() } else { self.session() };
                ("createSession", json!([user, self.attributes(), {"sessionId": id}]))
            }
            8..20 => ("validateSession", json!([self.session()])),
            20 => ("invalidateSession", json!([self.session()])),
            21 => ("invalidateUserSessions", json!([self.user()])),
            22 => ("getUserSessions", json!([self.user()])),
            _ => ("deleteExpiredSessions", json!([])),
        }
    }
}

/// A list has no order of its own.
fn sorted(answer: Answer) -> Answer {
    answer.map(|mut value| {
        if let Some(list) = value.as_array_mut() {
            list.sort_by_key(|session| session["id"].as_str().unwrap().to_owned());
        }
        value
    })
}

/// One schema, and who makes the calls on it.
struct Side {
    schema: Schema,
    original: Original,
    ours: Ours,
}

impl Side {
    async fn make(test: &str) -> Option<Self> {
        let schema = Schema::make(test).await?;
        Some(Self { original: schema.original(), ours: Ours::on(&schema), schema })
    }

    async fn call(&mut self, by_original: bool, now: Timestamp, call: &str, args: &Value) -> Answer {
        sorted(if by_original {
            self.original.call(now, "lucia", call, args.clone()).await
        } else {
            self.ours.call(now, call, args).await
        })
    }
}

#[tokio::test]
async fn whoever_makes_a_call_the_answer_and_the_rows_are_the_same() {
    let Some(mut theirs) = Side::make("theirs").await else { return };
    let Some(mut ours) = Side::make("ours").await else { return };
    let Some(mut shared) = Side::make("shared").await else { return };
    let (dice, clock) = (Dice(SeededRandom::new(20_261_120)), TestClock::default());
    let (mut fresh, mut live, mut absent, mut refused) = (0, 0, 0, 0);

    for number in 0..CALLS {
        clock.advance(dice.wait());
        let (now, (call, args)) = (clock.now(), dice.call());
        let by_original = dice.below(2) == 0;

        let expected = theirs.call(true, now, call, &args).await;
        let answer = ours.call(false, now, call, &args).await;
        let in_turn = shared.call(by_original, now, call, &args).await;

        let what = format!("call {number}, {call}({args}) at {}", now.as_millis());
        assert_eq!(answer, expected, "{what}: ours, and the original's");
        assert_eq!(in_turn, expected, "{what}: by {}", if by_original { "the original" } else { "ours" });
        let rows = theirs.schema.rows().await;
        assert_eq!(ours.schema.rows().await, rows, "{what}");
        assert_eq!(shared.schema.rows().await, rows, "{what}");
        match expected {
            Err(_) => refused += 1,
            Ok(answer) if call == "validateSession" => match &answer["session"]["fresh"] {
                Value::Bool(true) => fresh += 1,
                Value::Bool(false) => live += 1,
                _ => absent += 1,
            },
            Ok(_) => {}
        }
    }

    let counts = [("fresh", fresh), ("live", live), ("absent", absent), ("refused", refused)];
    assert!(counts.iter().all(|(_, count)| *count > 15), "{counts:?}");
    for side in [theirs, ours, shared] {
        side.schema.drop().await;
    }
}

#[tokio::test]
async fn a_session_whose_user_is_gone_is_deleted_by_both() {
    let Some(mut side) = Side::make("orphans").await else { return };
    side.schema.execute("ALTER TABLE user_session DROP CONSTRAINT user_session_user_id_fkey").await;
    let now = TestClock::default().now();
    for by_original in [true, false] {
        let insert = "INSERT INTO user_session VALUES ('orphan', '2035-01-01Z', 'nobody')";
        side.schema.execute(insert).await;

        let answer = side.call(by_original, now, "validateSession", &json!(["orphan"])).await;

        assert_eq!(answer, Ok(json!({"session": null, "user": null})));
        assert!(side.schema.rows().await.is_empty(), "by the original: {by_original}");
    }
    side.schema.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn neither_revives_what_the_other_deletes() {
    let Some(mut side) = Side::make("revival").await else { return };
    let clock = TestClock::default();
    for round in 0..25 {
        let now = clock.now();
        let args = json!(["d23dpxagmdehfe42", {}, {"sessionId": "session-0"}]);
        side.call(round % 2 == 0, now, "createSession", &args).await.unwrap();
        // Due for extension.
        clock.advance(EXPIRES_IN * 2 / 3);
        let now = clock.now();

        let validate = json!({"on": "lucia", "call": "validateSession", "args": ["session-0"]});
        let mut theirs = vec![validate; 8];
        let by_original = round % 3 == 0;
        if by_original {
            theirs[4] = json!({"on": "lucia", "call": "invalidateSession", "args": ["session-0"]});
        }
        side.ours.call(now, "deleteExpiredSessions", &json!([])).await.unwrap();
        let lucia = side.ours.lucia.clone();
        let ours: Vec<_> = (0..8)
            .map(|number| {
                let lucia = lucia.clone();
                tokio::spawn(async move {
                    let id = "session-0".into();
                    if number == 4 && !by_original {
                        lucia.invalidate_session(&id).await.unwrap();
                    } else {
                        lucia.validate_session(&id).await.unwrap();
                    }
                })
            })
            .collect();
        let answers = side.original.all(now, theirs).await;
        for task in ours {
            task.await.unwrap();
        }

        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert!(side.schema.rows().await.is_empty(), "round {round}");
    }
    side.schema.drop().await;
}
