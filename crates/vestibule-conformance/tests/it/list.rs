//! The list of cases is complete.

use std::collections::BTreeSet;

use vestibule_conformance::CASES;

const SOURCES: [(&str, &str); 15] = [
    ("accounts", include_str!("../../src/accounts.rs")),
    ("authenticators", include_str!("../../src/authenticators.rs")),
    ("extra", include_str!("../../src/extra.rs")),
    ("extra_values", include_str!("../../src/extra_values.rs")),
    ("ids", include_str!("../../src/ids.rs")),
    ("leases", include_str!("../../src/leases.rs")),
    ("limits", include_str!("../../src/limits.rs")),
    ("meetings", include_str!("../../src/meetings.rs")),
    ("names", include_str!("../../src/names.rs")),
    ("races", include_str!("../../src/races.rs")),
    ("sessions", include_str!("../../src/sessions.rs")),
    ("sign_ups", include_str!("../../src/sign_ups.rs")),
    ("tokens", include_str!("../../src/tokens.rs")),
    ("user_updates", include_str!("../../src/user_updates.rs")),
    ("users", include_str!("../../src/users.rs")),
];

#[test]
fn every_case_is_in_the_list_once() {
    let written: BTreeSet<(&str, &str)> = SOURCES
        .into_iter()
        .flat_map(|(module, source)| {
            let functions = source.lines().filter_map(|line| line.strip_prefix("pub async fn "));
            functions.map(move |rest| (module, rest.split('(').next().unwrap()))
        })
        .collect();
    let listed: BTreeSet<(&str, &str)> = CASES.iter().copied().collect();

    assert_eq!(listed, written);
    assert_eq!(CASES.len(), listed.len());
}

#[test]
fn every_case_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = CASES.iter().map(|(_, name)| *name).collect();

    assert_eq!(names.len(), CASES.len());
}
