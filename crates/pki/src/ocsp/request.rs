//! What a client asks: OCSPRequest, RFC 6960 §4.1.

use der::{Decode, Encode, asn1::AnyRef};

use super::{
    CertificateId, LONGEST_NONCE, LONGEST_OCSP_REQUEST, MOST_OCSP_CERTIFICATES, OcspFault,
    structures::{Request, SingleRequest, TbsRequest, nonce, not_critical, with_nonce},
};
use crate::signed::Elements;

/// A question about certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    certificates: Vec<CertificateId>,
    nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// A question about these certificates. With a nonce (32 random bytes) the answer is one that
    /// was made for it.
    ///
    /// # Errors
    /// [`OcspFault`] when there is none, or more than [`MOST_OCSP_CERTIFICATES`], or the nonce is
    /// empty or longer than [`LONGEST_NONCE`].
    pub fn new(
        certificates: Vec<CertificateId>,
        nonce: Option<Vec<u8>>,
    ) -> Result<Self, OcspFault> {
        if !(1..=MOST_OCSP_CERTIFICATES).contains(&certificates.len()) {
            return Err(OcspFault::Certificates);
        }
        let length = nonce.as_ref().map(Vec::len);
        if length.is_some_and(|length| !(1..=LONGEST_NONCE).contains(&length)) {
            return Err(OcspFault::Malformed { part: "nonce" });
        }
        Ok(Self {
            certificates,
            nonce,
        })
    }

    /// Reads a request in DER. A signature on it is not looked at: anyone may ask.
    ///
    /// # Errors
    /// [`OcspFault`]; the answer to such a one is
    /// [`OcspRefusal::MalformedRequest`](super::OcspRefusal).
    pub fn read(der: &[u8]) -> Result<Self, OcspFault> {
        if der.len() > LONGEST_OCSP_REQUEST {
            return Err(OcspFault::TooLong { length: der.len() });
        }
        let request = Request::from_der(der)?.tbs_request;
        if request.version != 0 {
            return Err(OcspFault::Malformed { part: "version" });
        }
        let mut certificates = Vec::new();
        request.request_list.each(|one: SingleRequest<'_>| {
            if certificates.len() == MOST_OCSP_CERTIFICATES {
                return Err(OcspFault::Certificates);
            }
            not_critical(one.extensions)?;
            certificates.push(CertificateId::read(one.req_cert.to_der()?)?);
            Ok(())
        })?;
        Self::new(certificates, nonce(request.request_extensions)?)
    }

    /// The request in DER.
    ///
    /// # Errors
    /// [`OcspFault::NotOcsp`] when it cannot be put into DER, which does not happen.
    pub fn to_der(&self) -> Result<Vec<u8>, OcspFault> {
        let mut list = Vec::new();
        for id in &self.certificates {
            SingleRequest {
                req_cert: AnyRef::try_from(id.der())?,
                extensions: None,
            }
            .encode_to_vec(&mut list)?;
        }
        let extensions = self.nonce.as_deref().map(with_nonce).transpose()?;
        Ok(Request {
            tbs_request: TbsRequest {
                version: 0,
                requestor_name: None,
                request_list: Elements(&list),
                request_extensions: extensions.as_deref().map(Elements),
            },
            optional_signature: None,
        }
        .to_der()?)
    }

    /// The certificates that it is about: one at least.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateId] {
        &self.certificates
    }

    /// The nonce, where it has one: 1 to [`LONGEST_NONCE`] bytes.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }
}
