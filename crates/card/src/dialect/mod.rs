//! The families of commands. What they say differs here; what is data stands in the profile.

mod iso;
pub mod iso7816;
mod openpgp;
mod piv;

use lichna_apdu::{Instruction, Response, Status};
use lichna_secret::{Pin, Puk};

use crate::{
    CardError, Challenge, KeyAlgorithm, PinState, Salt, SigningInput,
    card::Administrator,
    padding,
    profile::{Certificate, Dialect, Key, PinRules},
    session::{Session, refused},
    signing::ecdsa_digest,
};
pub use iso::{
    change, change_on_pinpad, forget, unblock, unblock_on_pinpad, verify, verify_on_pinpad,
};

/// What a family of cards has commands of its own for.
///
/// A new family is a module with this trait.
pub trait Commands {
    /// The state of a PIN, without spending a try.
    fn pin_state(&self, session: &mut Session<'_>, pin: &PinRules) -> Result<PinState, CardError>;

    /// Whether this answer to a PIN means that it was wrong, though the standard's 63Cx does not
    /// say so.
    fn means_wrong_pin(&self, _status: Status) -> bool {
        false
    }

    /// Why this card takes no PIN as it is typed, when it just said that one was wrong.
    fn why_wrong(&self, _session: &mut Session<'_>) -> Result<Option<CardError>, CardError> {
        Ok(None)
    }

    /// The certificate at this place, in DER; `None` when the place is empty.
    fn read_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
    ) -> Result<Option<Vec<u8>>, CardError>;

    /// The raw value of a data object; `None` when the card has none.
    fn read_object(
        &self,
        session: &mut Session<'_>,
        tag: &[u8],
    ) -> Result<Option<Vec<u8>>, CardError>;

    /// The number of the card, which the profile says is at this place; `None` when it has none.
    fn read_card_number(
        &self,
        _session: &mut Session<'_>,
        _place: &[u8],
    ) -> Result<Option<String>, CardError> {
        Ok(None)
    }

    /// Signs: R ‖ S, or the number of RSA.
    fn sign(&self, session: &mut Session<'_>, request: &Signing<'_>) -> Result<Vec<u8>, CardError>;

    /// What the administrator has to answer, where somebody else than this computer does.
    fn challenge(&self, _session: &mut Session<'_>) -> Result<Challenge, CardError> {
        Err(CardError::NotInProfile { what: "challenge" })
    }

    /// Proves the administrator to the card.
    fn authenticate_administrator(
        &self,
        session: &mut Session<'_>,
        administrator: &Administrator<'_>,
    ) -> Result<(), CardError>;

    /// Generates a key pair; returns the public key template 7F49.
    fn generate_key(
        &self,
        session: &mut Session<'_>,
        key: &Key,
        algorithm: KeyAlgorithm,
    ) -> Result<Vec<u8>, CardError>;

    /// The public key template 7F49 of a key that was generated before.
    fn read_public_key(
        &self,
        _session: &mut Session<'_>,
        _key: &Key,
    ) -> Result<Vec<u8>, CardError> {
        Err(CardError::NotInProfile { what: "public key" })
    }

    /// Makes the certificate at this place, and its key, the ones in use.
    fn activate(&self, _session: &mut Session<'_>, _place: &Certificate) -> Result<(), CardError> {
        Err(CardError::NotInProfile { what: "spare" })
    }

    /// Sets the PIN for transport, which has rules of its own.
    fn set_transport_pin(
        &self,
        _session: &mut Session<'_>,
        _transport: &PinRules,
        _pin: &Pin,
    ) -> Result<(), CardError> {
        Err(CardError::NotInProfile {
            what: "transport PIN",
        })
    }

    /// Writes a certificate.
    fn write_certificate(
        &self,
        session: &mut Session<'_>,
        place: &Certificate,
        der: &[u8],
    ) -> Result<(), CardError>;

    /// Sets the secret that unblocks a PIN.
    fn set_puk(
        &self,
        _session: &mut Session<'_>,
        _unblocking: &PinRules,
        _puk: &Puk,
    ) -> Result<(), CardError> {
        Err(CardError::NotInProfile { what: "PUK" })
    }
}

/// What is signed, and with what. The profile offers it.
pub struct Signing<'a> {
    pub key: &'a Key,
    pub algorithm: KeyAlgorithm,
    pub input: &'a SigningInput<'a>,
    pub salt: &'a Salt,
}

impl Signing<'_> {
    /// Le for the signature: only RSA of more than 2048 bits does not fit a short answer.
    const fn expected(&self) -> usize {
        match self.algorithm.modulus_length() {
            Some(length) if length > 256 => 0,
            _ => 256,
        }
    }

    /// What a card is given that pads nothing: the hash for a curve, a padded block for RSA.
    fn padded(&self) -> Option<Vec<u8>> {
        match (self.input, self.algorithm.modulus_length()) {
            (SigningInput::Ecdsa { digest }, None) => ecdsa_digest(digest, self.algorithm),
            (SigningInput::RsaPkcs1 { encoded }, Some(length)) => padding::pkcs1(encoded, length),
            (SigningInput::RsaPss { hash, digest }, Some(length)) => {
                padding::pss(*hash, digest, self.salt, length)
            }
            _ => None,
        }
    }

    const fn not_offered(&self) -> CardError {
        CardError::InputNotOffered {
            input: self.input.kind(),
        }
    }
}

/// Whether a command that uses `key` was taken; that the card has no such key has its own error.
fn done_with_key(key: &Key, command: Instruction, response: &Response) -> Result<(), CardError> {
    match response.status() {
        Status::Success => Ok(()),
        Status::ReferencedDataNotFound => Err(CardError::KeyMissing {
            key: key.reference(),
        }),
        _ => Err(refused(command, response)),
    }
}

/// The commands of a family.
pub const fn of(dialect: Dialect) -> &'static dyn Commands {
    match dialect {
        Dialect::Piv => &piv::Piv,
        Dialect::OpenPgp => &openpgp::OpenPgp,
        Dialect::Iso7816 => &iso7816::Iso7816,
    }
}

/// R ‖ S as a card gives it, or RSA; what is neither for such a key is refused.
fn plain_signature(algorithm: KeyAlgorithm, bytes: &[u8]) -> Result<Vec<u8>, CardError> {
    let plain = match algorithm {
        KeyAlgorithm::EcP256 => p256::ecdsa::Signature::from_slice(bytes).is_ok(),
        KeyAlgorithm::EcP384 => p384::ecdsa::Signature::from_slice(bytes).is_ok(),
        _ => algorithm.modulus_length() == Some(bytes.len()),
    };
    if plain {
        return Ok(bytes.to_vec());
    }
    Err(CardError::malformed("signature"))
}
