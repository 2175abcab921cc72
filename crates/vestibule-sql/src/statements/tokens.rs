//! Verification tokens, and leases in the same table.

use super::{Insert, Sql, sessions};
use crate::dialect::Family;
use crate::profile::Table::VerificationTokens;
use crate::statement::{Plan, Query, Step};

/// The cells of a token, in the order in which they are decoded and given.
pub(crate) const FIELDS: [&str; 3] = ["identifier", "token", "expires"];

#[derive(Debug)]
pub(crate) struct TokenStatements {
    pub(crate) create: Plan,
    pub(crate) consume: Plan,
    pub(crate) delete_expired: Plan,
    pub(crate) acquire_lease: Plan,
    pub(crate) release_lease: Plan,
}

impl TokenStatements {
    /// `None` if the profile has no table for them.
    pub(crate) fn compile(sql: &Sql) -> Option<Self> {
        sql.profile.spec(VerificationTokens)?;
        let (key, operation) = (["identifier", "token"], "delete_expired_tokens");
        Some(Self {
            create: create(sql),
            consume: consume(sql),
            delete_expired: sessions::delete_expired(sql, VerificationTokens, &key, "<", operation),
            acquire_lease: acquire_lease(sql),
            release_lease: release_lease(sql),
        })
    }
}

/// `identifier = … AND token = …`: the primary key.
fn is_token(sql: &Sql, q: &mut Query, alias: &str) -> String {
    let identifier = sql.equals(q, alias, VerificationTokens, "identifier", 0);
    format!("{identifier} AND {}", sql.equals(q, alias, VerificationTokens, "token", 1))
}

/// The new token: its arguments, its row id at `id`, and its own columns from there on.
fn new_token(sql: &Sql, q: &mut Query, id: usize) -> Insert {
    let mut insert = Insert::default();
    if sql.makes_id(VerificationTokens) {
        insert.push(sql.column(VerificationTokens, "id"), sql.value(q, VerificationTokens, "id", id));
    }
    sql.insert_fields(q, &mut insert, VerificationTokens, &FIELDS, 0);
    let filled = sql.filled_fields(VerificationTokens);
    sql.insert_fields(q, &mut insert, VerificationTokens, &filled, id + 1);
    insert
}

/// Whether "not there already" is kept by the table itself, in one statement.
fn one_statement(sql: &Sql) -> bool {
    sql.guarantees.unique_token && matches!(sql.dialect.family(), Family::Postgres | Family::Sqlite)
}

/// Whether the key is there already.
fn is_there(sql: &Sql, q: &mut Query) -> String {
    let table = sql.table(VerificationTokens);
    let lock = sql.as_they_are(sql.guarantees.unique_token);
    format!("EXISTS (SELECT 1 FROM {table} AS t WHERE {}{lock})", is_token(sql, q, "t"))
}

fn lock(sql: &Sql) -> Option<Step> {
    sql.lock_unless(sql.guarantees.unique_token, VerificationTokens, &[0, 1])
}

/// Arguments: the token, its row id, what its own columns are filled with. Answers with a row if it was not there.
fn create(sql: &Sql) -> Plan {
    let operation = "create_verification_token";
    let (table, mut q) = (sql.table(VerificationTokens), Query::new(sql.dialect));
    let insert = new_token(sql, &mut q, FIELDS.len());
    let (columns, values) = (insert.columns(), insert.values());
    if one_statement(sql) {
        let text =
            format!("INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING RETURNING 1");
        return q.write(operation, text).into();
    }
    let rest = format!("{} WHERE NOT {}", sql.dialect.dual(), is_there(sql, &mut q));
    let cells = |_: &str| "1".to_owned();
    let text = sql.insert_select(VerificationTokens, &insert, &rest, &cells);
    let mut steps = vec![q.write(operation, text)];
    sql.then_read_back(operation, &mut steps, VerificationTokens, &cells, &|q, alias| {
        is_token(sql, q, alias)
    });
    Plan::of(steps).after(lock(sql))
}

fn consume(sql: &Sql) -> Plan {
    let cells = |alias: &str| sql.row(VerificationTokens, &FIELDS, alias);
    let is_it = |q: &mut Query, alias: &str| is_token(sql, q, alias);
    sql.delete_rows("consume_verification_token", VerificationTokens, &cells, &is_it)
}

/// Arguments: the key twice, until when, now, the row id, what its own columns are filled with. Answers with a row if it was free or has ended.
fn acquire_lease(sql: &Sql) -> Plan {
    let operation = "acquire_lease";
    let (table, name) = (sql.table(VerificationTokens), sql.name(VerificationTokens));
    let expires = sql.column(VerificationTokens, "expires");
    let mut q = Query::new(sql.dialect);
    if one_statement(sql) {
        let insert = new_token(sql, &mut q, FIELDS.len() + 1);
        let key = [sql.column(VerificationTokens, "identifier"), sql.column(VerificationTokens, "token")];
        let held = sql.instant(&name, VerificationTokens, "expires");
        let now = sql.moment(&mut q, VerificationTokens, "expires", 3);
        let text = format!(
            "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {expires} = excluded.{expires} \
             WHERE {held} <= {now} RETURNING 1",
            insert.columns(),
            insert.values(),
            key.join(", "),
        );
        return q.write(operation, text).into();
    }
    // Who finds it held changes nothing. Of two who find it free at once, one waits for the other's row, and then
    // fails on it, or finds it held. On MySQL a look that finds nothing locks nothing: whether there was a row is
    // remembered, so that a row that comes in between is in the way of the new one, and not taken for what was renewed.
    let is_held = |q: &mut Query| {
        let held = sql.instant("h", VerificationTokens, "expires");
        let is_it = is_token(sql, q, "h");
        let now = sql.moment(q, VerificationTokens, "expires", 3);
        let (hint, lock) = match sql.dialect.family() {
            Family::Mssql => (" WITH (UPDLOCK, HOLDLOCK)", ""),
            Family::MySql => ("", " FOR UPDATE"),
            _ => ("", ""),
        };
        format!("EXISTS (SELECT 1 FROM {table} AS h{hint} WHERE {is_it} AND {held} > {now}{lock})")
    };
    let held = is_held(&mut q);
    let look = format!("SELECT 1{} WHERE NOT {held}", sql.dialect.dual());
    let look = q.write(operation, look);

    let mut q = Query::new(sql.dialect);
    let until = sql.value(&mut q, VerificationTokens, "expires", 2);
    let is_it = is_token(sql, &mut q, &name);
    let held = sql.instant(&name, VerificationTokens, "expires");
    let now = sql.moment(&mut q, VerificationTokens, "expires", 3);
    let renew = format!("UPDATE {table} SET {expires} = {until} WHERE {is_it} AND {held} <= {now}");
    let renew = q.write(operation, renew);

    let remembers = sql.dialect.family() == Family::MySql;
    let mut q = Query::new(sql.dialect);
    let insert = new_token(sql, &mut q, FIELDS.len() + 1);
    let is_missing =
        if remembers { "@vestibule_there = 0".to_owned() } else { format!("NOT {}", is_there(sql, &mut q)) };
    let insert = format!(
        "INSERT INTO {table} ({}) SELECT {}{} WHERE {is_missing}",
        insert.columns(),
        insert.values(),
        sql.dialect.dual(),
    );
    let insert = q.write(operation, insert);
    let mut plan = Plan::of(vec![look, renew, insert]).answered_by(0);
    if remembers {
        let mut q = Query::new(sql.dialect);
        let is_it = is_token(sql, &mut q, "t");
        let there = format!("EXISTS (SELECT 1 FROM {table} AS t WHERE {is_it} FOR UPDATE)");
        plan = plan.after(Some(q.write(operation, format!("SET @vestibule_there = {there}"))));
    }
    if sql.dialect.family() != Family::Postgres {
        return plan.after(lock(sql));
    }
    // Somebody who knows of a unique key takes no lock on the key: the row itself must be waited for.
    let mut q = Query::new(sql.dialect);
    let is_it = is_token(sql, &mut q, "l");
    let wait = q.write(operation, format!("SELECT 1 FROM {table} AS l WHERE {is_it} FOR UPDATE"));
    plan.after(Some(wait)).after(lock(sql))
}

/// Arguments: the key twice, until when it was held.
fn release_lease(sql: &Sql) -> Plan {
    let cells = |_: &str| "1".to_owned();
    sql.delete_rows("release_lease", VerificationTokens, &cells, &|q, alias| {
        // Another program may have written the same point in time in another form.
        let (is_it, held) = (is_token(sql, q, alias), sql.instant(alias, VerificationTokens, "expires"));
        format!("{is_it} AND {held} = {}", sql.moment(q, VerificationTokens, "expires", 2))
    })
}
