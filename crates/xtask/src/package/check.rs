//! Whether packages are good: what is in them, and what they do to a clean Debian 12.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context, bail};

use crate::command::{self, run as run_command};
use crate::install::as_root;

/// The release of Debian that is supported.
const RELEASE: &str = "bookworm";

/// The script that runs in it.
const SCRIPT: &str = "installers/packages/check";

/// Starts a script in another root, with processes and mounts of its own that end with it.
const APART: &str = r#"
    mount --bind "$1" "$1"
    cd "$1"
    mount -t proc proc proc
    mount --rbind /dev dev
    mount -t tmpfs tmpfs dev/shm
    mount -t tmpfs tmpfs run
    mount --bind "$2" var/cache/apt/archives
    exec chroot . /check
"#;

/// The rpm has the same files as the folder that both packages are made from, and can be unpacked.
///
/// # Errors
/// It has others.
pub fn same_files(root: &Path, rpm: &Path) -> anyhow::Result<()> {
    let listed = command::output(Command::new("rpm").args(["-qlp", "--nosignature"]).arg(rpm))?;
    let mut listed: Vec<&str> = listed.lines().collect();
    let mut find = Command::new("find");
    find.arg(root).args(["-type", "f", "-printf", "/%P\\n"]);
    let laid = command::output(&mut find)?;
    let mut laid: Vec<&str> = laid.lines().collect();
    listed.sort_unstable();
    laid.sort_unstable();
    if listed != laid {
        bail!("the rpm has {listed:#?} instead of {laid:#?}");
    }
    Ok(())
}

/// A Debian with nothing but what every Debian has, made once.
///
/// # Errors
/// It cannot be made.
pub fn clean_debian(folder: &Path) -> anyhow::Result<PathBuf> {
    let debian = folder.join(RELEASE);
    if debian.exists() {
        return Ok(debian);
    }
    let unfinished = folder.join("unfinished");
    run_command(
        root_command("rm")
            .args(["-rf", "--one-file-system"])
            .arg(&unfinished),
    )?;
    let mut make = root_command("debootstrap");
    make.args(["--variant=minbase", RELEASE]).arg(&unfinished);
    run_command(&mut make)?;
    run_command(root_command("mv").arg(&unfinished).arg(&debian))?;
    Ok(debian)
}

/// Installs, uses and removes the packages in a copy of that Debian.
///
/// # Errors
/// Something is not as it should be; the script has said what.
pub fn try_out(folder: &Path, debian: &Path, packages: &[&str; 2]) -> anyhow::Result<()> {
    let copy = folder.join("debian");
    let downloads = folder.join("downloads");
    fs::create_dir_all(downloads.join("partial")).or_else(there_already)?;
    let remove = || {
        run_command(
            root_command("rm")
                .args(["-rf", "--one-file-system"])
                .arg(&copy),
        )
    };
    remove()?;
    run_command(
        root_command("cp")
            .args(["-a", "--reflink=auto"])
            .arg(debian)
            .arg(&copy),
    )?;
    let mut give = root_command("cp");
    give.arg(command::root().join(SCRIPT));
    give.args(packages.map(|name| folder.join(format!("{name}.deb"))));
    run_command(give.arg(&copy))?;
    let mut apart = root_command("unshare");
    apart.args(["--mount", "--pid", "--ipc", "--fork", "--kill-child"]);
    apart
        .args(["sh", "-euc", APART, "sh"])
        .arg(&copy)
        .arg(&downloads);
    run_command(&mut apart).context("the package does not do what it should")?;
    remove()
}

fn there_already(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(error),
    }
}

fn root_command(program: &str) -> Command {
    as_root(Path::new("/"), program)
}
