//! What was found: a table to read, and JSON.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::measure::Sample;

/// One comparison: a contestant against another, or against itself elsewhere.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// Where it belongs, such as `postgres/1e5/16/session_and_user`.
    pub(crate) name: String,
    /// The contestant that is judged.
    pub(crate) ours: Side,
    /// What it is compared with.
    pub(crate) theirs: Side,
    /// Ours by theirs, round by round, of what the bar is about: operations a second (above 1 means faster) or
    /// processor time (above 1 means dearer).
    pub(crate) ratio: Spread,
    /// Operations for the same processor time of program and server together, ours by theirs, round by round:
    /// above 1 means cheaper.
    pub(crate) thrift: Spread,
    /// What the median of the ratio has to reach.
    pub(crate) bar: Option<Bar>,
}

/// One contestant over all rounds.
#[derive(Debug, Serialize)]
pub(crate) struct Side {
    pub(crate) name: String,
    /// Operations a second, the median of the rounds.
    pub(crate) per_second: f64,
    /// Microseconds of processor time of the program an operation.
    pub(crate) program_cpu_micros: f64,
    /// Microseconds of processor time of the database's server an operation; 0 if there is none or it is far.
    pub(crate) server_cpu_micros: f64,
}

/// Where several values lie.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

/// A value to reach, or not to exceed.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl Spread {
    /// Nothing has no middle, and neither least nor most.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        if values.is_empty() {
            return Self { median: f64::NAN, min: f64::NAN, max: f64::NAN };
        }
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Self { median, min: values[0], max: values[values.len() - 1] }
    }
}

impl Side {
    pub(crate) fn of(name: &str, samples: &[Sample]) -> Self {
        let operations: f64 = samples.iter().map(|sample| sample.operations).sum();
        let micros = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() * 1e6 / operations;
        Self {
            name: name.to_owned(),
            per_second: Spread::of(samples.iter().map(Sample::rate).collect()).median,
            program_cpu_micros: micros(|sample| sample.program),
            server_cpu_micros: micros(|sample| sample.server),
        }
    }
}

/// Seconds of processor time an operation, program and server together.
fn cost(sample: &Sample) -> f64 {
    (sample.program + sample.server) / sample.operations
}

impl Finding {
    /// Compares by operations a second.
    pub(crate) fn by_rate(
        name: String,
        ours: (&str, &[Sample]),
        theirs: (&str, &[Sample]),
        bar: Option<Bar>,
    ) -> Self {
        Self::by(Sample::rate, name, ours, theirs, bar)
    }

    /// Compares by processor time of program and server: above 1 means that ours costs more.
    pub(crate) fn by_cost(name: String, ours: (&str, &[Sample]), theirs: (&str, &[Sample])) -> Self {
        Self::by(cost, name, ours, theirs, None)
    }

    /// Compares by processor time of the program alone: above 1 means that ours costs more.
    pub(crate) fn by_program_cost(
        name: String,
        ours: (&str, &[Sample]),
        theirs: (&str, &[Sample]),
        bar: Option<Bar>,
    ) -> Self {
        Self::by(|sample| sample.program / sample.operations, name, ours, theirs, bar)
    }

    /// Compares by operations for the same processor time of program and server together.
    pub(crate) fn by_thrift(
        name: String,
        ours: (&str, &[Sample]),
        theirs: (&str, &[Sample]),
        bar: Option<Bar>,
    ) -> Self {
        Self::by(|sample| 1.0 / cost(sample), name, ours, theirs, bar)
    }

    fn by(
        value: impl Fn(&Sample) -> f64,
        name: String,
        (ours, of_ours): (&str, &[Sample]),
        (theirs, of_theirs): (&str, &[Sample]),
        bar: Option<Bar>,
    ) -> Self {
        let rounds = || of_ours.iter().zip(of_theirs);
        let ratio = Spread::of(rounds().map(|(ours, theirs)| value(ours) / value(theirs)).collect());
        let thrift = Spread::of(rounds().map(|(ours, theirs)| cost(theirs) / cost(ours)).collect());
        Self { name, ours: Side::of(ours, of_ours), theirs: Side::of(theirs, of_theirs), ratio, thrift, bar }
    }

    fn verdict(&self) -> String {
        let Some(bar) = self.bar else {
            return String::new();
        };
        let (sign, value) = match bar {
            Bar::AtLeast(value) => ('≥', value),
            Bar::AtMost(value) => ('≤', value),
        };
        format!("{} {sign} {value}", if bar.is_met(self.ratio.median) { "pass" } else { "FAIL" })
    }

    /// Whether the bar is missed, and whether processor time says so too: on a machine that does other things as
    /// well, speed alone says little.
    fn is_missed(&self) -> Option<bool> {
        let bar = self.bar.filter(|bar| !bar.is_met(self.ratio.median))?;
        Some(matches!(bar, Bar::AtMost(_)) || !bar.is_met(self.thrift.median))
    }

    fn row(&self) -> String {
        let side = |side: &Side| {
            let cpu = if side.server_cpu_micros > 0.0 {
                format!("{:.1} + {:.1}", side.program_cpu_micros, side.server_cpu_micros)
            } else {
                format!("{:.2}", side.program_cpu_micros)
            };
            format!("{}: {:.0}/s, {cpu} µs", side.name, side.per_second)
        };
        let Spread { median, min, max } = self.ratio;
        format!(
            "| {} | {} | {} | {median:.2} ({min:.2}–{max:.2}) | {:.2} | {} |",
            self.name,
            side(&self.ours),
            side(&self.theirs),
            self.thrift.median,
            self.verdict()
        )
    }
}

/// Everything that was found, and on what.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    /// Findings of another kind, one a line.
    pub(crate) notes: Vec<String>,
}

impl Report {
    /// Adds a finding and prints its row, unless nothing was measured.
    pub(crate) fn add(&mut self, finding: Finding) {
        if finding.ratio.median.is_nan() {
            return;
        }
        println!("{}", finding.row());
        self.findings.push(finding);
    }

    /// Begins a part of the table.
    pub(crate) fn begin(title: &str) {
        println!(
            "\n## {title}\n\n| what | ours | theirs | ratio (min–max) | thrift | bar |\n|---|---|---|---|---|---|"
        );
    }

    /// Adds a line that is no comparison, and prints it.
    pub(crate) fn note(&mut self, line: String) {
        println!("{line}");
        self.notes.push(line);
    }

    /// The findings that miss their bar, and whether by processor time as well.
    pub(crate) fn missed(&self) -> impl Iterator<Item = (&str, bool)> {
        self.findings.iter().filter_map(|finding| Some((&*finding.name, finding.is_missed()?)))
    }

    /// Writes everything as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, serde_json::to_string_pretty(self)?)?)
    }

    /// How many bars there were.
    pub(crate) fn bars(&self) -> usize {
        self.findings.iter().filter(|finding| finding.bar.is_some()).count()
    }
}
