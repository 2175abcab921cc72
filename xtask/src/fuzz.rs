//! `cargo xtask fuzz`: the parsers under libFuzzer.
//!
//! The instrumentation is that of cargo-fuzz without its sanitizers, for which the stable compiler suffices: there is no
//! `unsafe` of our own for them to look at. One program holds all targets.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::{self, cargo, must_run, say};

/// What libFuzzer needs to see where the program went, and what it compared.
const INSTRUMENTATION: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// Inputs a target when nothing else is said: some seconds, always the same inputs.
const RUNS: &str = "100000";
/// Longer inputs reach nothing new, and are slow.
const MAX_LENGTH: &str = "-max_len=8192";
/// Longer inputs are not kept.
const MAX_KEPT_LENGTH: &str = "-max_len=512";
/// An input that takes longer, in seconds, has found a loop. Long, since the machine may do other things as well.
const TIMEOUT: &str = "-timeout=60";

/// What to run.
#[derive(Args, Debug, Default)]
pub(crate) struct Options {
    /// Goes on for so many seconds a target, each time with other inputs.
    #[arg(long)]
    seconds: Option<u64>,
    /// Keeps the inputs that reach something new, in `fuzz/corpus`.
    #[arg(long)]
    keep: bool,
    /// Runs this input alone: one that failed.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// Runs only these targets.
    target: Vec<String>,
}

/// Builds and runs the targets, and returns how many there were.
///
/// # Errors
///
/// If an input fails; it is left in the folder `artifacts`. If something is missing.
pub(crate) fn run(options: &Options) -> Result<u64> {
    let all = targets()?;
    if let Some(unknown) = options.target.iter().find(|target| !all.contains(*target)) {
        bail!("there is no target {unknown}; there are {}", join(&all));
    }
    let wanted = all.iter().filter(|target| options.target.is_empty() || options.target.contains(*target));
    let program = build()?;
    let mut count = 0;
    for target in wanted {
        run_target(&program, target, options)?;
        count += 1;
    }
    Ok(count)
}

/// Why nothing can be built here, if so.
pub(crate) fn is_missing() -> Option<&'static str> {
    let has_compiler = std::env::var_os("CXX").is_some() || process::find_on_path("c++").is_some();
    (!has_compiler).then_some("there is no C++ compiler for libFuzzer")
}

fn folder() -> PathBuf {
    process::root().join("fuzz")
}

/// The names of the targets: each has a file and inputs to begin with.
fn targets() -> Result<BTreeSet<String>> {
    let files = names_in(&folder().join("src/targets"))?;
    let files = files.iter().filter_map(|name| name.strip_suffix(".rs")).filter(|name| *name != "mod");
    let files: BTreeSet<String> = files.map(str::to_owned).collect();
    let inputs = names_in(&folder().join("corpus"))?;
    let different: BTreeSet<String> = files.symmetric_difference(&inputs).cloned().collect();
    if !different.is_empty() {
        bail!("either no file in fuzz/src/targets or no folder in fuzz/corpus: {}", join(&different));
    }
    Ok(files)
}

fn names_in(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn build() -> Result<PathBuf> {
    let host = process::host_triple()?;
    let target_folder = process::root().join("target/fuzz");
    let mut command = cargo();
    // With a target that is named, the flags are not for what runs while compiling.
    command.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    command.env("CARGO_TARGET_DIR", &target_folder).env("RUSTFLAGS", INSTRUMENTATION.join(" "));
    must_run(&mut command)?;
    Ok(target_folder.join(host).join("release/vestibule-fuzz"))
}

fn run_target(program: &Path, target: &str, options: &Options) -> Result<()> {
    let kept = folder().join("corpus").join(target);
    let found = process::root().join("target/fuzz/corpus").join(target);
    let artifacts = process::root().join("artifacts");
    fs::create_dir_all(&artifacts)?;
    let fuzzer = || {
        let mut command = process::command(program);
        command.env("VESTIBULE_FUZZ_TARGET", target).arg(TIMEOUT);
        let mut prefix = OsString::from("-artifact_prefix=");
        prefix.push(artifacts.join(format!("fuzz-{target}-")));
        command.arg(prefix);
        command
    };
    say(&format!("fuzzing {target}"));
    let mut command = fuzzer();
    if let Some(input) = &options.input {
        command.arg(std::path::absolute(input)?);
    } else if let Some(seconds) = options.seconds {
        // What is found stays, and is begun with the next time.
        fs::create_dir_all(&found)?;
        command.args([MAX_LENGTH, &format!("-max_total_time={seconds}")]).arg(&found).arg(&kept);
    } else {
        // Nothing that is found stays, so that every run is the same.
        let scratch = tempfile::tempdir()?;
        let (found, log) = (scratch.path().join("found"), scratch.path().join("log"));
        fs::create_dir(&found)?;
        command.args([MAX_LENGTH, "-seed=1", &format!("-runs={RUNS}")]).arg(&found).arg(&kept);
        // What libFuzzer tells of its progress is long.
        command.stderr(fs::File::create(&log)?);
        let outcome = check(&mut command, target);
        if outcome.is_err() {
            say(&String::from_utf8_lossy(&fs::read(&log)?));
        }
        return outcome;
    }
    check(&mut command, target)?;
    if options.keep {
        fs::create_dir_all(&found)?;
        let mut merge = fuzzer();
        merge.args(["-set_cover_merge=1", "-use_counters=0", MAX_KEPT_LENGTH]).arg(&kept).arg(&found);
        must_run(&mut merge)?;
    }
    Ok(())
}

fn check(command: &mut Command, target: &str) -> Result<()> {
    must_run(command).with_context(|| {
        format!("an input of {target} fails; run it again with cargo xtask fuzz {target} --input artifacts/fuzz-{target}-…")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_file_and_inputs_and_a_line() {
        let table = fs::read_to_string(folder().join("src/targets/mod.rs")).unwrap();
        for target in targets().unwrap() {
            assert!(table.contains(&format!("(\"{target}\", {target}::run)")), "{target}");
            assert!(!names_in(&folder().join("corpus").join(&target)).unwrap().is_empty(), "{target}");
        }
    }
}
