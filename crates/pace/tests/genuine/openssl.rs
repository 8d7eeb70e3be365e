//! Security objects as OpenSSL makes them, for a country of its own.

use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};

/// How the authority and the signer sign.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    pub name: &'static str,
    /// `openssl genpkey` is given this.
    pub key: &'static [&'static str],
    pub hash: &'static str,
    /// The same as a flag.
    pub flag: &'static str,
    /// Padding of the signatures, where RSA has a choice.
    pub padding: &'static [&'static str],
}

/// A country's authority, with a security object over one data group 14.
pub struct Country {
    folder: tempfile::TempDir,
    scheme: Scheme,
}

impl Country {
    pub fn new(scheme: Scheme) -> Self {
        let country = Self {
            folder: tempfile::tempdir().unwrap(),
            scheme,
        };
        for name in ["csca", "ds"] {
            let mut make = vec!["genpkey"];
            make.extend(scheme.key);
            make.extend(["-out", name]);
            country.openssl(&make);
        }
        country.write("csca.cnf", CSCA);
        let mut own = vec![
            "req", "-x509", "-new", "-key", "csca", "-config", "csca.cnf",
        ];
        own.extend(["-days", "30", "-out", "csca.pem"]);
        country.signing(&mut own);
        country.openssl(&[
            "x509", "-in", "csca.pem", "-outform", "DER", "-out", "csca.der",
        ]);
        country
    }

    /// The authority's certificate in DER.
    pub fn authority(&self) -> Vec<u8> {
        self.read("csca.der")
    }

    /// EF.SOD, its signer's certificate with these extensions and this name.
    pub fn security_object(&self, group: &[u8], subject: &str, extensions: &str) -> Vec<u8> {
        self.openssl(&[
            "req", "-new", "-key", "ds", "-subj", subject, "-out", "ds.csr",
        ]);
        self.write("ds.cnf", extensions);
        let mut issue = vec![
            "x509", "-req", "-in", "ds.csr", "-CA", "csca.pem", "-CAkey", "csca",
        ];
        issue.extend([
            "-set_serial",
            "7",
            "-days",
            "30",
            "-extfile",
            "ds.cnf",
            "-out",
            "ds.pem",
        ]);
        self.signing(&mut issue);
        self.write("content", content(group));
        let mut sign = vec!["cms", "-sign", "-binary", "-nodetach", "-in", "content"];
        sign.extend([
            "-econtent_type",
            "2.23.136.1.1.1",
            "-signer",
            "ds.pem",
            "-inkey",
            "ds",
        ]);
        sign.extend(["-md", self.scheme.hash, "-outform", "DER", "-out", "sod"]);
        for word in self.scheme.padding {
            sign.extend(["-keyopt", word]);
        }
        self.openssl(&sign);
        lichna_apdu::tlv::encode(0x77, &self.read("sod"))
    }

    fn signing<'a>(&'a self, words: &mut Vec<&'a str>) {
        words.push(self.scheme.flag);
        for word in self.scheme.padding {
            words.extend(["-sigopt", word]);
        }
        self.openssl(words);
    }

    fn openssl(&self, words: &[&str]) {
        let mut command = Command::new("openssl");
        let output = command
            .current_dir(&self.folder)
            .args(words)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{}: {words:?}: {said}",
            self.scheme.name
        );
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }
}

/// An LDS security object: version 0, SHA-256, data group 14.
fn content(group: &[u8]) -> Vec<u8> {
    let mut content =
        hex::decode("3039020100300b06096086480165030402013027302502010e0420").unwrap();
    content.extend(Sha256::digest(group));
    content
}

const CSCA: &str = "[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
C = UT
CN = Utopia Country Signing
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
";

/// What ICAO 9303-12 wants in a document signer's certificate.
pub const SIGNER: &str = "keyUsage = critical, digitalSignature
authorityKeyIdentifier = keyid
";
