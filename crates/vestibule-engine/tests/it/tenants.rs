//! Tenants beside each other: what one has sealed is nothing to another.

use http::{HeaderMap, Uri, header};
use vestibule_engine::{Config, EmailProvider, Engine, EngineError, Engines, JwtPolicy, Tenants};

use crate::app::{App, Browser, ORIGIN};
use crate::secrecy::Log;

const WARNING: &str = "a tenant has the secret of another one";

fn secret_of(tenant: &str) -> String {
    format!("a secret of at least 32 characters for {tenant}")
}

/// Tenants by the header `x-tenant`, with sessions in the cookie and these secrets.
fn tenants(secret: fn(&str) -> String) -> Tenants {
    let make = move |tenant: String| async move {
        let config = Config::new(&*secret(&tenant))
            .with_base_url(ORIGIN)
            .with_provider(EmailProvider::new("App <no-reply@example.com>"))
            .with_session(JwtPolicy::default());
        Ok::<Engine, EngineError>(App::with(config).engine)
    };
    Tenants::new(|_, headers| headers.get("x-tenant")?.to_str().ok().map(str::to_owned), make)
}

async fn engine(tenants: &Tenants, tenant: &str) -> Engine {
    let headers: HeaderMap = [("x-tenant".parse().unwrap(), tenant.parse().unwrap())].into_iter().collect();
    tenants.engine(&Uri::from_static("/"), &headers).await.unwrap()
}

/// The one who is signed in at the tenant, by the cookies of a browser.
async fn who(tenants: &Tenants, tenant: &str, browser: &Browser) -> Option<String> {
    let headers = [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
    let found = engine(tenants, tenant).await.session(&Uri::from_static("/"), &headers).await.unwrap();
    found?.user.email
}

/// A browser that has signed in where the secret is this.
async fn signed_in(secret: &str) -> Browser {
    let config = Config::new(secret)
        .with_base_url(ORIGIN)
        .with_provider(EmailProvider::new("App <no-reply@example.com>"))
        .with_session(JwtPolicy::default());
    let mut browser = App::with(config).browser();
    browser.sign_in("ada@example.com").await;
    browser
}

#[tokio::test]
async fn a_session_in_the_cookie_of_one_tenant_is_nobodys_at_another() {
    let log = Log::default();
    let _guard = log.listen();
    let tenants = tenants(secret_of);
    let browser = signed_in(&secret_of("a")).await;

    assert_eq!(who(&tenants, "a", &browser).await.as_deref(), Some("ada@example.com"));
    assert_eq!(who(&tenants, "b", &browser).await, None);
    let mut at_b = browser.clone();
    at_b.app.engine = engine(&tenants, "b").await;
    assert_eq!(at_b.get("/auth/session").await.text(), "null");
    assert!(!log.text().contains(WARNING), "{}", log.text());
}

/// It is the secret alone that keeps them apart.
#[tokio::test]
async fn tenants_with_one_secret_share_sessions_and_are_warned_of() {
    let log = Log::default();
    let _guard = log.listen();
    let tenants = tenants(|_| secret_of("all"));
    let browser = signed_in(&secret_of("all")).await;

    assert!(who(&tenants, "a", &browser).await.is_some());
    assert!(!log.text().contains(WARNING), "{}", log.text());
    assert!(who(&tenants, "b", &browser).await.is_some());
    assert!(log.text().contains(WARNING), "{}", log.text());
    assert!(!log.text().contains(&secret_of("all")), "{}", log.text());
}
