//! What a store owes to its callers while its database is away, and afterwards.

use std::time::{Duration, Instant};

use vestibule_core::{AccountType, Adapter, AdapterError, NewAccount, NewUser};

use crate::until;

/// Does a read, a write and what may be a batch, none of which may find the database.
///
/// # Panics
///
/// If one is answered otherwise than [`AdapterError::Unavailable`], or not within `patience`.
pub async fn assert_unavailable(adapter: &dyn Adapter, tag: &str, patience: Duration) {
    let (user, account) = (NewUser::with_email(tag), NewAccount::new(AccountType::OAuth, "github", tag));
    for operation in 0..3 {
        let begun = Instant::now();
        let result = match operation {
            0 => adapter.user_by_email("ada@example.com").await.map(drop),
            1 => adapter.delete_session(&"none".into()).await.map(drop),
            _ => adapter.create_user(&user, Some(&account)).await.map(drop),
        };
        assert!(matches!(result, Err(AdapterError::Unavailable(_))), "{operation}: {result:?}");
        assert!(begun.elapsed() < patience, "{operation} took {:?}", begun.elapsed());
    }
}

/// Waits until a read finds the user `ada@example.com`, and a write is done.
///
/// # Panics
///
/// If that does not come to be in half a minute.
pub async fn until_it_works(adapter: &dyn Adapter) {
    until("recovery", async || {
        let read = adapter.user_by_email("ada@example.com").await;
        let write = adapter.delete_session(&"none".into()).await;
        read.is_ok_and(|user| user.is_some()) && write.is_ok()
    })
    .await;
}
