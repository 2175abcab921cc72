//! The guide quotes this example, and says what it is now.

use std::path::Path;

const SOURCES: [&str; 4] = [
    include_str!("../src/lib.rs"),
    include_str!("../src/tokens.rs"),
    include_str!("../src/file.rs"),
    include_str!("conformance.rs"),
];

#[test]
fn the_guide_quotes_the_example() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/custom-adapter.md");
    let guide = std::fs::read_to_string(path).unwrap();

    let quotes: Vec<&str> =
        guide.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();

    assert!(quotes.len() >= 5);
    for quote in quotes {
        assert!(SOURCES.iter().any(|source| source.contains(quote)), "not in the example:\n{quote}");
    }
}

/// The cases that the guide explains exist.
#[test]
fn the_guide_names_cases_of_the_suite() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/custom-adapter.md");
    let guide = std::fs::read_to_string(path).unwrap();

    let named: Vec<&str> =
        guide.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();

    let is_a_case = |name: &str| vestibule_conformance::CASES.iter().any(|(_, case)| *case == name);
    assert!(named.iter().filter(|name| is_a_case(name)).count() >= 10);
    for name in named {
        assert!(is_a_case(name), "{name} is no case");
    }
}
