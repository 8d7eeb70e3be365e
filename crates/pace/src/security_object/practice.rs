//! Making the security object of a practice card: an authority of its own, a signer, a signature.
//! The keys are gone when it is made.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ID_SHA_256};
use core::str::FromStr;
use core::time::Duration;
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Encode, Tag};
use elliptic_curve::Generate;
use elliptic_curve::rand_core::TryCryptoRng;
use lichna_apdu::tlv;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use thiserror::Error;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, Extensions, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::content::{DataGroupHash, Encoded};
use super::{LDS_SECURITY_OBJECT, SECURITY_OBJECT};
use crate::genuineness::DATA_GROUP_14;
use crate::{ChipAuthenticationInfo, PaceInfo, PublicKey, SecurityInfos};

/// ISO 3166 leaves ZZ to its users: no country will ever have it.
const NO_COUNTRY: &str = "ZZ";
const AUTHORITY: &str = "CN=Practice country signing authority,O=Lichna practice,C=ZZ";
const SIGNER: &str = "CN=Practice document signer,O=Lichna practice,C=ZZ";

/// How long the authority and the signer are valid: longer than anyone keeps a practice card.
const VALIDITY: Duration = Duration::from_hours(24 * 365 * 20);
/// Clocks differ.
const BEFORE: Duration = Duration::from_hours(24);

/// What shows that a practice card is one and no copy: EF.DG14, EF.SOD, and the authority that
/// both chain to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeIssue {
    /// The content of EF.DG14: `6E` around the security infos of PACE and Chip Authentication.
    pub data_group_14: Vec<u8>,
    /// The content of EF.SOD: `77` and what is in it.
    pub security_object: Vec<u8>,
    /// The authority's certificate in DER, for [`Anchor::practice`](super::Anchor::practice).
    pub authority: Vec<u8>,
}

/// Why no security object was made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PracticeIssueError {
    /// The source of random numbers failed.
    #[error("there are no random numbers")]
    NoRandomNumbers,
    /// The time is before 1970 or after 2049.
    #[error("the time is out of the range of certificates")]
    Time,
    /// A certificate could not be built.
    #[error("the practice certificate cannot be built")]
    Certificate(#[from] builder::Error),
    /// Something could not be encoded: a data group with a number that is none.
    #[error("the security object cannot be encoded")]
    Encoding(#[from] der::Error),
    /// A key could not be encoded.
    #[error("the key cannot be encoded")]
    Key(#[from] spki::Error),
}

impl PracticeIssue {
    /// Makes EF.DG14 for a card that speaks this PACE and has the private half of this key (on the
    /// same curve; Chip Authentication with the same cipher), and signs it with keys made for that
    /// and forgotten.
    ///
    /// # Errors
    /// [`PracticeIssueError`].
    pub fn new<R: TryCryptoRng + ?Sized>(
        pace: &PaceInfo,
        chip: &PublicKey,
        now: OffsetDateTime,
        rng: &mut R,
    ) -> Result<Self, PracticeIssueError> {
        let chip = ChipAuthenticationInfo::new(pace.cipher(), chip.clone());
        let mut infos = vec![pace.security_info()?];
        infos.extend(chip.security_infos()?);
        let infos = SecurityInfos::new(infos).encode()?;
        let data_group_14 = tlv::encode(DATA_GROUP_14, &infos);
        let (security_object, authority) = sign(&[(14, &data_group_14)], now, rng)?;
        Ok(Self {
            data_group_14,
            security_object,
            authority,
        })
    }
}

/// EF.SOD over the hashes (SHA-256) of these data groups, and the authority it chains to.
fn sign<R: TryCryptoRng + ?Sized>(
    data_groups: &[(u8, &[u8])],
    now: OffsetDateTime,
    rng: &mut R,
) -> Result<(Vec<u8>, Vec<u8>), PracticeIssueError> {
    let validity = validity(now)?;
    let authority_key = key(rng)?;
    let authority = certificate(
        Kind::Authority,
        &authority_key,
        &authority_key,
        validity,
        rng,
    )?;
    let signer_key = key(rng)?;
    let signer = certificate(Kind::Signer, &signer_key, &authority_key, validity, rng)?;
    let content = Encoded {
        version: 0,
        hash_algorithm: sha256(),
        hashes: hashes(data_groups)?,
        versions: None,
    };
    let signed = signed_data(&content.to_der()?, signer, &signer_key)?;
    let whole = ContentInfo {
        content_type: ID_SIGNED_DATA,
        content: Any::encode_from(&signed)?,
    };
    let security_object = tlv::encode(SECURITY_OBJECT, &whole.to_der()?);
    Ok((security_object, authority.to_der()?))
}

/// Whether a name is one that only authorities of practice cards have.
pub(super) fn is_marked(subject: &Name) -> bool {
    let country = subject.country().ok().flatten();
    country.is_some_and(|country| country.as_str().eq_ignore_ascii_case(NO_COUNTRY))
}

fn validity(now: OffsetDateTime) -> Result<Validity, PracticeIssueError> {
    let seconds = u64::try_from(now.unix_timestamp()).map_err(|_| PracticeIssueError::Time)?;
    let time = |seconds: Duration| {
        let time = der::DateTime::from_unix_duration(seconds).map_err(|_| PracticeIssueError::Time);
        time.map(Time::from)
    };
    let now = Duration::from_secs(seconds);
    Ok(Validity::new(
        time(now.saturating_sub(BEFORE))?,
        time(now + VALIDITY)?,
    ))
}

fn key<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<SigningKey, PracticeIssueError> {
    SigningKey::try_generate_from_rng(rng).map_err(|_| PracticeIssueError::NoRandomNumbers)
}

fn hashes(data_groups: &[(u8, &[u8])]) -> Result<Vec<DataGroupHash>, der::Error> {
    let hash = |bytes: &[u8]| OctetString::new(Sha256::digest(bytes).as_slice());
    let hashes = data_groups.iter().map(|(number, bytes)| {
        Ok(DataGroupHash {
            number: *number,
            hash: hash(bytes)?,
        })
    });
    hashes.collect()
}

/// RFC 5652 §5: the signature is over the signed attributes, these have the content's hash.
fn signed_data(
    content: &[u8],
    certificate: Certificate,
    key: &SigningKey,
) -> Result<SignedData, PracticeIssueError> {
    let digest = OctetString::new(Sha256::digest(content).as_slice())?;
    let attributes = Attributes::try_from(vec![
        attribute(ID_CONTENT_TYPE, Any::encode_from(&LDS_SECURITY_OBJECT)?)?,
        attribute(ID_MESSAGE_DIGEST, Any::encode_from(&digest)?)?,
    ])?;
    let signature: DerSignature = key.sign(&attributes.to_der()?);
    let tbs = certificate.tbs_certificate();
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: tbs.issuer().clone(),
            serial_number: tbs.serial_number().clone(),
        }),
        digest_alg: sha256(),
        signed_attrs: Some(attributes),
        signature_algorithm: AlgorithmIdentifierOwned {
            oid: ECDSA_WITH_SHA_256,
            parameters: None,
        },
        signature: OctetString::new(signature.as_bytes())?,
        unsigned_attrs: None,
    };
    Ok(SignedData {
        version: CmsVersion::V3,
        digest_algorithms: SetOfVec::try_from(vec![sha256()])?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: LDS_SECURITY_OBJECT,
            econtent: Some(Any::new(Tag::OctetString, content)?),
        },
        certificates: Some(CertificateSet::try_from(vec![
            CertificateChoices::Certificate(certificate),
        ])?),
        crls: None,
        signer_infos: SignerInfos::try_from(vec![signer])?,
    })
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Result<Attribute, der::Error> {
    Ok(Attribute {
        oid,
        values: SetOfVec::try_from(vec![value])?,
    })
}

const fn sha256() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: ID_SHA_256,
        parameters: None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Authority,
    Signer,
}

fn certificate<R: TryCryptoRng + ?Sized>(
    kind: Kind,
    key: &SigningKey,
    issuer: &SigningKey,
    validity: Validity,
    rng: &mut R,
) -> Result<Certificate, PracticeIssueError> {
    let mut serial = [0; 8];
    rng.try_fill_bytes(&mut serial)
        .map_err(|_| PracticeIssueError::NoRandomNumbers)?;
    let serial = SerialNumber::from(u64::from_be_bytes(serial) | 1);
    let spki = SubjectPublicKeyInfoOwned::from_key(key.verifying_key())?;
    let builder = CertificateBuilder::new(kind, serial, validity, spki)?;
    Ok(builder.build::<_, DerSignature>(issuer)?)
}

/// ICAO 9303-12 §7.1: what stands in the certificates of an authority and of a signer.
impl BuilderProfile for Kind {
    fn get_issuer(&self, _subject: &Name) -> Name {
        Kind::Authority.get_subject()
    }

    fn get_subject(&self) -> Name {
        let name = match self {
            Self::Authority => AUTHORITY,
            Self::Signer => SIGNER,
        };
        // INVARIANT: both names are well-formed.
        Name::from_str(name).unwrap_or_default()
    }

    fn build_extensions(
        &self,
        own: SubjectPublicKeyInfoRef<'_>,
        issuer: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let mut extensions = Extensions::new();
        add(&mut extensions, tbs, &SubjectKeyIdentifier::try_from(own)?)?;
        add(
            &mut extensions,
            tbs,
            &AuthorityKeyIdentifier::try_from(issuer)?,
        )?;
        let usage = match self {
            Self::Authority => KeyUsages::KeyCertSign,
            Self::Signer => KeyUsages::DigitalSignature,
        };
        add(&mut extensions, tbs, &KeyUsage(usage.into()))?;
        if *self == Self::Authority {
            let constraints = BasicConstraints {
                ca: true,
                path_len_constraint: Some(0),
            };
            add(&mut extensions, tbs, &constraints)?;
        }
        Ok(extensions)
    }
}

fn add<'a, E>(
    extensions: &mut Extensions,
    tbs: &TbsCertificate,
    extension: &'a E,
) -> builder::Result<()>
where
    &'a E: ToExtension<Error = der::Error>,
{
    let extension = extension.to_extension(tbs.subject(), extensions)?;
    extensions.push(extension);
    Ok(())
}
