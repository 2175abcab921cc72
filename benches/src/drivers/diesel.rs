//! diesel's own query, since it prepares a text that somebody has written anew each time.

use std::hint::black_box;

use anyhow::Result;
use diesel::data_types::PgTimestamp;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use vestibule_diesel_async::DieselAsync;

use super::Comparison;
use crate::raw::session::Find;

diesel::table! {
    sessions (id) {
        id -> Integer,
        #[sql_name = "sessionToken"]
        session_token -> Text,
        #[sql_name = "userId"]
        user_id -> Integer,
        expires -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        #[sql_name = "emailVerified"]
        email_verified -> Nullable<Timestamptz>,
        image -> Nullable<Text>,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(sessions, users);

type Found = (
    (i32, String, i32, PgTimestamp),
    (i32, Option<String>, Option<String>, Option<PgTimestamp>, Option<String>),
);

struct Raw(Pool<AsyncPgConnection>);

impl Find for Raw {
    async fn find(&self, token: &str) -> Result<bool> {
        let mut connection = self.0.get().await?;
        let query = sessions::table
            .inner_join(users::table)
            .filter(sessions::session_token.eq(token))
            .select((sessions::all_columns, users::all_columns));
        let found: Option<Found> = query.first(&mut connection).await.optional()?;
        Ok(black_box(found).is_some())
    }
}

pub(super) async fn on_postgres(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
    let pool = Pool::builder(manager).max_size(20).build()?;
    comparison.run("diesel-async", DieselAsync::new(pool.clone()), async |_| Ok(Raw(pool))).await
}
