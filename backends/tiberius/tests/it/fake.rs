//! A driver on a fake server.

use vestibule_sql::{Access, ParamType, Statement};
use vestibule_testkit::tds::{FakeTds, Reply, Request};
use vestibule_tiberius::{Settings, Tiberius, Tls};

/// A fake server, and a driver on a pool of so many connections.
pub(crate) async fn pair(
    connections: usize,
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (FakeTds, Tiberius) {
    let server = FakeTds::start(answer).await;
    let mut settings = settings(&server);
    settings.max = connections;
    (server, Tiberius::connect(&settings).unwrap())
}

pub(crate) fn settings(server: &FakeTds) -> Settings {
    let address = server.address();
    let mut settings = Settings::new(&address.ip().to_string(), address.port(), "ada", "s3cret päss", "app");
    settings.tls = Tls::Off;
    settings
}

pub(crate) fn statement(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}

/// What is asked by `sp_executesql`, and not to set options.
pub(crate) fn calls(server: &FakeTds) -> Vec<Request> {
    server.take_requests().into_iter().filter(|request| request.is_call).collect()
}
