//! Certificates in a bundle: SignedData that nobody signed ("certs-only"), RFC 5751 §3.8, as
//! enrolment over secure transport sends them (RFC 7030 §4.1.3, §4.2.3).

use std::collections::BTreeSet;

use cms::{
    cert::CertificateChoices,
    content_info::CmsVersion,
    signed_data::{CertificateSet, EncapsulatedContentInfo, SignedData, SignerInfos},
};
use const_oid::db::rfc5911::ID_DATA;
use der::{Decode, Encode, asn1::SetOfVec};

use super::{MessageError, MessageFault, signing::content_info, verification::signed_data};
use crate::Certificate;

/// Bundles certificates. It is a set: their order is not kept, and what is given twice is in it
/// once.
///
/// # Errors
/// [`MessageError::Encoding`] when one is not quite DER.
pub fn bundle(certificates: &[Certificate]) -> Result<Vec<u8>, MessageError> {
    encode(certificates).map_err(MessageError::Encoding)
}

fn encode(certificates: &[Certificate]) -> der::Result<Vec<u8>> {
    let unique: BTreeSet<&[u8]> = certificates.iter().map(Certificate::der).collect();
    let all: Result<Vec<_>, _> = unique
        .into_iter()
        .map(|one| x509_cert::Certificate::from_der(one).map(CertificateChoices::Certificate))
        .collect();
    content_info(&SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::new(),
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: ID_DATA,
            econtent: None,
        },
        certificates: Some(CertificateSet::try_from(all?)?),
        crls: None,
        signer_infos: SignerInfos::try_from(Vec::new())?,
    })
}

/// Reads a bundle of certificates, in the order of their encodings.
///
/// # Errors
/// [`MessageFault::NotSignedData`], [`MessageFault::Certificate`].
pub fn read_bundle(der: &[u8]) -> Result<Vec<Certificate>, MessageFault> {
    let Some(CertificateSet(all)) = signed_data(der)?.certificates else {
        return Ok(Vec::new());
    };
    all.iter()
        .map(|one| match one {
            CertificateChoices::Certificate(certificate) => certificate
                .to_der()
                .ok()
                .and_then(|der| Certificate::parse(&der).ok())
                .ok_or(MessageFault::Certificate),
            CertificateChoices::Other(_) => Err(MessageFault::Certificate),
        })
        .collect()
}
