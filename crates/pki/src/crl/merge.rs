//! A full CRL and a delta CRL as one list: RFC 5280 §5.2.4, §6.3.3.

use time::OffsetDateTime;

use super::{Crl, CrlFault, CrlScope};
use crate::{Certificate, Revocation, RevocationReason, SerialNumber};

/// What an authority said last of all its certificates: a full CRL, and what changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    full: Crl,
    delta: Option<Crl>,
}

impl RevocationList {
    /// A full CRL alone.
    ///
    /// # Errors
    /// [`CrlFault::WrongKind`] when it is a delta CRL.
    pub fn new(full: Crl) -> Result<Self, CrlFault> {
        match full.base() {
            Some(_) => Err(CrlFault::WrongKind),
            None => Ok(Self { full, delta: None }),
        }
    }

    /// The same with a delta CRL, in place of the one before.
    ///
    /// # Errors
    /// [`CrlFault`] says why the two do not go together; nothing is changed then.
    pub fn join(&mut self, delta: Crl) -> Result<(), CrlFault> {
        let (Some(base), Some(number)) = (delta.base(), delta.number()) else {
            return Err(CrlFault::WrongKind);
        };
        let Some(full) = self.full.number() else {
            return Err(CrlFault::Malformed { part: "crlNumber" });
        };
        if !self.full.is_of_the_same(&delta) {
            return Err(CrlFault::OtherScope);
        }
        if full < base {
            return Err(CrlFault::BaseTooOld { base, number: full });
        }
        let newest = self.delta.as_ref().and_then(Crl::number).unwrap_or(full);
        if number <= newest {
            return Err(CrlFault::NothingNew);
        }
        self.delta = Some(delta);
        Ok(())
    }

    /// Whether a certificate is revoked or suspended. The delta CRL has the last word.
    #[must_use]
    pub fn revocation(&self, serial: SerialNumber) -> Option<Revocation> {
        match self.delta.as_ref().and_then(|delta| delta.entry(serial)) {
            Some(changed) if changed.reason == RevocationReason::RemoveFromCrl => None,
            Some(changed) => Some(changed),
            None => self.full.entry(serial),
        }
    }

    /// When the newer of the two was made.
    #[must_use]
    pub fn this_update(&self) -> OffsetDateTime {
        self.newest().this_update()
    }

    /// Until when the list may be used. A full CRL and a delta CRL together say what a full CRL of
    /// the delta CRL's moment would, so either may be over: the delta CRL does not make the full one
    /// older, and the full one is complete with it.
    #[must_use]
    pub fn next_update(&self) -> OffsetDateTime {
        self.newest().next_update().max(self.full.next_update())
    }

    /// The full CRL.
    #[must_use]
    pub const fn full(&self) -> &Crl {
        &self.full
    }

    /// The delta CRL.
    #[must_use]
    pub const fn delta(&self) -> Option<&Crl> {
        self.delta.as_ref()
    }

    /// Whether this authority, with this very key, signed it.
    #[must_use]
    pub fn is_from(&self, authority: &Certificate) -> bool {
        self.full.is_from(authority)
    }

    /// For which certificates of the authority it is.
    #[must_use]
    pub const fn scope(&self) -> &CrlScope {
        self.full.scope()
    }

    fn newest(&self) -> &Crl {
        self.delta.as_ref().unwrap_or(&self.full)
    }
}
