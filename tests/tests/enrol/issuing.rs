//! A first pair of certificates, by Art. 14.

use lichna_ipc::{Purpose, SecretKind, Step, TaskState};
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::practice::{CAN, PIN, TRANSPORT_PIN};

use crate::client::Person;
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
