//! Whom we trust: country signing authorities, and those of practice cards.

use const_oid::AssociatedOid;
use der::{Decode, Encode};
use thiserror::Error;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier,
};
use x509_cert::name::Name;

use super::SecurityObjectError;
use super::practice;
use super::signature::{self, SignatureFault};

/// Longest certificate of an anchor, in bytes.
const LONGEST_ANCHOR: usize = 16 * 1024;

/// What a card is worth that an anchor stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// A country's authority: its cards are genuine.
    Country,
    /// Made with a practice card: its cards are never genuine.
    Practice,
}

/// An authority that is trusted to issue the certificates of those who sign security objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    certificate: Certificate,
    kind: AnchorKind,
}

/// Why a certificate cannot be an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// Something else than a certificate, or far too long.
    #[error("not a certificate (RFC 5280) in DER")]
    NotACertificate,
    /// It is no authority.
    #[error("the certificate is not one of an authority that issues others")]
    NotAnAuthority,
    /// An authority of practice cards is offered as a country's.
    #[error("the authority of a practice card stands for no country")]
    OfPracticeCards,
}

impl Anchor {
    /// The certificate of a country signing authority (CSCA), in DER.
    ///
    /// # Errors
    /// [`AnchorError`]. The authority of a practice card is refused here, whoever offers it.
    pub fn country(certificate: &[u8]) -> Result<Self, AnchorError> {
        let certificate = authority(certificate)?;
        if practice::is_marked(certificate.tbs_certificate().subject()) {
            return Err(AnchorError::OfPracticeCards);
        }
        Ok(Self {
            certificate,
            kind: AnchorKind::Country,
        })
    }

    /// The certificate of an authority that a practice card was made with, in DER.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn practice(certificate: &[u8]) -> Result<Self, AnchorError> {
        Ok(Self {
            certificate: authority(certificate)?,
            kind: AnchorKind::Practice,
        })
    }

    /// What its cards are worth.
    #[must_use]
    pub const fn kind(&self) -> AnchorKind {
        self.kind
    }
}

fn authority(der: &[u8]) -> Result<Certificate, AnchorError> {
    if der.len() > LONGEST_ANCHOR {
        return Err(AnchorError::NotACertificate);
    }
    let certificate = Certificate::from_der(der).map_err(|_| AnchorError::NotACertificate)?;
    let (usage, constraints) = uses(&certificate).ok_or(AnchorError::NotACertificate)?;
    let issues = usage.is_some_and(|usage| usage.key_cert_sign());
    if issues && constraints.is_some_and(|constraints| constraints.ca) {
        Ok(certificate)
    } else {
        Err(AnchorError::NotAnAuthority)
    }
}

/// What a certificate says its key is for; `None` when that cannot be read.
fn uses(certificate: &Certificate) -> Option<(Option<KeyUsage>, Option<BasicConstraints>)> {
    let tbs = certificate.tbs_certificate();
    let usage = tbs.get_extension::<KeyUsage>().ok()?;
    let constraints = tbs.get_extension::<BasicConstraints>().ok()?;
    Some((
        usage.map(|(_, usage)| usage),
        constraints.map(|(_, constraints)| constraints),
    ))
}

/// The kind of the anchor that issued a signer's certificate, both valid at that time.
pub(super) fn issuer_of(
    signer: &Certificate,
    anchors: &[Anchor],
    at: OffsetDateTime,
) -> Result<AnchorKind, SecurityObjectError> {
    let issuer = signer.tbs_certificate().issuer();
    let mut named = anchors.iter().filter(|anchor| is_named(anchor, signer));
    let mut verdict = Err(SecurityObjectError::UnknownIssuer {
        issuer: issuer.to_string(),
    });
    // Two anchors may have one name: an authority changes its key every few years.
    let found = named.find(|anchor| {
        verdict = has_signed(&anchor.certificate, signer);
        verdict.is_ok()
    });
    verdict?;
    let anchor = found.ok_or(SecurityObjectError::NoSigner)?;
    may_sign(signer, anchor.certificate.tbs_certificate().subject())?;
    covers(signer, at, "signer")?;
    covers(&anchor.certificate, at, "issuer")?;
    Ok(anchor.kind)
}

/// Whether the signer's certificate names this anchor: by name, and by key where both have it.
fn is_named(anchor: &Anchor, signer: &Certificate) -> bool {
    let (tbs, issuer) = (
        signer.tbs_certificate(),
        anchor.certificate.tbs_certificate(),
    );
    if tbs.issuer() != issuer.subject() {
        return false;
    }
    let wanted = tbs.get_extension::<AuthorityKeyIdentifier>();
    let own = issuer.get_extension::<SubjectKeyIdentifier>();
    match (wanted, own) {
        (Ok(Some((_, wanted))), Ok(Some((_, own)))) => wanted
            .key_identifier
            .is_none_or(|wanted| wanted.as_bytes() == own.0.as_bytes()),
        (Ok(_), Ok(_)) => true,
        _ => false,
    }
}

fn has_signed(issuer: &Certificate, signer: &Certificate) -> Result<(), SecurityObjectError> {
    let malformed = SecurityObjectError::Malformed {
        part: "signer's certificate",
    };
    let tbs = signer.tbs_certificate();
    // RFC 5280 §4.1.1.2: the same algorithm inside and outside.
    if tbs.signature() != signer.signature_algorithm() {
        return Err(malformed);
    }
    let message = tbs.to_der().map_err(|_| malformed.clone())?;
    let signature = signer.signature().as_bytes().ok_or(malformed)?;
    let key = issuer.tbs_certificate().subject_public_key_info();
    signature::verify(key, tbs.signature(), None, &message, signature).map_err(
        |fault| match fault {
            SignatureFault::Wrong => SecurityObjectError::SignerNotIssued {
                issuer: tbs.issuer().to_string(),
            },
            SignatureFault::Unsupported { what } => SecurityObjectError::Unsupported { what },
        },
    )
}

/// A document signer as ICAO 9303-12 §7.1 has it: of its authority's country, for signatures, and
/// with nothing critical that is not understood here.
fn may_sign(signer: &Certificate, issuer: &Name) -> Result<(), SecurityObjectError> {
    let not = |part| Err(SecurityObjectError::NotASigner { part });
    let tbs = signer.tbs_certificate();
    let Some((usage, constraints)) = uses(signer) else {
        return Err(SecurityObjectError::Malformed {
            part: "signer's certificate",
        });
    };
    if !usage.is_some_and(|usage| usage.digital_signature()) {
        return not("keyUsage");
    }
    if constraints.is_some_and(|constraints| constraints.ca) {
        return not("basicConstraints");
    }
    let known = [KeyUsage::OID, BasicConstraints::OID];
    let extensions = tbs.extensions();
    let mut critical = extensions.into_iter().flatten().filter(|one| one.critical);
    if critical.any(|extension| !known.contains(&extension.extn_id)) {
        return not("critical extension");
    }
    if country(tbs.subject()) != country(issuer) {
        return not("country");
    }
    Ok(())
}

/// ICAO 9303-12 §7.1.1: upper case in the one, maybe not in the other.
fn country(name: &Name) -> Option<String> {
    let country = name.country().ok().flatten()?;
    Some(country.as_str().to_ascii_uppercase())
}

fn covers(
    certificate: &Certificate,
    at: OffsetDateTime,
    whose: &'static str,
) -> Result<(), SecurityObjectError> {
    let validity = certificate.tbs_certificate().validity();
    let seconds = u64::try_from(at.unix_timestamp());
    let from = validity.not_before.to_unix_duration().as_secs();
    let until = validity.not_after.to_unix_duration().as_secs();
    match seconds {
        Ok(seconds) if (from..=until).contains(&seconds) => Ok(()),
        _ => Err(SecurityObjectError::NotValid { whose }),
    }
}
