//! The structures of RFC 3161 §2.4 and RFC 5035 §3, and the hashes that they name.

use const_oid::{
    ObjectIdentifier,
    db::rfc5912::{ID_SHA_256, ID_SHA_384, ID_SHA_512},
};
use der::{
    DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Sequence, Tag, Writer,
    asn1::{AnyRef, BitString, IntRef, OctetStringRef},
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use super::{MessageImprint, TimestampFault, TimestampRefusal};
use crate::{
    HashName, SerialNumber,
    signed::{Elements, ExtensionRef},
};

#[derive(Sequence)]
pub struct TimeStampReq<'a> {
    pub version: u8,
    pub message_imprint: Imprint<'a>,
    pub req_policy: Option<Policy<'a>>,
    pub nonce: Option<IntRef<'a>>,
    #[asn1(default = "Default::default")]
    pub cert_req: bool,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub extensions: Option<Elements<'a>>,
}

/// OBJECT IDENTIFIER of any length.
#[derive(Clone, Copy)]
pub struct Policy<'a>(pub AnyRef<'a>);

impl FixedTag for Policy<'_> {
    const TAG: Tag = Tag::ObjectIdentifier;
}

impl<'a> DecodeValue<'a> for Policy<'a> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        AnyRef::new(Self::TAG, reader.read_slice(header.length())?).map(Self)
    }
}

impl EncodeValue for Policy<'_> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

#[derive(Sequence)]
pub struct Imprint<'a> {
    pub hash_algorithm: AlgorithmIdentifierRef<'a>,
    pub hashed_message: &'a OctetStringRef,
}

#[derive(Sequence)]
pub struct TimeStampResp<'a> {
    pub status: PkiStatusInfo<'a>,
    pub time_stamp_token: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
pub struct PkiStatusInfo<'a> {
    pub status: u8,
    pub status_string: Option<Elements<'a>>,
    pub fail_info: Option<BitString>,
}

#[derive(Sequence)]
pub struct TstInfo<'a> {
    pub version: u8,
    pub policy: Policy<'a>,
    pub message_imprint: Imprint<'a>,
    pub serial_number: SerialNumber,
    /// GeneralizedTime, here with fractions of a second.
    pub gen_time: AnyRef<'a>,
    pub accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    pub ordering: bool,
    pub nonce: Option<IntRef<'a>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub tsa: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub extensions: Option<Elements<'a>>,
}

#[derive(Clone, Copy, Sequence)]
pub struct Accuracy {
    pub seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub micros: Option<u16>,
}

/// SigningCertificateV2, RFC 5035 §3; which of the certificates signed.
#[derive(Sequence)]
pub struct SigningCertificate<'a> {
    pub certs: Elements<'a>,
    pub policies: Option<Elements<'a>>,
}

/// ESSCertIDv2; SHA-256 where it names no hash.
#[derive(Sequence)]
pub struct EssCertIdV2<'a> {
    pub hash_algorithm: Option<AlgorithmIdentifierOwned>,
    pub cert_hash: &'a OctetStringRef,
    pub issuer_serial: Option<AnyRef<'a>>,
}

impl HashName {
    /// Length of such a hash in bytes.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The hash of something.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    pub(super) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => ID_SHA_256,
            Self::Sha384 => ID_SHA_384,
            Self::Sha512 => ID_SHA_512,
        }
    }

    pub(super) fn read(oid: ObjectIdentifier) -> Result<Self, TimestampFault> {
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|hash| hash.oid() == oid)
            .ok_or_else(|| TimestampFault::Hash {
                oid: oid.to_string(),
            })
    }
}

impl MessageImprint {
    pub(super) fn encode(&self) -> der::Result<Imprint<'_>> {
        Ok(Imprint {
            hash_algorithm: AlgorithmIdentifierRef {
                oid: self.hash.oid(),
                parameters: Some(AnyRef::NULL),
            },
            hashed_message: OctetStringRef::new(&self.digest)?,
        })
    }

    pub(super) fn decode(imprint: &Imprint<'_>) -> Result<Self, TimestampFault> {
        let hash = HashName::read(imprint.hash_algorithm.oid)?;
        Self::new(hash, imprint.hashed_message.as_bytes())
    }
}

impl TimestampRefusal {
    /// All of them, with their bits.
    const BITS: [(Self, usize); 8] = [
        (Self::BadAlgorithm, 0),
        (Self::BadRequest, 2),
        (Self::BadDataFormat, 5),
        (Self::TimeNotAvailable, 14),
        (Self::UnacceptedPolicy, 15),
        (Self::UnacceptedExtension, 16),
        (Self::AdditionalInformationNotAvailable, 17),
        (Self::SystemFailure, 25),
    ];

    /// PKIFailureInfo, without zeros after the last bit that is set (X.690 §11.2.2).
    pub(super) fn encode(self) -> der::Result<BitString> {
        let bit = Self::BITS
            .into_iter()
            .find_map(|(this, bit)| (this == self).then_some(bit))
            .unwrap_or_default();
        let mut bytes = vec![0; bit / 8];
        bytes.push(0x80 >> (bit % 8));
        // INVARIANT: 7 at most.
        let unused = u8::try_from(7 - bit % 8).unwrap_or_default();
        BitString::new(unused, bytes)
    }

    pub(super) fn decode(bits: &BitString) -> Option<Self> {
        let set = |bit: usize| bits.bits().nth(bit) == Some(true);
        Self::BITS
            .into_iter()
            .find_map(|(this, bit)| set(bit).then_some(this))
    }
}

/// Extensions of which none must be understood.
pub fn not_critical(extensions: Option<Elements<'_>>) -> Result<(), TimestampFault> {
    extensions.map_or(Ok(()), |all| {
        all.each(|extension: ExtensionRef<'_>| match extension.critical {
            true => Err(TimestampFault::NotUnderstood {
                oid: extension.id.to_string(),
            }),
            false => Ok(()),
        })
    })
}
