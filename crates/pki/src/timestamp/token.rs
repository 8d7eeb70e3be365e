//! A token that an authority gave: TimeStampToken, RFC 3161 §2.4.2. It is read, and its signature
//! checked by the certificate of who signed; whether that certificate is to be trusted is for
//! [`check`](crate::check) to say.

use core::time::Duration;

use cms::{
    cert::CertificateChoices,
    content_info::ContentInfo,
    signed_data::{SignedData, SignerIdentifier, SignerInfo},
};
use const_oid::{
    ObjectIdentifier,
    db::{
        rfc3161::ID_CT_TST_INFO,
        rfc5911::{
            ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
        },
        rfc5912::{
            RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION,
            SHA_512_WITH_RSA_ENCRYPTION,
        },
    },
};
use der::{Any, Decode, Encode, Tag, Tagged, asn1::AnyRef};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_parser::der_parser::asn1_rs::{FromDer, GeneralizedTime};

use super::{
    LONGEST_TIMESTAMP, MessageImprint, TimestampFault, TimestampPolicy, TimestampRefusal,
    TimestampRequest,
    answer::{GRANTED, GRANTED_WITH_MODS},
    structures::{EssCertIdV2, SigningCertificate, TimeStampResp, TstInfo, not_critical},
};
use crate::{Certificate, HashName, SerialNumber, signed};

/// A token whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    token: Vec<u8>,
    certificate: Certificate,
    imprint: MessageImprint,
    policy: TimestampPolicy,
    serial: SerialNumber,
    time: OffsetDateTime,
    accuracy: Option<Duration>,
    nonce: Option<Vec<u8>>,
}

impl Timestamp {
    /// Reads the response to a request, in DER, and checks that it is one. The certificates are
    /// those of authorities that may not send theirs.
    ///
    /// # Errors
    /// [`TimestampFault`] says what is wrong with it.
    pub fn read_response(
        der: &[u8],
        request: &TimestampRequest,
        certificates: &[Certificate],
    ) -> Result<Self, TimestampFault> {
        if der.len() > LONGEST_TIMESTAMP {
            return Err(TimestampFault::TooLong { length: der.len() });
        }
        let response = TimeStampResp::from_der(der)?;
        if ![GRANTED, GRANTED_WITH_MODS].contains(&response.status.status) {
            let reason = response.status.fail_info.as_ref();
            return Err(TimestampFault::Refused {
                reason: reason.and_then(TimestampRefusal::decode),
            });
        }
        let token = response
            .time_stamp_token
            .ok_or(TimestampFault::NotATimestamp)?;
        let stamp = Self::read_token(&token.to_der()?, certificates)?;
        let policy = request.policy.as_ref();
        if stamp.imprint != request.imprint
            || stamp.nonce != request.nonce
            || policy.is_some_and(|policy| *policy != stamp.policy)
        {
            return Err(TimestampFault::OtherRequest);
        }
        Ok(stamp)
    }

    /// Reads a token in DER. The certificates are those of authorities that may not be in it.
    ///
    /// # Errors
    /// [`TimestampFault`] says what is wrong with it.
    pub fn read_token(der: &[u8], certificates: &[Certificate]) -> Result<Self, TimestampFault> {
        if der.len() > LONGEST_TIMESTAMP {
            return Err(TimestampFault::TooLong { length: der.len() });
        }
        let outer = ContentInfo::from_der(der)?;
        if outer.content_type != ID_SIGNED_DATA {
            return Err(TimestampFault::NotATimestamp);
        }
        let signed: SignedData = outer.content.decode_as()?;
        if signed.encap_content_info.econtent_type != ID_CT_TST_INFO {
            return Err(TimestampFault::NotATimestamp);
        }
        let content = signed.encap_content_info.econtent.as_ref();
        let content = content.ok_or(TimestampFault::NotATimestamp)?;
        if content.tag() != Tag::OctetString {
            return Err(TimestampFault::NotATimestamp);
        }
        // The authority signs alone (§2.4.2).
        let [signer] = signed.signer_infos.0.as_slice() else {
            return Err(TimestampFault::Malformed { part: "signer" });
        };
        let certificate = signers_certificate(signer, &signed, certificates)?;
        verify(signer, &certificate, content.value())?;
        let info = TstInfo::from_der(content.value())?;
        if info.version != 1 {
            return Err(TimestampFault::Malformed { part: "version" });
        }
        not_critical(info.extensions)?;
        let time = moment(&info.gen_time)?;
        if !certificate.covers(time) {
            return Err(TimestampFault::MayNotSign);
        }
        let accuracy = info.accuracy.map(|accuracy| {
            Duration::from_secs(accuracy.seconds.unwrap_or(0).into())
                + Duration::from_millis(accuracy.millis.unwrap_or(0).into())
                + Duration::from_micros(accuracy.micros.unwrap_or(0).into())
        });
        Ok(Self {
            token: der.to_vec(),
            imprint: MessageImprint::decode(&info.message_imprint)?,
            policy: TimestampPolicy::read(&info.policy)?,
            serial: info.serial_number,
            time,
            accuracy,
            nonce: info.nonce.map(|nonce| nonce.as_bytes().to_vec()),
            certificate,
        })
    }

    /// Whether it stamps a message.
    #[must_use]
    pub fn is_of(&self, message: &[u8]) -> bool {
        self.imprint.hash().digest(message) == self.imprint.digest()
    }

    /// The token in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.token
    }

    /// Certificate of who signed: one for timestamps alone, not yet checked further.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What is stamped.
    #[must_use]
    pub const fn imprint(&self) -> &MessageImprint {
        &self.imprint
    }

    /// Under which rules.
    #[must_use]
    pub const fn policy(&self) -> &TimestampPolicy {
        &self.policy
    }

    /// Number of the token.
    #[must_use]
    pub const fn serial(&self) -> SerialNumber {
        self.serial
    }

    /// The time.
    #[must_use]
    pub const fn time(&self) -> OffsetDateTime {
        self.time
    }

    /// By how much the time may be off, either way; none where the policy says it.
    #[must_use]
    pub const fn accuracy(&self) -> Option<Duration> {
        self.accuracy
    }
}

/// Whether a certificate is for timestamps and nothing else: RFC 3161 §2.3.
pub(super) fn may_sign(certificate: &Certificate) -> bool {
    certificate.extensions().is_ok_and(|all| {
        let usage = all.key_usage;
        all.extended_key_usage
            .is_some_and(|extended| extended.timestamps && extended.single && extended.critical)
            && usage.is_none_or(|usage| usage.digital_signature || usage.non_repudiation)
            && all.not_understood.is_none()
    })
}

fn signers_certificate(
    signer: &SignerInfo,
    signed: &SignedData,
    others: &[Certificate],
) -> Result<Certificate, TimestampFault> {
    let SignerIdentifier::IssuerAndSerialNumber(name) = &signer.sid else {
        return Err(TimestampFault::Malformed { part: "signer" });
    };
    let (issuer, serial) = (name.issuer.to_der()?, name.serial_number.to_der()?);
    let is_his = |one: &Certificate| one.issuer_der() == issuer && one.serial_der() == serial;
    let mut found = None;
    for choice in signed.certificates.iter().flat_map(|all| all.0.iter()) {
        if let CertificateChoices::Certificate(one) = choice {
            found = Certificate::parse(&one.to_der()?).ok().filter(is_his);
            if found.is_some() {
                break;
            }
        }
    }
    let certificate = found
        .or_else(|| others.iter().find(|one| is_his(one)).cloned())
        .ok_or(TimestampFault::NoCertificate)?;
    if may_sign(&certificate) {
        Ok(certificate)
    } else {
        Err(TimestampFault::MayNotSign)
    }
}

/// The signature, RFC 5652 §5.4 and §5.6, and that it was meant to be by this certificate.
fn verify(
    signer: &SignerInfo,
    certificate: &Certificate,
    content: &[u8],
) -> Result<(), TimestampFault> {
    let malformed = TimestampFault::Malformed {
        part: "signed attributes",
    };
    let attributes = signer.signed_attrs.as_ref().ok_or(malformed.clone())?;
    let attribute = |oid: ObjectIdentifier| {
        let mut all = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (all.next().map(|one| one.values.as_slice()), all.next()) {
            (Some([value]), None) => Ok(value),
            _ => Err(malformed.clone()),
        }
    };
    let hash = HashName::read(signer.digest_alg.oid)?;
    let kind: ObjectIdentifier = attribute(ID_CONTENT_TYPE)?.decode_as()?;
    let digest = attribute(ID_MESSAGE_DIGEST)?;
    if kind != ID_CT_TST_INFO || digest.tag() != Tag::OctetString {
        return Err(malformed);
    }
    if digest.value() != hash.digest(content) {
        return Err(TimestampFault::WrongSignature);
    }
    if !names(attribute(ID_AA_SIGNING_CERTIFICATE_V_2)?, certificate)? {
        return Err(TimestampFault::WrongSignature);
    }
    signed::verify(
        certificate.public_key(),
        &algorithm(&signer.signature_algorithm, hash).to_der()?,
        &attributes.to_der()?,
        signer.signature.as_bytes(),
    )
    .map_err(|_| TimestampFault::WrongSignature)
}

/// Whether a SigningCertificateV2 is about this certificate: its first entry counts.
fn names(attribute: &Any, certificate: &Certificate) -> Result<bool, TimestampFault> {
    let attribute = attribute.to_der()?;
    let mut first = None;
    SigningCertificate::from_der(&attribute)?
        .certs
        .each(|id: EssCertIdV2<'_>| {
            let hash = match &id.hash_algorithm {
                Some(algorithm) => HashName::read(algorithm.oid)?,
                None => HashName::Sha256,
            };
            first.get_or_insert(hash.digest(certificate.der()) == id.cert_hash.as_bytes());
            Ok::<_, TimestampFault>(())
        })?;
    Ok(first.unwrap_or(false))
}

/// Where CMS names only the kind of key (RFC 3370 §3.2), the hash is the one beside it.
fn algorithm(named: &AlgorithmIdentifierOwned, hash: HashName) -> AlgorithmIdentifierOwned {
    if named.oid != RSA_ENCRYPTION {
        return named.clone();
    }
    AlgorithmIdentifierOwned {
        oid: match hash {
            HashName::Sha256 => SHA_256_WITH_RSA_ENCRYPTION,
            HashName::Sha384 => SHA_384_WITH_RSA_ENCRYPTION,
            HashName::Sha512 => SHA_512_WITH_RSA_ENCRYPTION,
        },
        parameters: named.parameters.clone(),
    }
}

/// GeneralizedTime, which may have fractions of a second here.
fn moment(time: &AnyRef<'_>) -> Result<OffsetDateTime, TimestampFault> {
    let malformed = TimestampFault::Malformed { part: "genTime" };
    if time.tag() != Tag::GeneralizedTime || time.value().last() != Some(&b'Z') {
        return Err(malformed);
    }
    match GeneralizedTime::from_der(&time.to_der()?) {
        Ok(([], time)) => time.utc_datetime().map_err(|_| malformed),
        _ => Err(malformed),
    }
}
