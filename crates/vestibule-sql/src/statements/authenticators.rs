//! Authenticators. Ids and keys are padded base64, as Auth.js keeps them.

use super::accounts::of_user;
use super::owned::Owned;
use super::{Insert, Sql};
use crate::ParamType;
use crate::profile::Table::Authenticators;
use crate::statement::{Plan, Query, Step};

/// The cells of an authenticator, in the order in which they are decoded and given.
pub(crate) const FIELDS: [&str; 8] = [
    "credentialID",
    "userId",
    "providerAccountId",
    "credentialPublicKey",
    "counter",
    "credentialDeviceType",
    "credentialBackedUp",
    "transports",
];

#[derive(Debug)]
pub(crate) struct AuthenticatorStatements {
    pub(crate) create: Plan,
    pub(crate) one: Plan,
    pub(crate) of_user: Plan,
    pub(crate) advance_counter: Plan,
    pub(crate) delete: Plan,
}

impl AuthenticatorStatements {
    /// `None` if the profile has no table for them.
    pub(crate) fn compile(sql: &Sql) -> Option<Self> {
        sql.profile.spec(Authenticators)?;
        Some(Self {
            create: create(sql),
            one: one(sql).into(),
            of_user: of_user(sql, Authenticators, &FIELDS, "authenticators_of_user").into(),
            advance_counter: advance_counter(sql),
            delete: delete(sql),
        })
    }
}

fn create(sql: &Sql) -> Plan {
    let owned =
        Owned { sql, table: Authenticators, fields: &FIELDS, operation: "create_authenticator", owner: 1 };
    let lock = sql.lock_unless(sql.guarantees.unique_credential_id, Authenticators, &[0]);
    owned.insert(lock, &|q, alias| has_id(sql, q, alias), &|q, owner| {
        let mut insert = Insert::default();
        let id = sql.value(q, Authenticators, "credentialID", 0);
        insert.push(sql.column(Authenticators, "credentialID"), id);
        insert.push(sql.column(Authenticators, "userId"), owner.to_owned());
        sql.insert_fields(q, &mut insert, Authenticators, &FIELDS[2..], 2);
        insert
    })
}

fn has_id(sql: &Sql, q: &mut Query, alias: &str) -> String {
    sql.equals(q, alias, Authenticators, "credentialID", 0)
}

fn one(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Authenticators, &FIELDS, "t");
    let is_it = sql.equals(&mut q, "t", Authenticators, "credentialID", 0);
    q.read("authenticator", format!("SELECT {row} FROM {} AS t WHERE {is_it}", sql.table(Authenticators)))
        .look_up_if(sql.guarantees.unique_credential_id)
}

fn advance_counter(sql: &Sql) -> Plan {
    let set =
        |q: &mut Query| format!("{} = {}", sql.column(Authenticators, "counter"), q.arg(2, ParamType::Int));
    sql.update_hits("advance_counter", Authenticators, &set, &|q, alias| {
        format!("{} AND {}", has_id(sql, q, alias), sql.equals(q, alias, Authenticators, "counter", 1))
    })
}

fn delete(sql: &Sql) -> Plan {
    let cells = |alias: &str| sql.row(Authenticators, &FIELDS, alias);
    sql.delete_rows("delete_authenticator", Authenticators, &cells, &|q, alias| has_id(sql, q, alias))
}
