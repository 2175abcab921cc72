//! From an entry and an operator's settings to a provider.

use url::Url;
use vestibule_oauth::{ClientAuth, Endpoint, Provider, Quirk};

use crate::entry::{Entry, Issuer};
use crate::options::{OptionKind, OptionSpec};
use crate::settings::{Settings, SettingsError};
use crate::values::Values;

impl Entry {
    /// Sets the provider up.
    ///
    /// Nothing is asked of the provider itself: that it knows the client turns out at the first sign-in.
    ///
    /// # Errors
    ///
    /// The first [`SettingsError`].
    pub fn provider(&self, settings: &Settings) -> Result<Provider, SettingsError> {
        self.set_up(settings).map_err(|mut errors| errors.swap_remove(0))
    }

    /// As [`provider`](Self::provider), with all errors, of which there is at least one.
    pub(crate) fn set_up(&self, settings: &Settings) -> Result<Provider, Vec<SettingsError>> {
        let mut errors = Vec::new();
        let values = self.values(settings, &mut errors);
        if settings.client_id.is_empty() {
            errors.insert(0, self.missing("id", "the id of a client"));
        }
        let by_key = self.key_instead.map_or(Ok(None), |key_instead| key_instead(self, &values));
        let by_key = by_key.unwrap_or_else(|error| {
            errors.push(error);
            // Whoever gives half a key wants no secret.
            Some(ClientAuth::None)
        });
        let client_auth = settings.client_auth.clone().or(by_key);
        let secret = settings.client_secret.as_ref().filter(|secret| !secret.expose().is_empty());
        if secret.is_none() && client_auth.is_none() {
            errors.push(self.missing("secret", "the secret of the client"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }

        let mut provider = self
            .endpoints(Provider::new(self.id, self.name, self.kind), &values)
            .with_client_id(settings.client_id.as_str())
            .with_client_auth(match client_auth {
                Some(client_auth) => client_auth,
                None if self.secret_in_body => ClientAuth::Post,
                None => ClientAuth::Basic,
            })
            .with_scope(settings.scope.as_deref().unwrap_or(self.scope))
            .with_checks(self.checks)
            .with_response_mode(self.response_mode)
            .with_profile_source(self.profile_source)
            .with_mapping(self.fields.mapping(&values));
        if let Some(secret) = secret {
            provider = provider.with_client_secret(secret.clone());
        }
        if let Some(alg) = self.id_token_alg {
            provider = provider.with_id_token_alg(alg);
        }
        if let Some(alg) = self.user_info_alg {
            provider = provider.with_user_info_alg(alg);
        }
        if self.bearer_implied {
            provider = provider.with_quirk(Quirk::TokenTypeMissing);
        }
        if settings.plain_http {
            provider = provider.with_plain_http();
        }
        Ok(match self.also {
            Some(also) => also(provider, &values),
            None => provider,
        })
    }

    /// Puts the options into the URLs. What an endpoint needs is required, or has a default.
    fn endpoints(&self, mut provider: Provider, values: &Values) -> Provider {
        let known: Vec<&str> =
            self.options.iter().map(OptionSpec::name).chain(["issuer", "server"]).collect();
        let expand = |template: &str| values.expand(template, &known);
        let endpoint = |url: &str, params: &[(&'static str, &'static str)]| {
            params
                .iter()
                .filter_map(|(name, value)| Some((*name, expand(value)?)))
                .fold(Endpoint::new(expand(url).unwrap_or_default()), |endpoint, (name, value)| {
                    endpoint.with_param(name, value)
                })
        };
        if let Some(issuer) = values.get("issuer") {
            provider = provider.with_issuer(issuer);
        }
        if let Some(url) = expand(self.discovery).filter(|url| !url.is_empty()) {
            provider = provider.with_discovery_url(url);
        }
        provider = provider.with_authorization(endpoint(self.authorization, self.params));
        if !self.token.is_empty() {
            provider = provider.with_token(endpoint(self.token, self.token_params));
        }
        if !self.user_info.is_empty() {
            provider = provider.with_user_info(endpoint(self.user_info, &[]));
        }
        provider
    }

    /// The options, checked, and the issuer made of them.
    fn values(&self, settings: &Settings, errors: &mut Vec<SettingsError>) -> Values {
        let mut values = Values::default();
        for spec in self.options {
            let given =
                settings.options.get(spec.name()).map(String::as_str).filter(|value| !value.is_empty());
            match given.or(spec.default()) {
                Some(value) => match spec.kind().read(value) {
                    Some(value) => values.put(spec.name(), value),
                    None => errors.push(self.malformed(spec.name(), spec.kind())),
                },
                None if spec.is_required() => errors.push(self.missing(spec.name(), spec.what())),
                None => {}
            }
        }
        values.put("client_id", settings.client_id.clone());
        let known: Vec<&str> = self.options.iter().map(OptionSpec::name).chain(["client_id"]).collect();
        let given = settings.issuer.as_deref().filter(|issuer| !issuer.is_empty());
        match (given, self.issuer) {
            (_, Issuer::None) => {}
            (Some(issuer), _) if is_issuer(issuer) => values.put("issuer", issuer.to_owned()),
            (Some(_), _) => errors.push(self.malformed("issuer", OptionKind::Url)),
            (None, Issuer::Required) => errors.push(self.missing("issuer", "the URL of its issuer")),
            (None, Issuer::Default(issuer)) => {
                values.put("issuer", values.expand(issuer, &known).unwrap_or_default());
            }
        }
        if let Some(issuer) = values.get("issuer") {
            values.put("server", issuer.trim_end_matches('/').to_owned());
        }
        values
    }

    pub(crate) fn missing(&self, suffix: &str, what: &'static str) -> SettingsError {
        SettingsError::Missing { provider: self.name, variable: self.variable(suffix), what }
    }

    pub(crate) fn malformed(&self, suffix: &str, kind: OptionKind) -> SettingsError {
        SettingsError::Malformed { variable: self.variable(suffix), expected: kind.described() }
    }
}

/// Where an issuer has a path, a slash at its end counts, so it stays.
fn is_issuer(issuer: &str) -> bool {
    OptionKind::Url.read(issuer).is_some() && Url::parse(issuer).is_ok()
}
