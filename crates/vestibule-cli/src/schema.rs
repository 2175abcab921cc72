//! `vestibule schema`: prints, checks and completes the tables. Nothing here drops or changes anything.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use vestibule_sql::schema::{self, Finding, Report};
use vestibule_sql::{Dialect, Profile};

use crate::args::{ApplyArgs, CheckArgs, DialectName, PrintArgs, ProfileName, SchemaCommand};
use crate::config::{Database, Sources, StoreSettings};
use crate::connect::{self, Missing, Work};
use crate::failure::{Exit, Failure, chain};
use crate::{logging, say};

/// Runs one of the commands.
///
/// # Errors
///
/// With the exit code that the command ends with.
pub(crate) async fn run(command: SchemaCommand) -> Result<(), Failure> {
    match command {
        SchemaCommand::Print(args) => print(&args),
        SchemaCommand::Check(args) => check(&args).await,
        SchemaCommand::Apply(args) => apply(&args).await,
    }
}

fn print(args: &PrintArgs) -> Result<(), Failure> {
    let statements = schema::create(&profile(args.profile), dialect(args.dialect))
        .map_err(|error| Failure::new(Exit::Usage, format!("{}.", chain(&error))))?;
    for statement in statements {
        say(&format!("{statement};"));
    }
    Ok(())
}

async fn check(args: &CheckArgs) -> Result<(), Failure> {
    let (settings, report) = inspect(args, Missing::Refuse).await?;
    show_advice(&report.advice);
    if report.problems.is_empty() {
        say(&format!("{} has everything that is needed.", settings.database));
        return Ok(());
    }
    Err(lacks(&settings, &report.problems))
}

async fn apply(args: &ApplyArgs) -> Result<(), Failure> {
    let (settings, report) = inspect(&args.target, Missing::Create).await?;
    let additions = report.additions();
    let rest: Vec<Finding> = report.problems.iter().filter(|finding| !finding.additive).cloned().collect();
    if additions.is_empty() {
        say(&format!("{}: there is nothing to add.", settings.database));
    } else {
        say(&format!("This will be added to {}, all of it or nothing:\n", settings.database));
        for statement in &additions {
            say(&format!("{statement};"));
        }
        say("");
        if !args.yes {
            ask()?;
        }
        let driver = connect::driver(&settings, Missing::Create, Work::Schema)?;
        schema::apply(&driver, &additions)
            .await
            .map_err(|error| connect::schema_failure(&settings, &error))?;
        say("Done.");
    }
    if rest.is_empty() { Ok(()) } else { Err(lacks(&settings, &rest)) }
}

/// Looks at the database, and neither makes nor changes anything.
async fn inspect(args: &CheckArgs, missing: Missing) -> Result<(StoreSettings, Report), Failure> {
    let sources = Sources::gather(&args.common)?;
    logging::start(&sources.log()?)?;
    let settings = sources.store()?;
    let there = if settings.database.is_postgres() { DialectName::Postgres } else { DialectName::Sqlite };
    if args.dialect.is_some_and(|asked| asked != there) {
        return Err(Failure::new(
            Exit::Usage,
            format!("--dialect does not go with the database {}; leave it out.", settings.database),
        ));
    }
    if settings.database == Database::Memory {
        return Err(Failure::new(
            Exit::Usage,
            "a database in memory is gone when this command ends; name a file.",
        ));
    }
    let driver = connect::driver(&settings, missing, Work::Look)?;
    let report = schema::inspect(&driver, &profile(args.profile))
        .await
        .map_err(|error| connect::schema_failure(&settings, &error))?;
    Ok((settings, report))
}

/// Asks the person at the terminal.
fn ask() -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "nothing was changed: there is nobody to ask. Look at the SQL above and add --yes.",
        ));
    }
    let declined = || Failure::new(Exit::No, "nothing was changed.");
    let mut output = io::stdout().lock();
    write!(output, "Add this? [y/N] ").and_then(|()| output.flush()).map_err(|_| declined())?;
    if says_yes(&mut io::stdin().lock()) { Ok(()) } else { Err(declined()) }
}

/// Whether the next line is a yes; an end without a line is none.
fn says_yes(input: &mut impl BufRead) -> bool {
    let mut answer = String::new();
    let read = input.take(100).read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn show_advice(advice: &[Finding]) {
    if !advice.is_empty() {
        say("It works without, but this would be safer or faster:");
        for finding in advice {
            say(&format!("- {finding}"));
        }
        say("");
    }
}

fn lacks(settings: &StoreSettings, problems: &[Finding]) -> Failure {
    let mut message = format!("the database {} lacks something:", settings.database);
    for finding in problems {
        message.push_str("\n- ");
        message.push_str(&finding.to_string());
    }
    Failure::new(Exit::No, message)
}

fn profile(name: ProfileName) -> Profile {
    match name {
        ProfileName::Authjs => Profile::authjs(),
    }
}

fn dialect(name: DialectName) -> Dialect {
    match name {
        DialectName::Postgres => Dialect::Postgres,
        DialectName::Sqlite => Dialect::Sqlite,
    }
}

#[cfg(test)]
mod tests {
    use super::says_yes;

    #[test]
    fn only_a_yes_is_a_yes() {
        let answers =
            [("y\n", true), ("YES\n", true), ("\n", false), ("", false), ("yup\n", false), ("n\ny\n", false)];
        for (answer, yes) in answers {
            assert_eq!(says_yes(&mut answer.as_bytes()), yes, "{answer:?}");
        }
    }
}
