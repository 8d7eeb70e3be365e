//! A scheme of authorities, holders and services whose keys openssl keeps.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use lichna_pki::{
    Certificate, HolderSubject, Issuer, Locations, Names, Profile, PublicKey, SerialNumber,
    SignatureAlgorithm, Signer, SignerError, Subject, Validity,
};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::openssl::Openssl;

pub const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";
pub const P384: &str = "EC -pkeyopt ec_paramgen_curve:P-384";
pub const RSA: &str = "RSA -pkeyopt rsa_keygen_bits:2048";

/// Every way to sign, with a key for it.
pub const ALL: [(&str, SignatureAlgorithm); 4] = [
    (P256, SignatureAlgorithm::EcdsaSha256),
    (P384, SignatureAlgorithm::EcdsaSha384),
    (RSA, SignatureAlgorithm::RsaPkcs1Sha256),
    (RSA, SignatureAlgorithm::RsaPssSha256),
];

/// The moment at which everything here is valid.
pub const NOW: OffsetDateTime = datetime!(2026-11-22 09:10:11 UTC);

/// What `openssl dgst` is told to make such a signature.
pub fn options(algorithm: SignatureAlgorithm) -> &'static [&'static str] {
    match algorithm {
        SignatureAlgorithm::EcdsaSha384 => &["-sha384"],
        SignatureAlgorithm::RsaPssSha256 => &[
            "-sha256",
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
        ],
        _ => &["-sha256"],
    }
}

/// A key in a file, which openssl signs with.
pub struct FileKey {
    openssl: Arc<Openssl>,
    pub file: String,
    public_key: PublicKey,
    algorithm: SignatureAlgorithm,
}

impl FileKey {
    pub fn new(openssl: &Arc<Openssl>, kind: &str, algorithm: SignatureAlgorithm) -> Arc<Self> {
        let file = openssl.key(kind);
        Arc::new(Self {
            public_key: PublicKey::parse(&openssl.public_key(&file)).unwrap(),
            openssl: Arc::clone(openssl),
            file,
            algorithm,
        })
    }
}

impl Signer for FileKey {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self
            .openssl
            .sign(&self.file, options(self.algorithm), message))
    }
}

/// A root, and the authority below it that issues certificates.
pub struct Scheme {
    pub openssl: Arc<Openssl>,
    pub root: Issuer,
    pub issuing: Issuer,
}

impl Scheme {
    pub fn new(kind: &str, algorithm: SignatureAlgorithm) -> Self {
        let openssl = Arc::new(Openssl::new());
        let root_key = FileKey::new(&openssl, kind, algorithm);
        let certificate =
            Issuer::root(&*root_key, &authority("Тестов корен"), serial(), years(20)).unwrap();
        let root = Issuer::new(
            certificate,
            root_key,
            Locations {
                authority: Some("http://pki.example.bg/ca/root.cer".into()),
                crl: Some("http://pki.example.bg/crl/root.crl".into()),
                ..Locations::default()
            },
        )
        .unwrap();
        let key = FileKey::new(&openssl, kind, algorithm);
        let subject = authority("Тестов издаващ орган");
        let certificate = root
            .issue(
                &Profile::IssuingAuthority(&subject),
                key.public_key(),
                serial(),
                years(10),
            )
            .unwrap();
        let issuing = Issuer::new(
            certificate,
            key,
            Locations {
                authority: Some("http://pki.example.bg/ca/issuing.cer".into()),
                ocsp: Some("http://pki.example.bg/ocsp".into()),
                crl: Some("http://pki.example.bg/crl/full.crl".into()),
                delta_crl: Some("http://pki.example.bg/crl/delta.crl".into()),
            },
        )
        .unwrap();
        let scheme = Self {
            openssl,
            root,
            issuing,
        };
        scheme.write("root.pem", scheme.root.certificate());
        scheme.write("issuing.pem", scheme.issuing.certificate());
        scheme
    }

    /// A certificate of the issuing authority for this key.
    pub fn issue(&self, profile: &Profile<'_>, key: &PublicKey) -> Certificate {
        self.issuing
            .issue(profile, key, serial(), years(5))
            .unwrap()
    }

    /// Writes a certificate to a file in PEM.
    pub fn write(&self, name: &str, certificate: &Certificate) {
        fs::write(self.openssl.path(name), certificate.to_pem()).unwrap();
    }

    /// Whether openssl takes a certificate for a purpose, as strictly as it can, and what it says.
    pub fn verify(&self, certificate: &Certificate, purpose: &str) -> (bool, String) {
        self.write("leaf.pem", certificate);
        let moment = NOW.unix_timestamp().to_string();
        let (ok, _, says) = self.openssl.judge(
            &[
                "verify",
                "-x509_strict",
                "-check_ss_sig",
                "-attime",
                &moment,
                "-purpose",
                purpose,
                "-CAfile",
                "root.pem",
                "-untrusted",
                "issuing.pem",
                "leaf.pem",
            ],
            b"",
        );
        (ok, says)
    }
}

pub fn authority(name: &str) -> Subject {
    Subject::new(name)
        .country("BG")
        .organization("Министерство за проба")
}

pub fn service(name: &str) -> Subject {
    authority(name).organization_identifier("NTRBG-000695235")
}

/// A person who is nobody.
pub fn holder() -> HolderSubject {
    HolderSubject::new(
        "01234567-89ab-4def-8123-456789abcdef".parse().unwrap(),
        "BG",
        Names::cyrillic("Иван", Some("Георгиев"), "Петров-Щерев").unwrap(),
        Names::latin("Ivan", Some("Georgiev"), "Petroff-Shterev").unwrap(),
    )
    .unwrap()
}

/// From a minute ago until so many years from now.
pub fn years(count: i64) -> Validity {
    Validity::new(
        NOW - Duration::minutes(1),
        NOW + Duration::days(365) * i32::try_from(count).unwrap(),
    )
    .unwrap()
}

/// Another one each time.
pub fn serial() -> SerialNumber {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let mut bytes = [0xA5; 20];
    bytes[19] = NEXT.fetch_add(1, Ordering::Relaxed);
    SerialNumber::from_random(bytes)
}
