//! Cards in memory, with a certificate of their own making.

use std::process::Command;

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use lichna_ipc::{
    HashName, KeyRole, Mechanism, PinEntry, PinState, PublicKey, SignRequest, Token,
    TokenCertificate, TokenId, TokenPin, TokenReader,
};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// Who holds every card.
pub const HOLDER: &str = "Мария Иванова";

/// A card with one key.
pub struct Card {
    key: Key,
    token: Token,
}

enum Key {
    P256(SigningKey),
    Rsa(RsaPrivateKey),
}

impl Card {
    /// One with a key on P-256, for logging in.
    pub fn p256() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let key = SigningKey::from_pkcs8_der(pair.serialized_der()).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let public = PublicKey::Ec {
            parameters: hex::decode("06082a8648ce3d030107").unwrap(),
            point: point.as_bytes().to_vec(),
        };
        let token = token(&pair, public, vec![Mechanism::Ecdsa]);
        Self {
            key: Key::P256(key),
            token,
        }
    }

    /// One with an RSA key, for logging in.
    pub fn rsa() -> Self {
        let mut openssl = Command::new("openssl");
        openssl.args(["genpkey", "-quiet", "-algorithm", "RSA"]);
        let made = openssl.args(["-pkeyopt", "rsa_keygen_bits:2048"]).output();
        let pem = String::from_utf8(made.expect("openssl is installed").stdout).unwrap();
        let pair = KeyPair::from_pem(&pem).unwrap();
        let key = RsaPrivateKey::from_pkcs8_der(pair.serialized_der()).unwrap();
        let public = PublicKey::Rsa {
            modulus: key.n().to_be_bytes().into(),
            exponent: vec![1, 0, 1],
        };
        let pss = Mechanism::RsaPss {
            hash: HashName::Sha256,
        };
        let token = token(&pair, public, vec![Mechanism::RsaPkcs1, pss]);
        Self {
            key: Key::Rsa(key),
            token,
        }
    }

    /// A public key on another curve.
    pub fn p384_point() -> PublicKey {
        PublicKey::Ec {
            parameters: hex::decode("06052b81040022").unwrap(),
            point: vec![4; 97],
        }
    }

    /// It, with another token made of what there is.
    pub fn but(mut self, change: impl FnOnce(&mut Token)) -> Self {
        change(&mut self.token);
        self
    }

    /// The token.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// A reader with it.
    pub fn in_reader(&self, name: &str) -> TokenReader {
        TokenReader {
            name: name.to_owned(),
            wants_can: false,
            tokens: vec![self.token.clone()],
        }
    }

    pub(super) fn has(&self, token: &TokenId) -> bool {
        self.token.id == *token
    }

    pub(super) fn signs(&self, request: &SignRequest) -> Vec<u8> {
        let input = &request.input;
        match (&self.key, request.mechanism) {
            (Key::P256(key), Mechanism::Ecdsa) => {
                let signature: Signature = key.sign_prehash(input).unwrap();
                signature.to_bytes().to_vec()
            }
            (Key::Rsa(key), Mechanism::RsaPkcs1) => {
                key.sign(Pkcs1v15Sign::new_unprefixed(), input).unwrap()
            }
            (Key::Rsa(key), Mechanism::RsaPss { .. }) => key
                .sign_with_rng(
                    &mut UnwrapErr(SysRng),
                    Pss::<Sha256>::new_with_salt(32),
                    input,
                )
                .unwrap(),
            (_, other) => panic!("{other:?} by another key"),
        }
    }
}

fn token(pair: &KeyPair, key: PublicKey, mechanisms: Vec<Mechanism>) -> Token {
    Token {
        id: TokenId {
            reader: "Fake Reader 00 00".into(),
            insertion: 1,
            key: "authentication".into(),
        },
        role: KeyRole::Authentication,
        card: "Fake card".into(),
        issuer: "Nobody".into(),
        number: Some("123456789".into()),
        practice: false,
        login: false,
        pin: TokenPin {
            name: "PIN".into(),
            state: PinState::Ready,
            tries_left: Some(3),
            shortest: 4,
            longest: 8,
            entry: PinEntry::Typed,
        },
        key,
        mechanisms,
        certificate: certificate(pair),
        chain: Vec::new(),
    }
}

fn certificate(pair: &KeyPair) -> TokenCertificate {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, HOLDER);
    params.serial_number = Some(77.into());
    let made = params.self_signed(pair).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(made.der()).unwrap();
    let bits = &parsed.public_key().subject_public_key.data;
    TokenCertificate {
        label: HOLDER.into(),
        der: made.der().to_vec(),
        subject: parsed.subject().as_raw().to_vec(),
        issuer: parsed.issuer().as_raw().to_vec(),
        serial: vec![2, 1, 77],
        public_key: parsed.public_key().raw.to_vec(),
        not_before: "2026-11-22T00:00:00Z".into(),
        not_after: "2036-11-22T00:00:00Z".into(),
        key_identifier: Sha1::digest(bits).to_vec(),
    }
}
