//! Users.

use super::new_user::{With, create_user};
use super::{Sql, Variants, accounts};
use crate::dialect::{Family, Returning};
use crate::profile::Table::{Accounts, Authenticators, Sessions, Users};
use crate::statement::{Plan, Query, Step};

/// The cells of a user, in the order in which they are decoded and given.
pub(crate) const FIELDS: [&str; 5] = ["id", "name", "email", "emailVerified", "image"];

/// Arguments of `create_user`: the cells above, then the row id of the account if there is an account, the
/// account's own arguments, the given columns of the user's own, and those of the account's.
pub(crate) const ACCOUNT: usize = FIELDS.len();
/// From this bit of the mask on: the account's own columns; below are the user's.
pub(crate) const ACCOUNT_EXTRA: u32 = 31;
/// From this bit of the mask of `sign_up` on: the session's own columns.
pub(crate) const SESSION_EXTRA: u32 = 62;

/// `update_user`: the bits of its mask are `FIELDS[1..]`, then the columns of its own.
pub(crate) const CHANGEABLE: &[&str] = FIELDS.as_slice().split_at(1).1;
pub(crate) const EMAIL_CHANGED: u128 = 1 << 1;

/// A user with its first session.
#[derive(Debug)]
pub(crate) struct SignUpStatements {
    pub(crate) alone: Variants,
    pub(crate) with_account: Variants,
}

#[derive(Debug)]
pub(crate) struct UserStatements {
    pub(crate) create: Variants,
    pub(crate) create_with_account: Variants,
    /// `None` if there is no table for sessions.
    pub(crate) sign_up: Option<SignUpStatements>,
    pub(crate) by_id: Plan,
    /// `None` if users have no e-mail address.
    pub(crate) by_email: Option<Plan>,
    /// `None` if there is no table for accounts.
    pub(crate) by_account: Option<Plan>,
    pub(crate) update: Variants,
    pub(crate) delete: Plan,
}

impl UserStatements {
    pub(crate) fn compile(sql: &Sql) -> Self {
        let (create, with_account, update) = (sql.clone(), sql.clone(), sql.clone());
        let statements = Self {
            create: Variants::new(move |mask| create_user(&create, mask, With::NOTHING)),
            create_with_account: Variants::new(move |mask| create_user(&with_account, mask, With::ACCOUNT)),
            sign_up: sign_up(sql),
            by_id: by_id(sql).into(),
            by_email: by_email(sql),
            by_account: by_account(sql),
            update: Variants::new(move |mask| update_user(&update, mask)),
            delete: delete_user(sql),
        };
        statements.create.get(0);
        if sql.profile.spec(Accounts).is_some() {
            statements.create_with_account.get(0);
        }
        statements
    }
}

fn sign_up(sql: &Sql) -> Option<SignUpStatements> {
    sql.profile.spec(Sessions)?;
    let (alone, with_account) = (sql.clone(), sql.clone());
    let session = With { session: true, ..With::NOTHING };
    let both = With { session: true, ..With::ACCOUNT };
    let statements = SignUpStatements {
        alone: Variants::new(move |mask| create_user(&alone, mask, session)),
        with_account: Variants::new(move |mask| create_user(&with_account, mask, both)),
    };
    statements.alone.get(0);
    if sql.profile.spec(Accounts).is_some() {
        statements.with_account.get(0);
    }
    Some(statements)
}

fn by_id(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Users, &FIELDS, "u");
    let table = sql.table(Users);
    let (is_it, alive) = (sql.equals(&mut q, "u", Users, "id", 0), sql.alive("u"));
    q.read("user", format!("SELECT {row} FROM {table} AS u WHERE {is_it}{alive}"))
        .look_up_if(sql.guarantees.unique_user_id)
}

/// `None` if users have no e-mail address.
fn by_email(sql: &Sql) -> Option<Plan> {
    if !sql.has(Users, "email") {
        return None;
    }
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Users, &FIELDS, "u");
    let table = sql.table(Users);
    let (is_it, alive) = (sql.equals(&mut q, "u", Users, "email", 0), sql.alive("u"));
    let (top, first) = sql.first_of(Users, "u", sql.guarantees.unique_email);
    let text = format!("SELECT {top}{row} FROM {table} AS u WHERE {is_it}{alive}{first}");
    Some(q.read("user_by_email", text).look_up_if(sql.guarantees.unique_email).into())
}

/// `None` if there is no table for accounts.
fn by_account(sql: &Sql) -> Option<Plan> {
    sql.profile.spec(Accounts)?;
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Users, &FIELDS, "u");
    let (users, accounts) = (sql.table(Users), sql.table(Accounts));
    let (id, owner) = (sql.of("u", Users, "id"), sql.of("a", Accounts, "userId"));
    let (is_it, alive) = (accounts::is_account(sql, &mut q, "a", 0), sql.alive("u"));
    let (top, first) = sql.first_of(Accounts, "a", sql.guarantees.unique_account);
    let text = format!(
        "SELECT {top}{row} FROM {accounts} AS a JOIN {users} AS u ON {id} = {owner} WHERE {is_it}{alive}{first}"
    );
    let by_keys = accounts::have_key(sql) && sql.guarantees.unique_user_id;
    Some(q.read("user_by_account", text).look_up_if(by_keys).into())
}

/// `EXISTS (…)`: whether some user has the e-mail address that is argument `email`. One that is marked as deleted does
/// not count; where the table keeps its address all the same, the insertion finds out.
pub(super) fn email_taken(sql: &Sql, q: &mut Query, email: usize) -> String {
    if !sql.has(Users, "email") {
        return "1 = 0".to_owned();
    }
    let table = sql.table(Users);
    let same = sql.equals(q, "o", Users, "email", email);
    format!(
        "EXISTS (SELECT 1 FROM {table} AS o WHERE {same}{}{})",
        sql.alive("o"),
        sql.as_they_are(sql.guarantees.unique_email)
    )
}

/// Arguments: the id, the changed fields, the given columns of its own. With the e-mail address changed on a
/// table that does not keep it unique, the answer says first whether it is taken.
fn update_user(sql: &Sql, mask: u128) -> Plan {
    let own = CHANGEABLE.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
    let mut fields: Vec<Box<str>> = own.map(|(_, &field)| field.into()).collect();
    let email = fields.iter().position(|field| &**field == "email").map(|at| at + 1);
    fields.extend(sql.given_extra(Users, mask >> CHANGEABLE.len()));
    let operation = "update_user";
    let set = |q: &mut Query| sql.assignments(q, Users, &fields, 1);
    let cells = |alias: &str| sql.row(Users, &FIELDS, alias);
    let is_it =
        |q: &mut Query, alias: &str| format!("{}{}", sql.equals(q, alias, Users, "id", 0), sql.alive(alias));
    let Some(email) = email.filter(|_| !sql.guarantees.unique_email) else {
        return sql.update_rows(operation, Users, &set, &cells, &is_it);
    };

    let (table, name) = (sql.table(Users), sql.name(Users));
    let taken = |q: &mut Query| {
        let same = sql.equals(q, "o", Users, "email", email);
        let other = format!("{} <> {}", sql.of("o", Users, "id"), sql.value(q, Users, "id", 0));
        let (alive, lock) = (sql.alive("o"), sql.as_they_are(false));
        format!("EXISTS (SELECT 1 FROM {table} AS o WHERE {same} AND {other}{alive}{lock})")
    };
    let lock = sql.lock_unless(false, Users, &[email]);
    let mut q = Query::new(sql.dialect);
    match sql.dialect.family() {
        Family::Postgres => {
            let (is_it, set) = (is_it(&mut q, &name), set(&mut q));
            let (row, taken) = (sql.named_row(Users, &FIELDS, &name), taken(&mut q));
            let names = sql.row_names(Users, &FIELDS, "u");
            let text = format!(
                "WITH taken AS (SELECT {taken} AS hit), \
                 u AS (UPDATE {table} SET {set} FROM taken WHERE {is_it} AND NOT taken.hit RETURNING {row}) \
                 SELECT taken.hit, {names} FROM taken LEFT JOIN u ON true"
            );
            Plan::from(q.write(operation, text)).after(lock)
        }
        // MySQL does not let an update ask the table that it changes.
        Family::MySql => {
            let hit = taken(&mut q);
            let remember = q.write(operation, format!("SET @vestibule_taken = {hit}"));
            let probe = Query::new(sql.dialect).write(operation, "SELECT @vestibule_taken".to_owned());
            let free = |q: &mut Query, alias: &str| format!("{} AND @vestibule_taken = 0", is_it(q, alias));
            let mut plan = sql.update_rows(operation, Users, &set, &cells, &free);
            plan = plan.after(Some(probe)).after(Some(remember)).after(lock);
            let probe = plan.steps.len() - 3;
            plan.probed_by(probe)
        }
        Family::Mssql | Family::Sqlite => {
            let hit = sql.dialect.truth(taken(&mut q));
            let probe = q.write(operation, format!("SELECT {hit}"));
            let free = |q: &mut Query, alias: &str| format!("{} AND NOT {}", is_it(q, alias), taken(q));
            let plan = sql.update_rows(operation, Users, &set, &cells, &free).after(Some(probe));
            plan.probed_by(0).after(lock)
        }
    }
}

/// The user alone where the database deletes the rest with it; otherwise children first, under a lock on the
/// user, so that none can be added meanwhile.
fn delete_user(sql: &Sql) -> Plan {
    let operation = "delete_user";
    let table = sql.table(Users);
    let marks = sql.profile.deleted_at.as_deref();
    let cascades = sql.guarantees.cascading_owners && marks.is_none();
    let is_it =
        |q: &mut Query, alias: &str| format!("{}{}", sql.equals(q, alias, Users, "id", 0), sql.alive(alias));
    let cells = |alias: &str| sql.row(Users, &FIELDS, alias);
    let mut plan = match marks {
        None => sql.delete_rows(operation, Users, &cells, &is_it),
        Some(field) => {
            let set =
                |q: &mut Query| format!("{} = {}", sql.column(Users, field), sql.value(q, Users, field, 1));
            let find = |q: &mut Query, alias: &str| sql.equals(q, alias, Users, "id", 0);
            // Who is marked already is not found, and stays marked.
            match sql.dialect.returning() {
                Returning::Clause | Returning::Output => {
                    sql.update_rows(operation, Users, &set, &cells, &is_it)
                }
                _ => {
                    let mut q = Query::new(sql.dialect);
                    let alive = is_it(&mut q, "u");
                    let look = format!("SELECT {} FROM {table} AS u WHERE {alive} FOR UPDATE", cells("u"));
                    let look = q.write(operation, look);
                    let mut q = Query::new(sql.dialect);
                    let (set, find) = (set(&mut q), find(&mut q, &sql.name(Users)));
                    let alive = sql.alive(&sql.name(Users));
                    let mark = format!("UPDATE {table} SET {set} WHERE {find}{alive}");
                    Plan::of(vec![look, q.write(operation, mark)]).answered_by(0)
                }
            }
        }
    };
    if cascades {
        return plan;
    }
    // The row that is answered must be locked before its children go, and be there until they are gone.
    let locks_first = plan.answer == 0 && plan.steps.len() > 1;
    let mut children = Vec::new();
    if !locks_first {
        let mut q = Query::new(sql.dialect);
        let found = is_it(&mut q, "u");
        match sql.dialect.family() {
            Family::Sqlite => {}
            Family::Mssql => {
                // Exclusively: whoever adds a child holds a shared lock on the user, which the lock for updates
                // would let pass.
                let text = format!("SELECT 1 FROM {table} AS u WITH (XLOCK, ROWLOCK) WHERE {found}");
                children.push(q.write(operation, text));
            }
            Family::MySql | Family::Postgres => {
                let text = format!("SELECT 1 FROM {table} AS u WHERE {found} FOR UPDATE");
                children.push(q.write(operation, text));
            }
        }
    }
    for child in [Sessions, Accounts, Authenticators] {
        if sql.profile.spec(child).is_some() {
            let mut q = Query::new(sql.dialect);
            let is_its = sql.equals(&mut q, &sql.name(child), child, "userId", 0);
            children.push(q.write(operation, format!("DELETE FROM {} WHERE {is_its}", sql.table(child))));
        }
    }
    let at = usize::from(locks_first);
    if !locks_first {
        plan.answer += children.len();
    }
    plan.steps.splice(at..at, children);
    plan
}
