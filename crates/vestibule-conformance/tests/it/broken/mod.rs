//! A store in memory with one fault.

mod accounts;
mod authenticators;
mod sessions;
mod tokens;
mod users;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use vestibule_conformance::{Fixture, Presence, Store};
use vestibule_core::{
    Adapter, AdapterError, Capabilities, FirstSession, NewAccount, NewUser, Session, Sessions, Timestamp,
    User, Users,
};
use vestibule_memory::Memory;

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Knows sessions, and of users nothing but that they are there.
    Bare,
    // Users
    CreateDropsExtra,
    CreateTakesNullForDefault,
    CreateDropsUndeclared,
    CreateAcceptsTakenEmail,
    CreateInTwoSteps,
    SignsUpInTwoSteps,
    CutsAtNul,
    EmailIgnoresCase,
    MalformedIdIsAnError,
    UpdateWritesWholeRow,
    UpdateMakesGhost,
    UpdateTakesNullForKeep,
    // Accounts
    LinkOverwrites,
    LinkDropsTokens,
    ListsAccountsBackwards,
    UnlinkForgets,
    // Sessions
    CreateCutsToSeconds,
    FindsOnlyLiveSessions,
    OrphanSessions,
    TouchRevives,
    TouchKeepsExpired,
    TouchIsLate,
    TouchShortens,
    UpdateSessionMakesGhost,
    ListsShortestFirst,
    ListsUselessTokens,
    KeepsNoSession,
    SweepsSessionsLate,
    SweepsWithoutLimit,
    // Tokens
    ConsumeReadsThenDeletes,
    ConsumeHidesExpired,
    ConsumeIgnoresCase,
    ConsumeDeletesAllOfIdentifier,
    CreateTokenOverwrites,
    SweepsTokensEarly,
    LeaseIsNoLock,
    LeaseIsHeldTooLong,
    ReleasesAnyLease,
    // Authenticators
    CounterReadsThenWrites,
    AnyCounterWillDo,
}

/// A store in memory with one fault.
#[derive(Debug)]
pub(crate) struct Broken {
    memory: Memory,
    fault: Fault,
    orphans: Mutex<Vec<Session>>,
}

/// A store as the fixture asks for it, but for the fault.
pub(crate) fn store(fixture: Fixture, fault: Fault) -> Store {
    let columns = || fixture.columns.iter().map(|column| (column.name, column.default_value()));
    let mut memory = Memory::new();
    if let Some(id_kind) = fixture.id_kind {
        memory = memory.with_id_kind(id_kind);
    }
    if !fixture.columns.is_empty() {
        memory = memory
            .with_user_columns(columns())
            .with_account_columns(columns())
            .with_session_columns(columns());
    }
    if fixture.authenticators == Some(Presence::Absent) {
        memory = memory.without_authenticators();
    }
    Store::shared(Arc::new(Broken { memory, fault, orphans: Mutex::default() }))
}

impl Broken {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn refuse_if_bare(&self) -> Result<(), AdapterError> {
        if self.has(Fault::Bare) {
            return Err(AdapterError::Refused { operation: "any", source: "there is no place".into() });
        }
        Ok(())
    }
}

/// Lets others run in between, as a round trip would.
async fn round_trip() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

const MILLISECOND: Duration = Duration::from_millis(1);

/// A clock of the store's own, which no case may depend on.
const OWN_CLOCK: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[async_trait]
impl Adapter for Broken {
    fn capabilities(&self) -> Capabilities {
        self.memory.capabilities()
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        self.memory.ping().await
    }

    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError> {
        if account.is_some() {
            self.refuse_if_bare()?;
        }
        if self.has(Fault::SignsUpInTwoSteps) {
            let created = self.memory.create_user(user, account).await?;
            round_trip().await;
            let session = self.memory.create_session(&session.clone().of(created.id.clone())).await?;
            return Ok((created, session));
        }
        self.memory.sign_up(user, account, session).await
    }
}
