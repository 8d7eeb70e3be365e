//! CRLs, full and delta, beside openssl's reading of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod openssl;
mod scheme;
mod status;

use std::collections::BTreeMap;

use lichna_pki::{
    Crl, CrlEntry, CrlError, CrlFault, CrlKind, CrlNumber, Revocation, RevocationList,
    RevocationReason, SerialNumber, Verdict,
};
use proptest::prelude::*;
use scheme::{ALL, FileKey, NOW, P256, Scheme};
use status::{HOUR, Said, Status, delta, entry, full, whole};
use time::Duration;

use RevocationReason::{CertificateHold as Hold, KeyCompromise, RemoveFromCrl as Remove};

#[test]
fn lists_of_every_kind_of_key_are_read_by_openssl_and_by_us() {
    for (kind, algorithm) in ALL {
        let scheme = Scheme::new(kind, algorithm);
        let issuing = &scheme.issuing;
        let entries: Vec<CrlEntry> = RevocationReason::ALL
            .into_iter()
            .filter(|reason| *reason != Remove)
            .map(|reason| entry(scheme::serial(), reason))
            .collect();
        let der = full(0x1234)
            .sign(issuing.certificate(), issuing.signer(), entries.clone())
            .unwrap();

        let arguments = [
            "crl",
            "-inform",
            "DER",
            "-CAfile",
            "issuing.pem",
            "-noout",
            "-text",
        ];
        let (_, text, says) = scheme.openssl.judge(&arguments, &der);
        let text = String::from_utf8(text).unwrap();
        assert!(says.contains("verify OK"), "{algorithm}: {says}");
        for line in [
            "X509v3 CRL Number: \n                4660",
            "Key Compromise",
            "CA Compromise",
            "Affiliation Changed",
            "Superseded",
            "Cessation Of Operation",
            "Certificate Hold",
            "Privilege Withdrawn",
            "AA Compromise",
            "X509v3 Freshest CRL",
            "URI:http://pki.example.bg/crl/delta.crl",
            "X509v3 Authority Key Identifier",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        // The reason `unspecified` is left out, RFC 5280 §5.3.1.
        assert_eq!(text.matches("X509v3 CRL Reason Code").count(), 8);
        for entry in &entries {
            assert!(text.contains(&entry.serial.to_string()), "{text}");
        }

        let crl = Crl::read(&der, issuing.certificate()).unwrap();
        let mut sorted = entries.clone();
        sorted.sort_by_key(|entry| entry.serial);
        assert_eq!(crl.entries().collect::<Vec<_>>(), sorted);
        assert_eq!(crl.number(), Some(CrlNumber::from(0x1234)));
        assert_eq!(crl.base(), None);
        assert_eq!(crl.this_update(), whole(NOW - HOUR));
        assert_eq!(crl.next_update(), whole(NOW + HOUR * 2));
        assert_eq!(crl.freshest_urls(), ["http://pki.example.bg/crl/delta.crl"]);
        assert_eq!(crl.entry(scheme::serial()), None);
    }
}

#[test]
fn a_list_without_entries_is_one() {
    let status = Status::new();
    let der = status.full(1, &[]);
    let crl = Crl::read(&der, status.scheme.issuing.certificate()).unwrap();
    assert_eq!(crl.entries().len(), 0);
    assert!(matches!(status.both(&[&der], NOW), Verdict::Good { .. }));
}

#[test]
fn a_list_that_openssl_made_is_read() {
    let status = Status::new();
    let openssl = &status.scheme.openssl;
    let text = "[ca]\ndefault_ca = here\n[here]\ndatabase = index.txt\ncrlnumber = number\n\
                default_md = sha256\ndefault_crl_days = 3\ncrl_extensions = ext\n[ext]\n\
                authorityKeyIdentifier = keyid\n";
    std::fs::write(openssl.path("crl.cnf"), text).unwrap();
    std::fs::write(openssl.path("number"), "ABCD\n").unwrap();
    let lines = [
        ("0A", "261101000000Z,keyCompromise"),
        ("7B00FF", "261102030405Z"),
        ("0C", "261103000000Z,certificateHold"),
    ];
    let lines: String = lines
        .map(|(serial, when)| format!("R\t310101000000Z\t{when}\t{serial}\tunknown\t/CN=x\n"))
        .concat();
    std::fs::write(openssl.path("index.txt"), lines).unwrap();
    let file = "1.key";
    openssl.run(&format!(
        "ca -gencrl -config crl.cnf -keyfile {file} -cert issuing.pem -out made.crl"
    ));
    let der = openssl.run("crl -in made.crl -outform DER");

    let crl = Crl::read(&der, status.scheme.issuing.certificate()).unwrap();
    assert_eq!(crl.number(), Some(CrlNumber::from(0xABCD)));
    let listed: Vec<_> = crl
        .entries()
        .map(|entry| (entry.serial, entry.reason))
        .collect();
    let number = |text: &str| text.parse::<SerialNumber>().unwrap();
    assert_eq!(
        listed,
        [
            (number("0A"), KeyCompromise),
            (number("0C"), Hold),
            (number("7B00FF"), RevocationReason::Unspecified),
        ]
    );
}

/// Req 16.3, 16.5, 17.1.
#[test]
fn every_verdict_by_full_and_delta_lists_is_openssls() {
    let status = Status::new();
    let serial = status.serial();
    let other = entry(scheme::serial(), KeyCompromise);
    let (hold, gone) = (entry(serial, Hold), entry(serial, KeyCompromise));
    let removed = entry(serial, Remove);
    let list = |number, entries: &[CrlEntry]| status.full(number, entries);
    let change = |number, base, entries: &[CrlEntry]| status.delta(number, base, entries);

    let cases: &[(&str, Vec<Vec<u8>>, Said)] = &[
        ("nobody listed", vec![list(1, &[other])], Said::Good),
        ("no list", vec![], Said::NoList),
        ("a delta list alone", vec![change(2, 1, &[])], Said::NoList),
        ("suspended", vec![list(1, &[other, hold])], Said::Revoked),
        (
            "suspended since the full list",
            vec![list(1, &[other]), change(2, 1, &[hold])],
            Said::Revoked,
        ),
        (
            "suspended and resumed between two full lists",
            vec![list(1, &[other]), change(3, 1, &[removed])],
            Said::Good,
        ),
        (
            "resumed since the full list",
            vec![list(3, &[other, hold]), change(4, 3, &[removed])],
            Said::Good,
        ),
        (
            "resumed, and on no list any more",
            vec![list(5, &[other]), change(6, 5, &[])],
            Said::Good,
        ),
        (
            "revoked after a suspension",
            vec![list(3, &[hold]), change(4, 3, &[gone])],
            Said::Revoked,
        ),
        (
            "a delta list that says nothing of it",
            vec![list(3, &[hold]), change(4, 3, &[other])],
            Said::Revoked,
        ),
        (
            "a delta list that is older than the full one",
            vec![list(5, &[]), change(4, 3, &[hold])],
            Said::Good,
        ),
        (
            "a delta list with the number of the full one",
            vec![list(5, &[]), change(5, 3, &[hold])],
            Said::Good,
        ),
        (
            "a delta list for a newer full one",
            vec![list(1, &[]), change(4, 3, &[hold])],
            Said::Good,
        ),
        (
            "a delta list for an older full one",
            vec![list(3, &[hold]), change(4, 1, &[removed])],
            Said::Good,
        ),
    ];
    for (what, lists, expected) in cases {
        let lists: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
        let verdict = status.both(&lists, NOW);
        assert_eq!(status::said(&verdict), *expected, "{what}");
        assert_eq!(
            matches!(verdict, Verdict::Hold { since } if since == hold.since),
            what.starts_with("suspended") && *expected == Said::Revoked
                || what.contains("says nothing"),
            "{what}: {verdict:?}"
        );
    }
}

#[test]
fn every_verdict_by_the_dates_of_lists_is_openssls() {
    let status = Status::new();
    let hold = entry(status.serial(), Hold);
    let at = |mut fields: lichna_pki::CrlFields, from: Duration, to: Duration| {
        fields.this_update = NOW + from;
        fields.next_update = NOW + to;
        fields
    };
    let old = status.list(at(full(1), -HOUR * 3, -HOUR), &[]);
    let old_delta = status.list(at(delta(2, 1), -HOUR * 3, -HOUR), &[hold]);
    let fresh = status.full(1, &[]);
    let fresh_delta = status.delta(2, 1, &[]);
    let future = status.list(at(full(1), HOUR, HOUR * 2), &[]);

    let verdict = status.both(&[&old], NOW);
    let ended = Some(whole(NOW - HOUR));
    assert_eq!(verdict, Verdict::NoFreshEvidence { ended });
    // Together they are complete, and no older than either.
    assert_eq!(
        status::said(&status.both(&[&old, &fresh_delta], NOW)),
        Said::Good
    );
    let verdict = status.both(&[&fresh, &old_delta], NOW);
    assert_eq!(verdict, Verdict::Hold { since: hold.since });
    assert_eq!(
        status::said(&status.both(&[&old, &old_delta], NOW)),
        Said::ListExpired
    );
    assert_eq!(
        status::said(&status.both(&[&future], NOW)),
        Said::ListNotYetValid
    );
    assert_eq!(
        status::said(&status.both(&[&fresh, &fresh_delta], NOW)),
        Said::Good
    );
}

#[test]
fn lists_of_somebody_else_say_nothing() {
    let status = Status::new();
    let hold = [entry(status.serial(), Hold)];
    let issuing = status.scheme.issuing.certificate();
    // The root's list; one of a scheme with the same names and other keys; a changed one.
    let root = &status.scheme.root;
    let of_root = full(1)
        .sign(root.certificate(), root.signer(), hold)
        .unwrap();
    assert_eq!(Crl::read(&of_root, issuing), Err(CrlFault::OtherIssuer));
    assert_eq!(status::said(&status.both(&[&of_root], NOW)), Said::NoList);

    let stranger = Status::new();
    let of_stranger = stranger.full(1, &hold);
    assert_eq!(
        Crl::read(&of_stranger, issuing),
        Err(CrlFault::WrongSignature)
    );
    assert!(matches!(
        status.ours(&[&of_stranger], NOW),
        Verdict::NoFreshEvidence { .. }
    ));
    assert_ne!(status.openssl(&[&of_stranger], NOW), Said::Good);

    let mut changed = status.full(1, &[]);
    let place = changed.len() / 2;
    changed[place] ^= 1;
    assert!(Crl::read(&changed, issuing).is_err());

    let holder = &status.certificate;
    let der = status.full(1, &hold);
    assert_eq!(Crl::read(&der, holder), Err(CrlFault::OtherIssuer));
}

#[test]
fn refuses_lists_that_go_not_together() {
    let status = Status::new();
    let issuing = status.scheme.issuing.certificate();
    let read = |der: &[u8]| Crl::read(der, issuing).unwrap();
    let delta_list = read(&status.delta(4, 3, &[]));
    assert_eq!(
        RevocationList::new(delta_list.clone()),
        Err(CrlFault::WrongKind)
    );

    let mut list = RevocationList::new(read(&status.full(3, &[]))).unwrap();
    let full_list = read(&status.full(4, &[]));
    assert_eq!(list.join(full_list), Err(CrlFault::WrongKind));
    let newer = read(&status.delta(6, 5, &[]));
    let (base, number) = (CrlNumber::from(5), CrlNumber::from(3));
    assert_eq!(list.join(newer), Err(CrlFault::BaseTooOld { base, number }));
    let older = read(&status.delta(3, 1, &[]));
    assert_eq!(list.join(older), Err(CrlFault::NothingNew));
    assert_eq!(list.delta(), None);

    list.join(read(&status.delta(5, 3, &[]))).unwrap();
    assert_eq!(list.join(delta_list), Err(CrlFault::NothingNew));
    assert_eq!(list.delta().and_then(Crl::number), Some(CrlNumber::from(5)));
}

#[test]
fn refuses_to_make_what_is_no_list() {
    let status = Status::new();
    let issuing = &status.scheme.issuing;
    let serial = status.serial();
    let entries = [entry(serial, Remove)];
    let made = full(1).sign(issuing.certificate(), issuing.signer(), entries);
    assert_eq!(made, Err(CrlError::NothingToRemoveFrom { serial }));

    let other = FileKey::new(&status.scheme.openssl, P256, ALL[0].1);
    let made = full(1).sign(issuing.certificate(), &*other, []);
    assert_eq!(made, Err(CrlError::OtherKey));

    let mut fields = full(1);
    fields.this_update = time::OffsetDateTime::UNIX_EPOCH - HOUR;
    let made = fields.sign(issuing.certificate(), issuing.signer(), []);
    assert!(matches!(made, Err(CrlError::Encoding(_))));
    let mut fields = full(1);
    fields.kind = CrlKind::Full {
        freshest: Some("http://пример.bg/".into()),
    };
    let made = fields.sign(issuing.certificate(), issuing.signer(), []);
    assert!(matches!(made, Err(CrlError::Encoding(_))));
}

#[test]
fn refuses_a_list_that_names_a_certificate_twice() {
    let status = Status::new();
    let serial = status.serial();
    let twice = [entry(serial, Hold), entry(serial, KeyCompromise)];
    let der = status.full(1, &twice);
    let read = Crl::read(&der, status.scheme.issuing.certificate());
    assert_eq!(read, Err(CrlFault::ListedTwice { serial }));
}

/// What becomes of certificates in the course of time, and lists that an authority makes of it.
#[derive(Clone, Debug)]
enum Event {
    Hold(u8),
    Resume(u8),
    Revoke(u8),
    FullList,
    DeltaList,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let certificate = 0..4_u8;
    let event = prop_oneof![
        3 => certificate.clone().prop_map(Event::Hold),
        3 => certificate.clone().prop_map(Event::Resume),
        1 => certificate.prop_map(Event::Revoke),
        1 => Just(Event::FullList),
        2 => Just(Event::DeltaList),
    ];
    prop::collection::vec(event, 1..24)
}

proptest! {
    // openssl signs every list, in a process of its own.
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    /// A client that has any full list and any newer delta list that fits it knows what was true
    /// when the delta list was made.
    #[test]
    fn full_and_delta_lists_together_say_what_was_true(events in events()) {
        let status = Status::new();
        let issuing = status.scheme.issuing.certificate();
        let serial = |certificate: u8| SerialNumber::from_bytes(&[0x40, certificate]).unwrap();
        let mut truth: BTreeMap<u8, RevocationReason> = BTreeMap::new();
        // Certificates that changed, with the number of the next list then.
        let mut changes: Vec<(u8, u64)> = Vec::new();
        let mut number = 1;
        let mut fulls: Vec<(u64, Crl)> = Vec::new();
        for event in events.into_iter().chain([Event::FullList, Event::DeltaList]) {
            match event {
                Event::Hold(one) if !truth.contains_key(&one) => {
                    truth.insert(one, Hold);
                    changes.push((one, number));
                }
                Event::Resume(one) if truth.get(&one) == Some(&Hold) => {
                    truth.remove(&one);
                    changes.push((one, number));
                }
                Event::Revoke(one) if truth.get(&one) != Some(&KeyCompromise) => {
                    truth.insert(one, KeyCompromise);
                    changes.push((one, number));
                }
                Event::FullList => {
                    let entries: Vec<_> = truth
                        .iter()
                        .map(|(one, reason)| entry(serial(*one), *reason))
                        .collect();
                    fulls.push((number, Crl::read(&status.full(number, &entries), issuing).unwrap()));
                    number += 1;
                }
                Event::DeltaList => {
                    let Some((base, _)) = fulls.first() else { continue };
                    let base = fulls[usize::try_from(number).unwrap() % fulls.len()].0.max(*base);
                    let changed: BTreeMap<u8, RevocationReason> = changes
                        .iter()
                        .filter(|(_, before)| *before > base)
                        .map(|(one, _)| (*one, truth.get(one).copied().unwrap_or(Remove)))
                        .collect();
                    let entries: Vec<_> = changed
                        .iter()
                        .map(|(one, reason)| entry(serial(*one), *reason))
                        .collect();
                    let der = status.delta(number, base, &entries);
                    let delta = Crl::read(&der, issuing).unwrap();
                    for (_, full) in fulls.iter().filter(|(full, _)| *full >= base) {
                        let mut list = RevocationList::new(full.clone()).unwrap();
                        list.join(delta.clone()).unwrap();
                        for one in 0..4 {
                            let said = list.revocation(serial(one)).map(|said| said.reason);
                            prop_assert_eq!(said, truth.get(&one).copied());
                        }
                    }
                    number += 1;
                }
                _ => {}
            }
        }
    }

    #[test]
    fn never_panics_at_a_list_that_was_changed(place in 0..500_usize, with: u8) {
        let status = Status::new();
        let mut der = status.full(1, &[entry(status.serial(), Hold)]);
        let place = place % der.len();
        let same = der[place] == with;
        der[place] = with;
        let read = Crl::read(&der, status.scheme.issuing.certificate());
        prop_assert_eq!(read.is_ok(), same);
    }
}

#[test]
fn what_is_listed_is_found_and_nothing_else() {
    let status = Status::new();
    let serial = |number: u32| {
        // Spread over all lengths, so that their order is not that of their bytes.
        let length = usize::try_from(number % 4).unwrap();
        SerialNumber::from_bytes(&number.to_be_bytes()[length..]).unwrap()
    };
    let entries: BTreeMap<SerialNumber, CrlEntry> = (1..5000)
        .map(|number| serial(number * 7919))
        .map(|serial| (serial, entry(serial, Hold)))
        .collect();
    let list: Vec<CrlEntry> = entries.values().rev().copied().collect();
    let crl = Crl::read(&status.full(1, &list), status.scheme.issuing.certificate()).unwrap();
    for number in 1..50_000 {
        let serial = serial(number);
        let expected = entries.get(&serial).map(|entry| Revocation {
            since: entry.since,
            reason: entry.reason,
        });
        assert_eq!(crl.entry(serial), expected);
    }
}
