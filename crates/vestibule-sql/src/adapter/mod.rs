//! The contract over a driver: arguments in, one plan run, rows out.

mod accounts;
mod authenticators;
mod fill;
mod new_user;
mod sessions;
mod tokens;
mod users;

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_core::{
    Adapter, AdapterError, Capabilities, Clock, Entity, FirstSession, NewAccount, NewUser, OsRandom, Random,
    Session, SystemClock, Timestamp, TimestampPrecision, User, UserId,
};

use crate::decode::{self, Cells};
use crate::profile::{ColumnKind, Profile, ProfileError, Table, TimeForm};
use crate::schema::{Guarantees, SchemaError};
use crate::statement::{Plan, Query};
use crate::statements::Sql;
use crate::statements::accounts::AccountStatements;
use crate::statements::authenticators::AuthenticatorStatements;
use crate::statements::sessions::SessionStatements;
use crate::statements::tokens::TokenStatements;
use crate::statements::users::UserStatements;
use crate::wire::Wire;
use crate::{Driver, DriverError, Row, Value, schema};

/// How often a transaction that loses against others is run. Each round one of the contenders gets through.
const MOST_ATTEMPTS: usize = 64;

/// The whole contract over a [`Driver`], with every statement compiled once.
#[derive(Debug)]
pub struct SqlAdapter<D> {
    driver: D,
    sql: Sql,
    ping: Plan,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    users: UserStatements,
    accounts: Option<AccountStatements>,
    sessions: Option<SessionStatements>,
    tokens: Option<TokenStatements>,
    authenticators: Option<AuthenticatorStatements>,
}

impl<D: Driver> SqlAdapter<D> {
    /// Compiles the profile without asking the database anything.
    ///
    /// Nothing is taken for granted: every operation takes the locks that a database without constraints needs.
    /// They are right, and cost little, on any database; [`inspect`](Self::inspect) finds out which can be left
    /// out, and which reads are [look-ups](Driver::look_up).
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
        let ping = Query::new(dialect).read("ping", "SELECT 1".to_owned()).look_up_if(true).into();
        Ok(Self {
            ping,
            users: UserStatements::compile(&sql),
            accounts: AccountStatements::compile(&sql),
            sessions: SessionStatements::compile(&sql),
            tokens: TokenStatements::compile(&sql),
            authenticators: AuthenticatorStatements::compile(&sql),
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            driver,
            sql,
        })
    }

    /// Takes another clock. It is asked only for columns that a profile fills with the time, such as
    /// `updatedAt`, and for marks of deletion.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Takes another random source. It is asked for ids that nobody gave, and for columns that a profile fills
    /// with random bytes.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
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
        Ok(Self::with_guarantees(driver, report.profile.unwrap_or(profile), guarantees)?)
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

    /// Runs a plan and returns the rows of the step that answers.
    async fn run(&self, plan: &Plan, args: &[Value], about: About) -> Result<Vec<Row>, AdapterError> {
        if let [step] = &*plan.steps {
            let picked;
            let params = if step.takes_all(args) {
                args
            } else {
                picked = step.pick(args).map_err(|time| too_far(time, about))?;
                &picked
            };
            let mut attempt = 1;
            loop {
                let running = if step.is_look_up {
                    self.driver.look_up(&step.statement, params)
                } else {
                    self.driver.run(&step.statement, params)
                };
                match running.await {
                    Err(DriverError::Contention(_)) if attempt < MOST_ATTEMPTS => attempt += 1,
                    result => return result.map_err(|error| self.error(error, about)),
                }
            }
        }
        let mut results = self.run_all(plan, args, about).await?;
        Ok(if plan.answer < results.len() { results.swap_remove(plan.answer) } else { Vec::new() })
    }

    /// Runs a plan that answers how many rows it touched.
    async fn run_counted(&self, plan: &Plan, args: &[Value], about: About) -> Result<u64, AdapterError> {
        let rows = self.run(plan, args, about).await?;
        if !plan.counts {
            return Ok(rows.len() as u64);
        }
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Int(count)) => Ok(u64::try_from(*count).unwrap_or(0)),
            _ => Ok(0),
        }
    }

    /// Runs a plan of several steps and returns the rows of each.
    async fn run_all(
        &self,
        plan: &Plan,
        args: &[Value],
        about: About,
    ) -> Result<Vec<Vec<Row>>, AdapterError> {
        let params = plan.steps.iter().map(|step| step.pick(args)).collect::<Result<Vec<_>, _>>();
        let params = params.map_err(|time| too_far(time, about))?;
        let batch: Vec<_> =
            plan.steps.iter().zip(&params).map(|(step, params)| (&step.statement, &params[..])).collect();
        let (mut attempt, mut is_overtaken) = (1, false);
        loop {
            match self.driver.run_all(&batch).await {
                Err(DriverError::Contention(_)) if attempt < MOST_ATTEMPTS => attempt += 1,
                // Somebody was faster, and the database does not say at which table: the next probe tells. Once is
                // enough; a key that takes `A` for `a` is violated by what no probe finds.
                Err(DriverError::UniqueViolated { table: None, .. })
                    if plan.probe.is_some() && !is_overtaken =>
                {
                    is_overtaken = true;
                }
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
        let fold = |name| self.sql.dialect.fold(name);
        let is_it =
            |&table: &Table| self.sql.profile.table_name(table).is_some_and(|own| fold(own) == fold(name));
        let table = Table::ALL.into_iter().find(is_it)?;
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
        self.sql.dialect.text_holds_nul() || !matches!(value, Value::Text(text) if text.contains('\0'))
    }

    /// Texts to look a row up by; `None` if no row can have them.
    fn key<const N: usize>(&self, texts: [&str; N]) -> Option<[Value; N]> {
        let values = texts.map(|text| Value::Text(text.to_owned()));
        values.iter().all(|value| self.can_exist(value)).then_some(values)
    }

    fn cells<'a>(
        &'a self,
        table: Table,
        fields: &'a [&'static str],
        row: &'a mut std::vec::IntoIter<Value>,
    ) -> Cells<'a> {
        Cells::new(&self.sql.profile, self.sql.dialect, table, fields, row)
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
    probe: [bool; 3],
    /// Whether the probe was a step of its own and answered, so that others came between it and the insertion.
    was_probed_before: bool,
    row: Option<std::vec::IntoIter<Value>>,
}

impl Inserted {
    /// The probe's cells are in a step of their own, or are the first `probes` of the answer's one row.
    fn read(plan: &Plan, mut results: Vec<Vec<Row>>, probes: usize) -> Self {
        let cells = |row: &Row| [0, 1, 2].map(|at| at < probes && is_true(row.get(at)));
        let answer = results.get_mut(plan.answer).and_then(Vec::pop);
        if let Some(probe) = plan.probe {
            let probe = results.get(probe).and_then(|rows| rows.first()).map(cells);
            return Self {
                was_probed_before: probe.is_some(),
                probe: probe.unwrap_or_default(),
                row: answer.map(Vec::into_iter),
            };
        }
        let row = answer.unwrap_or_default();
        let probe = cells(&row);
        let mut row = row.into_iter();
        row.by_ref().take(probes).for_each(drop);
        let is_there = row.as_slice().iter().any(|cell| *cell != Value::Null);
        Self { probe, was_probed_before: false, row: is_there.then_some(row) }
    }
}

impl<D: Driver> SqlAdapter<D> {
    /// The coarsest of all columns.
    fn precision(&self) -> TimestampPrecision {
        let fields = [
            (Table::Users, "emailVerified"),
            (Table::Sessions, "expires"),
            (Table::VerificationTokens, "expires"),
        ];
        let profile = &self.sql.profile;
        // A truth value keeps no point in time at all.
        let keeps = |(table, field): (Table, &str)| match profile.time_form(table, field) {
            TimeForm::Flag { .. } => true,
            form => form.keeps_millis(),
        };
        if fields.into_iter().all(keeps) { TimestampPrecision::Millis } else { TimestampPrecision::Seconds }
    }

    /// The point in time as the column keeps it.
    fn as_kept(&self, table: Table, field: &str, time: Timestamp) -> Timestamp {
        self.kept_as(self.sql.profile.time_form(table, field), time)
    }

    /// The point in time as a column of this form keeps it.
    fn kept_as(&self, form: &TimeForm, time: Timestamp) -> Timestamp {
        Wire::of(self.sql.dialect, &ColumnKind::Time(form.clone())).kept(time)
    }

    /// The statements of a role, or the refusal that there is no table for it.
    fn statements<'a, S>(
        statements: Option<&'a S>,
        operation: &'static str,
        what: &str,
    ) -> Result<&'a S, AdapterError> {
        statements.ok_or_else(|| AdapterError::Refused {
            operation,
            source: format!("the schema profile has no {what}").into(),
        })
    }
}

fn too_far(time: Timestamp, about: About) -> AdapterError {
    let problem = format!("the column holds no time {} ms from 1970", time.as_millis());
    AdapterError::Refused { operation: about.operation, source: problem.into() }
}

#[async_trait]
impl<D: Driver> Adapter for SqlAdapter<D> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            id_kind: self.sql.profile.id_kind,
            timestamp_precision: self.precision(),
            authenticators: self.authenticators.is_some(),
        }
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        let about = About::new("ping", Entity::User);
        self.run(&self.ping, &[], about).await.map(drop)
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        let mut row = self.insert_user(user, account, Some(session)).await?;
        Ok((self.decode_user(&mut row)?, self.decode_session(&mut row)?))
    }
}
