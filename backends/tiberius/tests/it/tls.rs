//! Encrypted connections: what is verified, and against whom.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use vestibule_sql::{Driver as _, DriverError, ParamType, Value};
use vestibule_testkit::tds::{Cell, FakeTds, Reply};
use vestibule_tiberius::{Settings, Tiberius, Tls};

use crate::fake::{calls, settings, statement};

/// A server whose certificate names `localhost`, and the file of the authority that signed it.
async fn encrypted() -> (FakeTds, tempfile::NamedTempFile) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), root.pem()).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = config.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
    (FakeTds::start_encrypted(config, |_| Reply::new()).await, file)
}

fn at(host: &str, server: &FakeTds, tls: Tls) -> Tiberius {
    let mut settings = Settings::new(host, server.address().port(), "ada", "x", "app");
    settings.tls = tls;
    Tiberius::connect(&settings).unwrap()
}

#[tokio::test]
async fn a_certificate_of_the_right_authority_for_the_right_name_is_taken() {
    let (server, file) = encrypted().await;
    let tls = Tls::Verified { root_certificates: Some(file.path().to_owned()) };
    let text = "x".repeat(100_000);

    let driver = at("localhost", &server, tls.clone());
    driver.run(&statement("x", &[ParamType::Text]), &[Value::Text(text.clone())]).await.unwrap();
    let other_name = at("127.0.0.1", &server, tls).run(&statement("y", &[]), &[]).await;

    assert_eq!(calls(&server)[0].params, [Cell::Text(text)]);
    assert!(matches!(other_name, Err(DriverError::Unavailable(_))), "{other_name:?}");
    assert_eq!(server.logins().len(), 1, "no password goes to a server that is not the one");
}

#[tokio::test]
async fn an_unknown_authority_is_refused_unless_the_server_is_trusted_unseen() {
    let (server, _file) = encrypted().await;

    let verified = at("localhost", &server, Tls::Verified { root_certificates: None });
    let refused = verified.run(&statement("x", &[]), &[]).await;
    let logins = server.logins().len();
    at("127.0.0.1", &server, Tls::Unverified).run(&statement("x", &[]), &[]).await.unwrap();

    assert!(matches!(refused, Err(DriverError::Unavailable(_))), "{refused:?}");
    assert_eq!((logins, server.logins().len()), (0, 1));
}

#[tokio::test]
async fn neither_side_falls_back_to_clear_text() {
    let (encrypted, _file) = encrypted().await;
    let clear = FakeTds::start(|_| Reply::new()).await;

    let to_encrypted = Tiberius::connect(&settings(&encrypted)).unwrap().run(&statement("x", &[]), &[]).await;
    let to_clear = at("localhost", &clear, Tls::Unverified).run(&statement("x", &[]), &[]).await;

    // By the first message already, before a password could be sent.
    for (result, problem) in [(to_encrypted, "requires encryption"), (to_clear, "offers no encryption")] {
        let Err(DriverError::Unavailable(source)) = result else { panic!("{result:?}") };
        assert!(source.to_string().contains(problem), "{source}");
    }
    assert_eq!((encrypted.logins(), clear.logins()), (Vec::new(), Vec::new()));
}
