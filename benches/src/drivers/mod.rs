//! Every driver beside the statement that its adapter runs, written by hand.

mod bb8;
mod diesel;
mod mysql_async;
mod over_http;
mod sea_orm;
mod sqlx;

use std::future::Future;
use std::sync::Arc;

use anyhow::Result;
use vestibule_core::Adapter;
use vestibule_sql::{Driver, Profile, SqlAdapter};

use crate::cpu::Server;
use crate::data::Data;
use crate::measure::{self, Contestant};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::raw::session::{Find, RawSession};
use crate::raw::sqlite::Reading;
use crate::recorded;
use crate::report::{Bar, Finding, Report};
use crate::stores::mysql::Mysql;
use crate::stores::postgres::Postgres;
use crate::stores::short;
use crate::stores::sqlite::Sqlite;
use crate::through_adapter::ThroughAdapter;

/// What is compared: looking a session up, in vain as well.
const OPERATIONS: [Operation; 2] = [Operation::SessionAndUser, Operation::SessionAndUserMiss];
/// Of the raw driver's speed, where a server is asked, and where a file is.
const SERVER_BAR: f64 = 0.9;
const FILE_BAR: f64 = 0.7;

/// How the names of comparisons begin, by the database.
const PARTS_ON_POSTGRES: [&str; 6] = [
    "drivers/tokio-postgres",
    "drivers/bb8-postgres",
    "drivers/sqlx-postgres",
    "drivers/sea-orm/postgres",
    "drivers/diesel-async",
    "drivers/neon",
];
const PARTS_ON_SQLITE: [&str; 4] =
    ["drivers/rusqlite", "drivers/sqlx-sqlite", "drivers/sea-orm/sqlite", "drivers/hrana"];

/// Compares through one driver. The raw side gets the very text that the adapter runs.
struct Comparison<'a> {
    plan: &'a Plan,
    report: &'a mut Report,
    data: Arc<Data>,
    profile: Profile,
    server: Option<Server>,
    bar: f64,
}

impl Comparison<'_> {
    /// `name` is the driver's.
    async fn run<D, F, W>(&mut self, name: &str, driver: D, raw: impl FnOnce(Arc<str>) -> W) -> Result<()>
    where
        D: Driver + Clone,
        F: Find,
        W: Future<Output = Result<F>>,
    {
        if !self.wants(name) {
            return Ok(());
        }
        let part = self.part(name);
        let texts = recorded::texts(driver.clone(), self.profile.clone(), &self.data, &OPERATIONS).await?;
        let text = crate::raw::one(&texts, Operation::SessionAndUser)?;
        let raw = RawSession { driver: raw(Arc::clone(text)).await?, data: Arc::clone(&self.data) };
        let adapter: Arc<dyn Adapter> = Arc::new(SqlAdapter::inspect(driver, self.profile.clone()).await?);
        let adapter = ThroughAdapter { adapter, data: Arc::clone(&self.data) };
        self.compare(&part, (&Arc::new(adapter), &Arc::new(raw))).await
    }

    /// Compares through a driver whose raw side can do everything.
    async fn run_whole<C: Contestant>(
        &mut self,
        name: &str,
        contestants: impl AsyncFnOnce() -> Result<(Arc<ThroughAdapter>, Arc<C>)>,
    ) -> Result<()> {
        if !self.wants(name) {
            return Ok(());
        }
        let part = self.part(name);
        let (adapter, raw) = contestants().await?;
        self.compare(&part, (&adapter, &raw)).await
    }

    fn wants(&self, name: &str) -> bool {
        self.plan.may_want(&self.part(name))
    }

    fn part(&self, name: &str) -> String {
        format!("drivers/{name}/{}", short(self.data.sessions.len()))
    }

    async fn compare<C: Contestant>(
        &mut self,
        part: &str,
        (adapter, raw): (&Arc<ThroughAdapter>, &Arc<C>),
    ) -> Result<()> {
        for operation in OPERATIONS {
            adapter.call(operation, 0).await?;
            raw.call(operation, 0).await?;
            for &concurrency in self.plan.concurrency() {
                let name = format!("{part}/{concurrency}/{}", operation.name());
                if self.plan.wants(&name) {
                    let effort = self.plan.effort();
                    let (ours, theirs) =
                        measure::duel((adapter, raw), operation, concurrency, effort, self.server).await?;
                    let (ours, theirs) = (("adapter", &ours[..]), ("raw", &theirs[..]));
                    let bar = Some(Bar::AtLeast(self.bar));
                    self.report.add(Finding::by_rate(name, ours, theirs, bar));
                }
            }
        }
        Ok(())
    }
}

/// How often a statement for MySQL or MariaDB wants its one parameter, which has no number there.
fn places(text: &str) -> usize {
    text.matches('?').count()
}

fn begin(database: &str) {
    Report::begin(&format!("Drivers for {database}: the adapter and the same statement on the raw driver"));
}

/// Those for PostgreSQL.
pub(crate) async fn on_postgres(plan: &Plan, report: &mut Report, postgres: &Postgres) -> Result<()> {
    if !PARTS_ON_POSTGRES.iter().any(|part| plan.may_want(part)) {
        return Ok(());
    }
    let tables = postgres.fill(plan.drivers_size()).await?;
    let url = postgres.url_of(&tables);
    begin("PostgreSQL");
    let mut comparison = Comparison {
        plan,
        report,
        data: Arc::clone(&tables.data),
        profile: tables.profile.clone(),
        server: postgres.server,
        bar: SERVER_BAR,
    };
    let pooled = async || Ok((postgres.pooled(&tables).await?, postgres.raw(&tables).await?));
    comparison.run_whole("tokio-postgres", pooled).await?;
    bb8::on_postgres(&mut comparison, &url).await?;
    sqlx::on_postgres(&mut comparison, &url).await?;
    sea_orm::on_postgres(&mut comparison, &url).await?;
    diesel::on_postgres(&mut comparison, &url).await?;
    over_http::on_postgres(&mut comparison, postgres.url()).await
}

/// Those for MariaDB and MySQL.
pub(crate) async fn on_mysql(plan: &Plan, report: &mut Report, mysql: &Mysql) -> Result<()> {
    let data = mysql.fill(plan.drivers_size()).await?;
    begin("MariaDB");
    let mut comparison =
        Comparison { plan, report, data, profile: Profile::authjs(), server: mysql.server, bar: SERVER_BAR };
    mysql_async::on_mysql(&mut comparison, &mysql.pool).await?;
    sqlx::on_mysql(&mut comparison, &mysql.url).await?;
    sea_orm::on_mysql(&mut comparison, &mysql.url).await
}

/// Those for SQLite.
pub(crate) async fn on_sqlite(plan: &Plan, report: &mut Report) -> Result<()> {
    if !PARTS_ON_SQLITE.iter().any(|part| plan.may_want(part)) {
        return Ok(());
    }
    let sqlite = Sqlite::create()?;
    let tables = sqlite.fill(plan.drivers_size())?;
    begin("SQLite");
    let mut comparison = Comparison {
        plan,
        report,
        data: Arc::clone(&tables.data),
        profile: Profile::authjs(),
        server: None,
        bar: FILE_BAR,
    };
    let on_file = async || {
        let pair = sqlite.on_file(&tables, Reading::Mapped).await?;
        Ok((pair.adapter, pair.raw))
    };
    comparison.run_whole("rusqlite", on_file).await?;
    sqlx::on_sqlite(&mut comparison, &tables.path).await?;
    sea_orm::on_sqlite(&mut comparison, &tables.path).await?;
    over_http::on_sqlite(&mut comparison).await
}
