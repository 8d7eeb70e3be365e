//! Which authority a certificate is from: enough to show the chain above it. Whether the chain can
//! be trusted is for others to check.

use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::Certificate;

/// Most authorities above a certificate.
const LONGEST_CHAIN: usize = 4;

impl Certificate {
    /// Whether this authority issued it: by name, and by signature.
    #[must_use]
    pub fn is_from(&self, authority: &Self) -> bool {
        if self.issuer_der() != authority.subject_der() {
            return false;
        }
        let (Ok((_, this)), Ok((_, that))) = (
            X509Certificate::from_der(self.der()),
            X509Certificate::from_der(authority.der()),
        ) else {
            return false;
        };
        this.verify_signature(Some(that.public_key())).is_ok()
    }

    /// Those of the authorities that stand above it, the issuer first, up to one that is known and
    /// stands above none of the rest.
    #[must_use]
    pub fn chain<'a>(&self, authorities: &'a [Self]) -> Vec<&'a Self> {
        let mut chain: Vec<&Self> = Vec::new();
        while chain.len() < LONGEST_CHAIN {
            let last = chain.last().copied().unwrap_or(self);
            let above = authorities.iter().find(|one| {
                last != *one && !chain.contains(one) && *one != self && last.is_from(one)
            });
            match above {
                Some(above) => chain.push(above),
                None => break,
            }
        }
        chain
    }
}
