//! Two people sign in, and each writes notes: what the examples on the pool of an ORM are tested by.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use tower::ServiceExt;
use vestibule::{Mail, MailError, Mailer};

/// Keeps the links of the mails.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl Mailer for Links {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail.link.clone());
        Ok(())
    }
}

struct Browser {
    app: Router,
    links: Links,
    cookies: String,
}

impl Browser {
    async fn open(start: &impl AsyncFn(Arc<Links>) -> Router) -> Self {
        let links = Links::default();
        let app = start(Arc::new(links.clone())).await;
        Self { app, links, cookies: String::new() }
    }

    async fn send(&self, method: &str, path: &str, form: String) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, &self.cookies);
        self.app.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap()
    }

    async fn page(&self, path: &str) -> String {
        text(self.send("GET", path, String::new()).await).await
    }

    /// By a link in a mail.
    async fn sign_in(&mut self, email: &str) {
        let answer = self.send("GET", "/auth/csrf", String::new()).await;
        self.keep_cookies(&answer);
        let token = text(answer).await.split('"').nth(3).unwrap().to_owned();
        let form = format!("csrfToken={token}&email={email}&callbackUrl=/");
        let sent = self.send("POST", "/auth/signin/email", form).await;
        assert_eq!(sent.status(), StatusCode::FOUND);
        let link = self.links.0.lock().unwrap().pop().unwrap();
        let path = link.strip_prefix("http://127.0.0.1:3000").unwrap();
        let landed = self.send("POST", path, format!("csrfToken={token}")).await;
        assert_eq!(landed.headers()[header::LOCATION], "http://127.0.0.1:3000/");
        self.keep_cookies(&landed);
    }

    async fn write(&self, note: &str) {
        let answer = self.send("POST", "/", format!("text={note}")).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }

    fn keep_cookies(&mut self, answer: &Response<Body>) {
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            self.cookies += cookie.to_str().unwrap().split_inclusive(';').next().unwrap();
        }
    }
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(to_bytes(answer.into_body(), 100_000).await.unwrap().to_vec()).unwrap()
}

/// Signs two people in, each at a process of the application of its own, on one database.
pub async fn everybody_sees_their_own_notes(start: impl AsyncFn(Arc<Links>) -> Router) {
    let mut ada = Browser::open(&start).await;
    let mut grace = Browser::open(&start).await;
    assert_eq!(ada.send("POST", "/", "text=nobody's".into()).await.status(), StatusCode::UNAUTHORIZED);
    ada.sign_in("ada@example.com").await;
    grace.sign_in("grace@example.com").await;

    ada.write("The+Analytical+Engine").await;
    ada.write("%3Cb%3E").await;
    grace.write("A+moth").await;

    let page = ada.page("/").await;
    assert!(page.contains("<h1>Notes of ada@example.com</h1>"), "{page}");
    assert!(page.contains("<ul><li>The Analytical Engine</li><li>&lt;b&gt;</li></ul>"), "{page}");
    let page = grace.page("/").await;
    assert!(page.contains("<h1>Notes of grace@example.com</h1><ul><li>A moth</li></ul>"), "{page}");
    // Another process of the same application knows them both.
    let later = Browser { cookies: ada.cookies, ..Browser::open(&start).await };
    assert!(later.page("/").await.contains("<li>The Analytical Engine</li>"));
}
