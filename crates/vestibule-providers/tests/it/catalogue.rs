//! The catalogue as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use vestibule_oauth::Kind;
use vestibule_providers::{Entry, OptionSpec, all, find, page};

use crate::subject::folder;

/// The ids of OAuth and OpenID Connect in `@auth/core` 0.41.3, as the accounts in its databases have them.
const OAUTH: &str = "42-school atlassian azure-devops bitbucket box boxyhq-saml bungie click-up coinbase concept2 \
    discord dribbble dropbox eventbrite eveonline facebook faceit figma foursquare freshbooks github gitlab hubspot \
    instagram kakao mailchimp mailru mastodon mattermost medium naver netlify netsuite nextcloud notion osso osu patreon \
    pinterest pipedrive reddit spotify strava threads tiktok todoist trakt twitter vk webex wechat wikimedia wordpress \
    workos yandex zoho zoom";
const OIDC: &str = "apple asgardeo auth0 authentik azure-ad azure-ad-b2c bankid-no battlenet beyondidentity cognito \
    descope duende-identity-server6 frontegg fusionauth google huggingface hydra identity-server4 keycloak kinde line \
    linkedin logto microsoft-entra-id okta onelogin passage ping-id roblox salesforce simplelogin slack twitch \
    united-effects vipps zitadel";

/// The ids of all others there.
pub(crate) const OTHERS: &str =
    "credentials email forwardemail loops mailgun nodemailer passkey postmark resend sendgrid webauthn";

#[test]
fn the_readme_counts_them_right() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();

    assert!(readme.contains(&format!("[{} providers](docs/providers.md)", all().count())));
}

#[test]
fn the_page_says_where_the_others_are() {
    for id in OTHERS.split_whitespace() {
        assert!(page().contains(&format!("`{id}`")), "{id}");
    }
}

#[test]
fn every_provider_of_the_original_is_there_and_of_the_same_kind() {
    let listed = |text: &'static str| text.split_whitespace().collect::<BTreeSet<_>>();
    let here = |kind| all().filter(|entry| entry.kind() == kind).map(Entry::id).collect::<BTreeSet<_>>();

    assert_eq!(listed(OAUTH).len() + listed(OIDC).len(), 93);
    assert_eq!(listed(OAUTH).difference(&here(Kind::OAuth)).count(), 0);
    assert_eq!(listed(OIDC).difference(&here(Kind::Oidc)).count(), 0);
}

#[test]
fn the_catalogue_is_in_the_order_of_the_ids_and_has_none_twice() {
    let ids: Vec<_> = all().map(Entry::id).collect();

    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
}

#[test]
fn an_entry_is_found_by_its_id_and_by_nothing_else() {
    assert_eq!(find("github").unwrap().name(), "GitHub");
    assert!(find("GitHub").is_none());
    assert!(find("").is_none());
}

#[test]
fn every_entry_has_a_fixture_and_every_fixture_an_entry() {
    let folders = fs::read_dir(folder()).unwrap();
    let folders: BTreeSet<_> =
        folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    let ids: BTreeSet<_> = all().map(|entry| entry.id().to_owned()).collect();

    assert_eq!(folders.symmetric_difference(&ids).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn no_two_providers_share_a_variable() {
    let mut seen = BTreeMap::new();
    for entry in all() {
        let options = entry.options().iter().map(OptionSpec::name);
        for suffix in ["id", "secret", "issuer", "scope"].into_iter().chain(options) {
            let other = seen.insert(entry.variable(suffix), entry.id());
            assert_eq!(other, None, "{} has {} too", entry.id(), entry.variable(suffix));
        }
    }
}

#[test]
fn the_page_is_up_to_date() {
    let path = folder().join("../../docs/providers.md");

    assert!(fs::read_to_string(path).unwrap() == page(), "run `cargo xtask providers --write`");
}
