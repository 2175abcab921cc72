//! The page that is generated from the list.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use vestibule_conformance::Feature;
use vestibule_core::IdKind;

use crate::entry::SUITE_ON_MYSQL;
use crate::{Claim, Database, ENTRIES, Encoding, Entry, all};

const HEAD: &str = "# Schema profiles

<!-- Written by `cargo xtask profiles --write` from the list in `crates/vestibule-profile-tests`. -->

Which databases each profile is proven on. **Rows** means that every row of a database that the original software wrote
is read through the contract and is what that software answered; that the profile is recognized when it is looked for, and
reads the same then; that the points in time that are written afterwards (and in the tables of NextAuth v3 the columns of
its own) look in the cells as the original writes them; and that the whole conformance suite passes on the original's
tables. *Tables* means the same without rows, on the tables alone. An empty place is a database that no original of the
profile has been tried on; `authjs` runs on MariaDB, MySQL and SQLite too, on tables that Vestibule makes, where the suite
passes in the tests of the backends. The adapters of Auth.js that npm has, Prisma's but for the form in
snake case and Sequelize's on SQLite excepted, also read back what was written here; NextAuth v3 itself, on TypeORM and
Prisma, takes turns with Vestibule on one database. Where the tables come from is in [fixtures](../fixtures/README.md).

On MySQL the tables and rows are those of MariaDB, and all of this holds but for what the originals read back, and for the
suite, which passes there on the originals' tables of {families}, and on tables of our own. It runs where MySQL can be had; where not, the tests say so loudly.
Each claim is a test made from the same list, and `cargo xtask test` fails if one of them failed or did not run, unless it
was said that the server is missing that it needs; with `CI=true` only MySQL may be.

";

const MIXED: &str = "
## Dates of several encodings in one column

Where several programs wrote to one file, as after an upgrade, its columns hold what each of them writes. With the encodings
below beside the profile's own, on two rows of three, every row reads the same, sessions end and are swept to the
millisecond, and the whole conformance suite passes, on tables in which another program rewrites each date at once.

";

const IDS: &str = "
## Ids of other types

What is proven as *tables* where the ids of users are of another type than the profile's, and those of sessions too:

";

const LIMITS: &str = "
## What the tables cannot hold

These parts of the contract the original's tables have no place for; where several sets of tables were tried on a database
and only some lack a place, it says so. An operation that needs one is refused, or leaves out what has no column, and the
suite does without; all else is promised as everywhere.

";

/// The text of `docs/profiles.md`.
pub fn page() -> String {
    let names = ENTRIES.iter().filter(|entry| SUITE_ON_MYSQL.contains(&entry.name));
    let names: Vec<String> = names.map(|entry| format!("`{}`", entry.profile)).collect();
    let mut text = HEAD.replace("{families}", &names.join(", "));
    let databases = [Database::Postgres, Database::MariaDb, Database::MySql, Database::Sqlite];
    let entries = all();
    text.push_str("| profile |");
    for database in databases {
        let _ = write!(text, " {database} |");
    }
    text.push_str("\n|---|---|---|---|---|\n");
    let mut profiles: Vec<&str> = Vec::new();
    for entry in ENTRIES {
        if !profiles.contains(&entry.profile) {
            profiles.push(entry.profile);
        }
    }
    for profile in &profiles {
        let _ = write!(text, "| `{profile}` |");
        for database in databases {
            let is_here = |entry: &&Entry| entry.profile == *profile && entry.database == database;
            let here: Vec<&Entry> = entries.iter().filter(is_here).collect();
            let claims: Vec<Claim> = here.iter().flat_map(|entry| entry.claims()).collect();
            let proof = match (claims.contains(&Claim::Rows), claims.contains(&Claim::Recognized)) {
                (true, _) => "**rows**",
                (false, true) => "*tables*",
                (false, false) => "",
            };
            let _ = write!(text, " {proof} |");
        }
        text.push('\n');
    }
    text.push_str(MIXED);
    for entry in ENTRIES.iter().filter(|entry| !entry.beside.is_empty()) {
        let beside: Vec<&str> = entry.beside.iter().map(|encoding| written_as(*encoding)).collect();
        let _ = writeln!(text, "* `{}` on {}: {}.", entry.profile, entry.database, beside.join("; "));
    }
    text.push_str(IDS);
    for entry in ENTRIES {
        let Some(ids) = entry.ids else { continue };
        let tokens = if entry.uuid_tokens { "; sessions are found by UUIDs" } else { "" };
        let users = id_phrase(ids);
        let _ = writeln!(text, "* `{}` on {}: users have {users}{tokens}.", entry.profile, entry.database);
    }
    text.push_str(LIMITS);
    for profile in profiles {
        limits(&mut text, profile);
    }
    text
}

/// How a date looks, and who writes it so.
fn written_as(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Millis => "`1925089445678`, an integer, as Prisma's own engine writes it",
        Encoding::IsoOffset => "`2031-01-02T03:04:05.678+00:00`, as its driver adapters write it",
        Encoding::Default => "`2031-01-02 03:04:05`, as the table's default writes it",
    }
}

fn id_phrase(ids: IdKind) -> &'static str {
    match ids {
        IdKind::Serial => "numbers that the database counts",
        IdKind::Uuid => "UUIDs",
        IdKind::Text => "text",
    }
}

/// The limits of one profile: those of every database together, and then what a database adds.
fn limits(text: &mut String, profile: &str) {
    let mut by_database: BTreeMap<Database, BTreeSet<&str>> = BTreeMap::new();
    let mut somewhere = by_database.clone();
    for entry in ENTRIES.iter().filter(|entry| entry.profile == profile) {
        let here: BTreeSet<&str> = told(entry).collect();
        somewhere.entry(entry.database).or_default().extend(&here);
        let all = by_database.entry(entry.database).or_insert_with(|| here.clone());
        all.retain(|part| here.contains(part));
    }
    let everywhere: BTreeSet<&str> = by_database
        .values()
        .cloned()
        .reduce(|all, here| all.intersection(&here).copied().collect())
        .unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    if !everywhere.is_empty() {
        lines.push(join(&everywhere));
    }
    for (database, here) in &by_database {
        let more: BTreeSet<&str> = here.difference(&everywhere).copied().collect();
        if !more.is_empty() {
            lines.push(format!("on {database}: {}", join(&more)));
        }
        let some: BTreeSet<&str> = somewhere[database].difference(here).copied().collect();
        if !some.is_empty() {
            lines.push(format!("in some of the tables on {database}: {}", join(&some)));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(text, "* `{profile}`: {}.", lines.join("; "));
    }
}

fn join(parts: &BTreeSet<&str>) -> String {
    parts.iter().copied().collect::<Vec<_>>().join(", ")
}

fn told(entry: &Entry) -> impl Iterator<Item = &'static str> {
    entry.without.iter().filter_map(|feature| phrase(*feature))
}

/// What a reader should know; `None` for what only the suite cares about.
fn phrase(feature: Feature) -> Option<&'static str> {
    Some(match feature {
        Feature::Authenticators => "WebAuthn credentials",
        Feature::EmailAddresses => "e-mail addresses",
        Feature::UsersWithoutEmail => "users without an e-mail address",
        Feature::UsersWithoutName => "users without a name",
        Feature::UserDetails => "names and pictures of users",
        Feature::EmailVerifiedTimes => "when an address was proven",
        Feature::Accounts => "accounts",
        Feature::SeveralAccounts => "a second account of a user",
        Feature::AnyAccountType => "the type of an account",
        Feature::AccountTokens => "access and refresh tokens",
        Feature::AllAccountTokens => "some of the seven token columns",
        Feature::DistantTokenExpiry => {
            "access tokens that expire in the far future (after 2038, or 5138 where digits are kept as text)"
        }
        Feature::VerificationTokens => "verification tokens",
        Feature::SharedTokens => "one verification token for two identifiers",
        Feature::Leases => "leases",
        Feature::DistantTimes => "expiry after 2038",
        Feature::EarlyTimes => "expiry before 1970",
        Feature::CaseSensitiveKeys => "keys that differ in case only, side by side",
        Feature::LongCredentials => "credentials of more than 128 bytes",
        Feature::WideCounters => "signature counters beyond 2³¹",
        _ => return None,
    })
}
