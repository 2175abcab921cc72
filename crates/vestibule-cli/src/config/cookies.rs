//! Other names and attributes for cookies: the section `[cookies]`.

use std::time::Duration;

use serde::Deserialize;
use vestibule_engine::{CookieOverride, CookiePriority, Cookies, SameSite};

use super::Sources;
use super::merge::{Found, Problems};

/// `[cookies]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CookiesSection {
    pub(crate) secure: Option<bool>,
    pub(crate) session_token: CookieSection,
    pub(crate) callback_url: CookieSection,
    pub(crate) csrf_token: CookieSection,
    pub(crate) pkce_code_verifier: CookieSection,
    pub(crate) state: CookieSection,
    pub(crate) nonce: CookieSection,
    pub(crate) webauthn_challenge: CookieSection,
}

/// `[cookies.session_token]` and the others.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CookieSection {
    pub(crate) name: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) max_age: Option<u32>,
    pub(crate) http_only: Option<bool>,
    pub(crate) secure: Option<bool>,
    pub(crate) same_site: Option<String>,
    pub(crate) partitioned: Option<bool>,
    pub(crate) priority: Option<String>,
}

impl Sources {
    /// What the file says of cookies. Whether browsers would keep them the engine looks at itself.
    pub(super) fn cookies(&self, problems: &mut Problems) -> Cookies {
        let file = &self.file.cookies;
        let mut read = |cookie: &str, section: &CookieSection| section.read(cookie, problems);
        Cookies {
            secure: file.secure,
            session_token: read("session_token", &file.session_token),
            callback_url: read("callback_url", &file.callback_url),
            csrf_token: read("csrf_token", &file.csrf_token),
            pkce_code_verifier: read("pkce_code_verifier", &file.pkce_code_verifier),
            state: read("state", &file.state),
            nonce: read("nonce", &file.nonce),
            webauthn_challenge: read("webauthn_challenge", &file.webauthn_challenge),
        }
    }
}

impl CookieSection {
    fn read(&self, cookie: &str, problems: &mut Problems) -> CookieOverride {
        let same_site = Found::file(&format!("cookies.{cookie}.same_site"), self.same_site.as_deref());
        let priority = Found::file(&format!("cookies.{cookie}.priority"), self.priority.as_deref());
        CookieOverride {
            name: self.name.clone(),
            domain: self.domain.clone(),
            path: self.path.clone(),
            max_age: self.max_age.map(|seconds| Duration::from_secs(seconds.into())),
            http_only: self.http_only,
            secure: self.secure,
            same_site: same_site.and_then(|found| {
                problems.parse(&found, |text| match text.to_ascii_lowercase().as_str() {
                    "strict" => Ok(SameSite::Strict),
                    "lax" => Ok(SameSite::Lax),
                    "none" => Ok(SameSite::None),
                    _ => Err("write \"lax\", \"strict\" or \"none\"".to_owned()),
                })
            }),
            partitioned: self.partitioned,
            priority: priority.and_then(|found| {
                problems.parse(&found, |text| match text.to_ascii_lowercase().as_str() {
                    "low" => Ok(CookiePriority::Low),
                    "medium" => Ok(CookiePriority::Medium),
                    "high" => Ok(CookiePriority::High),
                    _ => Err("write \"low\", \"medium\" or \"high\"".to_owned()),
                })
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CommonArgs;

    fn cookies(file: &str) -> (Cookies, String) {
        let mut problems = Problems::default();
        let cookies = Sources::of(CommonArgs::default(), &[], file).cookies(&mut problems);
        let said = problems.end(()).err().map(|failure| failure.to_string()).unwrap_or_default();
        (cookies, said)
    }

    #[test]
    fn what_the_file_leaves_out_is_as_usual() {
        assert_eq!(cookies("").0, Cookies::default());
    }

    #[test]
    fn every_key_is_read() {
        let file = "[cookies]\nsecure = true\n[cookies.session_token]\nname = \"sid\"\ndomain = \"example.com\"\n\
                    path = \"/app\"\nmax_age = 60\nhttp_only = false\nsecure = false\nsame_site = \"None\"\n\
                    partitioned = true\npriority = \"high\"\n[cookies.nonce]\nname = \"n\"\n";

        let (cookies, problems) = cookies(file);

        let expected = Cookies {
            secure: Some(true),
            session_token: CookieOverride {
                name: Some("sid".into()),
                domain: Some("example.com".into()),
                path: Some("/app".into()),
                max_age: Some(Duration::from_mins(1)),
                http_only: Some(false),
                secure: Some(false),
                same_site: Some(SameSite::None),
                partitioned: Some(true),
                priority: Some(CookiePriority::High),
            },
            nonce: CookieOverride { name: Some("n".into()), ..CookieOverride::default() },
            ..Cookies::default()
        };
        assert_eq!((cookies, problems.as_str()), (expected, ""));
    }

    #[test]
    fn words_that_are_not_known_are_named_with_those_that_are() {
        let (_, problems) =
            cookies("[cookies.state]\nsame_site = \"loose\"\n[cookies.csrf_token]\npriority = \"1\"\n");

        for part in
            ["cookies.state.same_site in the", "\"strict\"", "cookies.csrf_token.priority", "\"medium\""]
        {
            assert!(problems.contains(part), "{part}: {problems}");
        }
    }
}
