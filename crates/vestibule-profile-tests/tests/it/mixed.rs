//! Columns in which several programs have left dates, each in an encoding of its own, as after an upgrade.

use std::sync::Arc;

use vestibule_core::{NewSession, NewUser, Timestamp, TouchPolicy};
use vestibule_profile_tests::{Encoding, Entry};
use vestibule_testkit::TestClock;

use crate::place::{Place, block_on};
use crate::rows;
use crate::suite::Both;

/// 2031-01-02T03:04:05.678Z.
const AT: Timestamp = Timestamp::from_millis(1_925_089_445_678);

/// What brings the cells of a column into an encoding, whichever they are in; written by other means than the product's.
fn encoded(column: &str, encoding: Encoding) -> String {
    let millis = format!(
        "CASE typeof({column}) WHEN 'text' THEN CAST(strftime('%s', {column}) AS INTEGER) * 1000 \
         + CAST(substr(strftime('%f', {column}), 4) AS INTEGER) ELSE {column} END"
    );
    let text = |form: &str, fraction: &str| {
        format!(
            "(SELECT coalesce(strftime('{form}', (at - ms) / 1000, 'unixepoch') || {fraction}, at) \
             FROM (SELECT at, ((at % 1000) + 1000) % 1000 AS ms FROM (SELECT {millis} AS at)))"
        )
    };
    match encoding {
        Encoding::Millis => millis,
        Encoding::IsoOffset => text("%Y-%m-%dT%H:%M:%S", "printf('.%03d', ms) || '+00:00'"),
        Encoding::Default => text("%Y-%m-%d %H:%M:%S", "CASE ms WHEN 0 THEN '' ELSE printf('.%03d', ms) END"),
    }
}

/// The columns of dates: those that the list tells of, and those that Prisma adds.
fn dates(entry: &Entry) -> Vec<(&'static str, &'static str)> {
    let told = entry.cells.iter().map(|cell| (cell.table, cell.column));
    let kept = ["User", "Account", "Session"].map(|table| [(table, "createdAt"), (table, "updatedAt")]);
    told.chain(kept.into_iter().flatten()).collect()
}

/// Of three rows one is left as it is.
fn turns(entry: &Entry) -> impl Iterator<Item = (usize, Encoding)> {
    entry.beside.iter().enumerate().map(|(at, encoding)| (at + 1, *encoding))
}

/// Every row reads as before, in the profile and in the one that is found by looking.
pub(crate) fn rows_read_the_same(entry: &Entry) {
    for profile_is in ["named", "found"] {
        let Some(place) = Place::with_rows(entry) else { return };
        for (table, column) in dates(entry) {
            for (turn, encoding) in turns(entry) {
                let cell = encoded(column, encoding);
                place.run(&format!("UPDATE \"{table}\" SET {column} = {cell} WHERE rowid % 3 = {turn}"));
            }
        }
        let profile = match profile_is {
            "named" => place.profile(),
            _ => block_on(place.detect()).unwrap().profile,
        };
        assert!(profile.name().starts_with("prisma"), "{}", profile.name());

        rows::read_as(entry, &place, profile, &[]);
    }
}

/// Whatever is written through the contract is there in another encoding at once, two rows of three.
fn meddle(entry: &Entry, place: &Place) {
    for (table, column) in dates(entry) {
        for (turn, encoding) in turns(entry) {
            let cell = encoded(column, encoding);
            for (name, event) in
                [("added", "INSERT".to_owned()), ("changed", format!("UPDATE OF \"{column}\""))]
            {
                place.run(&format!(
                    "CREATE TRIGGER \"{table}_{column}_{name}_{turn}\" AFTER {event} ON \"{table}\" \
                     WHEN NEW.rowid % 3 = {turn} BEGIN \
                     UPDATE \"{table}\" SET {column} = {cell} WHERE rowid = NEW.rowid; END"
                ));
            }
        }
    }
}

pub(crate) fn the_suite_passes(entry: &Entry) {
    let Some(both) = Both::of(entry, |place| meddle(entry, place)) else { return };

    let failed = both.failed(entry);

    assert!(failed.is_empty(), "{}: {failed:#?}", entry.name);
}

/// To the millisecond, whatever the neighbors are written as: extended, refused, swept in the order of their ends.
pub(crate) fn expiry_is_exact(entry: &Entry) {
    let Some(place) = Place::without_rows(entry) else { return };
    meddle(entry, &place);
    let after = |millis: i64| Timestamp::from_millis(AT.as_millis() + millis);
    block_on(async {
        let adapter = place.adapter_by(place.profile(), Arc::new(TestClock::at(AT))).await;
        let user = adapter.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
        for (token, millis) in [("third", 2), ("first", 0), ("last", 5), ("second", 1), ("fourth", 4)] {
            adapter.create_session(&NewSession::new(token, user.id.clone(), after(millis))).await.unwrap();
        }
        assert_eq!(place.classes("Session", "expires"), ["integer", "text"], "they lie as was meant");
        let listed = adapter.sessions_of_user(&user.id).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|session| session.token.expose()).collect();
        assert_eq!(listed, ["last", "fourth", "third", "second", "first"]);

        assert_eq!(adapter.delete_expired_sessions(after(-1), 10).await.unwrap(), 0);
        assert_eq!(adapter.delete_expired_sessions(after(5), 2).await.unwrap(), 2, "the earliest go first");
        assert_eq!(adapter.session_and_user(&"second".into()).await.unwrap(), None);
        let policy = |update_age| TouchPolicy { max_age: std::time::Duration::from_millis(10), update_age };
        let early = policy(std::time::Duration::from_millis(10));
        for (token, end) in [("third", 2), ("fourth", 4), ("last", 5)] {
            let token = token.into();
            let before = adapter.touch_session(&token, after(end - 1), &early).await.unwrap().unwrap();
            assert_eq!(before.previous_expiry, after(end));
            assert_eq!(before.session.expires, after(end), "it is not due yet");
            let due = policy(std::time::Duration::from_millis(9));
            let due_at = adapter.touch_session(&token, after(end - 1), &due).await.unwrap().unwrap();
            assert_eq!(due_at.session.expires, after(end + 9), "it is due");
            let read = adapter.session_and_user(&token).await.unwrap().unwrap();
            assert_eq!(read.0.expires, after(end + 9));
            assert_eq!(
                adapter.touch_session(&token, after(end + 9), &due).await.unwrap(),
                None,
                "it is over"
            );
        }
    });
}

/// What a default of the table leaves in the row of a program that gives no date.
pub(crate) fn defaults_are_read(entry: &Entry) {
    let Some(place) = Place::without_rows(entry) else { return };
    place.run(
        "INSERT INTO \"User\" (id, email, updatedAt) VALUES ('u', 'ada@example.com', CURRENT_TIMESTAMP)",
    );

    let found = block_on(async { place.adapter(place.profile()).await.user(&"u".into()).await });

    let (class, text) = place.cell("User", "createdAt");
    assert_eq!((&*class, text.len()), ("text", 19), "{text}");
    let wanted = format!("{}.000Z", text.replace(' ', "T"));
    assert_eq!(found.unwrap().unwrap().extra["createdAt"], wanted);
}
