//! A terminal on libeac, and the practice card. Req 15.2, 15.3.

use lichna_apdu::{Channel, tlv};
use lichna_pace::{
    Anchor, AnchorKind, ChipAuthenticationInfo, PasswordKind, SecurityInfos, SecurityObject,
};
use lichna_softcard::{Face, Inserted, SoftCard, answer_challenge};
use lichna_tests::openpace::{READ_CARD_ACCESS, Stopped, Terminal};
use lichna_tests::practice::{ADMINISTRATOR_KEY, CAN, NUMBER, PIN, PUK, PracticeCard};

use crate::{Tampering, each};

/// READ BINARY of a whole file by its short identifier, EF.DG14 and EF.SOD.
const READ_DG14: [u8; 7] = [0x00, 0xB0, 0x8E, 0x00, 0x00, 0x00, 0x00];
const READ_SOD: [u8; 7] = [0x00, 0xB0, 0x9D, 0x00, 0x00, 0x00, 0x00];
const SUCCESS: [u8; 2] = [0x90, 0x00];

/// The data of an answer that says 9000.
fn data(answer: &[u8]) -> Vec<u8> {
    let data = answer.strip_suffix(&SUCCESS);
    data.unwrap_or_else(|| panic!("{}", hex::encode(answer)))
        .to_vec()
}

fn terminal_for(card: &mut Inserted) -> Terminal {
    let card_access = data(&card.transmit(&READ_CARD_ACCESS).unwrap());
    let (_, _, rest) = tlv::split_first(&card_access).unwrap();
    Terminal::start(card_access.strip_suffix(rest).unwrap())
}

fn refused(status: &str) -> Result<(), Stopped> {
    Err(Stopped(status.to_owned()))
}

#[test]
fn a_terminal_on_libeac_reads_a_practice_card_and_finds_it_no_copy() {
    each(|curve, cipher| {
        let made = PracticeCard::with(|making| (making.curve, making.cipher) = (curve, cipher));
        let mut card = made.open().insert(Face::Contactless);
        let mut terminal = terminal_for(&mut card);
        assert_eq!(*card.transmit(&READ_DG14).unwrap(), [0x69, 0x82]);
        terminal.open(&mut card, PasswordKind::Can, CAN).unwrap();
        let group = data(&terminal.send(&mut card, &READ_DG14).unwrap());
        let signed = data(&terminal.send(&mut card, &READ_SOD).unwrap());
        let signed = SecurityObject::parse(&signed).unwrap();
        signed.check_data_group(14, &group).unwrap();
        let (_, infos, _) = tlv::split_first(&group).unwrap();
        let infos = SecurityInfos::parse(infos).unwrap();
        let chip = ChipAuthenticationInfo::read(&infos).unwrap().unwrap();
        assert_eq!((chip.key().curve(), chip.cipher()), (curve, cipher));
        terminal
            .authenticate(&mut card, chip.key().bytes())
            .unwrap();
        let again = terminal.send(&mut card, &READ_DG14).unwrap();
        assert_eq!(data(&again), group, "{curve:?} {cipher:?}");
    });
}

#[test]
fn each_password_opens_a_channel_and_a_wrong_one_does_not() {
    let made = PracticeCard::new();
    let mut card = made.open().insert(Face::Contact);
    let mut terminal = terminal_for(&mut card);
    for (kind, right, wrong) in [
        (PasswordKind::Can, CAN, "6300"),
        (PasswordKind::Pin, PIN, "63C2"),
        (PasswordKind::Puk, PUK, "63C9"),
    ] {
        card.reset();
        assert_eq!(
            terminal.open(&mut card, kind, "000000"),
            refused(wrong),
            "{kind}"
        );
        card.reset();
        assert_eq!(terminal.open(&mut card, kind, right), Ok(()), "{kind}");
        data(&terminal.send(&mut card, &READ_DG14).unwrap());
    }
    // Over the radio the CAN comes first, and no try is spent without it.
    let mut card = card.remove().insert(Face::Contactless);
    for (kind, right) in [(PasswordKind::Pin, PIN), (PasswordKind::Puk, PUK)] {
        assert_eq!(
            terminal.open(&mut card, kind, right),
            refused("6982"),
            "{kind}"
        );
    }
    assert_eq!(terminal.open(&mut card, PasswordKind::Can, CAN), Ok(()));
}

#[test]
fn a_practice_card_takes_64_kib_from_a_terminal_on_libeac_and_gives_them_back() {
    let made = PracticeCard::new();
    let mut card = made.open().insert(Face::Contactless);
    let mut terminal = terminal_for(&mut card);
    terminal.open(&mut card, PasswordKind::Can, CAN).unwrap();
    let mut send = |command: &[u8]| data(&terminal.send(&mut card, command).unwrap());
    let challenge = send(&[0x00, 0x84, 0x00, 0x00, 0x10]);
    let answer = answer_challenge(&ADMINISTRATOR_KEY, NUMBER, &challenge);
    let length = u8::try_from(answer.len()).unwrap();
    send(&[&[0x00, 0x82, 0x00, 0x90, length][..], &answer[..]].concat());
    // A certificate file, from the MF.
    send(&[0x00, 0xA4, 0x08, 0x0C, 0x04, 0x50, 0x15, 0xC1, 0x01]);
    let file: Vec<u8> = (0..0x1_0000_u32)
        .map(|at| (at * 13 + (at >> 8)).to_le_bytes()[0])
        .collect();
    let (first, second) = file.split_at(0x7D00);
    let offset = [0x54, 0x02, 0x7D, 0x00];
    let object = [&offset[..], &tlv::encode(0x53, second)].concat();
    for (instruction, data) in [(0xD6, first), (0xD7, &object)] {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let head = [0x00, instruction, 0x00, 0x00, 0x00, length[0], length[1]];
        assert_eq!(send(&[&head[..], data].concat()), [0; 0]);
    }
    assert!(send(&[0x00, 0xB0, 0x00, 0x00, 0x00, 0x7D, 0x00]) == first);
    let read = [
        &[0x00, 0xB1, 0x00, 0x00, 0x00, 0x00, 0x04][..],
        &offset,
        &[0x00, 0x00],
    ]
    .concat();
    assert!(send(&read) == tlv::encode(0x53, second));
}

#[test]
fn a_practice_card_ends_the_channel_at_a_changed_byte() {
    let made = PracticeCard::new();
    let mut card = made.open().insert(Face::Contactless);
    let mut terminal = terminal_for(&mut card);
    for byte in [0, 1, 2, 3, 9, 14, 20] {
        terminal.open(&mut card, PasswordKind::Can, CAN).unwrap();
        let mut tampering = Tampering {
            inner: &mut card,
            answers: false,
            byte,
        };
        let answer = terminal.send(&mut tampering, &READ_DG14);
        assert_eq!(
            answer,
            Err(Stopped("secure messaging".to_owned())),
            "byte {byte}"
        );
        assert_eq!(
            *card.transmit(&READ_DG14).unwrap(),
            [0x69, 0x82],
            "byte {byte}"
        );
    }
}

#[test]
fn the_authority_of_a_practice_card_vouches_for_it_as_practice_alone() {
    let made = PracticeCard::new();
    let header = SoftCard::header_of(&made.path()).unwrap();
    let anchor = Anchor::practice(header.country_anchor()).unwrap();
    let mut card = made.open().insert(Face::Contact);
    let signed = data(&card.transmit(&READ_SOD).unwrap());
    let now = time::OffsetDateTime::now_utc();
    let verdict = SecurityObject::parse(&signed)
        .unwrap()
        .verify(&[anchor], now);
    assert_eq!(verdict, Ok(AnchorKind::Practice));
}
