//! `GET /providers`.

use vestibule_engine::EmailProvider;

use crate::app::{App, config};

#[tokio::test]
async fn providers_are_listed_in_the_order_of_the_configuration() {
    let second = EmailProvider::new("a@example.com").with_id("backup").with_name("The \"other\"");
    let app = App::with(config().with_provider(second));

    let answer = app.get("/auth/providers").await;

    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.set_cookies().len(), 2);
    assert_eq!(answer.header("cache-control"), Some("private, no-cache, no-store"));
    assert_eq!(
        answer.text(),
        concat!(
            r#"{"email":{"id":"email","name":"Email","type":"email","#,
            r#""signinUrl":"http://localhost:3000/auth/signin/email","#,
            r#""callbackUrl":"http://localhost:3000/auth/callback/email"},"#,
            r#""backup":{"id":"backup","name":"The \"other\"","type":"email","#,
            r#""signinUrl":"http://localhost:3000/auth/signin/backup","#,
            r#""callbackUrl":"http://localhost:3000/auth/callback/backup"}}"#
        )
    );
}
