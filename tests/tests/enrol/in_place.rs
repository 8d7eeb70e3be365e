//! Renewal on a PIV card, which has one place for each key: one is replaced after the other, and
//! whatever happens in between can be mended with what the card has. Req 13.6, 14.2

use std::fs;

use lichna_ipc::{
    Failure, KeyRole, Purpose, RenewRequest, Reply, Request, Step, TaskOutcome, TaskState,
};
use lichna_tests::applet::{Kind, Making, ManagementKey};
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::practice::PIN;
use lichna_tests::until;
use rustix::process::{Pid, Signal, kill_process};

use crate::client::{Person, call, connect};
use crate::desk::{Desk, Difference, Foreign};

/// The GUID of the card, which is its number.
const NUMBER: &str = "0011223344556677A899AABBCCDDEE01";
const KEY: ManagementKey = ManagementKey::Aes256([0xA5; 32]);
/// GENERATE ASYMMETRIC KEY PAIR.
const GENERATE: u8 = 0x47;
const PUT_DATA: u8 = 0xDB;

/// A desk whose holder has a PIV card with certificates.
fn desk(settings: &str) -> Desk {
    let guid = hex::decode(NUMBER).unwrap().try_into().unwrap();
    let card = Making::new(Kind::Piv).uuid(guid).make().managed(&KEY);
    let difference = Difference {
        settings: settings.into(),
        ..Difference::default()
    };
    let registered = Some((NUMBER, KEY));
    let desk = Desk::with_foreign(&difference, Foreign { card, registered });
    desk.make_officer();
    let mut request = desk.by_officer(&Citizen::maria());
    request.reader = Some(desk.holders_reader());
    desk.enrol(request, &mut Person::who_types(&[PIN, PIN]))
        .unwrap();
    desk
}

/// What the card has, as whoever reads it sees it.
fn fingerprints(desk: &Desk) -> Vec<String> {
    let request = Request::Certificates {
        reader: Some(desk.holders_reader()),
    };
    match call(&desk.home, request, &mut Person::nobody()) {
        Ok(Reply::Certificates(all)) => all.into_iter().map(|one| one.fingerprint).collect(),
        other => panic!("{other:?}"),
    }
}

/// The instructions that the card was given, from the command of that number on.
fn instructions(desk: &Desk, first: usize) -> Vec<u8> {
    let log = desk.cards[1].card.log();
    log[first..].iter().map(|one| one.command[1]).collect()
}

fn states(desk: &Desk) -> Vec<String> {
    let rows = desk.registered(NUMBER);
    rows.into_iter().map(|[_, state, _]| state).collect()
}

fn is_renewed(desk: &Desk, outcome: &TaskOutcome) {
    assert_eq!(outcome.task.state, TaskState::Confirmed);
    desk.assert_agrees(NUMBER, outcome);
    assert_eq!(desk.log_in(desk.holders_reader(), PIN), Ok(200));
}

#[test]
fn a_piv_card_is_renewed_one_key_after_the_other_when_the_holder_was_told_so() {
    let desk = desk("");
    let before = fingerprints(&desk);
    let first = desk.cards[1].card.log().len();
    // With nothing to type he refuses: the card stays as it is.
    let mut person = Person::who_types(&[]);
    assert_eq!(desk.renew(&mut person), Err(Failure::Refused));
    let told = |person: &Person| match &person.consents[0].purpose {
        Purpose::Renew { overwrites, .. } => *overwrites,
        other => panic!("{other:?}"),
    };
    assert!(told(&person));
    let said = instructions(&desk, first);
    assert!(!said.contains(&GENERATE) && !said.contains(&PUT_DATA));
    assert_eq!(fingerprints(&desk), before);
    assert_eq!(states(&desk), ["ACTIVE", "ACTIVE"]);
    assert!(desk.tasks().is_empty());

    let mut person = Person::who_types(&[PIN]);
    let outcome = desk.renew(&mut person).unwrap();
    assert!(told(&person));
    assert_eq!(person.consents.len(), 1, "asked twice");
    assert!(person.steps.contains(&Step::RenewSigning));
    is_renewed(&desk, &outcome);
    assert_eq!(outcome.certificates.len(), 2);
    assert!(fingerprints(&desk).iter().all(|one| !before.contains(one)));
    let mut all = states(&desk);
    all.sort();
    assert_eq!(all, ["ACTIVE", "ACTIVE", "REVOKED", "REVOKED"]);
    let said = instructions(&desk, first);
    let made = said.iter().filter(|one| **one == GENERATE).count();
    assert_eq!(made, 2, "a key was made twice");
}

/// Renews with the agent killed at that command; whether it came to that.
fn killed_at(desk: &Desk, command: usize) -> bool {
    let pid = Pid::from_raw(i32::try_from(desk.agents_pid()).unwrap()).unwrap();
    let trigger = &desk.cards[1].trigger;
    trigger.set(u64::try_from(command).unwrap(), move || {
        kill_process(pid, Signal::KILL).unwrap();
    });
    let request = Request::Renew(RenewRequest {
        authority: Some(desk.choice()),
        reader: Some(desk.holders_reader()),
        ..RenewRequest::default()
    });
    let mut person = Person::who_types(&[PIN]);
    let answered = connect(&desk.home).call(request, &mut person);
    trigger.clear();
    answered.is_err()
}

/// Where in an undisturbed renewal a command of that kind is, counted from 1: the numbers of all.
fn places(desk: &Desk) -> impl Fn(u8) -> Vec<usize> + use<> {
    let first = desk.cards[1].card.log().len();
    let outcome = desk.renew(&mut Person::who_types(&[PIN])).unwrap();
    is_renewed(desk, &outcome);
    let said = instructions(desk, first);
    move |instruction| {
        let of_kind = said.iter().enumerate();
        let of_kind = of_kind.filter(|(_, one)| **one == instruction);
        of_kind.map(|(index, _)| index + 1).collect()
    }
}

#[test]
fn a_renewal_goes_on_after_its_agent_was_killed_wherever_that_was() {
    let mut desk = desk("");
    let at = places(&desk);
    let (made, written) = (at(GENERATE), at(PUT_DATA));
    let points = [
        // Made, and nobody heard of it; and before it has signed.
        (made[0], KeyRole::Authentication),
        (made[0] + 2, KeyRole::Authentication),
        // Issued, and on the card in part or whole.
        (written[0], KeyRole::Authentication),
        // Between the parts, and at the same places of the second one.
        (made[1] - 2, KeyRole::Signing),
        (made[1], KeyRole::Signing),
        (made[1] + 2, KeyRole::Signing),
        (written[written.len() - 1], KeyRole::Signing),
    ];
    for (command, role) in points {
        assert!(killed_at(&desk, command), "it ended before {command}");
        desk.another_agent();
        let tasks = desk.tasks();
        assert_eq!(tasks[0].role, Some(role), "at {command}: {tasks:?}");
        let outcome = desk.resume(&mut Person::who_types(&[PIN])).unwrap();
        is_renewed(&desk, &outcome);
    }
    let active = states(&desk).into_iter().filter(|state| state == "ACTIVE");
    assert_eq!(active.count(), 2);
}

#[test]
fn what_came_too_late_or_was_forgotten_begins_again_by_the_key_that_is_left() {
    let mut desk = desk("[issuing]\nsweep_seconds = 1");
    let at = places(&desk);
    let made = at(GENERATE);
    let renewals = "SELECT id FROM applications WHERE kind = 'RENEW_EID' AND state NOT IN \
                    ('COMPLETED', 'DENIED')";
    for key in [0, 1] {
        // The authority has waited long enough.
        assert!(killed_at(&desk, made[key] + 2));
        desk.authority.query(
            "UPDATE applications SET deadline = 0 WHERE kind = 'RENEW_EID' \
             AND state NOT IN ('COMPLETED', 'DENIED')",
        );
        until("the renewal to end", || {
            desk.authority.query(renewals).is_empty()
        });
        desk.another_agent();
        // It is not given up: the key that was there is gone.
        let id = desk.tasks().remove(0).id;
        let drop = Request::TaskDrop { id: id.clone() };
        let refused = call(&desk.home, drop, &mut Person::nobody()).unwrap_err();
        assert_eq!(refused, Failure::TaskUnfinished { task: id });
        let outcome = desk.resume(&mut Person::who_types(&[PIN])).unwrap();
        is_renewed(&desk, &outcome);

        // All that was known here is gone, as on another computer.
        assert!(killed_at(&desk, made[key] + 2));
        fs::remove_dir_all(desk.home.path().join("state/tasks")).unwrap();
        desk.another_agent();
        assert!(desk.tasks().is_empty());
        let outcome = desk.renew(&mut Person::who_types(&[PIN])).unwrap();
        is_renewed(&desk, &outcome);
    }
    let active = states(&desk).into_iter().filter(|state| state == "ACTIVE");
    assert_eq!(active.count(), 2);
}
