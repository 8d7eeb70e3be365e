//! Renewal in the spare slot never destroys what works.

use super::*;

#[test]
fn renewal_in_the_spare_slot_never_destroys_what_works() {
    for face in [Face::Contact, Face::Contactless] {
        let mut terminal = Terminal::new(Disk::default().make(&making(Policy::CanFirst)), face);
        let [a, b, ..] = SlotName::ALL;
        let begin = |terminal: &mut Terminal| {
            terminal.reset();
            terminal.pace(&Given::Can(CAN.into())).unwrap();
            terminal.become_administrator();
            assert_eq!(terminal.word("00 20 00 03 06 313233343536"), 0x9000);
        };
        begin(&mut terminal);
        assert_eq!(terminal.personalise(a), [0x9000; 3]);
        let mut current = (a, b);
        for _ in 0..3 {
            let (used, spare) = current;
            begin(&mut terminal);
            works(&mut terminal, used);
            // The slot in use takes neither a new key nor another certificate.
            assert_eq!(terminal.personalise(used), [0x6985, 0, 0]);
            terminal.send(&format!("00 A4 08 0C 04 5015 {:04X}", used.file()));
            assert_eq!(terminal.word("00 D6 0000 01 00"), 0x6985);
            works(&mut terminal, used);
            // The spare one does, step by step, and the used one works all the time.
            let reference = spare.key_reference();
            let generate = format!("00 47 80 00 08 B6 06 84 01 {reference:02X} 80 01 11 00");
            assert_eq!(terminal.word(&generate), 0x9000);
            works(&mut terminal, used);
            assert_eq!(
                terminal.word(&format!("00 A4 08 0C 04 5015 {:04X}", spare.file())),
                0x9000
            );
            assert_eq!(terminal.word("00 44 00 00"), 0x6985, "no certificate yet");
            works(&mut terminal, used);
            assert_eq!(terminal.personalise(spare), [0x9000; 3]);
            works(&mut terminal, spare);
            works(&mut terminal, used);
            current = (spare, used);
        }
    }
}

#[test]
fn only_the_administrator_personalises() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::CanFirst)),
        Face::Contact,
    );
    assert_eq!(terminal.word("00 20 00 03 06 313233343536"), 0x9000);
    let [a, ..] = SlotName::ALL;
    assert_eq!(terminal.personalise(a), [0x6982, 0, 0]);
    terminal.send("00 A4 08 0C 04 5015 C101");
    for refused in [
        "00 D6 0000 01 00",
        "00 44 00 00",
        "00 2C 02 03 05 3131313131",
    ] {
        assert_eq!(terminal.word(refused), 0x6982, "{refused}");
    }
    // A wrong answer, and an answer without a challenge.
    terminal.send("00 84 00 00 10");
    let wrong = format!("00 82 00 90 10 {}", hex::encode([0; 16]));
    assert_eq!(terminal.word(&wrong), 0x6300);
    assert_eq!(terminal.word(&wrong), 0x6985);
    // An answer for another card, and one to another challenge.
    let (challenge, _) = terminal.send("00 84 00 00 10");
    let other = answer_challenge(&ADMINISTRATOR_KEY, "P99999999", &challenge);
    assert_eq!(
        terminal.word(&format!("00 82 00 90 10 {}", hex::encode(other))),
        0x6300
    );
    terminal.send("00 84 00 00 10");
    let old = answer_challenge(&ADMINISTRATOR_KEY, NUMBER, &challenge);
    assert_eq!(
        terminal.word(&format!("00 82 00 90 10 {}", hex::encode(old))),
        0x6300
    );
    // The right lasts until reset.
    terminal.become_administrator();
    terminal.reset();
    assert_eq!(terminal.personalise(a), [0x6982, 0, 0]);
}

#[test]
fn a_signing_key_wants_the_pin_before_each_signature() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::CanFirst)),
        Face::Contact,
    );
    let [identification, _, signing, _] = SlotName::ALL;
    terminal.become_administrator();
    assert_eq!(terminal.personalise(identification), [0x9000; 3]);
    assert_eq!(terminal.personalise(signing), [0x9000; 3]);
    let hash = hex::encode([1; 32]);
    let sign = format!("00 2A 9E 9A 20 {hash} 00");
    let authenticate = format!("00 88 01 01 20 {hash} 00");
    let choose = |key: &str| format!("00 22 41 B6 06 80 01 01 84 01 {key}");
    assert_eq!(terminal.word(&sign), 0x6985, "no key chosen");
    assert_eq!(terminal.word(&choose("11")), 0x9000);
    assert_eq!(terminal.word(&sign), 0x6982);
    for _ in 0..2 {
        assert_eq!(terminal.word("00 20 00 03 06 313233343536"), 0x9000);
        assert_eq!(terminal.word(&authenticate), 0x9000);
        assert_eq!(terminal.word(&sign), 0x9000);
        assert_eq!(terminal.word(&sign), 0x6982);
        assert_eq!(
            terminal.word(&authenticate),
            0x9000,
            "as long as the PIN is verified"
        );
    }
    // INTERNAL AUTHENTICATE is for identification keys alone.
    assert_eq!(terminal.word(&format!("00 88 01 11 20 {hash} 00")), 0x6A88);
    assert_eq!(terminal.word(&format!("00 88 01 02 20 {hash} 00")), 0x6A88);
}
