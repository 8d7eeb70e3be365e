//! Which crate may use which, and nothing else; and which crates keep away from what.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context, bail};
use cargo_metadata::{Metadata, MetadataCommand, NodeDep, Package, PackageId};

use crate::command;

/// From a crate to those it may use. A crate without a row, or a row without a crate, is a fault.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "agent",
        &[
            "apdu", "browsers", "card", "ipc", "journal", "pki", "reader", "softcard", "tls",
        ],
    ),
    ("apdu", &[]),
    ("app", &["i18n", "ipc"]),
    ("authority", &["i18n", "journal", "pki"]),
    ("browsers", &["ipc"]),
    ("card", &["apdu", "pace"]),
    ("cli", &["browsers", "consent", "i18n", "ipc"]),
    ("consent", &["i18n", "ipc"]),
    ("i18n", &[]),
    ("ipc", &[]),
    ("journal", &[]),
    ("pace", &["apdu"]),
    ("pkcs11", &["ipc"]),
    ("pki", &[]),
    ("prompt", &["consent", "i18n", "ipc"]),
    ("reader", &["apdu"]),
    ("secret", &[]),
    ("softcard", &["apdu", "pace"]),
    ("tls", &[]),
    ("xtask", &[]),
];

/// What every crate may use, except the one that installs what it is built with.
const FOR_EVERYONE: &str = "secret";
const USES_NOTHING_OF_OURS: &str = "xtask";

/// May use everything: it proves what crosses crates, and is never shipped.
pub const TESTS: &str = "tests";

/// Crates of others that only some of ours may bring in, directly or by way of yet others.
const RESTRICTED: &[(&str, &[&str])] = &[
    // One owner of the card.
    ("pcsc", &["reader"]),
    ("pcsc-sys", &["reader"]),
    // No thread that the caller does not know of.
    ("tokio", &["agent", "app", "authority", "cli"]),
];

const PREFIX: &str = "lichna-";

/// The desktop app, whose folder has the name that Tauri's tools look for.
pub const APP: &str = "app";
const FOLDER_OF_APP: &str = "src-tauri";

/// What cargo knows of the workspace.
///
/// # Errors
/// Cargo's own; `Cargo.lock` that is not up to date is one.
pub fn metadata() -> anyhow::Result<Metadata> {
    MetadataCommand::new()
        .manifest_path(command::root().join("Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()
        .context("cargo metadata")
}

/// Checks the crates of the workspace against the tables above.
///
/// # Errors
/// All arrows that should not be there.
pub fn check(metadata: &Metadata) -> anyhow::Result<()> {
    let ours: HashMap<&PackageId, &str> = metadata
        .workspace_packages()
        .iter()
        .map(|package| Ok((&package.id, folder(package)?)))
        .collect::<anyhow::Result<_>>()?;
    let mut faults = rows(ours.values().copied().collect());
    for package in metadata.workspace_packages() {
        faults.extend(between_ours(package)?);
    }
    faults.extend(to_others(metadata, &ours)?);
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    eprintln!("{} crates, no arrow that should not be there", ours.len());
    Ok(())
}

/// The folder that a package of ours is named after.
///
/// # Errors
/// It is not named so.
pub fn folder(package: &Package) -> anyhow::Result<&str> {
    let name = package.name.strip_prefix(PREFIX);
    let in_folder = package.manifest_path.parent().and_then(|f| f.file_name());
    match name {
        Some(name) if in_folder == Some(name) => Ok(name),
        Some(APP) if in_folder == Some(FOLDER_OF_APP) => Ok(APP),
        _ => bail!(
            "{}: the package is not named {PREFIX}<folder>",
            package.manifest_path
        ),
    }
}

fn rows(folders: BTreeSet<&str>) -> Vec<String> {
    let rows: BTreeSet<&str> = ARROWS
        .iter()
        .map(|(from, _)| *from)
        .chain([TESTS])
        .collect();
    let without_row = folders.difference(&rows);
    let without_crate = rows.difference(&folders);
    without_row
        .map(|name| format!("{name}: no row says what it may use"))
        .chain(without_crate.map(|name| format!("{name}: a row without a crate")))
        .collect()
}

/// Arrows of all kinds: for building and for tests of the crate too.
fn between_ours(package: &Package) -> anyhow::Result<Vec<String>> {
    let from = folder(package)?;
    let allowed = ARROWS.iter().find(|(name, _)| *name == from);
    let Some((_, allowed)) = allowed else {
        return Ok(Vec::new());
    };
    let used = package.dependencies.iter();
    let used = used.filter_map(|dependency| dependency.name.strip_prefix(PREFIX));
    Ok(used
        .filter(|to| !allowed.contains(to))
        .filter(|to| *to != FOR_EVERYONE || from == USES_NOTHING_OF_OURS)
        .map(|to| format!("{from} must not use {to}"))
        .collect())
}

/// From each of our crates along arrows that do not pass through another of ours.
fn to_others(metadata: &Metadata, ours: &HashMap<&PackageId, &str>) -> anyhow::Result<Vec<String>> {
    let resolve = metadata.resolve.as_ref().context("no dependency graph")?;
    let nodes: HashMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut faults = Vec::new();
    for (start, from) in ours.iter().filter(|(_, name)| **name != TESTS) {
        let mut seen = HashSet::new();
        let mut ahead = vec![*start];
        while let Some(id) = ahead.pop() {
            if !seen.insert(id) || (id != *start && ours.contains_key(id)) {
                continue;
            }
            let name = metadata[id].name.as_str();
            if let Some((_, allowed)) = RESTRICTED.iter().find(|(other, _)| *other == name)
                && !allowed.contains(from)
            {
                faults.push(format!("{from} must not bring in {name}"));
            }
            let node = nodes.get(id).context("a package outside the graph")?;
            let built = node.deps.iter().filter(|to| !is_for_browsers(to));
            ahead.extend(built.map(|to| &to.pkg));
        }
    }
    Ok(faults)
}

/// It is built into web pages alone, of which we have none.
fn is_for_browsers(to: &NodeDep) -> bool {
    to.dep_kinds.iter().all(|kind| {
        let target = kind.target.as_ref().map(ToString::to_string);
        target.is_some_and(|target| target == r#"cfg(target_family = "wasm")"#)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_rows_and_crates_that_do_not_match() {
        let mut folders: BTreeSet<_> = ARROWS.iter().map(|(from, _)| *from).collect();
        folders.insert(TESTS);
        assert_eq!(rows(folders.clone()), Vec::<String>::new());
        folders.remove("tls");
        folders.insert("extra");
        assert_eq!(
            rows(folders),
            [
                "extra: no row says what it may use",
                "tls: a row without a crate"
            ]
        );
    }

    #[test]
    fn refuses_an_arrow_that_the_table_lacks() {
        let mut metadata = metadata().unwrap();
        check(&metadata).unwrap();
        let position = |metadata: &Metadata, name: &str| {
            let mut packages = metadata.packages.iter();
            packages
                .position(|package| package.name.as_str() == name)
                .unwrap()
        };
        // `card` gets what `agent` has: `tls` and, by way of reqwest, tokio.
        let (card, agent) = (
            position(&metadata, "lichna-card"),
            position(&metadata, "lichna-agent"),
        );
        metadata.packages[card].dependencies = metadata.packages[agent].dependencies.clone();
        let (card, agent) = (
            metadata.packages[card].id.clone(),
            metadata.packages[agent].id.clone(),
        );
        let nodes = &mut metadata.resolve.as_mut().unwrap().nodes;
        let of_agent = nodes.iter().find(|node| node.id == agent).unwrap();
        let of_agent = of_agent.deps.clone();
        let of_card = nodes.iter_mut().find(|node| node.id == card).unwrap();
        of_card.deps = of_agent;
        let faults = check(&metadata).unwrap_err().to_string();
        assert!(faults.contains("card must not use tls"), "{faults}");
        assert!(faults.contains("card must not bring in tokio"), "{faults}");
        assert!(!faults.contains("card must not bring in pcsc"), "{faults}");
    }
}
