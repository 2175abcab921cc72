//! The mailer that the environment names.

use std::collections::BTreeMap;
use std::sync::Arc;

use vestibule_http::{HttpClient, HyperClient};
use vestibule_mailers::{MailRegion, MailService, from_env};

fn named(text: &str) -> Result<Option<MailService>, String> {
    let variables: BTreeMap<_, _> = text.split_whitespace().filter_map(|pair| pair.split_once('=')).collect();
    let http: Arc<dyn HttpClient> = Arc::new(HyperClient::new());
    from_env(|name| variables.get(name).map(|value| (*value).to_owned()), http)
        .map(|mailer| mailer.map(|mailer| mailer.service().clone()))
        .map_err(|error| error.to_string())
}

#[test]
fn each_service_is_named_by_its_key() {
    for (text, service) in [
        ("AUTH_FORWARDEMAIL_KEY=k", MailService::ForwardEmail),
        (
            "AUTH_LOOPS_KEY=k AUTH_LOOPS_TRANSACTIONAL_ID=t",
            MailService::Loops { transactional_id: "t".into() },
        ),
        ("AUTH_MAILGUN_KEY=k", MailService::Mailgun(MailRegion::Us)),
        ("AUTH_MAILGUN_KEY=k AUTH_MAILGUN_REGION=EU", MailService::Mailgun(MailRegion::Eu)),
        ("AUTH_POSTMARK_KEY=k", MailService::Postmark),
        ("AUTH_RESEND_KEY=k AUTH_POSTMARK_KEY=", MailService::Resend),
        ("AUTH_SENDGRID_KEY=k", MailService::SendGrid),
    ] {
        assert_eq!(named(text), Ok(Some(service)), "{text}");
    }
}

#[test]
fn without_a_key_there_is_none() {
    assert_eq!(named("AUTH_LOOPS_TRANSACTIONAL_ID=t AUTH_MAILGUN_REGION=EU"), Ok(None));
}

#[test]
fn what_cannot_be_meant_is_an_error() {
    assert_eq!(
        named("AUTH_RESEND_KEY=k AUTH_SENDGRID_KEY=l").unwrap_err(),
        "there are keys of resend and of sendgrid; only one of them can send the mails"
    );
    assert_eq!(
        named("AUTH_LOOPS_KEY=k").unwrap_err(),
        "AUTH_LOOPS_TRANSACTIONAL_ID is missing: Loops needs the template of the mail"
    );
    assert_eq!(
        named("AUTH_MAILGUN_KEY=k AUTH_MAILGUN_REGION=Mars").unwrap_err(),
        "AUTH_MAILGUN_REGION is neither US nor EU"
    );
}
