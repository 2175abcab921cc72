//! passage to strava.

use crate::entry::{Entry, Issuer};
use crate::words::{oauth, oidc};

pub(super) const ENTRIES: &[Entry] = &[
    oidc("passage", "Passage", Issuer::Required).color("#3d53f6"),
    oauth("patreon", "Patreon")
        .at(
            "https://www.patreon.com/oauth2/authorize",
            "https://www.patreon.com/api/oauth2/token",
            "https://www.patreon.com/api/oauth2/api/current_user",
        )
        .scope("identity identity[email]")
        .user("data.id", "data.attributes.full_name", "data.attributes.email", "data.attributes.image_url")
        .verified("data.attributes.is_email_verified")
        .colors("#e85b46", "#fff"),
    oidc("ping-id", "Ping Identity", Issuer::Required),
    oauth("pinterest", "Pinterest")
        .at(
            "https://www.pinterest.com/oauth",
            "https://api.pinterest.com/v5/oauth/token",
            "https://api.pinterest.com/v5/user_account",
        )
        .scope("user_accounts:read")
        .user("username", "username", "", "profile_image")
        .color("#bd081c")
        .note(
            "Accounts are known by their user name, as in the original: whoever changes it is another user.",
        ),
    oauth("pipedrive", "Pipedrive")
        .at(
            "https://oauth.pipedrive.com/oauth/authorize",
            "https://oauth.pipedrive.com/oauth/token",
            "https://api.pipedrive.com/users/me",
        )
        .user("data.id", "data.name", "data.email", "data.icon_url"),
    oauth("reddit", "Reddit")
        .at(
            "https://www.reddit.com/api/v1/authorize",
            "https://www.reddit.com/api/v1/access_token",
            "https://oauth.reddit.com/api/v1/me",
        )
        .scope("identity")
        .without_pkce()
        .user("sub | id", "name", "", "")
        .color("#FF4500"),
    oidc("roblox", "Roblox", Issuer::Default("https://apis.roblox.com/oauth/"))
        .scope("openid profile")
        .colors("#5865F2", "#fff"),
    oidc("salesforce", "Salesforce", Issuer::Default("https://login.salesforce.com"))
        .told_by_user_info()
        .color("#00a1e0")
        .note("The issuer of a sandbox is `https://test.salesforce.com`, or the organization's own domain."),
    oidc("simplelogin", "SimpleLogin", Issuer::Default("https://app.simplelogin.io"))
        .user("sub", "name", "email", "avatar_url")
        .color("#e3156a"),
    oidc("slack", "Slack", Issuer::Default("https://slack.com")).without_pkce().color("#611f69"),
    oauth("spotify", "Spotify")
        .at(
            "https://accounts.spotify.com/authorize",
            "https://accounts.spotify.com/api/token",
            "https://api.spotify.com/v1/me",
        )
        .scope("user-read-email")
        .user("id", "display_name", "email", "images[0].url")
        .color("#1db954")
        .note("Spotify says of its addresses that they are not verified."),
    oauth("strava", "Strava")
        .at(
            "https://www.strava.com/api/v3/oauth/authorize",
            "https://www.strava.com/api/v3/oauth/token",
            "https://www.strava.com/api/v3/athlete",
        )
        .params(&[("approval_prompt", "auto")])
        .scope("read")
        .secret_in_body()
        .user("id", "{firstname} {lastname} | firstname | lastname", "", "profile"),
];
