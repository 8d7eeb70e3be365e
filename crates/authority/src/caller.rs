//! Who asks.
//!
//! A connection has a client certificate or none; that its key is in the caller's hand was proved
//! in the handshake. Everything else is decided here, for each request, by the registers: whose the
//! certificate is, whether it is good at this moment, and what its owner may ask for. So a
//! suspended certificate is refused from the next request on, also on a connection that stands.

use std::net::IpAddr;
use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use sha2::{Digest, Sha256};

use crate::{
    Authority, clock,
    journal::Operation,
    problem::{Code, Problem},
    registers::{AdministratorRow, CertificateRow, CertificateState, ClientKind, ClientRow, Role},
};

/// The other end of a connection; every request on it has it as an extension.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Its certificate, whose key it has.
    pub certificate: Option<Arc<PeerCertificate>>,
}

/// The certificate of a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256, lower-case hexadecimal digits.
    pub fingerprint: String,
}

impl PeerCertificate {
    /// This certificate.
    pub fn new(der: &[u8]) -> Self {
        Self {
            der: der.to_vec(),
            fingerprint: fingerprint(der),
        }
    }
}

/// How the registers name a certificate: SHA-256, lower-case hexadecimal digits.
pub fn fingerprint(der: &[u8]) -> String {
    hex::encode(Sha256::digest(der))
}

/// Who asks, and may ask: a certificate that is unknown, pending, expired, suspended or revoked
/// is refused before there is a `Caller`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Caller {
    /// Somebody without a certificate.
    Anonymous,
    /// The holder of an active identification certificate.
    Holder(Box<CertificateRow>),
    /// The same, who works for an administrator that is registered.
    Officer {
        /// His own certificate.
        certificate: Box<CertificateRow>,
        /// Whom he works for.
        administrator: Box<AdministratorRow>,
    },
    /// A registered administrator's own system.
    Administrator(Box<AdministratorRow>),
    /// A registered centre's system.
    Centre(Box<ClientRow>),
    /// An official whom the Minister has named, Art. 4 (3).
    Official(Box<ClientRow>),
}

/// The holder of a certificate that waits for its confirmation, and of nothing else.
#[derive(Clone, Debug)]
pub struct Pending(pub CertificateRow);

impl Caller {
    /// What kind of caller it is, as the journal has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Holder(_) => "holder",
            Self::Officer { .. } => "officer",
            Self::Administrator(_) => "administrator",
            Self::Centre(_) => "centre",
            Self::Official(_) => "official",
        }
    }

    /// The caller's name in the journal: the serial number of a holder's certificate, the id of an
    /// administrator, the fingerprint of a client's certificate.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Holder(certificate) | Self::Officer { certificate, .. } => {
                Some(&certificate.serial)
            }
            Self::Administrator(administrator) => Some(&administrator.id),
            Self::Centre(client) | Self::Official(client) => Some(&client.fingerprint),
        }
    }

    /// The holder's certificate. An officer is a holder, too.
    ///
    /// # Errors
    /// It is somebody else.
    pub fn holder(&self) -> Result<&CertificateRow, Problem> {
        match self {
            Self::Holder(certificate) | Self::Officer { certificate, .. } => Ok(certificate),
            other => Err(other.refused("a holder")),
        }
    }

    /// The officer's certificate, and whom he works for.
    ///
    /// # Errors
    /// It is somebody else.
    pub fn officer(&self) -> Result<(&CertificateRow, &AdministratorRow), Problem> {
        match self {
            Self::Officer {
                certificate,
                administrator,
            } => Ok((certificate, administrator)),
            other => Err(other.refused("an officer of a registered administrator")),
        }
    }

    /// It may read the register of certificates (Req 6.1): centres, administrators with their
    /// officers, and named officials.
    ///
    /// # Errors
    /// It may not.
    pub fn reads_certificates(&self) -> Result<(), Problem> {
        match self {
            Self::Centre(_) | Self::Official(_) | Self::Administrator(_) | Self::Officer { .. } => {
                Ok(())
            }
            other => Err(other.refused("centres and administrators")),
        }
    }

    /// It may read the register of identifiers (Req 4.2, 4.3): centres and named officials.
    ///
    /// # Errors
    /// It may not.
    pub fn reads_identifiers(&self) -> Result<(), Problem> {
        match self {
            Self::Centre(_) | Self::Official(_) => Ok(()),
            other => Err(other.refused("centres and named officials")),
        }
    }

    fn refused(&self, who: &'static str) -> Problem {
        let code = match self {
            Self::Anonymous => Code::NotIdentified,
            _ => Code::NotPermitted,
        };
        Problem::new(code).detail(format!("this is for {who}"))
    }

    async fn find(authority: &Authority, certificate: &PeerCertificate) -> Result<Found, Problem> {
        let pool = authority.store.pool();
        let now = clock::now();
        let fingerprint = &certificate.fingerprint;
        let row = CertificateRow::by_fingerprint(pool, fingerprint).await?;
        if let Some(row) = &row {
            check(row, now)?;
            if row.state == CertificateState::Signed {
                return Ok(Found::Pending(Box::new(row.clone())));
            }
        } else {
            check_period(&certificate.der, now)?;
        }
        // Req 4.3: an official may be known by the certificate of an identity card, as well.
        if let Some(client) = ClientRow::current(pool, fingerprint).await? {
            let client = Box::new(client);
            return Ok(Found::Caller(match client.kind {
                ClientKind::Centre => Self::Centre(client),
                ClientKind::Official => Self::Official(client),
            }));
        }
        if let Some(row) = row {
            let administrator = AdministratorRow::of_officer(pool, &row.identifier, now).await?;
            let certificate = Box::new(row);
            return Ok(Found::Caller(match administrator {
                Some(administrator) => Self::Officer {
                    certificate,
                    administrator: Box::new(administrator),
                },
                None => Self::Holder(certificate),
            }));
        }
        match AdministratorRow::by_fingerprint(pool, fingerprint).await? {
            Some(administrator) if administrator.ended_at.is_none() => {
                Ok(Found::Caller(Self::Administrator(Box::new(administrator))))
            }
            _ => Err(Code::CertificateUnknown.into()),
        }
    }
}

/// What the registers say of a certificate.
enum Found {
    Caller(Caller),
    Pending(Box<CertificateRow>),
}

/// Our own certificate: it is one for identification, and good at this moment.
fn check(row: &CertificateRow, now: i64) -> Result<(), Problem> {
    if row.role != Role::Identification {
        return Err(Code::CertificateWrongRole.into());
    }
    match row.state {
        CertificateState::Signed | CertificateState::Active => {}
        CertificateState::Stopped => return Err(Code::CertificateSuspended.into()),
        CertificateState::Revoked | CertificateState::Failed => {
            return Err(Code::CertificateRevoked.into());
        }
    }
    if now > row.not_after || now < row.not_before {
        return Err(Code::CertificateExpired.into());
    }
    Ok(())
}

/// A certificate of another authority's is within its period.
fn check_period(der: &[u8], now: i64) -> Result<(), Problem> {
    let certificate =
        lichna_pki::Certificate::parse(der).map_err(|_| Problem::new(Code::CertificateUnknown))?;
    if certificate.covers(clock::time(now)) {
        Ok(())
    } else {
        Err(Code::CertificateExpired.into())
    }
}

/// Refusals of a certificate are in the journal, as every attempt at a register is (Req 4.4).
async fn found(parts: &Parts, authority: &Authority) -> Result<Option<Found>, Problem> {
    let peer = parts.extensions.get::<Peer>();
    let Some(certificate) = peer.and_then(|peer| peer.certificate.as_ref()) else {
        return Ok(None);
    };
    match Caller::find(authority, certificate).await {
        Ok(found) => Ok(Some(found)),
        Err(problem) => Err(refuse(authority, certificate, problem).await),
    }
}

async fn refuse(authority: &Authority, certificate: &PeerCertificate, why: Problem) -> Problem {
    Operation::by_certificate("caller.refused", &certificate.fingerprint)
        .finish(authority, Err::<(), _>(why.clone()))
        .await
        .err()
        .unwrap_or(why)
}

impl FromRequestParts<Authority> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, authority: &Authority) -> Result<Self, Problem> {
        match found(parts, authority).await? {
            None => Ok(Self::Anonymous),
            Some(Found::Caller(caller)) => Ok(caller),
            Some(Found::Pending(row)) => {
                let certificate = PeerCertificate::new(&row.der);
                let why = Problem::new(Code::CertificatePending);
                Err(refuse(authority, &certificate, why).await)
            }
        }
    }
}

impl FromRequestParts<Authority> for Pending {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, authority: &Authority) -> Result<Self, Problem> {
        match found(parts, authority).await? {
            Some(Found::Pending(row)) => Ok(Self(*row)),
            Some(Found::Caller(
                Caller::Holder(row)
                | Caller::Officer {
                    certificate: row, ..
                },
            )) => {
                // It was confirmed before, and the answer was lost: the same answer again.
                Ok(Self(*row))
            }
            Some(Found::Caller(other)) => Err(other.refused("the holder of a new certificate")),
            None => Err(Code::NotIdentified.into()),
        }
    }
}
