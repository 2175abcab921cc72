use vestibule_core::TouchPolicy;
use vestibule_engine::JwtPolicy;
use vestibule_mailers::MailService;

use super::*;
use crate::args::CommonArgs;
use crate::failure::Exit;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Everything that production needs.
const PRODUCTION: [(&str, &str); 5] = [
    ("AUTH_SECRET", SECRET),
    ("AUTH_URL", "https://app.example.com"),
    ("AUTH_EMAIL_SERVER", "smtps://u:p@mail.example.com"),
    ("AUTH_EMAIL_FROM", "App <app@example.com>"),
    ("DATABASE_URL", "postgres://db/app"),
];

/// A mail server, for those who would get the development mailbox.
const MAIL: [(&str, &str); 2] =
    [("AUTH_EMAIL_SERVER", "smtp://localhost"), ("AUTH_EMAIL_FROM", "app@example.com")];

fn serve(args: &ServeArgs, env: &[(&'static str, &str)], file: &str) -> Result<ServeSettings, Failure> {
    Sources::of(CommonArgs::default(), env, file).serve(args)
}

fn plain(env: &[(&'static str, &str)], file: &str) -> ServeSettings {
    serve(&ServeArgs::default(), env, file).unwrap()
}

fn production() -> ServeArgs {
    ServeArgs { production: true, ..ServeArgs::default() }
}

fn listen(address: &str) -> ServeArgs {
    ServeArgs { listen: Some(address.into()), ..ServeArgs::default() }
}

#[test]
fn nothing_given_is_development_on_this_machine() {
    let settings = plain(&[], "");

    assert_eq!(settings.mode, Mode::Development);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(settings.base_path, "/auth");
    assert_eq!(settings.secrets, Secrets::Generated);
    assert_eq!(settings.mail, Mail::DevelopmentMailbox);
    assert_eq!(settings.session, SessionStrategy::default());
    assert_eq!(settings.store.database, Database::Default);
}

#[test]
fn the_flag_for_the_address_comes_before_the_file() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\n";

    assert_eq!(plain(&[], file).listen.port(), 1);
    assert_eq!(serve(&listen("127.0.0.1:2"), &[], file).unwrap().listen.port(), 2);
    assert_eq!(serve(&listen("localhost:2"), &[], file).unwrap().listen.port(), 2);
    assert!(serve(&listen("3000"), &[], file).is_err());
}

#[test]
fn production_with_nothing_set_is_refused_with_all_problems_at_once() {
    let by_file = "[server]\nproduction = true\n";
    for refused in [
        serve(&production(), &[], ""),
        serve(&ServeArgs::default(), &[("AUTH_ENV", "production")], ""),
        serve(&ServeArgs::default(), &[], by_file),
        serve(&listen("0.0.0.0:3000"), &[], ""),
        serve(&listen("[::]:3000"), &[], ""),
        serve(&listen("192.0.2.1:3000"), &[("AUTH_ENV", "development")], ""),
    ] {
        let failure = refused.unwrap_err();

        assert_eq!(failure.exit, Exit::Usage);
        for name in ["AUTH_SECRET:", "AUTH_URL:", "AUTH_EMAIL_SERVER:", "DATABASE_URL:"] {
            assert!(failure.to_string().contains(&format!("\n  - {name}")), "{failure}");
        }
    }
}

#[test]
fn production_with_everything_set_is_accepted() {
    let settings = serve(&production(), &PRODUCTION, "").unwrap();

    assert_eq!(settings.mode, Mode::Production);
    assert_eq!(settings.origin.as_deref(), Some("https://app.example.com"));
}

#[test]
fn the_environment_says_development_against_the_file() {
    let settings = plain(&[("AUTH_ENV", "development")], "[server]\nproduction = true\n");

    assert_eq!(settings.mode, Mode::Development);
}

#[test]
fn a_short_secret_is_refused_in_production_and_not_shown() {
    for name in ["AUTH_SECRET", "AUTH_SECRET_2"] {
        let mut env = PRODUCTION.to_vec();
        env.retain(|(other, _)| *other != name);
        env.push((name, "short-and-sweet"));

        let failure = serve(&production(), &env, "").unwrap_err();

        assert!(failure.to_string().contains("fewer than 32"), "{failure}");
        assert!(!failure.to_string().contains("sweet"), "{failure}");
    }
}

#[test]
fn secrets_rotate_in_the_order_of_the_originals() {
    let env = [("AUTH_SECRET", "zero"), ("AUTH_SECRET_1", "one"), ("AUTH_SECRET_3", "three")];

    let Secrets::Given(secrets) = plain(&env, "").secrets else {
        panic!("secrets are given");
    };

    let shown: Vec<_> = secrets.iter().map(SecretToken::expose).collect();
    assert_eq!(shown, ["three", "one", "zero"]);
}

#[test]
fn false_means_false() {
    for (value, trust) in [("true", true), ("1", true), ("false", false), ("0", false), ("", false)] {
        assert_eq!(plain(&[("AUTH_TRUST_HOST", value)], "").trust_host, trust, "{value}");
    }
    assert!(plain(&[], "[server]\ntrust_host = true\n").trust_host);
    assert!(!plain(&[("AUTH_TRUST_HOST", "false")], "[server]\ntrust_host = true\n").trust_host);
    assert!(serve(&ServeArgs::default(), &[("AUTH_TRUST_HOST", "maybe")], "").is_err());
}

#[test]
fn a_trusted_host_stands_in_for_the_url() {
    let mut env = PRODUCTION.to_vec();
    env.retain(|(name, _)| *name != "AUTH_URL");
    env.push(("AUTH_TRUST_HOST", "true"));

    let settings = serve(&production(), &env, "").unwrap();

    assert_eq!(settings.origin, None);
    assert!(settings.trust_host);
}

#[test]
fn the_path_of_the_url_is_the_base_path_unless_one_is_configured() {
    let path = |url, file| plain(&[("AUTH_URL", url), MAIL[0], MAIL[1]], file).base_path;

    assert_eq!(path("https://a.example", ""), "/auth");
    assert_eq!(path("https://a.example/", ""), "/auth");
    assert_eq!(path("https://a.example/api/auth/", ""), "/api/auth");
    assert_eq!(path("https://a.example/api/auth", "[server]\nbase_path = \"/login\"\n"), "/login");
}

#[test]
fn the_development_mailbox_is_refused_where_the_url_is_not_this_machines() {
    for url in ["https://app.example.com", "http://192.0.2.1", "https://localhost.example.com"] {
        let failure = serve(&ServeArgs::default(), &[("AUTH_URL", url)], "").unwrap_err();

        assert!(failure.to_string().contains("- AUTH_URL: is not on this machine"), "{failure}");
        assert_eq!(plain(&[("AUTH_URL", url), MAIL[0], MAIL[1]], "").mode, Mode::Development);
    }
    for url in ["http://localhost:3000", "http://127.0.0.2", "http://[::1]:8080", "http://app.localhost"] {
        assert_eq!(plain(&[("AUTH_URL", url)], "").mail, Mail::DevelopmentMailbox, "{url}");
    }
}

#[test]
fn the_url_is_an_origin_in_its_shortest_form() {
    let origin = |url| plain(&[("AUTH_URL", url), MAIL[0], MAIL[1]], "").origin.unwrap();

    assert_eq!(origin("HTTPS://A.Example:443/auth"), "https://a.example");
    assert_eq!(origin("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
}

#[test]
fn urls_and_paths_that_make_no_sense_are_refused() {
    for url in [
        "a.example",
        "ftp://a.example",
        "https://u:hunter2@a.example",
        "https://a.example/?x",
        "https://a.example/a%20b",
    ] {
        let failure = serve(&ServeArgs::default(), &[("AUTH_URL", url)], "").unwrap_err();

        assert!(failure.to_string().contains("- AUTH_URL:"), "{failure}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
    for path in ["", "/", "auth", "/a//b", "/..", "/a b", "/healthz", "/mailbox/x", "/{x}"] {
        let file = format!("[server]\nbase_path = \"{path}\"\n");

        assert!(serve(&ServeArgs::default(), &[], &file).is_err(), "{path}");
    }
}

#[test]
fn the_mail_server_is_found_under_both_names() {
    let env = [
        ("EMAIL_SERVER", "smtp://second.example"),
        ("AUTH_EMAIL_SERVER", "smtp://first.example"),
        ("EMAIL_FROM", "second@example.com"),
    ];

    let Mail::Smtp { server, from } = plain(&env, "[email]\nfrom = \"third@example.com\"\n").mail else {
        panic!("mail is sent");
    };

    assert_eq!(server.host(), "first.example");
    assert_eq!(from, "second@example.com");
}

#[test]
fn the_key_of_a_mail_service_is_enough_with_a_sender() {
    let env = [("AUTH_RESEND_KEY", "re_1"), ("AUTH_EMAIL_FROM", "App <app@example.com>")];

    let mail = plain(&env, "").mail;

    assert!(!format!("{mail:?}").contains("re_1"));
    let Mail::Service { service, key, from } = mail else { panic!("mail is sent") };
    assert_eq!(
        (service, key.expose(), from.as_str()),
        (MailService::Resend, "re_1", "App <app@example.com>")
    );
}

#[test]
fn two_ways_to_send_mail_are_one_too_many() {
    for env in [
        [
            ("AUTH_RESEND_KEY", "re_1"),
            ("AUTH_EMAIL_SERVER", "smtp://localhost"),
            ("AUTH_EMAIL_FROM", "a@b.example"),
        ],
        [("AUTH_RESEND_KEY", "re_1"), ("AUTH_POSTMARK_KEY", "p"), ("AUTH_EMAIL_FROM", "a@b.example")],
        [("AUTH_LOOPS_KEY", "l"), ("AUTH_EMAIL_SERVER", ""), ("AUTH_EMAIL_FROM", "a@b.example")],
        [("AUTH_RESEND_KEY", "re_1"), ("AUTH_EMAIL_SERVER", ""), ("AUTH_EMAIL_FROM", "")],
    ] {
        assert!(serve(&ServeArgs::default(), &env, "").is_err(), "{env:?}");
    }
}

#[test]
fn a_mail_server_without_a_sender_is_refused() {
    let failure = serve(&ServeArgs::default(), &[("EMAIL_SERVER", "smtp://h")], "").unwrap_err();

    assert!(failure.to_string().contains("AUTH_EMAIL_FROM"), "{failure}");
}

#[test]
fn an_update_age_of_zero_extends_at_every_use() {
    let settings = plain(&[], "[session]\nmax_age = 60\nupdate_age = 0\n");

    let policy = TouchPolicy { max_age: Duration::from_mins(1), update_age: Duration::ZERO };
    assert_eq!(settings.session, SessionStrategy::Database(policy));
    assert!(serve(&ServeArgs::default(), &[], "[session]\nmax_age = 0\n").is_err());
}

#[test]
fn sessions_may_be_kept_in_the_cookie() {
    let file = "[session]\nstrategy = \"jwt\"\nmax_age = 60\nabsolute_age = 600\nreads_nextauth_v4 = true\n";
    let policy =
        JwtPolicy::new(Duration::from_mins(1)).with_absolute_age(Duration::from_mins(10)).with_nextauth_v4();

    assert_eq!(plain(&[], file).session, SessionStrategy::Jwt(policy));
    for (file, part) in [
        ("[session]\nstrategy = \"cookie\"\n", "session.strategy"),
        ("[session]\nabsolute_age = 5\n", "absolute_age"),
        ("[session]\nstrategy = \"jwt\"\nupdate_age = 5\n", "session.update_age"),
    ] {
        let problem = serve(&ServeArgs::default(), &[], file).unwrap_err().to_string();

        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn codes_are_sent_if_asked_for_and_count_no_longer_than_links() {
    let age = |file| plain(&[], file).code_max_age.map(|age| age.as_secs());

    assert_eq!(age(""), None);
    assert_eq!(age("[email]\ncode_max_age = 60\n"), None);
    assert_eq!(age("[email]\ncodes = true\n"), Some(600));
    assert_eq!(age("[email]\ncodes = true\ncode_max_age = 60\n"), Some(60));
    assert_eq!(age("[email]\ncodes = true\nmax_age = 120\n"), Some(120));
}

const CORP: &str = "[[provider]]\nid = \"corp\"\ntype = \"oidc\"\nname = \"Corp\"\nissuer = \"https://id.corp.example\"\n\
                    client_id = \"app\"\nclient_secret = \"secret\"\n";

#[test]
fn without_a_database_sessions_are_in_the_cookie_and_nobody_waits_for_mails() {
    let file = format!("[database]\nurl = \"none\"\n{CORP}");
    let env = [("AUTH_SECRET", SECRET), ("AUTH_URL", "https://app.example.com")];

    for args in [ServeArgs::default(), production()] {
        let settings = serve(&args, &env, &file).unwrap();

        assert_eq!(settings.store.database, Database::None);
        assert_eq!(settings.session, JwtPolicy::default().into());
        assert!(!settings.has_mailbox());
    }
}

#[test]
fn what_needs_a_database_is_refused_where_there_is_none() {
    let none = ("DATABASE_URL", "none");
    let said = |env: &[(&'static str, &str)], file: &str| {
        let env = [&[none], env].concat();
        serve(&ServeArgs::default(), &env, file).unwrap_err().to_string()
    };

    let nothing = said(&[], "");
    assert!(nothing.contains("- providers: ") && nothing.contains("AUTH_<ID>_ID"), "{nothing}");
    let rows = said(&[], &format!("[session]\nstrategy = \"database\"\n{CORP}"));
    assert!(rows.contains("session.strategy") && rows.contains("\"jwt\""), "{rows}");
    for mails in [said(&MAIL, CORP), said(&[], &format!("[email]\ncodes = true\n{CORP}"))] {
        assert!(mails.contains("- sign-in by e-mail: links and codes"), "{mails}");
    }
}

#[test]
fn cookies_are_named_as_the_file_says() {
    let settings = plain(&[], "[cookies.session_token]\nname = \"sid\"\n");

    assert_eq!(settings.cookies.session_token.name.as_deref(), Some("sid"));
}
