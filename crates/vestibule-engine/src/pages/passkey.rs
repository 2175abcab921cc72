//! The form for passkeys on the page to sign in.

use maud::{Markup, html};

use crate::config::{PasskeyRegistration, WebAuthnProvider};
use crate::language::fill;
use crate::pages::Look;
use crate::pages::layout::hidden;
use crate::pages::sign_in::SignIn;

/// The form that the script fills and sends; its buttons do nothing before there is the script.
///
/// There is a field for an address where one can be registered, or where browsers are to offer passkeys in it. What is typed is
/// asked about only where it can be registered.
pub(super) fn form(look: &Look<'_>, provider: &WebAuthnProvider, show: &SignIn<'_>, first: bool) -> Markup {
    let Look { settings, texts, .. } = *look;
    let (id, base_path) = (provider.id.as_str(), &settings.base_path);
    let field = format!("email-for-{id}");
    let registers = provider.registration == PasskeyRegistration::ByAddress && !show.is_signed_in;
    let label = if registers { &texts.passkey_new } else { &texts.sign_in_with };
    // Without an action it is decided by whether the address is somebody's.
    let action = if registers { "" } else { "authenticate" };
    html! {
        form id=(format!("{id}-form")) method="post" action=(format!("{base_path}/callback/{id}"))
            data-options=(format!("{base_path}/webauthn-options/{id}")) data-offers[provider.conditional_ui]
            data-failed=(texts.passkey_failed) data-unsupported=(texts.passkey_unsupported) {
            (hidden("csrfToken", show.csrf_token))
            (hidden("callbackUrl", show.callback_url))
            (hidden("action", ""))
            (hidden("data", ""))
            noscript { p class="note" { (texts.passkey_no_script) } }
            p class="alert" role="alert" data-alert hidden {}
            @if registers || provider.conditional_ui {
                label for=(field) { (texts.email_address) }
                input type="email" name="email" id=(field) value=[show.email] data-form-field[registers] autofocus[first]
                    maxlength="254" autocomplete="username webauthn" autocapitalize="none" spellcheck="false"
                    placeholder=(texts.email_example);
            }
            button class="button" type="submit" data-action=(action) disabled {
                (fill(label, "provider", &provider.name))
            }
            @if show.is_signed_in {
                button class="button" type="submit" data-action="register" disabled { (texts.passkey_register) }
            }
        }
    }
}
