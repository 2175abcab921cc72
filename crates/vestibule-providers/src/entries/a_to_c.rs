//! 42-school to concept2.

use vestibule_oauth::Alg;

use super::unusual;
use crate::entry::{Entry, Issuer};
use crate::options::{OptionKind, OptionSpec};
use crate::words::{oauth, oidc};

pub(super) const ENTRIES: &[Entry] = &[
    oauth("42-school", "42 School")
        .at(
            "https://api.intra.42.fr/oauth/authorize",
            "https://api.intra.42.fr/oauth/token",
            "https://api.intra.42.fr/v2/me",
        )
        .scope("public")
        .user("id", "usual_full_name", "email", "image.link"),
    oidc("apple", "Apple", Issuer::Default("https://appleid.apple.com"))
        .scope("name email")
        .form_post()
        .secret_in_body()
        .without_pkce()
        .user("sub", "{user.name.firstName} {user.name.lastName} | user.name.firstName | email", "email", "")
        .takes(&[
            OptionSpec::optional("private_key", OptionKind::Pem, "the key that signs the client's secrets"),
            OptionSpec::optional("key_id", OptionKind::Word, "the id of the key"),
            OptionSpec::optional("team_id", OptionKind::Word, "the id of the team"),
        ])
        .also(unusual::apple)
        .or_by_key(unusual::apple_key)
        .colors("#000", "#fff")
        .note(
            "The name comes once, at the first consent, and unsigned. The secret is a JWT that lasts six months at \
             most: give it, or give `PRIVATE_KEY` (the `.p8` file), `KEY_ID` and `TEAM_ID` instead, and one is made \
             for each request. The callback is a `POST`.",
        ),
    oidc("asgardeo", "Asgardeo", Issuer::Required)
        .colors("#000", "#fff")
        .note("The issuer is `https://api.asgardeo.io/t/<organization>/oauth2/token`."),
    oauth("atlassian", "Atlassian")
        .at(
            "https://auth.atlassian.com/authorize",
            "https://auth.atlassian.com/oauth/token",
            "https://api.atlassian.com/me",
        )
        .params(&[("audience", "api.atlassian.com")])
        .scope("read:me")
        .without_pkce()
        .user("account_id", "name", "email", "picture")
        .verified("email_verified")
        .colors("#fff", "#0052cc"),
    oidc("auth0", "Auth0", Issuer::Required)
        .colors("#EB5424", "#fff")
        .note("The issuer ends with a slash: `https://<tenant>.eu.auth0.com/`."),
    oidc("authentik", "Authentik", Issuer::Required)
        .note("The issuer is that of the application, with the slash: `https://<host>/application/o/<slug>/`."),
    oidc("azure-ad", "Azure Active Directory", unusual::ENTRA)
        .scope("openid profile email User.Read")
        .user("sub", "name", "email", "")
        .verified("xms_edov")
        .takes(unusual::ENTRA_OPTIONS)
        .also(unusual::entra)
        .colors("#0072c6", "#fff")
        .note("The same as `microsoft-entra-id`, under its former name."),
    oidc("azure-ad-b2c", "Azure AD B2C", Issuer::Required)
        .discovered_at("{discovery}")
        .user("sub", "name | preferred_username", "emails[0]", "")
        .verified("")
        .takes(&[OptionSpec::optional(
            "discovery",
            OptionKind::UrlWithQuery,
            "the URL of the user flow's discovery document",
        )])
        .colors("#0072c6", "#fff")
        .note(
            "A user flow's document usually is not below its issuer: then `DISCOVERY` is \
             `https://<tenant>.b2clogin.com/<tenant>.onmicrosoft.com/<flow>/v2.0/.well-known/openid-configuration` \
             and the issuer what that document says. The original has no such option.",
        ),
    oauth("azure-devops", "Azure DevOps")
        .at(
            "https://app.vssps.visualstudio.com/oauth2/authorize",
            "https://app.vssps.visualstudio.com/oauth2/token",
            "https://app.vssps.visualstudio.com/_apis/profile/profiles/me?details=true&coreAttributes=Avatar&api-version=6.0",
        )
        .params(&[("response_type", "Assertion")])
        .scope("vso.profile")
        .without_pkce()
        .user("id", "displayName", "emailAddress", "")
        .also(unusual::azure_devops)
        .note(
            "The original does not work: it redeems the code in the standard's way, at the authorization endpoint. \
             Here it is redeemed as Azure DevOps documents it, as an assertion at `/oauth2/token`, with the client's \
             secret as `client_assertion`. The picture, which is a `data:` URI, is left out. Microsoft registers no new \
             applications for this; use `microsoft-entra-id`.",
        ),
    oidc("bankid-no", "BankID Norge", Issuer::Default("https://auth.bankid.no/auth/realms/prod"))
        .params(&[("ui_locales", "no"), ("login_hint", "BIS")])
        .secret_in_body()
        .told_by_user_info()
        .user_info_alg(Alg::Rs256)
        .user("sub", "name", "email", "")
        .colors("#39134c", "#fff"),
    oidc("battlenet", "Battle.net", Issuer::Default("https://oauth.battle.net"))
        .user("sub", "battle_tag", "", "")
        .colors("#148eff", "#fff")
        .note("The original wants the issuer; in China it is `https://oauth.battlenet.com.cn`."),
    oidc("beyondidentity", "Beyond Identity", Issuer::Required)
        .user("sub", "name", "email", "")
        .colors("#5077c5", "#fff")
        .note("The original also hands `preferred_username` to the user's row, which has no such column."),
    oauth("bitbucket", "Bitbucket")
        .at(
            "https://bitbucket.org/site/oauth2/authorize",
            "https://bitbucket.org/site/oauth2/access_token",
            "https://api.bitbucket.org/2.0/user",
        )
        .scope("account")
        .user("account_id", "display_name | username", "", "links.avatar.href")
        .colors("#205081", "#fff"),
    oauth("box", "Box")
        .at(
            "https://account.box.com/api/oauth2/authorize",
            "https://api.box.com/oauth2/token",
            "https://api.box.com/2.0/users/me",
        )
        .user("id", "name", "login", "avatar_url")
        .colors("#0075C9", "#fff"),
    oauth("boxyhq-saml", "BoxyHQ SAML")
        .on_a_server_of_ones_own()
        .at("{server}/api/oauth/authorize", "{server}/api/oauth/token", "{server}/api/oauth/userinfo")
        .params(&[("provider", "saml"), ("tenant", "{tenant}"), ("product", "{product}")])
        .user("id", "{firstName} {lastName} | firstName | lastName", "email", "")
        .takes(&[
            OptionSpec::optional("tenant", OptionKind::Text, "the tenant"),
            OptionSpec::optional("product", OptionKind::Text, "the product"),
        ])
        .color("#25c2a0")
        .note(
            "The issuer is the URL of the server. With the client's id `dummy` it wants `TENANT` and `PRODUCT`; where \
             the browser chooses the tenant, allow that parameter with `Provider::with_allowed_param`.",
        ),
    oauth("bungie", "Bungie")
        .at(
            "https://www.bungie.net/en/OAuth/Authorize?reauth=true",
            "https://www.bungie.net/platform/app/oauth/token/",
            "https://www.bungie.net/Platform/User/GetMembershipsForCurrentUser/",
        )
        .user("Response.bungieNetUser.membershipId", "Response.bungieNetUser.displayName", "", "")
        .finish(unusual::bungie_picture)
        .takes(&[OptionSpec::required("api_key", OptionKind::Text, "the application's API key")])
        .also(unusual::bungie)
        .note(
            "The original does not work: its userinfo URL has a placeholder that nobody fills in, and the API key is \
             not sent. Here the endpoint for the signed-in user is asked, with the key.",
        ),
    oauth("click-up", "ClickUp")
        .at(
            "https://app.clickup.com/api",
            "https://api.clickup.com/api/v2/oauth/token",
            "https://api.clickup.com/api/v2/user",
        )
        .secret_in_body()
        .bearer_implied()
        .without_pkce()
        .user("user.id", "user.username", "user.email", "user.profilePicture")
        .colors("#24292f", "#fff")
        .note(
            "The original leaves the address out, hands `profilePicture` and `color` to the user's row, which has no \
             such columns, and sends the secret in a header that ClickUp does not document.",
        ),
    oidc("cognito", "Cognito", Issuer::Required)
        .color("#C17B9E")
        .note("The issuer is `https://cognito-idp.<region>.amazonaws.com/<pool>`."),
    oauth("coinbase", "Coinbase")
        .at(
            "https://login.coinbase.com/oauth2/auth",
            "https://login.coinbase.com/oauth2/token",
            "https://api.coinbase.com/v2/user",
        )
        .scope("wallet:user:email wallet:user:read")
        .user("data.id", "data.name", "data.email", "data.avatar_url")
        .color("#0052ff"),
    oauth("concept2", "Concept2")
        .at(
            "https://log.concept2.com/oauth/authorize",
            "https://log.concept2.com/oauth/access_token",
            "https://log.concept2.com/api/users/me",
        )
        .scope("user:read,results:write")
        .user("data.id", "data.username", "data.email", "data.profile_image")
        .note("The scope is the original's; `user:read` suffices to sign in."),
];
