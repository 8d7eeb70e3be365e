//! The `openssl` command: makes keys and certificates, and judges requests.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A folder to work in.
pub struct Openssl(TempDir);

impl Openssl {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `openssl ARGUMENTS` and returns what it writes.
    pub fn run(&self, arguments: &str) -> Vec<u8> {
        self.run_with(arguments, b"")
    }

    /// The same with something to read.
    pub fn run_with(&self, arguments: &str, input: &[u8]) -> Vec<u8> {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.run_arguments(&arguments, input)
    }

    pub fn run_arguments(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (ok, output, errors) = self.judge(arguments, input);
        assert!(ok, "openssl {arguments:?}: {errors}");
        output
    }

    /// Whether it succeeds, what it writes, and what it says.
    pub fn judge(&self, arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>, String) {
        let mut child = Command::new("openssl")
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may have ended without reading.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        (
            output.status.success(),
            output.stdout,
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    /// A new key, as the name of its file.
    pub fn key(&self, algorithm: &str) -> String {
        let name = format!("{}.key", fs::read_dir(self.0.path()).unwrap().count());
        self.run(&format!("genpkey -algorithm {algorithm} -out {name}"));
        name
    }

    /// SubjectPublicKeyInfo of a key.
    pub fn public_key(&self, key: &str) -> Vec<u8> {
        self.run(&format!("pkey -in {key} -pubout -outform DER"))
    }

    /// A certificate that a key gives itself, in DER.
    pub fn certificate(&self, key: &str, subject: &str, extensions: &str) -> Vec<u8> {
        self.certificate_with("string_mask = utf8only", key, subject, extensions)
    }

    pub fn certificate_with(
        &self,
        option: &str,
        key: &str,
        subject: &str,
        extensions: &str,
    ) -> Vec<u8> {
        let configuration = format!(
            "[req]\ndistinguished_name = dn\n{option}\n[dn]\n\
             [ca]\ndefault_ca = here\n\
             [here]\ndatabase = index.txt\nserial = serial\nnew_certs_dir = .\n\
             default_md = sha256\npolicy = any\npreserve = yes\nx509_extensions = ext\n\
             unique_subject = no\n{option}\n\
             [any]\ncountryName = optional\nserialNumber = optional\ngivenName = optional\n\
             surname = optional\ncommonName = optional\n\
             [ext]\n{extensions}"
        );
        fs::write(self.path("openssl.cnf"), configuration).unwrap();
        fs::write(self.path("index.txt"), "").unwrap();
        fs::write(self.path("serial"), "4142\n").unwrap();
        self.run_arguments(
            &[
                "req",
                "-new",
                "-config",
                "openssl.cnf",
                "-utf8",
                "-subj",
                subject,
                "-key",
                key,
                "-out",
                "request.pem",
            ],
            b"",
        );
        self.run_arguments(
            &[
                "ca",
                "-batch",
                "-config",
                "openssl.cnf",
                "-utf8",
                "-selfsign",
                "-keyfile",
                key,
                "-in",
                "request.pem",
                "-out",
                "certificate.pem",
                "-notext",
                "-startdate",
                "20260102030405Z",
                "-enddate",
                "20310102030405Z",
            ],
            b"",
        );
        self.run("x509 -in certificate.pem -outform DER")
    }

    /// The signature of a message by a key, as `openssl dgst` makes it.
    pub fn sign(&self, key: &str, options: &[&str], message: &[u8]) -> Vec<u8> {
        let mut arguments = vec!["dgst", "-binary", "-sign", key];
        arguments.extend(options);
        self.run_arguments(&arguments, message)
    }
}
