//! `session_and_user` and nothing else, for drivers that are compared by that alone.

use std::future::Future;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};

use crate::data::Data;
use crate::measure::Contestant;
use crate::operation::Operation;

/// Finds a session by its token, written by hand on some driver.
pub(crate) trait Find: Send + Sync + 'static {
    /// Reads every column into a type of its own; tells whether there was a row.
    fn find(&self, token: &str) -> impl Future<Output = Result<bool>> + Send;
}

/// A driver, and what to look for.
#[derive(Debug)]
pub(crate) struct RawSession<F> {
    pub(crate) driver: F,
    pub(crate) data: Arc<Data>,
}

impl<F: Find> Contestant for RawSession<F> {
    async fn call(&self, operation: Operation, n: u64) -> Result<()> {
        match operation {
            Operation::SessionAndUser => {
                ensure!(self.driver.find(self.data.session(n).expose()).await?, "a session is missing");
            }
            Operation::SessionAndUserMiss => {
                let found = self.driver.find(self.data.absent(n).expose()).await?;
                ensure!(!found, "there is a session too many");
            }
            other => bail!("{} is not compared here", other.name()),
        }
        Ok(())
    }
}
