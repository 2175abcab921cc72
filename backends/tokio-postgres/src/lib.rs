//! PostgreSQL through tokio-postgres, on the caller's own pool or on pipelined connections.
