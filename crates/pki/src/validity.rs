//! Whether a certificate holds: structure, chain, dates, revocation. Req 20.3.
//!
//! Structure, integrity and what is critical in it are Art. 20.3.1 and 20.3.2; chain, dates and
//! lists are 20.3.3. Nothing is fetched here. The caller brings what he has: certificates of
//! authorities, CRLs, OCSP responses, and the time; what is missing is named.

mod chain;
mod revocation;

use core::time::Duration;

use thiserror::Error;
use time::OffsetDateTime;

use crate::{Certificate, OcspResponse, RevocationList, RevocationReason};

/// By how much this computer's clock and an authority's may differ.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);
/// For how long an OCSP answer counts that does not say when there is a newer one.
pub const LONGEST_WITHOUT_NEXT_UPDATE: Duration = Duration::from_secs(60 * 60);

/// What a certificate is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// TLS client authentication.
    Authentication,
    /// Signatures that bind the holder.
    Signing,
    /// A TLS server.
    Server,
    /// Timestamps, RFC 3161.
    Timestamps,
}

/// By what a certificate is checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// Authorities that are trusted.
    pub anchors: &'a [Certificate],
    /// Authorities that may stand between.
    pub authorities: &'a [Certificate],
    /// CRLs of these authorities.
    pub lists: &'a [RevocationList],
    /// OCSP responses of these authorities.
    pub responses: &'a [OcspResponse],
    /// The nonce of the question that was asked just now: the response that has it was made just
    /// now, so it tells the time as well.
    pub nonce: Option<&'a [u8]>,
}

/// Whether a certificate holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It does.
    Good {
        /// Until when that can be said without asking again.
        until: OffsetDateTime,
    },
    /// It is suspended, and may be resumed. Req 16.1.
    Hold {
        /// Since when.
        since: OffsetDateTime,
    },
    /// It is revoked, for good. Req 17.1.
    Revoked {
        /// Since when.
        since: OffsetDateTime,
        /// Why.
        reason: RevocationReason,
    },
    /// Its time has not come.
    NotYetValid {
        /// When it does.
        from: OffsetDateTime,
    },
    /// Its time is over.
    Expired {
        /// Since when.
        since: OffsetDateTime,
    },
    /// It cannot be trusted.
    Untrusted(ChainFault),
    /// The authority does not know it.
    Unknown,
    /// Nothing at hand says whether it is revoked.
    NoFreshEvidence {
        /// When the newest that is at hand ended.
        ended: Option<OffsetDateTime>,
    },
    /// This computer's clock is wrong: what the authority signed is from the future, or what it
    /// signed for this very question is from the past.
    ClockTrouble(ClockTrouble),
}

/// Which way this computer's clock is wrong, and by how much at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockTrouble {
    /// It is later than the clock says.
    Behind {
        /// By how much at least.
        by: Duration,
    },
    /// It is earlier than the clock says.
    Ahead {
        /// By how much.
        by: Duration,
    },
}

/// Why a certificate cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// A certificate of the chain cannot be read to its end.
    #[error("the certificate of {subject} is malformed")]
    Malformed {
        /// Whose.
        subject: String,
    },
    /// It says something that must be understood, and is not.
    #[error("the certificate of {subject} has a critical extension that is not understood: {oid}")]
    NotUnderstood {
        /// Whose.
        subject: String,
        /// Which.
        oid: String,
    },
    /// It is for something else.
    #[error("the certificate is for another purpose")]
    OtherPurpose,
    /// The authority that it names is not at hand, or leads to none that is trusted.
    #[error("no trusted authority is known that leads to {issuer}")]
    UnknownIssuer {
        /// The name that was looked for.
        issuer: String,
    },
    /// The authority that it names did not sign it, or it was changed since.
    #[error("the certificate of {subject} is not signed by the authority that it names")]
    WrongSignature {
        /// Whose.
        subject: String,
    },
    /// It is signed by somebody who is no authority.
    #[error("{subject} is no authority")]
    NotAnAuthority {
        /// Who.
        subject: String,
    },
    /// There are more authorities below it than it allows.
    #[error("{subject} may not have so many authorities below it")]
    PathLength {
        /// Which authority.
        subject: String,
    },
    /// An authority's certificate is not valid at that time.
    #[error("the certificate of the authority {subject} is not valid at this time")]
    AuthorityNotValid {
        /// Which authority.
        subject: String,
    },
    /// An authority was revoked or suspended.
    #[error("the authority {subject} is revoked")]
    AuthorityRevoked {
        /// Which authority.
        subject: String,
    },
}

impl Evidence<'_> {
    /// Says whether a certificate holds at a moment. Authorities between it and the anchor are
    /// looked up in what is there; for the certificate itself something must be there.
    ///
    /// What is certain for ever comes first (whose it is, that it was revoked), then that the clock
    /// is wrong, then what depends on the clock.
    #[must_use]
    pub fn check(
        &self,
        certificate: &Certificate,
        purpose: Purpose,
        now: OffsetDateTime,
    ) -> Verdict {
        let path = match chain::find(certificate, purpose, self) {
            Ok(path) => path,
            Err(fault) => return Verdict::Untrusted(fault),
        };
        let Some(issuer) = path.first().copied() else {
            // INVARIANT: a path ends with an anchor.
            return Verdict::Untrusted(ChainFault::UnknownIssuer {
                issuer: certificate.issuer().to_owned(),
            });
        };
        let known = revocation::of(certificate, issuer, self, now);
        if let Some(revocation) = known.revoked_for_good() {
            return Verdict::Revoked {
                since: revocation.since,
                reason: revocation.reason,
            };
        }
        if let Some(trouble) = known.clock_trouble() {
            return Verdict::ClockTrouble(trouble);
        }
        if now < certificate.not_before() {
            return Verdict::NotYetValid {
                from: certificate.not_before(),
            };
        }
        if now > certificate.not_after() {
            return Verdict::Expired {
                since: certificate.not_after(),
            };
        }
        if let Err(fault) = self.check_authorities(&path, now) {
            return Verdict::Untrusted(fault);
        }
        known.verdict(certificate)
    }

    fn check_authorities(
        &self,
        path: &[&Certificate],
        now: OffsetDateTime,
    ) -> Result<(), ChainFault> {
        for authority in path {
            if !authority.covers(now) {
                return Err(ChainFault::AuthorityNotValid {
                    subject: authority.subject().to_owned(),
                });
            }
        }
        for (authority, issuer) in path.iter().zip(path.iter().skip(1)) {
            if revocation::of(authority, issuer, self, now).is_revoked() {
                return Err(ChainFault::AuthorityRevoked {
                    subject: authority.subject().to_owned(),
                });
            }
        }
        Ok(())
    }
}
