//! Writes the page of profiles to standard output, or compares it with what ran: `--ran FOLDER`.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use vestibule_profile_tests::{check, page};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let told = match &*arguments {
        [] => Ok(page()),
        ["--ran", folder] => check(Path::new(folder)),
        _ => Err("there is only --ran FOLDER\n".to_owned()),
    };
    match told {
        Ok(text) => io::stdout().write_all(text.as_bytes()).map(|()| ExitCode::SUCCESS),
        Err(text) => io::stderr().write_all(text.as_bytes()).map(|()| ExitCode::FAILURE),
    }
}
