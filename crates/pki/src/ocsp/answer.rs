//! What a responder answers: OCSPResponse, RFC 6960 §4.2.

use const_oid::db::rfc6960::ID_PKIX_OCSP_BASIC;
use der::{
    Encode, Tag, TagMode, TagNumber,
    asn1::{AnyRef, BitStringRef, ContextSpecificRef, Null, OctetStringRef},
};
use time::OffsetDateTime;

use super::{
    CertificateStatus, OcspAnswer, OcspError, OcspRefusal,
    structures::{
        CertStatus, ResponderId, Response, ResponseBytes, ResponseData, ResponseStatus,
        RevokedInfo, SingleResponse, with_nonce,
    },
};
use crate::{
    Certificate, RevocationReason, Signer,
    signed::{self, Elements, generalized},
};

/// Who answers for an authority: itself, or somebody that it delegated by a certificate.
#[derive(Clone, Copy)]
pub struct OcspResponder<'a> {
    certificate: &'a Certificate,
    signer: &'a dyn Signer,
}

impl<'a> OcspResponder<'a> {
    /// The responder with this certificate and its key.
    ///
    /// # Errors
    /// [`OcspError::OtherKey`] when it is the key of another certificate.
    pub fn new(certificate: &'a Certificate, signer: &'a dyn Signer) -> Result<Self, OcspError> {
        if signer.public_key() != certificate.public_key() {
            return Err(OcspError::OtherKey);
        }
        Ok(Self {
            certificate,
            signer,
        })
    }

    /// A signed response with these answers, in DER. The nonce is the request's.
    ///
    /// # Errors
    /// [`OcspError`] says whose fault it is.
    pub fn answer(
        &self,
        answers: &[OcspAnswer],
        nonce: Option<&[u8]>,
        produced_at: OffsetDateTime,
    ) -> Result<Vec<u8>, OcspError> {
        let mut responses = Vec::new();
        for answer in answers {
            SingleResponse {
                cert_id: AnyRef::try_from(answer.id.der())?,
                status: status(&answer.status)?,
                this_update: generalized(answer.this_update)?,
                next_update: answer.next_update.map(generalized).transpose()?,
                extensions: None,
            }
            .encode_to_vec(&mut responses)?;
        }
        let key = self.certificate.key_identifier();
        let extensions = nonce.map(with_nonce).transpose()?;
        let data = ResponseData {
            version: 0,
            responder_id: ResponderId::ByKey(OctetStringRef::new(&key)?),
            produced_at: generalized(produced_at)?,
            responses: Elements(&responses),
            extensions: extensions.as_deref().map(Elements),
        }
        .to_der()?;

        let signature = self.signer.sign(&data)?;
        let mut basic = data;
        basic.extend(self.signer.algorithm().identifier()?.to_der()?);
        basic.extend(BitStringRef::from_bytes(&signature)?.to_der()?);
        basic.extend(
            ContextSpecificRef {
                tag_number: TagNumber(0),
                tag_mode: TagMode::Explicit,
                value: &Elements(self.certificate.der()),
            }
            .to_der()?,
        );
        let mut response = signed::header(Tag::Sequence, basic.len())?;
        response.extend(basic);
        Ok(Response {
            status: ResponseStatus::Successful,
            bytes: Some(ResponseBytes {
                response_type: ID_PKIX_OCSP_BASIC,
                response: OctetStringRef::new(&response)?,
            }),
        }
        .to_der()?)
    }
}

impl OcspRefusal {
    /// The response that says so, in DER. It is not signed.
    #[must_use]
    pub fn to_der(self) -> Vec<u8> {
        let response = Response {
            status: match self {
                Self::MalformedRequest => ResponseStatus::MalformedRequest,
                Self::InternalError => ResponseStatus::InternalError,
                Self::TryLater => ResponseStatus::TryLater,
                Self::SignatureRequired => ResponseStatus::SignatureRequired,
                Self::Unauthorized => ResponseStatus::Unauthorized,
            },
            bytes: None,
        };
        // INVARIANT: five bytes, which are in no way too long.
        response.to_der().unwrap_or_default()
    }
}

fn status(status: &CertificateStatus) -> der::Result<CertStatus> {
    Ok(match status {
        CertificateStatus::Good => CertStatus::Good(Null),
        CertificateStatus::Unknown => CertStatus::Unknown(Null),
        CertificateStatus::Revoked(revocation) => CertStatus::Revoked(RevokedInfo {
            revocation_time: generalized(revocation.since)?,
            reason: match revocation.reason {
                RevocationReason::Unspecified => None,
                reason => Some(reason.to_standard()),
            },
        }),
    })
}
