//! The browser of the browser test.

use std::path::{Path, PathBuf};

use crate::process;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The program, if one is installed.
pub(crate) fn find() -> Option<PathBuf> {
    let on_path = NAMES.iter().find_map(|name| process::find_on_path(name));
    on_path.or_else(|| Some(Path::new(MAC).to_owned()).filter(|path| path.is_file()))
}
