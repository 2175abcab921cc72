//! Connection strings, endpoints, tokens.

use std::sync::Arc;

use vestibule_http::HyperClient;
use vestibule_neon::{Neon, Settings, SettingsError};
use vestibule_sql::{Driver as _, DriverError};
use vestibule_testkit::{NeonBridge, postgres};

use crate::bridge::{database, statement};

fn endpoint(string: &str) -> Result<String, SettingsError> {
    Ok(Settings::from_url(string)?.endpoint()?.to_string())
}

#[test]
fn the_endpoint_is_told_from_the_host() {
    for (host, expected) in [
        ("ep-cool-1.eu-central-1.aws.neon.tech", "https://api.eu-central-1.aws.neon.tech/sql"),
        ("ep-cool-1-pooler.us-east-2.aws.neon.tech:5432", "https://api.us-east-2.aws.neon.tech/sql"),
    ] {
        let string = format!("postgres://ada:p@{host}/app?sslmode=require&channel_binding=require");
        let settings = Settings::from_url(&string).unwrap();

        assert_eq!(settings.endpoint().unwrap(), expected);
        let token = settings.clone().with_token("t").unwrap();
        assert_eq!(token.endpoint().unwrap(), *expected.replace("//api.", "//apiauth."));
        let other = settings.with_endpoint("http://127.0.0.1:4444/sql").unwrap();
        assert_eq!(other.endpoint().unwrap(), "http://127.0.0.1:4444/sql");
    }
}

#[test]
fn a_wrong_connection_string_is_named_and_not_repeated() {
    use SettingsError::{HostIsAddress, HostWithoutDomain, Missing, NotAUrl, WrongScheme};

    for (string, expected) in [
        ("", NotAUrl),
        ("hunter2", NotAUrl),
        ("postgres://ada:hunter2@ho st/app", NotAUrl),
        ("mysql://ada:hunter2@ep.x.tech/app", WrongScheme),
        ("https://ada:hunter2@ep.x.tech/app", WrongScheme),
        ("postgres:///app?hunter2", Missing("host")),
        ("postgres://ada:hunter2@192.0.2.1/app", HostIsAddress),
        ("postgres://ada:hunter2@[2001:db8::1]/app", HostIsAddress),
        ("postgres://:hunter2@ep.x.tech/app", Missing("user")),
        ("postgres://ada:hunter2@ep.x.tech", Missing("database")),
        ("postgres://ada:hunter2@ep.x.tech/", Missing("database")),
        ("postgres://ada:hunter2@localhost/app", HostWithoutDomain),
        ("postgres://ada@ep.x.tech/app", Missing("password, and there is no token either")),
    ] {
        let error = endpoint(string).unwrap_err();

        assert_eq!(error, expected, "{string}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let settings = Settings::from_url("postgres://ada:hunter2@ep.x.tech/app").unwrap();
    for wrong in ["", "/sql", "api.x.tech/sql", "ftp://api.x.tech/sql", "https:///sql"] {
        assert_eq!(
            settings.clone().with_endpoint(wrong).unwrap_err(),
            SettingsError::WrongEndpoint,
            "{wrong}"
        );
    }
    assert_eq!(settings.with_token("hunter2\n").unwrap_err(), SettingsError::WrongToken);
}

#[test]
fn nothing_secret_is_printed() {
    let settings = Settings::from_url("postgres://ada:hunter2@ep.x.tech/app").unwrap();
    let settings = settings.with_token("hunter2").unwrap();

    let printed = format!("{settings:?} {:?}", Neon::new(Arc::new(HyperClient::new()), settings.clone()));

    assert!(printed.contains("ep.x.tech") && !printed.contains("hunter2"), "{printed}");
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let Some(database) = database("password").await else { return };
    let wrong = database.bridge.connection_string().replace("bridge-password", "hunter2");
    let settings = Settings::from_url(&wrong).unwrap().with_endpoint(&database.bridge.endpoint()).unwrap();

    let error = Neon::new(Arc::new(HyperClient::new()), settings)
        .run(&statement("SELECT 1", &[]), &[])
        .await
        .unwrap_err();

    assert!(matches!(error, DriverError::Refused(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    database.drop().await;
}

#[tokio::test]
async fn a_token_stands_for_a_password() {
    let Some(url) = postgres::url() else { return };
    let bridge = NeonBridge::start_with_token(&url, "right").await;
    let settings = Settings::from_url(bridge.connection_string()).unwrap();
    let settings = settings.with_endpoint(&bridge.endpoint()).unwrap();
    let one = statement("SELECT 1", &[]);
    let with =
        |token: &str| Neon::new(Arc::new(HyperClient::new()), settings.clone().with_token(token).unwrap());

    assert_eq!(with("right").run(&one, &[]).await.unwrap().len(), 1);
    let wrong = with("wrong").run(&one, &[]).await.unwrap_err();
    assert!(matches!(wrong, DriverError::Refused(_)), "{wrong:?}");
    let none = Neon::new(Arc::new(HyperClient::new()), settings.clone()).run(&one, &[]).await.unwrap_err();
    assert!(matches!(none, DriverError::Refused(_)), "{none:?}");
}
