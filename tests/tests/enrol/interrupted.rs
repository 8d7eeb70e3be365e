//! What was interrupted goes on where it was. Req 14.2

use lichna_ipc::{Failure, Reply, Request, TaskOutcome, TaskState};
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::practice::PIN;
use rustix::process::{Pid, Signal, kill_process};

use crate::client::{Person, call};
use crate::desk::{Desk, OFFICERS};

/// The agent is killed at that command to the officer's card, which is the one that is enrolled;
/// whether it came to that.
fn killed_at(desk: &Desk, command: u64, work: impl FnOnce() -> bool) -> bool {
    let pid = i32::try_from(desk.agents_pid()).unwrap();
    let pid = Pid::from_raw(pid).unwrap();
    desk.cards[0]
        .trigger
        .set(command, move || kill_process(pid, Signal::KILL).unwrap());
    let killed = work();
    desk.cards[0].trigger.clear();
    killed
}

/// Enrols a card by invitation, with the agent killed at that command; goes on with another agent.
/// The outcome, and where the task stood; `None`: it ended before that command.
fn enrolled_with_a_kill_at(command: u64) -> Option<(TaskOutcome, Option<TaskState>)> {
    let mut desk = Desk::new();
    let (application, code) = desk.invite(&Citizen::georgi(), OFFICERS);
    let request = desk.by_invitation(&application, desk.officers_reader());
    let mut person = Person::who_types(&[code, PIN]);
    let again = request.clone();
    let killed = killed_at(&desk, command, || {
        desk.enrol_until_killed(request, &mut person).is_none()
    });
    if !killed {
        return None;
    }
    desk.another_agent();
    let tasks = desk.tasks();
    let stood = tasks.first().map(|task| task.state);
    let outcome = if tasks.is_empty() {
        desk.enrol(again, &mut Person::who_types(&[code, PIN]))
    } else {
        let types = match stood {
            Some(TaskState::Activated | TaskState::Confirmed) => vec![PIN],
            _ => vec![code, PIN],
        };
        desk.resume(&mut Person::who_types(&types))
    };
    let outcome = outcome.unwrap();
    desk.assert_agrees(OFFICERS, &outcome);
    assert_eq!(desk.registered(OFFICERS).len(), 2, "issued twice");
    Some((outcome, stood))
}

#[test]
fn an_enrolment_goes_on_after_its_agent_was_killed_while_the_card_made_its_keys() {
    let (outcome, stood) = enrolled_with_a_kill_at(12).unwrap();
    assert_eq!(outcome.task.state, TaskState::Confirmed);
    assert!(stood.is_some());
}

#[test]
fn a_task_that_nobody_wants_any_more_is_dropped_and_leaves_nothing() {
    let mut desk = Desk::new();
    let (application, code) = desk.invite(&Citizen::georgi(), OFFICERS);
    let request = desk.by_invitation(&application, desk.officers_reader());
    let mut person = Person::who_types(&[code, PIN]);
    assert!(killed_at(&desk, 12, || {
        desk.enrol_until_killed(request, &mut person).is_none()
    }));
    desk.another_agent();
    let task = desk.tasks().remove(0);
    let drop = Request::TaskDrop { id: task.id };
    match call(&desk.home, drop, &mut Person::nobody()) {
        Ok(Reply::TaskDropped(dropped)) => assert_eq!(dropped.state, TaskState::RolledBack),
        other => panic!("{other:?}"),
    }
    assert!(desk.tasks().is_empty());
    assert!(
        desk.registered(OFFICERS)
            .iter()
            .all(|row| row[1] != "ACTIVE")
    );
}

#[test]
fn a_holder_who_says_no_has_nothing_written_to_his_card() {
    let desk = Desk::new();
    let (application, code) = desk.invite(&Citizen::georgi(), OFFICERS);
    let request = desk.by_invitation(&application, desk.officers_reader());
    // With nothing left to type, he refuses.
    let mut person = Person::who_types(&[code]);
    assert_eq!(desk.enrol(request, &mut person), Err(Failure::Refused));
    assert!(desk.tasks().is_empty());
    assert!(desk.registered(OFFICERS).is_empty());
    let rows = desk.authority.query("SELECT state FROM applications");
    assert_eq!(rows, [["DENIED"]]);
}

// Req 14.2
#[test]
fn what_is_kept_of_a_task_has_no_secret_and_no_number_of_a_person_and_is_its_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut desk = Desk::new();
    let person = Citizen::georgi();
    let (application, code) = desk.invite(&person, OFFICERS);
    let request = desk.by_invitation(&application, desk.officers_reader());
    let mut types = Person::who_types(&[code, PIN]);
    // While the certificates are being written.
    assert!(killed_at(&desk, 60, || {
        desk.enrol_until_killed(request, &mut types).is_none()
    }));
    let kept = everything_below(desk.home.path());
    let task = kept
        .iter()
        .find(|(path, _)| path.contains("/tasks/"))
        .unwrap();
    let mode = std::fs::metadata(&task.0).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for (path, bytes) in &kept {
        for secret in [code, PIN, person.number.as_str()] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            // Six digits may stand in any number; not in the file of the task.
            assert!(
                !found || (secret == PIN && !path.contains("/tasks/")),
                "{path}"
            );
        }
    }
    desk.another_agent();
    let outcome = desk.resume(&mut Person::who_types(&[code, PIN])).unwrap();
    desk.assert_agrees(OFFICERS, &outcome);
    let left = everything_below(desk.home.path());
    assert!(!left.iter().any(|(path, _)| path.contains("/tasks/")));
}

fn everything_below(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(everything_below(&path));
        } else if kind.is_file() {
            let name = path.display().to_string();
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn an_officers_task_goes_on_with_a_new_code_from_his_card() {
    let mut desk = Desk::new();
    desk.make_officer();
    let request = desk.by_officer(&Citizen::maria());
    let pid = i32::try_from(desk.agents_pid()).unwrap();
    let pid = Pid::from_raw(pid).unwrap();
    desk.cards[1]
        .trigger
        .set(40, move || kill_process(pid, Signal::KILL).unwrap());
    let mut person = Person::who_types(&[PIN, PIN]);
    assert!(desk.enrol_until_killed(request, &mut person).is_none());
    desk.cards[1].trigger.clear();
    desk.another_agent();
    // The officer's card gets a code, the holder's does the rest.
    let mut person = Person::who_types(&[PIN, PIN]);
    let outcome = desk.resume(&mut person).unwrap();
    desk.assert_agrees(crate::desk::HOLDERS, &outcome);
    assert_eq!(person.consents.len(), 2);
}
