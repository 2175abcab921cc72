//! A driver that writes down what it is asked and answers nothing.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use vestibule_sql::{
    Dialect, Driver, DriverError, ExtraColumn, ExtraKind, Guarantees, Profile, Row, SqlAdapter, Statement,
    Table, Value, schema,
};
use vestibule_testkit::operations::{Given, each_operation};

/// Part of every value that is given to any operation.
pub(crate) const TAG: &str = "V4LUE";

#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    dialect: Dialect,
    statements: Arc<Mutex<Vec<Statement>>>,
}

impl Recorder {
    fn note(&self, statement: &Statement, params: &[Value]) {
        assert_eq!(statement.params.len(), params.len(), "{}", statement.text);
        self.statements.lock().unwrap().push(statement.clone());
    }
}

#[async_trait]
impl Driver for Recorder {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        self.note(statement, params);
        Ok(Vec::new())
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        for (statement, params) in batch {
            self.note(statement, params);
        }
        Ok(vec![Vec::new(); batch.len()])
    }
}

/// Every operation and the statements that it runs, in order.
pub(crate) async fn statements(
    profile: Profile,
    dialect: Dialect,
    guarantees: Guarantees,
) -> Vec<(&'static str, Vec<Statement>)> {
    let recorder = Recorder { dialect, statements: Arc::default() };
    let adapter = SqlAdapter::with_guarantees(recorder.clone(), profile.clone(), guarantees).unwrap();
    let mut given = Given::tagged(TAG);
    for (field, value) in extra_values() {
        if profile.column_name(Table::Users, field).is_some() {
            given = given.with(field, value);
        }
    }
    let mut found = Vec::new();
    each_operation(&adapter, &given, |name, _| {
        found.push((name, std::mem::take(&mut *recorder.statements.lock().unwrap())));
    })
    .await;
    found
}

/// What is asked of the catalogue when the tables of a profile are looked at, and when a profile is looked for, in order.
///
/// There are no tables as far as the answers go; the same is asked where there are some.
pub(crate) async fn catalogue(profile: &Profile, dialect: Dialect) -> [Vec<(Statement, Vec<Value>)>; 2] {
    let asked = Asked { dialect, statements: Mutex::default() };
    drop(schema::inspect(&asked, profile).await);
    let compared = std::mem::take(&mut *asked.statements.lock().unwrap());
    drop(Profile::detect(&asked).await);
    [compared, asked.statements.into_inner().unwrap()]
}

/// A driver that writes down the values too.
#[derive(Debug)]
struct Asked {
    dialect: Dialect,
    statements: Mutex<Vec<(Statement, Vec<Value>)>>,
}

#[async_trait]
impl Driver for Asked {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        assert_eq!(statement.params.len(), params.len(), "{}", statement.text);
        self.statements.lock().unwrap().push((statement.clone(), params.to_vec()));
        Ok(Vec::new())
    }

    async fn run_all(&self, _: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        Err(DriverError::Refused("the catalogue is asked one thing at a time".into()))
    }
}

fn extra_values() -> [(&'static str, serde_json::Value); 7] {
    [
        ("role", TAG.into()),
        ("loginCount", 7_654_321.into()),
        ("score", 7_654_321.5.into()),
        ("isSubscribed", true.into()),
        ("bornAt", "2007-06-05T04:03:02.001Z".into()),
        ("preferences", serde_json::json!({ "key": TAG })),
        ("tier", TAG.into()),
    ]
}

/// A profile in which everything differs from the published one, and every name has `Zz` in it.
pub(crate) fn changed() -> Profile {
    let mut profile = Profile::authjs()
        .with_id_kind(vestibule_core::IdKind::Uuid)
        .with_authenticators("Zz passkeys")
        .with_postgres_schema("Zz \"auth\"")
        .with_snake_case()
        .with_table(Table::Users, "Zz \"members\"; --")
        .with_table(Table::Accounts, "Zz'links'")
        .with_table(Table::Sessions, "Zz session")
        .with_table(Table::VerificationTokens, "select Zz");
    for table in Table::ALL {
        for field in
            FIELDS.into_iter().filter(|field| profile.column_name(table, field).is_some()).collect::<Vec<_>>()
        {
            profile = profile.with_column(table, field, format!("Zz \"{field}\""));
        }
    }
    let kinds = [
        ("role", ExtraKind::Text),
        ("loginCount", ExtraKind::Int),
        ("score", ExtraKind::Real),
        ("isSubscribed", ExtraKind::Bool),
        ("bornAt", ExtraKind::Time),
        ("preferences", ExtraKind::Json),
        ("tier", ExtraKind::Typed("numeric".into())),
    ];
    for table in [Table::Users, Table::Accounts, Table::Sessions] {
        for (field, kind) in kinds.clone() {
            let column = ExtraColumn::new(field, kind).with_name(format!("Zz {field}; --"));
            profile = profile.with_extra_column(table, column);
        }
    }
    profile
}

/// Every column of the published schema and of the table for authenticators.
const FIELDS: [&str; 26] = [
    "id",
    "name",
    "email",
    "emailVerified",
    "image",
    "userId",
    "type",
    "provider",
    "providerAccountId",
    "refresh_token",
    "access_token",
    "expires_at",
    "id_token",
    "scope",
    "session_state",
    "token_type",
    "expires",
    "sessionToken",
    "identifier",
    "token",
    "credentialID",
    "credentialPublicKey",
    "counter",
    "credentialDeviceType",
    "credentialBackedUp",
    "transports",
];
