//! What certificates, CRLs and OCSP answers have in common: something signed, the name of the
//! algorithm, the signature. And extensions, moments in time.

use core::time::Duration;

use const_oid::ObjectIdentifier;
use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence,
    SliceReader, Tag, Writer,
    asn1::{BitStringRef, GeneralizedTime, OctetStringRef},
};
use sha2::{Digest, Sha512};
use time::OffsetDateTime;
use x509_cert::time::Time;
use x509_parser::{
    der_parser::asn1_rs::BitString,
    oid_registry::{OID_PKCS1_SHA1WITHRSA, OID_SHA1_WITH_RSA, OID_SIG_ECDSA_WITH_SHA512},
    prelude::FromDer,
    verify::verify_signature,
    x509::{AlgorithmIdentifier, SubjectPublicKeyInfo},
};

use crate::{NotSigned, PublicKey};

/// SEQUENCE { what is signed, AlgorithmIdentifier, BIT STRING }, each with its bytes.
pub struct Signed<'a> {
    /// What is signed, with its tag and length.
    pub content: &'a [u8],
    /// AlgorithmIdentifier in DER.
    pub algorithm: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
}

/// Extension, RFC 5280 §4.1.
#[derive(Clone, Copy, Sequence)]
pub struct ExtensionRef<'a> {
    pub id: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub critical: bool,
    pub value: &'a OctetStringRef,
}

/// SEQUENCE OF, its elements unread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Elements<'a>(pub &'a [u8]);

impl<'a> Elements<'a> {
    /// Calls `take` with each of them.
    pub fn each<T: Decode<'a, Error = der::Error>, E: From<der::Error>>(
        self,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reader = SliceReader::new(self.0)?;
        while !reader.is_finished() {
            take(T::decode(&mut reader)?)?;
        }
        Ok(())
    }
}

impl FixedTag for Elements<'_> {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for Elements<'a> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        reader.read_slice(header.length()).map(Self)
    }
}

impl EncodeValue for Elements<'_> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0)
    }
}

impl<'a> Signed<'a> {
    /// Reads the three, and nothing after them.
    pub fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let signed = reader.sequence(Self::read_parts)?;
        reader.finish()?;
        Ok(signed)
    }

    /// Reads the three where more may follow.
    pub fn read_parts<R: Reader<'a>>(reader: &mut R) -> der::Result<Self> {
        Ok(Self {
            content: reader.tlv_bytes()?,
            algorithm: reader.tlv_bytes()?,
            signature: BitStringRef::decode(reader)?
                .as_bytes()
                .ok_or_else(|| Tag::BitString.value_error())?,
        })
    }

    pub fn verify(&self, key: &PublicKey) -> Result<(), NotSigned> {
        verify(key, self.algorithm, self.content, self.signature)
    }
}

/// Checks a signature by the AlgorithmIdentifier that stands beside it: ECDSA, RSASSA-PKCS1-v1_5
/// and RSASSA-PSS with SHA-2 by keys of 2048 bits and more. SHA-1 is refused.
pub fn verify(
    key: &PublicKey,
    algorithm: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), NotSigned> {
    let (_, spki) = SubjectPublicKeyInfo::from_der(key.spki_der()).map_err(|_| NotSigned)?;
    let ([], algorithm) = AlgorithmIdentifier::from_der(algorithm).map_err(|_| NotSigned)? else {
        return Err(NotSigned);
    };
    // ring knows no such, but authorities on P-256 sign so.
    if algorithm.algorithm == OID_SIG_ECDSA_WITH_SHA512 {
        return key.verify_ecdsa(&Sha512::digest(message), signature);
    }
    if [OID_PKCS1_SHA1WITHRSA, OID_SHA1_WITH_RSA].contains(&algorithm.algorithm) {
        return Err(NotSigned);
    }
    verify_signature(&spki, &algorithm, &BitString::new(0, signature), message)
        .map_err(|_| NotSigned)
}

/// Tag and length before a value of that many bytes.
pub fn header(tag: Tag, length: usize) -> der::Result<Vec<u8>> {
    Header::new(tag, length.try_into()?).to_der()
}

/// Time, RFC 5280 §4.1.2.5: UTCTime until 2049. Fractions of a second are cut off.
pub fn time(moment: OffsetDateTime) -> der::Result<Time> {
    let moment = generalized(moment)?.to_date_time();
    Ok(Time::from(moment))
}

/// GeneralizedTime, to the second.
pub fn generalized(moment: OffsetDateTime) -> der::Result<GeneralizedTime> {
    let seconds = u64::try_from(moment.unix_timestamp())
        .map_err(|_| der::Error::from(Tag::GeneralizedTime.value_error()))?;
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
}

/// The moment so long after the beginning of 1970.
pub fn moment(since_1970: Duration) -> der::Result<OffsetDateTime> {
    i64::try_from(since_1970.as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .ok_or_else(|| Tag::GeneralizedTime.value_error().into())
}
