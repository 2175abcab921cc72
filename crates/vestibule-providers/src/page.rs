//! The page that tells operators what there is.

use std::fmt::Write;

use vestibule_oauth::Kind;

use crate::{Entry, IssuerNeed, OptionKind, OptionSpec, all};

const HEAD: &str = "# Sign-in providers

<!-- Written by `cargo xtask providers --write` from the catalogue in `crates/vestibule-providers`. -->

Every provider of OAuth and OpenID Connect that Auth.js has, under the same id, so that accounts in its database stay
what they are. Each wants `AUTH_<ID>_ID` and `AUTH_<ID>_SECRET`, the client's id and secret, in the environment, and the
variables below, of which those in **bold** must be given. `AUTH_<ID>_SCOPE` replaces the scope of any of them. Register
`<your origin>/auth/callback/<id>` as the redirect URI.

Sign-in works as in Auth.js, with these differences for all:

- PKCE and `state` protect each sign-in, and `nonce` too with OpenID Connect; what a provider cannot do is noted below.
- ID tokens are checked with the provider's keys. There is no user without an id at the provider.
- Where Auth.js asks a provider without scopes for `openid profile email`, nothing is asked for. An empty scope is not
  sent.
- Of a name in two parts of which one is missing, the other is taken, and not the text `undefined`.
- Pictures are URLs, never `data:` URIs.

*Verified* tells whether the provider says that an address is its user's.

";

const TAIL: &str = "
## The others

Auth.js has eleven more, which are no providers of OAuth:

| id | here |
|---|---|
| `email`, `nodemailer` | `EmailProvider`, with `SmtpMailer` of `vestibule-mailers`; the [program](../crates/vestibule-cli/README.md) reads `AUTH_EMAIL_SERVER` |
| `forwardemail`, `loops`, `mailgun`, `postmark`, `resend`, `sendgrid` | `EmailProvider`, with a mailer of `vestibule-mailers`: `AUTH_<ID>_KEY`, and `AUTH_LOOPS_TRANSACTIONAL_ID`, `AUTH_MAILGUN_REGION` (`US`, `EU`) |
| `credentials` | part of the engine |
| `passkey`, `webauthn` | `WebAuthnProvider` of the engine; the [program](../crates/vestibule-cli/README.md) has them with `AUTH_PASSKEY=true`, `AUTH_WEBAUTHN=true`; see [passkeys](passkeys.md) |
";

/// The text of `docs/providers.md`.
pub fn page() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(
        "| id | name | kind | checks | verified | variables besides `_ID` and `_SECRET` | notes |\n",
    );
    text.push_str("|---|---|---|---|---|---|---|\n");
    for entry in all() {
        let kind = match entry.kind {
            Kind::OAuth => "OAuth",
            Kind::Oidc => "OIDC",
        };
        let verified = match (entry.fields.email, entry.fields.email_verified) {
            ("", _) => "no address",
            (_, "") => "no",
            _ => "yes",
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {kind} | {} | {verified} | {} | {} |",
            entry.id,
            entry.name,
            checks(entry),
            variables(entry),
            entry.notes
        );
    }
    text.push_str(TAIL);
    text
}

fn checks(entry: &Entry) -> String {
    let all = [("PKCE", entry.checks.pkce), ("`state`", entry.checks.state), ("`nonce`", entry.checks.nonce)];
    let names: Vec<_> = all.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
    names.join(", ")
}

fn variables(entry: &Entry) -> String {
    let issuer = entry.issuer().map(|need| match need {
        IssuerNeed::Required => format!("**`{}`**", entry.variable("issuer")),
        IssuerNeed::Default(issuer) => format!("`{}` (`{issuer}`)", entry.variable("issuer")),
    });
    let options = entry.options.iter().map(|spec| variable(entry, spec));
    issuer.into_iter().chain(options).collect::<Vec<_>>().join("<br>")
}

fn variable(entry: &Entry, spec: &OptionSpec) -> String {
    let name = entry.variable(spec.name());
    let what = match (spec.kind(), spec.default()) {
        (OptionKind::OneOf(choices), _) => format!("`{}`", choices.join("`, `")),
        (_, Some(default)) => format!("`{default}`"),
        (_, None) => spec.what().to_owned(),
    };
    if spec.is_required() { format!("**`{name}`** ({what})") } else { format!("`{name}` ({what})") }
}
