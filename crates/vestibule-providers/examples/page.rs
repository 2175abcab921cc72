//! Writes the page of providers to standard output. `cargo xtask providers` runs it.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(vestibule_providers::page().as_bytes())
}
