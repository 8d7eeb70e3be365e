//! A terminal on libeac, and our chip.

use lichna_apdu::Channel;
use lichna_pace::{Cipher, Curve, PasswordKind};
use lichna_tests::openpace::{CAN, PIN, Stopped, Terminal};

use crate::our_chip::OurChip;
use crate::{LENGTHS, PASSWORDS, Tampering, each, echo};

#[test]
fn a_terminal_on_libeac_opens_a_channel_to_our_chip_and_authenticates_it() {
    each(|curve, cipher| {
        let mut chip = OurChip::new(curve, cipher);
        let mut terminal = Terminal::start(&chip.card_access());
        for (kind, password) in PASSWORDS {
            // On the chip's side a new run begins with a reset.
            let point = chip.point();
            terminal.open(&mut chip, kind, password).unwrap();
            let (command, data) = echo(0xE0, 40);
            let answer = [&data[..], &[0x90, 0x00]].concat();
            assert_eq!(terminal.send(&mut chip, &command).as_ref(), Ok(&answer));
            terminal.authenticate(&mut chip, &point).unwrap();
            assert_eq!(
                terminal.send(&mut chip, &command),
                Ok(answer),
                "{curve:?} {cipher:?}"
            );
            chip = OurChip::new(curve, cipher);
        }
    });
}

#[test]
fn every_kind_of_command_is_answered_and_64_kib_of_data() {
    for cipher in Cipher::ALL {
        let mut chip = OurChip::new(Curve::P384, cipher);
        let mut terminal = Terminal::start(&chip.card_access());
        terminal
            .open(&mut chip, PasswordKind::Puk, PASSWORDS[2].1)
            .unwrap();
        let refused = terminal.send(&mut chip, &[0, 0x70, 0, 0]);
        assert_eq!(refused, Ok(vec![0x6D, 0x00]));
        for length in LENGTHS {
            for instruction in [0xE0, 0xE1] {
                let (command, data) = echo(instruction, length);
                let answer = terminal.send(&mut chip, &command).unwrap();
                assert!(
                    answer == [&data[..], &[0x90, 0x00]].concat(),
                    "{length} bytes"
                );
            }
        }
    }
}

#[test]
fn our_chip_refuses_a_wrong_password() {
    let mut chip = OurChip::new(Curve::P256, Cipher::Aes256);
    let mut terminal = Terminal::start(&chip.card_access());
    let refused = terminal.open(&mut chip, PasswordKind::Can, PIN);
    assert_eq!(refused, Err(Stopped("6300".to_owned())));
    assert!(!chip.is_secure());
    assert_eq!(terminal.open(&mut chip, PasswordKind::Can, CAN), Ok(()));
}

#[test]
fn our_chip_ends_the_channel_at_a_changed_byte() {
    let (command, _) = echo(0xE0, 4);
    for byte in [0, 1, 2, 3, 5, 8, 20, 26, 30, 36] {
        let mut chip = OurChip::new(Curve::P256, Cipher::Aes128);
        let mut terminal = Terminal::start(&chip.card_access());
        terminal.open(&mut chip, PasswordKind::Can, CAN).unwrap();
        let mut tampering = Tampering {
            inner: &mut chip,
            answers: false,
            byte,
        };
        let refused = terminal.send(&mut tampering, &command);
        assert_eq!(
            refused,
            Err(Stopped("secure messaging".to_owned())),
            "byte {byte}"
        );
        assert!(!chip.is_secure(), "byte {byte}");
        let plain = chip.transmit(&[0, 0x70, 0, 0]).unwrap();
        assert_eq!(*plain, [0x6D, 0x00]);
    }
}
