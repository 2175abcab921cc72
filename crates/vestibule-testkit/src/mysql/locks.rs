//! Locks on keys that no row has.

use std::sync::Mutex;

use async_trait::async_trait;
use vestibule_core::{NewUser, Users as _};
use vestibule_sql::{Dialect, Driver, DriverError, Profile, Row, SqlAdapter, Statement, Value};

/// A statement with its values.
type Spoken = (Statement, Vec<Value>);

/// Hears which locks a batch would take, and does nothing.
#[derive(Debug)]
struct Listener {
    dialect: Dialect,
    locks: Mutex<Vec<Spoken>>,
}

#[async_trait]
impl Driver for Listener {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, _: &Statement, _: &[Value]) -> Result<Vec<Row>, DriverError> {
        Err(DriverError::Refused("nothing runs here".into()))
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let locks = batch.iter().filter(|(statement, _)| statement.name == "lock");
        let locks = locks.map(|(statement, params)| ((*statement).clone(), params.to_vec()));
        self.locks.lock().unwrap().extend(locks);
        Err(DriverError::Refused("nothing runs here".into()))
    }
}

/// The lock under which a user of this address is created in a table that does not keep addresses unique.
async fn lock(dialect: Dialect, email: Option<&str>) -> Spoken {
    let listener = Listener { dialect, locks: Mutex::default() };
    let adapter = SqlAdapter::new(listener, Profile::authjs()).unwrap();
    let user = NewUser { email: email.map(str::to_owned), ..NewUser::default() };
    adapter.create_user(&user, None).await.unwrap_err();
    adapter.driver().locks.lock().unwrap().remove(0)
}

/// Whether the lock is to be had at once. If so, whoever asks has it then.
async fn can_take(driver: &impl Driver, (statement, params): &Spoken) -> bool {
    let text = statement.text.replace("86400", "0").into();
    let at_once = Statement { text, ..statement.clone() };
    match driver.run(&at_once, params).await {
        Ok(_) => true,
        Err(DriverError::Unavailable(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// Who creates a user keeps out everybody else who creates one of the same address, in the same database, and nobody
/// else.
///
/// Each of the drivers has one connection: the first two to one database, the third to another.
///
/// # Panics
///
/// If it is otherwise.
pub async fn a_lock_keeps_out_who_wants_the_same(
    driver: &impl Driver,
    other: &impl Driver,
    elsewhere: &impl Driver,
) {
    let dialect = driver.dialect();
    for (number, email) in ["ada@example.com", "é😀'\\", ""].into_iter().enumerate() {
        assert!(can_take(driver, &lock(dialect, Some(email)).await).await, "{number}");

        assert!(!can_take(other, &lock(dialect, Some(email)).await).await, "{number}: two have one lock");
        assert!(can_take(other, &lock(dialect, Some(&format!("{email}x"))).await).await, "{number}");
        assert!(can_take(elsewhere, &lock(dialect, Some(email)).await).await, "{number}: another database's");
    }
    let of_nobody = lock(dialect, None).await;
    assert!(can_take(driver, &of_nobody).await && can_take(other, &of_nobody).await, "no address is no key");
}
