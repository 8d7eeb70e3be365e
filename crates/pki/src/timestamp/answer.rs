//! What a timestamping authority answers: TimeStampResp, RFC 3161 §2.4.2.

use cms::{
    cert::{CertificateChoices, IssuerAndSerialNumber},
    content_info::{CmsVersion, ContentInfo},
    signed_data::{
        CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo,
        SignerInfos,
    },
};
use const_oid::{
    ObjectIdentifier,
    db::rfc3161::ID_CT_TST_INFO,
    db::rfc5911::{
        ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA,
    },
};
use der::{
    Any, Decode, Encode,
    asn1::{AnyRef, IntRef, OctetString, OctetStringRef, SetOfVec},
};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::attr::{Attribute, Attributes};

use super::{
    ACCURACY, TimestampError, TimestampPolicy, TimestampRefusal, TimestampRequest,
    structures::{
        Accuracy, EssCertIdV2, PkiStatusInfo, SigningCertificate, TimeStampResp, TstInfo,
    },
};
use crate::{
    Certificate, HashName, SerialNumber, SignatureAlgorithm, Signer,
    signed::{Elements, generalized},
};

/// granted, PKIStatus.
pub(super) const GRANTED: u8 = 0;
/// grantedWithMods, PKIStatus.
pub(super) const GRANTED_WITH_MODS: u8 = 1;
/// rejection, PKIStatus.
const REJECTION: u8 = 2;

/// An authority that stamps.
#[derive(Clone, Copy)]
pub struct TimestampAuthority<'a> {
    certificate: &'a Certificate,
    signer: &'a dyn Signer,
    policy: &'a TimestampPolicy,
}

impl<'a> TimestampAuthority<'a> {
    /// The authority with this certificate, its key, and the rules that it keeps. Programs that
    /// read tokens as PKCS#7, openssl among them, know no RSASSA-PSS; any other signature will do.
    ///
    /// # Errors
    /// [`TimestampError::OtherKey`] when it is the key of another certificate,
    /// [`TimestampError::OtherPurpose`] when the certificate is for something else.
    pub fn new(
        certificate: &'a Certificate,
        signer: &'a dyn Signer,
        policy: &'a TimestampPolicy,
    ) -> Result<Self, TimestampError> {
        if signer.public_key() != certificate.public_key() {
            return Err(TimestampError::OtherKey);
        }
        if !super::token::may_sign(certificate) {
            return Err(TimestampError::OtherPurpose);
        }
        Ok(Self {
            certificate,
            signer,
            policy,
        })
    }

    /// The response to a request, in DER: a token, or that another policy was asked for. The serial
    /// number is one that was given to no token before; the time is cut to whole seconds.
    ///
    /// # Errors
    /// [`TimestampError`] says whose fault it is that there is none.
    pub fn answer(
        &self,
        request: &TimestampRequest,
        serial: SerialNumber,
        time: OffsetDateTime,
    ) -> Result<Vec<u8>, TimestampError> {
        if request
            .policy
            .as_ref()
            .is_some_and(|one| one != self.policy)
        {
            return Ok(TimestampRefusal::UnacceptedPolicy.to_der());
        }
        let token = self.stamp(request, serial, time)?;
        Ok(TimeStampResp {
            status: PkiStatusInfo {
                status: GRANTED,
                status_string: None,
                fail_info: None,
            },
            time_stamp_token: Some(AnyRef::try_from(token.as_slice())?),
        }
        .to_der()?)
    }

    /// A token alone, in DER: what is kept beside the thing that was stamped.
    ///
    /// # Errors
    /// [`TimestampError`] says whose fault it is that there is none.
    pub fn stamp(
        &self,
        request: &TimestampRequest,
        serial: SerialNumber,
        time: OffsetDateTime,
    ) -> Result<Vec<u8>, TimestampError> {
        if !self.certificate.covers(time) {
            return Err(TimestampError::NotValid);
        }
        let time = generalized(time)?;
        let info = TstInfo {
            version: 1,
            policy: self.policy.der()?,
            message_imprint: request.imprint.encode()?,
            serial_number: serial,
            gen_time: AnyRef::from(&Any::encode_from(&time)?),
            accuracy: Some(Accuracy {
                seconds: u32::try_from(ACCURACY.as_secs()).ok(),
                millis: None,
                micros: None,
            }),
            ordering: false,
            nonce: request.nonce.as_deref().map(IntRef::new).transpose()?,
            tsa: None,
            extensions: None,
        }
        .to_der()?;
        self.sign(&info, request.certificate)
    }

    /// SignedData (RFC 5652 §5) over the TSTInfo, with the certificate where it was asked for.
    fn sign(&self, info: &[u8], with_certificate: bool) -> Result<Vec<u8>, TimestampError> {
        let hash = match self.signer.algorithm() {
            SignatureAlgorithm::EcdsaSha384 => HashName::Sha384,
            _ => HashName::Sha256,
        };
        let digest_algorithm = AlgorithmIdentifierOwned {
            oid: hash.oid(),
            parameters: None,
        };
        let certificate = x509_cert::Certificate::from_der(self.certificate.der())?;
        let attributes = Attributes::from_iter([
            attribute(ID_CONTENT_TYPE, &ID_CT_TST_INFO)?,
            attribute(ID_MESSAGE_DIGEST, &OctetString::new(hash.digest(info))?)?,
            attribute(ID_AA_SIGNING_CERTIFICATE_V_2, &self.signing_certificate()?)?,
        ])?;
        let signature = self.signer.sign(&attributes.to_der()?)?;
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: certificate.tbs_certificate().issuer().clone(),
                serial_number: certificate.tbs_certificate().serial_number().clone(),
            }),
            digest_alg: digest_algorithm.clone(),
            signed_attrs: Some(attributes),
            signature_algorithm: self.signer.algorithm().identifier()?,
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let certificates = vec![CertificateChoices::Certificate(certificate)];
        let signed = SignedData {
            version: CmsVersion::V3,
            digest_algorithms: SetOfVec::from_iter([digest_algorithm])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: ID_CT_TST_INFO,
                econtent: Some(Any::encode_from(&OctetString::new(info)?)?),
            },
            certificates: with_certificate
                .then(|| CertificateSet::try_from(certificates))
                .transpose()?,
            crls: None,
            signer_infos: SignerInfos::try_from(vec![signer])?,
        };
        Ok(ContentInfo {
            content_type: ID_SIGNED_DATA,
            content: Any::encode_from(&signed)?,
        }
        .to_der()?)
    }

    /// SigningCertificateV2 with the SHA-256 of the certificate.
    fn signing_certificate(&self) -> der::Result<Any> {
        let fingerprint = self.certificate.fingerprint();
        let certs = EssCertIdV2 {
            hash_algorithm: None,
            cert_hash: OctetStringRef::new(&fingerprint)?,
            issuer_serial: None,
        }
        .to_der()?;
        Any::encode_from(&SigningCertificate {
            certs: Elements(&certs),
            policies: None,
        })
    }
}

impl TimestampRefusal {
    /// The response that says so, in DER. It is not signed.
    #[must_use]
    pub fn to_der(self) -> Vec<u8> {
        let response = self.encode().and_then(|reason| {
            TimeStampResp {
                status: PkiStatusInfo {
                    status: REJECTION,
                    status_string: None,
                    fail_info: Some(reason),
                },
                time_stamp_token: None,
            }
            .to_der()
        });
        // INVARIANT: some ten bytes, which are in no way too long.
        response.unwrap_or_default()
    }
}

fn attribute(
    oid: ObjectIdentifier,
    value: &(impl der::EncodeValue + der::Tagged),
) -> der::Result<Attribute> {
    Ok(Attribute {
        oid,
        values: SetOfVec::from_iter([Any::encode_from(value)?])?,
    })
}
