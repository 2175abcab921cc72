//! A cluster of three nodes, one of which is killed and comes back.

use std::time::{Duration, Instant};

use vestibule_testkit::galera::PrivateGalera;

/// Asks until it is so, for as long as a busy machine may take.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} takes too long");
        std::thread::yield_now();
    }
}

#[test]
fn a_cluster_goes_on_without_a_node_and_takes_it_back() {
    let Some(mut cluster) = PrivateGalera::start() else { return };
    assert_eq!(cluster.urls().len(), 3);
    assert!((0..3).all(|node| cluster.size_seen_by(node) == 3));
    cluster.ask(0, "CREATE TABLE t (id int PRIMARY KEY)");
    let read = "SELECT count(*) FROM t";

    cluster.ask(1, "INSERT INTO t VALUES (1)");
    until("the write of another node", || cluster.ask(2, read) == "1");
    cluster.kill(1);
    until("the loss of a node", || cluster.size_seen_by(0) == 2);
    cluster.ask(2, "INSERT INTO t VALUES (2)");
    until("the write after the loss", || cluster.ask(0, read) == "2");
    assert_eq!(cluster.size_seen_by(1), 0);
    cluster.bring_back(1);

    until("what the node has missed", || cluster.ask(1, read) == "2");
    assert!((0..3).all(|node| cluster.size_seen_by(node) == 3));
}
