//! `cargo xtask install` and `uninstall`: the optimised programs at the places where Lichna's own
//! parts look for each other.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::arrows;
use crate::command::{self, cargo_with, run as run_command};
use crate::programs::build_module;
use crate::set_up::{self, Purpose};
use crate::steps::Steps;

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

/// A file: where it comes from, where it goes, and its mode.
struct Installed {
    from: From,
    to: &'static str,
    mode: &'static str,
}

/// Where a file comes from.
#[derive(Clone, Copy)]
enum From {
    /// The target folder's release profile.
    Release(&'static str),
    /// The repository.
    Repository(&'static str),
    /// What `lichna` prints in this language with these words.
    Printed(&'static str, &'static [&'static str]),
    /// What this program, which speaks English alone, prints as its manual page.
    Manual(&'static str),
}

/// All that is installed for holders. The agent and the module stand at these very places in `lichna-ipc`, too.
const FILES: &[Installed] = &[
    Installed {
        from: From::Release("lichna"),
        to: "usr/bin/lichna",
        mode: "755",
    },
    Installed {
        from: From::Release("lichna-agent"),
        to: "usr/libexec/lichna/lichna-agent",
        mode: "755",
    },
    Installed {
        from: From::Release("lichna-prompt"),
        to: "usr/libexec/lichna/lichna-prompt",
        mode: "755",
    },
    Installed {
        from: From::Release("liblichna_pkcs11.so"),
        to: "usr/lib/lichna/liblichna_pkcs11.so",
        mode: "644",
    },
    Installed {
        from: From::Repository("installers/systemd/lichna-agent.socket"),
        to: "usr/lib/systemd/user/lichna-agent.socket",
        mode: "644",
    },
    Installed {
        from: From::Repository("installers/systemd/lichna-agent.service"),
        to: "usr/lib/systemd/user/lichna-agent.service",
        mode: "644",
    },
    Installed {
        from: From::Printed("en", &["completions", "bash"]),
        to: "usr/share/bash-completion/completions/lichna",
        mode: "644",
    },
    Installed {
        from: From::Printed("en", &["completions", "fish"]),
        to: "usr/share/fish/vendor_completions.d/lichna.fish",
        mode: "644",
    },
    Installed {
        from: From::Printed("en", &["completions", "zsh"]),
        to: "usr/share/zsh/vendor-completions/_lichna",
        mode: "644",
    },
    Installed {
        from: From::Printed("en", &["man"]),
        to: "usr/share/man/man1/lichna.1",
        mode: "644",
    },
    Installed {
        from: From::Printed("bg", &["man"]),
        to: "usr/share/man/bg/man1/lichna.1",
        mode: "644",
    },
];

/// What an authority runs.
const AUTHORITY: &[Installed] = &[
    Installed {
        from: From::Release("lichna-authority"),
        to: "usr/bin/lichna-authority",
        mode: "755",
    },
    Installed {
        from: From::Release("lichna-journal"),
        to: "usr/bin/lichna-journal",
        mode: "755",
    },
    Installed {
        from: From::Repository("installers/systemd/lichna-authority.service"),
        to: "usr/lib/systemd/system/lichna-authority.service",
        mode: "644",
    },
    Installed {
        from: From::Manual("lichna-authority"),
        to: "usr/share/man/man1/lichna-authority.1",
        mode: "644",
    },
    Installed {
        from: From::Manual("lichna-journal"),
        to: "usr/share/man/man1/lichna-journal.1",
        mode: "644",
    },
];

impl Arguments {
    /// What is installed.
    fn files(&self) -> impl Iterator<Item = &'static Installed> {
        let authority = self.authority.then_some(AUTHORITY);
        FILES.iter().chain(authority.into_iter().flatten())
    }
}

/// Builds and installs.
///
/// # Errors
/// The first step that fails.
pub fn install(arguments: &Arguments) -> anyhow::Result<()> {
    let mut steps = Steps::of("cargo xtask install");
    steps.step("set-up", || set_up::run(&[Purpose::Build]))?;
    steps.step("build", || {
        let mut build = cargo_with(["build", "--release", "--locked"]);
        build.args([
            "-p",
            "lichna-cli",
            "-p",
            "lichna-agent",
            "-p",
            "lichna-prompt",
        ]);
        if arguments.authority {
            build.args(["-p", "lichna-authority", "-p", "lichna-journal"]);
        }
        run_command(&mut build)?;
        build_module()
    })?;
    steps.step("install", || {
        let release = arrows::metadata()?
            .target_directory
            .join("release")
            .into_std_path_buf();
        for file in arguments.files() {
            let from = source(file.from, &release)?;
            let to = arguments.root.join(file.to);
            eprintln!("  {}", to.display());
            let mut install = as_root(&arguments.root, "install");
            install.args(["-D", "-m", file.mode]).arg(from).arg(to);
            run_command(&mut install)?;
        }
        Ok(())
    })
}

/// Takes away what [`install`] installed.
///
/// # Errors
/// A file cannot be removed.
pub fn uninstall(arguments: &Arguments) -> anyhow::Result<()> {
    let files = FILES.iter().chain(AUTHORITY);
    let files = files.map(|file| arguments.root.join(file.to));
    let mut remove = as_root(&arguments.root, "rm");
    run_command(remove.arg("-fv").args(files))?;
    for folder in ["usr/libexec/lichna", "usr/lib/lichna"] {
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

/// A command that may write below `root`.
fn as_root(root: &Path, program: &str) -> Command {
    if root != Path::new("/") || set_up::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}
