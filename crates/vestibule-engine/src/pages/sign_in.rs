//! The page to sign in.

use http::StatusCode;
use maud::{Markup, html};

use crate::config::settings::Settings;
use crate::config::{CredentialsProvider, EmailProvider, OAuthProvider, Provider};
use crate::http::Origin;
use crate::pages::Page;
use crate::pages::layout::{alert, hidden, page};

/// What the page shows.
pub(crate) struct SignIn<'a> {
    pub(crate) csrf_token: &'a str,
    pub(crate) callback_url: &'a str,
    /// An error code of Auth.js.
    pub(crate) error: Option<&'a str>,
    /// What to fill into the field for the address.
    pub(crate) email: Option<&'a str>,
    pub(crate) status: StatusCode,
}

/// The page to sign in.
pub(crate) fn sign_in(settings: &Settings, origin: &Origin, show: &SignIn<'_>) -> Page {
    let content = html! {
        h1 { "Sign in to " (origin.host()) }
        @if let Some(code) = show.error { (alert(explain(code))) }
        @for (index, provider) in settings.providers.iter().enumerate() {
            @if index > 0 && is_apart(&settings.providers[index - 1], provider) { hr; }
            @match provider {
                Provider::Credentials(provider) => (by_credentials(settings, provider, show, index == 0)),
                Provider::Email(provider) => (by_email(settings, provider, show, index == 0)),
                Provider::OAuth(provider) => (by_account(settings, provider, show)),
            }
        }
        @if settings.providers.is_empty() {
            p { "No way to sign in is set up." }
        }
    };
    page(settings, origin, show.status, "Sign in", &content)
}

/// Whether a line stands between two ways to sign in; buttons stand together.
fn is_apart(one: &Provider, other: &Provider) -> bool {
    !matches!((one, other), (Provider::OAuth(_), Provider::OAuth(_)))
}

fn by_account(settings: &Settings, provider: &OAuthProvider, show: &SignIn<'_>) -> Markup {
    html! {
        form method="post" action=(format!("{}/signin/{}", settings.base_path, provider.id)) {
            (hidden("csrfToken", show.csrf_token))
            (hidden("callbackUrl", show.callback_url))
            button class="button" type="submit" { "Sign in with " (provider.provider.name()) }
        }
    }
}

fn by_credentials(
    settings: &Settings,
    provider: &CredentialsProvider,
    show: &SignIn<'_>,
    first: bool,
) -> Markup {
    let id = provider.id.as_str();
    let wrong = show.error == Some("CredentialsSignin");
    html! {
        form method="post" action=(format!("{}/callback/{id}", settings.base_path)) {
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
            button class="button" type="submit" { "Sign in with " (provider.name) }
        }
    }
}

fn by_email(settings: &Settings, provider: &EmailProvider, show: &SignIn<'_>, first: bool) -> Markup {
    let id = provider.id.as_str();
    let field = format!("email-for-{id}");
    let wrong = show.status == StatusCode::BAD_REQUEST;
    html! {
        form method="post" action=(format!("{}/signin/{id}", settings.base_path)) {
            (hidden("csrfToken", show.csrf_token))
            (hidden("callbackUrl", show.callback_url))
            label for=(field) { "E-mail address" }
            input type="email" name="email" id=(field) value=[show.email] autofocus[first] required
                maxlength="254" autocomplete="email" autocapitalize="none" spellcheck="false"
                placeholder="you@example.com" aria-invalid=[wrong.then_some("true")]
                aria-describedby=[wrong.then_some("alert")];
            button class="button" type="submit" { "Sign in with " (provider.name) }
        }
    }
}

/// What an error code of Auth.js means to the one who tries to sign in.
fn explain(code: &str) -> &'static str {
    match code {
        "CredentialsSignin" => "Sign in failed. Check that the details you gave are correct.",
        "OAuthAccountNotLinked" => {
            "To confirm that it is you, sign in with the same account that you used before."
        }
        "EmailSignin" => "The e-mail could not be sent. Check the address and try again.",
        "InvalidEmail" => "This is not an e-mail address. Check it and try again.",
        "MissingCSRF" => "This form was no longer valid. Please try again.",
        "SessionRequired" => "Please sign in to see this page.",
        "Signin" | "OAuthSignin" | "OAuthCallbackError" | "OAuthCreateAccount" | "EmailCreateAccount"
        | "Callback" => "Try to sign in with another account.",
        _ => "You could not be signed in. Please try again.",
    }
}
