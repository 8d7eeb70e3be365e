//! What a client asks: TimeStampReq, RFC 3161 §2.4.1.

use der::{Decode, Encode, asn1::IntRef};

use super::{
    LONGEST_TIMESTAMP_REQUEST, MessageImprint, TimestampFault, TimestampPolicy,
    structures::TimeStampReq,
};
use crate::signed::ExtensionRef;

/// Longest nonce, in bytes.
const LONGEST_NONCE: usize = 64;

/// A request for a timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampRequest {
    pub(super) imprint: MessageImprint,
    pub(super) policy: Option<TimestampPolicy>,
    pub(super) nonce: Option<Vec<u8>>,
    pub(super) certificate: bool,
}

impl TimestampRequest {
    /// A request for a stamp on that, with the certificate of the authority in it.
    #[must_use]
    pub const fn new(imprint: MessageImprint) -> Self {
        Self {
            imprint,
            policy: None,
            nonce: None,
            certificate: true,
        }
    }

    /// The same with a nonce: random bytes, taken as a number in two's complement, so the first
    /// should not be 00 or FF. At most 64.
    ///
    /// # Errors
    /// [`TimestampFault::Malformed`] when there are none, or more, or they are not the shortest
    /// form of a number.
    pub fn nonce(mut self, nonce: &[u8]) -> Result<Self, TimestampFault> {
        self.nonce = Some(number(nonce)?);
        Ok(self)
    }

    /// Reads a request in DER.
    ///
    /// # Errors
    /// [`TimestampFault`]; [`TimestampFault::refusal`] is the answer to it.
    pub fn read(der: &[u8]) -> Result<Self, TimestampFault> {
        if der.len() > LONGEST_TIMESTAMP_REQUEST {
            return Err(TimestampFault::TooLong { length: der.len() });
        }
        let request = TimeStampReq::from_der(der)?;
        if request.version != 1 {
            return Err(TimestampFault::Malformed { part: "version" });
        }
        // Any extension that is not known is refused, §2.4.1.
        if let Some(extensions) = request.extensions {
            extensions.each(|extension: ExtensionRef<'_>| {
                Err::<(), _>(TimestampFault::NotUnderstood {
                    oid: extension.id.to_string(),
                })
            })?;
        }
        Ok(Self {
            imprint: MessageImprint::decode(&request.message_imprint)?,
            policy: request
                .req_policy
                .map(|policy| TimestampPolicy::read(&policy))
                .transpose()?,
            nonce: request
                .nonce
                .map(|nonce| number(nonce.as_bytes()))
                .transpose()?,
            certificate: request.cert_req,
        })
    }

    /// The request in DER.
    ///
    /// # Errors
    /// [`TimestampFault::NotATimestamp`] when it cannot be put into DER, which does not happen.
    pub fn to_der(&self) -> Result<Vec<u8>, TimestampFault> {
        Ok(TimeStampReq {
            version: 1,
            message_imprint: self.imprint.encode()?,
            req_policy: self.policy.as_ref().map(TimestampPolicy::der).transpose()?,
            nonce: self.nonce.as_deref().map(IntRef::new).transpose()?,
            cert_req: self.certificate,
            extensions: None,
        }
        .to_der()?)
    }

    /// What is to be stamped.
    #[must_use]
    pub const fn imprint(&self) -> &MessageImprint {
        &self.imprint
    }
}

fn number(bytes: &[u8]) -> Result<Vec<u8>, TimestampFault> {
    let shortest = match bytes {
        [] => false,
        [0, second, ..] => second & 0x80 != 0,
        [0xFF, second, ..] => second & 0x80 == 0,
        _ => true,
    };
    if !shortest || bytes.len() > LONGEST_NONCE {
        return Err(TimestampFault::Malformed { part: "nonce" });
    }
    Ok(bytes.to_vec())
}
