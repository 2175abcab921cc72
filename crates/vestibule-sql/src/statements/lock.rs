//! Locks on keys that no row may have yet.

use super::Sql;
use crate::dialect::{Family, mssql};
use crate::profile::Table;
use crate::statement::{Query, Step};
use crate::{Dialect, ParamType};

impl Sql {
    /// What stands at the end of a probe of a key that the table does not keep unique, while the key is locked: the
    /// rows as they are now, and not as MySQL's snapshot has them.
    pub(crate) fn as_they_are(&self, unique: bool) -> &'static str {
        if self.dialect.family() == Family::MySql && !unique { " LOCK IN SHARE MODE" } else { "" }
    }

    /// Holds a lock on a key until the end of the batch, where the tables do not keep it unique themselves. `None`
    /// where they do, or where the database has no such locks and keeps transactions apart otherwise.
    pub(crate) fn lock_unless(&self, unique: bool, what: Table, key: &[usize]) -> Option<Step> {
        let mut query = Query::new(self.dialect);
        if !unique && self.dialect == Dialect::CockroachDb {
            // Of two that looked at the same absence one is refused then, and run again.
            return Some(query.write("isolate", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE".to_owned()));
        }
        if unique || !self.dialect.can_lock_keys() {
            return None;
        }
        let prefix = format!("vestibule:{}:", self.table(what)).replace('\'', "''");
        let key = key.iter().map(|&arg| query.arg(arg, ParamType::Text)).collect::<Vec<_>>();
        let text = match self.dialect.family() {
            Family::Postgres | Family::Sqlite => {
                let key = key.join(" || chr(31) || ");
                format!("SELECT pg_advisory_xact_lock(hashtextextended('{prefix}' || {key}, 0))")
            }
            // A key that is `NULL` locks nothing that anybody waits for. The name has 64 characters at most. Names are
            // the server's, so that the database's own stands in it, in the widest character set. No `UUID()`: on
            // MariaDB what is coalesced with one is made one, and every name would be another.
            Family::MySql => {
                let key = key.join(", CHAR(31), ");
                let prefix = prefix.replace('\\', "\\\\");
                let whole = format!("COALESCE(CONCAT({key}), CONCAT('no key: ', CONNECTION_ID()))");
                let place = format!("CONVERT(DATABASE() USING utf8mb4), '{prefix}'");
                let name = format!("SHA2(CONCAT({place}, {whole}), 256)");
                // Without the lock nothing may be done: a subquery of two rows is an error. `DO` would hide it.
                format!("SELECT IF(GET_LOCK({name}, 86400) = 1, 1, (SELECT 1 UNION SELECT 2))")
            }
            Family::Mssql => mssql::lock(&prefix, &key),
        };
        Some(query.write("lock", text))
    }
}
