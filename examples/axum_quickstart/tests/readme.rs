//! The README shows the program as it is.

#[test]
fn the_readme_shows_this_program() {
    let readme = include_str!("../../../README.md");
    let program = include_str!("../src/main.rs");
    let (_, program) = program.split_once("\n\n").unwrap();

    assert!(readme.contains(program), "README.md and examples/axum_quickstart/src/main.rs differ");
}
