//! Statements that depend on which columns are given, so that a column that is not given keeps its default or
//! its value.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::statement::Plan;

/// One plan for each set of given columns, compiled when it is first wanted and kept.
///
/// Which sets occur depends on the program, not on its users, so the number of plans is small.
pub(crate) struct Variants {
    compile: Box<dyn Fn(u128) -> Plan + Send + Sync>,
    plans: RwLock<HashMap<u128, Arc<Plan>>>,
}

impl Variants {
    pub(crate) fn new(compile: impl Fn(u128) -> Plan + Send + Sync + 'static) -> Self {
        Self { compile: Box::new(compile), plans: RwLock::default() }
    }

    pub(crate) fn get(&self, mask: u128) -> Arc<Plan> {
        if let Some(plan) = self.plans.read().unwrap_or_else(PoisonError::into_inner).get(&mask) {
            return Arc::clone(plan);
        }
        let plan = Arc::new((self.compile)(mask));
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(plans.entry(mask).or_insert(plan))
    }
}

impl fmt::Debug for Variants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variants").finish_non_exhaustive()
    }
}
