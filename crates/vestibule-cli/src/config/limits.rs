//! `[limits]`, and how many proxies are in front.

use std::time::Duration;

use vestibule_engine::{Limit, Limits};

use super::Sources;
use crate::config::merge::{Found, Problems, number};
use crate::config::serve::Mode;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl Sources {
    /// The limits: on in production, and off in development, where whoever tries things out signs in often.
    pub(super) fn limits(&self, mode: Mode, problems: &mut Problems) -> Limits {
        let section = &self.file.limits;
        let mut count = |key: &str, given, default| number(problems, key, given, default, 1..=10_000);
        let mails_per_address = count("limits.mails_per_address", section.mails_per_address, 10);
        let mails_per_network = count("limits.mails_per_network", section.mails_per_network, 50);
        let wrong_codes = count("limits.wrong_codes", section.wrong_codes, 20);
        if !section.enabled.unwrap_or(mode == Mode::Production) {
            return Limits::off();
        }
        Limits::new()
            .with_mails_per_address(Limit::new(mails_per_address, HOUR))
            .with_mails_per_network(Limit::new(mails_per_network, HOUR))
            .with_wrong_codes(Limit::new(wrong_codes, DAY))
    }

    /// How many proxies every request comes through, if anybody says so.
    pub(super) fn trusted_proxies(&self, problems: &mut Problems) -> Option<u8> {
        let parse = |text: &str| text.parse::<u8>().map_err(|_| "write a number such as 1".to_owned());
        Found::env(&self.env, "VESTIBULE_TRUSTED_PROXIES")
            .and_then(|found| problems.parse(&found, parse))
            .or(self.file.server.trusted_proxies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CommonArgs;

    fn limits(mode: Mode, file: &str) -> Result<Limits, String> {
        let mut problems = Problems::default();
        let limits = Sources::of(CommonArgs::default(), &[], file).limits(mode, &mut problems);
        problems.end(limits).map_err(|failure| failure.to_string())
    }

    #[test]
    fn limits_are_on_in_production_unless_said_otherwise() {
        assert_eq!(limits(Mode::Production, "").unwrap(), Limits::new());
        assert_eq!(limits(Mode::Development, "").unwrap(), Limits::off());
        assert_eq!(limits(Mode::Development, "[limits]\nenabled = true\n").unwrap(), Limits::new());
        assert_eq!(limits(Mode::Production, "[limits]\nenabled = false\n").unwrap(), Limits::off());
    }

    #[test]
    fn counts_can_be_chosen_and_are_never_nothing() {
        let file = "[limits]\nmails_per_address = 3\nmails_per_network = 4\nwrong_codes = 5\n";
        let chosen = Limits::new()
            .with_mails_per_address(Limit::new(3, HOUR))
            .with_mails_per_network(Limit::new(4, HOUR))
            .with_wrong_codes(Limit::new(5, DAY));

        assert_eq!(limits(Mode::Production, file).unwrap(), chosen);
        let problem = limits(Mode::Production, "[limits]\nmails_per_address = 0\n").unwrap_err();
        assert!(problem.contains("limits.mails_per_address"), "{problem}");
    }

    #[test]
    fn proxies_are_counted_in_the_environment_or_the_file() {
        let proxies = |env: &[(&'static str, &str)], file| {
            let mut problems = Problems::default();
            let proxies = Sources::of(CommonArgs::default(), env, file).trusted_proxies(&mut problems);
            problems.end(proxies).map_err(|failure| failure.to_string())
        };
        let file = "[server]\ntrusted_proxies = 2\n";

        assert_eq!(proxies(&[], ""), Ok(None));
        assert_eq!(proxies(&[], file), Ok(Some(2)));
        assert_eq!(proxies(&[("VESTIBULE_TRUSTED_PROXIES", "0")], file), Ok(Some(0)));
        assert!(
            proxies(&[("VESTIBULE_TRUSTED_PROXIES", "many")], "")
                .unwrap_err()
                .contains("VESTIBULE_TRUSTED_PROXIES")
        );
    }
}
