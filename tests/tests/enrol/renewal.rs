//! Renewal at home.

use lichna_ipc::TaskState;
use lichna_tests::practice::PIN;

use crate::client::Person;
use crate::desk::{Desk, HOLDERS};

// Req 13.6
#[test]
fn new_certificates_take_the_place_of_the_old_ones_with_one_pin() {
    let desk = Desk::new();
    desk.make_officer();
    let before = desk.make_holder();
    let mut person = Person::who_types(&[PIN]);
    let after = desk.renew(&mut person).unwrap();
    assert_eq!(person.consents.len(), 1);
    assert_eq!(after.task.state, TaskState::Confirmed);
    desk.assert_agrees(HOLDERS, &after);
    let serial = |outcome: &lichna_ipc::TaskOutcome| outcome.certificates[0].serial.clone();
    assert_ne!(serial(&before), serial(&after));
    assert_eq!(desk.log_in(desk.holders_reader(), PIN), Ok(200));
    // And once more, into the places that the first pair had.
    let again = desk.renew(&mut Person::who_types(&[PIN])).unwrap();
    desk.assert_agrees(HOLDERS, &again);
}
