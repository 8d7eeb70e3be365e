//! Our terminal, and a chip on libeac.

use getrandom::SysRng;
use lichna_apdu::{Channel, ChannelError};
use lichna_pace::{
    ChipAuthenticationInfo, Cipher, Curve, Fault, PaceError, PaceInfo, Password, PasswordKind,
    PublicKey, SecureMessaging, SecurityInfos, open,
};
use lichna_secret::{Can, Pin, Puk};
use lichna_tests::openpace::{CAN, Chip, PIN, PUK, READ_CARD_ACCESS};

use crate::{LENGTHS, PASSWORDS, Tampering, each, echo};

fn info(chip: &mut Chip) -> PaceInfo {
    let mut answer = chip.transmit(&READ_CARD_ACCESS).unwrap().to_vec();
    answer.truncate(answer.len() - 2);
    SecurityInfos::parse(&answer).unwrap().pace().unwrap()
}

fn open_with(
    chip: &mut Chip,
    info: &PaceInfo,
    kind: PasswordKind,
    password: &str,
) -> Result<SecureMessaging, PaceError> {
    let mut characters = password.as_bytes().to_vec();
    let (can, pin, puk);
    let password = match kind {
        PasswordKind::Can => {
            can = Can::take(&mut characters).unwrap();
            Password::Can(&can)
        }
        PasswordKind::Pin => {
            pin = Pin::take(&mut characters).unwrap();
            Password::Pin(&pin)
        }
        _ => {
            puk = Puk::take(&mut characters).unwrap();
            Password::Puk(&puk)
        }
    };
    open(chip, info, password, &mut SysRng)
}

fn sent(messaging: &mut SecureMessaging, chip: &mut Chip, command: &[u8]) -> Vec<u8> {
    messaging.over(chip).transmit(command).unwrap().to_vec()
}

#[test]
fn our_terminal_opens_a_channel_to_a_chip_on_libeac() {
    each(|curve, cipher| {
        let mut chip = Chip::start(curve, cipher);
        let offered = info(&mut chip);
        assert_eq!(offered, PaceInfo::new(curve, cipher));
        for (kind, password) in PASSWORDS {
            chip.commands = 0;
            let mut messaging = open_with(&mut chip, &offered, kind, password).unwrap();
            // MSE:SET AT and four GENERAL AUTHENTICATE.
            assert_eq!(chip.commands, 5);
            let (command, data) = echo(0xE0, 40);
            let answer = sent(&mut messaging, &mut chip, &command);
            assert_eq!(
                answer,
                [&data[..], &[0x90, 0x00]].concat(),
                "{curve:?} {cipher:?}"
            );
        }
    });
}

#[test]
fn every_kind_of_command_passes_and_64_kib_of_data() {
    for cipher in Cipher::ALL {
        let mut chip = Chip::start(Curve::BrainpoolP256r1, cipher);
        let offered = info(&mut chip);
        let mut messaging = open_with(&mut chip, &offered, PasswordKind::Can, CAN).unwrap();
        // Without data and answer; answered with an error that is protected.
        assert_eq!(
            sent(&mut messaging, &mut chip, &[0, 0x70, 0, 0]),
            [0x6D, 0x00]
        );
        // Data alone: SELECT of the file of 64 KiB.
        let select = [0x00, 0xA4, 0x02, 0x0C, 0x02, 0x01, 0x01];
        assert_eq!(sent(&mut messaging, &mut chip, &select), [0x90, 0x00]);
        // An answer alone: a file of 64 KiB in pieces as long as offsets of 15 bits allow.
        let mut file = Vec::new();
        for read in [READ_FIRST_HALF, READ_SECOND_HALF] {
            let mut answer = sent(&mut messaging, &mut chip, &read);
            assert!(answer.ends_with(&[0x90, 0x00]));
            answer.truncate(answer.len() - 2);
            file.extend(answer);
        }
        let expected = (0..0xFFFE_u32).map(|at| (at * 7 + (at >> 8)).to_le_bytes()[0]);
        assert!(file == expected.collect::<Vec<_>>());
        // Both, with even and odd instructions, which have other data objects.
        for length in LENGTHS {
            for instruction in [0xE0, 0xE1] {
                let (command, data) = echo(instruction, length);
                let answer = sent(&mut messaging, &mut chip, &command);
                assert!(
                    answer == [&data[..], &[0x90, 0x00]].concat(),
                    "{length} bytes"
                );
            }
        }
    }
}

#[test]
fn a_wrong_password_is_told_and_its_tries() {
    let mut chip = Chip::start(Curve::P256, Cipher::Aes256);
    let offered = info(&mut chip);
    let mut wrong = |kind, password| open_with(&mut chip, &offered, kind, password).err();
    let told = |kind, tries_left| Some(PaceError::WrongPassword { kind, tries_left });
    assert_eq!(wrong(PasswordKind::Can, PIN), told(PasswordKind::Can, None));
    assert_eq!(wrong(PasswordKind::Puk, PIN), told(PasswordKind::Puk, None));
    assert_eq!(
        wrong(PasswordKind::Pin, CAN),
        told(PasswordKind::Pin, Some(2))
    );
    assert_eq!(
        wrong(PasswordKind::Pin, CAN),
        told(PasswordKind::Pin, Some(1))
    );
    // The right one gives the tries back.
    assert_eq!(wrong(PasswordKind::Pin, PIN), None);
    for left in [2, 1, 0] {
        assert_eq!(
            wrong(PasswordKind::Pin, PUK),
            told(PasswordKind::Pin, Some(left))
        );
    }
    let kind = PasswordKind::Pin;
    assert_eq!(
        wrong(PasswordKind::Pin, PIN),
        Some(PaceError::Blocked { kind })
    );
    assert_eq!(wrong(PasswordKind::Puk, PUK), None);
}

#[test]
fn a_changed_byte_in_either_direction_ends_the_channel() {
    let mut chip = Chip::start(Curve::P256, Cipher::Aes128);
    let offered = info(&mut chip);
    // Protected, the command and its answer have 35 bytes and more: data object 87 with one block,
    // 97 or 99, then 8E.
    let (command, data) = echo(0xE0, 4);
    for answers in [false, true] {
        for byte in [0, 1, 2, 3, 4, 10, 18, 19, 20, 21, 22, 24, 30, 34] {
            let mut messaging = open_with(&mut chip, &offered, PasswordKind::Can, CAN).unwrap();
            let mut tampering = Tampering {
                inner: &mut chip,
                answers,
                byte,
            };
            let refused = messaging.over(&mut tampering).transmit(&command);
            assert_eq!(refused, Err(ChannelError::SecureMessaging), "byte {byte}");
            assert!(messaging.fault().is_some());
            // The chip was heard out, yet the terminal listens no more.
            let again = messaging.over(&mut chip).transmit(&command);
            assert_eq!(again, Err(ChannelError::SecureMessaging));
        }
    }
    // A command that was changed: the chip itself ends the channel.
    let mut messaging = open_with(&mut chip, &offered, PasswordKind::Can, CAN).unwrap();
    let mut tampering = Tampering {
        inner: &mut chip,
        answers: false,
        byte: 12,
    };
    let _ = messaging.over(&mut tampering).transmit(&command);
    assert_eq!(
        messaging.fault(),
        Some(Fault::NotProtected { status: 0x6988 })
    );
    let mut messaging = open_with(&mut chip, &offered, PasswordKind::Can, CAN).unwrap();
    assert!(sent(&mut messaging, &mut chip, &command).starts_with(&data));
}

#[test]
fn our_terminal_authenticates_a_chip_on_libeac() {
    each(|curve, cipher| {
        let mut chip = Chip::start(curve, cipher);
        let offered = info(&mut chip);
        let messaging = open_with(&mut chip, &offered, PasswordKind::Can, CAN).unwrap();
        let mut messaging = Some(messaging);
        let mut point = sent(messaging.as_mut().unwrap(), &mut chip, &Chip::NEW_KEY);
        point.truncate(point.len() - 2);
        let key = PublicKey::parse(curve, &point).unwrap();
        let info = ChipAuthenticationInfo::new(cipher, key);
        info.run(&mut chip, &mut messaging, &mut SysRng).unwrap();
        let (command, data) = echo(0xE0, 20);
        let answer = sent(messaging.as_mut().unwrap(), &mut chip, &command);
        assert_eq!(
            answer,
            [&data[..], &[0x90, 0x00]].concat(),
            "{curve:?} {cipher:?}"
        );
    });
}

/// READ BINARY with the longest Le that an offset leaves, at 0 and behind that.
const READ_FIRST_HALF: [u8; 7] = [0x00, 0xB0, 0x00, 0x00, 0x00, 0x7F, 0xFF];
const READ_SECOND_HALF: [u8; 7] = [0x00, 0xB0, 0x7F, 0xFF, 0x00, 0x7F, 0xFF];
