//! What the built-in pages and mails say, in each language.
//!
//! A language is one file of data: texts by name, with `{host}` and the like where something is put in. Two are built in,
//! English and Korean; an application adds others, or says something else in these, with
//! [`Config::with_language`](crate::Config::with_language).

mod accept;
mod fill;

use serde::Deserialize;

pub(crate) use accept::choose;
pub(crate) use fill::{fill, marked};

/// A language of the built-in pages and mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(Texts);

/// Why a file is not a language.
#[derive(Debug, thiserror::Error)]
#[error("not a language of the pages: {0}")]
pub struct LanguageError(#[source] serde_json::Error);

impl Language {
    /// Reads a language from JSON of the form of the built-in ones, which are in `assets/languages` of this crate.
    ///
    /// # Errors
    ///
    /// [`LanguageError`], with what is missing or unknown.
    pub fn from_json(json: &str) -> Result<Self, LanguageError> {
        serde_json::from_str(json).map(Self).map_err(LanguageError)
    }

    /// The languages that are built in, English first.
    ///
    /// # Panics
    ///
    /// Never: a test reads each of them.
    #[expect(clippy::expect_used, reason = "the files are a part of the program, and a test reads them")]
    pub fn built_in() -> Vec<Self> {
        [include_str!("../../assets/languages/en.json"), include_str!("../../assets/languages/ko.json")]
            .map(|json| Self::from_json(json).expect("the file is whole"))
            .into()
    }

    /// The tag of the language (BCP 47), such as `en` or `pt-BR`.
    pub fn tag(&self) -> &str {
        &self.0.tag
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.0
    }
}

/// The direction in which a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Ltr,
    Rtl,
}

impl Direction {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// The texts of a language, by what they say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    pub(crate) tag: String,
    /// The name of the language in the language itself, for those who look into the file.
    #[serde(rename = "name")]
    _name: String,
    pub(crate) direction: Direction,
    pub(crate) sign_in: String,
    pub(crate) sign_in_to: String,
    pub(crate) sign_in_with: String,
    pub(crate) email_address: String,
    pub(crate) email_example: String,
    pub(crate) no_way_in: String,
    pub(crate) go_to: String,
    pub(crate) confirm_title: String,
    pub(crate) confirm_as: String,
    pub(crate) confirm_not_you: String,
    pub(crate) sign_out: String,
    pub(crate) sign_out_question: String,
    pub(crate) sign_out_of: String,
    pub(crate) check_mail: String,
    pub(crate) mail_on_its_way: String,
    pub(crate) mail_not_there: String,
    pub(crate) code_on_its_way: String,
    pub(crate) code_label: String,
    pub(crate) code_wrong: String,
    pub(crate) code_dead: String,
    pub(crate) code_absent: String,
    pub(crate) code_blocked: String,
    pub(crate) ask_again: String,
    pub(crate) mailbox: String,
    pub(crate) mailbox_link: String,
    pub(crate) mail_subject: String,
    pub(crate) mail_code: String,
    pub(crate) mail_code_keep: String,
    pub(crate) mail_not_you: String,
    pub(crate) error_configuration: String,
    pub(crate) error_configuration_text: String,
    pub(crate) error_access_denied: String,
    pub(crate) error_access_denied_text: String,
    pub(crate) error_verification: String,
    pub(crate) error_verification_text: String,
    pub(crate) error: String,
    pub(crate) error_text: String,
    pub(crate) outage: String,
    pub(crate) outage_text: String,
    pub(crate) too_many: String,
    pub(crate) too_many_text: String,
    pub(crate) too_many_here: String,
    pub(crate) not_found: String,
    pub(crate) did_not_work: String,
    pub(crate) unknown_provider: String,
    pub(crate) bad_request: String,
    pub(crate) bad_callback_url: String,
    pub(crate) bad_link: String,
    pub(crate) too_large: String,
    pub(crate) untrusted_host: String,
    pub(crate) wrong_credentials: String,
    pub(crate) not_linked: String,
    pub(crate) mail_not_sent: String,
    pub(crate) bad_email: String,
    pub(crate) form_expired: String,
    pub(crate) session_required: String,
    pub(crate) another_account: String,
    pub(crate) not_signed_in: String,
    pub(crate) error_passkey: String,
    pub(crate) error_passkey_text: String,
    pub(crate) passkey_register: String,
    pub(crate) passkey_new: String,
    pub(crate) passkey_no_script: String,
    pub(crate) passkey_unsupported: String,
    pub(crate) passkey_failed: String,
    pub(crate) passkey_taken: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_languages_are_whole() {
        let tags: Vec<_> = Language::built_in().iter().map(|language| language.tag().to_owned()).collect();

        assert_eq!(tags, ["en", "ko"]);
    }

    /// The names in braces, sorted.
    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_puts_the_same_things_into_each_text() {
        let read = |json| serde_json::from_str::<std::collections::BTreeMap<String, String>>(json).unwrap();
        let english = read(include_str!("../../assets/languages/en.json"));
        let korean = read(include_str!("../../assets/languages/ko.json"));

        for (name, text) in &english {
            assert_eq!(places(&korean[name]), places(text), "{name}");
        }
    }

    #[test]
    fn a_file_that_lacks_a_text_is_refused_by_name() {
        let half = include_str!("../../assets/languages/en.json").replace("\"outage\":", "\"outages\":");

        let message = Language::from_json(&half).unwrap_err().to_string();

        assert!(message.contains("outages"), "{message}");
    }
}
