//! `cargo xtask check-deps`: who may import whom, and where SQL may be written.

mod alone;
mod graph;
mod rules;
mod sources;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::files;
use crate::process::{self, say};
use graph::Graph;
use rules::{ALONE, BANS, CORE, CORE_MAY_USE, FOR_TESTS, NO_BACKEND_BELOW, NOWHERE, OWNERS, Who};

/// Prints every offence against the rules.
///
/// # Errors
///
/// If there is any, or cargo cannot tell.
pub(crate) fn run() -> Result<()> {
    let graph = Graph::load()?;
    let lock = fs::read_to_string(process::root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let mut offences = in_graph(&graph);
    offences.extend(in_lock_file(&lock));
    for rule in &ALONE {
        offences.extend(alone::offences(rule)?);
    }
    for (name, member) in &graph.members {
        let manifest = fs::read_to_string(process::root().join(&member.folder).join("Cargo.toml"))
            .with_context(|| format!("cannot read the manifest of {name}"))?;
        if !sources::inherits_lints(&manifest) {
            offences.push(format!("{name} does not take the lints of the workspace"));
        }
    }
    offences.extend(files::with_extension("rs")?.iter().flat_map(sources::offences));

    for offence in &offences {
        say(&format!("  {offence}"));
    }
    if !offences.is_empty() {
        bail!("{} offences against the rules of ARCHITECTURE.md", offences.len());
    }
    Ok(())
}

/// The offences that cargo's view of the workspace shows.
fn in_graph(graph: &Graph) -> Vec<String> {
    let mut offences = Vec::new();
    let backends: Vec<&str> = graph
        .members
        .iter()
        .filter(|(_, member)| member.folder.starts_with("backends/"))
        .map(|(name, _)| name.as_str())
        .collect();

    for ban in &BANS {
        let who = match ban.who {
            Who::Package(name) => vec![name],
            Who::Backends => backends.clone(),
        };
        for name in who {
            for target in ban.never_reaches {
                offences.extend(reach(graph, name, target, ban.because));
            }
        }
    }
    for name in NO_BACKEND_BELOW {
        for backend in &backends {
            offences.extend(reach(graph, name, backend, "it works with any backend"));
        }
    }
    for (name, member) in &graph.members {
        for used in &member.uses {
            if name == CORE && !CORE_MAY_USE.contains(&used.as_str()) {
                offences.push(format!("{CORE} may use only {}, not {used}", CORE_MAY_USE.join(", ")));
            }
            let owned = OWNERS.iter().find(|(driver, owners)| driver == used && !owners.contains(&&**name));
            if let Some((driver, owners)) = owned {
                offences.push(format!("{name} uses {driver}, which only {} may", owners.join(" and ")));
            }
            if FOR_TESTS.contains(&used.as_str()) && !FOR_TESTS.contains(&name.as_str()) {
                offences.push(format!("{name} uses {used} outside its tests"));
            }
        }
        for feature in member.features.iter().filter(|feature| sources::subtracts(feature)) {
            offences.push(format!("{name} has the feature {feature}: a feature may only add"));
        }
    }
    offences
}

fn reach(graph: &Graph, from: &str, to: &str, because: &str) -> Option<String> {
    let path = graph.path(from, to)?;
    Some(format!("{}: {because}", path.join(" -> ")))
}

fn in_lock_file(lock: &str) -> Vec<String> {
    let is_locked = |name: &&&str| lock.lines().any(|line| line == format!("name = \"{name}\""));
    NOWHERE.iter().filter(is_locked).map(|name| format!("{name} is in Cargo.lock: TLS is rustls")).collect()
}

#[cfg(test)]
mod tests {
    use super::graph::Member;
    use super::*;

    /// A workspace of packages, each with its folder and what it uses.
    fn workspace(members: &[(&str, &str, &[&str])], others: &[(&str, &[&str])]) -> Graph {
        let names = |uses: &[&str]| uses.iter().map(ToString::to_string).collect();
        let mut graph = Graph::default();
        for (name, folder, uses) in members {
            let member = Member { folder: (*folder).to_owned(), uses: names(uses), ..Member::default() };
            graph.members.insert((*name).to_owned(), member);
            graph.edges.insert((*name).to_owned(), names(uses));
        }
        for (name, uses) in others {
            graph.edges.insert((*name).to_owned(), names(uses));
        }
        graph
    }

    #[test]
    fn the_intended_shape_is_no_offence() {
        let graph = workspace(
            &[
                ("vestibule-core", "crates/vestibule-core", &["thiserror"]),
                ("vestibule-sql", "crates/vestibule-sql", &["vestibule-core"]),
                ("vestibule-engine", "crates/vestibule-engine", &["vestibule-core", "sha2"]),
                ("vestibule-rusqlite", "backends/rusqlite", &["vestibule-sql", "rusqlite", "tokio"]),
                ("vestibule-cli", "crates/vestibule-cli", &["vestibule-engine", "vestibule-rusqlite"]),
                ("vestibule-testkit", "crates/vestibule-testkit", &["vestibule-conformance"]),
            ],
            &[],
        );
        assert_eq!(in_graph(&graph), Vec::<String>::new());
    }

    #[test]
    fn the_contract_uses_only_what_it_may() {
        let graph = workspace(&[("vestibule-core", "crates/vestibule-core", &["rand"])], &[]);
        let offences = in_graph(&graph);
        assert!(offences.len() == 1 && offences[0].ends_with("not rand"), "{offences:?}");
    }

    #[test]
    fn a_runtime_below_the_engine_is_found_however_deep() {
        let graph = workspace(
            &[("vestibule-engine", "crates/vestibule-engine", &["innocent"])],
            &[("innocent", &["deeper"]), ("deeper", &["tokio"])],
        );
        let offences = in_graph(&graph);
        assert_eq!(offences.len(), 1);
        assert!(offences[0].starts_with("vestibule-engine -> innocent -> deeper -> tokio:"), "{offences:?}");
    }

    #[test]
    fn what_a_feature_brings_is_for_whoever_turns_it_on() {
        let mut graph = workspace(
            &[
                ("vestibule-http", "crates/vestibule-http", &["hyper-util"]),
                ("vestibule-engine", "crates/vestibule-engine", &["vestibule-http"]),
            ],
            &[],
        );
        assert_eq!(in_graph(&graph).len(), 1);

        let http = graph.members.get_mut("vestibule-http").unwrap();
        http.optional.insert("hyper-util".to_owned());
        assert_eq!(in_graph(&graph), Vec::<String>::new());

        graph.edges.get_mut("vestibule-engine").unwrap().insert("hyper-util".to_owned());
        assert_eq!(in_graph(&graph).len(), 1);
    }

    #[test]
    fn a_backend_never_reaches_the_engine_nor_the_engine_a_backend() {
        let graph = workspace(
            &[
                ("vestibule-engine", "crates/vestibule-engine", &["vestibule-memory"]),
                ("vestibule-memory", "backends/memory", &[]),
                ("vestibule-new", "backends/new", &["vestibule-engine"]),
            ],
            &[],
        );
        let offences = in_graph(&graph);
        assert!(offences.iter().any(|line| line.starts_with("vestibule-engine -> vestibule-memory:")));
        assert!(offences.iter().any(|line| line.starts_with("vestibule-new -> vestibule-engine:")));
    }

    #[test]
    fn a_driver_belongs_to_one_package() {
        let graph = workspace(&[("vestibule-cli", "crates/vestibule-cli", &["rusqlite"])], &[]);
        assert_eq!(in_graph(&graph), ["vestibule-cli uses rusqlite, which only vestibule-rusqlite may"]);
    }

    #[test]
    fn test_packages_stay_in_tests() {
        let graph = workspace(&[("vestibule", "crates/vestibule", &["vestibule-testkit"])], &[]);
        assert_eq!(in_graph(&graph), ["vestibule uses vestibule-testkit outside its tests"]);
    }

    #[test]
    fn openssl_is_found_in_the_lock_file() {
        let lock = "[[package]]\nname = \"openssl-sys\"\nversion = \"0.9\"\n\n[[package]]\nname = \"openssl-probe\"\n";
        assert_eq!(in_lock_file(lock), ["openssl-sys is in Cargo.lock: TLS is rustls"]);
    }
}
