//! PostgreSQL on the caller's own sqlx pool.
