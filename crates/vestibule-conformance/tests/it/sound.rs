//! The adapter that the faults are built into passes the whole suite without them.

use vestibule_conformance::{Feature, suite};

use crate::broken::{Fault, store};

suite!(
    async |fixture| store(fixture, Fault::None),
    without [Feature::RenamedSchema, Feature::TypedColumns]
);
