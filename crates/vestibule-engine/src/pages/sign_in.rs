//! The page to sign in.

use http::StatusCode;
use maud::{Markup, html};

use crate::config::{CredentialsProvider, EmailProvider, OAuthProvider, Provider};
use crate::language::{Texts, fill};
use crate::pages::layout::{alert, hidden, page};
use crate::pages::{Look, Page, passkey, script};

/// What the page shows.
pub(crate) struct SignIn<'a> {
    pub(crate) csrf_token: &'a str,
    pub(crate) callback_url: &'a str,
    /// An error code of Auth.js.
    pub(crate) error: Option<&'a str>,
    /// What to fill into the field for the address.
    pub(crate) email: Option<&'a str>,
    pub(crate) status: StatusCode,
    /// Whether somebody is signed in already; of interest where there are passkeys.
    pub(crate) is_signed_in: bool,
}

/// The page to sign in.
pub(crate) fn sign_in(look: &Look<'_>, show: &SignIn<'_>) -> Page {
    let Look { settings, origin, texts } = *look;
    let has_passkeys = settings.providers.iter().any(|provider| matches!(provider, Provider::WebAuthn(_)));
    let content = html! {
        h1 { (fill(&texts.sign_in_to, "host", origin.host())) }
        @if let Some(code) = show.error { (alert(explain(code, texts))) }
        @for (index, provider) in settings.providers.iter().enumerate() {
            @if index > 0 && is_apart(&settings.providers[index - 1], provider) { hr; }
            @match provider {
                Provider::Credentials(provider) => (by_credentials(look, provider, show, index == 0)),
                Provider::Email(provider) => (by_email(look, provider, show, index == 0)),
                Provider::OAuth(provider) => (by_account(look, provider, show)),
                Provider::WebAuthn(provider) => (passkey::form(look, provider, show, index == 0)),
            }
        }
        @if settings.providers.is_empty() {
            p { (texts.no_way_in) }
        }
        @if has_passkeys { (script::element()) }
    };
    let mut page = page(look, show.status, &texts.sign_in, &content);
    if has_passkeys {
        script::allow(&mut page);
    }
    page
}

/// Whether a line stands between two ways to sign in; buttons stand together.
fn is_apart(one: &Provider, other: &Provider) -> bool {
    !matches!((one, other), (Provider::OAuth(_), Provider::OAuth(_)))
}

fn by_account(look: &Look<'_>, provider: &OAuthProvider, show: &SignIn<'_>) -> Markup {
    html! {
        form method="post" action=(format!("{}/signin/{}", look.settings.base_path, provider.id())) {
            (hidden("csrfToken", show.csrf_token))
            (hidden("callbackUrl", show.callback_url))
            button class="button" type="submit" { (fill(&look.texts.sign_in_with, "provider", provider.provider.name())) }
        }
    }
}

fn by_credentials(look: &Look<'_>, provider: &CredentialsProvider, show: &SignIn<'_>, first: bool) -> Markup {
    let id = provider.id.as_str();
    let wrong = show.error == Some("CredentialsSignin");
    html! {
        form method="post" action=(format!("{}/callback/{id}", look.settings.base_path)) {
            (hidden("csrfToken", show.csrf_token))
            (hidden("callbackUrl", show.callback_url))
            @for (index, field) in provider.fields.iter().enumerate() {
                @let field_id = format!("{}-for-{id}", field.name);
                label for=(field_id) { (field.label) }
                input type=(field.kind) name=(field.name) id=(field_id) autofocus[first && index == 0]
                    placeholder=[field.placeholder.as_deref()] autocomplete=[field.autocomplete.as_deref()]
                    autocapitalize="none" spellcheck="false" aria-invalid=[wrong.then_some("true")]
                    aria-describedby=[wrong.then_some("alert")];
            }
            button class="button" type="submit" { (fill(&look.texts.sign_in_with, "provider", &provider.name)) }
        }
    }
}

fn by_email(look: &Look<'_>, provider: &EmailProvider, show: &SignIn<'_>, first: bool) -> Markup {
    let id = provider.id.as_str();
    let field = format!("email-for-{id}");
    let wrong = show.status == StatusCode::BAD_REQUEST;
    html! {
        form method="post" action=(format!("{}/signin/{id}", look.settings.base_path)) {
            (hidden("csrfToken", show.csrf_token))
            (hidden("callbackUrl", show.callback_url))
            label for=(field) { (look.texts.email_address) }
            input type="email" name="email" id=(field) value=[show.email] autofocus[first] required
                maxlength="254" autocomplete="email" autocapitalize="none" spellcheck="false"
                placeholder=(look.texts.email_example) aria-invalid=[wrong.then_some("true")]
                aria-describedby=[wrong.then_some("alert")];
            button class="button" type="submit" { (fill(&look.texts.sign_in_with, "provider", &provider.name)) }
        }
    }
}

/// What an error code of Auth.js means to the one who tries to sign in.
fn explain<'a>(code: &str, texts: &'a Texts) -> &'a str {
    match code {
        "CredentialsSignin" => &texts.wrong_credentials,
        "OAuthAccountNotLinked" => &texts.not_linked,
        "AccountNotLinked" => &texts.passkey_taken,
        "EmailSignin" => &texts.mail_not_sent,
        "InvalidEmail" => &texts.bad_email,
        "MissingCSRF" => &texts.form_expired,
        "TooManyRequests" => &texts.too_many_here,
        "SessionRequired" => &texts.session_required,
        "Signin" | "OAuthSignin" | "OAuthCallbackError" | "OAuthCreateAccount" | "EmailCreateAccount"
        | "Callback" => &texts.another_account,
        _ => &texts.not_signed_in,
    }
}
