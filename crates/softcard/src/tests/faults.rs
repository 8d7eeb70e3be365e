//! The power goes at every write there is.

use super::*;

/// What is done to a card, and what the tries of its PIN and PUK are after each command.
const SCRIPT: &[&str] = &[
    "00 20 00 03 06 303030303030",                  // a wrong PIN
    "00 20 00 03 06 313233343536",                  // the right one
    "00 24 00 03 0C 313233343536 363534333231",     // another one
    "00 24 00 03 0C 303030303030 313131313131",     // wrong
    "00 20 00 03 06 303030303030",                  // wrong: suspended
    "00 2C 00 03 0E 3030303030303030 313131313131", // a wrong PUK
    "00 2C 01 03 08 3132333435363738",              // the right one: the counter
    "00 20 00 03 06 303030303030",                  // wrong
    "00 2C 00 03 0E 3132333435363738 313233343536", // a new PIN
    "00 20 00 03 06 313233343536",                  // the right one
];

fn tries(card: &SoftCard) -> (u8, u8) {
    (card.state.pin.tries, card.state.puk_tries)
}

#[test]
fn counters_are_never_more_generous_whenever_the_power_goes() {
    // Without a fault: how many writes there are, and what the counters are after each command.
    let disk = Disk::default();
    let mut terminal = Terminal::new(disk.make(&making(Policy::CanFirst)), Face::Contact);
    let first = disk.0.lock().unwrap().writes;
    let mut expected = vec![tries(terminal.card.card_for_tests())];
    let mut words = Vec::new();
    for command in SCRIPT {
        words.push(terminal.word(command));
        expected.push(tries(terminal.card.card_for_tests()));
    }
    let writes = disk.0.lock().unwrap().writes;
    assert!(
        writes >= first + SCRIPT.len(),
        "each comparison is written down"
    );

    for at in first + 1..=writes {
        for reached in [Reached::Disk, Reached::Nothing] {
            let disk = Disk::default();
            let mut terminal = Terminal::new(disk.make(&making(Policy::CanFirst)), Face::Contact);
            disk.0.lock().unwrap().fails_at = Some((at, reached));
            let mut done = 0;
            for (command, word) in SCRIPT.iter().zip(&words) {
                let said = terminal.word(command);
                if said == 0x6581 {
                    break;
                }
                assert_eq!(said, *word, "{command} before write {at} fails");
                done += 1;
            }
            assert!(done < SCRIPT.len(), "write {at} is said to have failed");
            let (pin, puk) = tries(&disk.open());
            let (before, after) = (expected[done], expected[done + 1]);
            // Either side of the command; or, in the middle of it, a try less.
            assert!(
                pin <= before.0.max(after.0),
                "write {at}, {reached:?}: {pin} tries"
            );
            assert!(
                puk <= before.1.max(after.1),
                "write {at}, {reached:?}: {puk} tries"
            );
            assert!(pin >= before.0.min(after.0).saturating_sub(1));
        }
    }
}

#[test]
fn what_works_goes_on_working_whenever_the_power_goes() {
    let [a, b, ..] = SlotName::ALL;
    // Made once; what follows is renewed from there each time.
    let disk = Disk::default();
    let mut terminal = Terminal::new(disk.make(&making(Policy::CanFirst)), Face::Contact);
    terminal.become_administrator();
    assert_eq!(terminal.personalise(a), [0x9000; 3]);
    drop(terminal);
    let personalised = disk.0.lock().unwrap().file.clone();

    let mut at = 1;
    loop {
        let disk = Disk::default();
        disk.0.lock().unwrap().file.clone_from(&personalised);
        let card = disk.open();
        {
            let mut disk = disk.0.lock().unwrap();
            let reached = [Reached::Disk, Reached::Nothing][at % 2];
            disk.fails_at = Some((at.div_ceil(2), reached));
        }
        let mut terminal = Terminal::new(card, Face::Contact);
        let (challenge, _) = terminal.send("00 84 00 00 10");
        let answer = hex::encode(answer_challenge(&ADMINISTRATOR_KEY, NUMBER, &challenge));
        terminal.send(&format!("00 82 00 90 10 {answer}"));
        let done = terminal.personalise(b) == [0x9000; 3];
        drop(terminal);

        let card = disk.open();
        let current = card.state.identification.current;
        let current = if current == Some(0) { a } else { b };
        let mut terminal = Terminal::new(card, Face::Contact);
        assert_eq!(terminal.word("00 20 00 03 06 313233343536"), 0x9000);
        works(&mut terminal, current);
        if done {
            assert_eq!(current, b);
            break;
        }
        at += 1;
    }
    assert!(
        at > 8,
        "the challenge, the key, the certificate, the switch are each written down"
    );
}
