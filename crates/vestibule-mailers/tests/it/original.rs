//! The requests of the real mail services of Auth.js beside ours.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use vestibule_engine::{Mail, Mailer};
use vestibule_http::http::{Request, Response};
use vestibule_http::{Bytes, HttpClient, HttpError, Limits};
use vestibule_mailers::{ApiMailer, MailRegion, MailService};

use crate::api::{Asked, KEY, LINK, services};

const FROM: &str = "no-reply@example.com";
const TO: &str = "ada@example.com";

/// Takes every mail, and keeps the request.
#[derive(Debug, Default)]
struct Taker(Mutex<Option<Request<Bytes>>>);

#[async_trait]
impl HttpClient for Taker {
    async fn send(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, HttpError> {
        *self.0.lock().unwrap() = Some(request);
        Ok(Response::new(Bytes::new()))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/authjs")
}

/// Whether the packages are there. Without them the caller is to return: a line says that the test is skipped.
fn is_installed() -> bool {
    let installed = folder().join("node_modules/@auth/core/package.json").is_file();
    if !installed {
        let reason = "the packages of the real Auth.js are not installed (npm ci in tests/authjs)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
    }
    installed
}

fn case(service: &MailService) -> Value {
    let mut options = json!({"apiKey": KEY, "from": FROM});
    match service {
        MailService::Loops { transactional_id } => options["transactionalId"] = (&**transactional_id).into(),
        MailService::Mailgun(MailRegion::Eu) => options["region"] = "EU".into(),
        _ => {}
    }
    json!({"module": service.id(), "options": options, "to": TO, "link": LINK})
}

fn theirs() -> Vec<Value> {
    let cases: Vec<_> = services().iter().map(case).collect();
    let mut child = Command::new("node")
        .args(["--no-warnings", "mailers.mjs"])
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(json!(cases).to_string().as_bytes()).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

/// The mail that the original wrote, out of its request.
fn mail(body: &Value) -> Mail {
    let text = |names: [&str; 3]| {
        names.into_iter().find_map(|name| body.pointer(name)?.as_str()).unwrap_or_default().to_owned()
    };
    Mail::new(
        TO,
        FROM,
        text(["/subject", "/Subject", "/subject"]),
        text(["/text", "/TextBody", "/content/0/value"]),
        text(["/html", "/HtmlBody", "/content/1/value"]),
        LINK,
    )
}

#[tokio::test]
async fn the_original_asks_the_same() {
    if !is_installed() {
        return;
    }
    for (service, theirs) in services().into_iter().zip(theirs()) {
        let taker = Arc::new(Taker::default());
        let mailer = ApiMailer::new(service.clone(), KEY, taker.clone());

        mailer.send(&mail(&theirs["body"])).await.unwrap();

        let request = taker.0.lock().unwrap().take().unwrap();
        let ours = Asked::of(&request);
        assert_eq!(ours.line, format!("POST {}", theirs["url"].as_str().unwrap()));
        let authorization = match theirs["headers"]["X-Postmark-Server-Token"].as_str() {
            Some(key) => format!("X-Postmark-Server-Token: {key}"),
            None => theirs["headers"]["Authorization"].as_str().unwrap().to_owned(),
        };
        assert_eq!(ours.authorization, authorization);
        let mut body = match &service {
            MailService::Mailgun(_) => Value::Object(
                ours.fields().into_iter().map(|(name, value)| (name, Value::from(value))).collect(),
            ),
            _ => ours.json(),
        };
        let mut expected = theirs["body"].clone();
        // Ours are told to leave the link alone.
        for name in ["TrackLinks", "TrackOpens", "tracking_settings", "o:tracking"] {
            body.as_object_mut().unwrap().remove(name);
        }
        if matches!(service, MailService::Mailgun(_)) {
            // The original puts the service's name before the sender, whatever the sender is.
            assert_eq!(expected["from"], format!("Mailgun <{FROM}>"));
            expected["from"] = FROM.into();
        }
        assert_eq!(body, expected, "{service:?}");
    }
}
