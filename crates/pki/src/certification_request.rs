//! Certification requests, PKCS#10 (RFC 2986), as an authority reads them. Req 14.1.5, 14.1.7.

use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::{Decode, Encode};
use thiserror::Error;
use x509_cert::{name::Name, request::CertReq};

use crate::{
    KeyFault, PublicKey, SignatureAlgorithm, Subject, name, signed::Signed, subject::Difference,
};

/// Longest request that is read, in bytes; one for RSA-4096 with all names has 1.5 KB.
pub const LONGEST_REQUEST: usize = 16 * 1024;

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestFault {
    /// More than [`LONGEST_REQUEST`] bytes.
    #[error("a request of {length} bytes is longer than the {LONGEST_REQUEST} that are read")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Something else than a request, or more than one.
    #[error("not a certification request (PKCS#10) in DER")]
    NotARequest,
    /// The key is not fit to be certified.
    #[error("the key of the request is not fit to be certified")]
    Key(#[from] KeyFault),
    /// It is signed in a way that is not known here, or that does not go with its key.
    #[error("requests that are signed with {oid} are not taken from such a key")]
    SignatureAlgorithm {
        /// Object identifier of the algorithm.
        oid: String,
    },
    /// The signature is not one of the key in it: whoever sent it does not have that key.
    #[error("the request is not signed by its own key")]
    NotSigned,
    /// It asks for something that is not understood, and must not be passed over.
    #[error("the request has an attribute that is not understood: {oid}")]
    Attribute {
        /// Object identifier of the attribute.
        oid: String,
    },
    /// An attribute of the subject is missing, or is not what it should be.
    #[error("the {attribute} of the subject is not the one that was expected")]
    Subject {
        /// Which one.
        attribute: &'static str,
    },
    /// The subject has an attribute that it should not have.
    #[error("the subject has an attribute that was not expected: {oid}")]
    UnexpectedInSubject {
        /// Object identifier of the attribute.
        oid: String,
    },
    /// The subject cannot be read.
    #[error("the subject of the request cannot be read")]
    MalformedSubject,
}

/// A request that is signed by the key in it, and that key is fit to be certified. Whose name it
/// bears is checked by [`CertificationRequest::is_for`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationRequest {
    subject: Name,
    public_key: PublicKey,
    signature: SignatureAlgorithm,
}

impl CertificationRequest {
    /// Reads a request in DER, and checks all of it that needs no knowledge of anything else: the
    /// quality of the key, the proof that the sender has it, and what it asks for.
    ///
    /// `extensionRequest` (RFC 2985 §5.4.2) is passed over, whatever it asks for: many tools put
    /// something there, and what a certificate says is the authority's business alone. A request
    /// with any other attribute is refused.
    ///
    /// # Errors
    /// [`RequestFault`] names the first thing that is wrong.
    pub fn read(der: &[u8]) -> Result<Self, RequestFault> {
        if der.len() > LONGEST_REQUEST {
            return Err(RequestFault::TooLong { length: der.len() });
        }
        let not_a_request = |_| RequestFault::NotARequest;
        let request = CertReq::from_der(der).map_err(not_a_request)?;
        let signed = Signed::read(der).map_err(not_a_request)?;
        let spki = request.info.public_key.to_der().map_err(not_a_request)?;
        let public_key = PublicKey::parse(&spki).map_err(|_| RequestFault::NotARequest)?;
        public_key.check_quality()?;
        let signature = SignatureAlgorithm::read(&request.algorithm)
            .filter(|algorithm| algorithm.fits(public_key.algorithm()))
            .ok_or_else(|| RequestFault::SignatureAlgorithm {
                oid: request.algorithm.oid.to_string(),
            })?;
        public_key
            .verify_message(signature, signed.content, signed.signature)
            .map_err(|_| RequestFault::NotSigned)?;
        let unknown = request
            .info
            .attributes
            .iter()
            .find(|attribute| attribute.oid != ID_EXTENSION_REQ);
        if let Some(attribute) = unknown {
            return Err(RequestFault::Attribute {
                oid: attribute.oid.to_string(),
            });
        }
        Ok(Self {
            subject: request.info.subject,
            public_key,
            signature,
        })
    }

    /// Checks that it names this subject: the same attributes with the same values, and no others.
    /// In which kind of string and in which order they are is not looked at, for the subject of
    /// the certificate is not taken from here.
    ///
    /// # Errors
    /// [`RequestFault::Subject`], [`RequestFault::UnexpectedInSubject`],
    /// [`RequestFault::MalformedSubject`].
    pub fn is_for(&self, subject: &Subject) -> Result<(), RequestFault> {
        subject
            .is_that_of(&self.subject)
            .map_err(|difference| match difference {
                Difference::Attribute(attribute) => RequestFault::Subject { attribute },
                Difference::Unexpected(oid) => RequestFault::UnexpectedInSubject { oid },
                Difference::Unreadable => RequestFault::MalformedSubject,
            })
    }

    /// The key that it asks a certificate for.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// How it was signed.
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature
    }

    /// Subject as RFC 4514 writes it, fit to be shown.
    #[must_use]
    pub fn subject(&self) -> String {
        self.subject
            .to_der()
            .map(|der| name::display(&der))
            .unwrap_or_default()
    }
}
