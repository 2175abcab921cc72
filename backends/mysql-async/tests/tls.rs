//! TLS against a real server with a certificate of the test's own authority.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use vestibule_core::{Adapter, AdapterError};
use vestibule_mysql_async::mysql_async::prelude::Queryable as _;
use vestibule_mysql_async::{MysqlAsync, Settings};
use vestibule_sql::{Dialect, Profile, SqlAdapter};
use vestibule_testkit::mysql::PrivateMariaDb;

fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

/// A server that has a certificate for `localhost`; beside its data lies `authority.pem`, of whoever issued it.
fn secured() -> Option<PrivateMariaDb> {
    PrivateMariaDb::start(|folder| {
        let (pem, issuer) = authority();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join("authority.pem"), pem).unwrap();
        fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
        fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
        ["cert=server.pem", "key=server.key"]
            .map(|argument| argument.split_once('=').unwrap())
            .map(|(what, file)| format!("--ssl-{what}={}", folder.join(file).display()))
            .into()
    })
}

async fn connect(url: &str) -> MysqlAsync {
    let mut settings = Settings::from_url(url).unwrap();
    settings.dialect = Some(Dialect::MariaDb);
    MysqlAsync::connect(&settings).await.unwrap()
}

async fn ping(url: &str) -> Result<(), AdapterError> {
    SqlAdapter::new(connect(url).await, Profile::authjs()).unwrap().ping().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_and_the_server_verified() {
    let Some(server) = secured() else { return };
    let file = |name: &str| server.folder().join(name).display().to_string();
    let url = |host: &str, query: &str| format!("{}?{query}", server.url(host));

    let verified = url("localhost", &format!("sslmode=verify-full&sslrootcert={}", file("authority.pem")));
    ping(&verified).await.unwrap();
    let mut connection = connect(&verified).await.pool().get_conn().await.unwrap();
    let cipher: Option<(String, String)> =
        connection.query_first("SHOW SESSION STATUS LIKE 'Ssl_cipher'").await.unwrap();
    assert!(cipher.is_some_and(|(_, cipher)| !cipher.is_empty()), "in clear");

    // Issued by nobody whom browsers trust; for another name; by another authority.
    fs::write(server.folder().join("foreign.pem"), authority().0).unwrap();
    let refused = [
        url("localhost", "sslmode=require"),
        url("127.0.0.1", &format!("sslmode=require&sslrootcert={}", file("authority.pem"))),
        url("localhost", &format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={}", file("foreign.pem"))),
    ];
    for url in refused {
        assert!(matches!(ping(&url).await, Err(AdapterError::Unavailable(_))), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_tls_is_wanted() {
    let Some(server) = PrivateMariaDb::start(|_| Vec::new()) else { return };

    ping(&server.url("127.0.0.1")).await.unwrap();
    let with_tls = ping(&format!("{}?sslmode=require", server.url("127.0.0.1"))).await;

    assert!(with_tls.is_err(), "it goes on in clear");
}
