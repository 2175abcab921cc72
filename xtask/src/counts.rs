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

impl Counts {
    /// The sum of all summaries in `output`, of nextest, the standard test harness and Node alike.
    pub(crate) fn read(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            let line = without_colors(line);
            if let Some((_, summary)) = line.split_once("test result: ") {
                let summary = summary.split_once(". ").map_or("", |(_, rest)| rest);
                counts.add_parts(summary.split(';'));
            } else if let Some((_, summary)) = summary_of_nextest(&line) {
                counts.add_parts(summary.split(','));
            } else if let Some(summary) = line.strip_prefix("ℹ ") {
                counts.add_of_node(summary);
            }
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

fn summary_of_nextest(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start().strip_prefix("Summary [")?;
    rest.split_once("tests run: ").or_else(|| rest.split_once("test run: "))
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
            assert_eq!(Counts::read(line), expected, "{line}");
        }
    }

    #[test]
    fn summaries_of_the_standard_harness_are_added_up() {
        let output = "\
            test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.00s\n\
            test a ... FAILED\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        assert_eq!(Counts::read(output), counts(4, 1, 2));
    }

    #[test]
    fn summaries_of_node_are_read() {
        let output = "✔ a test (12.5ms)\nℹ tests 7\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\n\
            ℹ todo 0\nℹ duration_ms 1046.4\n";
        assert_eq!(Counts::read(output), counts(3, 2, 2));
    }

    #[test]
    fn colors_do_not_hide_a_summary() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m1\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m";
        assert_eq!(Counts::read(line), counts(2, 0, 1));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(Counts::read("12 passed, 3 failed\nSummary of 3 tests run: 3 passed"), Counts::default());
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
