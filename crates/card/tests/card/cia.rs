//! What a card says of its keys and certificates: as others write it, and as nobody should.

use lichna_apdu::tlv;
use lichna_card::{Card, CardError, Cia, CiaKeyKind, KeyAlgorithm, KeyRef};
use proptest::prelude::*;

use crate::{channels::Scripted, pins::OK, practice::profile};

fn der(tag: u16, parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(tag, &parts.concat())
}

fn path(bytes: &[u8]) -> Vec<u8> {
    der(0x30, &[&der(0x04, &[bytes])])
}

/// A private key: elliptic curve `A0`, RSA `30`.
fn key(tag: u16, id: u8, reference: &[u8], pin: u8, of_type: &[u8]) -> Vec<u8> {
    let common = der(
        0x30,
        &[
            &der(0x0C, &[b"Key\n1"]),
            &der(0x03, &[&[0x07, 0x80]]),
            &der(0x04, &[&[pin]]),
        ],
    );
    let class = der(
        0x30,
        &[
            &der(0x04, &[&[id]]),
            &der(0x03, &[&[0x05, 0x20]]),
            &der(0x01, &[&[0xFF]]),
            &der(0x03, &[&[0x03, 0xB8]]),
            &der(0x02, &[reference]),
        ],
    );
    let of_type = der(0xA1, &[&der(0x30, &[&path(&[]), of_type])]);
    der(tag, &[&common, &class, &of_type])
}

fn certificate(id: u8, place: &[u8]) -> Vec<u8> {
    let common = der(0x30, &[&der(0x0C, &["Удостоверение".as_bytes()])]);
    let class = der(0x30, &[&der(0x04, &[&[id]])]);
    let of_type = der(0xA1, &[&der(0x30, &[&path(place)])]);
    der(0x30, &[&common, &class, &of_type])
}

fn pin(id: u8, reference: u8) -> Vec<u8> {
    let common = der(0x30, &[&der(0x0C, &[b"PIN"])]);
    let class = der(0x30, &[&der(0x04, &[&[id]])]);
    let attributes = [
        der(0x03, &[&[0x02, 0x4C]]),
        der(0x0A, &[&[1]]),
        der(0x02, &[&[6]]),
        der(0x02, &[&[6]]),
        der(0x80, &[&[reference]]),
    ]
    .concat();
    let of_type = der(0xA1, &[&der(0x30, &[&attributes])]);
    der(0x30, &[&common, &class, &of_type])
}

const INFORMATION: &[u8] = &[
    0x30, 0x12, 0x02, 0x01, 0x00, 0x04, 0x03, 0x50, 0x34, 0x32, 0x80, 0x04, b'C', b'a', b'r', b'd',
    0x03, 0x02, 0x05, 0x20,
];

/// EF.OD with paths that begin at the application.
fn directory() -> Vec<u8> {
    [
        der(0xA0, &[&path(&[0x44, 0x02])]),
        der(0xA4, &[&path(&[0x44, 0x04])]),
        der(0xA8, &[&path(&[0x3F, 0x00, 0x50, 0x15, 0x44, 0x01])]),
    ]
    .concat()
}

/// A card with these files: EF.OD, EF.CIAInfo, then those that EF.OD names.
fn read(files: &[&[u8]]) -> (Result<Option<Cia>, CardError>, Scripted) {
    let mut channel = Scripted::new([]);
    for file in files {
        channel.answers.push_back(OK.to_vec());
        // Filled up, in pieces of 256 bytes.
        let filled = [file, &[0; 16][..]].concat();
        for piece in filled.chunks(256) {
            channel.answers.push_back([piece, OK].concat());
        }
    }
    let cia = Card::already_selected(&mut channel, profile()).read_cia();
    (cia, channel)
}

#[test]
fn reads_keys_certificates_and_pins_and_where_they_are() {
    let keys = [
        key(0xA0, 0x45, &[0x02], 1, &der(0x02, &[&[0x01, 0x80]])),
        key(0x30, 0x46, &[0x11], 1, &der(0x02, &[&[0x08, 0x00]])),
    ]
    .concat();
    let certificates = [
        certificate(0x45, &[0x3F, 0x00, 0x50, 0x15, 0xC7, 0x02]),
        certificate(0x46, &[0xC2, 0x01]),
    ]
    .concat();
    let (cia, channel) = read(&[
        &directory(),
        INFORMATION,
        &keys,
        &certificates,
        &pin(1, 0x03),
    ]);
    let cia = cia.unwrap().unwrap();
    assert_eq!(channel.answers.len(), 0);
    assert_eq!(channel.commands.len(), 10, "two commands a file");
    assert_eq!(cia.label(), Some("Card"));
    assert_eq!(cia.serial_number(), Some(&b"P42"[..]));
    assert_eq!(cia.pins()[0].reference, 0x03);
    assert_eq!(cia.keys()[0].label, "Key1", "no control characters");
    assert_eq!(cia.keys()[0].kind, CiaKeyKind::Ec { bits: Some(384) });
    assert_eq!(cia.keys()[1].kind, CiaKeyKind::Rsa { bits: 2048 });
    assert_eq!(cia.certificates()[0].label, "Удостоверение");
    // From the MF, whichever way the card wrote it.
    assert_eq!(cia.certificates()[0].path, [0x50, 0x15, 0xC7, 0x02]);
    assert_eq!(cia.certificates()[1].path, [0x50, 0x15, 0xC2, 0x01]);

    let refined = profile().refined(&cia);
    let login: Vec<_> = refined.login_keys().collect();
    assert_eq!(login.len(), 1);
    assert_eq!(login[0].reference(), KeyRef::new(0x02));
    assert_eq!(login[0].algorithms(), [KeyAlgorithm::EcP384]);
    assert_eq!(login[0].pin(), profile().pin_named("pin"));
    let place = refined.certificate(KeyRef::new(0x02)).unwrap();
    assert_eq!(place.object(), [0x50, 0x15, 0xC7, 0x02]);
    // The spare is still known, to be renewed into.
    let spare = refined.key(login[0].spare().unwrap()).unwrap();
    assert!(!spare.is_current());
    // Only what is in a login is refined by what the card says: PINs, PACE and names stay.
    assert_eq!(refined.pins(), profile().pins());
    assert_eq!(refined.pace(), profile().pace());
}

/// The profile as the card with these keys and certificates makes it.
fn login_keys(keys: &[u8], certificates: &[u8]) -> usize {
    let (cia, _) = read(&[&directory(), INFORMATION, keys, certificates, &pin(1, 0x03)]);
    profile()
        .refined(&cia.unwrap().unwrap())
        .login_keys()
        .count()
}

#[test]
fn a_key_is_used_only_when_profile_and_card_agree_on_it() {
    let bits = |bits: &[u8]| der(0x02, &[bits]);
    let good = key(0xA0, 1, &[0x01], 1, &bits(&[0x01, 0x00]));
    let place = certificate(1, &[0xC1, 0x01]);
    assert_eq!(login_keys(&good, &place), 1);
    // Without a certificate, or with another's.
    assert_eq!(login_keys(&good, &[]), 0);
    assert_eq!(login_keys(&good, &certificate(2, &[0xC1, 0x01])), 0);
    // A key that the profile does not know, or of a kind that it cannot be.
    let unknown = key(0xA0, 1, &[0x07], 1, &bits(&[0x01, 0x00]));
    assert_eq!(login_keys(&unknown, &place), 0);
    let of_521 = key(0xA0, 1, &[0x01], 1, &bits(&[0x02, 0x09]));
    assert_eq!(login_keys(&of_521, &place), 0);
    let of_1024 = key(0x30, 1, &[0x01], 1, &bits(&[0x04, 0x00]));
    assert_eq!(login_keys(&of_1024, &place), 0);
    // A signing key is never one to log in with, whatever the card says.
    let signing = key(0xA0, 1, &[0x11], 1, &bits(&[0x01, 0x00]));
    assert_eq!(login_keys(&signing, &place), 0);
    // A curve that is not named may be any; a number above 7F may have its zero in front.
    assert_eq!(login_keys(&key(0xA0, 1, &[0x01], 1, &[]), &place), 1);
    assert_eq!(login_keys(&key(0xA0, 1, &[0x00, 0x81], 1, &[]), &place), 0);
}

#[test]
fn a_pin_that_the_profile_does_not_know_opens_nothing() {
    let keys = key(0xA0, 1, &[0x01], 9, &[]);
    for pins in [pin(9, 0x85), pin(9, 0x04), Vec::new()] {
        let place = certificate(1, &[0xC1, 0x01]);
        let (cia, _) = read(&[&directory(), INFORMATION, &keys, &place, &pins]);
        let refined = profile().refined(&cia.unwrap().unwrap());
        // 04 is the PUK, and no user's PIN.
        let key = refined.login_keys().next().unwrap();
        assert_eq!(key.pin(), profile().pin_named("pin"));
    }
}

#[test]
fn a_card_without_these_files_is_used_as_its_profile_says() {
    let mut channel = Scripted::new([&[0x6A, 0x82]]);
    let mut card = Card::already_selected(&mut channel, profile());
    assert_eq!(card.read_cia(), Ok(None));
    let (piv, mut channel) = (crate::flows::Which::Piv.profile(), Scripted::new([]));
    assert_eq!(
        Card::already_selected(&mut channel, piv).read_cia(),
        Ok(None)
    );
    assert!(channel.commands.is_empty());
}

#[test]
fn the_file_that_cannot_be_read_is_named() {
    let good = key(0xA0, 1, &[0x01], 1, &[]);
    let many = certificate(1, &[0xC1, 0x01]).repeat(65);
    let long_path = certificate(1, &[1, 2, 3, 4, 5, 6, 7, 8]);
    let odd_path = certificate(1, &[0xC1, 0x01, 0x00]);
    let no_class = der(0xA0, &[&[0x30, 0x00]]);
    let cases: [(&[&[u8]], &str); 7] = [
        (&[&[0xA0, 0x05, 0x30]], "EF.OD"),
        (&[&der(0xA0, &[&path(&[])])], "EF.OD"),
        (&[&directory(), &[0x04, 0x00]], "EF.CIAInfo"),
        (&[&directory(), INFORMATION, &no_class], "EF.PrKD"),
        (&[&directory(), INFORMATION, &good, &many], "EF.CD"),
        (&[&directory(), INFORMATION, &good, &long_path], "EF.CD"),
        (&[&directory(), INFORMATION, &good, &odd_path], "EF.CD"),
    ];
    for (files, name) in cases {
        let (cia, _) = read(files);
        let Err(CardError::Malformed { what, .. }) = cia else {
            panic!("{name}: {cia:?}");
        };
        assert_eq!(what, name);
    }
}

#[test]
fn a_directory_of_many_files_is_not_followed_without_end() {
    // 60 files of keys: more than any card has.
    let directory = der(0xA0, &[&path(&[0x44, 0x02])]).repeat(60);
    let empty = [&[0x30][..]; 80].map(|_| [0_u8; 1]);
    let mut files: Vec<&[u8]> = vec![&directory, INFORMATION];
    files.extend(empty.iter().map(|file| &file[..]));
    let (cia, channel) = read(&files);
    assert!(cia.is_ok());
    assert!(channel.commands.len() <= 30, "{}", channel.commands.len());
}

#[test]
fn a_file_that_comes_a_byte_at_a_time_ends() {
    let mut channel = Scripted::new([]);
    // FCP with a size that never comes.
    channel
        .answers
        .push_back(vec![0x62, 0x04, 0x80, 0x02, 0xFF, 0xFF, 0x90, 0x00]);
    channel
        .answers
        .extend(vec![[&[0x30][..], OK].concat(); 70_000]);
    let read = Card::already_selected(&mut channel, profile()).read_cia();
    assert!(read.is_err());
    assert!(channel.commands.len() < 300, "{}", channel.commands.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any bytes, and such as have the right tags in the wrong places.
    #[test]
    fn no_files_make_the_reader_panic(
        files in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..64),
                (any::<u8>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..20)).prop_map(
                    |(id, reference, rest)| key(0xA0, id, &[reference], id, &rest)
                ),
                (any::<u8>(), prop::collection::vec(any::<u8>(), 0..10))
                    .prop_map(|(id, place)| certificate(id, &place)),
                (any::<u8>(), any::<u8>()).prop_map(|(id, reference)| pin(id, reference)),
            ],
            0..6,
        ),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut all = vec![directory(), INFORMATION.to_vec()];
        all.extend(files);
        for (at, byte) in flips {
            let file = at.index(all.len());
            if !all[file].is_empty() {
                let at = at.index(all[file].len());
                all[file][at] = byte;
            }
        }
        let files: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
        let (cia, channel) = read(&files);
        if let Ok(Some(cia)) = cia {
            let refined = profile().refined(&cia);
            prop_assert!(refined.login_keys().count() <= 2);
            for place in refined.certificates() {
                prop_assert!((2..=8).contains(&place.object().len()));
            }
        }
        prop_assert_eq!(channel.tries_spent(), 0);
    }
}
