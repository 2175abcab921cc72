//! What the page claims is compared with what ran.

use vestibule_profile_tests::{Outcome, all, check, leave};

/// As the last step of all tests does it.
pub(crate) fn must_have_run() {
    let folder = std::env::temp_dir().join(format!("vestibule-profiles-ran-{}", std::process::id()));
    let entries = all();
    for entry in &entries {
        for claim in entry.claims() {
            leave(&folder, entry, claim, Outcome::Passed).unwrap();
        }
    }
    let (first, claim) = (&entries[0], entries[0].claims()[0]);
    assert!(check(&folder).unwrap().ends_with("0 were left out\n"));

    leave(&folder, first, claim, Outcome::Skipped).unwrap();
    assert!(check(&folder).unwrap().ends_with("1 were left out\n"));

    let lost = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let lost =
        lost.filter(|path| path.to_string_lossy().ends_with(&format!("{}--{}", claim.test(), first.name)));
    lost.for_each(|path| std::fs::remove_file(path).unwrap());
    let told = check(&folder).unwrap_err();
    assert!(told.ends_with(&format!(":\n{}::{}\n", claim.test(), first.name)), "{told}");
    std::fs::remove_dir_all(folder).unwrap();
}
