//! Vestibule: the data layer and sign-in engine of Auth.js and Lucia, in Rust.
