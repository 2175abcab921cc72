//! Access tokens of a provider that several processes ask for at once, and a process that is killed in the middle.
//!
//! A process is this very binary, run again with the one test that is none. It goes by a clock of its own, which stands,
//! or which moves by as long as it would wait: nobody waits a minute here.

mod endpoint;
mod place;
mod process;

use std::collections::BTreeSet;

use vestibule_core::SecretToken;

use endpoint::{First, TokenEndpoint};
use place::Place;
use process::{MOVES, Process, STOPS_AT};

fn only(answer: &str) -> BTreeSet<String> {
    BTreeSet::from([answer.to_owned()])
}

async fn of_many_processes_one_refreshes(place: Option<Place>) {
    let Some(place) = place else { return };
    let user = place.fill().await;
    let endpoint = TokenEndpoint::start(First::Waits, true).await;

    let first = Process::start(&place, &endpoint, &user, &[]);
    endpoint.arrived.notified().await;
    let mut others: Vec<_> = (0..3).map(|_| Process::start(&place, &endpoint, &user, &[])).collect();
    for other in &mut others {
        other.until("waits").await;
    }
    endpoint.go_on.notify_one();

    for process in others.into_iter().chain([first]) {
        assert_eq!(process.end().await, (only("token access-1"), 0));
    }
    assert_eq!(endpoint.asked(), 1);
    assert_eq!(place.refresh_token().await, Some("refresh-1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_on_one_file_one_refreshes() {
    of_many_processes_one_refreshes(Some(Place::file())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_on_one_postgresql_one_refreshes() {
    of_many_processes_one_refreshes(Place::postgres()).await;
}

/// Kills the process that refreshes, and lets another one ask: what it is told after how long, and the refresh token
/// that is stored then.
async fn killed(place: &Place, first: First, rotates: bool) -> (BTreeSet<String>, i64, Option<SecretToken>) {
    let user = place.fill().await;
    let endpoint = TokenEndpoint::start(first, rotates).await;
    let dying = Process::start(place, &endpoint, &user, &[]);
    endpoint.arrived.notified().await;
    dying.kill().await;

    let (answers, after) = Process::start(place, &endpoint, &user, &[(MOVES, "1")]).end().await;

    assert_eq!(endpoint.asked(), 2);
    (answers, after, place.refresh_token().await)
}

async fn another_takes_over_after_a_minute(place: Option<Place>) {
    let Some(place) = place else { return };

    let (answers, after, kept) = killed(&place, First::Unread, true).await;

    assert_eq!((answers, kept), (only("token access-2"), Some("refresh-2".into())));
    assert!((59..=63).contains(&after), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_on_the_file_takes_over_from_one_that_is_killed_after_a_minute() {
    another_takes_over_after_a_minute(Some(Place::file())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_on_postgresql_takes_over_from_one_that_is_killed_after_a_minute() {
    another_takes_over_after_a_minute(Place::postgres()).await;
}

async fn an_answer_that_was_on_its_way_is_lost_only_where_the_refresh_token_is_good_once(
    place: fn() -> Option<Place>,
) {
    let Some(kept) = place() else { return };
    let (answers, after, token) = killed(&kept, First::Unanswered, false).await;
    assert_eq!((answers, token), (only("token access-2"), Some("refresh-0".into())));
    assert!((59..=63).contains(&after), "{after}");

    let Some(lost) = place() else { return };
    let (answers, after, _) = killed(&lost, First::Unanswered, true).await;
    assert_eq!(answers, only("error the user has to sign in at the provider again"));
    assert!((59..=63).contains(&after), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_file_an_answer_is_lost_with_its_process_only_where_refresh_tokens_are_good_once() {
    an_answer_that_was_on_its_way_is_lost_only_where_the_refresh_token_is_good_once(|| Some(Place::file()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_an_answer_is_lost_with_its_process_only_where_refresh_tokens_are_good_once() {
    an_answer_that_was_on_its_way_is_lost_only_where_the_refresh_token_is_good_once(Place::postgres).await;
}

/// The lease is still held, and nobody has to wait for it.
async fn what_was_stored_is_taken_at_once(place: Option<Place>) {
    let Some(place) = place else { return };
    let user = place.fill().await;
    let endpoint = TokenEndpoint::start(First::Waits, true).await;
    endpoint.go_on.notify_one();
    let mut dying = Process::start(&place, &endpoint, &user, &[(STOPS_AT, "release_lease")]);
    dying.until("release_lease").await;
    dying.kill().await;

    let (answers, after) = Process::start(&place, &endpoint, &user, &[(MOVES, "1")]).end().await;

    assert_eq!((answers, after), (only("token access-1"), 0));
    assert_eq!(endpoint.asked(), 1);
    assert_eq!(place.refresh_token().await, Some("refresh-1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_has_stored_in_the_file_is_taken_at_once() {
    what_was_stored_is_taken_at_once(Some(Place::file())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_has_stored_in_postgresql_is_taken_at_once() {
    what_was_stored_is_taken_at_once(Place::postgres()).await;
}
