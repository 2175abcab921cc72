//! From what an operator says to a provider, or to what is wrong.

use std::collections::BTreeMap;

use vestibule_core::SecretToken;
use vestibule_oauth::{ClientAuth, Provider};
use vestibule_providers::{IssuerNeed, Settings, SettingsError, all, find, from_env};

use crate::subject;

/// A key of P-256 made for this test.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGf8dgK5eXJoenbct
8Iop9we0MZV6bum6ffryNTLvFwihRANCAAQJu9ddimq9dqvKZ7zrlz/1yBiEGBmQ
9uJYeVtSAF1ah1gdmkirqcvibUivuc1SkxNEaH9K1YrusQrD3lNU7DxU
-----END PRIVATE KEY-----
";

fn settings() -> Settings {
    Settings::new("me").with_client_secret("hunter2")
}

fn error(id: &str, settings: &Settings) -> String {
    find(id).unwrap().provider(settings).unwrap_err().to_string()
}

fn environment(text: &str) -> Result<Vec<Provider>, String> {
    let variables: BTreeMap<_, _> = text.split_whitespace().filter_map(|line| line.split_once('=')).collect();
    from_env(|name| variables.get(name).map(|value| (*value).to_owned())).map_err(|error| error.to_string())
}

#[test]
fn a_provider_without_an_issuer_of_its_own_needs_one() {
    for entry in all() {
        let missing = matches!(
            entry.provider(&settings()),
            Err(SettingsError::Missing { variable, .. }) if variable == entry.variable("issuer")
        );
        assert_eq!(missing, entry.issuer() == Some(IssuerNeed::Required), "{}", entry.id());
    }
    assert_eq!(
        error("auth0", &settings()),
        "AUTH_AUTH0_ISSUER is missing: Auth0 needs the URL of its issuer"
    );
}

#[test]
fn what_is_missing_is_told_by_the_name_of_its_variable() {
    assert_eq!(
        error("github", &Settings::new("me")),
        "AUTH_GITHUB_SECRET is missing: GitHub needs the secret of the client"
    );
    assert_eq!(
        error("42-school", &Settings::new("").with_client_secret("s")),
        "AUTH_42_SCHOOL_ID is missing: 42 School needs the id of a client"
    );
    assert_eq!(
        error("bungie", &settings()),
        "AUTH_BUNGIE_API_KEY is missing: Bungie needs the application's API key"
    );
}

#[test]
fn a_value_that_cannot_be_right_is_refused_and_not_repeated() {
    let wrong = settings().with_issuer("hunter2.example");
    assert_eq!(
        error("auth0", &wrong),
        "AUTH_AUTH0_ISSUER is not an absolute URL of https, without query and fragment"
    );

    let wrong =
        settings().with_option("account_id", "evil.example/").with_option("userinfo", "https://a.example");
    assert_eq!(
        error("netsuite", &wrong),
        "AUTH_NETSUITE_ACCOUNT_ID is not made of letters, digits, `.`, `-` and `_`"
    );

    let wrong = settings().with_option("platform_type", "Phone");
    assert_eq!(
        error("wechat", &wrong),
        "AUTH_WECHAT_PLATFORM_TYPE is not one of OfficialAccount, WebsiteApp"
    );
}

#[test]
fn a_public_client_has_no_secret() {
    let settings =
        Settings::new("me").with_issuer("https://sso.example.com").with_client_auth(ClientAuth::None);

    let provider = find("keycloak").unwrap().provider(&settings).unwrap();

    assert!(provider.client_secret().is_none());
    assert!(matches!(provider.client_auth(), ClientAuth::None));
}

#[test]
fn an_issuer_that_is_given_wins_and_keeps_its_slash() {
    let issuer = |id: &str, settings: &Settings| {
        find(id).unwrap().provider(settings).unwrap().issuer().map(ToOwned::to_owned)
    };

    assert_eq!(
        issuer("auth0", &settings().with_issuer("https://a.auth0.example/")),
        Some("https://a.auth0.example/".into())
    );
    assert_eq!(issuer("google", &settings()), Some("https://accounts.google.com".into()));
    assert_eq!(issuer("descope", &settings()), Some("https://api.descope.com/me".into()));
    assert_eq!(
        issuer("microsoft-entra-id", &settings()),
        Some("https://login.microsoftonline.com/common/v2.0".into())
    );
    assert_eq!(
        issuer(
            "microsoft-entra-id",
            &settings().with_option("tenant", "9188040d-6c67-4c5b-b112-36a304b66dad")
        ),
        Some("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0".into())
    );
    assert_eq!(issuer("spotify", &settings().with_issuer("https://a.example")), None);
}

#[test]
fn a_server_of_one_s_own_takes_the_place_of_every_host() {
    let github = find("github").unwrap();

    let own = github.provider(&settings().with_option("base_url", "https://git.example.com/")).unwrap();
    let public = github.provider(&settings()).unwrap();

    let urls = |provider: &Provider| {
        [
            provider.issuer().unwrap().to_owned(),
            provider.authorization().url.to_string(),
            provider.token().unwrap().url.to_string(),
            provider.user_info().unwrap().url.to_string(),
        ]
    };
    assert_eq!(
        urls(&own),
        [
            "https://git.example.com/login/oauth",
            "https://git.example.com/login/oauth/authorize",
            "https://git.example.com/login/oauth/access_token",
            "https://git.example.com/api/v3/user",
        ]
    );
    assert_eq!(
        urls(&public),
        [
            "https://github.com/login/oauth",
            "https://github.com/login/oauth/authorize",
            "https://github.com/login/oauth/access_token",
            "https://api.github.com/user",
        ]
    );
}

#[test]
fn every_url_is_https_and_none_has_a_placeholder_left_that_nobody_fills() {
    for subject in subject::subjects() {
        let provider = &subject.provider;
        let endpoints = [provider.token(), provider.user_info(), Some(provider.authorization())];
        let urls = endpoints.into_iter().flatten().map(|endpoint| &*endpoint.url);
        let others = [provider.issuer(), provider.discovery_url()].into_iter().flatten();
        for url in urls.chain(others).filter(|url| !url.is_empty()) {
            assert!(url.starts_with("https://"), "{url}");
            let filled = url
                .replace("{access_token}", "")
                .replace("{token.user_id}", "")
                .replace("{token.openid}", "");
            assert!(!filled.contains(['{', '}', ' ']), "{url}");
        }
    }
}

#[test]
fn a_discovery_document_that_needs_an_option_is_elsewhere_only_with_it() {
    let url = |id: &str, settings: Settings| {
        let settings = settings.with_issuer("https://login.example.com");
        find(id).unwrap().provider(&settings).unwrap().discovery_url().map(ToOwned::to_owned)
    };

    assert_eq!(url("fusionauth", settings()), None);
    assert_eq!(
        url("fusionauth", settings().with_option("tenant_id", "t-1")),
        Some("https://login.example.com/.well-known/openid-configuration/t-1".into())
    );
    assert_eq!(url("azure-ad-b2c", settings()), None);
    assert_eq!(
        url("azure-ad-b2c", settings().with_option("discovery", "https://a.example/doc?p=flow")),
        Some("https://a.example/doc?p=flow".into())
    );
}

#[test]
fn a_parameter_whose_option_is_not_set_is_not_sent() {
    let workos = find("workos").unwrap().provider(&settings().with_option("organization", "org_1")).unwrap();

    let params: Vec<_> =
        workos.authorization().params.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(params, [("organization", "org_1")]);
}

#[test]
fn websites_are_signed_in_at_wechat_elsewhere_than_its_own_pages() {
    let website = settings().with_option("platform_type", "WebsiteApp");

    let provider = find("wechat").unwrap().provider(&website).unwrap();

    assert_eq!(&*provider.authorization().url, "https://open.weixin.qq.com/connect/qrconnect");
    assert_eq!(provider.scope(), Some("snsapi_login"));
}

#[test]
fn apple_takes_a_key_in_the_place_of_a_secret() {
    let apple = find("apple").unwrap();
    let with_key = Settings::new("me").with_option("private_key", KEY.replace('\n', "\\n"));

    let whole = with_key.clone().with_option("key_id", "ABC123DEFG").with_option("team_id", "DEF123GHIJ");
    let provider = apple.provider(&whole).unwrap();
    let half = apple.provider(&with_key).unwrap_err();
    let broken = apple.provider(&whole.with_option("private_key", "hunter2")).unwrap_err();
    let secret = apple.provider(&settings()).unwrap();

    assert!(matches!(
        provider.client_auth(),
        ClientAuth::SignedSecret { team_id, key, .. } if &**team_id == "DEF123GHIJ" && key.kid() == Some("ABC123DEFG")
    ));
    assert_eq!(half.to_string(), "AUTH_APPLE_KEY_ID is missing: Apple needs the id of its key");
    assert_eq!(broken.to_string(), "AUTH_APPLE_PRIVATE_KEY is not a private key in PEM (PKCS #8)");
    assert!(matches!(secret.client_auth(), ClientAuth::Post));
}

#[test]
fn nothing_secret_is_printed() {
    let settings = settings().with_option("private_key", "hunter2");

    assert!(!format!("{settings:?} {settings:#?}").contains("hunter2"));
}

#[test]
fn the_environment_names_providers() {
    let providers = environment(
        "AUTH_GITHUB_ID=me AUTH_GITHUB_SECRET=s AUTH_AUTH0_ID=you AUTH_AUTH0_SECRET=t \
         AUTH_AUTH0_ISSUER=https://a.example/ AUTH_NETSUITE_ID=n AUTH_NETSUITE_SECRET=u \
         AUTH_NETSUITE_ACCOUNT_ID=1 AUTH_NETSUITE_USERINFO=https://1.example?script=1 AUTH_SPOTIFY_ID= \
         AUTH_SECRET=x AUTH_URL=https://app.example.com",
    )
    .unwrap();

    let ids: Vec<_> = providers.iter().map(|provider| provider.id().as_str()).collect();
    assert_eq!(ids, ["auth0", "github", "netsuite"]);
    assert_eq!(providers[0].issuer(), Some("https://a.example/"));
    assert_eq!(providers[1].client_id(), "me");
    assert_eq!(providers[1].client_secret().map(SecretToken::expose), Some("s"));
    assert_eq!(&*providers[2].user_info().unwrap().url, "https://1.example?script=1");
}

#[test]
fn the_environment_replaces_the_scope() {
    let providers =
        environment("AUTH_FIGMA_ID=a AUTH_FIGMA_SECRET=b AUTH_FIGMA_SCOPE=current_user:read").unwrap();

    assert_eq!(providers[0].scope(), Some("current_user:read"));
}

#[test]
fn an_empty_environment_names_nobody() {
    assert_eq!(environment("").unwrap().len(), 0);
}

#[test]
fn half_a_provider_is_an_error_and_all_errors_are_told_at_once() {
    let error = environment(
        "AUTH_GITHUB_ID=me AUTH_GITLAB_SECRET=s AUTH_KEYCLOAK_ISSUER=https://a.example AUTH_DISCORD_ID=d \
         AUTH_DISCORD_SECRET=e",
    )
    .unwrap_err();

    assert_eq!(
        error,
        "AUTH_GITHUB_SECRET is missing: GitHub needs the secret of the client; \
         AUTH_GITLAB_ID is missing: GitLab needs the id of a client; \
         AUTH_KEYCLOAK_ID is missing: Keycloak needs the id of a client; \
         AUTH_KEYCLOAK_SECRET is missing: Keycloak needs the secret of the client"
    );
}

#[test]
fn every_entry_can_be_named_in_the_environment() {
    for entry in all() {
        let fixture = subject::settings_in_env(entry);

        let providers = from_env(|name| fixture.get(name).cloned()).unwrap();

        assert_eq!(providers.len(), 1, "{}", entry.id());
        assert_eq!(providers[0].id().as_str(), entry.id());
    }
}

#[test]
fn an_option_that_an_entry_does_not_have_is_left_alone() {
    let settings = settings().with_option("color", "red");

    assert!(find("google").unwrap().provider(&settings).is_ok());
}
