//! The mail with the link, and the code if there is one.

use std::fmt::Write as _;
use std::time::Duration;

use maud::{DOCTYPE, PreEscaped, html};

use crate::Mail;
use crate::config::{EmailProvider, Theme};
use crate::language::{Texts, fill, marked};

/// What a mail says.
pub(super) struct Content<'a> {
    /// Where one signs in.
    pub(super) host: &'a str,
    pub(super) link: &'a str,
    /// The code and how long it counts.
    pub(super) code: Option<(&'a str, Duration)>,
}

/// The mail that asks to sign in by a link, or by its code.
pub(super) fn compose(
    address: &str,
    content: &Content<'_>,
    provider: &EmailProvider,
    theme: &Theme,
    texts: &Texts,
) -> Mail {
    let Content { host, link, code } = *content;
    let subject = fill(&texts.mail_subject, "host", host);
    let enter = code.map(|(code, max_age)| {
        let minutes = (max_age.as_secs() / 60).max(1).to_string();
        (code, fill(&texts.mail_code, "minutes", &minutes))
    });
    let mut text = format!("{subject}\n{link}\n\n");
    if let Some((code, enter)) = &enter {
        let _ = write!(text, "{enter}\n{code}\n\n{}\n\n", texts.mail_code_keep);
    }
    let _ = writeln!(text, "{}", texts.mail_not_you);
    let box_style = "max-width:28rem;margin:2rem auto;padding:2rem;border-radius:12px;background:#ffffff;\
                     font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;color:#191c24";
    let button = format!(
        "display:inline-block;padding:12px 24px;border-radius:8px;background:{};color:{};font-weight:600;\
         text-decoration:none",
        theme.brand_color, theme.button_text
    );
    let digits =
        "margin:0 0 1.5rem;font:600 1.75rem ui-monospace,Menlo,Consolas,monospace;letter-spacing:0.2em";
    // A zero-width space before each dot keeps mail programs from making a link of the host.
    let unlinked = host.replace('.', "\u{200b}.");
    let html = html! {
        (DOCTYPE)
        html lang=(texts.tag) dir=(texts.direction.as_str()) {
            head {
                meta charset="utf-8";
                title { (subject) }
            }
            body style="margin:0;padding:1px 1rem;background:#f4f5f8" {
                div style=(box_style) {
                    p style="margin:0 0 1.5rem;font-size:1.25rem" {
                        (marked(&texts.sign_in_to, "host", &unlinked))
                    }
                    p style="margin:0 0 1.5rem" {
                        a href=(link) style=(PreEscaped(&button)) { (texts.sign_in) }
                    }
                    @if let Some((code, enter)) = &enter {
                        p style="margin:0 0 0.5rem" { (enter) }
                        p style=(digits) dir="ltr" { (code) }
                        p style="margin:0 0 0.5rem;font-size:0.875rem;color:#565d6d" { (texts.mail_code_keep) }
                    }
                    p style="margin:0;font-size:0.875rem;color:#565d6d" {
                        (texts.mail_not_you)
                    }
                }
            }
        }
    };
    let mail = Mail::new(address, &provider.from, subject, text, html.into_string(), link);
    match code {
        Some((code, _)) => mail.with_code(code),
        None => mail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bodies_hold_the_link() {
        let provider = EmailProvider::new("App <no-reply@example.com>");
        let english = &crate::Language::built_in()[0];
        let link = "https://app.example.com/auth/callback/email?callbackUrl=x&token=t&email=e";

        let content = Content { host: "app.example.com", link, code: None };
        let mail = compose("ada@example.com", &content, &provider, &Theme::default(), english.texts());

        assert_eq!(mail.subject, "Sign in to app.example.com");
        assert_eq!(mail.from, "App <no-reply@example.com>");
        assert_eq!(
            mail.text,
            format!(
                "Sign in to app.example.com\n{link}\n\nIf you did not ask for this mail, you can ignore it.\n"
            )
        );
        assert!(mail.html.contains(&link.replace('&', "&amp;")));
        assert!(mail.html.contains("app\u{200b}.example\u{200b}.com"));
        assert!(mail.html.contains("background:#346df1;color:#fff"));
        assert_eq!(mail.code, None);
    }

    #[test]
    fn both_bodies_hold_the_code_and_how_long_it_counts() {
        let provider = EmailProvider::new("App <no-reply@example.com>");
        let english = &crate::Language::built_in()[0];
        let code = Some(("012345", Duration::from_mins(10)));

        let content = Content { host: "app.example.com", link: "https://app.example.com/l", code };
        let mail = compose("ada@example.com", &content, &provider, &Theme::default(), english.texts());

        assert_eq!(mail.code.as_deref(), Some("012345"));
        assert_eq!(
            mail.text,
            "Sign in to app.example.com\nhttps://app.example.com/l\n\nOr enter this code in the browser where you \
             asked for this mail. It is valid for 10 min.\n012345\n\nNever tell the code to anybody.\n\nIf you did \
             not ask for this mail, you can ignore it.\n"
        );
        assert!(mail.html.contains(">012345</p>"));
        assert!(mail.html.contains("valid for 10 min."));
        assert!(!mail.subject.contains("012345"));
    }
}
