//! The contract over a driver: arguments in, one plan run, rows out.

mod accounts;
mod authenticators;
mod sessions;
mod tokens;
mod users;

use async_trait::async_trait;
use vestibule_core::{Adapter, AdapterError, Capabilities, Entity, Extra, TimestampPrecision, UserId};

use crate::decode::{self, Cells};
use crate::profile::{Profile, ProfileError, Table};
use crate::schema::{Guarantees, SchemaError};
use crate::statement::{Plan, Query};
use crate::statements::Sql;
use crate::statements::accounts::AccountStatements;
use crate::statements::authenticators::AuthenticatorStatements;
use crate::statements::sessions::SessionStatements;
use crate::statements::tokens::TokenStatements;
use crate::statements::users::UserStatements;
use crate::{Dialect, Driver, DriverError, Row, Value, schema};

/// How often a transaction that lost against another one is run again.
const MOST_ATTEMPTS: usize = 5;

/// The whole contract over a [`Driver`], with every statement compiled once.
#[derive(Debug)]
pub struct SqlAdapter<D> {
    driver: D,
    sql: Sql,
    ping: Plan,
    users: UserStatements,
    accounts: AccountStatements,
    sessions: SessionStatements,
    tokens: TokenStatements,
    authenticators: Option<AuthenticatorStatements>,
}

impl<D: Driver> SqlAdapter<D> {
    /// Compiles the profile without asking the database anything.
    ///
    /// Nothing is taken for granted: every operation takes the locks that a database without constraints needs.
    /// They are right, and cost little, on any database; [`inspect`](Self::inspect) finds out which can be left
    /// out.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] with everything that is wrong with the profile.
    pub fn new(driver: D, profile: Profile) -> Result<Self, ProfileError> {
        Self::with_guarantees(driver, profile, Guarantees::default())
    }

    /// Compiles the profile for a database whose constraints are known.
    ///
    /// Claiming a constraint that is not there makes races possible; [`inspect`](Self::inspect) looks for itself.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] with everything that is wrong with the profile.
    pub fn with_guarantees(
        driver: D,
        profile: Profile,
        guarantees: Guarantees,
    ) -> Result<Self, ProfileError> {
        let dialect = driver.dialect();
        profile.check(dialect)?;
        let sql = Sql { profile, dialect, guarantees };
        let ping = Query::new(dialect).read("ping", "SELECT 1".to_owned()).into();
        Ok(Self {
            ping,
            users: UserStatements::compile(&sql),
            accounts: AccountStatements::compile(&sql),
            sessions: SessionStatements::compile(&sql),
            tokens: TokenStatements::compile(&sql),
            authenticators: AuthenticatorStatements::compile(&sql),
            driver,
            sql,
        })
    }

    /// Looks at the tables, reports what does not fit the profile, and compiles it for the constraints found.
    ///
    /// For start-up: a handful of round trips. It changes nothing.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] if the profile is wrong, the database cannot be asked, or the tables do not fit; then it
    /// says which, and what SQL would mend it.
    pub async fn inspect(driver: D, profile: Profile) -> Result<Self, SchemaError> {
        let report = schema::inspect(&driver, &profile).await?;
        let guarantees = report.fits()?;
        Ok(Self::with_guarantees(driver, profile, guarantees)?)
    }

    /// The profile that was compiled.
    pub fn profile(&self) -> &Profile {
        &self.sql.profile
    }

    /// The constraints that the statements rely on.
    pub fn guarantees(&self) -> Guarantees {
        self.sql.guarantees
    }

    /// The driver.
    pub fn driver(&self) -> &D {
        &self.driver
    }

    /// Runs a plan and returns the rows of its last step.
    async fn run(&self, plan: &Plan, args: &[Value], about: About) -> Result<Vec<Row>, AdapterError> {
        if let [step] = &*plan.steps {
            let picked;
            let params = if step.takes_all(args) {
                args
            } else {
                picked = step.pick(args);
                &picked
            };
            let mut attempt = 1;
            loop {
                match self.driver.run(&step.statement, params).await {
                    Err(DriverError::Contention(_)) if attempt < MOST_ATTEMPTS => attempt += 1,
                    result => return result.map_err(|error| self.error(error, about)),
                }
            }
        }
        let results = self.run_all(plan, args, about).await?;
        Ok(results.into_iter().next_back().unwrap_or_default())
    }

    /// Runs a plan of several steps and returns the rows of each.
    async fn run_all(
        &self,
        plan: &Plan,
        args: &[Value],
        about: About,
    ) -> Result<Vec<Vec<Row>>, AdapterError> {
        let params: Vec<_> = plan.steps.iter().map(|step| step.pick(args)).collect();
        let batch: Vec<_> =
            plan.steps.iter().zip(&params).map(|(step, params)| (&step.statement, &params[..])).collect();
        let mut attempt = 1;
        loop {
            match self.driver.run_all(&batch).await {
                Err(DriverError::Contention(_)) if attempt < MOST_ATTEMPTS => attempt += 1,
                result => return result.map_err(|error| self.error(error, about)),
            }
        }
    }

    /// The one place where a driver's error becomes the contract's.
    fn error(&self, error: DriverError, about: About) -> AdapterError {
        match error {
            DriverError::UniqueViolated { table, .. } => {
                let by_name = table.as_deref().and_then(|name| self.table_named(name));
                AdapterError::Conflict { entity: by_name.unwrap_or(about.entity) }
            }
            DriverError::ForeignKeyViolated(_) if about.has_owner() => {
                AdapterError::OwnerAbsent { entity: about.entity }
            }
            // Some table of the application's own is in the way.
            DriverError::ForeignKeyViolated(source) | DriverError::Refused(source) => {
                AdapterError::Refused { operation: about.operation, source }
            }
            DriverError::Contention(source) | DriverError::Unavailable(source) => {
                AdapterError::Unavailable(source)
            }
        }
    }

    fn table_named(&self, name: &str) -> Option<Entity> {
        let table = Table::ALL.into_iter().find(|&table| self.sql.profile.table_name(table) == Some(name))?;
        Some(match table {
            Table::Users => Entity::User,
            Table::Accounts => Entity::Account,
            Table::Sessions => Entity::Session,
            Table::VerificationTokens => Entity::VerificationToken,
            Table::Authenticators => Entity::Authenticator,
        })
    }

    fn user_id(&self, id: &UserId) -> Option<Value> {
        decode::user_id(self.sql.profile.id_kind, id).filter(|value| self.can_exist(value))
    }

    /// Whether a stored value can equal this one: PostgreSQL's text never holds a NUL byte.
    fn can_exist(&self, value: &Value) -> bool {
        !matches!((value, self.sql.dialect), (Value::Text(text), Dialect::Postgres) if text.contains('\0'))
    }

    /// Texts to look a row up by; `None` if no row can have them.
    fn key<const N: usize>(&self, texts: [&str; N]) -> Option<[Value; N]> {
        let values = texts.map(|text| Value::Text(text.to_owned()));
        values.iter().all(|value| self.can_exist(value)).then_some(values)
    }

    /// Adds the given columns of the application's own to the arguments, and says which they are, one bit each.
    fn push_extra(
        &self,
        args: &mut Vec<Value>,
        table: Table,
        extra: &Extra,
        operation: &'static str,
    ) -> Result<u64, AdapterError> {
        let columns = self.sql.profile.spec(table).map_or(&[][..], |spec| &spec.extra);
        let refuse = |problem: String| AdapterError::Refused { operation, source: problem.into() };
        if let Some(field) = extra.keys().find(|&field| columns.iter().all(|column| column.field != *field)) {
            return Err(refuse(format!("the profile declares no column {field:?} for {table}")));
        }
        let mut mask = 0;
        for (bit, column) in columns.iter().enumerate() {
            if let Some(json) = extra.get(&column.field) {
                let value = decode::write_extra(self.sql.dialect, column, json);
                args.push(
                    value.map_err(|takes| refuse(format!("the column {:?} takes {takes}", column.field)))?,
                );
                mask |= 1 << bit;
            }
        }
        Ok(mask)
    }

    fn cells<'a>(
        &'a self,
        table: Table,
        fields: &'a [&'static str],
        row: &'a mut std::vec::IntoIter<Value>,
    ) -> Cells<'a> {
        Cells::new(&self.sql.profile, table, fields, row)
    }
}

/// What an operation is about, for its errors.
#[derive(Clone, Copy, Debug)]
struct About {
    operation: &'static str,
    entity: Entity,
}

impl About {
    const fn new(operation: &'static str, entity: Entity) -> Self {
        Self { operation, entity }
    }

    /// Whether the operation writes a row that belongs to a user who must be there.
    fn has_owner(self) -> bool {
        ["link_account", "create_session", "create_authenticator"].contains(&self.operation)
    }
}

/// Of rows whose first cell is their id, the one that was made first: what a key that an old table holds several
/// times names. Ids that do not count leave it to the database.
fn first_made(rows: Vec<Row>) -> Option<Row> {
    rows.into_iter().min_by_key(|row| match row.first() {
        Some(Value::Int(id)) => *id,
        _ => 0,
    })
}

/// Whether the cell is true, as either dialect says it.
fn is_true(cell: Option<&Value>) -> bool {
    matches!(cell, Some(Value::Bool(true) | Value::Int(1)))
}

/// The answer of a plan that inserts: what its probe found, and the new row if there is one.
struct Inserted {
    probe: [bool; 2],
    row: Option<std::vec::IntoIter<Value>>,
}

impl Inserted {
    /// PostgreSQL answers in the last step's one row, whose first `probes` cells are the probe's; SQLite in the
    /// results of the first two steps.
    fn read(dialect: Dialect, mut results: Vec<Vec<Row>>, probes: usize) -> Self {
        let cells = |row: &Row| [is_true(row.first()), probes == 2 && is_true(row.get(1))];
        match dialect {
            Dialect::Postgres => {
                let row = results.pop().and_then(|rows| rows.into_iter().next()).unwrap_or_default();
                let probe = cells(&row);
                let mut row = row.into_iter();
                row.by_ref().take(probes).for_each(drop);
                let is_there = row.as_slice().iter().any(|cell| *cell != Value::Null);
                Self { probe, row: is_there.then_some(row) }
            }
            Dialect::Sqlite => {
                let probe = results.first().and_then(|rows| rows.first()).map(cells).unwrap_or_default();
                let row = results.get_mut(1).and_then(Vec::pop).map(Vec::into_iter);
                Self { probe, row }
            }
        }
    }
}

#[async_trait]
impl<D: Driver> Adapter for SqlAdapter<D> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            id_kind: self.sql.profile.id_kind,
            timestamp_precision: TimestampPrecision::Millis,
            authenticators: self.authenticators.is_some(),
        }
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        let about = About::new("ping", Entity::User);
        self.run(&self.ping, &[], about).await.map(drop)
    }
}
