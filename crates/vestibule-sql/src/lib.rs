//! All SQL of Vestibule.
//!
//! A [`Profile`] says what the tables and columns are called, a [`Dialect`] what the database speaks; from both,
//! [`SqlAdapter`] compiles every statement once and then implements the whole contract of `vestibule-core` over a
//! [`Driver`] of two methods. Whoever knows another database client writes a driver and no SQL.
//!
//! Every operation is one statement or one batch, so none needs a transaction that lasts over several round
//! trips. What the tables do not guarantee by constraints (see [`Guarantees`]) is made up for by a lock.
//!
//! This crate does no I/O and knows no driver.

mod adapter;
#[cfg(feature = "config")]
pub mod config;
mod decode;
mod dialect;
mod driver;
pub mod mysql;
pub mod postgres;
mod profile;
mod rfc3339;
pub mod schema;
mod speaking;
pub mod sqlite;
pub mod sqlserver;
mod statement;
mod statements;
mod value;
mod wire;

pub use adapter::SqlAdapter;
pub use dialect::Dialect;
pub use driver::{Driver, DriverError, Running};
pub use profile::{
    ExtraColumn, ExtraKind, Fill, IdMaker, Profile, ProfileError, Table, TextForm, TimeForm, Zone,
};
pub use schema::Guarantees;
pub use speaking::Speaking;
pub use statement::{Access, Statement};
pub use value::{ParamType, Row, Value};
