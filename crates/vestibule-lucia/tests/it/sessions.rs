//! Creating, validating, listing and ending sessions.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use vestibule_core::{
    AdapterError, NewSession, SecretToken, Session, SessionChanges, Sessions, Timestamp, TouchPolicy,
    Touched, User, UserId,
};
use vestibule_lucia::{Lucia, LuciaError, NoAttributes};
use vestibule_memory::Memory;

use crate::support::{DAY, MILLISECOND, MONTH, SessionAttributes, Setting, UserAttributes};

#[tokio::test]
async fn a_new_session_is_fresh_and_lives_30_days() {
    let set = Setting::new().await;
    let attributes = SessionAttributes { ip_country: Some("GB".into()) };

    let session = set.lucia.create_session(&set.ada, &attributes).await.unwrap();

    assert_eq!(session.id.expose().len(), 40);
    assert_eq!((&session.user_id, session.fresh), (&set.ada, true));
    assert_eq!(session.expires_at, set.now().after(MONTH));
    assert_eq!(session.attributes, attributes);
    assert_eq!(set.store.take_calls(), ["create_session"]);
}

#[tokio::test]
async fn a_valid_session_comes_with_its_user_in_one_round_trip() {
    let set = Setting::new().await;
    let id = set.session().await;

    let found = set.lucia.validate_session(&id).await.unwrap().unwrap();

    assert_eq!(set.store.take_calls(), ["session_and_user"]);
    assert_eq!((&found.session.id, found.session.fresh), (&id, false));
    assert_eq!(found.session.expires_at, set.now().after(MONTH));
    assert_eq!(found.user.id, set.ada);
    assert_eq!(found.user.attributes, UserAttributes { username: "ada".into(), age: None });
}

#[tokio::test]
async fn a_session_is_extended_from_the_millisecond_of_its_half_life() {
    let set = Setting::new().await;
    let id = set.session().await;
    let created = set.now();

    set.clock.advance((15 * DAY).saturating_sub(MILLISECOND));
    let before = set.lucia.validate_session(&id).await.unwrap().unwrap().session;
    set.clock.advance(MILLISECOND);
    let at_half = set.lucia.validate_session(&id).await.unwrap().unwrap().session;
    let after = set.lucia.validate_session(&id).await.unwrap().unwrap().session;

    assert_eq!((before.fresh, before.expires_at), (false, created.after(MONTH)));
    assert_eq!((at_half.fresh, at_half.expires_at), (true, created.after(45 * DAY)));
    assert_eq!((after.fresh, after.expires_at), (false, created.after(45 * DAY)));
    let calls = set.store.take_calls();
    assert_eq!(calls, ["session_and_user", "session_and_user", "touch_session", "session_and_user"]);
}

#[tokio::test]
async fn the_half_of_an_odd_life_is_the_smaller_one() {
    let set = Setting::new().await;
    let lucia = set.lucia.clone().with_session_expires_in(Duration::from_millis(1001));
    let id = lucia.create_session(&set.ada, &()).await.unwrap().id;

    set.clock.advance(Duration::from_millis(499));
    assert!(!lucia.validate_session(&id).await.unwrap().unwrap().session.fresh);
    set.clock.advance(MILLISECOND);
    assert!(lucia.validate_session(&id).await.unwrap().unwrap().session.fresh);
}

#[tokio::test]
async fn an_expired_session_is_none_and_deleted() {
    let set = Setting::new().await;
    let id = set.session().await;

    set.clock.advance(MONTH);

    assert_eq!(set.lucia.validate_session(&id).await.unwrap(), None);
    assert_eq!(set.memory.delete_session(&id).await.unwrap(), None, "the row is gone");
}

#[tokio::test]
async fn a_session_lives_until_the_millisecond_before_its_expiry() {
    let set = Setting::new().await;
    let id = set.session().await;

    set.clock.advance(MONTH.saturating_sub(MILLISECOND));

    let session = set.lucia.validate_session(&id).await.unwrap().unwrap().session;
    assert_eq!((session.fresh, session.expires_at), (true, set.now().after(MONTH)));
}

#[tokio::test]
async fn the_periods_of_v2_extend_from_the_end_of_the_active_one() {
    let set = Setting::new().await;
    let lucia = set.lucia.clone().with_session_periods(DAY, 14 * DAY);
    let session = lucia.create_session(&set.ada, &()).await.unwrap();
    assert_eq!(session.expires_at, set.now().after(15 * DAY));

    set.clock.advance(DAY.saturating_sub(MILLISECOND));
    assert!(!lucia.validate_session(&session.id).await.unwrap().unwrap().session.fresh);
    set.clock.advance(MILLISECOND);
    let idle = lucia.validate_session(&session.id).await.unwrap().unwrap().session;
    assert_eq!((idle.fresh, idle.expires_at), (true, set.now().after(15 * DAY)));
}

#[tokio::test]
async fn unknown_ids_and_what_can_be_no_id_are_none() {
    let set = Setting::new().await;
    set.session().await;

    assert_eq!(set.lucia.validate_session(&"unknown".into()).await.unwrap(), None);
    set.store.take_calls();
    let long = "a".repeat(4097);
    for id in ["", "a\0b", "a\nb", &*long] {
        assert_eq!(set.lucia.validate_session(&id.into()).await.unwrap(), None);
        assert!(!set.lucia.invalidate_session(&id.into()).await.unwrap());
    }
    assert!(set.store.take_calls().is_empty(), "nobody asks the store for them");
}

#[tokio::test]
async fn a_given_id_is_kept_and_refused_where_it_can_be_no_id() {
    let set = Setting::new().await;

    let session = set.lucia.create_session_with_id("given".into(), &set.ada, &()).await.unwrap();

    assert_eq!(session.id.expose(), "given");
    for id in ["", "a\r\nb"] {
        let refused = set.lucia.create_session_with_id(id.into(), &set.ada, &()).await;
        assert!(matches!(refused, Err(LuciaError::SessionIdRefused)), "{id:?}");
    }
    let taken = set.lucia.create_session_with_id("given".into(), &set.ada, &()).await;
    assert!(matches!(taken, Err(LuciaError::Store(AdapterError::Conflict { .. }))));
}

#[tokio::test]
async fn nobody_gets_no_session() {
    let set = Setting::new().await;

    let refused = set.lucia.create_session(&UserId::from("nobody"), &()).await;

    assert!(matches!(refused, Err(LuciaError::Store(AdapterError::OwnerAbsent { .. }))));
}

#[tokio::test]
async fn a_column_that_is_not_there_is_refused() {
    let set = Setting::new().await;

    let refused = set.lucia.create_session(&set.ada, &json!({"nope": 1})).await;

    assert!(matches!(refused, Err(LuciaError::Store(AdapterError::Refused { .. }))));
}

#[tokio::test]
async fn attributes_that_do_not_fit_are_a_named_error() {
    let set = Setting::new().await;
    let id = set.session().await;
    let changes = json!({"ip_country": 7});
    let extra = [("ip_country".into(), changes["ip_country"].clone())].into();
    let changes = SessionChanges { extra, ..SessionChanges::default() };
    set.memory.update_session(&id, &changes).await.unwrap();

    let failed = set.lucia.validate_session(&id).await.unwrap_err();

    let LuciaError::Attributes(error) = failed else { panic!("{failed}") };
    assert_eq!(error.column(), Some("ip_country"));
    let without = set.lucia.clone().with_attributes::<NoAttributes, NoAttributes>();
    assert!(without.validate_session(&id).await.unwrap().is_some(), "who does not ask does not fail");
}

#[tokio::test]
async fn the_list_leaves_out_the_expired() {
    let set = Setting::new().await;
    let grace = set.user("grace").await;
    let old = set.session().await;
    set.clock.advance(20 * DAY);
    let new = set.session().await;
    set.lucia.create_session(&grace, &()).await.unwrap();

    let both = set.lucia.user_sessions(&set.ada).await.unwrap();
    set.clock.advance(10 * DAY);
    let one = set.lucia.user_sessions(&set.ada).await.unwrap();

    assert_eq!(both.iter().map(|session| &session.id).collect::<Vec<_>>(), [&new, &old]);
    assert_eq!(one.iter().map(|session| &session.id).collect::<Vec<_>>(), [&new]);
    assert!(both.iter().all(|session| !session.fresh && session.user_id == set.ada));
    assert_eq!(set.lucia.user_sessions(&UserId::from("nobody")).await.unwrap(), []);
}

#[tokio::test]
async fn a_session_ends_once() {
    let set = Setting::new().await;
    let id = set.session().await;

    assert!(set.lucia.invalidate_session(&id).await.unwrap());
    assert!(!set.lucia.invalidate_session(&id).await.unwrap());
    assert_eq!(set.lucia.validate_session(&id).await.unwrap(), None);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_and_nobody_elses() {
    let set = Setting::new().await;
    let grace = set.user("grace").await;
    let hers = set.lucia.create_session(&grace, &()).await.unwrap().id;
    for _ in 0..3 {
        set.session().await;
    }

    assert_eq!(set.lucia.invalidate_user_sessions(&set.ada).await.unwrap(), 3);
    assert_eq!(set.lucia.invalidate_user_sessions(&set.ada).await.unwrap(), 0);
    assert!(set.lucia.validate_session(&hers).await.unwrap().is_some());
}

#[tokio::test]
async fn all_expired_sessions_are_deleted_a_thousand_at_a_time() {
    let set = Setting::new().await;
    for _ in 0..2500 {
        set.session().await;
    }
    set.clock.advance(MONTH);
    let live = set.session().await;

    assert_eq!(set.lucia.delete_expired_sessions().await.unwrap(), 2500);
    assert_eq!(set.store.take_calls(), ["delete_expired_sessions"; 3]);
    assert!(set.lucia.validate_session(&live).await.unwrap().is_some());
}

/// A store without foreign keys, from which users are deleted by others.
#[derive(Debug)]
struct WithoutUsers(Memory);

#[async_trait]
impl Sessions for WithoutUsers {
    async fn create_session(&self, session: &NewSession) -> Result<Session, AdapterError> {
        self.0.create_session(session).await
    }
    async fn session_and_user(&self, _: &SecretToken) -> Result<Option<(Session, User)>, AdapterError> {
        Ok(None)
    }
    async fn touch_session(
        &self,
        _: &SecretToken,
        _: Timestamp,
        _: &TouchPolicy,
    ) -> Result<Option<Touched>, AdapterError> {
        Ok(None)
    }
    async fn update_session(
        &self,
        token: &SecretToken,
        changes: &SessionChanges,
    ) -> Result<Option<Session>, AdapterError> {
        self.0.update_session(token, changes).await
    }
    async fn delete_session(&self, token: &SecretToken) -> Result<Option<Session>, AdapterError> {
        self.0.delete_session(token).await
    }
    async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        self.0.sessions_of_user(user_id).await
    }
    async fn delete_sessions_of_user(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        self.0.delete_sessions_of_user(user_id, keep).await
    }
    async fn delete_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        self.0.delete_expired_sessions(now, limit).await
    }
}

#[tokio::test]
async fn a_session_without_a_user_is_none_and_deleted() {
    let set = Setting::new().await;
    let id = set.session().await;
    let lucia = Lucia::new(Arc::new(WithoutUsers((*set.memory).clone())));

    assert_eq!(lucia.validate_session(&id).await.unwrap(), None);
    assert_eq!(set.lucia.validate_session(&id).await.unwrap(), None, "it does not count again");
}

#[tokio::test]
async fn a_session_that_is_created_while_it_is_looked_for_is_not_deleted() {
    let set = Setting::new().await;
    let (lucia, ada) = (set.lucia.clone(), set.ada.clone());
    let meanwhile = async move || drop(lucia.create_session_with_id("given".into(), &ada, &()).await);
    set.store.meanwhile("update_session", meanwhile);

    assert_eq!(set.lucia.validate_session(&"given".into()).await.unwrap(), None);
    assert!(set.lucia.validate_session(&"given".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn deletion_of_the_user_ends_the_session() {
    let set = Setting::new().await;
    let id = set.session().await;

    vestibule_core::Users::delete_user(&*set.memory, &set.ada).await.unwrap();

    assert_eq!(set.lucia.validate_session(&id).await.unwrap(), None);
}
