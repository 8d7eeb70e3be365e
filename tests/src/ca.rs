//! A small certification authority: a root, server certificates, and client certificates for the
//! keys of cards (or for key files, to compare with).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData, SanType,
    SerialNumber, SubjectPublicKeyInfo,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use time::{Duration, OffsetDateTime};

/// An authority with its folder of PEM files.
#[derive(Debug)]
pub struct Ca {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
    root: Certificate,
}

/// A certificate: in memory and as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// DER.
    pub der: Vec<u8>,
    /// The PEM file.
    pub path: PathBuf,
}

/// A certificate with its key as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The certificate.
    pub certificate: Certificate,
    /// The PEM file of the private key (PKCS#8).
    pub key: PathBuf,
}

/// The kinds of key that a key file may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA of 2048 bits.
    Rsa2048,
}

impl KeyKind {
    fn generate(self, path: &Path) -> KeyPair {
        let algorithm = match self {
            Self::P256 => &PKCS_ECDSA_P256_SHA256,
            Self::P384 => &PKCS_ECDSA_P384_SHA384,
            Self::Rsa2048 => {
                let made = Command::new("openssl")
                    .args(["genpkey", "-quiet", "-algorithm", "RSA"])
                    .args(["-pkeyopt", "rsa_keygen_bits:2048", "-out"])
                    .arg(path)
                    .status();
                assert!(made.expect("openssl is installed").success(), "no RSA key");
                let pem = fs::read_to_string(path).expect("own file");
                return KeyPair::from_pem(&pem).expect("a sound RSA key");
            }
        };
        let key = KeyPair::generate_for(algorithm).expect("an EC key");
        fs::write(path, key.serialize_pem()).expect("own folder");
        key
    }
}

impl Ca {
    /// A new authority with that common name.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-ca-")
            .tempdir()
            .expect("a folder");
        let key = KeyKind::P256.generate(&folder.path().join("ca.key"));
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("a certificate");
        let root = write(folder.path(), "ca", &certificate);
        Self {
            folder,
            issuer: Issuer::new(params, key),
            root,
        }
    }

    /// The root certificate.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// A server certificate with a key file, for `localhost`, 127.0.0.1 and these names.
    pub fn server(&self, names: &[&str]) -> Identity {
        let mut params = params(names.first().unwrap_or(&"localhost"), &["localhost"]);
        params
            .subject_alt_names
            .push(SanType::IpAddress([127, 0, 0, 1].into()));
        for name in names {
            let name = (*name).try_into().expect("a DNS name");
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.with_key(params, KeyKind::P256)
    }

    /// A client certificate for the public key of a card (SubjectPublicKeyInfo, DER).
    pub fn client_for(&self, public_key: &[u8], name: &str) -> Certificate {
        let key = SubjectPublicKeyInfo::from_der(public_key).expect("a SubjectPublicKeyInfo");
        self.sign(&client_params(name), &key)
    }

    /// A client certificate with a key file.
    pub fn client(&self, name: &str, kind: KeyKind) -> Identity {
        self.with_key(client_params(name), kind)
    }

    /// A client certificate with everything as the caller wants it (a past date, another use), for
    /// a public key.
    pub fn client_with(
        &self,
        public_key: &[u8],
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Certificate {
        let key = SubjectPublicKeyInfo::from_der(public_key).expect("a SubjectPublicKeyInfo");
        let mut params = client_params(name);
        change(&mut params);
        self.sign(&params, &key)
    }

    /// A client certificate of X.509 version 1, without extensions, as openssl makes them where
    /// nobody asks for more; with a P-256 key file.
    pub fn client_of_version_1(&self, name: &str) -> Identity {
        let path = |file: &str| self.folder.path().join(file);
        let (key, request, certificate) = (path("v1.key"), path("v1.csr"), path("v1.pem"));
        KeyKind::P256.generate(&key);
        let openssl = |arguments: &[&str], files: &[(&str, &Path)]| {
            let mut command = Command::new("openssl");
            command.args(arguments).stderr(Stdio::null());
            for (option, file) in files {
                command.arg(option).arg(file);
            }
            assert!(command.status().expect("openssl").success(), "{command:?}");
        };
        openssl(
            &["req", "-new", "-utf8", "-subj", &format!("/CN={name}")],
            &[("-key", &key), ("-out", &request)],
        );
        openssl(
            &["x509", "-req", "-days", "30"],
            &[
                ("-in", &request),
                ("-CA", &self.root.path),
                ("-CAkey", &path("ca.key")),
                ("-out", &certificate),
            ],
        );
        let pem = fs::read(&certificate).expect("openssl's certificate");
        let der = CertificateDer::from_pem_slice(&pem).expect("a certificate");
        Identity {
            certificate: Certificate {
                der: der.to_vec(),
                path: certificate,
            },
            key,
        }
    }

    /// The folder with all the files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn with_key(&self, params: CertificateParams, kind: KeyKind) -> Identity {
        let path = self.folder.path().join(format!("{}.key", serial(&params)));
        let key = kind.generate(&path);
        Identity {
            certificate: self.sign(&params, &key),
            key: path,
        }
    }

    fn sign(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Certificate {
        let certificate = params.signed_by(key, &self.issuer).expect("a certificate");
        write(self.folder.path(), &serial(params), &certificate)
    }
}

fn client_params(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// An end entity's certificate, good from yesterday for a year.
fn params(name: &str, dns_names: &[&str]) -> CertificateParams {
    let dns_names: Vec<_> = dns_names.iter().map(|&name| name.into()).collect();
    let mut params = CertificateParams::new(dns_names).expect("DNS names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = OffsetDateTime::now_utc() - Duration::DAY;
    params.not_after = params.not_before + Duration::days(366);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).expect("the system's random numbers");
    // RFC 5280 §4.1.2.2: positive, and of full length.
    serial[0] = serial[0] & 0x7F | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params
}

fn serial(params: &CertificateParams) -> String {
    params
        .serial_number
        .as_ref()
        .map(|serial| hex::encode(serial.as_ref()))
        .unwrap_or_default()
}

fn write(folder: &Path, name: &str, certificate: &rcgen::Certificate) -> Certificate {
    let path = folder.join(format!("{name}.pem"));
    fs::write(&path, certificate.pem()).expect("own folder");
    Certificate {
        der: certificate.der().to_vec(),
        path,
    }
}
