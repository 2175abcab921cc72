//! How sessions are kept, and how long they live.

use std::time::Duration;

use vestibule_core::TouchPolicy;
use vestibule_engine::{JwtPolicy, SessionStrategy};

use super::merge::{Problems, duration};
use super::{Database, Sources};

impl Sources {
    /// In the store, if there is one, unless the file says otherwise.
    pub(super) fn session(&self, database: &Database, problems: &mut Problems) -> SessionStrategy {
        let file = &self.file.session;
        let usual = if *database == Database::None { "jwt" } else { "database" };
        match file.strategy.as_deref().unwrap_or(usual) {
            "database" if *database == Database::None => {
                problems.add(
                    "session.strategy in the configuration file",
                    "without a database (none) sessions are in the cookie: write \"jwt\", or leave it out",
                );
                SessionStrategy::default()
            }
            "database" => {
                if file.absolute_age.is_some() || file.reads_nextauth_v4.is_some() {
                    problems.add(
                        "session in the configuration file",
                        "absolute_age and reads_nextauth_v4 are for strategy = \"jwt\"",
                    );
                }
                SessionStrategy::Database(self.rows(problems))
            }
            "jwt" => SessionStrategy::Jwt(self.tokens(problems)),
            _ => {
                problems.add("session.strategy in the configuration file", "write \"database\" or \"jwt\"");
                SessionStrategy::default()
            }
        }
    }

    fn tokens(&self, problems: &mut Problems) -> JwtPolicy {
        let file = &self.file.session;
        let default = u32::try_from(JwtPolicy::default().max_age.as_secs()).unwrap_or(u32::MAX);
        let mut policy = JwtPolicy::new(duration(problems, "session.max_age", file.max_age, default));
        if let Some(age) = file.absolute_age {
            let age = duration(problems, "session.absolute_age", Some(age), age);
            policy = policy.with_absolute_age(age);
        }
        if file.update_age.is_some() {
            problems
                .add("session.update_age in the configuration file", "tokens are renewed by every reading");
        }
        if file.reads_nextauth_v4 == Some(true) { policy.with_nextauth_v4() } else { policy }
    }

    fn rows(&self, problems: &mut Problems) -> TouchPolicy {
        let defaults = TouchPolicy::default();
        let days = |duration: Duration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        TouchPolicy {
            max_age: duration(problems, "session.max_age", self.file.session.max_age, days(defaults.max_age)),
            update_age: match self.file.session.update_age {
                // Auth.js allows 0: every use extends.
                Some(0) => Duration::ZERO,
                given => duration(problems, "session.update_age", given, days(defaults.update_age)),
            },
        }
    }
}
