//! The generated page.

use std::fs;
use std::path::Path;

use vestibule_profile_tests::page;

pub(crate) fn is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profiles.md");

    assert!(fs::read_to_string(path).unwrap() == page(), "run `cargo xtask profiles --write`");
}
