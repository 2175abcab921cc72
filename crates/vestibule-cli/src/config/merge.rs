//! Helpers of the configuration: a value with the place it comes from, and the list of problems.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::Env;
use crate::failure::Failure;

/// A value and the place that it comes from, as the reader knows it.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    value: &'a str,
    place: String,
}

impl<'a> Found<'a> {
    /// From a flag of the command line.
    pub(crate) fn flag(name: &str, value: Option<&'a str>) -> Option<Self> {
        value.map(|value| Self { value, place: name.to_owned() })
    }

    /// From a variable of the environment.
    pub(crate) fn env(env: &'a Env, name: &str) -> Option<Self> {
        env.get(name).map(|value| Self { value, place: name.to_owned() })
    }

    /// From a key of the configuration file.
    pub(crate) fn file(key: &str, value: Option<&'a str>) -> Option<Self> {
        value.map(|value| Self { value, place: in_file(key) })
    }
}

/// The first that was given.
pub(crate) fn first<const N: usize>(found: [Option<Found<'_>>; N]) -> Option<Found<'_>> {
    found.into_iter().flatten().next()
}

fn in_file(key: &str) -> String {
    format!("{key} in the configuration file")
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    /// Adds a problem with the place that it comes from.
    pub(crate) fn add(&mut self, place: &str, problem: &str) {
        self.0.push(format!("{place}: {problem}"));
    }

    /// Parses a value, or adds the problem with it.
    pub(crate) fn parse<T>(
        &mut self,
        found: &Found<'_>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(found.value) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.add(&found.place, &problem);
                None
            }
        }
    }

    /// The settings, if there is no problem with them.
    pub(crate) fn end<T>(self, settings: T) -> Result<T, Failure> {
        self.end_with("the configuration has problems:", settings)
    }

    /// The settings, if there is no problem with them, with a heading of one's own otherwise.
    pub(crate) fn end_with<T>(self, heading: &str, settings: T) -> Result<T, Failure> {
        if self.0.is_empty() { Ok(settings) } else { Err(Failure::problems(heading, &self.0)) }
    }
}

/// A number of the configuration file within its range, or the default.
pub(crate) fn number(
    problems: &mut Problems,
    key: &str,
    given: Option<u32>,
    default: u32,
    range: RangeInclusive<u32>,
) -> u32 {
    let value = given.unwrap_or(default);
    if !range.contains(&value) {
        problems.add(&in_file(key), &format!("{value} is not between {} and {}", range.start(), range.end()));
    }
    value
}

/// A number of seconds of the configuration file, at least one, or the default.
pub(crate) fn duration(problems: &mut Problems, key: &str, given: Option<u32>, default: u32) -> Duration {
    // A hundred years of seconds; later points in time do not fit every database's type.
    const CENTURY: u32 = 3_155_760_000;

    Duration::from_secs(number(problems, key, given, default, 1..=CENTURY).into())
}
