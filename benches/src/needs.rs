//! What the wanted sections need besides this program, for `cargo xtask bench`, which provides it.

use crate::plan::Plan;

/// Something that has to be there before the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Postgres,
    MariaDb,
    /// The packages of `benches/node`.
    Node,
    /// The programs of `benches/servers`.
    Servers,
}

impl Need {
    const ALL: [Self; 4] = [Self::Postgres, Self::MariaDb, Self::Node, Self::Servers];

    fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
            Self::Node => "node",
            Self::Servers => "servers",
        }
    }

    /// How the names of the comparisons begin that need it.
    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &[
                "postgres",
                "shared",
                "pg-adapter",
                "flat/postgres",
                "session-route/postgres",
                "http",
                "drivers/tokio-postgres",
                "drivers/bb8-postgres",
                "drivers/sqlx-postgres",
                "drivers/sea-orm/postgres",
                "drivers/diesel-async",
                "drivers/neon",
            ],
            Self::MariaDb => &["drivers/mysql-async", "drivers/sqlx-mysql", "drivers/sea-orm/mysql"],
            Self::Node => &["pg-adapter", "jwe", "http"],
            Self::Servers => &["http"],
        }
    }

    /// Whether anything that is wanted needs it.
    pub(crate) fn is_there(self, plan: &Plan) -> bool {
        self.parts().iter().any(|part| plan.may_want(part))
    }

    /// All that is needed, with spaces between the words.
    pub(crate) fn words(plan: &Plan) -> String {
        let needed = Self::ALL.into_iter().filter(|need| need.is_there(plan));
        needed.map(Self::word).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn needs(only: &[&str]) -> String {
        let arguments = only.iter().flat_map(|pattern| ["--only", pattern]);
        Need::words(&Plan::parse_from(["bench"].into_iter().chain(arguments)))
    }

    #[test]
    fn only_what_is_wanted_is_needed() {
        assert_eq!(needs(&[]), "postgres mariadb node servers");
        assert_eq!(needs(&["sqlite-file/1e3"]), "");
        assert_eq!(needs(&["drivers/sqlx-sqlite"]), "");
        assert_eq!(needs(&["drivers"]), "postgres mariadb");
        assert_eq!(needs(&["drivers/bb8-postgres"]), "postgres");
        assert_eq!(needs(&["drivers/sea-orm/mysql/1e5/16"]), "mariadb");
        assert_eq!(needs(&["postgres/1e5"]), "postgres");
        assert_eq!(needs(&["jwe"]), "node");
        assert_eq!(needs(&["http/session"]), "postgres node servers");
        assert_eq!(needs(&["jwe/encode", "drivers/mysql-async"]), "mariadb node");
        assert_eq!(needs(&["session_and_user"]), "postgres mariadb node servers");
    }
}
