//! Cases on leases.

use std::sync::Arc;

use vestibule_core::{Adapter, AdapterError, Lease};

use crate::Feature;
use crate::values::{HOUR, far, has, kept, now, tick, token};

/// A lease is taken once, until it ends; other names are other leases.
pub async fn a_held_lease_is_not_taken(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let until = now.after(HOUR);

    let first = store.acquire_lease("sweep", now, until).await.unwrap();
    let second = store.acquire_lease("sweep", now, until).await.unwrap();
    let later = store.acquire_lease("sweep", until.before(tick(&**store)), far()).await.unwrap();
    let name = if has(Feature::CaseSensitiveKeys) { "Sweep" } else { "other" };
    let other = store.acquire_lease(name, now, until).await.unwrap();

    assert_eq!(first, Some(Lease { name: "sweep".into(), expires: until }));
    assert_eq!(second, None);
    assert_eq!(later, None);
    assert_eq!(other, Some(Lease { name: name.into(), expires: until }));
}

/// From the very point at which a lease ends somebody else may take it.
pub async fn an_expired_lease_is_taken_over(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let until = now.after(HOUR);
    store.acquire_lease("sweep", now, until).await.unwrap().unwrap();

    let second = store.acquire_lease("sweep", until, far()).await.unwrap();
    let third = store.acquire_lease("sweep", until, far()).await.unwrap();

    assert_eq!(second, Some(Lease { name: "sweep".into(), expires: kept(&**store, far()) }));
    assert_eq!(third, None);
    assert!(store.release_lease(&second.unwrap()).await.unwrap(), "it is told as it is kept");
}

/// A lease that would not last is refused, and nobody holds it.
pub async fn a_lease_that_ends_as_it_begins_is_refused(store: &Arc<dyn Adapter>) {
    let now = now(&**store);

    let none = store.acquire_lease("sweep", now, now).await;
    let backwards = store.acquire_lease("sweep", now, now.before(HOUR)).await;

    assert!(matches!(none, Err(AdapterError::Refused { .. })), "{none:?}");
    assert!(matches!(backwards, Err(AdapterError::Refused { .. })), "{backwards:?}");
    assert!(store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().is_some());
}

/// An expired lease that nobody took over is still its holder's to give back.
pub async fn an_expired_lease_is_released_by_its_holder(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let lease = store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().unwrap();
    let other = store.acquire_lease("other", now, far()).await.unwrap().unwrap();

    // The store is not told the time: the lease may have ended long ago.
    assert!(store.release_lease(&lease).await.unwrap());
    assert!(!store.release_lease(&Lease { expires: lease.expires.before(HOUR), ..other.clone() }).await.unwrap());
    assert!(store.release_lease(&other).await.unwrap());
}

/// A released lease is free at once, and cannot be released again.
pub async fn a_released_lease_is_free(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let lease = store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().unwrap();

    assert!(store.release_lease(&lease).await.unwrap());
    assert!(!store.release_lease(&lease).await.unwrap());

    let again = store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap();
    assert_eq!(again, Some(lease));
}

/// Who lost a lease cannot release it from under the one who holds it now.
pub async fn a_lost_lease_is_not_released(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let until = now.after(HOUR);
    let lost = store.acquire_lease("sweep", now, until).await.unwrap().unwrap();
    let held = store.acquire_lease("sweep", until, until.after(HOUR)).await.unwrap().unwrap();

    assert!(!store.release_lease(&lost).await.unwrap());

    assert_eq!(store.acquire_lease("sweep", until, far()).await.unwrap(), None);
    assert!(store.release_lease(&held).await.unwrap());
}

/// A lease that never was is not released, and the attempt makes none.
pub async fn an_unknown_lease_is_not_released(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let lease = Lease { name: "sweep".into(), expires: now.after(HOUR) };

    assert!(!store.release_lease(&lease).await.unwrap());
    assert!(store.acquire_lease("sweep", now, now.after(HOUR)).await.unwrap().is_some());
}

/// Expired leases are swept with the tokens and counted with them; held ones stay.
pub async fn expired_leases_are_swept(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let at = now.after(HOUR);
    let old = store.acquire_lease("old", now, at.before(tick(&**store))).await.unwrap().unwrap();
    let held = store.acquire_lease("held", now, at.after(tick(&**store))).await.unwrap().unwrap();
    store.create_verification_token(&token("ada@example.com", "hash", now)).await.unwrap();

    assert_eq!(store.delete_expired_tokens(at, 100).await.unwrap(), 2);

    assert!(!store.release_lease(&old).await.unwrap());
    assert_eq!(store.acquire_lease("held", at, far()).await.unwrap(), None);
    assert!(store.release_lease(&held).await.unwrap());
}

/// The limit counts leases and tokens together.
pub async fn the_limit_bounds_swept_leases(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let at = now.after(HOUR);
    for name in ["a", "b"] {
        store.acquire_lease(name, now, at).await.unwrap().unwrap();
        store.create_verification_token(&token("ada@example.com", name, now)).await.unwrap();
    }
    let later = at.after(HOUR);

    assert_eq!(store.delete_expired_tokens(later, 3).await.unwrap(), 3);
    assert_eq!(store.delete_expired_tokens(later, 3).await.unwrap(), 1);
}

/// A token whose identifier is the name of a lease is another thing, and so is the lease.
pub async fn a_lease_is_not_a_token(store: &Arc<dyn Adapter>) {
    let now = now(&**store);
    let until = now.after(HOUR);
    let new = token("sweep", "hash", until);
    store.create_verification_token(&new).await.unwrap();

    let lease = store.acquire_lease("sweep", now, until).await.unwrap().unwrap();

    for guess in ["", "sweep", "lease"] {
        assert_eq!(store.consume_verification_token("sweep", &guess.into()).await.unwrap(), None);
    }
    assert_eq!(store.consume_verification_token("sweep", &new.token).await.unwrap(), Some(new));
    assert_eq!(store.acquire_lease("sweep", now, until).await.unwrap(), None);
    assert!(store.release_lease(&lease).await.unwrap());
}
