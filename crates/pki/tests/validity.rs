//! What follows from CRLs, OCSP answers, dates and the clock together. Req 20.3.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod openssl;
mod scheme;
mod status;

use std::{slice::from_ref, sync::Arc, time::Duration as StdDuration};

use lichna_pki::{
    Certificate, CertificateId, CertificateStatus, ChainFault, ClockTrouble, Crl, CrlFields,
    Evidence, OcspAnswer, OcspHash, OcspResponder, OcspResponse, Profile, Purpose, Revocation,
    RevocationList, RevocationReason, SignatureAlgorithm, Signer, Verdict,
};
use scheme::{FileKey, NOW, P256, holder, service};
use status::{HOUR, Said, Status, entry, full, whole};
use time::{Duration, OffsetDateTime};

use CertificateStatus::{Good, Revoked, Unknown};
use RevocationReason::{CertificateHold as Hold, KeyCompromise};

const NONCE: &[u8] = &[0x5A; 32];

/// A scheme with a holder, and somebody who answers for it.
struct Bench {
    status: Status,
    responder: Certificate,
    key: Arc<FileKey>,
}

impl Bench {
    fn new() -> Self {
        let status = Status::new();
        let key = FileKey::new(
            &status.scheme.openssl,
            P256,
            SignatureAlgorithm::EcdsaSha256,
        );
        let subject = service("Отговори");
        let responder = status
            .scheme
            .issue(&Profile::OcspResponder(&subject), key.public_key());
        Self {
            status,
            responder,
            key,
        }
    }

    fn issuing(&self) -> &Certificate {
        self.status.scheme.issuing.certificate()
    }

    /// An answer about the holder, good from a moment to another one.
    fn answer(
        &self,
        status: CertificateStatus,
        this_update: OffsetDateTime,
        next_update: Option<OffsetDateTime>,
        produced_at: OffsetDateTime,
    ) -> OcspResponse {
        let id = CertificateId::new(self.issuing(), self.status.serial(), OcspHash::Sha256);
        let answer = OcspAnswer {
            id: id.unwrap(),
            status,
            this_update,
            next_update,
        };
        let der = OcspResponder::new(&self.responder, &*self.key)
            .unwrap()
            .answer(&[answer], Some(NONCE), produced_at)
            .unwrap();
        OcspResponse::read(&der, self.issuing()).unwrap()
    }

    /// The usual answer: from a minute ago, good for an hour.
    fn now(&self, status: CertificateStatus) -> OcspResponse {
        self.answer(status, NOW - Duration::MINUTE, Some(NOW + HOUR), NOW)
    }

    fn list(&self, fields: CrlFields, reason: Option<RevocationReason>) -> RevocationList {
        let entries: Vec<_> = reason
            .map(|reason| entry(self.status.serial(), reason))
            .into_iter()
            .collect();
        let der = self.status.list(fields, &entries);
        RevocationList::new(Crl::read(&der, self.issuing()).unwrap()).unwrap()
    }

    fn check(
        &self,
        lists: &[RevocationList],
        responses: &[OcspResponse],
        now: OffsetDateTime,
    ) -> Verdict {
        let scheme = &self.status.scheme;
        Evidence {
            anchors: from_ref(scheme.root.certificate()),
            authorities: from_ref(self.issuing()),
            lists,
            responses,
            nonce: Some(NONCE),
        }
        .check(&self.status.certificate, Purpose::Authentication, now)
    }
}

fn revoked(reason: RevocationReason) -> CertificateStatus {
    Revoked(Revocation {
        since: whole(NOW - HOUR * 5),
        reason,
    })
}

fn made(fields: CrlFields, from: Duration, to: Duration) -> CrlFields {
    CrlFields {
        this_update: NOW + from,
        next_update: NOW + to,
        ..fields
    }
}

#[test]
fn an_answer_is_enough_and_so_is_a_list() {
    let bench = Bench::new();
    let since = whole(NOW - HOUR * 5);
    let until = whole(NOW + HOUR);
    assert_eq!(
        bench.check(&[], &[bench.now(Good)], NOW),
        Verdict::Good { until }
    );
    let hold = revoked(Hold);
    assert_eq!(
        bench.check(&[], &[bench.now(hold)], NOW),
        Verdict::Hold { since }
    );
    let (reason, gone) = (KeyCompromise, revoked(KeyCompromise));
    let verdict = bench.check(&[], &[bench.now(gone)], NOW);
    assert_eq!(verdict, Verdict::Revoked { since, reason });
    assert_eq!(
        bench.check(&[], &[bench.now(Unknown)], NOW),
        Verdict::Unknown
    );

    let until = whole(NOW + HOUR * 2);
    assert_eq!(
        bench.check(&[bench.list(full(1), None)], &[], NOW),
        Verdict::Good { until }
    );
    let verdict = bench.check(&[bench.list(full(1), Some(Hold))], &[], NOW);
    assert_eq!(verdict, Verdict::Hold { since });
    let verdict = bench.check(&[bench.list(full(1), Some(KeyCompromise))], &[], NOW);
    assert_eq!(verdict, Verdict::Revoked { since, reason });
    let none = Verdict::NoFreshEvidence { ended: None };
    assert_eq!(bench.check(&[], &[], NOW), none);
}

#[test]
fn of_a_suspension_the_newest_word_counts() {
    let bench = Bench::new();
    let since = whole(NOW - HOUR * 5);
    let (held, free) = (bench.list(full(1), Some(Hold)), bench.list(full(1), None));
    // The list is an hour old, the answer a minute.
    let verdict = bench.check(from_ref(&held), &[bench.now(Good)], NOW);
    assert!(matches!(verdict, Verdict::Good { .. }));
    let verdict = bench.check(from_ref(&free), &[bench.now(revoked(Hold))], NOW);
    assert_eq!(verdict, Verdict::Hold { since });
    // Of two of the same moment it is the worse one.
    let old = NOW - HOUR;
    let answer = bench.answer(Good, whole(old), Some(NOW + HOUR), NOW);
    assert_eq!(
        bench.check(&[held], &[answer], NOW),
        Verdict::Hold { since }
    );
    let answer = bench.answer(revoked(Hold), whole(old), Some(NOW + HOUR), NOW);
    assert_eq!(
        bench.check(&[free], &[answer], NOW),
        Verdict::Hold { since }
    );
}

/// Req 17.1.
#[test]
fn a_revocation_is_for_good_whatever_is_newer() {
    let bench = Bench::new();
    let since = whole(NOW - HOUR * 5);
    let revoked = Verdict::Revoked {
        since,
        reason: KeyCompromise,
    };
    let stale = bench.list(made(full(1), -HOUR * 4, -HOUR * 3), Some(KeyCompromise));
    assert_eq!(
        bench.check(from_ref(&stale), &[bench.now(Good)], NOW),
        revoked
    );
    assert_eq!(bench.check(from_ref(&stale), &[], NOW), revoked);
    // Also when the clock is wrong, and after the certificate's end.
    let year = Duration::DAY * 365;
    assert_eq!(bench.check(from_ref(&stale), &[], NOW - year), revoked);
    assert_eq!(bench.check(&[stale], &[], NOW + year * 6), revoked);
}

#[test]
fn what_is_over_says_nothing() {
    let bench = Bench::new();
    let ended = Some(whole(NOW - HOUR));
    let stale = bench.list(made(full(1), -HOUR * 4, -HOUR), Some(Hold));
    let verdict = bench.check(&[stale], &[], NOW);
    assert_eq!(verdict, Verdict::NoFreshEvidence { ended });
    let before = NOW - HOUR * 3;
    let stale = bench.answer(Good, before, Some(NOW - HOUR), NOW);
    let verdict = bench.check(&[], &[stale], NOW);
    assert_eq!(verdict, Verdict::NoFreshEvidence { ended });
    // An answer that does not say when there is a newer one.
    let open = |at| bench.answer(Good, at, None, NOW);
    let verdict = bench.check(&[], &[open(NOW - HOUR * 2)], NOW);
    assert_eq!(verdict, Verdict::NoFreshEvidence { ended });
    assert!(matches!(
        bench.check(&[], &[open(NOW)], NOW),
        Verdict::Good { .. }
    ));
}

#[test]
fn a_clock_that_is_wrong_is_named() {
    let bench = Bench::new();
    let list = || [bench.list(full(1), None)];
    let behind = |hours: u64| {
        Verdict::ClockTrouble(ClockTrouble::Behind {
            by: StdDuration::from_secs(hours * 3600),
        })
    };
    // The list was made an hour before NOW, by a clock that is right.
    assert_eq!(bench.check(&list(), &[], whole(NOW - HOUR * 3)), behind(2));
    let slightly = bench.check(&list(), &[], whole(NOW - HOUR - Duration::MINUTE * 4));
    assert!(
        matches!(slightly, Verdict::NotYetValid { .. }),
        "{slightly:?}"
    );
    // Before the holder's certificate began: it is the clock, not the certificate.
    assert_eq!(
        bench.check(&list(), &[], whole(NOW - HOUR * 25)),
        behind(24)
    );

    // The answer to the question that was asked just now tells the time.
    let answer = || [bench.now(Good)];
    assert_eq!(bench.check(&[], &answer(), whole(NOW - HOUR)), behind(1));
    let ahead = Verdict::ClockTrouble(ClockTrouble::Ahead {
        by: StdDuration::from_secs(7200),
    });
    assert_eq!(bench.check(&[], &answer(), whole(NOW + HOUR * 2)), ahead);
    let years = whole(NOW + Duration::DAY * 365 * 6);
    let verdict = bench.check(&[], &answer(), years);
    assert!(matches!(
        verdict,
        Verdict::ClockTrouble(ClockTrouble::Ahead { .. })
    ));
    // A few minutes are no trouble.
    for off in [-4, 4] {
        let verdict = bench.check(&[], &answer(), NOW + Duration::minutes(off));
        assert!(!matches!(verdict, Verdict::ClockTrouble(_)), "{verdict:?}");
    }
    // An answer to another question may be an old one.
    let mut evidence = Evidence {
        anchors: from_ref(bench.status.scheme.root.certificate()),
        authorities: from_ref(bench.issuing()),
        ..Evidence::default()
    };
    let answer = answer();
    evidence.responses = &answer;
    let certificate = &bench.status.certificate;
    let verdict = evidence.check(certificate, Purpose::Authentication, NOW + HOUR * 2);
    let ended = Some(whole(NOW + HOUR));
    assert_eq!(verdict, Verdict::NoFreshEvidence { ended });
}

#[test]
fn dates_of_the_certificate_are_openssls() {
    let status = Status::new();
    for (at, said) in [
        (Duration::ZERO, Said::Good),
        (-Duration::MINUTE * 2, Said::NotYetValid),
        (Duration::DAY * 365 * 5 - HOUR, Said::Good),
        (Duration::DAY * 365 * 5 + HOUR, Said::Expired),
    ] {
        let now = NOW + at;
        let mut fields = full(1);
        fields.this_update = now - Duration::MINUTE;
        fields.next_update = now + HOUR;
        let list = status.list(fields, &[]);
        assert_eq!(status::said(&status.both(&[&list], now)), said, "{at}");
    }
}

#[test]
fn an_authority_that_its_root_revoked_is_not_trusted() {
    let bench = Bench::new();
    let scheme = &bench.status.scheme;
    let (root, issuing) = (&scheme.root, bench.issuing());
    let of_root = |reason: Option<RevocationReason>| {
        let serial = issuing.serial_number().unwrap();
        let entries = reason.map(|reason| entry(serial, reason));
        let der = full(1).sign(root.certificate(), root.signer(), entries);
        RevocationList::new(Crl::read(&der.unwrap(), root.certificate()).unwrap()).unwrap()
    };
    let own = bench.list(full(1), None);
    let check = |list| bench.check(&[own.clone(), list], &[], NOW);
    assert!(matches!(check(of_root(None)), Verdict::Good { .. }));
    let subject = issuing.subject().to_owned();
    let revoked = Verdict::Untrusted(ChainFault::AuthorityRevoked { subject });
    assert_eq!(
        check(of_root(Some(RevocationReason::CaCompromise))),
        revoked
    );
    assert_eq!(check(of_root(Some(Hold))), revoked);
}

#[test]
fn words_of_an_authority_with_other_keys_do_not_count() {
    let bench = Bench::new();
    let stranger = Bench::new();
    // The same names, the same serial numbers perhaps, other keys.
    let lists = [stranger.list(full(1), None)];
    let verdict = bench.check(&lists, &[stranger.now(Good)], NOW);
    assert_eq!(verdict, Verdict::NoFreshEvidence { ended: None });
}

#[test]
fn each_certificate_of_a_holder_is_for_its_purpose() {
    let status = Status::new();
    let scheme = &status.scheme;
    let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let (person, subject) = (holder(), service("Услуга"));
    let names = ["service.example.bg"];
    let server = Profile::TlsServer {
        subject: &subject,
        names: &names,
    };
    let list = Crl::read(&status.full(1, &[]), scheme.issuing.certificate()).unwrap();
    let evidence = Evidence {
        anchors: from_ref(scheme.root.certificate()),
        authorities: from_ref(scheme.issuing.certificate()),
        lists: &[RevocationList::new(list).unwrap()],
        ..Evidence::default()
    };
    let all = [
        (
            Profile::Identification(&person),
            Some(Purpose::Authentication),
        ),
        (Profile::Signing(&person), Some(Purpose::Signing)),
        (server, Some(Purpose::Server)),
        (Profile::Timestamps(&subject), Some(Purpose::Timestamps)),
        (Profile::OcspResponder(&subject), None),
    ];
    for (profile, own) in all {
        let certificate = scheme.issue(&profile, key.public_key());
        for purpose in [
            Purpose::Authentication,
            Purpose::Signing,
            Purpose::Server,
            Purpose::Timestamps,
        ] {
            let verdict = evidence.check(&certificate, purpose, NOW);
            if own == Some(purpose) {
                assert!(
                    matches!(verdict, Verdict::Good { .. }),
                    "{profile:?}: {verdict:?}"
                );
            } else {
                assert_eq!(verdict, Verdict::Untrusted(ChainFault::OtherPurpose));
            }
        }
    }
}
