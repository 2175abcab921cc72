//! Writes the page of profiles to standard output.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(vestibule_profile_tests::page().as_bytes())
}
