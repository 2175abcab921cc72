//! What single providers need besides data.

use serde_json::Value;
use vestibule_oauth::{
    ClientAuth, ClientKey, Endpoint, Provider, Quirk, UserInfo, UserInfoMethod, UserInfoRequest,
};

use crate::entry::{Entry, Issuer};
use crate::options::{OptionKind, OptionSpec};
use crate::settings::SettingsError;
use crate::values::Values;

/// The server of GitHub, which keeps its API elsewhere than all others.
pub(super) const GITHUB: &str = "https://github.com";

pub(super) const ENTRA: Issuer = Issuer::Default("https://login.microsoftonline.com/{tenant}/v2.0");

pub(super) const ENTRA_OPTIONS: &[OptionSpec] =
    &[OptionSpec::optional("tenant", OptionKind::Word, "the tenant").or("common")];

/// The form of the callback tells a name.
pub(super) fn apple(provider: Provider, _: &Values) -> Provider {
    provider.with_quirk(Quirk::UserInCallback)
}

/// Each request gets a secret of its own, if the key is given.
pub(super) fn apple_key(entry: &Entry, values: &Values) -> Result<Option<ClientAuth>, SettingsError> {
    let Some(pem) = values.get("private_key") else { return Ok(None) };
    let key = ClientKey::from_pem(pem).map_err(|_| entry.malformed("private_key", OptionKind::Pem))?;
    let key_id = values.get("key_id").ok_or_else(|| entry.missing("key_id", "the id of its key"))?;
    let team_id = values.get("team_id").ok_or_else(|| entry.missing("team_id", "the id of the team"))?;
    Ok(Some(ClientAuth::SignedSecret {
        team_id: team_id.into(),
        audience: "https://appleid.apple.com".into(),
        key: key.with_kid(key_id),
    }))
}

/// The issuer has the tenant in it, which several tenants share a discovery document for.
pub(super) fn entra(provider: Provider, _: &Values) -> Provider {
    provider.with_quirk(Quirk::TenantIssuer)
}

/// The code is an assertion, and the secret another one.
pub(super) fn azure_devops(provider: Provider, _: &Values) -> Provider {
    let form = [
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", "{client_secret}"),
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", "{code}"),
        ("redirect_uri", "{redirect_uri}"),
    ];
    let form = form.map(|(name, value)| (name.into(), value.into())).to_vec();
    provider.with_quirk(Quirk::TokenForm(form)).with_quirk(Quirk::TokenTypeAlso("jwt-bearer".into()))
}

pub(super) fn bungie(provider: Provider, values: &Values) -> Provider {
    let key = values.get("api_key").unwrap_or_default();
    provider.with_user_info_request(UserInfoRequest::new().with_header("X-API-Key", key))
}

pub(super) fn asked_by_post(provider: Provider, _: &Values) -> Provider {
    provider.with_user_info_request(UserInfoRequest::new().with_method(UserInfoMethod::Post))
}

pub(super) fn token_in_url(provider: Provider, _: &Values) -> Provider {
    provider.with_user_info_request(UserInfoRequest::new().without_bearer())
}

pub(super) fn github(provider: Provider, values: &Values) -> Provider {
    let provider = provider.with_quirk(Quirk::GitHubEmails);
    match values.get("base_url") {
        Some(server) if server != GITHUB => provider.with_user_info(format!("{server}/api/v3/user")),
        _ => provider,
    }
}

pub(super) fn nextcloud(provider: Provider, _: &Values) -> Provider {
    let request = UserInfoRequest::new().with_header("OCS-APIRequest", "true").with_profile_at("/ocs/data");
    provider.with_user_info_request(request)
}

pub(super) fn notion(provider: Provider, _: &Values) -> Provider {
    let request =
        UserInfoRequest::new().with_header("Notion-Version", "2022-06-28").with_profile_at("/bot/owner/user");
    provider.with_user_info_request(request)
}

pub(super) fn tiktok(provider: Provider, _: &Values) -> Provider {
    provider.with_quirk(Quirk::TokenParam("client_key".into(), "{client_id}".into()))
}

pub(super) fn trakt(provider: Provider, _: &Values) -> Provider {
    let request = UserInfoRequest::new()
        .with_header("trakt-api-version", "2")
        .with_header("trakt-api-key", "{client_id}");
    provider.with_user_info_request(request)
}

pub(super) fn vk(provider: Provider, _: &Values) -> Provider {
    provider
        .with_quirk(Quirk::ProfileFromToken("email".into()))
        .with_user_info_request(UserInfoRequest::new().with_profile_at("/response/0"))
}

/// Websites are signed in at another URL, and by another scope, than pages inside the program of `WeChat`.
pub(super) fn wechat(provider: Provider, values: &Values) -> Provider {
    let provider = provider.with_user_info_request(UserInfoRequest::new().without_bearer());
    if values.get("platform_type") != Some("WebsiteApp") {
        return provider;
    }
    let page = Endpoint::new("https://open.weixin.qq.com/connect/qrconnect");
    let provider = provider.with_authorization(page.with_param("appid", "{client_id}"));
    match provider.scope() {
        Some("snsapi_userinfo") => provider.with_scope("snsapi_login"),
        _ => provider,
    }
}

/// The path of the picture begins with a slash, or does not.
pub(super) fn bungie_picture(profile: &Value, user: &mut UserInfo) {
    let path = profile.pointer("/Response/bungieNetUser/profilePicturePath").and_then(Value::as_str);
    let path = path.map(|path| path.trim_start_matches('/')).filter(|path| !path.is_empty());
    user.image = path.map(|path| format!("https://www.bungie.net/{path}"));
}

/// The picture is a hash, or one of a few by the number of the account.
pub(super) fn discord_picture(profile: &Value, user: &mut UserInfo) {
    const FILES: &str = "https://cdn.discordapp.com";
    let text = |name: &str| profile.get(name).and_then(Value::as_str);
    user.image = match (text("avatar"), text("discriminator")) {
        (Some(hash), _) => {
            let kind = if hash.starts_with("a_") { "gif" } else { "png" };
            Some(format!("{FILES}/avatars/{}/{hash}.{kind}", user.id))
        }
        (None, None | Some("0")) => {
            user.id.parse::<u64>().ok().map(|id| format!("{FILES}/embed/avatars/{}.png", (id >> 22) % 6))
        }
        (None, Some(discriminator)) => discriminator
            .parse::<u32>()
            .ok()
            .map(|number| format!("{FILES}/embed/avatars/{}.png", number % 5)),
    };
}

/// The primary one of several addresses.
pub(super) fn eventbrite_address(profile: &Value, user: &mut UserInfo) {
    let is = |address: &Value, what: &str| address.get(what).and_then(Value::as_bool);
    let addresses = profile.get("emails").and_then(Value::as_array);
    let primary =
        addresses.and_then(|addresses| addresses.iter().find(|one| is(one, "primary") == Some(true)));
    user.email =
        primary.and_then(|address| address.get("email")).and_then(Value::as_str).map(ToOwned::to_owned);
    user.email_verified = primary.and_then(|address| is(address, "verified"));
}

/// An address that was verified once may have been given up since.
pub(super) fn kakao_address(profile: &Value, user: &mut UserInfo) {
    if profile.pointer("/kakao_account/is_email_valid") == Some(&Value::Bool(false)) {
        user.email_verified = Some(false);
    }
}

/// Everybody has a picture there, and some an empty one.
pub(super) fn yandex_picture(profile: &Value, user: &mut UserInfo) {
    if profile.get("is_avatar_empty") == Some(&Value::Bool(true)) {
        user.image = None;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finished(id: &str, finish: crate::mapping::Finish, profile: &Value) -> UserInfo {
        let mut user = UserInfo::new(id);
        user.image = Some("https://example.com/picture".into());
        user.email = Some("a@example.com".into());
        user.email_verified = Some(true);
        finish(profile, &mut user);
        user
    }

    #[test]
    fn discord_has_a_picture_for_everybody() {
        let picture = |profile| finished("80351110224678912", discord_picture, &profile).image;

        let moving = picture(json!({"avatar": "a_12", "discriminator": "0"}));
        let still = picture(json!({"avatar": "12", "discriminator": "0"}));
        let by_id = picture(json!({"avatar": null, "discriminator": "0"}));
        let by_discriminator = picture(json!({"avatar": null, "discriminator": "1337"}));

        let files = "https://cdn.discordapp.com";
        assert_eq!(moving, Some(format!("{files}/avatars/80351110224678912/a_12.gif")));
        assert_eq!(still, Some(format!("{files}/avatars/80351110224678912/12.png")));
        assert_eq!(by_id, Some(format!("{files}/embed/avatars/5.png")));
        assert_eq!(by_discriminator, Some(format!("{files}/embed/avatars/2.png")));
    }

    #[test]
    fn bungie_s_picture_is_never_at_another_host() {
        let picture = |path: &str| {
            let profile = json!({"Response": {"bungieNetUser": {"profilePicturePath": path}}});
            finished("1", bungie_picture, &profile).image
        };

        assert_eq!(picture("/img/a.jpg"), Some("https://www.bungie.net/img/a.jpg".into()));
        assert_eq!(picture("img/a.jpg"), Some("https://www.bungie.net/img/a.jpg".into()));
        assert_eq!(picture(".evil.example/a.jpg"), Some("https://www.bungie.net/.evil.example/a.jpg".into()));
        assert_eq!(picture(""), None);
    }

    #[test]
    fn eventbrite_s_address_is_the_primary_one_or_none() {
        let secondary = json!({"email": "b@example.com", "verified": true, "primary": false});
        let primary = json!({"email": "c@example.com", "verified": false, "primary": true});

        let both = finished("1", eventbrite_address, &json!({"emails": [secondary, primary]}));
        let one = finished("1", eventbrite_address, &json!({"emails": [secondary]}));

        assert_eq!((both.email.as_deref(), both.email_verified), (Some("c@example.com"), Some(false)));
        assert_eq!((one.email, one.email_verified), (None, None));
    }

    #[test]
    fn an_address_that_kakao_calls_invalid_is_not_verified() {
        let verified =
            |valid| finished("1", kakao_address, &json!({"kakao_account": {"is_email_valid": valid}}));

        assert_eq!(verified(true).email_verified, Some(true));
        assert_eq!(verified(false).email_verified, Some(false));
    }

    #[test]
    fn an_empty_picture_at_yandex_is_none() {
        assert_eq!(finished("1", yandex_picture, &json!({"is_avatar_empty": true})).image, None);
        assert!(finished("1", yandex_picture, &json!({"is_avatar_empty": false})).image.is_some());
    }
}
