//! What only a file can get wrong.

use std::io::ErrorKind;

use custom_adapter::JsonFile;
use vestibule_core::{Extra, NewSession, NewUser, Sessions, Timestamp, Users};

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.json");
    let new = NewUser {
        extra: Extra::from([("score".into(), 0.1.into()), ("n".into(), u64::MAX.into())]),
        ..NewUser::with_email("ada@example.com")
    };
    let store = JsonFile::open(&path, Extra::new()).unwrap();
    let user = store.create_user(&new, None).await.unwrap();
    let new = NewSession::new("session", user.id.clone(), Timestamp::from_millis(i64::MAX));
    let session = store.create_session(&new).await.unwrap();
    drop(store);

    let again = JsonFile::open(&path, Extra::new()).unwrap();

    assert_eq!(again.session_and_user(&"session".into()).await.unwrap(), Some((session, user)));
}

#[tokio::test]
async fn a_file_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.json");
    let store = JsonFile::open(&path, Extra::new()).unwrap();

    let second = JsonFile::open(&path, Extra::new()).unwrap_err();

    assert_eq!(second.kind(), ErrorKind::WouldBlock);
    drop(store);
    JsonFile::open(&path, Extra::new()).unwrap();
}

#[tokio::test]
async fn half_of_a_new_file_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.json");
    let store = JsonFile::open(&path, Extra::new()).unwrap();
    let user = store.create_user(&NewUser::with_email("ada@example.com"), None).await.unwrap();
    drop(store);
    std::fs::write(path.with_extension("new"), b"{\"users\": [{\"id\": ").unwrap();

    let again = JsonFile::open(&path, Extra::new()).unwrap();

    assert_eq!(again.user(&user.id).await.unwrap(), Some(user.clone()));
    let bob = again.create_user(&NewUser::with_email("bob@example.com"), None).await.unwrap();
    assert_eq!(again.user(&bob.id).await.unwrap(), Some(bob));
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.json");
    std::fs::write(&path, b"shopping list").unwrap();

    let refused = JsonFile::open(&path, Extra::new()).unwrap_err();

    assert_eq!(refused.kind(), ErrorKind::InvalidData);
    assert_eq!(std::fs::read(&path).unwrap(), b"shopping list");
}

/// A change that cannot be written is not made: an outage is an error, and nobody reads what is not on disk.
#[tokio::test]
async fn what_cannot_be_written_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.json");
    let store = JsonFile::open(&path, Extra::new()).unwrap();
    // A folder is in the way of the new file, which not even root can write to.
    std::fs::create_dir(path.with_extension("new")).unwrap();

    let created = store.create_user(&NewUser::with_email("ada@example.com"), None).await;

    assert!(matches!(created, Err(vestibule_core::AdapterError::Unavailable(_))), "{created:?}");
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), None);
}
