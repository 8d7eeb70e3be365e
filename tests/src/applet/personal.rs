//! Personalising an applet before it gets into any reader: a key made on the card, and a
//! certificate for it. The commands are written out here, so that what is tested does not set up
//! its own test.

use cipher::{BlockCipherEncrypt, KeyInit};
use der::asn1::{BitString, Null, ObjectIdentifier, UintRef};
use der::{Encode, Length, Sequence};
use des::TdesEde3;
use iso7816_tlv::ber::{Tag, Tlv, Value};
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::{Applet, Kind, Making};
use crate::ca::{Ca, Certificate, KeyKind};
use crate::vpicc::VirtualCard;

impl Making {
    /// Makes the card, a key for authentication on it (PIV: slot 9A; OpenPGP: the third key), and
    /// a certificate for that key by this authority, with this common name.
    ///
    /// # Panics
    /// When the applet refuses anything of it.
    pub fn personalised(self, key: KeyKind, ca: &Ca, name: &str) -> (Applet, Certificate) {
        let kind = self.kind;
        let short_only = !self.extended_length;
        let mut card = Commands {
            card: self.make(),
            short_only,
        };
        let public_key = match kind {
            Kind::Piv => card.generate_piv(key),
            Kind::OpenPgp => card.generate_openpgp(key),
        };
        let certificate = ca.client_for(&public_key, name);
        card.write(kind, &certificate.der);
        (card.card, certificate)
    }
}

impl Applet {
    /// Puts another certificate in the place of the one that belongs to the authentication key:
    /// that of another key, say, or bytes that are none. The card must not be in a reader.
    ///
    /// # Panics
    /// When the applet refuses it.
    #[must_use]
    pub fn with_certificate(self, kind: Kind, certificate: &[u8]) -> Self {
        let mut card = Commands::with(self);
        match kind {
            Kind::Piv => card.administer_piv(),
            Kind::OpenPgp => card.administer_openpgp(),
        }
        card.write(kind, certificate);
        card.card
    }
}

pub(super) struct Commands {
    card: Applet,
    short_only: bool,
}

impl Commands {
    pub(super) fn with(card: Applet) -> Self {
        Self {
            card,
            short_only: false,
        }
    }

    pub(super) fn into_card(self) -> Applet {
        self.card
    }

    /// Sends one command, chained if need be, and gives back the data of its whole response.
    pub(super) fn send(&mut self, header: [u8; 4], data: &[u8]) -> Vec<u8> {
        let longest = if self.short_only {
            255
        } else {
            data.len().max(1)
        };
        let mut parts = data.chunks(longest).peekable();
        let mut response = Vec::new();
        loop {
            let part = parts.next().unwrap_or_default();
            let mut command = header.to_vec();
            if parts.peek().is_some() {
                command[0] |= 0x10;
            }
            match u8::try_from(part.len()) {
                Ok(0) => {}
                Ok(length) => command.push(length),
                Err(_) => {
                    command.push(0);
                    let length = u16::try_from(part.len()).expect("a command of this size");
                    command.extend(length.to_be_bytes());
                }
            }
            command.extend(part);
            if part.len() > 255 {
                command.push(0);
            }
            command.push(0);
            let mut answer = self.card.transmit(&command);
            while let [data @ .., 0x61, _] = answer.as_slice() {
                response.extend(data);
                answer = self.card.transmit(&[0x00, 0xC0, 0x00, 0x00, 0x00]);
            }
            let [data @ .., 0x90, 0x00] = answer.as_slice() else {
                panic!(
                    "{} is refused: {}",
                    hex::encode(header),
                    hex::encode(answer)
                );
            };
            response.extend(data);
            if parts.peek().is_none() {
                return response;
            }
        }
    }

    fn select(&mut self, kind: Kind) {
        self.send([0x00, 0xA4, 0x04, 0x00], kind.aid());
    }

    /// External authentication with the administration key, SP 800-73-4 part 2 §3.2.4.
    pub(super) fn administer_piv(&mut self) {
        self.select(Kind::Piv);
        let authenticate = [0x00, 0x87, 0x03, 0x9B];
        let challenge = self.send(authenticate, &[0x7C, 0x02, 0x81, 0x00]);
        let mut block: [u8; 8] = challenge[4..12].try_into().expect("eight bytes");
        let key: [u8; 24] = std::array::from_fn(|at| [1, 2, 3, 4, 5, 6, 7, 8][at % 8]);
        TdesEde3::new(&key.into()).encrypt_block((&mut block).into());
        self.send(
            authenticate,
            &[&[0x7C, 0x0A, 0x82, 0x08], block.as_slice()].concat(),
        );
    }

    fn generate_piv(&mut self, key: KeyKind) -> Vec<u8> {
        self.administer_piv();
        let algorithm = match key {
            KeyKind::P256 => 0x11,
            KeyKind::P384 => 0x14,
            KeyKind::Rsa2048 => 0x07,
        };
        let template = [0xAC, 0x03, 0x80, 0x01, algorithm];
        public_key(key, &self.send([0x00, 0x47, 0x00, 0x9A], &template))
    }

    fn administer_openpgp(&mut self) {
        self.select(Kind::OpenPgp);
        self.send([0x00, 0x20, 0x00, 0x83], b"12345678");
    }

    fn generate_openpgp(&mut self, key: KeyKind) -> Vec<u8> {
        self.administer_openpgp();
        let attributes: &[u8] = match key {
            KeyKind::P256 => &[0x13, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
            KeyKind::P384 => &[0x13, 0x2B, 0x81, 0x04, 0x00, 0x22],
            KeyKind::Rsa2048 => &[0x01, 0x08, 0x00, 0x00, 0x20, 0x00],
        };
        self.send([0x00, 0xDA, 0x00, 0xC3], attributes);
        let key = public_key(key, &self.send([0x00, 0x47, 0x80, 0x00], &[0xA4, 0x00]));
        // Programs take a key without fingerprint and date for none; they do not check them.
        self.send([0x00, 0xDA, 0x00, 0xC9], &Sha256::digest(&key)[..20]);
        self.send([0x00, 0xDA, 0x00, 0xD0], &[0x65, 0x00, 0x00, 0x00]);
        key
    }

    fn write(&mut self, kind: Kind, certificate: &[u8]) {
        match kind {
            Kind::Piv => {
                let certificate = object(0x70, certificate);
                let contents = [&certificate[..], &[0x71, 0x01, 0x00, 0xFE, 0x00]].concat();
                let name = [0x5C, 0x03, 0x5F, 0xC1, 0x05];
                let data = [&name[..], &object(0x53, &contents)].concat();
                self.send([0x00, 0xDB, 0x3F, 0xFF], &data);
            }
            Kind::OpenPgp => {
                self.send([0x00, 0xDA, 0x7F, 0x21], certificate);
            }
        }
    }
}

/// A data object as the cards have it: 53 and 70 carry bytes, whatever their tags say of them.
/// A data object. SP 800-73-4 gives 70 the form of a constructed one and a value that is none, so
/// that no BER writer takes it.
fn object(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = Length::try_from(value.len()).and_then(|length| length.to_der());
    [&[tag][..], &length.expect("a card's size"), value].concat()
}

/// The SubjectPublicKeyInfo of the key in the public key template 7F49 (ISO/IEC 7816-8 §5.4.3).
fn public_key(kind: KeyKind, template: &[u8]) -> Vec<u8> {
    let template = Tlv::from_bytes(template).expect("a template");
    let part = |tag: u8| match template
        .find(&Tag::try_from(tag).expect("a tag"))
        .map(Tlv::value)
    {
        Some(Value::Primitive(value)) => value.clone(),
        _ => panic!("the template has no {tag:02X}"),
    };
    let ec = |curve: &str| {
        let info = SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier {
                oid: ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
                parameters: Some(ObjectIdentifier::new_unwrap(curve)),
            },
            subject_public_key: BitString::from_bytes(&part(0x86)).expect("a point"),
        };
        info.to_der().expect("it encodes")
    };
    match kind {
        KeyKind::P256 => ec("1.2.840.10045.3.1.7"),
        KeyKind::P384 => ec("1.3.132.0.34"),
        KeyKind::Rsa2048 => {
            let (modulus, exponent) = (part(0x81), part(0x82));
            let key = RsaPublicKey {
                modulus: UintRef::new(&modulus).expect("a number"),
                exponent: UintRef::new(&exponent).expect("a number"),
            };
            let key = key.to_der().expect("it encodes");
            let info = SubjectPublicKeyInfo {
                algorithm: AlgorithmIdentifier {
                    oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
                    parameters: Some(Null),
                },
                subject_public_key: BitString::from_bytes(&key).expect("a key"),
            };
            info.to_der().expect("it encodes")
        }
    }
}

/// RSAPublicKey, RFC 8017 appendix A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}
