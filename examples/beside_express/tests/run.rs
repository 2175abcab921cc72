//! Both programs, run.

#[path = "../../running.rs"]
mod running;

use std::path::Path;

use running::{Browser, Program, free_port};
use vestibule::sql::{Access, Driver, Statement};
use vestibule::tokio_postgres::{Settings, TokioPostgres};

const POSTGRES: &str = "VESTIBULE_TEST_POSTGRES_URL";

/// Runs one statement on a database.
fn run(url: &str, text: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let driver = TokioPostgres::connect(&Settings::from_url(url).unwrap()).unwrap();
        let statement =
            Statement { name: "test", text: text.into(), params: Box::default(), access: Access::Write };
        driver.run(&statement, &[]).await.unwrap();
    });
}

/// A database of this test's own.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn create(server: String) -> Self {
        let name = format!("beside_express_{}", std::process::id());
        run(&server, &format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        run(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

#[test]
fn whoever_signs_in_at_express_is_signed_in_here_and_out_here_is_out_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let server = std::env::var(POSTGRES).ok().filter(|_| folder.join("express/node_modules").is_dir());
    let Some(server) = server else {
        assert!(
            std::env::var_os("CI").is_none(),
            "{POSTGRES} is not set, or express/node_modules is not there"
        );
        eprintln!("SKIPPED: {POSTGRES} is not set, or express/node_modules is not there");
        return;
    };
    let database = Database::create(server);
    let ports = [free_port(), free_port()].map(|port| port.to_string());
    let variables = [
        ("AUTH_SECRET", "a-secret-of-32-or-more-characters"),
        ("DATABASE_URL", &*database.url()),
        ("PORT", &*ports[0]),
        ("EXPRESS_PORT", &*ports[1]),
    ];
    let program = Program::start(env!("CARGO_BIN_EXE_beside_express"), folder, &variables);
    let express = program.line("Sign in at ");
    let rust = format!("http://127.0.0.1:{}", ports[0]);
    let me = format!("{rust}/api/me");
    let mut browser = Browser::default();

    assert_eq!(browser.get(&me).status, 401);
    browser.post(&express, "/auth/signin/email", "email=ada@example.com");
    program.line("To ada@example.com:");
    let link = program.line(&express);
    let signed_in = browser.get(&format!("{express}{link}"));
    assert_eq!(signed_in.status, 302, "{signed_in:?}");

    assert_eq!(browser.get(&format!("{express}/")).body, "Express knows ada@example.com");
    assert_eq!(browser.get(&me).body, "Rust knows ada@example.com");
    browser.post(&rust, "/auth/signout", "");
    assert_eq!(browser.get(&me).status, 401);
    assert!(browser.get(&format!("{express}/")).body.contains("Sign in"));
}
