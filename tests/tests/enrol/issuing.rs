//! A first pair of certificates, by Art. 14.

use std::sync::{Arc, Mutex};

use lichna_ipc::{Purpose, SecretKind, Step, TaskState};
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::practice::{CAN, PIN, TRANSPORT_PIN};
use lichna_tests::until;

use crate::client::{Person, cards_are_read};
use crate::desk::{Desk, Difference, HOLDERS, OFFICERS, OWN_PIN};

// Req 14.1.5, 14.1.6, 14.1.9
#[test]
fn an_officer_is_made_by_invitation_and_makes_a_holder() {
    let desk = Desk::new();
    let officer = desk.make_officer();
    assert_eq!(officer.task.state, TaskState::Confirmed);
    desk.assert_agrees(OFFICERS, &officer);
    assert!(officer.practice);
    assert!(officer.task.rnu.is_some());

    let request = desk.by_officer(&Citizen::maria());
    let mut person = Person::who_types(&[PIN, PIN]);
    let holder = desk.enrol(request, &mut person).unwrap();
    desk.assert_agrees(HOLDERS, &holder);
    let subject = holder.subject.unwrap();
    assert_eq!(subject.cyrillic.last, "Петрова");
    let names: Vec<_> = person
        .consents
        .iter()
        .map(|consent| match &consent.purpose {
            Purpose::Application { person, .. } => person.cyrillic.first.clone(),
            Purpose::Enrol { subject, .. } => subject.cyrillic.first.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    // Both read whose they will be before anything is written.
    assert_eq!(names, ["Мария", "Мария"]);
    for step in [
        Step::ProveAuthority,
        Step::GenerateKeys,
        Step::SignRequests,
        Step::IssueCertificates,
        Step::WriteCertificates,
        Step::ReadBack,
        Step::ActivateCertificates,
        Step::Confirm,
    ] {
        assert!(person.steps.contains(&step), "{step:?}");
    }
    assert_eq!(desk.log_in(desk.holders_reader(), PIN), Ok(200));
}

// Req 15.2
#[test]
fn a_card_on_the_radio_that_was_never_used_gets_its_first_pin_and_its_certificates() {
    let desk = Desk::with(&Difference {
        radio: true,
        not_activated: true,
        ..Difference::default()
    });
    desk.make_officer();
    let request = desk.by_officer(&Citizen::maria());
    let mut person = Person::who_types(&[CAN, PIN, TRANSPORT_PIN, OWN_PIN]);
    let mut request = request;
    request.reader = Some(desk.holders_reader());
    let holder = desk.enrol(request, &mut person).unwrap();
    desk.assert_agrees(HOLDERS, &holder);
    let kinds: Vec<_> = person
        .consents
        .last()
        .unwrap()
        .secrets
        .iter()
        .map(|field| field.kind)
        .collect();
    assert_eq!(kinds, [SecretKind::TransportPin, SecretKind::NewPin]);
    assert_eq!(desk.log_in(desk.holders_reader(), OWN_PIN), Ok(200));
}

#[test]
fn one_reader_does_for_both_cards() {
    let desk = Desk::with(&Difference {
        one_reader: true,
        ..Difference::default()
    });
    // The officer's card first gets its own certificates.
    desk.cards[0].card.insert();
    cards_are_read(&desk.home, 1);
    desk.make_officer();
    desk.cards[0].card.remove();
    cards_are_read(&desk.home, 0);
    let mut request = desk.by_officer(&Citizen::maria());
    request.card = Some(HOLDERS.into());
    desk.cards[0].card.insert();
    cards_are_read(&desk.home, 1);
    let told = Arc::<Mutex<Vec<Step>>>::default();
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            until("the officer's card to be wanted out", || {
                told.lock().unwrap().contains(&Step::ExchangeCards)
            });
            desk.cards[0].card.remove();
            until("the holder's card to be wanted", || {
                told.lock().unwrap().contains(&Step::WaitForCard)
            });
            desk.cards[1].card.insert();
        });
        let mut person = Person::who_types(&[PIN, PIN]);
        person.told = Some(Arc::clone(&told));
        desk.enrol(request, &mut person).unwrap()
    });
    desk.assert_agrees(HOLDERS, &outcome);
}

#[test]
fn keys_of_another_kind_are_made_when_they_are_asked_for() {
    let desk = Desk::new();
    let (application, code) = desk.invite(&Citizen::georgi(), OFFICERS);
    let mut request = desk.by_invitation(&application, desk.officers_reader());
    request.key_algorithm = Some("ec-p384".into());
    let outcome = desk
        .enrol(request.clone(), &mut Person::who_types(&[code, PIN]))
        .unwrap();
    desk.assert_agrees(OFFICERS, &outcome);
    assert!(
        outcome
            .certificates
            .iter()
            .all(|one| one.algorithm == "EC P-384")
    );
    request.key_algorithm = Some("dsa".into());
    request.reader = Some(desk.holders_reader());
    let (application, code) = desk.invite(&Citizen::maria(), HOLDERS);
    request.applicant = lichna_ipc::Applicant::Invitation { application };
    let refused = desk.enrol(request, &mut Person::who_types(&[code, PIN]));
    let failure = refused.unwrap_err();
    assert!(
        matches!(failure, lichna_ipc::Failure::KeyAlgorithmNotOffered { .. }),
        "{failure:?}"
    );
}

// Req 30
#[test]
fn an_authority_that_does_not_sign_its_checkpoints_is_found_out() {
    let desk = Desk::new();
    desk.make_officer();
    // As if somebody without the key had written them, the next one too.
    const FORGE: &str =
        r#"UPDATE checkpoints SET checkpoint = replace(checkpoint, '"size":', '"size":1')"#;
    desk.authority.query(FORGE);
    desk.authority.query(&format!(
        "CREATE TRIGGER forged AFTER INSERT ON checkpoints BEGIN {FORGE} WHERE size = NEW.size; END"
    ));
    let request = desk.by_officer(&Citizen::maria());
    let refused = desk.enrol(request, &mut Person::who_types(&[PIN, PIN]));
    assert!(
        matches!(
            refused.as_ref().unwrap_err(),
            lichna_ipc::Failure::AuthorityRewroteJournal { what, .. } if what.contains("signature")
        ),
        "{refused:?}"
    );
}

#[test]
fn an_authority_whose_journal_has_another_past_is_found_out() {
    let desk = Desk::new();
    desk.make_officer();
    let file = desk.home.path().join("state/journal-checkpoints.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut seen: serde_json::Value = serde_json::from_str(&text).unwrap();
    let of_authority = seen.as_object_mut().unwrap().values_mut().next().unwrap();
    let checkpoints = of_authority["checkpoints"].as_object_mut().unwrap();
    let line = checkpoints.values_mut().next().unwrap();
    // As if more had been in it once.
    let checkpoint: serde_json::Value = serde_json::from_str(line.as_str().unwrap()).unwrap();
    let size = checkpoint["body"]["size"].as_u64().unwrap();
    let longer = line.as_str().unwrap().replacen(
        &format!("\"size\":{size}"),
        &format!("\"size\":{}", size + 1_000_000),
        1,
    );
    *line = longer.into();
    std::fs::write(&file, seen.to_string()).unwrap();
    let request = desk.by_officer(&Citizen::maria());
    let refused = desk.enrol(request, &mut Person::who_types(&[PIN, PIN]));
    let failure = refused.unwrap_err();
    assert!(
        matches!(failure, lichna_ipc::Failure::AuthorityRewroteJournal { .. }),
        "{failure:?}"
    );
}
