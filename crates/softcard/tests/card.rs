//! The card by its public face: made, opened, spoken to over its contacts.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

use std::fs;
use std::time::Duration;

use lichna_apdu::tlv;
use lichna_softcard::{
    Face, FirstPin, Inserted, Lock, Making, SoftCard, SoftCardError, answer_challenge, delete,
};
use zeroize::Zeroizing;

fn lock() -> Lock {
    Lock::Key(Zeroizing::new([7; 32]))
}

/// Made up, with values that tests know.
fn making() -> Making {
    let mut making = Making::made_up().unwrap();
    making.number = "P12345678".into();
    making.label = "Test".into();
    making.can = Zeroizing::new("424242".into());
    making.pin = FirstPin::Pin(Zeroizing::new("123456".into()));
    making.puk = Zeroizing::new("12345678".into());
    making.administrator_key = Zeroizing::new([9; 32]);
    making.slow_down = Duration::ZERO;
    making
}

fn make(folder: &tempfile::TempDir, making: &Making) -> SoftCard {
    SoftCard::make(&folder.path().join("card"), making, &lock()).unwrap()
}

fn send(card: &mut Inserted, command: &str) -> (Vec<u8>, u16) {
    let command = hex::decode(command.replace(' ', "")).unwrap();
    let answer = card.answer(&command);
    let (data, word) = answer.split_last_chunk::<2>().unwrap();
    (data.to_vec(), u16::from_be_bytes(*word))
}

fn word(card: &mut Inserted, command: &str) -> u16 {
    send(card, command).1
}

fn become_administrator(card: &mut Inserted) {
    let (challenge, word) = send(card, "00 84 00 00 10");
    assert_eq!((challenge.len(), word), (16, 0x9000));
    let answer = hex::encode(answer_challenge(&[9; 32], "P12345678", &challenge));
    assert_eq!(
        self::word(card, &format!("00 82 00 90 10 {answer}")),
        0x9000
    );
}

#[test]
fn shows_its_two_faces_by_its_answer_to_reset() {
    let atr = |face: Face| hex::encode_upper(face.atr());
    // 3B 88 01 + "LICHNA-P" and 3B 88 80 01 + "LICHNA-P", each with its check byte.
    assert!(atr(Face::Contact).starts_with("3B88014C4943484E412D50"));
    assert!(atr(Face::Contactless).starts_with("3B8880014C4943484E412D50"));
    for face in [Face::Contact, Face::Contactless] {
        let check = face
            .atr()
            .iter()
            .skip(1)
            .fold(0, |check, byte| check ^ byte);
        assert_eq!(check, 0, "TCK makes everything after TS cancel out");
    }
}

#[test]
fn keeps_everything_in_one_file_that_one_may_have_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let card = make(&folder, &making());
    assert!(matches!(
        SoftCard::open(&path, &lock()),
        Err(SoftCardError::InUse)
    ));
    assert!(matches!(delete(&path), Err(SoftCardError::InUse)));
    assert!(matches!(
        SoftCard::make(&path, &making(), &lock()),
        Err(SoftCardError::InUse)
    ));
    // The header is for lists, and can be read meanwhile.
    let header = SoftCard::header_of(&path).unwrap();
    assert_eq!(
        (header.number.as_str(), header.label.as_str()),
        ("P12345678", "Test")
    );

    let mut inserted = card.insert(Face::Contact);
    assert_eq!(word(&mut inserted, "00 20 00 03 06 303030303030"), 0x63C2);
    drop(inserted);

    let mut inserted = SoftCard::open(&path, &lock())
        .unwrap()
        .insert(Face::Contact);
    assert_eq!(
        word(&mut inserted, "00 20 00 03"),
        0x63C2,
        "remembers the spent try"
    );
    drop(inserted);

    assert!(matches!(
        SoftCard::make(&path, &making(), &lock()),
        Err(SoftCardError::AlreadyThere)
    ));
    delete(&path).unwrap();
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left"
    );
}

#[test]
fn opens_only_with_its_own_lock_and_only_when_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    drop(make(&folder, &making()));
    let open = |lock: &Lock| SoftCard::open(&path, lock).err();
    let other = Lock::Key(Zeroizing::new([8; 32]));
    let passphrase = Lock::Passphrase(Zeroizing::new("correct horse".into()));
    assert!(matches!(open(&other), Some(SoftCardError::WrongLock)));
    assert!(matches!(
        open(&passphrase),
        Some(SoftCardError::OtherLock { .. })
    ));

    let whole = fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&whole).into_owned();
    for secret in ["123456\"", "12345678\"", "424242"] {
        assert!(
            !text.replace("P12345678\"", "").contains(secret),
            "{secret} is in the file"
        );
    }
    for cut in (0..whole.len()).step_by(97) {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(open(&lock()).is_some(), "opened when cut off at {cut}");
    }
    for at in (0..whole.len()).step_by(31) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(open(&lock()).is_some(), "opened with byte {at} changed");
    }
    fs::write(&path, &whole).unwrap();
    assert!(open(&lock()).is_none());
}

#[test]
fn opens_with_a_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let passphrase = |text: &str| Lock::Passphrase(Zeroizing::new(text.into()));
    drop(SoftCard::make(&path, &making(), &passphrase("correct horse")).unwrap());
    assert!(SoftCard::open(&path, &passphrase("correct horse")).is_ok());
    assert!(matches!(
        SoftCard::open(&path, &passphrase("wrong horse")),
        Err(SoftCardError::WrongLock)
    ));
}

#[test]
fn refuses_values_that_no_card_can_be_made_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let with = |change: fn(&mut Making)| {
        let mut making = making();
        change(&mut making);
        match SoftCard::make(&path, &making, &lock()) {
            Err(SoftCardError::NotMakeable { field, .. }) => field,
            _ => "made",
        }
    };
    assert_eq!(with(|m| m.number.clear()), "card number");
    assert_eq!(with(|m| m.label = "a\nb".into()), "label");
    assert_eq!(with(|m| m.can = Zeroizing::new("12345".into())), "CAN");
    assert_eq!(with(|m| m.puk = Zeroizing::new("1234567x".into())), "PUK");
    assert_eq!(
        with(|m| m.pin = FirstPin::Pin(Zeroizing::new("12345".into()))),
        "PIN"
    );
    assert_eq!(
        with(|m| m.pin = FirstPin::Transport(Zeroizing::new("123456".into()))),
        "transport PIN"
    );
    assert!(!path.exists());
}

#[test]
fn reads_and_writes_beyond_32_kib() {
    let folder = tempfile::tempdir().unwrap();
    let mut card = make(&folder, &making()).insert(Face::Contact);
    become_administrator(&mut card);
    let content: Vec<u8> = (0..20_000_u16).flat_map(u16::to_be_bytes).collect();
    assert_eq!(word(&mut card, "00 A4 08 0C 04 5015 C101"), 0x9000);
    // The first half with D6, the second with D7.
    let (first, second) = content.split_at(0x7000);
    assert_eq!(
        word(
            &mut card,
            &format!("00 D6 0000 00 7000 {}", hex::encode(first))
        ),
        0x9000
    );
    let data = [tlv::encode(0x54, &[0x70, 0x00]), tlv::encode(0x53, second)].concat();
    let command = format!("00 D7 0000 00 {:04X} {}", data.len(), hex::encode(&data));
    assert_eq!(word(&mut card, &command), 0x9000);

    let mut read = Vec::new();
    while read.len() < content.len() {
        let offset = u16::try_from(read.len()).unwrap();
        let (object, word) = send(&mut card, &format!("00 B1 0000 04 54 02 {offset:04X} 00"));
        assert_eq!(word, 0x9000);
        let (tag, piece, rest) = tlv::split_first(&object).unwrap();
        assert_eq!((tag, rest.len()), (0x53, 0));
        assert!(object.len() <= 256, "Le counts tag and length");
        read.extend_from_slice(piece);
    }
    assert_eq!(read, content);
    let (all, word) = send(&mut card, "00 B0 0000 00 0000");
    assert_eq!((all, word), (content.clone(), 0x9000));
    assert_eq!(self::word(&mut card, "00 B1 0000 04 54 02 9C41 00"), 0x6B00);
    let (behind, word) = send(&mut card, "00 B0 7FFF 00");
    assert_eq!(
        (behind.as_slice(), word),
        (&content[0x7FFF..0x7FFF + 256], 0x9000)
    );
}

#[test]
fn pins_go_through_all_their_states() {
    let folder = tempfile::tempdir().unwrap();
    let mut making = making();
    making.pin = FirstPin::Transport(Zeroizing::new("54321".into()));
    let mut card = make(&folder, &making).insert(Face::Contact);
    let mut says = |command: &str, expected: u16| {
        let said = word(&mut card, command);
        assert_eq!(said, expected, "{command}: {said:04X}");
    };
    // Not activated.
    says("00 20 00 03", 0x6984);
    says("00 20 00 03 06 313233343536", 0x6984);
    says("00 24 00 03 0B 35353535 35 313233343536", 0x63C2);
    says("00 24 00 03 0B 3534333231 313233343536", 0x9000);
    // Ready.
    says("00 20 00 03", 0x63C3);
    says("00 20 00 03 06 313233343536", 0x9000);
    says("00 20 00 03", 0x9000);
    says("00 20 FF 03", 0x9000);
    says("00 20 00 03", 0x63C3);
    says("00 24 00 03 0C 313233343536 363534333231", 0x9000);
    // What is no PIN costs no try.
    says("00 20 00 03 05 3132333435", 0x6A80);
    says("00 20 00 03", 0x63C3);
    // Suspended: no channel, no last try.
    says("00 20 00 03 06 303030303030", 0x63C2);
    says("00 24 00 03 0C 303030303030 303030303030", 0x63C1);
    says("00 20 00 03 06 363534333231", 0x6985);
    says("00 24 00 03 0C 363534333231 303030303030", 0x6985);
    says("00 20 00 03", 0x63C1);
    // Unblocked with the PUK.
    says("00 2C 00 03 0E 3030303030303030 313131313131", 0x63C9);
    says("00 2C 01 03 08 3132333435363738", 0x9000);
    says("00 20 00 03 06 363534333231", 0x9000);
    says("00 2C 00 03 0E 3132333435363738 313131313131", 0x9000);
    says("00 20 00 03 06 313131313131", 0x9000);
    says("00 2C 02 03 06 323232323232", 0x6982);
    // The PUK is blocked after ten.
    for left in (0..10).rev() {
        says("00 2C 01 03 08 3030303030303030", 0x63C0 + left);
    }
    says("00 2C 01 03 08 3132333435363738", 0x6983);
}
