//! What CRLs and OCSP responses say of one certificate, taken together.

use core::time::Duration;

use time::OffsetDateTime;

use super::{CLOCK_TOLERANCE, ClockTrouble, Evidence, LONGEST_WITHOUT_NEXT_UPDATE, Verdict};
use crate::{Certificate, CertificateStatus, Revocation};

/// What is known of a certificate.
pub struct Known {
    now: OffsetDateTime,
    words: Vec<Word>,
    /// By the response to the question asked just now.
    clock: Option<ClockTrouble>,
}

/// What one list or response says.
struct Word {
    status: CertificateStatus,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
}

/// Collects what is said of a certificate by its issuer.
pub fn of(
    certificate: &Certificate,
    issuer: &Certificate,
    evidence: &Evidence<'_>,
    now: OffsetDateTime,
) -> Known {
    let mut known = Known {
        now,
        words: Vec::new(),
        clock: None,
    };
    let Some(serial) = certificate.serial_number() else {
        return known;
    };
    for list in evidence.lists {
        if list.is_from(issuer) && list.scope().covers(certificate) {
            known.words.push(Word {
                status: match list.revocation(serial) {
                    Some(revocation) => CertificateStatus::Revoked(revocation),
                    None => CertificateStatus::Good,
                },
                this_update: list.this_update(),
                next_update: list.next_update(),
            });
        }
    }
    for response in evidence.responses.iter().filter(|one| one.is_from(issuer)) {
        if evidence.nonce.is_some() && response.nonce() == evidence.nonce {
            known.clock = known.clock.or(trouble(response.produced_at(), now));
        }
        if let Some(answer) = response.answer(certificate, issuer) {
            let until = answer
                .next_update
                .unwrap_or(answer.this_update + LONGEST_WITHOUT_NEXT_UPDATE);
            known.words.push(Word {
                status: answer.status,
                this_update: answer.this_update,
                next_update: until.min(response.responder_until()),
            });
        }
    }
    known
}

impl Known {
    /// A revocation that is no suspension is for good, so it does not matter how old the word is.
    pub fn revoked_for_good(&self) -> Option<Revocation> {
        self.words.iter().find_map(|word| match word.status {
            CertificateStatus::Revoked(revocation) if !revocation.is_hold() => Some(revocation),
            _ => None,
        })
    }

    /// Whether it is revoked, or suspended by the newest word that is fresh.
    pub fn is_revoked(&self) -> bool {
        let newest = self.newest().map(|word| word.status);
        self.revoked_for_good().is_some() || matches!(newest, Some(CertificateStatus::Revoked(_)))
    }

    /// That the clock is wrong, if that is the reason why nothing can be said.
    pub fn clock_trouble(&self) -> Option<ClockTrouble> {
        if self.clock.is_some() {
            return self.clock;
        }
        if self.newest().is_some() {
            return None;
        }
        let latest = self.words.iter().map(|word| word.this_update).max()?;
        trouble(latest, self.now).filter(|trouble| matches!(trouble, ClockTrouble::Behind { .. }))
    }

    /// What follows for the certificate, which is valid at this time.
    pub fn verdict(&self, certificate: &Certificate) -> Verdict {
        let Some(word) = self.newest() else {
            return Verdict::NoFreshEvidence {
                ended: self.words.iter().map(|word| word.next_update).max(),
            };
        };
        match word.status {
            CertificateStatus::Good => Verdict::Good {
                until: word.next_update.min(certificate.not_after()),
            },
            CertificateStatus::Unknown => Verdict::Unknown,
            CertificateStatus::Revoked(revocation) if revocation.is_hold() => Verdict::Hold {
                since: revocation.since,
            },
            CertificateStatus::Revoked(revocation) => Verdict::Revoked {
                since: revocation.since,
                reason: revocation.reason,
            },
        }
    }

    /// The newest word that counts at this time; of two from the same moment the worse one.
    fn newest(&self) -> Option<&Word> {
        let fresh = |word: &&Word| {
            word.this_update <= self.now + CLOCK_TOLERANCE && self.now <= word.next_update
        };
        let good = |word: &Word| word.status == CertificateStatus::Good;
        self.words
            .iter()
            .filter(fresh)
            .max_by_key(|word| (word.this_update, !good(word)))
    }
}

/// By how much a clock differs from that moment, when that is too much.
fn trouble(moment: OffsetDateTime, now: OffsetDateTime) -> Option<ClockTrouble> {
    let by = Duration::try_from((moment - now).abs()).unwrap_or(Duration::ZERO);
    if by <= CLOCK_TOLERANCE {
        None
    } else if moment > now {
        Some(ClockTrouble::Behind { by })
    } else {
        Some(ClockTrouble::Ahead { by })
    }
}
