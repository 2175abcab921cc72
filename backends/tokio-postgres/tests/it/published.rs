//! The tables that Vestibule makes, beside the published ones.

use vestibule_sql::{Dialect, schema};

use crate::server::{self, Schema};

const PUBLISHED: &str = include_str!("../../../../fixtures/published/authjs-pg.sql");

/// Each column as the catalogue describes it, and each primary key.
async fn described(schema: &Schema) -> (Vec<String>, Vec<String>) {
    let columns = "SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), \
         CASE WHEN a.attnotnull THEN 'not null' END, \
         replace(pg_get_expr(d.adbin, d.adrelid), n.nspname || '.', '')) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0 ORDER BY c.relname, a.attnum";
    let keys = "SELECT concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND k.contype = 'p' ORDER BY 1";
    let ask = async |text: &str| {
        let rows = schema.client.query(text, &[&schema.name]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    (ask(columns).await, ask(keys).await)
}

#[tokio::test]
async fn fresh_tables_have_the_columns_of_the_published_ones() {
    let Some(published) = server::schema("published").await else { return };
    let Some(fresh) = server::schema("fresh").await else { return };
    published.execute(PUBLISHED).await;
    for statement in schema::create(&fresh.profile(), Dialect::Postgres).unwrap() {
        fresh.execute(&statement).await;
    }

    let (columns, keys) = described(&published).await;
    assert_eq!((columns.len(), keys.len()), (24, 4));
    assert_eq!(described(&fresh).await, (columns, keys));
    published.drop().await;
    fresh.drop().await;
}
