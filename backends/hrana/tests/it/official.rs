//! The libSQL server that all other tests rely on behaves like libSQL's, as far as libSQL's own client can see.

use vestibule_testkit::{HranaServer, node};

#[tokio::test(flavor = "multi_thread")]
async fn libsqls_own_client_finds_the_server_to_be_libsqls() {
    let server = HranaServer::start().await;

    node::run("libsql.mjs", &[("LIBSQL_URL", &server.url()), ("LIBSQL_TOKEN", server.token())]).await;
}
