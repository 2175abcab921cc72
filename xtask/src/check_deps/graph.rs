//! What depends on what, as much of it as the rules ask about.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

use crate::process;

/// A package of this workspace.
#[derive(Debug, Default)]
pub(super) struct Member {
    /// Its folder, from the root of the repository.
    pub(super) folder: String,
    /// The names of its normal and build dependencies.
    pub(super) uses: BTreeSet<String>,
    /// Those of them that come with a feature only.
    pub(super) optional: BTreeSet<String>,
    /// The names of its features.
    pub(super) features: BTreeSet<String>,
}

/// The workspace and everything below it.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The packages of this workspace by name.
    pub(super) members: BTreeMap<String, Member>,
    /// Normal and build dependencies of every package, by name; versions are one.
    pub(super) edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Asks cargo.
    ///
    /// # Errors
    ///
    /// If cargo cannot read a manifest or resolve the dependencies.
    pub(super) fn load() -> Result<Self> {
        let root = process::root();
        let host = process::host_triple()?;
        let metadata = MetadataCommand::new()
            .current_dir(&root)
            .other_options(["--filter-platform".to_owned(), host])
            .exec()
            .context("cargo metadata")?;

        let mut graph = Self::default();
        for package in metadata.workspace_packages() {
            let folder = package.manifest_path.parent().map(ToString::to_string).unwrap_or_default();
            let folder = folder.strip_prefix(&*root.to_string_lossy()).unwrap_or(&folder);
            let uses = package.dependencies.iter().filter(|dependency| is_real(dependency.kind));
            let optional = uses.clone().filter(|dependency| dependency.optional);
            graph.members.insert(
                package.name.to_string(),
                Member {
                    folder: folder.trim_start_matches('/').to_owned(),
                    optional: optional.map(|dependency| dependency.name.clone()).collect(),
                    uses: uses.map(|dependency| dependency.name.clone()).collect(),
                    features: package.features.keys().cloned().collect(),
                },
            );
        }

        let names: BTreeMap<&PackageId, String> =
            metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
        let resolve = metadata.resolve.as_ref().context("cargo metadata resolved nothing")?;
        for node in &resolve.nodes {
            let below = graph.edges.entry(names[&node.id].clone()).or_default();
            let real = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|info| is_real(info.kind)));
            below.extend(real.map(|dep| names[&dep.pkg].clone()));
        }
        for package in metadata.workspace_packages() {
            for dependency in package.dependencies.iter().filter(|dependency| is_real(dependency.kind)) {
                if let (false, Some(member)) =
                    (dependency.features.is_empty(), graph.members.get(&dependency.name))
                {
                    let turned_on = member.optional.clone();
                    graph.edges.entry(package.name.to_string()).or_default().extend(turned_on);
                }
            }
        }
        Ok(graph)
    }

    /// The shortest way from `from` to `to` through normal dependencies, both ends named.
    ///
    /// Optional dependencies of `from` count. Those of another member count for whoever turns on a feature of it.
    pub(super) fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(here) = queue.pop_front() {
            let left_out = self.members.get(here).filter(|_| here != from).map(|member| &member.optional);
            for next in self.edges.get(here).into_iter().flatten() {
                let is_left_out = left_out.is_some_and(|optional| optional.contains(next));
                if is_left_out || next == from || came_from.contains_key(next.as_str()) {
                    continue;
                }
                came_from.insert(next, here);
                queue.push_back(next);
            }
        }
        let mut path = vec![to.to_owned()];
        let mut here = to;
        while let Some(before) = came_from.get(here) {
            path.push((*before).to_owned());
            here = before;
        }
        path.reverse();
        (path.len() > 1).then_some(path)
    }
}

fn is_real(kind: DependencyKind) -> bool {
    kind != DependencyKind::Development
}
