//! SoftHSM: keys in files behind PKCS#11, to measure against and to try a client with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Provider, key_identifier};
use crate::ca::{Ca, Certificate, KeyKind};

/// The PIN of its token.
pub const USER_PIN: &str = "123456";
/// The PIN of its administrator.
pub const SO_PIN: &str = "12345678";

/// A token with a key and its certificate, in a folder of its own.
#[derive(Debug)]
pub struct SoftHsm {
    folder: tempfile::TempDir,
    certificate: Certificate,
}

impl SoftHsm {
    /// A token with a key of that kind, and a certificate for it.
    ///
    /// # Panics
    /// When its tools are not there, or refuse.
    pub fn new(ca: &Ca, kind: KeyKind, holder: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = folder.path().join("tokens");
        fs::create_dir(&tokens).expect("own folder");
        fs::write(
            folder.path().join("softhsm2.conf"),
            format!("directories.tokendir = {}\n", tokens.display()),
        )
        .expect("own folder");
        let identity = ca.client(holder, kind);
        let id = key_identifier(&identity.certificate);
        let der = folder.path().join("certificate.der");
        fs::write(&der, &identity.certificate.der).expect("own folder");
        let hsm = Self {
            folder,
            certificate: identity.certificate,
        };
        hsm.run(
            "softhsm2-util",
            &["--init-token", "--free", "--label", "card"],
            &["--pin", USER_PIN, "--so-pin", SO_PIN],
        );
        let key = identity.key.display().to_string();
        hsm.run(
            "softhsm2-util",
            &["--import", &key, "--token", "card", "--pin", USER_PIN],
            &["--label", "key", "--id", &id],
        );
        let (library, der) = (Self::library(), der.display().to_string());
        hsm.run(
            "pkcs11-tool",
            &["--module", LIBRARY, "--login", "--pin", USER_PIN],
            &["--write-object", &der, "--type", "cert", "--id", &id],
        );
        assert!(library.exists(), "libsofthsm2.so is installed");
        hsm
    }

    /// The library.
    pub fn library() -> PathBuf {
        PathBuf::from(LIBRARY)
    }

    /// Name and version.
    ///
    /// # Panics
    /// When it is not installed.
    pub fn name() -> String {
        let output = Command::new("softhsm2-util").arg("--version").output();
        let output = output.expect("softhsm2-util is installed").stdout;
        format!("SoftHSM {}", String::from_utf8_lossy(&output).trim())
    }

    /// The module, as a program uses it.
    pub fn module(&self) -> Provider {
        Provider {
            path: Self::library(),
            environment: vec![("SOFTHSM2_CONF".into(), self.settings().into())],
            pin: Some(USER_PIN.to_owned()),
        }
    }

    /// The certificate in the token.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("softhsm2.conf")
    }

    fn run(&self, program: impl AsRef<Path>, words: &[&str], more: &[&str]) {
        let mut command = Command::new(program.as_ref());
        command
            .env("SOFTHSM2_CONF", self.settings())
            .args(words)
            .args(more);
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(output.status.success(), "{command:?}: {output:?}");
    }
}

const LIBRARY: &str = "/usr/lib/softhsm/libsofthsm2.so";
