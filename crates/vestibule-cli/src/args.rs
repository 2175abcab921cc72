//! The command line.

#![expect(clippy::doc_markdown, reason = "`--help` shows these comments as they stand")]

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use vestibule_sql::Dialect;

/// Sign-in for the tables that an Auth.js application already has, or for none yet.
///
/// Without a command, `vestibule` serves.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, args_conflicts_with_subcommands = true)]
#[command(after_help = "Exit codes: 0 done; 1 the answer is no (schema check, schema apply declined); \
2 wrong arguments or configuration; 3 the database; 4 the database lacks something; \
5 the operating system refused.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The options of `serve`.
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the sign-in pages and routes (the default)
    Serve(ServeArgs),
    /// Print, check or complete the tables
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Delete expired sessions and tokens once, unless another process is doing so
    Sweep(SweepArgs),
}

/// Options that every command which reads the configuration has.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CommonArgs {
    /// A configuration file in TOML [env: VESTIBULE_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// sqlite:FILE, sqlite::memory:, or postgres (or mysql, mariadb, neon, libsql) ://USER:PASSWORD@HOST:PORT/NAME [env: DATABASE_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,

    /// Whose tables: the name of a schema profile, or `auto` to look [env: VESTIBULE_PROFILE] [default: authjs]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// How log lines look; text on a terminal and JSON otherwise, unless given
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

/// Options of `serve`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,

    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,

    /// Refuse to start with anything that is fit for development only [env: AUTH_ENV=production]
    #[arg(long)]
    pub(crate) production: bool,
}

/// Options of `sweep`.
#[derive(Args, Clone, Debug)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What can be done with the tables.
#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print the SQL that makes the tables; needs no database
    Print(PrintArgs),
    /// Add what the database lacks, after showing it; never changes or drops anything
    Apply(ApplyArgs),
    /// Say what the database lacks, with the SQL that mends it; exit code 1 if anything
    Check(CheckArgs),
    /// Say which profile the tables have, by what, and print the section for the configuration file
    Detect(DetectArgs),
}

/// Options of `schema detect`.
#[derive(Args, Debug)]
pub(crate) struct DetectArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Options of `schema print`.
#[derive(Args, Debug)]
pub(crate) struct PrintArgs {
    /// A configuration file whose section [schema] counts [env: VESTIBULE_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Whose tables: the name of a schema profile [env: VESTIBULE_PROFILE] [default: authjs]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Which database
    #[arg(long, value_name = "DIALECT", value_parser = dialects())]
    pub(crate) dialect: Dialect,
}

/// Options of `schema apply`.
#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) target: CheckArgs,

    /// Do it without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Options of `schema check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,

    /// Which database; refused if the database's URL says otherwise
    #[arg(long, value_name = "DIALECT", value_parser = dialects())]
    pub(crate) dialect: Option<Dialect>,
}

/// The dialects by name.
fn dialects() -> impl TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.map(Dialect::as_str))
        .try_map(|name| Dialect::ALL.into_iter().find(|dialect| dialect.as_str() == name).ok_or("no dialect"))
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs: one JSON object a line
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_is_serve() {
        let cli = Cli::try_parse_from(["vestibule", "--listen", "127.0.0.1:0"]).unwrap();

        assert!(cli.command.is_none());
        assert_eq!(cli.serve.listen.as_deref(), Some("127.0.0.1:0"));
    }

    #[test]
    fn options_of_serve_do_not_leak_into_other_commands() {
        assert!(Cli::try_parse_from(["vestibule", "--production", "sweep"]).is_err());
        assert!(Cli::try_parse_from(["vestibule", "sweep", "--production"]).is_err());
    }
}
