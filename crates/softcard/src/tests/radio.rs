//! A rogue terminal that does not have the CAN. Req 15.3.

use super::*;

/// Commands of every INS and of many forms, as a stranger may send them; fewer in other classes.
fn every_command() -> impl Iterator<Item = String> {
    let of_class = |class: &str, form: &str| class == "00" || form.len() < 3;
    let forms = [
        "",
        "00",
        "0000",
        "10",
        "02 3F00",
        "02 2F00 00",
        "02 2F02 00",
        "02 5015 00",
        "02 010E 00",
        "02 011D 00",
        "04 5015C101 00",
        "08 F04C49434E484101 00",
        "08 F04C49434842414F 00",
        "08 F04C49434842410100",
        "06 313233343536",
        "08 3132333435363738",
        "0C 313233343536 363534333231",
        "0E 3132333435363738 313131313131",
        "04 54020000 00",
        "03 8401 01",
        "06 800101 840101",
        "08 B606840101800111 00",
        "02 7C00 00",
        "20 1111111111111111111111111111111111111111111111111111111111111111 00",
    ];
    let parameters = [
        "0000", "0003", "0004", "0002", "0103", "0203", "FF03", "0400", "0800", "040C", "9E00",
        "8200", "8E00", "9D00", "8100", "8000", "9E9A", "41B6", "41A4", "C1A4", "0101", "0201",
        "0090", "9000", "3FFF", "5015",
    ];
    let classes = ["00", "10", "0C", "80", "FF"];
    (0..=0xFF_u8).flat_map(move |instruction| {
        classes.into_iter().flat_map(move |class| {
            parameters.into_iter().flat_map(move |parameters| {
                forms
                    .into_iter()
                    .filter(move |form| of_class(class, form))
                    .map(move |form| format!("{class} {instruction:02X} {parameters} {form}"))
            })
        })
    })
}

/// What a stranger sees of a card: the answers to every command before a channel.
fn seen(policy: Policy, change: impl FnOnce(&mut Making)) -> Vec<(Vec<u8>, u16)> {
    let mut making = making(policy);
    change(&mut making);
    let disk = Disk::default();
    let mut terminal = Terminal::new(disk.make(&making), Face::Contactless);
    terminal.pace(&Given::Can(CAN.into())).unwrap();
    terminal.become_administrator();
    for slot in SlotName::ALL {
        assert_eq!(terminal.personalise(slot), [0x9000; 3]);
    }
    terminal.reset();
    let public = ["00 B0 9C 00 00", "00 B0 81 00 00"].map(|read| terminal.send(read).0);
    assert!(public.iter().all(|file| !file.is_empty()));
    let mut seen = Vec::new();
    for command in every_command() {
        let Ok(bytes) = hex::decode(command.replace(' ', "")) else {
            panic!("{command}");
        };
        let (data, word) = split(&terminal.card.answer(&bytes));
        let told = data.is_empty() || public.contains(&data) || is_of_public_file(&data);
        assert!(told, "{command} tells {}", hex::encode(&data));
        if !matches!(word, 0x9000) {
            assert!(
                matches!(word, 0x6300 | 0x63C0..=0x63CF | 0x6700..=0x6FFF),
                "{command}: {word:04X}"
            );
        }
        seen.push((data, word));
    }
    let state = &terminal.card.card_for_tests().state;
    assert_eq!(
        (state.pin.tries, state.puk_tries),
        (3, 10),
        "nothing was spent"
    );
    seen
}

/// File control information of the MF, EF.CardAccess or EF.ATR/INFO.
fn is_of_public_file(data: &[u8]) -> bool {
    let of = |id: &[u8]| data.ends_with(&[&[0x83, 0x02], id].concat());
    matches!(data.first(), Some(0x62 | 0x6F))
        && (of(&[0x3F, 0]) || of(&[1, 0x1C]) || of(&[0x2F, 1]))
}

#[test]
fn a_stranger_over_the_radio_learns_nothing_that_tells_one_card_from_another() {
    let one = seen(Policy::CanFirst, |_| ());
    let other = seen(Policy::CanFirst, |making| {
        // Still the CAN and the administrator's key that the test itself uses.
        making.puk = Zeroizing::new("87654321".into());
        making.pin = FirstPin::Pin(Zeroizing::new("654321".into()));
        making.label = "Another".into();
    });
    assert!(one == other, "two cards say the same to whoever has no CAN");
    assert!(one.iter().any(|(data, _)| !data.is_empty()));
}

#[test]
fn with_can_first_a_stranger_spends_no_try() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::CanFirst)),
        Face::Contactless,
    );
    for _ in 0..20 {
        for given in [Given::Pin("000000".into()), Given::Puk("00000000".into())] {
            assert!(matches!(
                terminal.pace(&given),
                Err(PaceError::Refused { .. })
            ));
        }
        assert!(matches!(
            terminal.pace(&Given::Can("000000".into())),
            Err(PaceError::WrongPassword {
                tries_left: None,
                ..
            })
        ));
        assert_eq!(terminal.word("00 20 00 03 06 303030303030"), 0x6982);
    }
    terminal.pace(&Given::Can(CAN.into())).unwrap();
    assert_eq!(terminal.word("00 20 00 03"), 0x63C3, "not one was spent");
}

#[test]
fn with_pin_first_a_stranger_suspends_the_pin_and_never_blocks_it() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::PinFirst)),
        Face::Contactless,
    );
    let wrong = Given::Pin("000000".into());
    for left in [2, 1] {
        assert!(matches!(
            terminal.pace(&wrong),
            Err(PaceError::WrongPassword { tries_left: Some(tries), .. }) if tries == left
        ));
    }
    for _ in 0..20 {
        assert!(matches!(
            terminal.pace(&wrong),
            Err(PaceError::Suspended { .. })
        ));
        // Not even the right one: a stranger could not know it.
        assert!(matches!(
            terminal.pace(&Given::Pin(PIN.into())),
            Err(PaceError::Suspended { .. })
        ));
    }
    // Whoever has the card in the hand reads the CAN from it, and takes the last try.
    terminal.pace(&Given::Can(CAN.into())).unwrap();
    assert_eq!(terminal.word("00 20 00 03 06 313233343536"), 0x9000);
    assert_eq!(terminal.word("00 20 00 03"), 0x9000);
}

#[test]
fn a_plain_command_or_a_wrong_mac_ends_the_channel_and_all_that_was_verified() {
    for face in [Face::Contact, Face::Contactless] {
        let mut terminal = Terminal::new(Disk::default().make(&making(Policy::CanFirst)), face);
        let open = |terminal: &mut Terminal| {
            terminal.reset();
            terminal.pace(&Given::Can(CAN.into())).unwrap();
            assert_eq!(terminal.word("00 20 00 03 06 313233343536"), 0x9000);
        };
        open(&mut terminal);
        let stranger = if face == Face::Contact {
            0x63C3
        } else {
            0x6982
        };
        assert_eq!(terminal.plain("00 20 00 03").1, stranger);
        // The channel is gone on the card's side.
        let protected = "0C 20 00 03 0A 8E 08 0000000000000000 00";
        let gone = if face == Face::Contact {
            0x6882
        } else {
            0x6982
        };
        assert_eq!(terminal.plain(protected).1, gone);

        open(&mut terminal);
        assert_eq!(terminal.plain(protected).1, 0x6988);
        assert_eq!(terminal.plain("00 20 00 03").1, stranger);
    }
}

#[test]
fn wrong_cans_slow_the_card_down_and_a_reset_does_not_help() {
    let disk = Disk::default();
    let mut making = making(Policy::CanFirst);
    making.slow_down = Duration::from_millis(1);
    let mut terminal = Terminal::new(disk.make(&making), Face::Contactless);
    for failures in 1..=7 {
        assert!(terminal.pace(&Given::Can("000000".into())).is_err());
        terminal.reset();
        assert_eq!(terminal.card.card_for_tests().state.can_failures, failures);
    }
    let mut terminal = Terminal::new(disk.open(), Face::Contactless);
    assert_eq!(terminal.card.card_for_tests().state.can_failures, 7);
    terminal.pace(&Given::Can(CAN.into())).unwrap();
    assert_eq!(terminal.card.card_for_tests().state.can_failures, 0);
}

#[test]
fn a_pin_that_opened_the_channel_is_verified() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::PinFirst)),
        Face::Contactless,
    );
    terminal.pace(&Given::Pin(PIN.into())).unwrap();
    assert_eq!(terminal.word("00 20 00 03"), 0x9000);
    // Another channel, opened inside the first, knows nothing of that.
    terminal.pace(&Given::Can(CAN.into())).unwrap();
    assert_eq!(terminal.word("00 20 00 03"), 0x63C3);
    terminal.pace(&Given::Puk(PUK.into())).unwrap();
    assert_eq!(terminal.word("00 2C 02 03 06 363534333231"), 0x9000);
    assert_eq!(terminal.word("00 20 00 03 06 363534333231"), 0x9000);
}
