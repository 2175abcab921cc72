//! Look-ups that many tasks ask for at once.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::{join_all, poll_immediate};
use vestibule_core::{NewSession, NewUser, Sessions as _, Timestamp, Users as _};
use vestibule_sql::{
    Access, Dialect, Driver, DriverError, ParamType, Row, Running, SqlAdapter, Statement, Value, postgres,
};
use vestibule_testkit::sql::Made;
use vestibule_testkit::{Proxy, servers};
use vestibule_tokio_postgres::TokioPostgres;
use vestibule_tokio_postgres::tokio_postgres::Config;

use crate::server;

/// Which transaction answers comes with the answer.
const WHICH: &str = "SELECT $1::text || '!', pg_current_xact_id()::text";

fn look_up(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Read }
}

/// On shared connections, so many of them.
fn connect(config: Config, lanes: usize) -> TokioPostgres {
    let mut settings = server::settings(config);
    settings.shared_connections = lanes;
    settings.answer_timeout = Duration::from_secs(3);
    TokioPostgres::connect(&settings).unwrap()
}

fn connect_to(url: &str) -> TokioPostgres {
    connect(url.parse().unwrap(), 1)
}

/// Looks all of these up at once.
async fn at_once(
    driver: &TokioPostgres,
    statement: &Statement,
    keys: &[Value],
) -> Vec<Result<Vec<Row>, DriverError>> {
    join_all(keys.chunks(1).map(async |key| driver.look_up(statement, key).await)).await
}

fn texts(keys: impl IntoIterator<Item = impl ToString>) -> Vec<Value> {
    keys.into_iter().map(|key| Value::Text(key.to_string())).collect()
}

fn text(value: &Value) -> &str {
    let Value::Text(text) = value else { panic!("{value:?} is no text") };
    text
}

#[tokio::test]
async fn what_is_asked_at_once_is_one_statement_and_each_gets_the_answer_to_its_own_keys() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) = (connect_to(&url), look_up(WHICH, &[ParamType::Text]));
    let keys = texts(0..64);

    let answers = at_once(&driver, &statement, &keys).await;

    let rows: Vec<_> = answers.into_iter().flat_map(Result::unwrap).collect();
    let told: Vec<_> = rows.iter().map(|row| text(&row[0]).to_owned()).collect();
    assert_eq!(told, (0..64).map(|key| format!("{key}!")).collect::<Vec<_>>());
    let transactions: BTreeSet<_> = rows.iter().map(|row| text(&row[1])).collect();
    assert_eq!(transactions.len(), 2, "the first goes at once, the others together");
}

#[tokio::test]
async fn not_more_than_64_go_together() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) = (connect_to(&url), look_up(WHICH, &[ParamType::Text]));

    let answers = at_once(&driver, &statement, &texts(0..1 + 64 + 6)).await;

    let rows = answers.into_iter().flat_map(Result::unwrap);
    let mut crowds = std::collections::BTreeMap::<_, usize>::new();
    rows.for_each(|row| *crowds.entry(text(&row[1]).to_owned()).or_default() += 1);
    let crowds: BTreeSet<_> = crowds.into_values().collect();
    assert_eq!(crowds, BTreeSet::from([1, 6, 64]));
}

#[tokio::test]
async fn one_after_the_other_each_goes_alone() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let driver = connect_to(&url);
    let shown = look_up("SELECT $1::text, current_query()", &[ParamType::Text]);

    for key in texts(0..3) {
        let rows = driver.look_up(&shown, std::slice::from_ref(&key)).await.unwrap();
        assert_eq!(text(&rows[0][1]), &*shown.text);
    }
}

#[tokio::test]
async fn keys_of_several_parts_and_of_every_type_find_their_rows() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let driver = connect_to(&url);
    let both = look_up("SELECT 1 WHERE $1::text = 'a' AND $2::int8 = 7", &[ParamType::Text, ParamType::Int]);
    let keys = [("a", 7), ("a", 8), ("A", 7), ("a", 7)];
    let keys = keys.map(|(text, number)| [Value::Text(text.into()), Value::Int(number)]);
    let null = [Value::Null, Value::Int(7)];
    let all: Vec<&[Value]> = keys.iter().map(|keys| &keys[..]).chain([&null[..]]).collect();

    // Twice over, so that each is looked up together with others.
    let answers = join_all(all.iter().chain(&all).map(async |keys| driver.look_up(&both, keys).await)).await;

    let found: Vec<_> = answers.into_iter().map(|rows| rows.unwrap().len()).collect();
    assert_eq!(found, [1, 0, 0, 1, 0, 1, 0, 0, 1, 0]);
}

#[tokio::test]
async fn different_statements_do_not_mix() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let driver = connect_to(&url);
    let [up, down] =
        ["SELECT upper($1::text)", "SELECT lower($1::text)"].map(|it| look_up(it, &[ParamType::Text]));
    let key = texts(["aB"]);

    let asked = (0..20).map(async |at| driver.look_up(if at % 2 == 0 { &up } else { &down }, &key).await);
    let answers = join_all(asked).await;

    for (at, rows) in answers.into_iter().enumerate() {
        assert_eq!(text(&rows.unwrap()[0][0]), if at % 2 == 0 { "AB" } else { "ab" });
    }
}

#[tokio::test]
async fn keys_that_the_database_refuses_fail_for_whoever_asked_alone() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) = (connect_to(&url), look_up("SELECT $1::text::int8", &[ParamType::Text]));
    let keys = texts(["0", "1", "two", "3"]);

    for _ in 0..2 {
        let answers = at_once(&driver, &statement, &keys).await;

        for (at, answer) in (0..).zip(answers) {
            match answer {
                Ok(rows) => assert_eq!(rows, [[Value::Int(at)]]),
                Err(failure) => {
                    assert!(at == 2 && matches!(failure, DriverError::Refused(_)), "{at}: {failure:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_reaches_others() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) = (connect_to(&url), look_up("SELECT $1::text", &[ParamType::Text]));
    let keys = [texts(["a", "b"]), vec![Value::Int(1)], texts(["c"])].concat();

    let answers = at_once(&driver, &statement, &keys).await;

    let fine: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, true, false, true]);
}

#[tokio::test]
async fn a_statement_that_cannot_be_sent_for_many_goes_alone_and_is_not_tried_again() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let proxy = Proxy::start(server::address(&url)).await;
    let driver = connect(server::by_way_of(&url, proxy.address()), 1);
    let mut trips = Vec::new();
    let statement = look_up("SELECT $1::text OFFSET 0", &[ParamType::Text]);

    for _ in 0..2 {
        let before = proxy.round_trips();
        let answers = at_once(&driver, &statement, &texts(0..8)).await;
        trips.push(proxy.round_trips() - before);

        let told: Vec<_> = answers.into_iter().map(|rows| text(&rows.unwrap()[0][0]).to_owned()).collect();
        assert_eq!(told, (0..8).map(|key| key.to_string()).collect::<Vec<_>>());
    }
    assert_eq!(trips[1], 1, "all were sent at once: {trips:?}");
}

#[tokio::test]
async fn whoever_stops_waiting_or_polling_holds_nobody_up() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) = (connect_to(&url), look_up(WHICH, &[ParamType::Text]));
    let keys = texts(["under way", "begins", "joins", "joins too"]);
    // Connected and prepared.
    at_once(&driver, &statement, &keys).await;
    let [first, begins, joins, joins_too] = [0, 1, 2, 3].map(|at| &keys[at..=at]);

    for stays in [false, true] {
        let mut first = driver.look_up(&statement, first);
        assert!(poll_immediate(&mut first).await.is_none());
        let [mut begins, mut joins, mut joins_too] =
            [begins, joins, joins_too].map(|key| driver.look_up(&statement, key));
        for asked in [&mut begins, &mut joins, &mut joins_too] {
            assert!(poll_immediate(asked).await.is_none());
        }
        let kept = stays.then_some(begins);

        let rows = [joins.await.unwrap(), joins_too.await.unwrap()].concat();

        assert_eq!([text(&rows[0][0]), text(&rows[1][0])], ["joins!", "joins too!"]);
        assert_eq!(rows[0][1], rows[1][1], "they went together");
        assert_eq!(text(&first.await.unwrap()[0][0]), "under way!");
        if let Some(kept) = kept {
            assert_eq!(text(&kept.await.unwrap()[0][0]), "begins!");
        }
    }
}

#[tokio::test]
async fn those_with_other_patience_gather_apart() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) = (connect_to(&url), look_up(WHICH, &[ParamType::Text]));
    let hurried = driver.clone().with_timeouts(Duration::from_secs(30), Duration::from_secs(30));
    let keys = texts(0..9);

    let asked = keys.chunks(1).enumerate().map(async |(at, key)| {
        let driver = if at % 2 == 0 { &driver } else { &hurried };
        driver.look_up(&statement, key).await.unwrap()
    });
    let rows = join_all(asked).await.concat();

    let [one, other] =
        [1, 0].map(|odd| rows.iter().skip(1).skip(odd).step_by(2).map(|row| text(&row[1])).collect());
    let (one, other): (BTreeSet<_>, BTreeSet<_>) = (one, other);
    assert!(one.len() == 1 && other.len() == 1 && one != other, "{one:?} {other:?}");
}

#[tokio::test]
async fn a_pool_of_the_callers_and_statements_without_names_gather_nobody() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let mut settings = server::settings(url.parse().unwrap());
    (settings.shared_connections, settings.unnamed_statements) = (1, true);
    let unnamed = TokioPostgres::connect(&settings).unwrap();
    let pool = TokioPostgres::new(server::pool(url.parse().unwrap(), 4));
    let statement = look_up(WHICH, &[ParamType::Text]);

    for driver in [unnamed, pool] {
        let rows = at_once(&driver, &statement, &texts(0..16)).await.into_iter().flat_map(Result::unwrap);

        assert_eq!(rows.map(|row| text(&row[1]).to_owned()).collect::<BTreeSet<_>>().len(), 16);
    }
}

#[tokio::test]
async fn few_are_planned_once_like_many() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let (driver, statement) =
        (connect_to(&url), look_up("SELECT $1::text WHERE $1::text <> ''", &[ParamType::Text]));

    for _ in 0..20 {
        at_once(&driver, &statement, &texts(0..4)).await;
    }

    let question = "SELECT custom_plans, generic_plans FROM pg_prepared_statements \
                    WHERE statement LIKE 'SELECT asked.place%' AND $1::text = ''";
    let plans = driver.run(&look_up(question, &[ParamType::Text]), &texts([""])).await.unwrap();
    assert_eq!(plans, [[Value::Int(0), Value::Int(20)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_connection_is_cut_all_are_answered_by_another() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let proxy = Proxy::start(server::address(&url)).await;
    let driver = connect(server::by_way_of(&url, proxy.address()), 2);
    let statement = look_up("SELECT $1::text", &[ParamType::Text]);
    for _ in 0..20 {
        // Whatever was cut is connected again.
        at_once(&driver, &statement, &texts(0..64)).await;
        proxy.hang_up_once();

        for answer in at_once(&driver, &statement, &texts(0..64)).await {
            assert_eq!(answer.unwrap().len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_answer_comes_all_are_told_after_one_wait() {
    let Some(url) = servers::url(servers::POSTGRES_URL) else { return };
    let proxy = Proxy::start(server::address(&url)).await;
    let driver = connect(server::by_way_of(&url, proxy.address()), 1);
    let statement = look_up("SELECT $1::text", &[ParamType::Text]);
    at_once(&driver, &statement, &texts(0..64)).await;

    proxy.swallow_answers();
    let begun = Instant::now();
    let answers = at_once(&driver, &statement, &texts(0..64)).await;

    for answer in answers {
        let Err(DriverError::Unavailable(source)) = answer else { panic!("{answer:?}") };
        let told = format!("{source} {:?}", source.source().map(ToString::to_string));
        assert!(told.contains("timed out waiting for an answer"), "{told}");
    }
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    proxy.come_up();
    for answer in at_once(&driver, &statement, &texts(0..64)).await {
        assert_eq!(answer.unwrap().len(), 1);
    }
}

/// Remembers what was looked up.
#[derive(Debug)]
struct Noting(TokioPostgres, Mutex<Vec<Statement>>);

#[async_trait]
impl Driver for Noting {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        self.0.run(statement, params).await
    }

    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        self.1.lock().unwrap().push(statement.clone());
        self.0.look_up(statement, params)
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        self.0.run_all(batch).await
    }
}

#[tokio::test]
async fn sessions_are_looked_up_together_by_their_key_and_in_the_right_case() {
    let Some(schema) = server::schema("together").await else { return };
    drop(schema.adapter(connect_to(&schema.url), Made::Fresh).await);
    let driver = Noting(connect_to(&schema.url), Mutex::default());
    let adapter = SqlAdapter::inspect(driver, schema.profile()).await.unwrap();
    for at in 0..20 {
        let user =
            adapter.create_user(&NewUser::with_email(format!("{at}@example.com")), None).await.unwrap();
        let expires = Timestamp::from_millis(4_000_000_000_000);
        adapter.create_session(&NewSession::new(format!("token{at}"), user.id, expires)).await.unwrap();
    }
    let tokens = (0..60).map(|at| match at % 3 {
        0 => (format!("token{}", at / 3), Some(format!("{}@example.com", at / 3))),
        1 => (format!("TOKEN{}", at / 3), None),
        _ => (format!("none{at}"), None),
    });
    let (tokens, emails): (Vec<_>, Vec<_>) = tokens.unzip();
    let tokens: Vec<_> = tokens.into_iter().map(Into::into).collect();

    let found = join_all(tokens.iter().map(|token| adapter.session_and_user(token))).await;

    let found: Vec<_> =
        found.into_iter().map(|pair| pair.unwrap().and_then(|(_, user)| user.email)).collect();
    assert_eq!(found, emails);

    // Even where reading all would be cheaper for so many keys: the plan is kept, and must suit when there are more rows.
    let fill = "INSERT INTO sessions (\"sessionToken\", \"userId\", expires) \
                SELECT 'x' || n, (SELECT id FROM users LIMIT 1), now() FROM generate_series(1, 300) AS n";
    schema.execute(fill).await;
    let statement =
        adapter.driver().1.lock().unwrap().iter().find(|it| it.name == "session_and_user").cloned();
    let text = postgres::together(&statement.unwrap()).unwrap();
    let text = text.replace("$1::text[]", "(SELECT array_agg('x' || n) FROM generate_series(1, 64) AS n)");
    let plan = schema.client.query(&format!("EXPLAIN {text}"), &[]).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("sessions_sessionToken_key") && !plan.contains("Seq Scan on sessions"), "{plan}");
    schema.drop().await;
}
