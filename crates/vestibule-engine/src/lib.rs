//! The sign-in engine of Vestibule: flows without I/O of their own.
