//! Tokens: what other programs see of the cards through PKCS#11, and what they ask for.
//!
//! A key with its certificate is a token. The module keeps what [`Tokens`] says in memory and
//! answers every search from there; only a signature, a login or a PIN change reaches the card.

use serde::{Deserialize, Serialize};

use super::{KeyRole, PinEntry, PinState};

/// A key of a card, for one insertion. The agent refuses one of an insertion that is over.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TokenId {
    /// Name of the reader.
    pub reader: String,
    /// Counts the insertions of the agent's life; never used twice.
    pub insertion: u64,
    /// The key's name in the profile.
    pub key: String,
}

/// The readers and the tokens in them, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Tokens {
    /// No card is being read at this moment. Until then, more is about to come.
    pub settled: bool,
    /// The readers, empty ones too.
    pub readers: Vec<TokenReader>,
}

/// A reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TokenReader {
    /// Its name.
    pub name: String,
    /// The card in it tells nothing before its CAN was given
    /// ([`Request::TokenUnlock`](super::Request::TokenUnlock)).
    pub wants_can: bool,
    /// The tokens in it: at most one for each role.
    pub tokens: Vec<Token>,
}

/// A key of a card with its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// What the key is for: [`KeyRole::Authentication`] or [`KeyRole::Signing`].
    pub role: KeyRole,
    /// Name of the card, for people.
    pub card: String,
    /// Who issues such cards.
    pub issuer: String,
    /// The card's number, where it was read.
    pub number: Option<String>,
    /// It is a practice card: it proves nothing about anybody.
    pub practice: bool,
    /// Classic behaviour is switched on: the PIN comes by
    /// [`Request::TokenLogin`](super::Request::TokenLogin), before a signature.
    pub login: bool,
    /// The PIN that guards the key.
    pub pin: TokenPin,
    /// The public key.
    pub key: PublicKey,
    /// What it can do.
    pub mechanisms: Vec<Mechanism>,
    /// Its certificate.
    pub certificate: TokenCertificate,
    /// The certificates of the authorities above it, as far as they are known; the issuer first.
    pub chain: Vec<TokenCertificate>,
}

/// The PIN that guards a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TokenPin {
    /// Name of the PIN in the profile.
    pub name: String,
    /// What the card said of it when it was last asked.
    pub state: PinState,
    /// Tries left, where the card said so.
    pub tries_left: Option<u8>,
    /// Fewest characters.
    pub shortest: u8,
    /// Most characters.
    pub longest: u8,
    /// How it is typed with this reader.
    pub entry: PinEntry,
}

/// A public key, in the parts that PKCS#11 names. Bytes are hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PublicKey {
    /// Elliptic curve.
    Ec {
        /// `EcParameters`, RFC 5480: DER of the curve's identifier.
        #[serde(with = "hex")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        parameters: Vec<u8>,
        /// The point, uncompressed: 04 ‖ X ‖ Y.
        #[serde(with = "hex")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        point: Vec<u8>,
    },
    /// RSA.
    Rsa {
        /// Big endian, without leading zeros.
        #[serde(with = "hex")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        modulus: Vec<u8>,
        /// Big endian, without leading zeros.
        #[serde(with = "hex")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        exponent: Vec<u8>,
    },
}

/// A certificate, in the parts that PKCS#11 names. Bytes are hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TokenCertificate {
    /// Common name of the subject, else the subject as RFC 4514 writes it.
    pub label: String,
    /// The certificate, DER.
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub der: Vec<u8>,
    /// Its subject, DER.
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub subject: Vec<u8>,
    /// Its issuer, DER.
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub issuer: Vec<u8>,
    /// Its serial number, DER of the INTEGER.
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub serial: Vec<u8>,
    /// Its SubjectPublicKeyInfo, DER.
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub public_key: Vec<u8>,
    /// First moment at which it is valid, RFC 3339, UTC.
    pub not_before: String,
    /// Last moment at which it is valid, RFC 3339, UTC.
    pub not_after: String,
    /// SHA-1 of the key bits of its SubjectPublicKeyInfo, RFC 5280 §4.2.1.2 (1): what programs
    /// find certificate and key by.
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub key_identifier: Vec<u8>,
}

/// How a token signs. There is nothing that decrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "mechanism", rename_all = "kebab-case")]
pub enum Mechanism {
    /// ECDSA over a hash that the program made. 20 to 64 bytes in, R ‖ S out.
    Ecdsa,
    /// RSASSA-PKCS1-v1_5, RFC 8017 §8.2, over what the program put together: usually DigestInfo.
    /// At most the modulus less 11 bytes in, a signature as long as the modulus out.
    RsaPkcs1,
    /// RSASSA-PSS, RFC 8017 §8.1, over a hash that the program made; MGF1 with the same hash, a
    /// salt as long as the hash.
    RsaPss {
        /// The hash.
        hash: HashName,
    },
}

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum HashName {
    Sha256,
    Sha384,
    Sha512,
}

/// A signature that a program wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignRequest {
    /// With which key.
    pub token: TokenId,
    /// How.
    pub mechanism: Mechanism,
    /// What, hexadecimal: see [`Mechanism`].
    #[serde(with = "hex")]
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub input: Vec<u8>,
}

/// A program that the holder wants to be asked less for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ProgramInfo {
    /// Path of its executable.
    pub executable: String,
    /// Since when, RFC 3339, UTC.
    pub since: String,
    /// Whether it still counts: the same file is still there.
    pub current: bool,
}
