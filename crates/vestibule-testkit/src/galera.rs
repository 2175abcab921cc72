//! A MariaDB cluster that takes writes on every node: Galera.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::mysql::private::{self, NAME, program};
use crate::private::{Home, Kept, free_ports, must_run, wait_until};
use crate::servers::skip;

const NODES: usize = 3;
const LIBRARIES: [&str; 3] =
    ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so", "/usr/lib/libgalera_smm.so"];

/// Three nodes of the test's own, each of which takes writes. They end with this value, and with this process.
#[derive(Debug)]
pub struct PrivateGalera {
    programs: Programs,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    running: Option<Kept>,
    /// Where clients connect, where the nodes talk, and where one receives what it has missed, in parts or whole.
    ports: [u16; 4],
    home: Home,
}

/// What has to be installed.
#[derive(Debug)]
struct Programs {
    server: private::Programs,
    library: &'static str,
}

impl PrivateGalera {
    /// Starts three nodes and waits until all have the same; `None`, with a line that says so, if MariaDB, Galera or
    /// rsync is not installed. Takes 20 s on an idle machine.
    ///
    /// # Panics
    ///
    /// If a node does not start, or something is not installed under continuous integration.
    pub fn start() -> Option<Self> {
        let programs = match Programs::find() {
            Ok(programs) => programs,
            Err(missing) => {
                skip(&format!("{missing} is not installed"));
                return None;
            }
        };
        let ports: [u16; NODES * 4] = free_ports();
        let node = |ports: &[u16]| {
            let ports = [ports[0], ports[1], ports[2], ports[3]];
            Node { running: None, ports, home: Home::make("mysql") }
        };
        let nodes = ports.chunks_exact(4).map(node).collect();
        let mut cluster = Self { programs, nodes };
        cluster.make_data();
        cluster.launch(0, "gcomm://");
        cluster.wait_until_synced(0);
        // One at a time, since a node that brings another up to date is busy with it.
        for node in 1..NODES {
            cluster.bring_back(node);
        }
        Some(cluster)
    }

    /// The URL of a superuser's database on each node: `mysql://user:password@127.0.0.1:port/database`.
    pub fn urls(&self) -> Vec<String> {
        let url = |node: &Node| format!("mysql://{NAME}:{NAME}@127.0.0.1:{}/{NAME}", node.ports[0]);
        self.nodes.iter().map(url).collect()
    }

    /// Kills a node (`kill -9`).
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn kill(&mut self, node: usize) {
        self.nodes[node].running.take().expect("the node runs").end("KILL");
    }

    /// Starts a node that was killed, and waits until it has what it missed.
    ///
    /// # Panics
    ///
    /// If it does not within two minutes.
    pub fn bring_back(&mut self, node: usize) {
        let addresses: Vec<_> =
            self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.ports[1])).collect();
        self.launch(node, &format!("gcomm://{}", addresses.join(",")));
        self.wait_until_synced(node);
    }

    /// How many nodes one of them sees, itself included; 0 if it does not answer or sees too few to go on.
    pub fn size_seen_by(&self, node: usize) -> usize {
        let status = |name: &str| {
            self.ask(node, &format!("SELECT variable_value FROM information_schema.global_status WHERE variable_name = '{name}'"))
        };
        if status("wsrep_cluster_status") != "Primary" {
            return 0;
        }
        status("wsrep_cluster_size").parse().unwrap_or(0)
    }

    /// The cells that a node answers with, between tabs and lines; nothing if it does not answer.
    ///
    /// # Panics
    ///
    /// If there is no program `mariadb`, or no such node.
    pub fn ask(&self, node: usize, text: &str) -> String {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--user", NAME]);
        client.arg(format!("--port={}", self.nodes[node].ports[0])).env("MYSQL_PWD", NAME);
        client.args(["--connect-timeout=5", "--batch", "--raw", "--skip-column-names", NAME, "-e", text]);
        let output = client.stdin(Stdio::null()).output().expect("the program mariadb can be started");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// One database, and a copy of it for each other node.
    fn make_data(&self) {
        let first = &self.nodes[0].home;
        self.programs.server.make_data(first);
        for node in &self.nodes[1..] {
            let mut copy = Command::new("cp");
            copy.arg("-a").arg(first.path().join("data")).arg(node.home.path());
            must_run(copy);
        }
    }

    fn launch(&mut self, node: usize, cluster: &str) {
        let Node { home, ports: [port, group, parts, whole], .. } = &self.nodes[node];
        let mut arguments = private::usual_arguments(home, *port);
        arguments.extend([
            // What the cluster asks of every node.
            "--binlog-format=ROW".to_owned(),
            "--innodb-autoinc-lock-mode=2".to_owned(),
            "--wsrep-on=ON".to_owned(),
            format!("--wsrep-provider={}", self.programs.library),
            format!("--wsrep-cluster-address={cluster}"),
            "--wsrep-cluster-name=vestibule".to_owned(),
            format!("--wsrep-node-address=127.0.0.1:{group}"),
            format!("--wsrep-node-name=node{node}"),
            "--wsrep-slave-threads=4".to_owned(),
            "--wsrep-sst-method=rsync".to_owned(),
            format!("--wsrep-sst-receive-address=127.0.0.1:{whole}"),
            format!(
                "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};\
                 ist.recv_addr=127.0.0.1:{parts};gcache.size=16M"
            ),
        ]);
        let running = home.keep("KILL", &self.programs.server.server, arguments);
        self.nodes[node].running = Some(running);
    }

    fn wait_until_synced(&self, node: usize) {
        let log =
            || format!("node {node} does not get up to date; its log:\n{}", self.nodes[node].home.logged());
        let text = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_local_state_comment'";
        wait_until(log, || self.ask(node, text) == "Synced");
    }
}

impl Programs {
    fn find() -> Result<Self, &'static str> {
        program("rsync")?;
        program("mariadb")?;
        let library = LIBRARIES.into_iter().find(|file| Path::new(file).is_file());
        Ok(Self { server: private::Programs::find()?, library: library.ok_or("galera")? })
    }
}
