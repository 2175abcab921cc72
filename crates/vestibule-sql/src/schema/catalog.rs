//! What the database says about its tables.

use super::{SchemaError, qualified, store_error};
use crate::{Access, Dialect, Driver, ParamType, Profile, Row, Statement, Table, Value};

/// A table as it is.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) columns: Vec<FoundColumn>,
    /// The columns of each index without a condition, and whether it is unique.
    pub(super) keys: Vec<(bool, Vec<String>)>,
    /// The columns that refer to the users, and whether deletion cascades.
    pub(super) foreign_keys: Vec<(String, bool)>,
}

#[derive(Debug)]
pub(super) struct FoundColumn {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) not_null: bool,
    /// Something fills it in when nothing is given: a default, a trigger, or the table behind a view.
    pub(super) has_default: bool,
}

/// What separates column names in one cell; no name has it.
const SEPARATOR: char = '\u{1f}';

struct Questions {
    columns: &'static str,
    keys: &'static str,
    foreign_keys: &'static str,
}

const POSTGRES: Questions = Questions {
    columns: "SELECT a.attname::text, coalesce(b.typname, t.typname)::text, a.attnotnull, \
              a.atthasdef OR a.attidentity <> '' \
              OR (SELECT c.relkind IN ('v', 'f') FROM pg_class c WHERE c.oid = a.attrelid) \
              OR EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = a.attrelid AND NOT g.tgisinternal) \
              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
              LEFT JOIN pg_type b ON b.oid = t.typbasetype \
              WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    keys: "SELECT i.indisunique, string_agg(a.attname::text, chr(31) ORDER BY k.place) \
           FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) \
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
           WHERE i.indrelid = to_regclass($1::text) AND i.indisvalid AND i.indimmediate \
           AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts \
           GROUP BY i.indexrelid, i.indisunique",
    foreign_keys: "SELECT a.attname::text, c.confdeltype = 'c' FROM pg_constraint c \
                   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
                   WHERE c.conrelid = to_regclass($1::text) AND c.confrelid = to_regclass($2::text) \
                   AND c.contype = 'f' AND cardinality(c.conkey) = 1",
};

const SQLITE: Questions = Questions {
    columns: "SELECT name, type, \"notnull\", dflt_value IS NOT NULL OR (pk = 1 AND upper(type) = 'INTEGER') \
              FROM pragma_table_info(?1)",
    keys: "SELECT 1, group_concat(name, char(31)) FROM (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk) \
           HAVING count(*) > 0 UNION ALL \
           SELECT l.\"unique\", (SELECT group_concat(name, char(31)) FROM \
           (SELECT i.name FROM pragma_index_info(l.name) AS i ORDER BY i.seqno)) \
           FROM pragma_index_list(?1) AS l WHERE l.partial = 0",
    foreign_keys: "SELECT f.\"from\", f.on_delete = 'CASCADE' FROM pragma_foreign_key_list(?1) AS f \
                   WHERE lower(f.\"table\") = lower(?2) \
                   AND (SELECT count(*) FROM pragma_foreign_key_list(?1) AS o WHERE o.id = f.id) = 1",
};

/// Asks about one table; no columns means that there is none.
pub(super) async fn look_at(
    driver: &impl Driver,
    profile: &Profile,
    table: Table,
) -> Result<Found, SchemaError> {
    let dialect = driver.dialect();
    let questions = match dialect {
        Dialect::Postgres => POSTGRES,
        Dialect::Sqlite => SQLITE,
    };
    // PostgreSQL parses the name, so it must be quoted; SQLite compares it.
    let name_of = |table| {
        Value::Text(match dialect {
            Dialect::Postgres => qualified(profile, dialect, table),
            Dialect::Sqlite => profile.table_name(table).unwrap_or_default().to_owned(),
        })
    };
    let (name, users) = (name_of(table), name_of(Table::Users));
    let columns = ask(driver, questions.columns, &[&name]).await?;
    let columns = columns.iter().map(|row| FoundColumn {
        name: text(row, 0),
        type_name: text(row, 1),
        not_null: truth(row, 2),
        has_default: truth(row, 3),
    });
    let columns = columns.collect();
    let keys = ask(driver, questions.keys, &[&name]).await?;
    let split = |row: &Row| text(row, 1).split(SEPARATOR).map(str::to_owned).collect();
    let keys = keys.iter().map(|row| (truth(row, 0), split(row))).collect();
    let foreign_keys = ask(driver, questions.foreign_keys, &[&name, &users]).await?;
    let foreign_keys = foreign_keys.iter().map(|row| (text(row, 0), truth(row, 1))).collect();
    Ok(Found { columns, keys, foreign_keys })
}

async fn ask(driver: &impl Driver, question: &str, names: &[&Value]) -> Result<Vec<Row>, SchemaError> {
    let statement = Statement {
        name: "schema",
        text: question.into(),
        params: names.iter().map(|_| ParamType::Text).collect(),
        access: Access::Read,
    };
    let names: Vec<_> = names.iter().map(|&name| name.clone()).collect();
    driver.run(&statement, &names).await.map_err(store_error)
}

fn text(row: &Row, at: usize) -> String {
    match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn truth(row: &Row, at: usize) -> bool {
    matches!(row.get(at), Some(Value::Bool(true) | Value::Int(1)))
}
