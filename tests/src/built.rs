//! The programs of this workspace: found in the target folder of the running test, and built there
//! when missing or older than a source file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The program `name` of the package `package`.
///
/// # Panics
/// When it does not build.
pub fn program(package: &str, name: &str) -> PathBuf {
    let sources = [root().join("crates"), root().join("Cargo.lock")];
    let path = target().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    fresh(&path, &sources, &["-p", package, "--bin", name]);
    path
}

/// The command-line client, `lichna`.
pub fn lichna() -> PathBuf {
    program("lichna-cli", "lichna")
}

/// The agent, `lichna-agent`.
pub fn agent() -> PathBuf {
    program("lichna-agent", "lichna-agent")
}

/// The PIN window, `lichna-prompt`: beside the agent, which opens it there.
pub fn prompt() -> PathBuf {
    program("lichna-prompt", "lichna-prompt")
}

/// The authority, `lichna-authority`.
pub fn authority() -> PathBuf {
    program("lichna-authority", "lichna-authority")
}

/// The desktop app, `lichna-app`, with the front end that is built.
pub fn app() -> PathBuf {
    let path = target().join("lichna-app");
    let sources = ["src-tauri/src", "ui/dist", "crates/ipc", "Cargo.lock"];
    let sources = sources.map(|source| root().join(source));
    fresh(
        &path,
        &sources,
        &["-p", "lichna-app", "--bin", "lichna-app"],
    );
    path
}

/// A window of the app's toolkit with nothing in it.
pub(crate) fn empty_window() -> PathBuf {
    let sources = ["src-tauri/src/bin", "src-tauri/empty_window", "Cargo.lock"];
    let sources = sources.map(|source| root().join(source));
    let path = target().join("empty_window");
    fresh(
        &path,
        &sources,
        &["-p", "lichna-app", "--bin", "empty_window"],
    );
    path
}

/// The PKCS#11 module, `liblichna_pkcs11.so`.
pub fn module() -> PathBuf {
    let name = ["lichna_pkcs11", std::env::consts::DLL_SUFFIX].concat();
    let path = target().join([std::env::consts::DLL_PREFIX, &name].concat());
    let sources = [root().join("crates"), root().join("Cargo.lock")];
    fresh(&path, &sources, &["-p", "lichna-pkcs11", "--lib"]);
    path
}

/// A card with an applet as a process, `lichna-applet`.
pub fn applet() -> PathBuf {
    let path = target().join("lichna-applet");
    let sources = [root().join("tests/src")];
    fresh(
        &path,
        &sources,
        &["-p", "lichna-tests", "--bin", "lichna-applet"],
    );
    path
}

/// The PIN pad reader's driver.
pub(crate) fn pinpad_driver() -> PathBuf {
    let path = target().join("examples/libpinpad_ifd.so");
    let sources = [
        root().join("tests/src/pinpad"),
        root().join("tests/examples"),
    ];
    fresh(
        &path,
        &sources,
        &["-p", "lichna-tests", "--example", "pinpad_ifd"],
    );
    path
}

/// A program in C on libeac, of those in `tests/openpace`: `chip` or `terminal`.
///
/// # Panics
/// When it does not build.
pub(crate) fn openpace(name: &str) -> PathBuf {
    let folder = root().join("tests/openpace");
    let sources = [folder.join("common.c"), folder.join(format!("{name}.c"))];
    let path = target().join(format!("openpace-{name}"));
    in_c(path, &folder, |gcc| {
        gcc.args(sources).args(["-leac", "-lcrypto"]);
    })
}

/// What counts the moments at which a program has the disk keep something, and kills it at one of
/// them: `tests/crash/points.c`, for `LD_PRELOAD`.
///
/// # Panics
/// When it does not build.
pub fn crash_points() -> PathBuf {
    let source = root().join("tests/crash/points.c");
    in_c(target().join("libcrash-points.so"), &source, |gcc| {
        gcc.args(["-shared", "-fPIC"]).arg(&source).arg("-ldl");
    })
}

/// What gcc makes of these sources, with the arguments that `what` adds, unless it is newer.
fn in_c(path: PathBuf, sources: &Path, what: impl FnOnce(&mut Command)) -> PathBuf {
    if is_fresh(&path, &[sources.to_path_buf()]) {
        return path;
    }
    // Another test may build it at the same time, or use it already.
    let own = path.with_added_extension(std::process::id().to_string());
    let mut command = Command::new("gcc");
    command
        .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&own);
    what(&mut command);
    succeeds(&mut command);
    fs::rename(own, &path).expect("own build");
    path
}

fn succeeds(command: &mut Command) {
    let output = command.output().expect("it is installed");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests are one folder below the root")
        .to_path_buf()
}

/// The folder of the profile under which the running program was built, `…/debug`.
fn target() -> PathBuf {
    let running = std::env::current_exe().expect("the running program has a path");
    let folder = running.parent().expect("a program is in a folder");
    // Tests are in deps, examples in examples, programs in the folder itself.
    if folder.ends_with("deps") || folder.ends_with("examples") {
        folder
            .parent()
            .expect("deps is in the target folder")
            .to_path_buf()
    } else {
        folder.to_path_buf()
    }
}

/// Builds unless the file is there and newer than all sources.
fn fresh(path: &Path, sources: &[PathBuf], what: &[&str]) {
    if is_fresh(path, sources) {
        return;
    }
    let begun = SystemTime::now();
    let target = target();
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root())
        .args(["build", "--quiet"])
        .args(what);
    command.env(
        "CARGO_TARGET_DIR",
        target.parent().expect("the target folder"),
    );
    if target.ends_with("release") {
        command.arg("--release");
    }
    succeeds(&mut command);
    // cargo leaves a program alone that needs no building; it is as new as its sources all the same.
    // Opened for reading: a program that runs cannot be opened for writing.
    let touched = fs::File::open(path);
    touched
        .and_then(|file| file.set_modified(begun))
        .expect("own build");
}

/// Whether the file is there and newer than all sources.
fn is_fresh(path: &Path, sources: &[PathBuf]) -> bool {
    let built = fs::metadata(path).and_then(|file| file.modified());
    let newest = sources.iter().filter_map(|source| newest(source)).max();
    built.is_ok_and(|built| newest.is_none_or(|newest| newest <= built))
}

/// When the newest file of a folder was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return metadata.modified().ok();
    }
    fs::read_dir(path)
        .ok()?
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max()
}
