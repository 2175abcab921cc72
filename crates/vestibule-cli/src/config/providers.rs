//! Ways to sign in beside e-mail: of the catalogue by variables of the environment, of the catalogue or of one's own by the
//! file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use vestibule_engine::oauth::{Kind, Provider};
use vestibule_engine::{Linking, OAuthProvider};
use vestibule_providers::Entry;

use super::merge::Problems;
use super::{Env, Hidden, Mode, Sources};

/// `[[provider]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProviderSection {
    /// The id in URLs; without `type` also the name in the catalogue, unless `catalogue` says another.
    pub(super) id: String,
    catalogue: Option<String>,
    /// `oidc` or `oauth`, for one that is not in the catalogue.
    pub(super) r#type: Option<String>,
    pub(super) name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Hidden>,
    issuer: Option<String>,
    scope: Option<String>,
    authorization: Option<String>,
    token: Option<String>,
    userinfo: Option<String>,
    /// What the entry of the catalogue asks for besides.
    options: BTreeMap<String, String>,
    linking: Option<String>,
    /// Without TLS, which is for a provider on this machine.
    plain_http: bool,
    // These five are of passkeys.
    pub(super) relying_party_id: Option<String>,
    pub(super) relying_party_name: Option<String>,
    pub(super) origins: Vec<String>,
    /// `when-signed-in` or `by-address`
    pub(super) registration: Option<String>,
    pub(super) conditional_ui: Option<bool>,
}

impl Sources {
    /// The providers of the file in its order, then those of the environment: in the catalogue's order, passkeys last.
    pub(super) fn providers(&self, problems: &mut Problems) -> Vec<vestibule_engine::Provider> {
        let mut providers = Vec::new();
        let mut entries = BTreeSet::new();
        for section in &self.file.provider {
            let place = format!("provider {:?} in the configuration file", section.id);
            if section.is_passkey() {
                match section.passkey() {
                    Ok(provider) => providers.push(provider.into()),
                    Err(problem) => problems.add(&place, &problem),
                }
                continue;
            }
            let read = match section.r#type.as_deref() {
                None => section.of_catalogue(&self.env, &mut entries),
                Some("oidc") => section.of_its_own(Kind::Oidc, &self.env),
                Some("oauth") => section.of_its_own(Kind::OAuth, &self.env),
                Some(_) => Err("type: write \"oidc\", \"oauth\", or leave it out for the catalogue".into()),
            };
            let linked = read.and_then(|provider| {
                if let Some(key) = section.key_of_passkeys() {
                    return Err(format!("{key}: is for passkeys"));
                }
                let linking = section.linking()?;
                Ok(OAuthProvider::new(provider).with_linking(linking))
            });
            match linked {
                Ok(provider) => providers.push(provider.into()),
                Err(problem) => problems.add(&place, &problem),
            }
        }
        for entry in vestibule_providers::all().filter(|entry| !entries.contains(entry.id())) {
            let Some(settings) = entry.settings_from_env(|name| self.env.get(name).map(str::to_owned)) else {
                continue;
            };
            match entry.provider(&settings) {
                Ok(provider) => providers.push(provider.into()),
                Err(error) => problems.add(entry.name(), &error.to_string()),
            }
        }
        providers.extend(self.passkeys_of_environment(problems).into_iter().map(Into::into));
        providers
    }

    /// Whether providers may be at addresses that are not of the public Internet: in development, where it is said, and
    /// where one of them is said to need no TLS.
    pub(super) fn private_providers(&self, mode: Mode) -> bool {
        let without_tls = self.file.provider.iter().any(|section| section.plain_http);
        let asked = self.file.server.private_providers;
        asked.unwrap_or(mode == Mode::Development || without_tls)
    }
}

impl ProviderSection {
    /// The name that it has in the catalogue, if it is of there.
    pub(super) fn catalogued(&self) -> &str {
        self.catalogue.as_deref().unwrap_or(&self.id)
    }

    /// The key that says what only providers of OAuth have, if there is one.
    pub(super) fn key_of_oauth(&self) -> Option<&'static str> {
        let keys = [
            ("client_id", self.client_id.is_some()),
            ("client_secret", self.client_secret.is_some()),
            ("issuer", self.issuer.is_some()),
            ("scope", self.scope.is_some()),
            ("authorization", self.authorization.is_some()),
            ("token", self.token.is_some()),
            ("userinfo", self.userinfo.is_some()),
            ("options", !self.options.is_empty()),
            ("linking", self.linking.is_some()),
            ("plain_http", self.plain_http),
        ];
        keys.into_iter().find(|(_, is_there)| *is_there).map(|(key, _)| key)
    }

    /// One of the catalogue. What the file does not say, the environment may.
    fn of_catalogue(&self, env: &Env, entries: &mut BTreeSet<&'static str>) -> Result<Provider, String> {
        let own_urls = [&self.authorization, &self.token, &self.userinfo];
        if own_urls.into_iter().any(Option::is_some) {
            return Err("the catalogue knows its URLs; with URLs of your own, set its type".into());
        }
        let entry = vestibule_providers::find(self.catalogued()).ok_or(
            "is not in the catalogue; set its type to \"oidc\" and its issuer, or see docs/providers.md",
        )?;
        for option in self.options.keys() {
            if !entry.options().iter().any(|spec| spec.name() == option) {
                let known: Vec<_> =
                    entry.options().iter().map(vestibule_providers::OptionSpec::name).collect();
                return Err(format!("has no option {option:?}; it has: {}", known.join(", ")));
            }
        }
        entries.insert(entry.id());
        let settings = entry.settings_from_env(|name| {
            let said = self.said(entry, name);
            said.or_else(|| env.get(name)).map(str::to_owned)
        });
        let settings = settings.ok_or("client_id is missing")?;
        let settings = if self.plain_http { settings.with_plain_http() } else { settings };
        let provider = entry.provider(&settings).map_err(|error| error.to_string())?;
        let provider = provider.with_id(self.id.as_str());
        Ok(match &self.name {
            Some(name) => provider.with_name(name.as_str()),
            None => provider,
        })
    }

    /// What the file says in place of a variable of an entry.
    fn said(&self, entry: &Entry, variable: &str) -> Option<&str> {
        let fixed = [
            ("id", self.client_id.as_deref()),
            ("secret", self.client_secret.as_ref().map(|secret| secret.0.as_str())),
            ("issuer", self.issuer.as_deref()),
            ("scope", self.scope.as_deref()),
        ];
        let options = self.options.iter().map(|(name, value)| (name.as_str(), Some(value.as_str())));
        let mut all = fixed.into_iter().chain(options);
        all.find(|(suffix, _)| entry.variable(suffix) == variable).and_then(|(_, value)| value)
    }

    /// One that the catalogue does not have. Its secret may be in the environment, as `AUTH_<ID>_SECRET`.
    fn of_its_own(&self, kind: Kind, env: &Env) -> Result<Provider, String> {
        let variable =
            |suffix: &str| format!("AUTH_{}_{suffix}", self.id.to_ascii_uppercase().replace(['-', '.'], "_"));
        let client_id = self.client_id.as_deref().or_else(|| env.get(&variable("ID")));
        let client_id = client_id.ok_or("client_id is missing")?;
        let name = self.name.as_deref().unwrap_or(&self.id);
        let mut provider = Provider::new(self.id.as_str(), name, kind).with_client_id(client_id);
        let secret = self.client_secret.as_ref().map(|secret| secret.0.as_str());
        if let Some(secret) = secret.or_else(|| env.get(&variable("SECRET"))) {
            provider = provider.with_client_secret(secret);
        } else {
            provider = provider.with_client_auth(vestibule_engine::oauth::ClientAuth::None);
        }
        match (&self.issuer, kind) {
            (Some(issuer), _) => provider = provider.with_issuer(issuer.as_str()),
            (None, Kind::Oidc) => return Err("issuer is missing, which OpenID Connect begins with".into()),
            (None, Kind::OAuth) => {}
        }
        if kind == Kind::OAuth {
            let missing = [
                ("authorization", &self.authorization),
                ("token", &self.token),
                ("userinfo", &self.userinfo),
            ];
            if let Some((name, _)) = missing.into_iter().find(|(_, url)| url.is_none()) {
                return Err(format!("{name} is missing: the URL of that endpoint"));
            }
        }
        if let Some(url) = &self.authorization {
            provider = provider.with_authorization(url.as_str());
        }
        if let Some(url) = &self.token {
            provider = provider.with_token(url.as_str());
        }
        if let Some(url) = &self.userinfo {
            provider = provider.with_user_info(url.as_str());
        }
        if let Some(scope) = &self.scope {
            provider = provider.with_scope(scope.as_str());
        }
        Ok(if self.plain_http { provider.with_plain_http() } else { provider })
    }

    fn linking(&self) -> Result<Linking, String> {
        match self.linking.as_deref() {
            None | Some("when-signed-in") => Ok(Linking::WhenSignedIn),
            Some("same-verified-email") => Ok(Linking::SameVerifiedEmail),
            Some("dangerous-same-email") => Ok(Linking::DangerousSameEmail),
            Some(_) => {
                Err("linking: write \"when-signed-in\", \"same-verified-email\" or \"dangerous-same-email\""
                    .into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{CommonArgs, ServeArgs};

    fn ids(env: &[(&'static str, &str)], file: &str) -> Result<Vec<String>, String> {
        let settings = Sources::of(CommonArgs::default(), env, file).serve(&ServeArgs::default());
        let settings = settings.map_err(|failure| failure.to_string())?;
        Ok(settings.providers.iter().map(|provider| provider.id().as_str().to_owned()).collect())
    }

    const CORP: &str = "[[provider]]\nid = \"corp\"\ntype = \"oidc\"\nissuer = \"https://id.example\"\nclient_id = \"app\"\n";

    #[test]
    fn in_production_providers_are_on_the_public_internet_unless_said_otherwise() {
        let plain = format!("{CORP}plain_http = true\n");
        for (mode, file, expected) in [
            (Mode::Production, CORP, false),
            (Mode::Development, CORP, true),
            (Mode::Production, "[server]\nprivate_providers = true\n", true),
            (Mode::Development, "[server]\nprivate_providers = false\n", false),
            (Mode::Production, &*plain, true),
        ] {
            let sources = Sources::of(CommonArgs::default(), &[], file);
            assert_eq!(sources.private_providers(mode), expected, "{file}");
        }
    }

    #[test]
    fn the_environment_names_providers_of_the_catalogue() {
        let env = [("AUTH_GITHUB_ID", "id"), ("AUTH_GITHUB_SECRET", "secret")];

        assert_eq!(ids(&env, "").unwrap(), ["github"]);
        assert_eq!(ids(&env, CORP).unwrap(), ["corp", "github"]);
    }

    /// What an operator would say of an entry: its fixture knows the options.
    fn said_of(entry: &Entry, variable: &str) -> Option<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/providers");
        let file =
            std::fs::read_to_string(format!("{folder}/{}/settings.json", entry.id())).unwrap_or_default();
        let file: serde_json::Value = serde_json::from_str(&file).unwrap_or_default();
        let options = file["options"].as_object().into_iter().flatten();
        let mut options = options.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let fixed = [
            ("id", "client-id"),
            ("secret", "client-secret"),
            ("issuer", file["issuer"].as_str().unwrap_or("https://issuer.example.com")),
        ];
        let named = |(suffix, _): &(&str, &str)| entry.variable(suffix) == variable;
        let found =
            fixed.into_iter().filter(|(name, _)| *name != "issuer" || needs_issuer(entry)).find(named);
        found.or_else(|| options.find(named)).map(|(_, value)| value.to_owned())
    }

    fn needs_issuer(entry: &Entry) -> bool {
        entry.issuer() == Some(vestibule_providers::IssuerNeed::Required)
    }

    #[test]
    fn an_engine_takes_every_entry_of_the_catalogue() {
        use std::sync::Arc;
        use vestibule_engine::{Config, Engine, Parts};

        for entry in vestibule_providers::all() {
            let settings = entry.settings_from_env(|variable| said_of(entry, variable)).unwrap();
            let provider = entry.provider(&settings).unwrap();
            let config = Config::new("a secret of at least 32 characters")
                .with_base_url("https://app.example.com")
                .with_provider(OAuthProvider::new(provider));
            let client = Arc::new(vestibule_http::HyperClient::new());

            let made = Engine::new(config, Parts::without_store().with_http_client(client));

            assert!(made.is_ok(), "{}: {}", entry.id(), made.unwrap_err());
        }
    }

    #[test]
    fn half_a_provider_is_a_problem_that_names_the_variable() {
        let problem = ids(&[("AUTH_GITHUB_ID", "id")], "").unwrap_err();

        assert!(problem.contains("AUTH_GITHUB_SECRET"), "{problem}");
    }

    #[test]
    fn the_file_may_leave_the_secret_to_the_environment() {
        let file = "[[provider]]\nid = \"github\"\nclient_id = \"id\"\nlinking = \"same-verified-email\"\n";

        assert_eq!(ids(&[("AUTH_GITHUB_SECRET", "secret")], file).unwrap(), ["github"]);
    }

    #[test]
    fn one_entry_may_be_there_twice_under_two_ids() {
        let file = "[[provider]]\nid = \"work\"\ncatalogue = \"github\"\nclient_id = \"a\"\nclient_secret = \"x\"\n\
                    [[provider]]\nid = \"play\"\ncatalogue = \"github\"\nclient_id = \"b\"\nclient_secret = \"y\"\n";

        assert_eq!(ids(&[], file).unwrap(), ["work", "play"]);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (section, part) in [
            ("id = \"nowhere\"\nclient_id = \"a\"", "not in the catalogue"),
            ("id = \"corp\"\ntype = \"saml\"", "\"oidc\""),
            ("id = \"corp\"\ntype = \"oidc\"\nclient_id = \"a\"", "issuer is missing"),
            ("id = \"corp\"\ntype = \"oauth\"\nclient_id = \"a\"", "authorization is missing"),
            ("id = \"github\"\nclient_id = \"a\"\nclient_secret = \"s3cret\"\nlinking = \"yes\"", "linking"),
            ("id = \"github\"\nclient_id = \"a\"\noptions = { tenant = \"t\" }", "no option \"tenant\""),
            ("id = \"github\"\nclient_id = \"a\"\ntoken = \"https://x\"", "URLs of your own"),
        ] {
            let problem = ids(&[], &format!("[[provider]]\n{section}\n")).unwrap_err();

            assert!(problem.contains(part), "{problem}");
            assert!(!problem.contains("s3cret"), "{problem}");
        }
    }
}
