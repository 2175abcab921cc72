//! Packages that bring along nothing but a given list, as a program without an operating system gets them.

use anyhow::{Context, Result, bail};

use super::rules::Alone;
use crate::process::cargo;

/// No files, no network, no clock, no random source: whoever needs one of these does not work there.
const TARGET: &str = "wasm32-unknown-unknown";

/// The offences of the package that `rule` names. The target need not be installed.
///
/// # Errors
///
/// If cargo cannot tell.
pub(super) fn offences(rule: &Alone) -> Result<Vec<String>> {
    // Proc-macros run in the compiler. Features are those that this package asks for, not those of the workspace.
    let output = cargo()
        .args(["tree", "--quiet", "--package", rule.who, "--edges", "normal,no-proc-macro"])
        .args(["--target", TARGET, "--prefix", "none", "--format", "{p}"])
        .output()
        .context("cannot start cargo tree")?;
    let tree = String::from_utf8(output.stdout)?;
    if !output.status.success() || !tree.starts_with(rule.who) {
        bail!("cargo tree of {}: {}", rule.who, String::from_utf8_lossy(&output.stderr));
    }
    let strangers = strangers(&tree, rule);
    Ok(strangers
        .into_iter()
        .map(|name| format!("{} brings along {name}: {}", rule.who, rule.because))
        .collect())
}

/// The packages in the output of `cargo tree` that are not on the list.
fn strangers<'a>(tree: &'a str, rule: &Alone) -> Vec<&'a str> {
    let mut names: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !name.is_empty() && *name != rule.who && !rule.brings.contains(name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_deps::rules::ALONE;

    #[test]
    fn what_is_not_on_the_list_is_named_once() {
        let rule = Alone { who: "x", brings: &["a"], because: "" };
        let tree = "x v0.1.0 (/x)\na v1.0.0\nb v1.0.0\nb v1.0.0 (*)\n";
        assert_eq!(strangers(tree, &rule), ["b"]);
    }

    #[test]
    fn nothing_on_a_list_does_input_or_output() {
        for rule in &ALONE {
            for name in [
                "getrandom",
                "libc",
                "rand",
                "rand_core",
                "js-sys",
                "wasm-bindgen",
                "tokio",
                "vestibule-core",
            ] {
                assert!(!rule.brings.contains(&name), "{} may bring along {name}", rule.who);
            }
        }
    }
}
