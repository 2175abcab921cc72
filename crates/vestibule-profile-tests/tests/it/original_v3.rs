//! NextAuth v3 and Vestibule taking turns on one database: each reads, extends, uses up and takes away what the other wrote.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule_core::{
    AccountTokens, AccountType, Adapter, Clock as _, IdKind, NewAccount, NewSession, NewUser, SecretToken,
    SystemClock, Timestamp, TouchPolicy, User, VerificationToken,
};
use vestibule_profile_tests::Entry;

use crate::original::{ask, assert_is, is_installed};
use crate::place::{Place, block_on};

const VERIFIED: Timestamp = Timestamp::from_secs(1_925_089_445);
/// As late as every column can hold: 2038-01-01T00:00:00Z.
const DISTANT: Timestamp = Timestamp::from_secs(2_145_916_800);
const PAST: Timestamp = Timestamp::from_secs(1_577_934_245);
/// SHA-256 of `ada-link` and of the others, each with the secret `s3cret` behind it.
const ADA_HASH: &str = "b761ccad53d91ae455cb26cfe9c575781103a41826479cd7fa14ae535f02b24c";
const GRACE_HASH: &str = "f03171c293bf70f28636441ca7601e395306bf64eae3fa4e24b2a1ac2453fdfe";
const KATHERINE_HASH: &str = "a4fd05dd04ff22a3969efb8233b3068b6086bc01875f1a0b31a1c2ef55636f95";

/// What Vestibule wrote is for v3 what it wrote itself, what v3 writes is read here, and what either takes away is gone
/// for both.
pub(crate) fn takes_turns(entry: &Entry) {
    let Some(name) = entry.original else { return };
    if !is_installed() {
        return;
    }
    let Some(place) = Place::without_rows(entry) else { return };
    // v3 has a clock of its own, which nobody sets: this session it is to extend.
    let due = SystemClock.now().after(Duration::from_hours(24));
    let (ada, grace) = block_on(async { write(&*place.adapter(place.profile()).await, due).await });

    v3_reads_and_works_on(name, &place, &ada, &grace);

    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        reads_what_v3_changed(&*adapter, &ada, &grace, due).await;
    });
    let (katherine, session) = v3_writes(name, &place);
    block_on(async {
        let adapter = place.adapter(place.profile()).await;
        works_on_what_v3_wrote(&*adapter, &katherine, &session).await;
    });
    let answers = ask(
        name,
        &place.url(),
        &[
            ("getUser", json!([katherine["id"]])),
            ("getSession", json!([session])),
            ("getUserByProviderAccountId", json!(["twitter", "12"])),
            ("getVerificationRequest", json!(["katherine@example.com", "katherine-link"])),
        ],
    );
    assert_eq!(answers, vec![Value::Null; 4], "what Vestibule took away");
}

async fn write(adapter: &dyn Adapter, due: Timestamp) -> (User, User) {
    let new = NewUser {
        name: Some("Ada Lovelace".into()),
        email_verified: Some(VERIFIED),
        image: Some("https://img.example/ada.png".into()),
        ..NewUser::with_email("ada@example.com")
    };
    let mut google = NewAccount::new(AccountType::OAuth, "google", "108204268033311374519");
    google.tokens = AccountTokens {
        access_token: Some(SecretToken::from("access")),
        refresh_token: Some(SecretToken::from("refresh")),
        ..AccountTokens::default()
    };
    let ada = adapter.create_user(&new, Some(&google)).await.unwrap();
    let grace = adapter.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
    for (token, user, expires) in
        [("distant", &ada, DISTANT), ("due", &ada, due), ("past", &ada, PAST), ("ended", &grace, DISTANT)]
    {
        adapter.create_session(&NewSession::new(token, user.id.clone(), expires)).await.unwrap();
    }
    for (identifier, hash) in [("ada@example.com", ADA_HASH), ("grace@example.com", GRACE_HASH)] {
        let token = VerificationToken { identifier: identifier.into(), token: hash.into(), expires: DISTANT };
        adapter.create_verification_token(&token).await.unwrap();
    }
    (ada, grace)
}

/// As the routes of v3 do: the session route reads, extends and reads the user; a link is read and then deleted.
fn v3_reads_and_works_on(name: &str, place: &Place, ada: &User, grace: &User) {
    let ada_is = json!({
        "id": ada.id.as_str(), "name": "Ada Lovelace", "email": "ada@example.com",
        "emailVerified": "2031-01-02T03:04:05.000Z", "image": "https://img.example/ada.png",
    });
    let grace_is = json!({
        "id": grace.id.as_str(), "name": null, "email": "grace@example.com", "emailVerified": null, "image": null,
    });
    let session_is = json!({ "sessionToken": "distant", "userId": ada.id.as_str(), "expires": "2038-01-01T00:00:00.000Z" });
    let ada_id = id(place, ada);

    let answers = ask(
        name,
        &place.url(),
        &[
            ("getUserByEmail", json!(["ada@example.com"])),
            ("getUserByEmail", json!(["grace@example.com"])),
            ("getUserByProviderAccountId", json!(["google", "108204268033311374519"])),
            ("getSession", json!(["distant"])),
            ("updateSession", json!([{ "answer": 3 }])),
            ("getUser", json!([ada_id])),
            ("getSession", json!(["due"])),
            ("updateSession", json!([{ "answer": 6 }])),
            ("linkAccount", json!([ada_id, "google", "oauth", "108204268033311374519", null, null, null])),
            ("linkAccount", json!([ada_id, "github", "oauth", "583231", null, "gho", null])),
            ("deleteSession", json!(["ended"])),
            ("getVerificationRequest", json!(["ada@example.com", "grace-link"])),
            ("getVerificationRequest", json!(["ada@example.com", "ada-link"])),
            ("deleteVerificationRequest", json!(["ada@example.com", "ada-link"])),
            ("updateUser", json!([{ "answer": 0, "name": "Ada King", "image": null }])),
            ("getSession", json!(["past"])),
        ],
    );

    assert_is(&answers[0], &ada_is, "getUserByEmail");
    assert_is(&answers[1], &grace_is, "getUserByEmail of one whose address is not proven");
    assert_is(&answers[2], &ada_is, "getUserByProviderAccountId");
    assert_is(&answers[3], &session_is, "getSession");
    let own = answers[3]["accessToken"].as_str().unwrap();
    assert_eq!(own.len(), 64, "v3 hands the session's own token to the browser: {own}");
    assert_eq!(answers[4], Value::Null, "a session that is not due");
    assert_is(&answers[5], &ada_is, "getUser");
    assert_eq!(answers[6]["sessionToken"], "due");
    assert!(answers[7]["expires"].as_str() > answers[6]["expires"].as_str(), "extended: {}", answers[7]);
    assert!(answers[8]["error"].is_string(), "an account that is linked cannot be again: {}", answers[8]);
    assert_eq!(answers[11], Value::Null, "a link for somebody else");
    assert_eq!(answers[12]["identifier"], "ada@example.com");
    assert_eq!(answers[14]["name"], "Ada King");
    assert_eq!(answers[15], Value::Null, "a session that has expired");
}

/// The user's id as v3 has it: a number where the column is one.
fn id(place: &Place, user: &User) -> Value {
    if place.profile().id_kind() == IdKind::Text {
        return json!(user.id.as_str());
    }
    json!(user.id.as_str().parse::<u64>().unwrap())
}

async fn reads_what_v3_changed(adapter: &dyn Adapter, ada: &User, grace: &User, due: Timestamp) {
    let (session, user) = adapter.session_and_user(&"due".into()).await.unwrap().unwrap();
    assert!(session.expires > due, "extended by v3: {session:?}");
    assert_eq!((user.name.as_deref(), user.image), (Some("Ada King"), None));
    assert_eq!((&user.id, user.email_verified), (&ada.id, Some(VERIFIED)));
    let linked = adapter.user_by_account(&"github".into(), &"583231".into()).await.unwrap().unwrap();
    assert_eq!(linked.id, ada.id);
    for token in ["ended", "past"] {
        assert_eq!(adapter.session_and_user(&token.into()).await.unwrap(), None, "ended by v3: {token}");
    }
    let used = adapter.consume_verification_token("ada@example.com", &ADA_HASH.into()).await.unwrap();
    assert_eq!(used, None, "used by v3");
    let left = adapter.consume_verification_token("grace@example.com", &GRACE_HASH.into()).await.unwrap();
    assert!(left.is_some());
    assert_eq!(adapter.user(&grace.id).await.unwrap().as_ref(), Some(grace));
}

/// A user who signed up by v3, and the token of the session.
fn v3_writes(name: &str, place: &Place) -> (Value, String) {
    let katherine = json!({ "name": "Katherine Johnson", "email": "katherine@example.com", "image": null });
    let mut answers = ask(
        name,
        &place.url(),
        &[
            ("createUser", json!([katherine])),
            ("createSession", json!([{ "answer": 0 }])),
            ("createVerificationRequest", json!(["katherine@example.com", "katherine-link"])),
            ("getVerificationRequest", json!(["grace@example.com", "grace-link"])),
        ],
    );
    assert_eq!(answers[3], Value::Null, "a link that Vestibule has consumed");
    let session = answers[1]["sessionToken"].as_str().unwrap().to_owned();
    let katherine = answers.swap_remove(0);
    let account = json!([katherine["id"], "twitter", "oauth", "12", "refresh", "access", null]);
    let linked = &ask(name, &place.url(), &[("linkAccount", account)])[0];
    assert!(linked["error"].is_null(), "{linked}");
    (katherine, session)
}

async fn works_on_what_v3_wrote(adapter: &dyn Adapter, katherine: &Value, session: &str) {
    let token = SecretToken::from(session);
    let (_, user) = adapter.session_and_user(&token).await.unwrap().unwrap();
    assert_eq!(user.id.as_str(), katherine["id"].to_string().trim_matches('"'));
    assert_eq!((user.name.as_deref(), user.email_verified), (Some("Katherine Johnson"), None));
    let by_account = adapter.user_by_account(&"twitter".into(), &"12".into()).await.unwrap();
    assert_eq!(by_account.as_ref(), Some(&user));
    let policy = TouchPolicy { max_age: Duration::from_hours(2), update_age: Duration::ZERO };
    let now = SystemClock.now();
    let touched = adapter.touch_session(&token, now, &policy).await.unwrap().unwrap();
    assert_eq!(touched.user, user);
    let link = "katherine@example.com";
    let consumed = adapter.consume_verification_token(link, &KATHERINE_HASH.into()).await.unwrap();
    assert!(consumed.is_some());
    let account = adapter.unlink_account(&"twitter".into(), &"12".into()).await.unwrap().unwrap();
    assert_eq!(account.tokens.refresh_token, Some(SecretToken::from("refresh")));
    assert_eq!(adapter.delete_user(&user.id).await.unwrap(), Some(user));
}
