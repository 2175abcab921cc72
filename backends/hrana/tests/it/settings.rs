//! URLs, ids, tokens.

use vestibule_hrana::{D1Settings, HranaSettings, SettingsError};

#[test]
fn a_wrong_setting_is_named_and_not_repeated() {
    use SettingsError::{NotAUrl, WrongId, WrongScheme, WrongToken};

    for (url, expected) in [
        ("", NotAUrl),
        ("hunter2", NotAUrl),
        ("libsql:///hunter2", NotAUrl),
        ("file:hunter2.db", WrongScheme),
        ("wss://hunter2.turso.io", WrongScheme),
        ("libsql://app.turso.io?authToken=hunter2%0A", WrongToken),
    ] {
        let error = HranaSettings::from_url(url).unwrap_err();

        assert_eq!(error, expected, "{url}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    for (base, account, database, token, expected) in [
        ("https://x", "", "b", "t", WrongId("account's id")),
        ("https://x", "../a", "b", "t", WrongId("account's id")),
        ("https://x", "a", "b/raw?", "t", WrongId("database's id")),
        ("https://x", "a", "b", "hunter2\n", WrongToken),
        ("ftp://x", "a", "b", "t", WrongScheme),
        ("no URL", "a", "b", "t", NotAUrl),
    ] {
        assert_eq!(D1Settings::at(base, account, database, token).unwrap_err(), expected, "{base} {account}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let hrana = HranaSettings::from_url("libsql://app.turso.io?authToken=hunter2").unwrap();
    let d1 = D1Settings::new("account", "database", "hunter2").unwrap();

    let printed = format!("{hrana:?} {d1:?}");

    assert!(printed.contains("app.turso.io") && !printed.contains("hunter2"), "{printed}");
}
