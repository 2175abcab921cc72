//! The SQL that makes a table of SQLite anew mends what it is told for, and keeps everything else.

use vestibule_core::{IdKind, NewUser, Users as _};
use vestibule_rusqlite::Rusqlite;
use vestibule_rusqlite::rusqlite::Connection;
use vestibule_sql::schema::{self, Report};
use vestibule_sql::{Dialect, ExtraColumn, Profile, SqlAdapter, Table};

/// A file with the tables of the profile, of which `table` is made as `change` says.
struct File {
    folder: tempfile::TempDir,
    profile: Profile,
}

impl File {
    fn new(table: &str, change: &str) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap(), profile: Profile::authjs() };
        let begins = format!("CREATE TABLE IF NOT EXISTS \"{table}\"");
        for text in schema::create(&file.profile, Dialect::Sqlite).unwrap() {
            let is_it = text.starts_with(&begins);
            file.connection().execute_batch(if is_it { change } else { &text }).unwrap();
        }
        file
    }

    fn connection(&self) -> Connection {
        Connection::open(self.folder.path().join("app.db")).unwrap()
    }

    fn driver(&self) -> Rusqlite {
        Rusqlite::open(self.folder.path().join("app.db")).unwrap()
    }

    async fn report(&self) -> Report {
        schema::inspect(&self.driver(), &self.profile).await.unwrap()
    }

    fn all(&self, sql: &str) -> Vec<String> {
        let connection = self.connection();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

fn mends(report: &Report) -> Vec<&str> {
    report.problems.iter().filter_map(|finding| finding.mend.as_deref()).collect()
}

const USERS: &str = "CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- counts, always
  name TEXT DEFAULT 'nobody, (yet)', [email] BLOB NOT NULL CHECK (email <> ''),
  \"emailVerified\" TEXT, image, \"a \"\"badge\"\"\" VARCHAR(9) COLLATE NOCASE UNIQUE,
  initial GENERATED ALWAYS AS (substr(name, 1, 1)) VIRTUAL, friend INTEGER REFERENCES users (id)
)";

#[tokio::test]
async fn a_table_of_wrong_types_is_made_anew_with_all_else_that_it_has() {
    let file = File::new("users", USERS);
    file.connection()
        .execute_batch(
            "CREATE INDEX by_name ON users (name) WHERE name <> ''; CREATE TABLE log (what);
             CREATE TRIGGER noted AFTER INSERT ON users BEGIN INSERT INTO log VALUES (NEW.email); END;
             CREATE VIEW names AS SELECT name FROM users;
             INSERT INTO users (id, name, email, \"emailVerified\", \"a \"\"badge\"\"\", friend)
             VALUES (7, 'Ada', CAST('ada@example.com' AS BLOB), '1925089445678', 'x', 7), (99, 'Eve', 'eve', NULL, 'y', 7);
             INSERT INTO sessions (\"userId\", expires, \"sessionToken\") VALUES (7, 1925089445678, 'token');
             DELETE FROM users WHERE id = 99",
        )
        .unwrap();

    let report = file.report().await;
    assert_eq!((report.problems.len(), mends(&report).len()), (3, 1), "{report:#?}");
    assert!(report.problems.iter().all(|finding| !finding.additive));
    assert!(report.problems[1].message.ends_with("makes the table anew mends this as well"), "{report:#?}");
    file.connection().execute_batch(mends(&report)[0]).unwrap();

    let report = file.report().await;
    assert!(report.problems.is_empty() && report.guarantees.unique_email, "{report:#?}");
    let row = "SELECT concat_ws('|', id, typeof(email), email, typeof(\"emailVerified\"), \"a \"\"badge\"\"\", initial, \
               friend) FROM users";
    assert_eq!(file.all(row), ["7|text|ada@example.com|integer|x|A|7"]);
    assert_eq!(file.all("SELECT name FROM names"), ["Ada"]);
    assert_eq!(file.all("SELECT name FROM sqlite_master WHERE name LIKE 'vestibule%'"), [""; 0]);
    assert_eq!(file.all("SELECT \"table\" FROM pragma_foreign_key_list('sessions')"), ["users"]);
    assert_eq!(
        file.all("SELECT name FROM sqlite_master WHERE name IN ('by_name', 'noted') ORDER BY 1"),
        ["by_name", "noted"]
    );
    let same = USERS
        .replace("BLOB", "TEXT")
        .replace("image,", "image TEXT,")
        .replace("\"emailVerified\" TEXT", "\"emailVerified\" INTEGER");
    let made = file.all("SELECT sql FROM sqlite_master WHERE name = 'users'");
    assert_eq!(made, [same.replace("TABLE users", "TABLE \"users\"")]);

    let adapter = SqlAdapter::inspect(file.driver(), file.profile.clone()).await.unwrap();
    let user = adapter.create_user(&NewUser::with_email("grace"), None).await.unwrap();
    assert_eq!(user.id.as_str(), "100", "no id is given out twice");
    assert_eq!(file.all("SELECT CAST(what AS TEXT) FROM log"), ["ada@example.com", "eve", "grace"]);
    adapter.delete_user(&"7".into()).await.unwrap().unwrap();
    assert_eq!(file.all("SELECT \"sessionToken\" FROM sessions"), [""; 0], "they went with their user");
}

#[tokio::test]
async fn ids_that_nothing_makes_are_made_from_then_on() {
    let rest = "\"userId\" INTEGER, expires INTEGER, \"sessionToken\" TEXT";
    for (id, key) in
        [("id INTEGER", ""), ("id", ""), ("id BIGINT PRIMARY KEY", ""), ("id INT", ", PRIMARY KEY (id)")]
    {
        let file = File::new("sessions", &format!("CREATE TABLE sessions ({id}, {rest}{key})"));
        let rows = "INSERT INTO users (id) VALUES (1); INSERT INTO sessions VALUES (5, 1, 2, 'a'), (NULL, 1, 2, 'b')";
        file.connection().execute_batch(rows).unwrap();

        let report = file.report().await;
        assert_eq!(report.problems.len(), 1, "{id}: {report:#?}");
        file.connection().execute_batch(mends(&report)[0]).unwrap();

        assert!(file.report().await.problems.is_empty(), "{id}");
        let ids = file.all("SELECT id || \"sessionToken\" FROM sessions ORDER BY id");
        assert_eq!(ids, ["5a", "6b"], "{id}{key}");
    }
}

#[tokio::test]
async fn rows_that_do_not_fit_are_lost_not_even_by_going_on_after_errors() {
    let file = File::new(
        "users",
        "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT, email TEXT, \"emailVerified\" INTEGER, image TEXT)",
    );
    file.connection().execute_batch("INSERT INTO users (id, name) VALUES ('1', 'a'), ('abc', 'b')").unwrap();

    let report = file.report().await;
    let connection = file.connection();
    let failed =
        mends(&report)[0].split(";\n").filter(|text| connection.execute_batch(text).is_err()).count();
    drop(connection);

    assert!(failed > 0);
    assert_eq!(file.all("SELECT id || name FROM users"), ["1a", "abcb"]);
    assert_eq!(file.report().await.problems, report.problems);
}

#[tokio::test]
async fn what_a_table_lacks_is_added_before_it_is_made_anew() {
    let mut file = File::new(
        "users",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email BLOB, \"emailVerified\" INTEGER)",
    );
    file.profile = file.profile.clone().with_extra_column(Table::Users, ExtraColumn::text("role"));

    let report = file.report().await;
    assert!(report.problems.iter().all(|finding| finding.additive || finding.mend.is_none()), "{report:#?}");
    assert!(report.problems.iter().any(|finding| finding.message.contains("add first")), "{report:#?}");
    schema::apply(&file.driver(), &report.additions()).await.unwrap();
    let report = file.report().await;
    file.connection().execute_batch(mends(&report)[0]).unwrap();
    file.report().await.fits().unwrap();
}

#[tokio::test]
async fn a_table_that_cannot_have_the_type_is_left_without_advice() {
    let strict = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email BLOB, \"emailVerified\" INTEGER, image TEXT) STRICT";
    let mut file = File::new("users", strict);
    assert!(mends(&file.report().await)[0].contains("image TEXT) STRICT"));

    let view = "DROP TABLE users; CREATE VIEW users AS SELECT 1 AS id, 'a' AS name, 'b' AS email, \
                0 AS \"emailVerified\", '' AS image";
    file.connection().execute_batch(view).unwrap();
    let report = file.report().await;
    assert!(report.problems.len() > 2 && mends(&report).is_empty(), "{report:#?}");
    file.connection().execute_batch("DROP VIEW users").unwrap();

    file.profile = Profile::authjs().with_id_kind(IdKind::Text);
    let report = file.report().await;
    assert!(
        mends(&report).iter().all(|text| !text.contains("AUTOINCREMENT")),
        "only an integer counts: {report:#?}"
    );
}
