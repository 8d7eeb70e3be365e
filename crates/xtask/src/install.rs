//! `cargo xtask install` and `uninstall`: the optimised programs at the places where Lichna's own
//! parts look for each other.

pub mod files;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use self::files::{AUTHORITY, From, HOLDERS, Installed};
use crate::command::{self, cargo_with, run as run_command};
use crate::set_up::{self, Purpose};
use crate::steps::Steps;
use crate::{arrows, front_end};

/// What is built, package and program: together, so that what they share is built once.
pub const PROGRAMS: &[[&str; 2]] = &[
    ["lichna-agent", "lichna-agent"],
    ["lichna-app", "lichna-app"],
    ["lichna-authority", "lichna-authority"],
    ["lichna-cli", "lichna"],
    ["lichna-journal", "lichna-journal"],
    ["lichna-prompt", "lichna-prompt"],
];

/// Where it is installed.
#[derive(clap::Args)]
pub struct Arguments {
    /// Install below this folder instead of `/`, as packagers do
    #[arg(long, default_value = "/")]
    root: PathBuf,
    /// Install what an authority runs, too
    #[arg(long)]
    authority: bool,
}

/// Builds and installs.
///
/// # Errors
/// The first step that fails.
pub fn install(arguments: &Arguments) -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask install");
    steps.step("set-up", || set_up::run(&[Purpose::Build, Purpose::Window]))?;
    steps.step("the app's front end", front_end::make)?;
    steps.step("build", || build(&[]))?;
    let authority = if arguments.authority { AUTHORITY } else { &[] };
    steps.step("install", || lay(&arguments.root, &[HOLDERS, authority]))
}

/// Builds all that is installed, optimised, and these programs of the same packages.
///
/// # Errors
/// It does not build.
pub fn build(more: &[&str]) -> anyhow::Result<()> {
    let mut build = cargo_with(["build", "--release", "--locked"]);
    for [package, program] in PROGRAMS {
        build.args(["--package", package, "--bin", program]);
    }
    for program in more {
        build.args(["--bin", program]);
    }
    run_command(&mut build)?;
    // Alone: together with others it gets what they need, too.
    let module = [
        "build",
        "--release",
        "--locked",
        "--package",
        "lichna-pkcs11",
    ];
    run_command(&mut cargo_with(module))
}

/// Puts what was built to its places below `root`.
///
/// # Errors
/// A file is not there, or cannot be written.
pub fn lay(root: &Path, files: &[&[Installed]]) -> anyhow::Result<()> {
    let target = arrows::metadata()?.target_directory;
    let release = target.join("release").into_std_path_buf();
    for file in files.iter().copied().flatten() {
        let from = source(file.from, &release)?;
        let to = root.join(file.to);
        eprintln!("  {}", to.display());
        let mut install = as_root(root, "install");
        install.args(["-D", "-m", file.mode]).arg(from).arg(to);
        run_command(&mut install)?;
    }
    Ok(())
}

/// Takes away what [`install`] installed.
///
/// # Errors
/// A file cannot be removed.
pub fn uninstall(arguments: &Arguments) -> anyhow::Result<()> {
    let files = HOLDERS.iter().chain(AUTHORITY);
    let files = files.map(|file: &Installed| arguments.root.join(file.to));
    let mut remove = as_root(&arguments.root, "rm");
    run_command(remove.arg("-fv").args(files))?;
    for folder in [
        "usr/libexec/lichna",
        "usr/lib/lichna",
        "usr/share/doc/lichna",
    ] {
        let folder = arguments.root.join(folder);
        if folder.is_dir() {
            let mut remove = as_root(&arguments.root, "rmdir");
            run_command(
                remove
                    .args(["-v", "--ignore-fail-on-non-empty"])
                    .arg(folder),
            )?;
        }
    }
    Ok(())
}

/// The file that is copied.
fn source(from: From, release: &Path) -> anyhow::Result<PathBuf> {
    match from {
        From::Release(name) => Ok(release.join(name)),
        From::Repository(path) => Ok(command::root().join(path)),
        From::Printed(language, words) => printed(release, "lichna", language, words),
        From::Manual(program) => printed(release, program, "en", &["man"]),
        From::Notices(folder) => notices(release, folder),
    }
}

/// A file with what a program prints.
fn printed(release: &Path, name: &str, language: &str, words: &[&str]) -> anyhow::Result<PathBuf> {
    let mut program = Command::new(release.join(name));
    program.env("LICHNA_LANGUAGE", language).args(words);
    let printed = command::output(&mut program)?;
    if printed.is_empty() {
        bail!("{name} {} printed nothing", words.join(" "));
    }
    let file = release.join(format!("{name}-{language}-{}", words.join("-")));
    std::fs::write(&file, printed).with_context(|| file.display().to_string())?;
    Ok(file)
}

/// A file with the notices of the crates that the package in this folder is made of, all of which
/// cargo-about has to find.
fn notices(release: &Path, folder: &str) -> anyhow::Result<PathBuf> {
    let root = command::root();
    let how = root.join("installers/third-party");
    let file = release.join(format!("notices-{}", folder.replace('/', "-")));
    let mut about = cargo_with(["about", "generate", "--locked", "--fail"]);
    about
        .arg("--manifest-path")
        .arg(root.join(folder).join("Cargo.toml"));
    about.arg("--config").arg(how.join("about.toml"));
    about.arg("--output-file").arg(&file);
    run_command(about.arg(how.join("notices.hbs")))?;
    Ok(file)
}

/// A command that may write below `root`.
pub fn as_root(root: &Path, program: &str) -> Command {
    if root != Path::new("/") || set_up::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}
