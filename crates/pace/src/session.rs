//! What both ends of secure messaging share, ICAO 9303-11 §9.8 and ISO/IEC 7816-4 §10: the keys,
//! the send sequence counter, and the data objects.

use lichna_apdu::tlv;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::cipher::{BLOCK, Cipher, Key, MAC, Purpose};

/// Cryptogram, plain value in BER-TLV (odd INS).
pub(crate) const CRYPTOGRAM_TLV: u16 = 0x85;
/// Padding indicator, then cryptogram.
pub(crate) const CRYPTOGRAM: u16 = 0x87;
/// Le.
pub(crate) const EXPECTED: u16 = 0x97;
/// SW1 SW2.
pub(crate) const STATUS: u16 = 0x99;
/// The MAC.
pub(crate) const CHECKSUM: u16 = 0x8E;

/// Padding indicator: padded by 80 00 … (ISO/IEC 7816-4 §10.3.4).
const PADDED: u8 = 0x01;
/// First byte of the padding.
const PADDING: u8 = 0x80;

/// Why a secure channel ended. It ends for good: a new one has to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Fault {
    /// Data objects that cannot be taken apart, stand twice, or do not belong there.
    #[error("protected data objects are malformed")]
    Malformed,
    /// Data object 8E is not there.
    #[error("the message has no MAC")]
    MissingMac,
    /// The MAC is not that of this message at this place in the session.
    #[error("the message has a wrong MAC")]
    WrongMac,
    /// Data object 99 is not there.
    #[error("the answer has no protected status word")]
    MissingStatus,
    /// Data object 99 says something else than SW1 SW2.
    #[error("the protected status word {protected:04X} differs from {outer:04X}")]
    StatusDiffers {
        /// In data object 99.
        protected: u16,
        /// After the answer.
        outer: u16,
    },
    /// An answer that is a status word alone, without a MAC.
    #[error("the answer {status:04X} is not protected")]
    NotProtected {
        /// The status word.
        status: u16,
    },
    /// Less than a status word.
    #[error("the answer is shorter than a status word")]
    TooShort,
    /// A cryptogram of no whole blocks, or without its padding.
    #[error("a cryptogram is not padded as it should be")]
    Padding,
    /// A command came in plain while the channel stood.
    #[error("the command is not protected")]
    PlainCommand,
    /// More answer than can be asked for.
    #[error("the answer has no end")]
    EndlessAnswer,
    /// The card was lost in the middle of a command: it may or may not have taken it.
    #[error("no answer came")]
    NoAnswer,
}

/// The keys of a session and its counter.
pub(crate) struct Session {
    encryption: Key,
    authentication: Key,
    /// Send sequence counter: one more for each command and each answer.
    counter: u128,
}

impl Session {
    /// The session of a shared secret, its counter at zero.
    pub(crate) fn derive(cipher: Cipher, shared: &[u8]) -> Self {
        Self {
            encryption: cipher.derive(shared, Purpose::Encryption),
            authentication: cipher.derive(shared, Purpose::Authentication),
            counter: 0,
        }
    }

    /// The authentication token over a public key, ICAO 9303-11 §4.4.3.4.
    pub(crate) fn token(&self, protocol: &[u8], public_key: &[u8]) -> [u8; MAC] {
        let inside = [tlv::encode(0x06, protocol), tlv::encode(0x86, public_key)].concat();
        self.authentication.mac(&[&tlv::encode(0x7F49, &inside)])
    }

    /// Goes on to the next message.
    pub(crate) const fn advance(&mut self) {
        // At one message a nanosecond, it wraps after longer than the universe stands.
        self.counter = self.counter.wrapping_add(1);
    }

    pub(crate) const fn counter(&self) -> u128 {
        self.counter
    }

    /// Goes back to where it was before a message that was not sent.
    pub(crate) const fn rewind(&mut self, counter: u128) {
        self.counter = counter;
    }

    /// Data object 85 or 87 over `plain`, padded; nothing when there is nothing to protect.
    pub(crate) fn encrypt(&self, odd: bool, plain: &[u8]) -> Vec<u8> {
        if plain.is_empty() {
            return Vec::new();
        }
        let mut padded = Zeroizing::new(Vec::with_capacity(plain.len() + BLOCK));
        padded.extend_from_slice(plain);
        pad(&mut padded);
        let cryptogram = self.encryption.encrypt(&self.iv(), &padded);
        if odd {
            tlv::encode(CRYPTOGRAM_TLV, &cryptogram)
        } else {
            tlv::encode(CRYPTOGRAM, &[&[PADDED], cryptogram.as_slice()].concat())
        }
    }

    /// What data object 85 or 87 holds.
    pub(crate) fn decrypt(&self, object: Cryptogram<'_>) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let cryptogram = match object {
            Cryptogram::Tlv(bytes) => bytes,
            Cryptogram::Indicated(bytes) => {
                bytes.strip_prefix(&[PADDED]).ok_or(Fault::Malformed)?
            }
        };
        let mut plain = self
            .encryption
            .decrypt(&self.iv(), cryptogram)
            .filter(|plain| !plain.is_empty())
            .ok_or(Fault::Padding)?;
        // The MAC was right before anything is decrypted: this is no oracle.
        let zeros = plain.iter().rev().take_while(|byte| **byte == 0).count();
        let length = plain.len().saturating_sub(zeros + 1);
        if zeros >= BLOCK || plain.get(length) != Some(&PADDING) {
            return Err(Fault::Padding);
        }
        plain.truncate(length);
        Ok(plain)
    }

    /// The MAC over a message at this place in the session: header (of a command), data objects.
    pub(crate) fn mac(&self, header: Option<[u8; 4]>, objects: &[u8]) -> [u8; MAC] {
        let header =
            header.map(|[a, b, c, d]| [a, b, c, d, PADDING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let header = header.as_ref().map_or(&[][..], |header| &header[..]);
        let padding = match objects.len() % BLOCK {
            0 if objects.is_empty() => &[][..],
            over => PAD.get(..BLOCK - over).unwrap_or(&PAD),
        };
        let counter = self.counter.to_be_bytes();
        self.authentication
            .mac(&[&counter, header, objects, padding])
    }

    /// Compares in constant time.
    pub(crate) fn check(
        &self,
        header: Option<[u8; 4]>,
        objects: &Objects<'_>,
    ) -> Result<(), Fault> {
        let mac = objects.mac.ok_or(Fault::MissingMac)?;
        if bool::from(self.mac(header, objects.covered).ct_eq(mac)) {
            Ok(())
        } else {
            Err(Fault::WrongMac)
        }
    }

    fn iv(&self) -> [u8; BLOCK] {
        self.encryption.encrypt_block(self.counter.to_be_bytes())
    }
}

const PAD: [u8; BLOCK] = [PADDING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

fn pad(bytes: &mut Vec<u8>) {
    let over = bytes.len() % BLOCK;
    bytes.extend(PAD.iter().take(BLOCK - over));
}

/// The two forms of protected data.
#[derive(Clone, Copy)]
pub(crate) enum Cryptogram<'a> {
    /// 85
    Tlv(&'a [u8]),
    /// 87
    Indicated(&'a [u8]),
}

/// The data objects of a protected message, none of them twice, none unknown, the MAC last.
#[derive(Default)]
pub(crate) struct Objects<'a> {
    pub(crate) cryptogram: Option<Cryptogram<'a>>,
    pub(crate) expected: Option<&'a [u8]>,
    pub(crate) status: Option<u16>,
    pub(crate) mac: Option<&'a [u8]>,
    /// The bytes that the MAC covers.
    pub(crate) covered: &'a [u8],
}

impl<'a> Objects<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, Fault> {
        let mut objects = Self {
            covered: body,
            ..Self::default()
        };
        let mut rest = body;
        while !rest.is_empty() {
            let before = body.len() - rest.len();
            let (tag, value, after) = tlv::split_first(rest).map_err(|_| Fault::Malformed)?;
            let twice = match tag {
                CRYPTOGRAM_TLV => objects.cryptogram.replace(Cryptogram::Tlv(value)).is_some(),
                CRYPTOGRAM => {
                    let cryptogram = Cryptogram::Indicated(value);
                    objects.cryptogram.replace(cryptogram).is_some()
                }
                EXPECTED => objects.expected.replace(value).is_some(),
                STATUS => {
                    let word = <[u8; 2]>::try_from(value).map_err(|_| Fault::Malformed)?;
                    objects.status.replace(u16::from_be_bytes(word)).is_some()
                }
                CHECKSUM => {
                    objects.covered = body.get(..before).unwrap_or_default();
                    objects.mac = Some(value);
                    !after.is_empty()
                }
                _ => true,
            };
            if twice {
                return Err(Fault::Malformed);
            }
            rest = after;
        }
        Ok(objects)
    }
}
