//! Authenticators. Ids and keys are padded base64, as Auth.js keeps them.

use super::accounts::{Owned, of_user};
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
            advance_counter: advance_counter(sql).into(),
            delete: delete(sql).into(),
        })
    }
}

fn create(sql: &Sql) -> Plan {
    let owned =
        Owned { sql, table: Authenticators, fields: &FIELDS, operation: "create_authenticator", owner: 1 };
    let lock = (!sql.guarantees.unique_credential_id).then(|| sql.lock(Authenticators, &[0]));
    let taken = |q: &mut Query| {
        let same = sql.equals(q, "t", Authenticators, "credentialID", 0);
        format!("EXISTS (SELECT 1 FROM {} AS t WHERE {same})", sql.table(Authenticators))
    };
    owned.insert(lock, &taken, &|q, owner| {
        let mut insert = Insert::default();
        let id = sql.value(q, Authenticators, "credentialID", 0);
        insert.push(sql.column(Authenticators, "credentialID"), id);
        insert.push(sql.column(Authenticators, "userId"), owner.to_owned());
        sql.insert_fields(q, &mut insert, Authenticators, &FIELDS[2..], 2);
        insert
    })
}

fn one(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Authenticators, &FIELDS, "t");
    let is_it = sql.equals(&mut q, "t", Authenticators, "credentialID", 0);
    q.read("authenticator", format!("SELECT {row} FROM {} AS t WHERE {is_it}", sql.table(Authenticators)))
}

fn advance_counter(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let (table, name) = (sql.table(Authenticators), sql.name(Authenticators));
    let is_it = sql.equals(&mut q, &name, Authenticators, "credentialID", 0);
    let from = sql.equals(&mut q, &name, Authenticators, "counter", 1);
    let (counter, to) = (sql.column(Authenticators, "counter"), q.arg(2, ParamType::Int));
    let text = format!("UPDATE {table} SET {counter} = {to} WHERE {is_it} AND {from} RETURNING 1");
    q.write("advance_counter", text)
}

fn delete(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let name = sql.name(Authenticators);
    let row = sql.row(Authenticators, &FIELDS, &name);
    let is_it = sql.equals(&mut q, &name, Authenticators, "credentialID", 0);
    let table = sql.table(Authenticators);
    q.write("delete_authenticator", format!("DELETE FROM {table} WHERE {is_it} RETURNING {row}"))
}
