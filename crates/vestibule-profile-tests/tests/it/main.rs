//! One test a database and a question, made from the list of profiles.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod better_auth;
mod cells;
mod claims;
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
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use vestibule_profile_tests::{Claim, Database, Entry, FOLDER, Outcome, all, leave};

/// A test on a database.
type Test = fn(Database);

/// A test on the tables of an entry.
type OfEntry = fn(&Entry);

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        trial("the_page_of_profiles_is_up_to_date".to_owned(), page::is_up_to_date),
        trial("a_claim_whose_test_did_not_pass_is_found_out".to_owned(), claims::must_have_run),
        trial("every_file_of_expected_rows_is_read".to_owned(), expected::all_are_used),
    ];
    for entry in all() {
        trials.extend(entry.claims().into_iter().map(|claim| of_entry(entry, claim)));
    }
    for database in [Database::Postgres, Database::MariaDb, Database::Sqlite] {
        let tests = [
            &soft_delete::TESTS[..],
            &privileges::TESTS,
            &v3::TESTS,
            &zones::TESTS,
            &lucia::TESTS,
            &better_auth::TESTS,
        ]
        .concat();
        for (name, test) in tests {
            trials.push(trial(format!("{name}::{database}"), move || test(database)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// How a claim is tested.
fn proof(claim: Claim) -> OfEntry {
    match claim {
        Claim::Rows => rows::read,
        Claim::Cells => cells::look,
        Claim::Original => original::reads,
        Claim::TurnsWithV3 => original_v3::takes_turns,
        Claim::Recognized => detection::finds,
        Claim::FieldsOfV3 => v3::fields_can_be_set,
        Claim::Suite => suite::pass,
        Claim::MixedRows => mixed::rows_read_the_same,
        Claim::MixedSuite => mixed::the_suite_passes,
        Claim::MixedExpiry => mixed::expiry_is_exact,
        Claim::Defaults => mixed::defaults_are_read,
    }
}

/// The test of a claim, which leaves behind that it ran.
fn of_entry(entry: Entry, claim: Claim) -> Trial {
    trial(format!("{}::{}", claim.test(), entry.label()), move || {
        proof(claim)(&entry);
        if let Some(folder) = std::env::var_os(FOLDER) {
            let outcome = if place::was_skipped() { Outcome::Skipped } else { Outcome::Passed };
            leave(Path::new(&folder), &entry, claim, outcome).unwrap();
        }
    })
}

/// A panic is told by the hook; what is left to say is that there was one.
fn trial(name: String, test: impl FnOnce() + Send + UnwindSafe + 'static) -> Trial {
    Trial::test(name, move || std::panic::catch_unwind(test).map_err(|_| Failed::without_message()))
}
