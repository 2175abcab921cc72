use super::*;
use crate::{Dialect, ExtraColumn, ExtraKind, Fill, IdMaker, Profile, TimeForm, Zone};

fn section(text: &str) -> ProfileConfig {
    toml::from_str(text).unwrap()
}

fn built(text: &str, dialect: Dialect) -> Profile {
    let section = section(text);
    let base = Profile::named(section.profile().unwrap_or("authjs"), dialect).unwrap();
    section.build(base, dialect).unwrap()
}

/// The keys with problems, and what is said of them.
fn problems(text: &str, dialect: Dialect) -> Vec<(String, String)> {
    let section = section(text);
    let base = Profile::named(section.profile().unwrap_or("authjs"), dialect).unwrap();
    let error = section.build(base, dialect).unwrap_err();
    error.0.into_iter().map(|problem| (problem.key, problem.message)).collect()
}

fn problem(text: &str, dialect: Dialect) -> (String, String) {
    let mut problems = problems(text, dialect);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test]
fn what_the_section_says_is_what_the_builders_make() {
    let text = r#"
        profile = "authjs"
        postgres_schema = "auth"
        table_prefix = "app_"
        snake_case = true
        id_kind = "uuid"
        row_id_kind = "serial"
        uuid_session_tokens = true
        id_maker = { alphanumeric = 20 }
        soft_delete = "deletedAt"
        authenticators = "passkeys"
        without = ["verification_tokens"]

        [users]
        name = "members"
        columns = { email = "mail" }
        times = { emailVerified = "epoch-seconds" }

        [[users.extra]]
        name = "role"
        column = "user_role"
        kind = { type = "auth.\"Role\"" }
        default = "member"
        required = true

        [[users.extra]]
        name = "deletedAt"
        kind = "time"
        form = "epoch-millis"
        if_there = true

        [sessions]
        name = "visits"

        [[sessions.extra]]
        name = "touched"
        kind = "time"
        fill = "now"
        refreshed = true

        [[sessions.extra]]
        name = "device"
        fill = { random-hex = 16 }
        hidden = true
    "#;
    let role = ExtraColumn::new("role", ExtraKind::Typed("auth.\"Role\"".into()));
    let deleted = ExtraColumn::new("deletedAt", ExtraKind::TimeAs(TimeForm::EpochMillis));
    let touched = ExtraColumn::time("touched").with_fill(Fill::Now).refreshed();
    let device = ExtraColumn::text("device").with_fill(Fill::RandomHex(16)).hidden();
    let expected = Profile::authjs()
        .with_postgres_schema("auth")
        .with_id_kind(vestibule_core::IdKind::Uuid)
        .with_row_id_kind(vestibule_core::IdKind::Serial)
        .with_uuid_session_tokens()
        .with_id_maker(IdMaker::Alphanumeric(20))
        .with_snake_case()
        .without_table(Table::VerificationTokens)
        .with_table_prefix("app_")
        .with_table(Table::Users, "members")
        .with_column(Table::Users, "email", "mail")
        .with_extra_column(Table::Users, role.with_name("user_role").with_default("member").required())
        .with_extra_column(Table::Users, deleted.if_there())
        .with_time_form(Table::Users, "emailVerified", TimeForm::EpochSeconds)
        .with_table(Table::Sessions, "visits")
        .with_extra_column(Table::Sessions, touched)
        .with_extra_column(Table::Sessions, device)
        .with_authenticators("passkeys")
        .with_soft_delete("deletedAt");

    let profile = built(text, Dialect::Postgres);

    assert_eq!(format!("{profile:?}"), format!("{expected:?}"));
    assert_eq!(profile.table_name(Table::Accounts), Some("app_accounts"));
}

#[test]
fn every_form_of_time_has_a_word() {
    let words = [
        "native",
        "wall",
        "wall-seconds",
        "epoch-seconds",
        "epoch-seconds-text",
        "epoch-millis",
        "epoch-millis-mixed",
        "epoch-millis-text",
        "text-iso",
        "text-iso-offset",
        "text-sql",
        "text-sql-offset",
    ];
    for word in words {
        let profile = built(&format!("sessions = {{ times = {{ expires = {word:?} }} }}"), Dialect::Postgres);
        let form = words::FormWord::of(profile.time_form(Table::Sessions, "expires"));
        assert_eq!(serde_json::to_value(form).unwrap(), word);
    }
    let flag = "[[users.extra]]\nname = \"since\"";
    let form = TimeForm::Flag { since: "since".into() };
    let text = format!("{flag}\nkind = \"time\"\n[users.times]\nemailVerified = {{ flag = \"since\" }}");
    assert_eq!(*built(&text, Dialect::Postgres).time_form(Table::Users, "emailVerified"), form);
}

#[test]
fn a_zone_is_of_clocks_on_the_wall() {
    let berlin = TimeForm::Wall(Zone::named("Europe/Berlin").unwrap());
    for (name, dialect) in [
        ("kysely", Dialect::MySql),
        ("better-auth", Dialect::MariaDb),
        ("prisma", Dialect::Postgres),
        ("nextauth-v3", Dialect::MySql),
    ] {
        let profile = built(&format!("profile = {name:?}\ntime_zone = \"Europe/Berlin\""), dialect);
        assert_eq!(*profile.time_form(Table::Sessions, "expires"), berlin, "{name}");
        let plain = Profile::named(name, dialect).unwrap();
        if *plain.time_form(Table::Accounts, "expires_at") == TimeForm::EpochSeconds {
            assert_eq!(*profile.time_form(Table::Accounts, "expires_at"), TimeForm::EpochSeconds, "{name}");
        }
    }
    let (key, message) = problem("time_zone = \"Europe/Berlin\"", Dialect::Postgres);
    assert_eq!((&*key, &*message), ("time_zone", "no column keeps a date and time without a zone"));
    let (key, message) = problem("profile = \"prisma\"\ntime_zone = \"Europe/Atlantis\"", Dialect::Postgres);
    assert!(key == "time_zone" && message.contains("IANA"), "{message}");
}

#[test]
fn two_tables_may_swap_their_names() {
    let profile = built("users = \"accounts\"\naccounts = \"users\"", Dialect::Postgres);

    assert_eq!(profile.table_name(Table::Users), Some("accounts"));
    assert_eq!(profile.table_name(Table::Accounts), Some("users"));
}

#[test]
fn a_problem_names_its_key_and_what_is_allowed() {
    for (text, dialect, key, part) in [
        ("users.columns.emial = \"x\"", Dialect::Sqlite, "users.columns.emial", "there are id, name, email"),
        ("sessions.times.userId = \"native\"", Dialect::Sqlite, "sessions.times.userId", "keeps a time"),
        ("users.columns.image = \"ctid\"", Dialect::Postgres, "users.columns.image", "keeps for itself"),
        ("users = \"sqlite_users\"", Dialect::Sqlite, "users.name", "keeps for itself"),
        ("users.columns.image = \"EMAIL\"", Dialect::Sqlite, "users.columns.image", "two columns"),
        ("sessions = \"users\"", Dialect::Sqlite, "sessions.name", "two tables"),
        ("[[users.extra]]\nname = \"email\"", Dialect::Sqlite, "users.extra.0", "already"),
        ("table_prefix = \"a\\u0000\"", Dialect::Sqlite, "table_prefix", "NUL"),
        ("soft_delete = \"gone\"", Dialect::Sqlite, "soft_delete", "gone"),
        ("without = [\"authenticators\"]", Dialect::Sqlite, "without.0", "no table for"),
        ("[[authenticators.extra]]\nname = \"x\"", Dialect::Sqlite, "authenticators", "no table for"),
        (
            "[[users.extra]]\nname = \"x\"\nfill = \"account-hash\"",
            Dialect::Sqlite,
            "users.extra.0.fill",
            "now",
        ),
        (
            "[[users.extra]]\nname = \"x\"\nrefreshed = true",
            Dialect::Sqlite,
            "users.extra.0.refreshed",
            "time",
        ),
        ("[[users.extra]]\nname = \"x\"\nform = \"wall\"", Dialect::Sqlite, "users.extra.0.form", "time"),
        ("[[users.extra]]\nname = \"x\"\ndefault = 7", Dialect::Sqlite, "users.extra.0.default", "a string"),
        (
            "[[users.extra]]\nname = \"x\"\nkind = { type = \"x; y\" }",
            Dialect::Postgres,
            "users.extra.0.kind",
            "citext",
        ),
    ] {
        let problems = problems(text, dialect);
        assert!(
            problems.iter().any(|(at, message)| at == key && message.contains(part)),
            "{text}: {problems:?}"
        );
    }
}

#[test]
fn what_the_format_sees_lists_what_is_allowed() {
    for (text, parts) in [
        ("id_kind = \"int\"", "`serial`, `uuid`, `text`"),
        ("users = { nmae = \"x\" }", "`name`, `columns`, `times`, `extra`"),
        ("users = 7", "a section with `name`"),
        ("without = [\"users\"]", "`accounts`, `sessions`, `verification_tokens`"),
        ("times = \"epoch\"", "`epoch-seconds`"),
        ("[[users.extra]]\nname = \"x\"\nkind = \"string\"", "`text`, `int`"),
        ("[[users.extra]]\nkind = \"text\"", "missing field `name`"),
        ("users_table = \"x\"", "`table_prefix`"),
        ("profile = \"a\"\nprofile = \"b\"", "duplicate key"),
    ] {
        let error = toml::from_str::<ProfileConfig>(text).unwrap_err();
        assert!(error.message().contains(parts) && error.span().is_some(), "{text}: {error:?}");
    }
}

/// What `of` says of a profile makes the same profile again.
#[test]
fn an_active_period_is_of_sessions_of_lucia_v2() {
    let built = built("profile = \"lucia-v2\"\nactive_period = 3600", Dialect::Postgres);
    let hour = std::time::Duration::from_hours(1);
    assert_eq!(describe::active_period(&built), Some(hour));
    let expected = Profile::lucia_v2(Dialect::Postgres).with_active_period(hour);
    assert_eq!(format!("{built:?}"), format!("{expected:?}"));
    assert_eq!(ProfileConfig::of(&built, Dialect::Postgres).active_period, Some(3600));

    let (key, message) = problem("active_period = 3600", Dialect::Postgres);
    assert_eq!(key, "active_period");
    assert!(message.contains("no active period"), "{message}");
}

#[test]
fn a_profile_is_described_so_that_it_can_be_made_again() {
    for dialect in Dialect::ALL {
        for name in Profile::names(dialect) {
            let plain = Profile::named(name, dialect).unwrap();
            let changed = plain
                .clone()
                .with_id_kind(vestibule_core::IdKind::Uuid)
                .with_uuid_session_tokens()
                .with_table(Table::Users, "people")
                .with_column(Table::Users, "id", "key")
                .with_extra_column(Table::Users, ExtraColumn::new("n", ExtraKind::Int).with_default(7));
            for profile in [plain, changed.clone().with_row_id_kind(vestibule_core::IdKind::Text), changed] {
                let text = toml::to_string(&ProfileConfig::of(&profile, dialect)).unwrap();
                if profile.check(dialect).is_err() {
                    continue;
                }
                let again = built(&text, dialect);
                let tables = |profile: &Profile| Table::ALL.map(|table| format!("{:?}", profile.spec(table)));
                assert_eq!(tables(&again), tables(&profile), "{text}");
                assert_eq!(again.row_id_kind(), profile.row_id_kind(), "{text}");
                assert_eq!(again.id_kind(), profile.id_kind(), "{text}");
                assert_eq!(again.postgres_schema, profile.postgres_schema, "{text}");
            }
        }
    }
}
