//! The mail with the link.

use maud::{DOCTYPE, PreEscaped, html};

use crate::Mail;
use crate::config::{EmailProvider, Theme};
use crate::language::{Texts, fill, marked};

/// The mail that asks to sign in at `host` by `link`.
pub(super) fn compose(
    address: &str,
    host: &str,
    link: &str,
    provider: &EmailProvider,
    theme: &Theme,
    texts: &Texts,
) -> Mail {
    let subject = fill(&texts.mail_subject, "host", host);
    let text = format!("{subject}\n{link}\n\n{}\n", texts.mail_not_you);
    let box_style = "max-width:28rem;margin:2rem auto;padding:2rem;border-radius:12px;background:#ffffff;\
                     font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;color:#191c24";
    let button = format!(
        "display:inline-block;padding:12px 24px;border-radius:8px;background:{};color:{};font-weight:600;\
         text-decoration:none",
        theme.brand_color, theme.button_text
    );
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
                    p style="margin:0;font-size:0.875rem;color:#565d6d" {
                        (texts.mail_not_you)
                    }
                }
            }
        }
    };
    Mail::new(address, &provider.from, subject, text, html.into_string(), link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bodies_hold_the_link() {
        let provider = EmailProvider::new("App <no-reply@example.com>");
        let english = &crate::Language::built_in()[0];
        let link = "https://app.example.com/auth/callback/email?callbackUrl=x&token=t&email=e";

        let mail = compose(
            "ada@example.com",
            "app.example.com",
            link,
            &provider,
            &Theme::default(),
            english.texts(),
        );

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
    }
}
