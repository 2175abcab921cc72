//! Users.

use super::{Insert, Sql, Variants, accounts};
use crate::Dialect;
use crate::profile::Table::{Accounts, Authenticators, Sessions, Users};
use crate::statement::{Plan, Query, Step};

/// The cells of a user, in the order in which they are decoded and given.
pub(crate) const FIELDS: [&str; 5] = ["id", "name", "email", "emailVerified", "image"];

/// Arguments of `create_user`: the cells above, the columns of its own, then those of the account.
pub(crate) const EXTRA: usize = FIELDS.len();
/// Bit of the mask that says that an id is given; the bits below are the user's own columns.
pub(crate) const ID_GIVEN: u64 = 1 << 30;
/// From this bit on: the account's own columns.
pub(crate) const ACCOUNT_EXTRA: u32 = 31;

/// `update_user`: the bits of its mask are `FIELDS[1..]`, then the columns of its own.
pub(crate) const CHANGEABLE: &[&str] = FIELDS.as_slice().split_at(1).1;
pub(crate) const EMAIL_CHANGED: u64 = 1 << 1;

#[derive(Debug)]
pub(crate) struct UserStatements {
    pub(crate) create: Variants,
    pub(crate) create_with_account: Variants,
    pub(crate) by_id: Plan,
    pub(crate) by_email: Plan,
    pub(crate) by_account: Plan,
    pub(crate) update: Variants,
    pub(crate) delete: Plan,
}

impl UserStatements {
    pub(crate) fn compile(sql: &Sql) -> Self {
        let (create, with_account, update) = (sql.clone(), sql.clone(), sql.clone());
        let statements = Self {
            create: Variants::new(move |mask| create_user(&create, mask, false)),
            create_with_account: Variants::new(move |mask| create_user(&with_account, mask, true)),
            by_id: by_id(sql).into(),
            by_email: by_email(sql).into(),
            by_account: by_account(sql).into(),
            update: Variants::new(move |mask| update_user(&update, mask)),
            delete: delete_user(sql),
        };
        statements.create.get(0);
        statements.create_with_account.get(0);
        statements
    }
}

fn by_id(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Users, &FIELDS, "u");
    let table = sql.table(Users);
    let is_it = sql.equals(&mut q, "u", Users, "id", 0);
    q.read("user", format!("SELECT {row} FROM {table} AS u WHERE {is_it}"))
}

fn by_email(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Users, &FIELDS, "u");
    let table = sql.table(Users);
    let is_it = sql.equals(&mut q, "u", Users, "email", 0);
    let first = sql.first_of(Users, "u", sql.guarantees.unique_email);
    q.read("user_by_email", format!("SELECT {row} FROM {table} AS u WHERE {is_it}{first}"))
}

fn by_account(sql: &Sql) -> Step {
    let mut q = Query::new(sql.dialect);
    let row = sql.row(Users, &FIELDS, "u");
    let (users, accounts) = (sql.table(Users), sql.table(Accounts));
    let (id, owner) = (sql.of("u", Users, "id"), sql.of("a", Accounts, "userId"));
    let is_it = accounts::is_account(sql, &mut q, "a", 0);
    let first = sql.first_of(Accounts, "a", sql.guarantees.unique_account);
    let text =
        format!("SELECT {row} FROM {accounts} AS a JOIN {users} AS u ON {id} = {owner} WHERE {is_it}{first}");
    q.read("user_by_account", text)
}

/// `EXISTS (…)`: whether some user has the e-mail address that is argument `email`.
fn email_taken(sql: &Sql, q: &mut Query, email: usize) -> String {
    let table = sql.table(Users);
    format!("EXISTS (SELECT 1 FROM {table} AS o WHERE {})", sql.equals(q, "o", Users, "email", email))
}

/// Answers, in one row or two results: is the e-mail address taken, is the account taken, and the new row.
fn create_user(sql: &Sql, mask: u64, with_account: bool) -> Plan {
    let given = sql.given_extra(Users, mask & (ID_GIVEN - 1));
    let account_given = sql.given_extra(Accounts, mask >> ACCOUNT_EXTRA);
    let account = EXTRA + given.len();
    let parts = CreateUser { sql, mask, given, account_given, account: with_account.then_some(account) };
    match sql.dialect {
        Dialect::Postgres => parts.postgres(),
        Dialect::Sqlite => parts.sqlite(),
    }
}

struct CreateUser<'a> {
    sql: &'a Sql,
    mask: u64,
    given: Vec<Box<str>>,
    account_given: Vec<Box<str>>,
    /// Where the account's arguments begin, if there is an account.
    account: Option<usize>,
}

impl CreateUser<'_> {
    fn insert(&self, q: &mut Query) -> Insert {
        let (sql, mut insert) = (self.sql, Insert::default());
        if self.mask & ID_GIVEN != 0 {
            insert.push(sql.column(Users, "id"), sql.value(q, Users, "id", 0));
        } else {
            sql.insert_made_id(&mut insert, Users);
        }
        sql.insert_fields(q, &mut insert, Users, &FIELDS[1..], 1);
        sql.insert_fields(q, &mut insert, Users, &self.given, EXTRA);
        insert
    }

    fn taken(&self, q: &mut Query) -> (String, String) {
        let email = email_taken(self.sql, q, 2);
        let account = self.account.map(|first| accounts::account_taken(self.sql, q, first + 1));
        (email, account.unwrap_or_else(|| "1 = 0".to_owned()))
    }

    fn postgres(&self) -> Plan {
        let sql = self.sql;
        let mut q = Query::new(sql.dialect);
        let (email, account) = self.taken(&mut q);
        let insert = self.insert(&mut q);
        let (table, columns, values) = (sql.table(Users), insert.columns(), insert.values());
        let name = sql.name(Users);
        let (row, id) = (sql.named_row(Users, &FIELDS, &name), sql.of(&name, Users, "id"));
        let link = self.account.map_or_else(String::new, |first| {
            let mut link = Insert::default();
            accounts::fill(sql, &mut q, &mut link, "u.owner", first, &self.account_given);
            let accounts = sql.table(Accounts);
            format!(", a AS (INSERT INTO {accounts} ({}) SELECT {} FROM u)", link.columns(), link.values())
        });
        let names = sql.row_names(Users, &FIELDS, "u");
        let text = format!(
            "WITH taken AS (SELECT {email} AS email, {account} AS account), \
             u AS (INSERT INTO {table} ({columns}) SELECT {values} FROM taken \
             WHERE NOT taken.email AND NOT taken.account RETURNING {row}, {id} AS owner){link} \
             SELECT taken.email, taken.account, {names} FROM taken LEFT JOIN u ON true"
        );
        let mut steps = Vec::new();
        if !sql.guarantees.unique_email {
            steps.push(sql.lock(Users, &[2]));
        }
        if let (Some(first), false) = (self.account, sql.guarantees.unique_account) {
            steps.push(sql.lock(Accounts, &[first + 1, first + 2]));
        }
        steps.push(q.write("create_user", text));
        Plan { steps }
    }

    fn sqlite(&self) -> Plan {
        let sql = self.sql;
        let mut q = Query::new(sql.dialect);
        let (email, account) = self.taken(&mut q);
        let probe = q.write("create_user", format!("SELECT {email}, {account}"));

        let mut q = Query::new(sql.dialect);
        let (email, account) = self.taken(&mut q);
        let insert = self.insert(&mut q);
        let (table, columns, values) = (sql.table(Users), insert.columns(), insert.values());
        let row = sql.row(Users, &FIELDS, &sql.name(Users));
        let text = format!(
            "INSERT INTO {table} ({columns}) SELECT {values} WHERE NOT {email} AND NOT {account} RETURNING {row}"
        );
        let mut steps = vec![probe, q.write("create_user", text)];

        if let Some(first) = self.account {
            let mut q = Query::new(sql.dialect);
            let mut link = Insert::default();
            let owner = sql.of("u", Users, "id");
            accounts::fill(sql, &mut q, &mut link, &owner, first, &self.account_given);
            let text = format!(
                "INSERT INTO {} ({}) SELECT {} FROM {table} AS u \
                 WHERE u.rowid = last_insert_rowid() AND changes() = 1",
                sql.table(Accounts),
                link.columns(),
                link.values(),
            );
            steps.push(q.write("create_user", text));
        }
        Plan { steps }
    }
}

/// Arguments: the id, the changed fields, the given columns of its own. With the e-mail address changed on a
/// table that does not keep it unique, the answer says first whether it is taken.
fn update_user(sql: &Sql, mask: u64) -> Plan {
    let own = CHANGEABLE.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
    let mut fields: Vec<Box<str>> = own.map(|(_, &field)| field.into()).collect();
    let email = fields.iter().position(|field| &**field == "email").map(|at| at + 1);
    fields.extend(sql.given_extra(Users, mask >> CHANGEABLE.len()));

    let (table, name) = (sql.table(Users), sql.name(Users));
    let mut q = Query::new(sql.dialect);
    let is_it = sql.equals(&mut q, &name, Users, "id", 0);
    let set = sql.assignments(&mut q, Users, &fields, 1);
    let Some(email) = email.filter(|_| !sql.guarantees.unique_email) else {
        let row = sql.row(Users, &FIELDS, &name);
        return q
            .write("update_user", format!("UPDATE {table} SET {set} WHERE {is_it} RETURNING {row}"))
            .into();
    };

    let taken = |q: &mut Query| {
        let same = sql.equals(q, "o", Users, "email", email);
        let other = format!("{} <> {}", sql.of("o", Users, "id"), sql.value(q, Users, "id", 0));
        format!("EXISTS (SELECT 1 FROM {table} AS o WHERE {same} AND {other})")
    };
    match sql.dialect {
        Dialect::Postgres => {
            let (row, taken) = (sql.named_row(Users, &FIELDS, &name), taken(&mut q));
            let names = sql.row_names(Users, &FIELDS, "u");
            let text = format!(
                "WITH taken AS (SELECT {taken} AS hit), \
                 u AS (UPDATE {table} SET {set} FROM taken WHERE {is_it} AND NOT taken.hit RETURNING {row}) \
                 SELECT taken.hit, {names} FROM taken LEFT JOIN u ON true"
            );
            Plan { steps: vec![sql.lock(Users, &[email]), q.write("update_user", text)] }
        }
        Dialect::Sqlite => {
            let mut probe = Query::new(sql.dialect);
            let hit = taken(&mut probe);
            let (row, taken) = (sql.row(Users, &FIELDS, &name), taken(&mut q));
            let text = format!("UPDATE {table} SET {set} WHERE {is_it} AND NOT {taken} RETURNING {row}");
            let probe = probe.write("update_user", format!("SELECT {hit}"));
            Plan { steps: vec![probe, q.write("update_user", text)] }
        }
    }
}

/// The user alone where the database deletes the rest with it; otherwise children first, under a lock on the
/// user, so that none can be added meanwhile. The last step answers.
fn delete_user(sql: &Sql) -> Plan {
    let (table, name) = (sql.table(Users), sql.name(Users));
    let cascades = sql.guarantees.cascading_owners;
    let mut steps = Vec::new();
    if sql.dialect == Dialect::Postgres && !cascades {
        let mut q = Query::new(sql.dialect);
        let is_it = sql.equals(&mut q, "u", Users, "id", 0);
        steps.push(q.write("delete_user", format!("SELECT 1 FROM {table} AS u WHERE {is_it} FOR UPDATE")));
    }
    for child in [Sessions, Accounts, Authenticators] {
        if !cascades && sql.profile.spec(child).is_some() {
            let mut q = Query::new(sql.dialect);
            let is_its = sql.equals(&mut q, &sql.name(child), child, "userId", 0);
            steps.push(q.write("delete_user", format!("DELETE FROM {} WHERE {is_its}", sql.table(child))));
        }
    }
    let mut q = Query::new(sql.dialect);
    let is_it = sql.equals(&mut q, &name, Users, "id", 0);
    let row = sql.row(Users, &FIELDS, &name);
    steps.push(q.write("delete_user", format!("DELETE FROM {table} WHERE {is_it} RETURNING {row}")));
    Plan { steps }
}
