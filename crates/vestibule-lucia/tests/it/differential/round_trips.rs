//! What a validation costs on the wire.

use serde_json::json;
use vestibule_core::{Clock, UserId};
use vestibule_testkit::{Proxy, TestClock};
use vestibule_tokio_postgres::tokio_postgres::{Config, config::Host};

use super::ours::Ours;
use super::tables::{Schema, adapter};

#[tokio::test]
async fn a_validation_is_one_round_trip_unless_the_row_has_to_change() {
    let Some(mut schema) = Schema::make("trips").await else { return };
    let config: Config = schema.url.parse().unwrap();
    let [Host::Tcp(host), ..] = config.get_hosts() else { panic!("a server on TCP") };
    let proxy = Proxy::start(format!("{host}:{}", config.get_ports()[0])).await;
    let mut by_proxy = Config::new();
    by_proxy.host(proxy.address().ip().to_string()).port(proxy.address().port());
    by_proxy.user(config.get_user().unwrap()).dbname(config.get_dbname().unwrap());
    schema.adapter = adapter(by_proxy, &schema.name).await;
    let ours = Ours::on(&schema);
    let clock = TestClock::default();
    let id = ours.lucia.create_session(&UserId::from("d23dpxagmdehfe42"), &()).await.unwrap().id;
    let args = json!([id.expose()]);
    let validate = async |at| drop(ours.call(at, "validateSession", &args).await.unwrap());
    let due = clock.now().after(super::EXPIRES_IN * 2 / 3);
    // Every statement is prepared once.
    validate(clock.now()).await;
    validate(due).await;

    let before = proxy.round_trips();
    validate(due).await;
    let live = proxy.round_trips();
    validate(due.after(super::EXPIRES_IN * 2 / 3)).await;
    let extended = proxy.round_trips();

    assert_eq!((live - before, extended - live), (1, 2));
    schema.drop().await;
}
