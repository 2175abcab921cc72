//! A store that cannot be reached is never an answer.

use vestibule_lucia::LuciaError;
use vestibule_testkit::Fault;

use crate::support::{DAY, MONTH, Setting};

fn is_outage<T>(result: Result<T, LuciaError>) -> bool {
    result.is_err_and(|error| error.is_outage())
}

#[tokio::test]
async fn no_call_takes_an_outage_for_absence() {
    let set = Setting::new().await;
    let id = set.session().await;
    set.store.fail(Fault::Unavailable);

    assert!(is_outage(set.lucia.validate_session(&id).await));
    assert!(is_outage(set.lucia.create_session(&set.ada, &()).await));
    assert!(is_outage(set.lucia.invalidate_session(&id).await));
    assert!(is_outage(set.lucia.invalidate_user_sessions(&set.ada).await));
    assert!(is_outage(set.lucia.user_sessions(&set.ada).await));
    assert!(is_outage(set.lucia.delete_expired_sessions().await));
    set.store.recover();
    assert!(set.lucia.validate_session(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_outage_in_the_middle_of_a_validation_is_an_outage() {
    for age in [20 * DAY, MONTH] {
        let set = Setting::new().await;
        let id = set.session().await;
        set.clock.advance(age);
        set.store.fail_after(1, Fault::Unavailable);

        assert!(is_outage(set.lucia.validate_session(&id).await), "{age:?}");
    }
    let set = Setting::new().await;
    set.store.fail_after(1, Fault::Unavailable);
    assert!(is_outage(set.lucia.validate_session(&"unknown".into()).await));
}
