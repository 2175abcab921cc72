//! One program for all targets, which the environment variable `VESTIBULE_FUZZ_TARGET` chooses from. All other arguments are
//! libFuzzer's. `cargo xtask fuzz` builds it and runs it.
//!
//! A target is a file in `targets`, a line in `targets/mod.rs`, and a folder in `corpus` with a few inputs to begin
//! with. It takes any bytes, and panics if what must hold does not.

#![no_main]

mod desk;
mod provider;
mod targets;

use std::sync::LazyLock;

use targets::Target;

/// The target that was chosen.
static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let wanted = std::env::var("VESTIBULE_FUZZ_TARGET").unwrap_or_default();
    let found = targets::ALL.iter().find(|(name, _)| *name == wanted);
    found
        .map_or_else(|| panic!("VESTIBULE_FUZZ_TARGET: there is no target {wanted:?}"), |(_, target)| *target)
});

libfuzzer_sys::fuzz_target!(init: LazyLock::force(&CHOSEN), |data: &[u8]| CHOSEN(data));
