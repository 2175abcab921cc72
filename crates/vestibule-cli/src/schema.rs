//! `vestibule schema`: prints, checks, recognizes and completes the tables. Nothing here drops or changes anything.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Read, Write};

use vestibule_sql::config::ProfileConfig;
use vestibule_sql::schema::{self, Finding, Report};
use vestibule_sql::{Driver, Profile};

use crate::args::{ApplyArgs, CheckArgs, CommonArgs, DetectArgs, PrintArgs, SchemaCommand};
use crate::config::{Choice, Database, Sources, StoreSettings};
use crate::connect::{self, AnyDriver, Missing, Work};
use crate::failure::{Exit, Failure, chain};
use crate::{logging, say, tables};

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
        SchemaCommand::Detect(args) => detect(&args).await,
    }
}

fn print(args: &PrintArgs) -> Result<(), Failure> {
    let (config, profile) = (args.config.clone(), args.profile.clone());
    let settings = Sources::gather(&CommonArgs { config, profile, ..CommonArgs::default() })?.schema();
    if settings.choice() == Choice::Auto {
        let names = Profile::names(args.dialect).collect::<Vec<_>>().join(", ");
        return Err(Failure::new(
            Exit::Usage,
            format!("there is no database here to look at; name the profile with --profile, one of {names}."),
        ));
    }
    let statements = schema::create(&settings.named(args.dialect)?, args.dialect)
        .map_err(|error| Failure::new(Exit::Usage, format!("{}.", chain(&error))))?;
    for statement in statements {
        say(&format!("{statement};"));
    }
    Ok(())
}

async fn detect(args: &DetectArgs) -> Result<(), Failure> {
    let (settings, driver) = open(&args.common, Missing::Refuse).await?;
    let dialect = driver.dialect();
    let detected = Profile::detect(&driver)
        .await
        .map_err(|error| tables::undetected(&settings, dialect, &error).ending(Exit::No))?;
    say(&format!(
        "{} has the tables of the profile {}: {}.",
        settings.database,
        detected.profile.name(),
        detected.reason
    ));
    let report = tables::inspect(&driver, &settings, &detected.profile).await?;
    if !report.problems.is_empty() {
        say(&format!(
            "\nThey lack something of it; see `vestibule schema check --profile {}`.",
            detected.profile.name()
        ));
    }
    let section = ProfileConfig::of(&detected.profile, dialect);
    let text = toml::to_string(&BTreeMap::from([("schema", section)]))
        .map_err(|error| Failure::new(Exit::System, format!("the section cannot be written: {error}.")))?;
    say(&format!("\nFor the configuration file:\n\n{}", text.trim_end()));
    Ok(())
}

async fn check(args: &CheckArgs) -> Result<(), Failure> {
    let Inspected { settings, driver, profile, report } = inspect(args, Missing::Refuse).await?;
    show_advice(&report.advice);
    if report.problems.is_empty() {
        say(&format!("{} has everything that is needed.", settings.database));
        return Ok(());
    }
    let hint = tables::hint(&driver, &settings, &profile).await;
    Err(lacks(&settings, &report.problems).and(&hint))
}

async fn apply(args: &ApplyArgs) -> Result<(), Failure> {
    let Inspected { settings, driver, profile, report } = inspect(&args.target, Missing::Create).await?;
    let at_once = driver.dialect().undoes_ddl();
    let additions = report.additions();
    let mut rest: Vec<Finding> =
        report.problems.iter().filter(|finding| !finding.additive).cloned().collect();
    if additions.is_empty() {
        say(&format!("{}: there is nothing to add.", settings.database));
    } else {
        let hint = tables::hint(&driver, &settings, &profile).await;
        if !hint.is_empty() {
            say(&format!("{}\n", hint.trim_start()));
        }
        let how = if at_once {
            "all of it or nothing"
        } else {
            "one after the other, since this database cannot undo it: what an error leaves undone, this command adds \
             when it is run again"
        };
        say(&format!("This will be added to {}, {how}:\n", settings.database));
        for statement in &additions {
            say(&format!("{statement};"));
        }
        say("");
        if !args.yes {
            ask()?;
        }
        let driver = connect::driver(&settings, Missing::Create, Work::Schema).await?;
        schema::apply(&driver, &additions).await.map_err(|error| {
            connect::schema_failure(&settings, &error).and(if at_once {
                " Nothing was changed."
            } else {
                " What stands above the statement that failed is done; run this command again for the rest."
            })
        })?;
        say("Done.");
        // What mends the rest may depend on what is there now.
        rest = tables::inspect(&driver, &settings, &profile).await?.problems;
    }
    if rest.is_empty() { Ok(()) } else { Err(lacks(&settings, &rest)) }
}

/// What was found by looking.
struct Inspected {
    settings: StoreSettings,
    driver: AnyDriver,
    profile: Profile,
    report: Report,
}

/// Opens the database for looking.
async fn open(args: &CommonArgs, missing: Missing) -> Result<(StoreSettings, AnyDriver), Failure> {
    let sources = Sources::gather(args)?;
    logging::start(&sources.log()?)?;
    let settings = sources.store()?;
    if settings.database == Database::Memory {
        return Err(Failure::new(
            Exit::Usage,
            "a database in memory is gone when this command ends; name a file.",
        ));
    }
    let driver = connect::driver(&settings, missing, Work::Look).await?;
    Ok((settings, driver))
}

/// Looks at the database, and neither makes nor changes anything.
async fn inspect(args: &CheckArgs, missing: Missing) -> Result<Inspected, Failure> {
    let (settings, driver) = open(&args.common, missing).await?;
    if args.dialect.is_some_and(|asked| asked != driver.dialect()) {
        return Err(Failure::new(
            Exit::Usage,
            format!("--dialect does not go with the database {}; leave it out.", settings.database),
        ));
    }
    let (profile, reason) = tables::profile(&driver, &settings).await?;
    if let Some(reason) = reason {
        say(&format!("The tables are those of the profile {}: {reason}.\n", profile.name()));
    }
    let report = tables::inspect(&driver, &settings, &profile).await?;
    Ok(Inspected { settings, driver, profile, report })
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
