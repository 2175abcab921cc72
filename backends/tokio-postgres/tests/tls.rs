//! TLS against a real server with a certificate of the test's own authority.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use vestibule_core::{Adapter, AdapterError};
use vestibule_sql::{Profile, SqlAdapter};
use vestibule_testkit::postgres::{End, PrivatePostgres};
use vestibule_tokio_postgres::{Settings, TokioPostgres};

/// A server that has a certificate for `localhost`, and the file of the authority that issued it.
struct Secured {
    server: PrivatePostgres,
    authority: PathBuf,
}

impl Secured {
    fn start() -> Option<Self> {
        let mut server = PrivatePostgres::start()?;
        let data = server.data();
        let (authority, issuer) = authority();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &issuer).unwrap();
        write_private(&data, "server.crt", &certificate.pem());
        write_private(&data, "server.key", &key.serialize_pem());
        fs::write(data.join("authority.pem"), authority).unwrap();
        let settings = fs::read_to_string(data.join("postgresql.conf")).unwrap();
        fs::write(data.join("postgresql.conf"), settings + "\nssl = on\n").unwrap();
        server.end(End::Orderly);
        server.start_again();
        Some(Self { authority: data.join("authority.pem"), server })
    }

    fn url(&self, host: &str, query: &str) -> String {
        let (_, port) =
            self.server.address().split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        format!("postgres://postgres@{host}:{port}/postgres?{query}")
    }
}

fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

/// The server wants its key for itself.
fn write_private(data: &Path, name: &str, text: &str) {
    let (file, owner) = (data.join(name), fs::metadata(data).unwrap());
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
}

fn connect(url: &str) -> TokioPostgres {
    TokioPostgres::connect(&Settings::from_url(url).unwrap()).unwrap()
}

async fn ping(url: &str) -> Result<(), AdapterError> {
    SqlAdapter::new(connect(url), Profile::authjs()).unwrap().ping().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_and_the_server_verified() {
    let Some(secured) = Secured::start() else { return };
    let authority = secured.authority.display().to_string();

    // Encrypted, by reads that share a connection and by the pool.
    let url = secured.url("localhost", &format!("sslmode=verify-full&sslrootcert={authority}"));
    ping(&url).await.unwrap();
    let pooled = connect(&url).pool().get().await.unwrap();
    let row =
        pooled.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0));

    // Issued by nobody whom browsers trust; for another name; by another authority.
    let foreign = secured.server.data().join("foreign.pem");
    fs::write(&foreign, self::authority().0).unwrap();
    let refused = [
        secured.url("localhost", "sslmode=require"),
        secured.url("127.0.0.1", &format!("sslmode=require&sslrootcert={authority}")),
        secured.url("localhost", &format!("sslmode=require&sslrootcert={}", foreign.display())),
    ];
    for url in refused {
        assert!(matches!(ping(&url).await, Err(AdapterError::Unavailable(_))), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_tls_is_wanted() {
    let Some(server) = PrivatePostgres::start() else { return };

    ping(&server.url()).await.unwrap();
    let with_tls = ping(&format!("{}?sslmode=require", server.url())).await;

    assert!(matches!(with_tls, Err(AdapterError::Unavailable(_))), "{with_tls:?}");
}
