//! What to measure.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::instructions;
use crate::measure::{Effort, Side};

/// Measures what Vestibule costs: beside the raw drivers, beside @auth/pg-adapter, and by the number of rows.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Plan {
    /// Fewer sizes and shorter rounds: shows that everything works, and little else.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only what has this in its name, such as `postgres/1e5` or `session_and_user`. May be given repeatedly.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Vec<String>,
    /// Where the JSON goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Fail if a bar is missed.
    #[arg(long)]
    pub(crate) enforce: bool,
    /// Rounds of each contestant.
    #[arg(long, value_name = "COUNT")]
    rounds: Option<usize>,
    /// How long a round takes.
    #[arg(long, value_name = "MILLISECONDS")]
    round: Option<u64>,
    /// Counts processor instructions with valgrind instead of measuring time. Only the program's are counted, on
    /// one thread, but they are the same again and again, whatever else the machine does.
    #[arg(long, conflicts_with_all = ["quick", "enforce", "count"])]
    pub(crate) instructions: bool,
    /// Says in one line what has to be there for what is wanted, and ends.
    #[arg(long, hide = true)]
    pub(crate) needs: bool,
    /// Lets one contestant do so many operations and says nothing, for a profiler that watches.
    #[arg(long, value_name = "OPERATIONS", requires = "side")]
    pub(crate) count: Option<u64>,
    /// Which one.
    #[arg(long, value_enum)]
    pub(crate) side: Option<Side>,
}

impl Plan {
    /// With the usual names, where instructions are to be counted and none is given.
    pub(crate) fn completed(mut self) -> Self {
        if self.instructions && self.only.is_empty() {
            self.only = instructions::USUAL.map(str::to_owned).into();
        }
        self
    }

    /// How many sessions the tables hold.
    pub(crate) fn sizes(&self) -> &'static [usize] {
        if self.count.is_some() {
            return &[1_000];
        }
        if self.quick { &[1_000, 10_000] } else { &[1_000, 100_000, 1_000_000] }
    }

    /// How many, where drivers are compared.
    pub(crate) fn drivers_size(&self) -> usize {
        match (self.count, self.quick) {
            (Some(_), _) => 1_000,
            (None, true) => 10_000,
            (None, false) => 100_000,
        }
    }

    /// How many tasks ask at the same time.
    pub(crate) fn concurrency(&self) -> &'static [usize] {
        if self.quick { &[1, 16] } else { &[1, 16, 64] }
    }

    /// How long and how often.
    pub(crate) fn effort(&self) -> Effort {
        let (rounds, millis) = if self.quick { (2, 60) } else { (7, 100) };
        Effort {
            rounds: self.rounds.unwrap_or(rounds).max(1),
            round: Duration::from_millis(self.round.unwrap_or(millis)),
            alone: self.side.zip(self.count),
        }
    }

    /// Whether this is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let is_it = |pattern: &String| match self.count {
            Some(_) => name == pattern,
            None => name.contains(pattern),
        };
        self.only.is_empty() || self.only.iter().any(is_it)
    }

    /// Whether anything of a part may be wanted, by the beginning of its names.
    pub(crate) fn may_want(&self, beginning: &str) -> bool {
        let touches = |pattern: &String| {
            let first = pattern.split('/').next().unwrap_or_default();
            beginning.contains(pattern.as_str()) || pattern.starts_with(beginning) || !PARTS.contains(&first)
        };
        self.only.is_empty() || self.only.iter().any(touches)
    }
}

/// How names begin.
const PARTS: [&str; 11] = [
    "drivers",
    "http",
    "jwe",
    "sqlite-memory",
    "sqlite-file",
    "postgres",
    "shared",
    "pg-adapter",
    "flat",
    "session-route",
    "inline-reads",
];
