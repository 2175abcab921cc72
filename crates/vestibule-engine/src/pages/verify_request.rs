//! The page after a mail was sent. It says the same for every address, known or not.

use http::StatusCode;
use maud::{Markup, html};
use vestibule_core::ProviderId;

use crate::code::CodeProblem;
use crate::language::marked;
use crate::pages::layout::{alert, hidden, home, page};
use crate::pages::{Look, Page};

/// The form for the code of a mail.
pub(crate) struct CodeForm<'a> {
    pub(crate) provider: &'a ProviderId,
    /// Where the mail went.
    pub(crate) address: &'a str,
    pub(crate) csrf_token: &'a str,
    pub(crate) callback_url: &'a str,
}

/// The page after a mail was sent, with a form in the browser that has a code to come.
pub(crate) fn verify_request(
    look: &Look<'_>,
    form: Option<&CodeForm<'_>>,
    problem: Option<CodeProblem>,
    status: StatusCode,
) -> Page {
    let Look { settings, origin, texts } = *look;
    let own = || format!("{}/signin", settings.base_path);
    let sign_in = settings.pages.sign_in.clone().unwrap_or_else(own);
    let content = html! {
        h1 { (texts.check_mail) }
        @if let Some(problem) = problem { (alert(problem.text(texts))) }
        @if let Some(form) = form {
            p { (marked(&texts.code_on_its_way, "email", form.address)) }
            (code(look, form, problem))
        } @else if problem.is_none() {
            p { (marked(&texts.mail_on_its_way, "host", origin.host())) }
        }
        @if problem.is_some() && form.is_none() {
            p class="action" { a class="button" href=(sign_in) { (texts.ask_again) } }
        } @else {
            p { (texts.mail_not_there) }
        }
        @if let Some(mailbox) = &settings.mailbox_url {
            p class="note" {
                (texts.mailbox) " "
                a href=(mailbox) { (texts.mailbox_link) }
            }
        }
        (home(look))
    };
    page(look, status, &texts.check_mail, &content)
}

fn code(look: &Look<'_>, form: &CodeForm<'_>, problem: Option<CodeProblem>) -> Markup {
    let Look { settings, texts, .. } = *look;
    let wrong = problem.is_some();
    html! {
        form method="post" action=(format!("{}/callback/{}", settings.base_path, form.provider)) {
            (hidden("csrfToken", form.csrf_token))
            (hidden("callbackUrl", form.callback_url))
            label for="code" { (texts.code_label) }
            input class="code" type="text" name="code" id="code" dir="ltr" required autofocus maxlength="20"
                inputmode="numeric" autocomplete="one-time-code" autocapitalize="none" spellcheck="false"
                aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("alert")];
            button class="button" type="submit" { (texts.sign_in) }
        }
    }
}
