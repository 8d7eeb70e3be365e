//! The others, doing the same with the same card.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::stage::{Key, PIN, Stage, run};
use crate::programs::libraries;

/// A PKCS#11 module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    OpenSc,
    Ykcs11,
}

impl Module {
    pub const ALL: [Self; 2] = [Self::OpenSc, Self::Ykcs11];

    /// Name and version.
    pub fn name(self) -> String {
        match self {
            Self::OpenSc => {
                // "opensc 0.23.0 [gcc  12.2.0]"
                let text = first_line(Command::new("opensc-tool").arg("--info"));
                first_words(&text, 2)
            }
            Self::Ykcs11 => {
                let text = first_line(Command::new("yubico-piv-tool").arg("--version"));
                text.replace("yubico-piv-tool", "ykcs11")
            }
        }
    }

    /// The library.
    pub fn path(self) -> PathBuf {
        let file = match self {
            Self::OpenSc => "opensc-pkcs11.so",
            Self::Ykcs11 => "libykcs11.so.2",
        };
        libraries().join(file)
    }

    /// Logs in with the PIN and signs once with the card's key, as `pkcs11-tool` does it.
    pub fn sign(self, stage: &Stage, home: &Path) {
        let digest = stage.ca.folder().join("digest");
        fs::write(&digest, [0x5a; 32]).expect("own folder");
        let mechanism = match stage.key {
            Key::P256 => "ECDSA",
            Key::Rsa2048 => "RSA-PKCS",
        };
        let mut command = stage.pcscd.command("pkcs11-tool");
        command
            .env("HOME", home)
            .env("XDG_CACHE_HOME", home)
            .arg("--module")
            .arg(self.path())
            .args(["--login", "--pin", PIN, "--sign", "--id", "01"])
            .args(["--mechanism", mechanism, "--input-file"])
            .arg(&digest)
            .arg("--output-file")
            .arg(stage.ca.folder().join("signature"));
        if self == Self::OpenSc {
            let settings = home.join("opensc.conf");
            fs::write(&settings, WITH_FILE_CACHE).expect("own folder");
            command.env("OPENSC_CONF", settings);
        }
        run(&mut command);
    }

    /// Logs in at a server through libengine-pkcs11.
    pub fn curl(self, stage: &Stage, url: &str) {
        let mut command = curl(stage, url);
        command
            .envs(stage.pcscd.env())
            .env("PKCS11_MODULE_PATH", self.path())
            .args([
                "--engine",
                "pkcs11",
                "--cert-type",
                "ENG",
                "--key-type",
                "ENG",
            ])
            .args(["--cert", "pkcs11:id=%01;type=cert", "--key"])
            .arg(format!("pkcs11:id=%01;type=private;pin-value={PIN}"));
        logged_in(&mut command);
    }
}

/// Logs in at a server with a key from a file: no card at all.
pub fn curl_with_key_file(stage: &Stage, url: &str, certificate: &Path, key: &Path) {
    let mut command = curl(stage, url);
    command.arg("--cert").arg(certificate).arg("--key").arg(key);
    logged_in(&mut command);
}

/// The daemons of GnuPG that own an OpenPGP card, at work until this is dropped.
pub struct GnuPg {
    home: TempDir,
    /// Their processes: gpg-agent, scdaemon.
    pub processes: Vec<i32>,
}

impl GnuPg {
    /// Starts them, and has them read the card.
    pub fn start(stage: &Stage) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        // pcscd, and not the driver that scdaemon brings along.
        fs::write(home.path().join("scdaemon.conf"), "disable-ccid\n").expect("own folder");
        let mut command = stage.pcscd.command("gpg-connect-agent");
        command.arg("--homedir").arg(home.path());
        let said = run(command.args([
            "SCD LEARN --force",
            "GETINFO pid",
            "SCD GETINFO pid",
            "/bye",
        ]));
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("S SERIALNO D276000124"), "{said}");
        let data = said.lines().filter_map(|line| line.strip_prefix("D "));
        let processes: Vec<i32> = data.filter_map(|data| data.trim().parse().ok()).collect();
        assert_eq!(processes.len(), 2, "{said}");
        Self { home, processes }
    }

    /// Name and version.
    pub fn name() -> String {
        // "gpg-agent (GnuPG) 2.2.40"
        let text = first_line(Command::new("gpg-agent").arg("--version"));
        let version = text.split_whitespace().last().unwrap_or_default();
        format!("gpg-agent and scdaemon {version}")
    }
}

impl Drop for GnuPg {
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        command.arg("--homedir").arg(self.home.path());
        // If they are gone already, all the better.
        command.args(["--kill", "all"]).status().ok();
    }
}

/// Name and version.
pub fn curl_name() -> String {
    let text = first_line(Command::new("curl").arg("--version"));
    text.split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
}

fn curl(stage: &Stage, url: &str) -> Command {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--output", "/dev/null"])
        .args(["--write-out", "%{http_code}", "--cacert"])
        .arg(&stage.ca.root().path)
        .arg(url);
    command
}

fn logged_in(command: &mut Command) {
    let status = run(command);
    assert_eq!(
        status,
        b"200",
        "{command:?}: {}",
        String::from_utf8_lossy(&status)
    );
}

fn first_words(text: &str, count: usize) -> String {
    let words: Vec<_> = text.split_whitespace().take(count).collect();
    words.join(" ")
}

fn first_line(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // Some tell their version on the other stream, or with another status than 0.
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// OpenSC with the cache that it has off by default: the better of its two figures when warm.
const WITH_FILE_CACHE: &str =
    "app default {\n    framework pkcs15 {\n        use_file_caching = yes;\n    }\n}\n";
