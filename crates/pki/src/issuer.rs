//! An authority that issues certificates, RFC 5280. Req 11.1, 11.3, 11.4.

use core::fmt;
use std::sync::Arc;

use der::{Decode, Encode, asn1::BitString};
use p256::ecdsa::signature::Keypair;
use spki::{
    AlgorithmIdentifierOwned, Document, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned,
};
use thiserror::Error;
use time::{OffsetDateTime, UtcOffset};
use x509_cert::{
    builder::{self, Builder, CertificateBuilder},
    name::Name,
    serial_number::SerialNumber as X509SerialNumber,
    time::Validity as X509Validity,
};

use crate::{
    Certificate, KeyFault, KeyPurpose, Profile, PublicKey, SerialNumber, Signer, SignerError,
    Subject, SubjectFault,
    profile::{Issued, Shape},
    signed,
};

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The key is not fit to be certified.
    #[error("the key is not fit to be certified")]
    Key(#[from] KeyFault),
    /// A value of the subject cannot be used.
    #[error(transparent)]
    Subject(#[from] SubjectFault),
    /// It would end before it begins, or later than the authority's own certificate.
    #[error("the certificate would not be valid within the validity of its authority")]
    Validity,
    /// The serial number is not a positive one of 20 bytes.
    #[error("a serial number has 20 bytes, the first of them from 1 to 127")]
    SerialNumber,
    /// Something that is no URL, or no name of a server, where one is needed.
    #[error("not a name or URL that can be put into a certificate: {value:?}")]
    Location {
        /// What was given.
        value: String,
    },
    /// The certificate is no authority's.
    #[error("the certificate is not one of an authority")]
    NotAnAuthority,
    /// The key is not the one in the authority's certificate.
    #[error("the key does not belong to the certificate of the authority")]
    OtherKey,
    /// An authority below an authority that may have none below it.
    #[error("this authority may not have another below it")]
    PathLength,
    /// The key did not sign.
    #[error("the authority's key did not sign")]
    Signer(#[from] SignerError),
    /// The certificate cannot be put into DER.
    #[error("the certificate cannot be encoded: {0}")]
    Encoding(der::Error),
}

/// From when to when a certificate is valid, to the second. Both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Validity {
    /// Between these moments; fractions of a second are cut off.
    ///
    /// # Errors
    /// [`IssueError::Validity`] when the last one is not after the first one.
    pub fn new(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Result<Self, IssueError> {
        let whole = |moment: OffsetDateTime| {
            OffsetDateTime::from_unix_timestamp(moment.to_offset(UtcOffset::UTC).unix_timestamp())
                .map_err(|_| IssueError::Validity)
        };
        let validity = Self {
            not_before: whole(not_before)?,
            not_after: whole(not_after)?,
        };
        if validity.not_before < validity.not_after {
            Ok(validity)
        } else {
            Err(IssueError::Validity)
        }
    }

    /// The first moment.
    #[must_use]
    pub const fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// The last moment.
    #[must_use]
    pub const fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    fn lies_within(&self, authority: &Certificate) -> bool {
        authority.covers(self.not_before) && authority.covers(self.not_after)
    }

    fn encode(&self) -> Result<X509Validity, IssueError> {
        let time = |moment| signed::time(moment).map_err(|_| IssueError::Validity);
        Ok(X509Validity::new(
            time(self.not_before)?,
            time(self.not_after)?,
        ))
    }
}

impl SerialNumber {
    /// Makes a serial number of 20 random bytes: the first bit is cleared, so it is positive, and
    /// the second set, so it has 20 bytes (40 digits) always. 158 random bits are left.
    #[must_use]
    pub const fn from_random(mut random: [u8; 20]) -> Self {
        random[0] = random[0] & 0x7F | 0x40;
        Self::from_array(random)
    }
}

/// Where it is found whether certificates of an authority still hold: `http://` URLs, for over TLS
/// that question would come before its answer (RFC 5280 §8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locations {
    /// The authority's own certificate, in DER (authorityInfoAccess, caIssuers).
    pub authority: Option<String>,
    /// Its OCSP responder.
    pub ocsp: Option<String>,
    /// Its full CRL.
    pub crl: Option<String>,
    /// Its delta CRL (freshestCRL).
    pub delta_crl: Option<String>,
}

impl Locations {
    fn check(&self) -> Result<(), IssueError> {
        let all = [&self.authority, &self.ocsp, &self.crl, &self.delta_crl];
        let is_url = |value: &str| {
            let graphic = value.bytes().all(|byte| byte.is_ascii_graphic());
            graphic
                && value
                    .strip_prefix("http://")
                    .is_some_and(|rest| !rest.is_empty())
        };
        match all.into_iter().flatten().find(|value| !is_url(value)) {
            None => Ok(()),
            Some(value) => Err(IssueError::Location {
                value: value.clone(),
            }),
        }
    }
}

/// An authority: its certificate, its key, and where the status of what it issues is found.
#[derive(Clone)]
pub struct Issuer {
    certificate: Certificate,
    signer: Arc<dyn Signer>,
    locations: Locations,
}

impl Issuer {
    /// An authority by its certificate and the key that belongs to it.
    ///
    /// # Errors
    /// [`IssueError::NotAnAuthority`], [`IssueError::OtherKey`], [`IssueError::Location`].
    pub fn new(
        certificate: Certificate,
        signer: Arc<dyn Signer>,
        locations: Locations,
    ) -> Result<Self, IssueError> {
        if certificate.purpose() != KeyPurpose::Issuing {
            return Err(IssueError::NotAnAuthority);
        }
        if certificate.public_key() != signer.public_key() {
            return Err(IssueError::OtherKey);
        }
        locations.check()?;
        Ok(Self {
            certificate,
            signer,
            locations,
        })
    }

    /// The certificate of a root: the authority signs it itself.
    ///
    /// # Errors
    /// [`IssueError`] says what is wrong with the subject, the key or the validity.
    pub fn root(
        signer: &dyn Signer,
        subject: &Subject,
        serial: SerialNumber,
        validity: Validity,
    ) -> Result<Certificate, IssueError> {
        let subject = subject.to_name()?;
        let issued = Issued {
            shape: Shape::root(),
            issuer: subject.clone(),
            subject,
            authority_key: None,
            locations: &Locations::default(),
        };
        sign(issued, signer.public_key(), serial, validity, signer)
    }

    /// Issues a certificate for a key.
    ///
    /// # Errors
    /// [`IssueError`] says what is wrong with the key, the subject, the validity, or the
    /// authority's key.
    pub fn issue(
        &self,
        profile: &Profile<'_>,
        key: &PublicKey,
        serial: SerialNumber,
        validity: Validity,
    ) -> Result<Certificate, IssueError> {
        if !validity.lies_within(&self.certificate) {
            return Err(IssueError::Validity);
        }
        let may_have_none_below = self
            .certificate
            .extensions()
            .is_ok_and(|all| all.path_length == Some(0));
        if may_have_none_below && matches!(profile, Profile::IssuingAuthority(_)) {
            return Err(IssueError::PathLength);
        }
        let issued = Issued {
            shape: profile.shape()?,
            issuer: Name::from_der(self.certificate.subject_der()).map_err(IssueError::Encoding)?,
            subject: profile.subject()?,
            authority_key: Some(self.certificate.subject_key_identifier()),
            locations: &self.locations,
        };
        sign(issued, key, serial, validity, &*self.signer)
    }

    /// Its certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its key.
    #[must_use]
    pub fn signer(&self) -> &dyn Signer {
        &*self.signer
    }

    /// Where the status of what it issues is found.
    #[must_use]
    pub const fn locations(&self) -> &Locations {
        &self.locations
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

fn sign(
    issued: Issued<'_>,
    key: &PublicKey,
    serial: SerialNumber,
    validity: Validity,
    signer: &dyn Signer,
) -> Result<Certificate, IssueError> {
    key.check_quality()?;
    let bytes = serial.to_bytes();
    if !bytes
        .first()
        .is_some_and(|first| (1..=0x7F).contains(first))
    {
        return Err(IssueError::SerialNumber);
    }
    let mut builder = CertificateBuilder::new(
        issued,
        X509SerialNumber::new(&bytes).map_err(IssueError::Encoding)?,
        validity.encode()?,
        SubjectPublicKeyInfoOwned::from_der(key.spki_der()).map_err(IssueError::Encoding)?,
    )
    .map_err(built)?;
    let adapter = BuilderKey(signer);
    let to_be_signed = builder.finalize(&adapter).map_err(built)?;
    let signature = signer.sign(&to_be_signed)?;
    // A key store that errs once must not be given a chance to reveal its key, nor a holder to get
    // a certificate that nobody takes.
    signer
        .public_key()
        .verify_message(signer.algorithm(), &to_be_signed, &signature)
        .map_err(|_| SignerError::NotItsSignature)?;
    let signature = BitString::from_bytes(&signature).map_err(IssueError::Encoding)?;
    let certificate = builder.assemble(signature, &adapter).map_err(built)?;
    let der = certificate.to_der().map_err(IssueError::Encoding)?;
    Certificate::parse(&der).map_err(|_| IssueError::Encoding(der::ErrorKind::Failed.into()))
}

fn built(error: builder::Error) -> IssueError {
    IssueError::Encoding(match error {
        builder::Error::Asn1(error) | builder::Error::PublicKey(spki::Error::Asn1(error)) => error,
        // INVARIANT: the other kinds come from profiles and signers of the builder's own.
        _ => der::ErrorKind::Failed.into(),
    })
}

/// A signer as the builder wants to see it: it asks for the public key and the algorithm alone.
struct BuilderKey<'a>(&'a dyn Signer);

#[derive(Clone)]
struct BuilderPublicKey(Vec<u8>);

impl Keypair for BuilderKey<'_> {
    type VerifyingKey = BuilderPublicKey;

    fn verifying_key(&self) -> BuilderPublicKey {
        BuilderPublicKey(self.0.public_key().spki_der().to_vec())
    }
}

impl EncodePublicKey for BuilderPublicKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl DynSignatureAlgorithmIdentifier for BuilderKey<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(self.0.algorithm().identifier()?)
    }
}
