//! `cargo xtask package`: packages for Debian and its kin, and for rpm: one with all that a holder
//! has, one with what an authority runs, which is also the one to practise with.
//!
//! What is in them is laid out below `target/package`; the manifest of the app, and that of the
//! authority, say what else a package is made of.

mod check;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{self, cargo_with, run as run_command};
use crate::install::files::{AUTHORITY, AUTHORITY_PACKAGED, HOLDERS, HOLDERS_PACKAGED, Installed};
use crate::set_up::{self, Purpose};
use crate::steps::Steps;
use crate::{front_end, install};

/// A package for Debian is no bigger, in bytes.
const LARGEST: u64 = 12_000_000;

/// A package: its name, which is that of its folder, too; the manifest that describes it; its files.
struct Kind {
    name: &'static str,
    manifest: &'static str,
    package: &'static str,
    files: &'static [&'static [Installed]],
}

const KINDS: [Kind; 2] = [
    Kind {
        name: "lichna",
        manifest: "src-tauri",
        package: "lichna-app",
        files: &[HOLDERS, HOLDERS_PACKAGED],
    },
    Kind {
        name: "lichna-authority",
        manifest: "crates/authority",
        package: "lichna-authority",
        files: &[AUTHORITY, AUTHORITY_PACKAGED],
    },
];

/// What is done with the packages.
#[derive(clap::Args)]
pub struct Arguments {
    /// Try them: install, use and remove them in a clean Debian; wants root
    #[arg(long)]
    check: bool,
}

/// Makes the packages.
///
/// # Errors
/// The first step that fails.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask package");
    let purposes = [Purpose::Build, Purpose::Window, Purpose::Package];
    steps.step("set-up", || set_up::run(&purposes))?;
    steps.step("what desktops are told", told)?;
    steps.step("the app's front end", front_end::make)?;
    steps.step("build", || install::build(&[]))?;
    let folder = folder();
    for kind in &KINDS {
        steps.step(kind.name, || make(kind, &folder))?;
    }
    if arguments.check {
        let debian = steps.step("a clean Debian", || check::clean_debian(&folder))?;
        steps.step("install, use, remove", || {
            check::try_out(&folder, &debian, &KINDS.map(|kind| kind.name))
        })?;
    }
    Ok(())
}

/// Lays out the files, and makes both packages of them.
fn make(kind: &Kind, folder: &Path) -> anyhow::Result<()> {
    let root = folder.join(kind.name);
    remove(&root)?;
    install::lay(&root, kind.files)?;
    let deb = folder.join(format!("{}.deb", kind.name));
    let words = [
        "deb",
        "--package",
        kind.package,
        "--no-build",
        "--no-strip",
        "--fast",
    ];
    run_command(cargo_with(words).arg("--output").arg(&deb))?;
    pack_tighter(&deb)?;
    if size(&deb)? > LARGEST {
        bail!("it is larger than {LARGEST} bytes");
    }
    let rpm = folder.join(format!("{}.rpm", kind.name));
    let words = ["generate-rpm", "--package", kind.manifest];
    run_command(cargo_with(words).arg("--output").arg(&rpm))?;
    size(&rpm)?;
    check::same_files(&root, &rpm)
}

/// Where packages are made.
fn folder() -> PathBuf {
    command::root().join("target/package")
}

/// The menu entry and the description for shops of programs are as the standards have them.
fn told() -> anyhow::Result<()> {
    let desktop = command::root().join("installers/desktop");
    let mut entry = Command::new("desktop-file-validate");
    run_command(entry.arg(desktop.join("lichna-app.desktop")))?;
    let mut shop = Command::new("appstreamcli");
    shop.args(["validate", "--no-net"]);
    run_command(shop.arg(desktop.join("bg.lichna.app.metainfo.xml")))
}

/// Packs a package for Debian anew, with a window so wide that what several programs have in common
/// is there once: an eighth is saved. cargo-deb knows no such window.
fn pack_tighter(deb: &Path) -> anyhow::Result<()> {
    let parts = deb.with_extension("parts");
    remove(&parts)?;
    let mut unpack = Command::new("dpkg-deb");
    run_command(unpack.arg("--raw-extract").args([deb, &parts]))?;
    let mut pack = Command::new("dpkg-deb");
    pack.args(["--root-owner-group", "-Zxz", "-z9", "-Sextreme", "--build"]);
    run_command(pack.args([&*parts, deb]))?;
    remove(&parts)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}

fn size(package: &Path) -> anyhow::Result<u64> {
    let bytes = fs::metadata(package)
        .with_context(|| package.display().to_string())?
        .len();
    eprintln!("  {}: {bytes} bytes", package.display());
    Ok(bytes)
}
