//! How many tests ran, read from what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// Tests by outcome. Displayed as `3 passed, 0 failed, 1 skipped`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// What runs the tests, each with a summary of its own. What a test prints may look like any of them, as that of a test
/// of this program does, and is printed again when it fails: so each is known by its place, not by its looks alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// One summary at the end, over all programs.
    Nextest,
    /// The standard harness: one summary for each program.
    Harness,
    /// Lines at the end, one for each kind of outcome.
    Node,
}

impl Counts {
    /// What the summaries of the runner in `output` say; nothing if it did not get that far.
    pub(crate) fn read(runner: Runner, output: &str) -> Self {
        let lines = output.lines().map(without_colors);
        match runner {
            Runner::Nextest => Self::of_nextest(lines),
            Runner::Harness => Self::of_harness(lines),
            Runner::Node => Self::of_node(lines),
        }
    }

    /// After the summary, those that failed are listed, perhaps with what they printed, which is indented.
    fn of_nextest(lines: impl Iterator<Item = String>) -> Self {
        let mut counts = Self::default();
        for line in lines {
            if let Some(summary) = summary_of_nextest(&line) {
                counts = Self::default();
                counts.add_parts(summary.split(','));
            }
        }
        counts
    }

    /// A program says how many tests it runs, and its summary has as many. What failed tests printed comes between the
    /// two, after a line that says so; a program that crashed has no summary.
    fn of_harness(lines: impl Iterator<Item = String>) -> Self {
        let (mut counts, mut running, mut are_failures_told) = (Self::default(), None, false);
        for line in lines {
            if line == "failures:" {
                are_failures_told = running.is_some();
            } else if let Some(number) = number_of_harness(&line).filter(|_| !are_failures_told) {
                running = Some(number);
            } else if let Some((_, summary)) =
                line.strip_prefix("test result: ").and_then(|summary| summary.split_once(". "))
            {
                let mut these = Self::default();
                these.add_parts(summary.split(';'));
                if running == Some(these.passed + these.failed + these.skipped) {
                    counts += these;
                    (running, are_failures_told) = (None, false);
                }
            }
        }
        counts
    }

    fn of_node(lines: impl Iterator<Item = String>) -> Self {
        let (mut counts, mut summary) = (Self::default(), Vec::new());
        for line in lines {
            let Some(line) = line.strip_prefix("ℹ ") else { continue };
            // The first line of a summary.
            if line.starts_with("tests ") {
                summary.clear();
            }
            summary.push(line.to_owned());
        }
        for line in summary {
            counts.add_of_node(&line);
        }
        counts
    }

    fn add_parts<'a>(&mut self, parts: impl Iterator<Item = &'a str>) {
        for part in parts {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            match (words.next(), words.next()) {
                (Some("passed"), _) => self.passed += number,
                (Some("failed"), _) | (Some("timed"), Some("out")) | (Some("exec"), Some("failed")) => {
                    self.failed += number;
                }
                (Some("skipped" | "ignored"), _) => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Node's test runner has a line for each kind of outcome.
    fn add_of_node(&mut self, summary: &str) {
        let Some((kind, number)) = summary.split_once(' ') else { return };
        let Ok(number) = number.trim().parse::<u64>() else { return };
        match kind {
            "pass" => self.passed += number,
            "fail" | "cancelled" => self.failed += number,
            "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }

    /// Whether anything ran and nothing failed.
    pub(crate) fn are_good(self) -> bool {
        self.passed > 0 && self.failed == 0
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// How many tests a program is about to run.
fn number_of_harness(line: &str) -> Option<u64> {
    let rest = line.strip_prefix("running ")?;
    rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test"))?.parse().ok()
}

/// Nextest writes its words to the right of twelve columns, and what a test printed to the right of less.
fn summary_of_nextest(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("     Summary [")?;
    let (_, summary) = rest.split_once("tests run: ").or_else(|| rest.split_once("test run: "))?;
    Some(summary)
}

/// `line` without the escape sequences that color it.
fn without_colors(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(|&inside| inside.is_ascii_alphabetic());
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn summaries_of_nextest_are_read() {
        for (line, expected) in [
            ("     Summary [   0.123s] 12 tests run: 12 passed, 3 skipped", counts(12, 0, 3)),
            ("     Summary [   0.123s] 1 test run: 1 passed, 0 skipped", counts(1, 0, 0)),
            (
                "     Summary [   9.1s] 5/12 tests run: 3 passed (1 slow, 2 leaky), 1 failed, 1 timed out, 0 skipped",
                counts(3, 2, 0),
            ),
            ("     Summary [   9.1s] 2 tests run: 1 passed, 1 exec failed, 4 skipped", counts(1, 1, 4)),
        ] {
            assert_eq!(Counts::read(Runner::Nextest, line), expected, "{line}");
        }
    }

    #[test]
    fn what_a_failed_test_printed_is_no_summary_of_nextest() {
        let printed = "
  stdout ───

    running 1 test
    test a ... FAILED

    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.00s
         Summary [   0.123s] 12 tests run: 3 passed, 9 failed, 3 skipped
";
        let status = "        FAIL [   0.041s] vestibule a\n";
        let summary = "     Summary [   9.1s] 9043 tests run: 9042 passed, 1 failed, 2 skipped\n";

        // At once, and again at the end.
        let output = [status, printed, "────────────\n", summary, status, printed].concat();

        assert_eq!(Counts::read(Runner::Nextest, &output), counts(9042, 1, 2));
    }

    #[test]
    fn summaries_of_the_standard_harness_are_added_up() {
        let output = "\
            running 5 tests\n\
            test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.00s\n\
            running 1 test\n\
            a crash, after which there is no summary\n\
            running 2 tests\n\
            test a ... FAILED\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        assert_eq!(Counts::read(Runner::Harness, output), counts(4, 1, 2));
    }

    #[test]
    fn what_a_failed_test_printed_is_no_summary_of_the_standard_harness() {
        let output = "\
            running 2 tests\n\
            test a ... FAILED\n\
            test b ... ok\n\
            failures:\n\
            ---- a stdout ----\n\
            running 1 test\n\
            failures:\n\
            test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.00s\n\
            failures:\n    a\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n\
            running 1 test\n\
            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(Counts::read(Runner::Harness, output), counts(2, 1, 0));
    }

    #[test]
    fn summaries_of_node_are_read() {
        let output = "✔ a test (12.5ms)\nℹ tests 7\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\n\
            ℹ todo 0\nℹ duration_ms 1046.4\n";
        assert_eq!(Counts::read(Runner::Node, output), counts(3, 2, 2));
    }

    #[test]
    fn a_run_within_a_test_of_node_does_not_count() {
        let output =
            "ℹ tests 2\nℹ pass 0\nℹ fail 2\n✖ a test (12.5ms)\nℹ tests 1\nℹ pass 0\nℹ fail 1\nℹ skipped 0\n";
        assert_eq!(Counts::read(Runner::Node, output), counts(0, 1, 0));
    }

    #[test]
    fn colors_do_not_hide_a_summary() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m1\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m";
        assert_eq!(Counts::read(Runner::Nextest, line), counts(2, 0, 1));
    }

    #[test]
    fn other_lines_count_nothing() {
        let output = "12 passed, 3 failed\nSummary of 3 tests run: 3 passed\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        for runner in [Runner::Nextest, Runner::Harness, Runner::Node] {
            assert_eq!(Counts::read(runner, output), Counts::default(), "{runner:?}");
        }
    }

    #[test]
    fn no_tests_are_no_success() {
        assert!(!Counts::default().are_good());
        assert!(!counts(5, 1, 0).are_good());
        assert!(counts(5, 0, 1).are_good());
    }

    #[test]
    fn counts_are_displayed_as_one_plain_line() {
        assert_eq!(counts(3, 0, 1).to_string(), "3 passed, 0 failed, 1 skipped");
    }
}
