//! Cases on changing users.

use std::sync::Arc;

use vestibule_core::{Adapter, Change, Entity, Extra, User, UserChanges};

use crate::Feature;
use crate::values::{conflict, create_user, far, has, kept, unknown_id, whole_user};

/// Each field changes alone; the others and other users stay.
pub async fn an_update_changes_only_what_is_set(store: &Arc<dyn Adapter>) {
    let mut expected = store.create_user(&whole_user(&**store), None).await.unwrap();
    let other = create_user(&**store, "bob@example.com").await;
    let id = expected.id.clone();
    let update = async |changes: UserChanges| store.update_user(&id, &changes).await.unwrap().unwrap();

    expected.name = Some("Ada King".into());
    let name = Change::Set(Some("Ada King".into()));
    assert_eq!(update(UserChanges { name, ..UserChanges::default() }).await, expected);

    expected.email = Some("king@example.com".into());
    let email = Change::Set(Some("king@example.com".into()));
    assert_eq!(update(UserChanges { email, ..UserChanges::default() }).await, expected);

    if has(Feature::EmailVerifiedTimes) {
        let email_verified = Change::Set(Some(far()));
        let updated = update(UserChanges { email_verified, ..UserChanges::default() }).await;
        assert_eq!(updated.email_verified.map(|found| kept(&**store, found)), Some(kept(&**store, far())));
        expected.email_verified = updated.email_verified;
        assert_eq!(updated, expected);
    }

    expected.image = Some("/ada.svg".into());
    let image = Change::Set(Some("/ada.svg".into()));
    assert_eq!(update(UserChanges { image, ..UserChanges::default() }).await, expected);

    assert_eq!(store.user(&id).await.unwrap(), Some(expected));
    assert_eq!(store.user(&other.id).await.unwrap(), Some(other));
}

/// Every field can be set to null, and an address given up is free.
pub async fn an_update_can_set_null(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&whole_user(&**store), None).await.unwrap();
    let changes = UserChanges {
        name: Change::Set(None),
        email: Change::Set(None),
        email_verified: Change::Set(None),
        image: Change::Set(None),
        extra: Extra::new(),
    };

    let updated = store.update_user(&user.id, &changes).await.unwrap();

    let expected = User {
        id: user.id,
        name: None,
        email: None,
        email_verified: None,
        image: None,
        extra: Extra::new(),
    };
    assert_eq!(updated, Some(expected));
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), None);
    create_user(&**store, "ada@example.com").await;
}

/// With nothing set an update is a look-up.
pub async fn an_empty_update_only_reads(store: &Arc<dyn Adapter>) {
    let user = store.create_user(&whole_user(&**store), None).await.unwrap();
    let nothing = UserChanges::default();

    assert_eq!(store.update_user(&user.id, &nothing).await.unwrap(), Some(user));
    assert_eq!(store.update_user(&unknown_id(&**store), &nothing).await.unwrap(), None);
}

/// Updating nobody creates nobody.
pub async fn an_update_makes_no_ghost(store: &Arc<dyn Adapter>) {
    let nobody = unknown_id(&**store);
    let changes = UserChanges {
        email: Change::Set(Some("ghost@example.com".into())),
        ..UserChanges::default()
    };

    assert_eq!(store.update_user(&nobody, &changes).await.unwrap(), None);
    assert_eq!(store.user(&nobody).await.unwrap(), None);
    assert_eq!(store.user_by_email("ghost@example.com").await.unwrap(), None);
}

/// Another user's address is refused, and nothing else of that update is written.
pub async fn an_update_cannot_take_an_email_address(store: &Arc<dyn Adapter>) {
    let ada = create_user(&**store, "ada@example.com").await;
    let bob = create_user(&**store, "bob@example.com").await;
    let changes = UserChanges {
        name: Change::Set(Some("Bob".into())),
        email: Change::Set(Some("ada@example.com".into())),
        ..UserChanges::default()
    };

    let updated = store.update_user(&bob.id, &changes).await;

    assert_eq!(conflict(updated), Entity::User);
    assert_eq!(store.user(&bob.id).await.unwrap(), Some(bob));
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some(ada));
}

/// A user may be given the address that it has.
pub async fn an_update_may_set_the_same_email_address(store: &Arc<dyn Adapter>) {
    let user = create_user(&**store, "ada@example.com").await;
    let changes = UserChanges {
        email: Change::Set(user.email.clone()),
        ..UserChanges::default()
    };

    assert_eq!(store.update_user(&user.id, &changes).await.unwrap(), Some(user));
}
