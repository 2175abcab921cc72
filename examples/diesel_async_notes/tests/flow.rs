//! Two people sign in, and each writes notes.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tower::ServiceExt;
use vestibule::{Mail, MailError, Mailer};

/// Keeps the links of the mails.
#[derive(Clone, Debug, Default)]
struct Links(Arc<Mutex<Vec<String>>>);

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
    async fn open(pool: &Pool<AsyncPgConnection>) -> Self {
        let links = Links::default();
        let app = diesel_async_notes::app(pool.clone(), Arc::new(links.clone())).await.unwrap();
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

async fn everybody_sees_their_own_notes(pool: &Pool<AsyncPgConnection>) {
    let mut ada = Browser::open(pool).await;
    let mut grace = Browser::open(pool).await;
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
    let later = Browser { cookies: ada.cookies, ..Browser::open(pool).await };
    assert!(later.page("/").await.contains("<li>The Analytical Engine</li>"));
}

#[tokio::test]
async fn everybody_sees_their_own_notes_on_postgresql() {
    let Ok(url) = std::env::var("VESTIBULE_TEST_POSTGRES_URL") else {
        eprintln!("skipped: VESTIBULE_TEST_POSTGRES_URL is not set");
        return;
    };
    let schema = format!("diesel_async_notes_{}", std::process::id());
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-c%20search_path%3D{schema}");
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
    let pool = Pool::builder(manager).build().unwrap();
    let execute = async |text: &str| pool.get().await.unwrap().batch_execute(text).await.unwrap();
    execute(&format!("CREATE SCHEMA {schema}")).await;

    everybody_sees_their_own_notes(&pool).await;

    execute(&format!("DROP SCHEMA {schema} CASCADE")).await;
}
