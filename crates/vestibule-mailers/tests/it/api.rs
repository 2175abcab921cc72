//! What each mail service is asked, by a real HTTP client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_core::SecretToken;
use vestibule_engine::{Mail, MailError, Mailer};
use vestibule_http::http::{Request, Response};
use vestibule_http::{Bytes, HyperClient};
use vestibule_mailers::{ApiMailer, MailRegion, MailService, ServiceAnswer};
use vestibule_testkit::HttpServer;

pub(crate) const KEY: &str = "the-key";
pub(crate) const LINK: &str =
    "https://app.example.com/auth/callback/x?callbackUrl=%2F&token=t&email=ada%40example.com";

pub(crate) fn mail(from: &str) -> Mail {
    Mail::new("ada@example.com", from, "Sign in to app.example.com", "text é", "<p>html</p>", LINK)
}

pub(crate) fn services() -> Vec<MailService> {
    vec![
        MailService::ForwardEmail,
        MailService::Loops { transactional_id: "clfq6dinn000yl70fgwwyp82l".into() },
        MailService::Mailgun(MailRegion::Us),
        MailService::Mailgun(MailRegion::Eu),
        MailService::Postmark,
        MailService::Resend,
        MailService::SendGrid,
    ]
}

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) authorization: String,
    pub(crate) kind: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        let header = |name: &str| {
            request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        assert_eq!(header("user-agent"), "vestibule");
        let authorization = match header("x-postmark-server-token") {
            key if key.is_empty() => header("authorization"),
            key => format!("X-Postmark-Server-Token: {key}"),
        };
        Self {
            line: format!("{} {}", request.method(), request.uri()),
            authorization,
            kind: header("content-type"),
            body: String::from_utf8(request.body().to_vec()).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The fields of a form of several parts.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let boundary = self.kind.split_once("boundary=").unwrap().1;
        let between = format!("--{boundary}");
        let parts = self.body.split(&between);
        let parts = parts.filter_map(|part| part.strip_prefix("\r\n")?.strip_suffix("\r\n"));
        parts
            .map(|part| {
                let (head, value) = part.split_once("\r\n\r\n").unwrap();
                let name = head.split_once("name=\"").unwrap().1.trim_end_matches('"');
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }
}

fn client() -> Arc<HyperClient> {
    Arc::new(HyperClient::new())
}

/// Sends a mail by a service that takes it, and gives what the service was asked.
pub(crate) async fn sent(service: MailService, mail: &Mail) -> Asked {
    let asked = Arc::new(Mutex::new(None));
    let keeper = Arc::clone(&asked);
    let server = HttpServer::start(move |request| {
        *keeper.lock().unwrap() = Some(Asked::of(&request));
        async { Response::builder().status(202).body(Bytes::new()).unwrap() }
    })
    .await;
    let mailer = ApiMailer::new(service, KEY, client()).with_endpoint(format!("http://{}", server.address()));
    mailer.send(mail).await.unwrap();
    asked.lock().unwrap().take().unwrap()
}

#[tokio::test]
async fn resend_is_asked_as_it_documents() {
    let asked = sent(MailService::Resend, &mail("App <no-reply@example.com>")).await;

    assert_eq!(asked.line, "POST /emails");
    assert_eq!(asked.authorization, "Bearer the-key");
    assert_eq!(asked.kind, "application/json");
    assert_eq!(
        asked.json(),
        json!({
            "from": "App <no-reply@example.com>", "to": "ada@example.com", "subject": "Sign in to app.example.com",
            "html": "<p>html</p>", "text": "text é",
        })
    );
}

#[tokio::test]
async fn forward_email_is_asked_as_it_documents() {
    let asked = sent(MailService::ForwardEmail, &mail("no-reply@example.com")).await;

    assert_eq!(asked.line, "POST /v1/emails");
    assert_eq!(asked.authorization, "Basic dGhlLWtleTo=");
    assert_eq!(
        asked.json(),
        json!({
            "from": "no-reply@example.com", "to": "ada@example.com", "subject": "Sign in to app.example.com",
            "html": "<p>html</p>", "text": "text é",
        })
    );
}

#[tokio::test]
async fn postmark_is_asked_as_it_documents_and_told_to_leave_the_link_alone() {
    let asked = sent(MailService::Postmark, &mail("App <no-reply@example.com>")).await;

    assert_eq!(asked.line, "POST /email");
    assert_eq!(asked.authorization, "X-Postmark-Server-Token: the-key");
    assert_eq!(
        asked.json(),
        json!({
            "From": "App <no-reply@example.com>", "To": "ada@example.com", "Subject": "Sign in to app.example.com",
            "TextBody": "text é", "HtmlBody": "<p>html</p>", "MessageStream": "outbound",
            "TrackLinks": "None", "TrackOpens": false,
        })
    );
}

#[tokio::test]
async fn sendgrid_is_asked_as_it_documents_and_told_to_leave_the_link_alone() {
    let named = sent(MailService::SendGrid, &mail("App <no-reply@example.com>")).await;
    let unnamed = sent(MailService::SendGrid, &mail("no-reply@example.com")).await;

    assert_eq!(named.line, "POST /v3/mail/send");
    assert_eq!(named.authorization, "Bearer the-key");
    assert_eq!(
        named.json(),
        json!({
            "personalizations": [{"to": [{"email": "ada@example.com"}]}],
            "from": {"email": "no-reply@example.com", "name": "App"},
            "subject": "Sign in to app.example.com",
            "content": [
                {"type": "text/plain", "value": "text é"},
                {"type": "text/html", "value": "<p>html</p>"},
            ],
            "tracking_settings": {
                "click_tracking": {"enable": false, "enable_text": false},
                "open_tracking": {"enable": false},
            },
        })
    );
    assert_eq!(unnamed.json()["from"], json!({"email": "no-reply@example.com"}));
}

#[tokio::test]
async fn mailgun_is_asked_by_the_sender_s_domain_and_told_to_leave_the_link_alone() {
    let asked = sent(MailService::Mailgun(MailRegion::Us), &mail("App <no-reply@mail.example.com>")).await;

    assert_eq!(asked.line, "POST /v3/mail.example.com/messages");
    assert_eq!(asked.authorization, "Basic YXBpOnRoZS1rZXk=");
    let fields = asked.fields();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("from", "App <no-reply@mail.example.com>"),
            ("to", "ada@example.com"),
            ("subject", "Sign in to app.example.com"),
            ("html", "<p>html</p>"),
            ("text", "text é"),
            ("o:tracking", "no"),
        ]
    );
}

#[tokio::test]
async fn loops_gets_the_link_for_its_template() {
    let service = MailService::Loops { transactional_id: "clfq6dinn000yl70fgwwyp82l".into() };

    let asked = sent(service, &mail("no-reply@example.com")).await;

    assert_eq!(asked.line, "POST /api/v1/transactional");
    assert_eq!(asked.authorization, "Bearer the-key");
    assert_eq!(
        asked.json(),
        json!({
            "transactionalId": "clfq6dinn000yl70fgwwyp82l", "email": "ada@example.com", "dataVariables": {"url": LINK},
        })
    );
}

#[tokio::test]
async fn loops_gets_the_code_too_where_there_is_one() {
    let service = MailService::Loops { transactional_id: "clfq6dinn000yl70fgwwyp82l".into() };
    let mut mail = mail("no-reply@example.com");
    mail.code = Some("123456".into());

    let asked = sent(service, &mail).await;

    assert_eq!(asked.json()["dataVariables"], json!({"url": LINK, "code": "123456"}));
}

#[tokio::test]
async fn a_refusal_is_told_by_its_status_and_code_alone() {
    let server = HttpServer::answering(
        422,
        r#"{"statusCode":422,"name":"validation_error","message":"ada@example.com"}"#,
    )
    .await;
    let mailer = ApiMailer::new(MailService::Resend, KEY, client())
        .with_endpoint(format!("http://{}", server.address()));

    let MailError::Refused(error) = mailer.send(&mail("no-reply@example.com")).await.unwrap_err() else {
        panic!("it is refused");
    };

    assert_eq!(error.to_string(), "the mail service answered 422 (validation_error)");
    assert_eq!(error.downcast_ref::<ServiceAnswer>().unwrap().status, 422);
}

#[tokio::test]
async fn a_service_that_is_out_of_order_is_unavailable_and_asked_once() {
    let server = HttpServer::answering(500, "ada@example.com").await;
    let mailer = ApiMailer::new(MailService::SendGrid, KEY, client())
        .with_endpoint(format!("http://{}", server.address()));

    let error = mailer.send(&mail("no-reply@example.com")).await.unwrap_err();

    assert!(matches!(error, MailError::Unavailable(_)));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    for service in services() {
        let mailer = ApiMailer::new(service, KEY, client())
            .with_endpoint("http://127.0.0.1:1")
            .with_timeout(Duration::from_secs(5));

        let error = mailer.send(&mail("no-reply@example.com")).await.unwrap_err();

        assert!(matches!(error, MailError::Unavailable(_)), "{mailer:?}: {error}");
    }
}

#[tokio::test]
async fn a_sender_without_a_domain_is_refused_before_mailgun_is_asked() {
    let mailer = ApiMailer::new(MailService::Mailgun(MailRegion::Eu), KEY, client())
        .with_endpoint("http://127.0.0.1:1");

    let error = mailer.send(&mail("no-reply@example.com/../evil")).await.unwrap_err();

    assert!(matches!(error, MailError::Refused(_)), "{error}");
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_is_refused_and_not_shown() {
    for service in [MailService::Resend, MailService::Postmark] {
        let mailer = ApiMailer::new(service, SecretToken::from("hunter2\r\nX: y"), client());

        let error = mailer.send(&mail("no-reply@example.com")).await.unwrap_err();

        assert!(!format!("{error} {error:?} {mailer:?}").contains("hunter2"));
        assert!(matches!(error, MailError::Refused(_)));
    }
}
