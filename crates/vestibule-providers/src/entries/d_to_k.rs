//! descope to kinde.

use super::unusual;
use crate::entry::{Entry, Issuer};
use crate::options::{OptionKind, OptionSpec};
use crate::words::{oauth, oidc};

pub(super) const ENTRIES: &[Entry] = &[
    oidc("descope", "Descope", Issuer::Default("https://api.descope.com/{client_id}"))
        .colors("#1C1C23", "#ffffff"),
    oauth("discord", "Discord")
        .at(
            "https://discord.com/api/oauth2/authorize",
            "https://discord.com/api/oauth2/token",
            "https://discord.com/api/users/@me",
        )
        .scope("identify email")
        .user("id", "global_name | username", "email", "")
        .verified("verified")
        .finish(unusual::discord_picture)
        .colors("#5865F2", "#fff"),
    oauth("dribbble", "Dribbble")
        .at(
            "https://dribbble.com/oauth/authorize",
            "https://dribbble.com/oauth/token",
            "https://api.dribbble.com/v2/user",
        )
        .scope("public")
        .user("id", "name", "email", "avatar_url")
        .colors("#000", "#fff")
        .note("The original asks for the scope `undefined` unless one is set; this asks for `public`, Dribbble's default."),
    oauth("dropbox", "Dropbox")
        .at(
            "https://www.dropbox.com/oauth2/authorize",
            "https://api.dropboxapi.com/oauth2/token",
            "https://api.dropboxapi.com/2/users/get_current_account",
        )
        .params(&[("token_access_type", "offline")])
        .scope("account_info.read")
        .user("account_id", "name.display_name", "email", "profile_photo_url")
        .verified("email_verified")
        .also(unusual::asked_by_post)
        .color("#0061fe"),
    oidc("duende-identity-server6", "DuendeIdentityServer6", Issuer::Required),
    oauth("eventbrite", "Eventbrite")
        .at(
            "https://www.eventbrite.com/oauth/authorize",
            "https://www.eventbrite.com/oauth/token",
            "https://www.eventbriteapi.com/v3/users/me/",
        )
        .scope("user.profile")
        .secret_in_body()
        .user(
            "id",
            "name",
            "emails[0].email",
            "https://img.evbuc.com/https%3A%2F%2Fcdn.evbuc.com%2Fimages%2F{image_id}%2F1%2Foriginal.jpg",
        )
        .verified("emails[0].verified")
        .finish(unusual::eventbrite_address)
        .colors("#f05537", "#fff"),
    oauth("eveonline", "EVE Online")
        .at(
            "https://login.eveonline.com/v2/oauth/authorize",
            "https://login.eveonline.com/v2/oauth/token",
            "https://login.eveonline.com/oauth/verify",
        )
        .scope("publicData")
        .without_pkce()
        .user(
            "CharacterID",
            "CharacterName",
            "",
            "https://images.evetech.net/characters/{CharacterID}/portrait?size=128",
        )
        .note("The picture is at the present image server; the original names the one before it."),
    oauth("facebook", "Facebook")
        .at(
            "https://www.facebook.com/v19.0/dialog/oauth",
            "https://graph.facebook.com/oauth/access_token",
            "https://graph.facebook.com/me?fields=id,name,email,picture",
        )
        .scope("email")
        .user("id", "name", "email", "picture.data.url")
        .colors("#006aff", "#fff"),
    oauth("faceit", "FACEIT")
        .at(
            "https://accounts.faceit.com/accounts?redirect_popup=true",
            "https://api.faceit.com/auth/v1/oauth/token",
            "https://api.faceit.com/auth/v1/resources/userinfo",
        )
        .scope("openid profile email")
        .user("guid", "name", "email", "picture"),
    oauth("figma", "Figma")
        .at("https://www.figma.com/oauth", "https://api.figma.com/v1/oauth/token", "https://api.figma.com/v1/me")
        .scope("files:read")
        .without_pkce()
        .user("id", "handle", "email", "img_url")
        .colors("#ff7237", "#fff")
        .note("The scope is the original's, which Figma calls deprecated; `SCOPE=current_user:read` suffices."),
    oauth("foursquare", "Foursquare")
        .at(
            "https://foursquare.com/oauth2/authenticate",
            "https://foursquare.com/oauth2/access_token",
            "https://api.foursquare.com/v2/users/self?v={api_version}&oauth_token={access_token}",
        )
        .bearer_implied()
        .user(
            "response.user.id",
            "{response.user.firstName} {response.user.lastName} | response.user.firstName",
            "response.user.contact.email",
            "{response.user.photo.prefix}original{response.user.photo.suffix}",
        )
        .takes(&[
            OptionSpec::optional("api_version", OptionKind::Word, "the day of the API's version").or("20230131")
        ])
        .also(unusual::token_in_url)
        .colors("#000", "#fff"),
    oauth("freshbooks", "Freshbooks")
        .at(
            "https://auth.freshbooks.com/service/auth/oauth/authorize",
            "https://api.freshbooks.com/auth/oauth/token",
            "https://api.freshbooks.com/auth/api/v1/users/me",
        )
        .user(
            "response.id",
            "{response.first_name} {response.last_name} | response.first_name | response.last_name",
            "response.email",
            "",
        )
        .colors("#0075dd", "#fff"),
    oidc("frontegg", "Frontegg", Issuer::Required)
        .discovered_at("{server}/oauth/.well-known/openid-configuration")
        .at("{server}/oauth/authorize", "{server}/oauth/token", "{server}/identity/resources/users/v2/me"),
    oidc("fusionauth", "FusionAuth", Issuer::Required)
        .discovered_at("{server}/.well-known/openid-configuration/{tenant_id}")
        .params(&[("tenantId", "{tenant_id}")])
        .scope("openid offline_access email profile")
        .user(
            "sub",
            "name | preferred_username | {given_name} {middle_name} {family_name} | {given_name} {family_name}",
            "email",
            "picture",
        )
        .takes(&[OptionSpec::optional("tenant_id", OptionKind::Word, "the tenant, if the server has several")])
        .note(
            "The issuer is the URL of the server, and the tenant's setting `Issuer` must be the same. The original \
             ignores `tenantId` when it looks for the endpoints.",
        ),
    oauth("github", "GitHub")
        .issued_by("{base_url}/login/oauth")
        .at(
            "{base_url}/login/oauth/authorize",
            "{base_url}/login/oauth/access_token",
            "https://api.github.com/user",
        )
        .scope("read:user user:email")
        .user("id", "name | login", "email", "avatar_url")
        .verified("email_verified")
        .takes(&[
            OptionSpec::optional("base_url", OptionKind::Url, "the URL of a server of one's own")
                .or(unusual::GITHUB)
        ])
        .also(unusual::github)
        .colors("#24292f", "#fff")
        .note(
            "`BASE_URL` is for GitHub Enterprise Server. Whether the address is verified comes from the list of the \
             user's addresses, which is always asked for; the original asks for it only where the profile has no \
             address, and takes unverified ones.",
        ),
    oauth("gitlab", "GitLab")
        .at("{base_url}/oauth/authorize", "{base_url}/oauth/token", "{base_url}/api/v4/user")
        .scope("read_user")
        .user("sub | id", "name | username", "email", "avatar_url")
        .takes(&[
            OptionSpec::optional("base_url", OptionKind::Url, "the URL of a server of one's own")
                .or("https://gitlab.com")
        ])
        .colors("#FC6D26", "#fff"),
    oidc("google", "Google", Issuer::Default("https://accounts.google.com")).color("#1a73e8"),
    oauth("hubspot", "HubSpot")
        .at(
            "https://app.hubspot.com/oauth/authorize",
            "https://api.hubapi.com/oauth/v1/token",
            "https://api.hubapi.com/oauth/v1/access-tokens/{access_token}",
        )
        .scope("oauth")
        .secret_in_body()
        .bearer_implied()
        .user("user_id", "user", "user", "")
        .also(unusual::token_in_url)
        .colors("#ff7a59", "#fff"),
    oidc("huggingface", "Hugging Face", Issuer::Default("https://huggingface.co")).colors("#FFD21E", "#000"),
    oidc("hydra", "Hydra", Issuer::Required)
        .colors("#fff", "#0F172A")
        .note("Ory Hydra, which the originals keep in a module named `ory-hydra`."),
    oidc("identity-server4", "IdentityServer4", Issuer::Required),
    oauth("instagram", "Instagram")
        .at(
            "https://api.instagram.com/oauth/authorize",
            "https://api.instagram.com/oauth/access_token",
            "https://graph.instagram.com/me?fields=id,username,account_type,name",
        )
        .scope("user_profile")
        .secret_in_body()
        .bearer_implied()
        .user("id", "username", "", "")
        .colors("#fff", "#000")
        .note(
            "This is the Instagram Basic Display API, as in the original. Meta switched it off in December 2024 and \
             offers no other that signs in private accounts.",
        ),
    oauth("kakao", "Kakao")
        .at(
            "https://kauth.kakao.com/oauth/authorize",
            "https://kauth.kakao.com/oauth/token",
            "https://kapi.kakao.com/v2/user/me",
        )
        .secret_in_body()
        .user(
            "id",
            "kakao_account.profile.nickname",
            "kakao_account.email",
            "kakao_account.profile.profile_image_url",
        )
        .verified("kakao_account.is_email_verified")
        .finish(unusual::kakao_address),
    oidc("keycloak", "Keycloak", Issuer::Required)
        .color("#428bca")
        .note("The issuer is that of the realm: `https://<host>/realms/<realm>`."),
    oidc("kinde", "Kinde", Issuer::Required).colors("#fff", "#0F0F0F"),
];
