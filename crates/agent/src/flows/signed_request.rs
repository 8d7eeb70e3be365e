//! What a holder asks the authority for over his signature: JSON in a signed message (CMS) by the
//! key for signing. It has a time and a number that is used once, so that whoever keeps it cannot
//! send it again.

use std::time::Instant;

use lichna_card::{InputKind, KeyAlgorithm};
use lichna_ipc::Failure;
use lichna_pki::{MessageError, MessageToSign, SignatureAlgorithm};
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    certificates::moment,
    signing::{CardSigner, SIGNING, salt},
    task_pin::TaskPin,
};
use crate::cards::hex;

/// What they are, sent over HTTP.
pub const CMS: &str = "application/cms";
/// Bytes of the number that is used once.
const NONCE: usize = 16;

/// What is signed.
#[derive(Serialize)]
struct Once<'a, T> {
    #[serde(flatten)]
    asked: &'a T,
    /// RFC 3339, UTC.
    time: String,
    /// Hexadecimal.
    nonce: String,
}

/// Has the card sign a request.
///
/// # Errors
/// What the card said; [`Failure::NotLoggedIn`] when the PIN is kept no more;
/// [`Failure::CertificateKeyMismatch`] when the key is another than the certificate's.
pub async fn sign(
    signer: &CardSigner,
    pin: &TaskPin,
    asked: &impl Serialize,
) -> Result<Vec<u8>, Failure> {
    let content = content(asked)?;
    let identity = &signer.identity;
    let unusable = |error: MessageError| match error {
        MessageError::NotSigned => Failure::CertificateKeyMismatch {
            key: identity.key.to_string(),
        },
        error => Failure::CertificateUnreadable {
            key: identity.key.to_string(),
            reason: error.to_string(),
        },
    };
    let profile = signer.chosen.known.profile();
    let inputs = profile.inputs(identity.key, identity.algorithm);
    // As `Card::sign_message` chooses.
    let algorithm = match identity.algorithm {
        KeyAlgorithm::EcP256 => SignatureAlgorithm::EcdsaSha256,
        KeyAlgorithm::EcP384 => SignatureAlgorithm::EcdsaSha384,
        _ if inputs.contains(&InputKind::RsaPkcs1) => SignatureAlgorithm::RsaPkcs1Sha256,
        _ => SignatureAlgorithm::RsaPssSha256,
    };
    let message = MessageToSign::new(
        &content,
        &identity.certificate.parsed,
        algorithm,
        OffsetDateTime::now_utc(),
    );
    let message = message.map_err(unusable)?;
    let (key, kind) = (identity.key, identity.algorithm);
    let to_be_signed = message.to_be_signed().to_vec();
    let deadline = Instant::now() + SIGNING;
    let signed = signer.with_pin(pin.given(), pin.giving(), deadline, move |card| {
        Ok(card.sign_message(key, kind, &to_be_signed, &salt()?)?)
    });
    let (_, signature) = signed.await?;
    // A signature by another algorithm than the message names would not verify.
    message.signed(&signature).map_err(unusable)
}

fn content(asked: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let unable = |reason: String| Failure::RequestInvalid { reason };
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|error| unable(error.to_string()))?;
    let once = Once {
        asked,
        time: moment(OffsetDateTime::now_utc()),
        nonce: hex(&nonce),
    };
    serde_json::to_vec(&once).map_err(|error| unable(error.to_string()))
}
