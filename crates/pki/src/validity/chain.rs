//! The way from a certificate to an authority that is trusted: RFC 5280 §6.1, without policies and
//! name constraints, which are refused where they are critical.

use super::{ChainFault, Evidence, Purpose};
use crate::{Certificate, extensions::Extensions, signed::Signed};

/// Most authorities above a certificate, the anchor with them.
const LONGEST_CHAIN: usize = 4;
/// Most signatures that are checked on the way.
const MOST_SIGNATURES: usize = 64;

/// The authorities above a certificate, its issuer first, a trusted one last.
pub fn find<'a>(
    certificate: &Certificate,
    purpose: Purpose,
    evidence: &Evidence<'a>,
) -> Result<Vec<&'a Certificate>, ChainFault> {
    let extensions = read(certificate)?;
    if certificate.serial_number().is_none() {
        return Err(malformed(certificate));
    }
    if !is_for(&extensions, purpose) {
        return Err(ChainFault::OtherPurpose);
    }
    let mut search = Search {
        evidence,
        path: Vec::new(),
        signatures: 0,
        fault: None,
    };
    if search.climb(certificate) {
        return Ok(search.path);
    }
    Err(search.fault.unwrap_or_else(|| ChainFault::UnknownIssuer {
        issuer: certificate.issuer().to_owned(),
    }))
}

/// A search in depth. Certificates of authorities that have another's name or key are many in
/// some schemes, so a way that leads nowhere is walked back.
struct Search<'a, 'e> {
    evidence: &'e Evidence<'a>,
    path: Vec<&'a Certificate>,
    signatures: usize,
    /// The first that was wrong.
    fault: Option<ChainFault>,
}

impl<'a> Search<'a, '_> {
    fn climb(&mut self, certificate: &Certificate) -> bool {
        let anchors = self.evidence.anchors.iter().map(|one| (one, true));
        let authorities = self.evidence.authorities.iter().map(|one| (one, false));
        for (above, trusted) in anchors.chain(authorities) {
            if certificate.issuer_der() != above.subject_der() || self.path.contains(&above) {
                continue;
            }
            if self.path.len() >= LONGEST_CHAIN || self.signatures >= MOST_SIGNATURES {
                return false;
            }
            match self.step(certificate, above) {
                Ok(()) => {}
                Err(fault) => {
                    self.fault.get_or_insert(fault);
                    continue;
                }
            }
            self.path.push(above);
            if trusted || self.climb(above) {
                return true;
            }
            self.path.pop();
        }
        false
    }

    /// Whether `above` issued `below`, and might.
    fn step(&mut self, below: &Certificate, above: &Certificate) -> Result<(), ChainFault> {
        let (lower, upper) = (read(below)?, read(above)?);
        let subject = || above.subject().to_owned();
        let keys = lower.authority_key.zip(upper.subject_key);
        if keys.is_some_and(|(named, own)| named != own) {
            return Err(ChainFault::UnknownIssuer {
                issuer: below.issuer().to_owned(),
            });
        }
        if !upper.authority || upper.key_usage.is_some_and(|usage| !usage.certificates) {
            return Err(ChainFault::NotAnAuthority { subject: subject() });
        }
        // Those that issued themselves do not count, §4.2.1.9.
        let between = self.path.iter();
        let between = between.filter(|one| one.issuer_der() != one.subject_der());
        let allowed = upper.path_length.map(usize::try_from);
        if allowed.is_some_and(|most| most.is_ok_and(|most| between.count() > most)) {
            return Err(ChainFault::PathLength { subject: subject() });
        }
        self.signatures += 1;
        let signed = Signed::read(below.der()).map_err(|_| malformed(below))?;
        signed
            .verify(above.public_key())
            .map_err(|_| ChainFault::WrongSignature {
                subject: below.subject().to_owned(),
            })
    }
}

fn read(certificate: &Certificate) -> Result<Extensions, ChainFault> {
    let extensions = certificate
        .extensions()
        .map_err(|_| malformed(certificate))?;
    match extensions.not_understood {
        Some(oid) => Err(ChainFault::NotUnderstood {
            subject: certificate.subject().to_owned(),
            oid,
        }),
        None => Ok(extensions),
    }
}

fn is_for(extensions: &Extensions, purpose: Purpose) -> bool {
    let (usage, extended) = (extensions.key_usage, extensions.extended_key_usage);
    let digital = usage.is_none_or(|usage| usage.digital_signature);
    let end = !extensions.authority;
    match purpose {
        Purpose::Authentication => {
            end && digital && extended.is_none_or(|usage| usage.any || usage.client)
        }
        Purpose::Server => end && digital && extended.is_none_or(|usage| usage.any || usage.server),
        Purpose::Signing => end && usage.is_some_and(|usage| usage.non_repudiation),
        Purpose::Timestamps => {
            end && extended.is_some_and(|usage| usage.timestamps && usage.single && usage.critical)
                && usage.is_none_or(|usage| usage.digital_signature || usage.non_repudiation)
        }
    }
}

fn malformed(certificate: &Certificate) -> ChainFault {
    ChainFault::Malformed {
        subject: certificate.subject().to_owned(),
    }
}
