//! Passkeys: switched on by a variable, since there is neither id nor secret, or by the file.

use vestibule_engine::{PasskeyRegistration, WebAuthnProvider};

use super::Sources;
use super::merge::{Found, Problems};
use super::providers::ProviderSection;

/// An id, the variable that switches it on, and what it is.
type Entry = (&'static str, &'static str, fn() -> WebAuthnProvider);

/// Those of Auth.js.
const CATALOGUE: [Entry; 2] = [
    ("passkey", "AUTH_PASSKEY", WebAuthnProvider::passkey),
    ("webauthn", "AUTH_WEBAUTHN", WebAuthnProvider::webauthn),
];

impl Sources {
    /// Those that variables switch on and the file does not have.
    pub(super) fn passkeys_of_environment(&self, problems: &mut Problems) -> Vec<WebAuthnProvider> {
        let missing = CATALOGUE.iter().filter(|(name, ..)| !self.sections_of(name).any(|_| true));
        let on = missing.filter(|(_, variable, _)| {
            let found = Found::env(&self.env, variable);
            found.and_then(|found| problems.parse(&found, parse_switch)).unwrap_or(false)
        });
        on.map(|(.., make)| make()).collect()
    }

    /// Whether the tables need a place for passkeys.
    pub(super) fn wants_passkeys(&self) -> bool {
        CATALOGUE.iter().any(|(name, variable, _)| {
            let switch = self.env.get(variable).map(parse_switch);
            self.sections_of(name).any(|_| true) || matches!(switch, Some(Ok(true)))
        })
    }

    fn sections_of(&self, name: &str) -> impl Iterator<Item = &ProviderSection> {
        self.file.provider.iter().filter(move |section| section.catalogued() == name && section.is_passkey())
    }
}

impl ProviderSection {
    /// Whether this is one of Auth.js' providers of WebAuthn.
    pub(super) fn is_passkey(&self) -> bool {
        self.r#type.is_none() && CATALOGUE.iter().any(|(name, ..)| *name == self.catalogued())
    }

    /// The key that says what only passkeys can have, if there is one.
    pub(super) fn key_of_passkeys(&self) -> Option<&'static str> {
        let keys = [
            ("relying_party_id", self.relying_party_id.is_some()),
            ("relying_party_name", self.relying_party_name.is_some()),
            ("origins", !self.origins.is_empty()),
            ("registration", self.registration.is_some()),
            ("conditional_ui", self.conditional_ui.is_some()),
        ];
        keys.into_iter().find(|(_, is_there)| *is_there).map(|(key, _)| key)
    }

    /// What the section says of passkeys.
    pub(super) fn passkey(&self) -> Result<WebAuthnProvider, String> {
        if let Some(key) = self.key_of_oauth() {
            return Err(format!("{key}: passkeys have none, since nobody else is asked"));
        }
        let name = self.catalogued();
        let (.., make) =
            CATALOGUE.iter().find(|(known, ..)| *known == name).ok_or("is no provider of passkeys")?;
        let mut provider = make().with_id(self.id.as_str());
        if let Some(name) = &self.name {
            provider = provider.with_name(name.as_str());
        }
        if let Some(id) = &self.relying_party_id {
            provider = provider.with_relying_party_id(id.as_str());
        }
        if let Some(name) = &self.relying_party_name {
            provider = provider.with_relying_party_name(name.as_str());
        }
        for origin in &self.origins {
            provider = provider.with_origin(origin.as_str());
        }
        if let Some(offers) = self.conditional_ui {
            provider = provider.with_conditional_ui(offers);
        }
        Ok(provider.with_registration(match self.registration.as_deref() {
            None | Some("when-signed-in") => PasskeyRegistration::WhenSignedIn,
            Some("by-address") => PasskeyRegistration::ByAddress,
            Some(_) => return Err("registration: write \"when-signed-in\" or \"by-address\"".into()),
        }))
    }
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("write true or false; passkeys have neither id nor secret".to_owned()),
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

    #[test]
    fn a_variable_switches_passkeys_on() {
        assert_eq!(ids(&[], "").unwrap(), Vec::<String>::new());
        assert_eq!(ids(&[("AUTH_PASSKEY", "true")], "").unwrap(), ["passkey"]);
        assert_eq!(ids(&[("AUTH_PASSKEY", "false"), ("AUTH_WEBAUTHN", "1")], "").unwrap(), ["webauthn"]);

        let problem = ids(&[("AUTH_PASSKEY", "an-id")], "").unwrap_err();
        assert!(problem.contains("AUTH_PASSKEY: write true or false"), "{problem}");
    }

    #[test]
    fn the_file_says_the_same_and_more() {
        let file = "[[provider]]\nid = \"passkey\"\nname = \"Keys\"\nrelying_party_id = \"example.com\"\n\
                    relying_party_name = \"Example\"\norigins = [\"https://app.example.com\"]\n\
                    registration = \"by-address\"\nconditional_ui = false\n";
        let renamed = "[[provider]]\nid = \"keys\"\ncatalogue = \"webauthn\"\n";

        assert_eq!(ids(&[], file).unwrap(), ["passkey"]);
        assert_eq!(ids(&[("AUTH_PASSKEY", "true")], file).unwrap(), ["passkey"]);
        assert_eq!(ids(&[("AUTH_WEBAUTHN", "true")], renamed).unwrap(), ["keys"]);
        assert_eq!(ids(&[("AUTH_PASSKEY", "true")], renamed).unwrap(), ["keys", "passkey"]);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (section, part) in [
            ("id = \"passkey\"\nregistration = \"always\"", "registration: write"),
            ("id = \"passkey\"\nclient_id = \"a\"", "client_id: passkeys have none"),
            ("id = \"passkey\"\nlinking = \"when-signed-in\"", "linking: passkeys have none"),
            (
                "id = \"github\"\nclient_id = \"a\"\nclient_secret = \"b\"\nregistration = \"by-address\"",
                "registration: is for passkeys",
            ),
        ] {
            let problem = ids(&[], &format!("[[provider]]\n{section}\n")).unwrap_err();

            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn tables_need_a_place_for_passkeys_where_there_are_some() {
        let wants = |env: &[(&'static str, &str)], file: &str| {
            Sources::of(CommonArgs::default(), env, file).wants_passkeys()
        };

        assert!(!wants(&[("AUTH_PASSKEY", "no")], "[[provider]]\nid = \"github\"\n"));
        assert!(wants(&[("AUTH_PASSKEY", "yes")], ""));
        assert!(wants(&[], "[[provider]]\nid = \"keys\"\ncatalogue = \"webauthn\"\n"));
    }
}
