//! Reading what a responder answered: RFC 6960 §3.2, §4.2.2.

use const_oid::db::rfc6960::ID_PKIX_OCSP_BASIC;
use der::{
    Decode, Encode, Reader, SliceReader, TagMode, TagNumber,
    asn1::{AnyRef, GeneralizedTime},
};
use time::OffsetDateTime;

use super::{
    CertificateId, CertificateStatus, LONGEST_OCSP_RESPONSE, MOST_OCSP_CERTIFICATES, OcspAnswer,
    OcspFault, OcspRefusal,
    structures::{
        CertStatus, ResponderId, Response, ResponseData, ResponseStatus, SingleResponse, nonce,
        not_critical,
    },
};
use crate::{
    Certificate, PublicKey, Revocation, RevocationReason,
    signed::{Elements, Signed, moment},
};

/// Most certificates that come with a response.
const MOST_CERTIFICATES: usize = 8;

/// A response that was signed by the authority, or by somebody whom it delegated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspResponse {
    issuer: Vec<u8>,
    issuer_key: PublicKey,
    answers: Vec<OcspAnswer>,
    nonce: Option<Vec<u8>>,
    produced_at: OffsetDateTime,
    responder_until: OffsetDateTime,
}

impl OcspResponse {
    /// Reads a response in DER, and checks that the authority or its delegate signed it.
    ///
    /// # Errors
    /// [`OcspFault`] says what is wrong with it.
    pub fn read(der: &[u8], issuer: &Certificate) -> Result<Self, OcspFault> {
        if der.len() > LONGEST_OCSP_RESPONSE {
            return Err(OcspFault::TooLong { length: der.len() });
        }
        let response = Response::from_der(der)?;
        if let Some(refusal) = refusal(response.status) {
            return Err(OcspFault::Refused(refusal));
        }
        let bytes = response.bytes.ok_or(OcspFault::NotOcsp)?;
        if bytes.response_type != ID_PKIX_OCSP_BASIC {
            return Err(OcspFault::NotOcsp);
        }
        let mut reader = SliceReader::new(bytes.response.as_bytes())?;
        let (signed, certificates) = reader.sequence(|basic| {
            let signed = Signed::read_parts(basic)?;
            let certificates: Option<Elements<'_>> =
                basic.context_specific(TagNumber(0), TagMode::Explicit)?;
            Ok::<_, der::Error>((signed, certificates))
        })?;
        reader.finish()?;

        let data = ResponseData::from_der(signed.content)?;
        if data.version != 0 {
            return Err(OcspFault::Malformed { part: "version" });
        }
        let produced_at = date(data.produced_at)?;
        let responder = responder(&data.responder_id, certificates, issuer, produced_at)?;
        signed
            .verify(responder.public_key())
            .map_err(|_| OcspFault::WrongSignature)?;
        Ok(Self {
            issuer: issuer.subject_der().to_vec(),
            issuer_key: issuer.public_key().clone(),
            answers: answers(data.responses)?,
            nonce: nonce(data.extensions)?,
            produced_at,
            responder_until: responder.not_after(),
        })
    }

    /// Whether this authority, with this very key, answers for it.
    #[must_use]
    pub fn is_from(&self, authority: &Certificate) -> bool {
        self.issuer == authority.subject_der() && self.issuer_key == *authority.public_key()
    }

    /// What it says of a certificate of that authority; nothing when it is about others.
    #[must_use]
    pub fn answer(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&OcspAnswer> {
        let serial = certificate.serial_number()?;
        self.answers
            .iter()
            .find(|answer| answer.id.serial() == serial && answer.id.is_of(issuer))
    }

    /// All that it says.
    #[must_use]
    pub fn answers(&self) -> &[OcspAnswer] {
        &self.answers
    }

    /// The nonce. When it is the request's, the response was made for it.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// When it was signed.
    #[must_use]
    pub const fn produced_at(&self) -> OffsetDateTime {
        self.produced_at
    }

    /// Until when whoever signed it may speak for the authority.
    #[must_use]
    pub const fn responder_until(&self) -> OffsetDateTime {
        self.responder_until
    }
}

/// The certificate of who answered: the authority itself, or one that it issued for that purpose
/// (RFC 6960 §4.2.2.2). A delegate must have id-pkix-ocsp-nocheck: there is nobody to ask whether
/// he is revoked.
fn responder(
    id: &ResponderId<'_>,
    certificates: Option<Elements<'_>>,
    issuer: &Certificate,
    produced_at: OffsetDateTime,
) -> Result<Certificate, OcspFault> {
    if names(id, issuer)? {
        return Ok(issuer.clone());
    }
    let mut found = None;
    let mut count = 0;
    let Some(certificates) = certificates else {
        return Err(OcspFault::Responder);
    };
    certificates.each(|certificate: AnyRef<'_>| {
        count += 1;
        if count > MOST_CERTIFICATES {
            return Err(OcspFault::Malformed {
                part: "list of certificates",
            });
        }
        if found.is_none()
            && let Ok(certificate) = Certificate::parse(&certificate.to_der()?)
            && names(id, &certificate)?
        {
            found = Some(certificate);
        }
        Ok(())
    })?;
    let delegate = found.ok_or(OcspFault::Responder)?;
    let extensions = delegate.extensions().map_err(|_| OcspFault::Responder)?;
    let may = extensions
        .extended_key_usage
        .is_some_and(|usage| usage.ocsp)
        && extensions
            .key_usage
            .is_none_or(|usage| usage.digital_signature)
        && extensions.no_check
        && extensions.not_understood.is_none()
        && delegate.covers(produced_at)
        && delegate.issuer_der() == issuer.subject_der()
        && Signed::read(delegate.der())?
            .verify(issuer.public_key())
            .is_ok();
    if may {
        Ok(delegate)
    } else {
        Err(OcspFault::Responder)
    }
}

fn names(id: &ResponderId<'_>, certificate: &Certificate) -> Result<bool, OcspFault> {
    Ok(match id {
        ResponderId::ByName(name) => name.to_der()? == certificate.subject_der(),
        ResponderId::ByKey(key) => key.as_bytes() == certificate.key_identifier(),
    })
}

fn answers(responses: Elements<'_>) -> Result<Vec<OcspAnswer>, OcspFault> {
    let mut answers: Vec<OcspAnswer> = Vec::new();
    responses.each(|response: SingleResponse<'_>| {
        not_critical(response.extensions)?;
        let id = CertificateId::read(response.cert_id.to_der()?)?;
        if answers.len() == MOST_OCSP_CERTIFICATES || answers.iter().any(|one| one.id == id) {
            return Err(OcspFault::Certificates);
        }
        let status = match response.status {
            CertStatus::Good(_) => CertificateStatus::Good,
            CertStatus::Unknown(_) => CertificateStatus::Unknown,
            CertStatus::Revoked(revoked) => CertificateStatus::Revoked(Revocation {
                since: date(revoked.revocation_time)?,
                reason: revoked.reason.map_or(
                    RevocationReason::Unspecified,
                    RevocationReason::from_standard,
                ),
            }),
        };
        answers.push(OcspAnswer {
            id,
            status,
            this_update: date(response.this_update)?,
            next_update: response.next_update.map(date).transpose()?,
        });
        Ok(())
    })?;
    if answers.is_empty() {
        return Err(OcspFault::Certificates);
    }
    Ok(answers)
}

const fn refusal(status: ResponseStatus) -> Option<OcspRefusal> {
    match status {
        ResponseStatus::Successful => None,
        ResponseStatus::MalformedRequest => Some(OcspRefusal::MalformedRequest),
        ResponseStatus::InternalError => Some(OcspRefusal::InternalError),
        ResponseStatus::TryLater => Some(OcspRefusal::TryLater),
        ResponseStatus::SignatureRequired => Some(OcspRefusal::SignatureRequired),
        ResponseStatus::Unauthorized => Some(OcspRefusal::Unauthorized),
    }
}

fn date(time: GeneralizedTime) -> Result<OffsetDateTime, OcspFault> {
    moment(time.to_unix_duration()).map_err(|_| OcspFault::Malformed { part: "time" })
}
