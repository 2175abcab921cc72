//! Dates without a zone, on the wall of a zone with a name.

use std::time::Duration;

use vestibule_core::{NewSession, NewUser, Timestamp, TouchPolicy};
use vestibule_profile_tests::Database;
use vestibule_sql::{Dialect, Profile, TextForm, TimeForm, Zone, schema};

use crate::Test;
use crate::place::{Place, block_on, dialect};

pub(crate) const TESTS: [(&str, Test); 3] = [
    ("dates_hang_on_the_wall_of_the_zone_that_is_named", are_on_the_wall),
    ("dates_in_text_are_compared_as_they_are_read_in_whatever_zone_a_session_is", are_compared),
    ("digits_with_a_sign_and_dates_among_digits_are_compared_as_they_are_read", digits),
];

const HOUR: Duration = Duration::from_hours(1);

/// Points in time, and what a clock in the zone shows then.
const CASES: [(&str, i64, &str); 6] = [
    ("Asia/Seoul", 1_925_089_445_678, "2031-01-02 12:04:05.678"),
    ("Europe/Berlin", 1_925_089_445_678, "2031-01-02 04:04:05.678"),
    // In summer.
    ("Europe/Berlin", 1_940_727_845_678, "2031-07-02 05:04:05.678"),
    // The last moment before the clocks are set, and the first after it.
    ("Europe/Berlin", 1_901_149_199_000, "2030-03-31 01:59:59.000"),
    ("Europe/Berlin", 1_901_149_200_000, "2030-03-31 03:00:00.000"),
    ("America/New_York", 1_940_727_845_678, "2031-07-01 23:04:05.678"),
];

fn are_on_the_wall(database: Database) {
    if database == Database::Sqlite {
        let zone = Zone::named("Asia/Seoul").unwrap();
        let profile = Profile::authjs().with_time_forms(&TimeForm::Wall(zone));
        // Nothing there could compare such dates; they are not written as if they were in Coordinated Universal Time.
        let refused = schema::create(&profile, Dialect::Sqlite).unwrap_err();
        assert!(refused.to_string().contains("UTC in SQLite"), "{refused}");
        return;
    }
    for (zone, millis, shown) in CASES {
        is_on_the_wall(database, zone, Timestamp::from_millis(millis), shown);
    }
}

fn is_on_the_wall(database: Database, name: &str, at: Timestamp, shown: &str) {
    let (zone, dialect) = (Zone::named(name).unwrap(), dialect(database));
    let profile =
        Profile::authjs().with_time_forms(&TimeForm::Wall(Zone::UTC)).with_time_zone(&zone, dialect);
    let statements = schema::create(&profile, dialect).unwrap();
    let Some(place) = Place::made(database, "zones", &statements, profile) else { return };
    elsewhere(&place, database);

    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let user = NewUser { email_verified: Some(at), ..NewUser::default() };
        let user = adapter.create_user(&user, None).await.unwrap();
        assert_eq!(user.email_verified, Some(at), "{name}");
        adapter.create_session(&NewSession::new("s", user.id, at)).await.unwrap();
        for (table, column) in [("sessions", "expires"), ("users", "emailVerified")] {
            let cell = place.cell(table, column).1;
            assert_eq!(cell.trim_end_matches(".000"), shown.trim_end_matches(".000"), "{name}");
        }

        // What another program has left there is the same point in time.
        place.run(&format!("UPDATE sessions SET expires = '{shown}'"));
        let (session, user) = adapter.session_and_user(&"s".into()).await.unwrap().unwrap();
        assert_eq!((session.expires, user.email_verified), (at, Some(at)), "{name}");

        let before = at.before(Duration::from_millis(1));
        assert_eq!(adapter.delete_expired_sessions(before, 10).await.unwrap(), 0, "{name}");
        let policy = TouchPolicy { max_age: HOUR, update_age: Duration::ZERO };
        let touched = adapter.touch_session(&"s".into(), before, &policy).await.unwrap().unwrap();
        assert_eq!(touched.previous_expiry, at, "{name}");
        assert_eq!(touched.session.expires, before.after(HOUR), "{name}");
        let (session, _) = adapter.session_and_user(&"s".into()).await.unwrap().unwrap();
        assert_eq!(session.expires, before.after(HOUR), "{name}");
        let ended = adapter.touch_session(&"s".into(), before.after(HOUR), &policy).await.unwrap();
        assert!(ended.is_none(), "{name}: it ends at its expiry");
    });
}

/// Whatever zone the sessions of the database are in, it does not count.
fn elsewhere(place: &Place, database: Database) {
    if database == Database::Postgres {
        place.run(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Pacific/Auckland''', \
             current_database()); END $$",
        );
    }
}

/// All of them 2031-01-02T03:04:05.678Z.
const SAME: [&str; 11] = [
    "2031-01-02 03:04:05.678",
    "2031-01-02T03:04:05.678",
    "2031-01-02T03:04:05.678Z",
    "2031-01-02t03:04:05.678z",
    "2031-01-02 03:04:05.678 +00:00",
    "2031-01-02T05:04:05.678+02:00",
    "2031-01-02 05:04:05.678+02",
    "2031-01-01T23:34:05.678-03:30",
    "2031-01-01 19:04:05.678 -08",
    "2031-01-02T03:04:05.678999Z",
    "2031-01-02T05:04:05.678999+02:00",
];

/// None of these is a date.
const NONE: [&str; 12] = [
    "",
    "soon",
    "2001-01-02",
    "2001-13-02 03:04:05.678",
    "2001-00-02 03:04:05.678",
    "2001-02-29T03:04:05.678Z",
    "1900-02-29T03:04:05.678Z",
    "2001-04-31T03:04:05.678Z",
    "2001-01-02 25:04:05.678",
    "2001-01-02 03:60:05.678",
    "2001-01-02 03:04:05.678 noon",
    "0000-01-02 03:04:05.678",
];

fn are_compared(database: Database) {
    match database {
        // Its dates, and what is none, have tests of their own.
        Database::Sqlite => {}
        Database::MariaDb => [database, Database::MySql].into_iter().for_each(dates_are_compared),
        _ => dates_are_compared(database),
    }
}

fn dates_are_compared(database: Database) {
    texts_are_compared(database, &TimeForm::Text(TextForm::Sql), &SAME);
}

fn digits(database: Database) {
    let form = TimeForm::EpochMillisText;
    let cells = [&SAME[..], &["1925089445678", "01925089445678"]].concat();
    match database {
        Database::Sqlite => {}
        Database::MariaDb => {
            for database in [database, Database::MySql] {
                texts_are_compared(database, &form, &cells);
            }
        }
        _ => texts_are_compared(database, &form, &cells),
    }
}

/// Each of the cells is the same point in time; what is none is never swept.
fn texts_are_compared(database: Database, form: &TimeForm, same: &[&str]) {
    let is_digits = *form == TimeForm::EpochMillisText;
    let profile = Profile::authjs().with_time_forms(form);
    let statements = schema::create(&profile, dialect(database)).unwrap();
    let Some(place) = Place::made(database, "text_zones", &statements, profile) else { return };
    elsewhere(&place, database);
    let token = if database == Database::Postgres { "\"sessionToken\"" } else { "sessionToken" };
    let ends = |session: &str, cell: &str| {
        place.run(&format!("UPDATE sessions SET expires = '{cell}' WHERE {token} = '{session}'"));
    };

    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        let user = adapter.create_user(&NewUser::default(), None).await.unwrap();
        let end = Timestamp::from_millis(1_925_089_445_678);
        for cell in NONE {
            adapter.create_session(&NewSession::new(cell, user.id.clone(), end)).await.unwrap();
            ends(cell, cell);
        }
        for &cell in same {
            adapter.create_session(&NewSession::new("session", user.id.clone(), end)).await.unwrap();
            ends("session", cell);

            let (read, _) = adapter.session_and_user(&"session".into()).await.unwrap().unwrap();
            let early = adapter.delete_expired_sessions(end.before(Duration::from_millis(1)), 99).await;
            let due = adapter.delete_expired_sessions(end, 99).await;

            assert_eq!(read.expires, end, "{cell}");
            assert_eq!((early.unwrap(), due.unwrap()), (0, 1), "{cell}");
        }
        let mut past = vec!["2028-02-29 03:04:05"];
        past.extend(is_digits.then_some("-1000"));
        for cell in past {
            adapter.create_session(&NewSession::new("session", user.id.clone(), end)).await.unwrap();
            ends("session", cell);
            assert_eq!(adapter.delete_expired_sessions(end, 99).await.unwrap(), 1, "{cell}");
        }
    });
}
