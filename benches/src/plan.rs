//! What to measure.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::measure::Effort;

/// Measures what Vestibule costs: beside the raw drivers, beside @auth/pg-adapter, and by the number of rows.
#[derive(Debug, Parser)]
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
}

impl Plan {
    /// How many sessions the tables hold.
    pub(crate) fn sizes(&self) -> &'static [usize] {
        if self.quick { &[1_000, 10_000] } else { &[1_000, 100_000, 1_000_000] }
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
        }
    }

    /// Whether this is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| name.contains(pattern))
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
const PARTS: [&str; 8] = [
    "sqlite-memory",
    "sqlite-file",
    "postgres",
    "shared",
    "pg-adapter",
    "flat",
    "session-route",
    "inline-reads",
];
