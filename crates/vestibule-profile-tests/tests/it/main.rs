//! One test a database and a question, made from the list of profiles.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cells;
mod detection;
mod expected;
mod lucia;
mod mixed;
mod original;
mod original_v3;
mod page;
mod place;
mod privileges;
mod rows;
mod soft_delete;
mod suite;
mod uuid_tokens;
mod v3;
mod zones;

use std::panic::UnwindSafe;

use libtest_mimic::{Arguments, Failed, Trial};
use vestibule_profile_tests::{Database, ENTRIES, Entry};

/// A test on a database.
type Test = fn(Database);

/// A test on the tables of an entry.
type OfEntry = fn(&Entry);

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        trial("the_page_of_profiles_is_up_to_date".to_owned(), page::is_up_to_date),
        trial("every_file_of_expected_rows_is_read".to_owned(), expected::all_are_used),
    ];
    for entry in ENTRIES {
        if entry.has_rows {
            trials.push(of_entry("every_row_reads_as_the_original_answered", entry, rows::read));
        }
        if !entry.cells.is_empty() {
            trials.push(of_entry("cells_look_as_the_original_writes_them", entry, cells::look));
        }
        if entry.original.is_some_and(|name| name.starts_with("v3-")) {
            trials.push(of_entry(
                "v3_and_vestibule_take_turns_on_one_database",
                entry,
                original_v3::takes_turns,
            ));
        } else if entry.original.is_some() {
            trials.push(of_entry("the_original_reads_what_vestibule_wrote", entry, original::reads));
        }
        trials.push(of_entry("the_profile_is_recognized", entry, detection::finds));
        if entry.profile.starts_with("nextauth-v3") {
            trials.push(of_entry("fields_of_v3_can_be_set", entry, v3::fields_can_be_set));
        }
        trials.push(of_entry("the_suite_passes_on_the_tables", entry, suite::pass));
        if !entry.beside.is_empty() {
            trials.extend(mixed::TESTS.map(|(name, test)| of_entry(name, entry, test)));
        }
    }
    for database in [Database::Postgres, Database::MariaDb, Database::Sqlite] {
        let tests =
            [&soft_delete::TESTS[..], &privileges::TESTS, &v3::TESTS, &zones::TESTS, &lucia::TESTS].concat();
        for (name, test) in tests {
            trials.push(trial(format!("{name}::{database}"), move || test(database)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn of_entry(name: &str, entry: &'static Entry, test: OfEntry) -> Trial {
    trial(format!("{name}::{}", entry.name), move || test(entry))
}

/// A panic is told by the hook; what is left to say is that there was one.
fn trial(name: String, test: impl FnOnce() + Send + UnwindSafe + 'static) -> Trial {
    Trial::test(name, move || std::panic::catch_unwind(test).map_err(|_| Failed::without_message()))
}
