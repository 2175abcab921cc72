//! All SQL of Vestibule: schema profiles, dialects, statements, and the adapter over a two-method driver.
