//! A server of either kind, and a driver for it.

use std::any::Any;
use std::sync::Arc;

use vestibule_hrana::{D1, D1Settings, Hrana, HranaSettings};
use vestibule_http::HyperClient;
use vestibule_sql::{Access, Driver, ParamType, Profile, Statement, Value, schema};
use vestibule_testkit::{D1Server, HranaServer, sql};

/// A server that runs as long as this value.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) driver: Arc<dyn Driver>,
    count: Box<dyn Fn() -> usize>,
    _guard: Box<dyn Any>,
}

pub(crate) async fn libsql() -> Server {
    let server = Arc::new(HranaServer::start().await);
    let settings = HranaSettings::from_url(&server.url()).unwrap().with_token(server.token()).unwrap();
    let driver = Arc::new(Hrana::new(Arc::new(HyperClient::new()), settings));
    let counted = Arc::clone(&server);
    Server { name: "libsql", driver, count: Box::new(move || counted.requests()), _guard: Box::new(server) }
}

pub(crate) async fn d1() -> Server {
    let server = Arc::new(D1Server::start().await);
    let settings = D1Settings::at(&server.base(), server.account(), server.database(), server.token());
    let driver = Arc::new(D1::new(Arc::new(HyperClient::new()), settings.unwrap()));
    let counted = Arc::clone(&server);
    Server { name: "d1", driver, count: Box::new(move || counted.requests()), _guard: Box::new(server) }
}

pub(crate) async fn both() -> [Server; 2] {
    [libsql().await, d1().await]
}

impl Server {
    /// How many requests came so far.
    pub(crate) fn requests(&self) -> usize {
        (self.count)()
    }

    /// Runs statements without parameters, each by itself.
    pub(crate) async fn run(&self, texts: &[&str]) {
        for text in texts {
            self.driver.run(&statement(text, &[]), &[]).await.unwrap();
        }
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let text = format!("SELECT count(*) FROM {table}");
        match self.driver.run(&statement(&text, &[]), &[]).await.unwrap()[0][0] {
            Value::Int(count) => count,
            _ => panic!("a count is an integer"),
        }
    }

    /// Makes the tables of the profile, with a place for authenticators.
    pub(crate) async fn tables(&self, made: sql::Made) -> Profile {
        let profile = Profile::authjs().with_authenticators("authenticators");
        let statements = sql::tables(&profile, self.driver.dialect(), made);
        schema::apply(&self.driver, &statements).await.unwrap();
        profile
    }
}

pub(crate) fn statement(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}
