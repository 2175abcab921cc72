//! line to osu.

use vestibule_oauth::Alg;

use super::unusual;
use crate::entry::{Entry, Issuer};
use crate::options::{OptionKind, OptionSpec};
use crate::words::{oauth, oidc};

pub(super) const ENTRIES: &[Entry] = &[
    oidc("line", "LINE", Issuer::Default("https://access.line.me"))
        .id_token_alg(Alg::Hs256)
        .colors("#00C300", "#fff")
        .note("ID tokens are signed with the client's secret, as LINE does for web applications."),
    oidc("linkedin", "LinkedIn", Issuer::Default("https://www.linkedin.com/oauth"))
        .secret_in_body()
        .without_pkce()
        .without_nonce()
        .colors("#069", "#fff")
        .note("LinkedIn refuses PKCE from web applications, and leaves `nonce` out of its ID tokens."),
    oidc("logto", "Logto", Issuer::Required)
        .scope("offline_access openid email profile")
        .user("sub", "name | username", "email", "picture")
        .note("The issuer is `https://<tenant>.logto.app/oidc`."),
    oauth("mailchimp", "Mailchimp")
        .at(
            "https://login.mailchimp.com/oauth2/authorize",
            "https://login.mailchimp.com/oauth2/token",
            "https://login.mailchimp.com/oauth2/metadata",
        )
        .bearer_implied()
        .user("login.login_id", "accountname", "login.email", "")
        .colors("#000", "#fff"),
    oauth("mailru", "Mail.ru")
        .at(
            "https://oauth.mail.ru/login",
            "https://oauth.mail.ru/token",
            "https://oauth.mail.ru/userinfo",
        )
        .scope("userinfo")
        .bearer_implied()
        .user("sub | id", "name | nickname", "email", "picture | image")
        .note("The picture is in `image`, where the original does not look."),
    oauth("mastodon", "Mastodon")
        .on_a_server_of_ones_own()
        .at("{server}/oauth/authorize", "{server}/oauth/token", "{server}/api/v1/accounts/verify_credentials")
        .scope("read")
        .user("id", "username", "", "avatar_static")
        .note("The issuer is the URL of the server."),
    oauth("mattermost", "Mattermost")
        .on_a_server_of_ones_own()
        .at("{server}/oauth/authorize", "{server}/oauth/access_token", "{server}/api/v4/users/me")
        .secret_in_body()
        .user("id", "username | {first_name} {last_name}", "email", "")
        .verified("email_verified")
        .colors("#000", "#fff")
        .note("The issuer is the URL of the server."),
    oauth("medium", "Medium")
        .at("https://medium.com/m/oauth/authorize", "https://api.medium.com/v1/tokens", "https://api.medium.com/v1/me")
        .scope("basicProfile")
        .user("data.id", "data.name", "", "data.imageUrl")
        .note("Medium registers no new applications."),
    oidc("microsoft-entra-id", "Microsoft Entra ID", unusual::ENTRA)
        .scope("openid profile email User.Read")
        .user("sub", "name", "email", "")
        .verified("xms_edov")
        .takes(unusual::ENTRA_OPTIONS)
        .also(unusual::entra)
        .colors("#0072c6", "#fff")
        .note(
            "`TENANT` is a tenant's GUID or domain, `common`, `organizations` or `consumers`; an issuer says it all. With several \
             tenants the issuer of a token is checked against its `tid`. An administrator of any tenant can write any \
             address: it counts as verified only where the optional claim `xms_edov` says so. The original fetches a \
             photo from Microsoft Graph and puts it into the user as a `data:` URI; this does not.",
        ),
    oauth("naver", "Naver")
        .at(
            "https://nid.naver.com/oauth2.0/authorize",
            "https://nid.naver.com/oauth2.0/token",
            "https://openapi.naver.com/v1/nid/me",
        )
        .user("response.id", "response.nickname", "response.email", "response.profile_image"),
    oauth("netlify", "Netlify")
        .at(
            "https://app.netlify.com/authorize",
            "https://api.netlify.com/oauth/token",
            "https://api.netlify.com/api/v1/user",
        )
        .user("id", "full_name", "email", "avatar_url")
        .color("#32e6e2"),
    oauth("netsuite", "NetSuite")
        .at(
            "https://{account_id}.app.netsuite.com/app/login/oauth2/authorize.nl",
            "https://{account_id}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token",
            "{userinfo}",
        )
        .scope("restlets rest_webservices")
        .without_pkce()
        .user("id", "name", "email", "")
        .takes(&[
            OptionSpec::required("account_id", OptionKind::Word, "the account, as it stands in host names"),
            OptionSpec::required("userinfo", OptionKind::UrlWithQuery, "the URL of a RESTlet that tells the user"),
        ])
        .colors("#181a1b", "#fbfbfb")
        .note(
            "The original does not start: NetSuite has no userinfo endpoint, and none is set. `USERINFO` is the URL of \
             a RESTlet of your own that answers `runtime.getCurrentUser()`; it is required.",
        ),
    oauth("nextcloud", "Nextcloud")
        .on_a_server_of_ones_own()
        .at(
            "{server}/apps/oauth2/authorize",
            "{server}/apps/oauth2/api/v1/token",
            "{server}/ocs/v1.php/cloud/users/{token.user_id}",
        )
        .user("id", "displayname", "email", "{$server}/avatar/{id}/512")
        .also(unusual::nextcloud)
        .colors("#fff", "#0082C9")
        .note("The issuer is the URL of the server. Users without an address have none here."),
    oauth("notion", "Notion")
        .at(
            "https://api.notion.com/v1/oauth/authorize",
            "https://api.notion.com/v1/oauth/token",
            "https://api.notion.com/v1/users/me",
        )
        .params(&[("owner", "user")])
        .user("id", "name", "person.email", "avatar_url")
        .also(unusual::notion)
        .colors("#fff", "#000")
        .note("The original's option `redirectUri` is not needed."),
    oidc("okta", "Okta", Issuer::Required)
        .colors("#000", "#fff")
        .note("The issuer is `https://<tenant>.okta.com`, or `…/oauth2/<server>` for an authorization server of one's own."),
    oidc("onelogin", "OneLogin", Issuer::Required).note("The issuer is `https://<tenant>.onelogin.com/oidc/2`."),
    oauth("osso", "Osso")
        .on_a_server_of_ones_own()
        .at("{server}/oauth/authorize", "{server}/oauth/token", "{server}/oauth/me")
        .user("sub | id", "name | nickname | preferred_username", "email", "picture")
        .note("The issuer is the URL of the server; unlike in the original, it may end with a slash or not."),
    oauth("osu", "osu!")
        .at("https://osu.ppy.sh/oauth/authorize", "https://osu.ppy.sh/oauth/token", "https://osu.ppy.sh/api/v2/me")
        .scope("identify")
        .user("id", "username", "", "avatar_url"),
];
