//! Vestibule on axum, to be measured from outside.

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use vestibule_axum::Auth;
use vestibule_bench_servers::{Options, Session};
use vestibule_engine::oauth::{Checks, Kind, Provider};
use vestibule_engine::{Config, Engine, JwtPolicy, Mail, MailError, Mailer, Parts, SessionStrategy};
use vestibule_http::HyperClient;
use vestibule_memory::Memory;
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_tokio_postgres::{Settings, TokioPostgres};

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::read()?;
    let mut config = Config::new(options.secret);
    if options.session == Session::Jwt {
        config = config.with_session(SessionStrategy::from(JwtPolicy::default()));
    }
    if let Some(url) = &options.provider {
        config = config.with_provider(github(url));
    }
    let parts = match options.database {
        None => Parts::new(Arc::new(Memory::new()), Arc::new(NoMail)),
        Some(database) => {
            let driver = TokioPostgres::connect(&Settings::from_url(&database.url)?)?;
            let profile = Profile::authjs().with_postgres_schema(&database.schema);
            Parts::new(Arc::new(SqlAdapter::inspect(driver, profile).await?), Arc::new(NoMail))
        }
    };
    let engine = Engine::new(
        config.with_trusted_hosts(vestibule_engine::TrustedHosts::Any),
        parts.with_http_client(Arc::new(HyperClient::new())),
    )?;
    vestibule_bench_servers::serve(Auth::new(engine).merged_router()).await
}

/// The load generator, under the name that the accounts have.
fn github(url: &str) -> Provider {
    Provider::new("github", "GitHub", Kind::OAuth)
        .with_authorization(format!("{url}/authorize").as_str())
        .with_token(format!("{url}/token").as_str())
        .with_user_info(format!("{url}/user").as_str())
        .with_scope("read:user user:email")
        .with_checks(Checks::all(Kind::OAuth))
        .with_client_id("client")
        .with_client_secret("secret")
        .with_plain_http()
}

/// Nobody signs in by e-mail here.
#[derive(Debug)]
struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Refused("no mail is sent while something is measured".into()))
    }
}
