//! The conformance suite for every Vestibule adapter.
