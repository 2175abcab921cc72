//! How the user is found in what a provider tells.
//!
//! An expression is one or more alternatives, separated by ` | `: the first that is there counts. An alternative is a
//! path, `user.emails[0].email`, or a template, `{first_name} {last_name}`, which is there if each of its paths is.
//! Strings and numbers are there; an empty string is not. `{$name}` stands for an operator's option.

use serde_json::Value;
use vestibule_oauth::{ProfileError, UserInfo, UserInfoMapping};

use crate::values::Values;

/// What the expressions cannot say: changes the user after they were read.
pub(crate) type Finish = fn(&Value, &mut UserInfo);

/// Where in the profile the user is; an empty expression is never there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) email_verified: &'static str,
    pub(crate) image: &'static str,
    pub(crate) finish: Option<Finish>,
}

impl Fields {
    pub(crate) const NONE: Self =
        Self { id: "", name: "", email: "", email_verified: "", image: "", finish: None };

    /// The standard claims of OpenID Connect, as the originals read them.
    pub(crate) const CLAIMS: Self = Self {
        id: "sub | id",
        name: "name | nickname | preferred_username",
        email: "email",
        email_verified: "email_verified",
        image: "picture",
        finish: None,
    };

    /// The mapping that these fields describe, with the operator's options put in.
    pub(crate) fn mapping(&self, values: &Values) -> UserInfoMapping {
        let parse = |text: &str| Expression::parse(text, values);
        let (id, name, email) = (parse(self.id), parse(self.name), parse(self.email));
        let (verified, image) = (parse(self.email_verified), parse(self.image));
        let finish = self.finish;
        let mapping = UserInfoMapping::new(move |profile| {
            let mut user = UserInfo::new(id.text(profile).ok_or(ProfileError::IdMissing)?);
            user.name = name.text(profile);
            user.email = email.text(profile);
            user.email_verified = verified.truth(profile);
            user.image = image.text(profile);
            if let Some(finish) = finish {
                finish(profile, &mut user);
            }
            if user.email.is_none() {
                user.email_verified = None;
            }
            Ok(user)
        });
        // Entra ID has its word for it only where a tenant asks for one.
        let is_silent = matches!(self.email_verified, "" | "xms_edov");
        if is_silent { mapping.without_verified_addresses() } else { mapping }
    }
}

/// Alternatives, in order.
#[derive(Debug)]
struct Expression(Vec<Vec<Part>>);

/// A piece of a template.
#[derive(Debug, PartialEq)]
enum Part {
    Literal(String),
    Path(Vec<Step>),
}

/// A step into a value.
#[derive(Debug, PartialEq)]
enum Step {
    Member(String),
    Element(usize),
}

impl Expression {
    fn parse(text: &str, values: &Values) -> Self {
        let alternatives = text.split(" | ").filter(|alternative| !alternative.is_empty());
        Self(alternatives.map(|alternative| parts(alternative, values)).collect())
    }

    /// The text of the first alternative that is there.
    fn text(&self, profile: &Value) -> Option<String> {
        self.0.iter().find_map(|parts| {
            let text: String = parts.iter().map(|part| part.text(profile)).collect::<Option<_>>()?;
            (!text.is_empty()).then_some(text)
        })
    }

    /// Whether the first alternative that says so says yes: a boolean, one as text (Apple's way), 1 or 0 (Zoom's).
    fn truth(&self, profile: &Value) -> Option<bool> {
        self.0.iter().find_map(|parts| match parts.as_slice() {
            [Part::Path(path)] => match look_up(profile, path)? {
                Value::Bool(truth) => Some(*truth),
                Value::String(text) => truth_of(text),
                Value::Number(number) => truth_of(&number.to_string()),
                _ => None,
            },
            _ => None,
        })
    }
}

impl Part {
    fn text(&self, profile: &Value) -> Option<String> {
        match self {
            Self::Literal(text) => Some(text.clone()),
            Self::Path(path) => match look_up(profile, path)? {
                Value::String(text) => (!text.is_empty()).then(|| text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
        }
    }
}

fn truth_of(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn look_up<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get(name.as_str()),
        Step::Element(index) => value.get(index),
    })
}

fn parts(alternative: &str, values: &Values) -> Vec<Part> {
    if !alternative.contains('{') {
        return vec![Part::Path(path(alternative))];
    }
    let mut parts = Vec::new();
    let mut rest = alternative;
    while let Some((literal, more)) = rest.split_once('{') {
        let (name, after) = more.split_once('}').unwrap_or((more, ""));
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        parts.push(match name.strip_prefix('$') {
            Some(option) => Part::Literal(values.get(option).unwrap_or_default().to_owned()),
            None => Part::Path(path(name)),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    parts
}

/// `a.b[0]` as steps.
fn path(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for member in text.split('.') {
        let mut pieces = member.split(['[', ']']).filter(|piece| !piece.is_empty());
        steps.extend(pieces.next().map(|name| Step::Member(name.to_owned())));
        steps.extend(pieces.filter_map(|piece| piece.parse().ok()).map(Step::Element));
    }
    steps
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(expression: &str, profile: &Value) -> Option<String> {
        Expression::parse(expression, &Values::default()).text(profile)
    }

    fn truth(profile: &Value) -> Option<bool> {
        Expression::parse("v", &Values::default()).truth(profile)
    }

    #[test]
    fn a_path_leads_through_members_and_elements() {
        let profile = json!({"user": {"emails": [{"email": "a@example.com"}], "id": 7}});

        assert_eq!(text("user.emails[0].email", &profile), Some("a@example.com".into()));
        assert_eq!(text("user.id", &profile), Some("7".into()));
        assert_eq!(text("user.emails[1].email", &profile), None);
        assert_eq!(text("user", &profile), None);
        assert_eq!(text("user.id.more", &profile), None);
    }

    #[test]
    fn the_first_alternative_that_is_there_counts() {
        let profile = json!({"a": null, "b": "", "c": "x", "d": "y", "e": true});

        assert_eq!(text("z | a | b | e | c | d", &profile), Some("x".into()));
        assert_eq!(text("z | a", &profile), None);
        assert_eq!(text("", &profile), None);
    }

    #[test]
    fn a_template_is_there_if_all_of_it_is() {
        let profile = json!({"first": "Mira", "last": "Solheim"});

        assert_eq!(text("{first} {last}!", &profile), Some("Mira Solheim!".into()));
        assert_eq!(text("{first} {middle} {last} | {last}, {first}", &profile), Some("Solheim, Mira".into()));
    }

    #[test]
    fn whole_numbers_are_written_as_they_are() {
        let profile = json!({"id": 18_446_744_073_709_551_615_u64});

        assert_eq!(text("id", &profile), Some("18446744073709551615".into()));
    }

    #[test]
    fn truth_is_a_boolean_its_name_or_a_digit() {
        assert_eq!(truth(&json!({"v": true})), Some(true));
        assert_eq!(truth(&json!({"v": "false"})), Some(false));
        assert_eq!(truth(&json!({"v": 1})), Some(true));
        assert_eq!(truth(&json!({"v": "1"})), Some(true));
        assert_eq!(truth(&json!({"v": 0})), Some(false));
        for other in
            [json!({"v": "yes"}), json!({"v": 2}), json!({"v": null}), json!({"v": [true]}), json!({})]
        {
            assert_eq!(truth(&other), None, "{other}");
        }
    }

    #[test]
    fn an_address_that_is_not_told_is_neither_verified_nor_unverified() {
        let fields = Fields { id: "id", email: "email", email_verified: "v", ..Fields::NONE };

        let user = fields.mapping(&Values::default()).read(&json!({"id": "1", "v": true})).unwrap();

        assert_eq!(user.email_verified, None);
    }

    #[test]
    fn without_an_id_there_is_no_user() {
        let mapping = Fields { id: "data.id", ..Fields::NONE }.mapping(&Values::default());

        for profile in
            [json!({"error": "x"}), json!({"data": {"id": ""}}), json!({"data": {"id": null}}), json!([])]
        {
            assert_eq!(mapping.read(&profile), Err(ProfileError::IdMissing), "{profile}");
        }
    }
}
