//! A key in memory that stands for a card.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use lichna_pki::Certificate;
use lichna_tests::ca::{Ca, Identity, KeyKind};
use lichna_tls::{CardKey, KeyError, SignatureScheme};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use rustls_pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, pem::PemObject,
};

/// A key in memory, with the certificate it shows.
pub struct SoftKey {
    chain: Vec<CertificateDer<'static>>,
    public_key: Vec<u8>,
    private_key: PrivatePkcs8KeyDer<'static>,
    schemes: Vec<SignatureScheme>,
    failure: Option<KeyError>,
    asked: AtomicU32,
}

/// The name on every certificate here.
pub const NAME: &str = "Иван Петров";

impl SoftKey {
    /// A new key with a certificate of this authority, that signs with these schemes.
    pub fn new(ca: &Ca, kind: KeyKind, schemes: &[SignatureScheme]) -> Self {
        Self::of(&ca.client(NAME, kind), schemes)
    }

    /// A P-256 key.
    pub fn p256(ca: &Ca) -> Self {
        Self::new(ca, KeyKind::P256, &[SignatureScheme::ECDSA_NISTP256_SHA256])
    }

    /// The key and certificate of those files.
    pub fn of(identity: &Identity, schemes: &[SignatureScheme]) -> Self {
        let der = identity.certificate.der.clone();
        Self {
            public_key: Certificate::parse(&der).unwrap().spki_der().to_vec(),
            chain: vec![CertificateDer::from(der)],
            private_key: PrivatePkcs8KeyDer::from_pem_file(&identity.key).unwrap(),
            schemes: schemes.to_vec(),
            failure: None,
            asked: AtomicU32::new(0),
        }
    }

    /// The same, but it fails when it should sign.
    pub fn failing(mut self, failure: KeyError) -> Self {
        self.failure = Some(failure);
        self
    }

    /// The same, but what signs is another key.
    pub fn with_private_key_of(mut self, other: &Self) -> Self {
        self.private_key = other.private_key.clone_key();
        self
    }

    /// The same, but it says that its key is the other's.
    pub fn naming_key_of(mut self, other: &Self) -> Self {
        self.public_key = other.public_key.clone();
        self
    }

    pub fn share(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// How often it was asked to sign.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl CardKey for SoftKey {
    fn certificate_chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    fn public_key(&self) -> SubjectPublicKeyInfoDer<'_> {
        SubjectPublicKeyInfoDer::from(self.public_key.as_slice())
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let random = SystemRandom::new();
        let key = self.private_key.secret_pkcs8_der();
        let ec = |algorithm| {
            EcdsaKeyPair::from_pkcs8(algorithm, key, &random)
                .unwrap()
                .sign(&random, message)
                .unwrap()
                .as_ref()
                .to_vec()
        };
        let rsa = |padding| {
            let key = RsaKeyPair::from_pkcs8(key).unwrap();
            let mut signature = vec![0; key.public().modulus_len()];
            key.sign(padding, &random, message, &mut signature).unwrap();
            signature
        };
        Ok(match scheme {
            SignatureScheme::ECDSA_NISTP256_SHA256 => ec(&ECDSA_P256_SHA256_ASN1_SIGNING),
            SignatureScheme::ECDSA_NISTP384_SHA384 => ec(&ECDSA_P384_SHA384_ASN1_SIGNING),
            SignatureScheme::RSA_PSS_SHA256 => rsa(&RSA_PSS_SHA256),
            SignatureScheme::RSA_PKCS1_SHA256 => rsa(&RSA_PKCS1_SHA256),
            scheme => return Err(KeyError::SchemeNotOffered { scheme }),
        })
    }
}
