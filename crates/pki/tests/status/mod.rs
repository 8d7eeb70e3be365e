//! Lists of the test scheme, and what openssl says of a certificate by them.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use lichna_pki::{
    Certificate, Crl, CrlEntry, CrlFields, CrlKind, CrlNumber, Evidence, Profile, Purpose,
    RevocationList, RevocationReason, SerialNumber, Verdict,
};
use time::{Duration, OffsetDateTime};

use crate::scheme::{FileKey, NOW, P256, Scheme, holder};

pub const HOUR: Duration = Duration::HOUR;

/// What is true of a certificate by openssl, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Good,
    Revoked,
    NoList,
    ListExpired,
    ListNotYetValid,
    NotYetValid,
    Expired,
    /// Anything else; the test's own message has what we say.
    Other,
}

/// A scheme with one holder.
pub struct Status {
    pub scheme: Scheme,
    pub certificate: Certificate,
}

impl Status {
    pub fn new() -> Self {
        let scheme = Scheme::new(P256, lichna_pki::SignatureAlgorithm::EcdsaSha256);
        let key = FileKey::new(
            &scheme.openssl,
            P256,
            lichna_pki::SignatureAlgorithm::EcdsaSha256,
        );
        let certificate = scheme.issue(
            &Profile::Identification(&holder()),
            lichna_pki::Signer::public_key(&*key),
        );
        Self {
            scheme,
            certificate,
        }
    }

    pub fn serial(&self) -> SerialNumber {
        self.certificate.serial_number().unwrap()
    }

    /// A full CRL of the issuing authority, made an hour ago, in force for three.
    pub fn full(&self, number: u64, entries: &[CrlEntry]) -> Vec<u8> {
        self.list(full(number), entries)
    }

    /// A delta CRL of it, likewise.
    pub fn delta(&self, number: u64, base: u64, entries: &[CrlEntry]) -> Vec<u8> {
        self.list(delta(number, base), entries)
    }

    pub fn list(&self, fields: CrlFields, entries: &[CrlEntry]) -> Vec<u8> {
        let issuing = &self.scheme.issuing;
        fields
            .sign(
                issuing.certificate(),
                issuing.signer(),
                entries.iter().copied(),
            )
            .unwrap()
    }

    /// Whether openssl takes the certificate by these lists.
    pub fn openssl(&self, lists: &[&[u8]], now: OffsetDateTime) -> Said {
        let moment = now.unix_timestamp().to_string();
        let mut arguments = vec![
            "verify",
            "-x509_strict",
            "-crl_check",
            "-extended_crl",
            "-use_deltas",
            "-purpose",
            "sslclient",
            "-attime",
            &moment,
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
        ];
        let openssl = &self.scheme.openssl;
        let mut pem = Vec::new();
        for list in lists {
            pem.extend(openssl.run_arguments(&["crl", "-inform", "DER"], list));
        }
        if !lists.is_empty() {
            fs::write(openssl.path("lists.pem"), pem).unwrap();
            arguments.extend(["-CRLfile", "lists.pem"]);
        }
        arguments.push("leaf.pem");
        self.scheme.write("leaf.pem", &self.certificate);
        let (ok, _, says) = openssl.judge(&arguments, b"");
        let error = says
            .split_whitespace()
            .skip_while(|word| *word != "error")
            .nth(1);
        match (ok, error) {
            (true, _) => Said::Good,
            (_, Some("23")) => Said::Revoked,
            (_, Some("3")) => Said::NoList,
            (_, Some("12")) => Said::ListExpired,
            (_, Some("11")) => Said::ListNotYetValid,
            (_, Some("9")) => Said::NotYetValid,
            (_, Some("10")) => Said::Expired,
            _ => Said::Other,
        }
    }

    /// What we say by the same lists: of those that can be read and joined.
    pub fn ours(&self, lists: &[&[u8]], now: OffsetDateTime) -> Verdict {
        let issuing = self.scheme.issuing.certificate();
        let lists: Vec<Crl> = lists
            .iter()
            .filter_map(|list| Crl::read(list, issuing).ok())
            .collect();
        let mut joined: Vec<RevocationList> = lists
            .iter()
            .filter_map(|list| RevocationList::new(list.clone()).ok())
            .collect();
        for list in &mut joined {
            for delta in lists.iter().filter(|list| list.base().is_some()) {
                let _ = list.join(delta.clone());
            }
        }
        Evidence {
            anchors: std::slice::from_ref(self.scheme.root.certificate()),
            authorities: std::slice::from_ref(issuing),
            lists: &joined,
            ..Evidence::default()
        }
        .check(&self.certificate, Purpose::Authentication, now)
    }

    /// Both, and that they agree. A suspension is a revocation to openssl, and a list from the
    /// future tells us that the clock is wrong.
    pub fn both(&self, lists: &[&[u8]], now: OffsetDateTime) -> Verdict {
        let (theirs, ours) = (self.openssl(lists, now), self.ours(lists, now));
        assert_eq!(said(&ours), theirs, "ours: {ours:?}");
        ours
    }
}

pub fn said(verdict: &Verdict) -> Said {
    match verdict {
        Verdict::Good { .. } => Said::Good,
        Verdict::Hold { .. } | Verdict::Revoked { .. } => Said::Revoked,
        Verdict::NoFreshEvidence { ended: None } => Said::NoList,
        Verdict::NoFreshEvidence { ended: Some(_) } => Said::ListExpired,
        Verdict::ClockTrouble(_) => Said::ListNotYetValid,
        Verdict::NotYetValid { .. } => Said::NotYetValid,
        Verdict::Expired { .. } => Said::Expired,
        _ => Said::Other,
    }
}

pub fn full(number: u64) -> CrlFields {
    CrlFields {
        number: CrlNumber::from(number),
        this_update: NOW - HOUR,
        next_update: NOW + HOUR * 2,
        kind: CrlKind::Full {
            freshest: Some("http://pki.example.bg/crl/delta.crl".into()),
        },
    }
}

pub fn delta(number: u64, base: u64) -> CrlFields {
    CrlFields {
        kind: CrlKind::Delta {
            base: CrlNumber::from(base),
        },
        ..full(number)
    }
}

pub fn entry(serial: SerialNumber, reason: RevocationReason) -> CrlEntry {
    CrlEntry {
        serial,
        since: whole(NOW - HOUR * 5),
        reason,
    }
}

pub fn whole(moment: OffsetDateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.unix_timestamp()).unwrap()
}
