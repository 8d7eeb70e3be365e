//! Whether a key can answer what a server asks for. Known before anyone is asked for a PIN.

use rustls::SignatureScheme;
use rustls_pki_types::{CertificateDer, UnixTime};
use thiserror::Error;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{CardKey, CertificateRequest, ServerDemand, Version, name};

/// How a key answers what a server asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The scheme that will be signed with.
    pub scheme: SignatureScheme,
    /// What may still go wrong.
    pub warnings: Vec<Warning>,
}

/// What may go wrong, but need not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The server names the issuers it takes, and the certificate's is not among them. Many
    /// servers have such lists without keeping to them.
    IssuerNotNamed {
        /// Issuer of the certificate.
        issuer: String,
        /// The issuers that the server names.
        named: Vec<String>,
    },
}

/// Why a key cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The server asked for no certificate in the handshake.
    #[error("the server asks for no certificate in the handshake")]
    NothingAsked,
    /// The card offers nothing that this server takes.
    #[error("the card offers {card:?}, the server takes {server:?}")]
    NothingInCommon {
        /// What the card signs with.
        card: Vec<SignatureScheme>,
        /// What the server takes.
        server: Vec<SignatureScheme>,
    },
    /// The key signs with nothing that TLS 1.3 knows; [`probe_for_key`](crate::probe_for_key)
    /// asks the server for TLS 1.2.
    #[error("the card's key cannot be used with TLS 1.3")]
    NeedsTls12,
    /// The certificate has expired.
    #[error("the certificate on the card has expired")]
    Expired {
        /// Its last second, in Unix time.
        not_after: i64,
    },
    /// The time of the certificate has not come, or this computer's clock is wrong.
    #[error("the certificate on the card is not valid yet")]
    NotYetValid {
        /// Its first second, in Unix time.
        not_before: i64,
    },
    /// The key has no certificate, or one that cannot be read.
    #[error("the certificate on the card cannot be read")]
    CertificateUnreadable,
}

/// Says whether and how the key can answer the server.
///
/// # Errors
/// [`Mismatch`]: asking for a PIN would lead nowhere.
pub fn match_key(demand: &ServerDemand, key: &dyn CardKey) -> Result<Match, Mismatch> {
    let request = demand.request.as_ref().ok_or(Mismatch::NothingAsked)?;
    let der = key
        .certificate_chain()
        .first()
        .ok_or(Mismatch::CertificateUnreadable)?;
    let (_, certificate) =
        X509Certificate::from_der(der).map_err(|_| Mismatch::CertificateUnreadable)?;
    check_time(&certificate)?;
    let scheme = choose(demand.version, &request.schemes, key.schemes())?;
    Ok(Match {
        scheme,
        warnings: issuer_not_named(request, key.certificate_chain(), &certificate)
            .into_iter()
            .collect(),
    })
}

fn check_time(certificate: &X509Certificate<'_>) -> Result<(), Mismatch> {
    let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
    let not_after = certificate.validity().not_after.timestamp();
    let not_before = certificate.validity().not_before.timestamp();
    if now > not_after {
        return Err(Mismatch::Expired { not_after });
    }
    if now < not_before {
        return Err(Mismatch::NotYetValid { not_before });
    }
    Ok(())
}

/// The dearest scheme of the key that the server takes in this version.
fn choose(
    version: Version,
    server: &[SignatureScheme],
    card: &[SignatureScheme],
) -> Result<SignatureScheme, Mismatch> {
    let usable = |scheme: &&SignatureScheme| version == Version::Tls12 || fits_tls13(**scheme);
    if !card.is_empty() && !card.iter().any(|scheme| usable(&scheme)) {
        return Err(Mismatch::NeedsTls12);
    }
    card.iter()
        .filter(usable)
        .find(|scheme| server.contains(scheme))
        .copied()
        .ok_or_else(|| Mismatch::NothingInCommon {
            card: card.to_vec(),
            server: server.to_vec(),
        })
}

/// RFC 8446 §4.2.3: PKCS#1 v1.5 and SHA-1 sign no handshake.
pub fn fits_tls13(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::ECDSA_NISTP256_SHA256
            | SignatureScheme::ECDSA_NISTP384_SHA384
            | SignatureScheme::ECDSA_NISTP521_SHA512
            | SignatureScheme::RSA_PSS_SHA256
            | SignatureScheme::RSA_PSS_SHA384
            | SignatureScheme::RSA_PSS_SHA512
            | SignatureScheme::ED25519
            | SignatureScheme::ED448
    )
}

fn issuer_not_named(
    request: &CertificateRequest,
    chain: &[CertificateDer<'_>],
    certificate: &X509Certificate<'_>,
) -> Option<Warning> {
    let named = |issuer: &[u8]| {
        request
            .authorities
            .iter()
            .any(|authority| authority.der == issuer)
    };
    let known = request.authorities.is_empty()
        || chain.iter().any(|der| {
            X509Certificate::from_der(der)
                .is_ok_and(|(_, certificate)| named(certificate.issuer().as_raw()))
        });
    (!known).then(|| Warning::IssuerNotNamed {
        issuer: name::display(certificate.issuer().as_raw()),
        named: request
            .authorities
            .iter()
            .map(|authority| authority.display.clone())
            .collect(),
    })
}
