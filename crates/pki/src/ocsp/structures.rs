//! The structures of RFC 6960 §4.1.1 and §4.2.1.

use der::{
    Choice, Decode, Encode, Enumerated, Sequence,
    asn1::{AnyRef, GeneralizedTime, Null, ObjectIdentifier, OctetStringRef},
};
use x509_cert::ext::pkix::CrlReason;

use super::OcspFault;
use crate::{
    SerialNumber,
    signed::{Elements, ExtensionRef},
};

#[derive(Sequence)]
pub struct Request<'a> {
    pub tbs_request: TbsRequest<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub optional_signature: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
pub struct TbsRequest<'a> {
    #[asn1(
        context_specific = "0",
        tag_mode = "EXPLICIT",
        default = "Default::default"
    )]
    pub version: u8,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub requestor_name: Option<AnyRef<'a>>,
    pub request_list: Elements<'a>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub request_extensions: Option<Elements<'a>>,
}

#[derive(Sequence)]
pub struct SingleRequest<'a> {
    pub req_cert: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub extensions: Option<Elements<'a>>,
}

#[derive(Sequence)]
pub struct CertId<'a> {
    pub hash_algorithm: spki::AlgorithmIdentifierRef<'a>,
    pub issuer_name_hash: &'a OctetStringRef,
    pub issuer_key_hash: &'a OctetStringRef,
    pub serial_number: SerialNumber,
}

#[derive(Sequence)]
pub struct Response<'a> {
    pub status: ResponseStatus,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub bytes: Option<ResponseBytes<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[repr(u8)]
pub enum ResponseStatus {
    Successful = 0,
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,
    SignatureRequired = 5,
    Unauthorized = 6,
}

/// Why a responder gives no answer: OCSPResponseStatus, RFC 6960 §4.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OcspRefusal {
    /// It does not understand the request.
    MalformedRequest,
    /// Something is wrong with it.
    InternalError,
    /// It cannot answer now.
    TryLater,
    /// Requests must be signed.
    SignatureRequired,
    /// It does not answer this client, or not about such certificates.
    Unauthorized,
}

#[derive(Sequence)]
pub struct ResponseBytes<'a> {
    pub response_type: ObjectIdentifier,
    pub response: &'a OctetStringRef,
}

#[derive(Sequence)]
pub struct ResponseData<'a> {
    #[asn1(
        context_specific = "0",
        tag_mode = "EXPLICIT",
        default = "Default::default"
    )]
    pub version: u8,
    pub responder_id: ResponderId<'a>,
    pub produced_at: GeneralizedTime,
    pub responses: Elements<'a>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub extensions: Option<Elements<'a>>,
}

#[derive(Choice)]
pub enum ResponderId<'a> {
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
    ByName(Elements<'a>),
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    ByKey(&'a OctetStringRef),
}

#[derive(Sequence)]
pub struct SingleResponse<'a> {
    pub cert_id: AnyRef<'a>,
    pub status: CertStatus,
    pub this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub extensions: Option<Elements<'a>>,
}

#[derive(Choice)]
pub enum CertStatus {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(RevokedInfo),
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

#[derive(Sequence)]
pub struct RevokedInfo {
    pub revocation_time: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub reason: Option<CrlReason>,
}

/// The nonce among extensions. Any other that is critical is not understood.
pub fn nonce(extensions: Option<Elements<'_>>) -> Result<Option<Vec<u8>>, OcspFault> {
    let malformed = OcspFault::Malformed { part: "nonce" };
    let mut nonce = None;
    let Some(extensions) = extensions else {
        return Ok(None);
    };
    extensions.each(|extension: ExtensionRef<'_>| {
        if extension.id != const_oid::db::rfc6960::ID_PKIX_OCSP_NONCE {
            return understood(&extension);
        }
        let value = <&OctetStringRef>::from_der(extension.value.as_bytes())
            .map_err(|_| malformed.clone())?;
        let length = value.as_bytes().len();
        if nonce.is_some() || !(1..=super::LONGEST_NONCE).contains(&length) {
            return Err(malformed.clone());
        }
        nonce = Some(value.as_bytes().to_vec());
        Ok(())
    })?;
    Ok(nonce)
}

/// Extensions of which none must be understood.
pub fn not_critical(extensions: Option<Elements<'_>>) -> Result<(), OcspFault> {
    extensions.map_or(Ok(()), |all| {
        all.each(|extension: ExtensionRef<'_>| understood(&extension))
    })
}

/// Extensions, without their header, that have the nonce alone.
pub fn with_nonce(nonce: &[u8]) -> der::Result<Vec<u8>> {
    let value = OctetStringRef::new(nonce)?.to_der()?;
    ExtensionRef {
        id: const_oid::db::rfc6960::ID_PKIX_OCSP_NONCE,
        critical: false,
        value: OctetStringRef::new(&value)?,
    }
    .to_der()
}

fn understood(extension: &ExtensionRef<'_>) -> Result<(), OcspFault> {
    if extension.critical {
        return Err(OcspFault::NotUnderstood {
            oid: extension.id.to_string(),
        });
    }
    Ok(())
}

impl From<der::Error> for OcspFault {
    fn from(_: der::Error) -> Self {
        Self::NotOcsp
    }
}
