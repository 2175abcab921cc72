//! threads to zoom.

use super::unusual;
use crate::entry::{Entry, Issuer};
use crate::options::{OptionKind, OptionSpec};
use crate::words::{oauth, oidc};

pub(super) const ENTRIES: &[Entry] = &[
    oauth("threads", "Threads")
        .at(
            "https://threads.net/oauth/authorize",
            "https://graph.threads.net/oauth/access_token",
            "https://graph.threads.net/v1.0/me?fields=id,username,threads_profile_picture_url",
        )
        .scope("threads_basic")
        .secret_in_body()
        .bearer_implied()
        .without_pkce()
        .user("id", "username", "", "threads_profile_picture_url")
        .colors("#000", "#fff")
        .note("The original looks for the user in `data`, which the API does not have, and fails."),
    oauth("tiktok", "TikTok")
        .at(
            "https://www.tiktok.com/v2/auth/authorize",
            "https://open.tiktokapis.com/v2/oauth/token/",
            "https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_url,display_name",
        )
        .params(&[("client_key", "{client_id}")])
        .scope("user.info.basic")
        .secret_in_body()
        .user("data.user.open_id", "data.user.display_name", "", "data.user.avatar_url")
        .also(unusual::tiktok)
        .colors("#000", "#fff"),
    oauth("todoist", "Todoist")
        .at(
            "https://todoist.com/oauth/authorize",
            "https://todoist.com/oauth/access_token",
            "https://api.todoist.com/api/v1/user",
        )
        .scope("data:read")
        .secret_in_body()
        .user("id", "full_name", "email", "avatar_big")
        .colors("#E44332", "#000")
        .note(
            "The original does not start: it has no userinfo endpoint, only a request to the former Sync API. Here the \
             user is asked of the present API, which knows it by the same id.",
        ),
    oauth("trakt", "Trakt")
        .at(
            "https://trakt.tv/oauth/authorize",
            "https://api.trakt.tv/oauth/token",
            "https://api.trakt.tv/users/me?extended=full",
        )
        .user("ids.slug", "name", "", "images.avatar.full")
        .also(unusual::trakt)
        .colors("#ED2224", "#fff"),
    oidc("twitch", "Twitch", Issuer::Default("https://id.twitch.tv/oauth2"))
        .params(&[(
            "claims",
            r#"{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}"#,
        )])
        .scope("openid user:read:email")
        .secret_in_body()
        .colors("#65459B", "#fff")
        .note("Besides what the original asks for, whether the address is verified."),
    oauth("twitter", "Twitter")
        .at(
            "https://x.com/i/oauth2/authorize",
            "https://api.x.com/2/oauth2/token",
            "https://api.x.com/2/users/me?user.fields=profile_image_url",
        )
        .scope("users.read tweet.read offline.access")
        .user("data.id", "data.name", "data.email", "data.profile_image_url")
        .colors("#1da1f2", "#fff"),
    oidc("united-effects", "United Effects", Issuer::Required)
        .params(&[("resource", "{issuer}")])
        .scope("openid email profile"),
    oidc("vipps", "Vipps", Issuer::Default("https://api.vipps.no/access-management-1.0/access/"))
        .scope("openid name email")
        .told_by_user_info()
        .color("#f05c18"),
    oauth("vk", "VK")
        .at(
            "https://oauth.vk.com/authorize?v=5.131",
            "https://oauth.vk.com/access_token?v=5.131",
            "https://api.vk.com/method/users.get?fields=photo_100&v=5.131",
        )
        .scope("email")
        .secret_in_body()
        .bearer_implied()
        .user("id", "{first_name} {last_name} | first_name | last_name", "email", "photo_100")
        .also(unusual::vk)
        .colors("#07F", "#fff")
        .note("The address comes with the token."),
    oauth("webex", "Webex")
        .at("{api_base_url}/authorize", "{api_base_url}/access_token", "{api_base_url}/people/me")
        .scope("spark:kms spark:people_read")
        .bearer_implied()
        .user("id", "displayName", "emails[0]", "avatar")
        .takes(&[
            OptionSpec::optional("api_base_url", OptionKind::Url, "the URL of the API")
                .or("https://webexapis.com/v1")
        ]),
    oauth("wechat", "WeChat")
        .at(
            "https://open.weixin.qq.com/connect/oauth2/authorize",
            "https://api.weixin.qq.com/sns/oauth2/access_token",
            "https://api.weixin.qq.com/sns/userinfo?access_token={access_token}&openid={token.openid}&lang=zh_CN",
        )
        .params(&[("appid", "{client_id}")])
        .token_params(&[("appid", "{client_id}"), ("secret", "{client_secret}")])
        .scope("snsapi_userinfo")
        .bearer_implied()
        .without_pkce()
        .user("unionid", "nickname", "", "headimgurl")
        .takes(&[OptionSpec::optional(
            "platform_type",
            OptionKind::OneOf(&["OfficialAccount", "WebsiteApp"]),
            "where the application is registered",
        )
        .or("OfficialAccount")])
        .also(unusual::wechat)
        .colors("#fff", "#000")
        .note(
            "The application must be bound to a WeChat Open Platform account: only then users have the `unionid` that \
             they are known by.",
        ),
    oauth("wikimedia", "Wikimedia")
        .at(
            "https://meta.wikimedia.org/w/rest.php/oauth2/authorize",
            "https://meta.wikimedia.org/w/rest.php/oauth2/access_token",
            "https://meta.wikimedia.org/w/rest.php/oauth2/resource/profile",
        )
        .user("sub", "username", "email", "")
        .verified("confirmed_email")
        .colors("#000", "#fff"),
    oauth("wordpress", "WordPress.com")
        .at(
            "https://public-api.wordpress.com/oauth2/authorize",
            "https://public-api.wordpress.com/oauth2/token",
            "https://public-api.wordpress.com/rest/v1/me",
        )
        .scope("auth")
        .user("ID", "display_name", "email", "avatar_URL")
        .verified("email_verified"),
    oauth("workos", "WorkOS")
        .issued_by("https://api.workos.com")
        .at("{server}/sso/authorize", "{server}/sso/token", "{server}/sso/profile")
        .params(&[("connection", "{connection}"), ("organization", "{organization}"), ("provider", "{provider}")])
        .secret_in_body()
        .bearer_implied()
        .user("id", "{first_name} {last_name} | first_name | last_name", "email", "raw_attributes.picture")
        .takes(&[
            OptionSpec::optional("connection", OptionKind::Text, "the connection"),
            OptionSpec::optional("organization", OptionKind::Text, "the organization"),
            OptionSpec::optional("provider", OptionKind::Text, "the identity provider, `authkit` for instance"),
        ])
        .colors("#6363f1", "#fff")
        .note("WorkOS wants one of the options, unless the browser may choose the organization."),
    oauth("yandex", "Yandex")
        .at(
            "https://oauth.yandex.ru/authorize",
            "https://oauth.yandex.ru/token",
            "https://login.yandex.ru/info?format=json",
        )
        .scope("login:info login:email login:avatar")
        .user(
            "id",
            "display_name | real_name | first_name",
            "default_email | emails[0]",
            "https://avatars.yandex.net/get-yapic/{default_avatar_id}/islands-200",
        )
        .finish(unusual::yandex_picture)
        .colors("#ffcc00", "#000"),
    oidc("zitadel", "ZITADEL", Issuer::Required),
    oauth("zoho", "Zoho")
        .at("{base_url}/oauth/v2/auth", "{base_url}/oauth/v2/token", "{base_url}/oauth/user/info")
        .scope("AaaServer.profile.Read")
        .user("ZUID", "{First_Name} {Last_Name} | Display_Name | First_Name", "Email", "")
        .takes(&[
            OptionSpec::optional("base_url", OptionKind::Url, "the data center").or("https://accounts.zoho.com")
        ])
        .note("`BASE_URL` is for another data center, `https://accounts.zoho.eu` for instance; the original has none."),
    oauth("zoom", "Zoom")
        .at("https://zoom.us/oauth/authorize", "https://zoom.us/oauth/token", "https://api.zoom.us/v2/users/me")
        .user("id", "{first_name} {last_name} | first_name | last_name", "email", "pic_url")
        .verified("verified")
        .colors("#0b5cff", "#fff"),
];
