//! Secure messaging: whatever the command and the answer, through readers of every kind.

use lichna_apdu::{
    Channel, ChannelError, Command, Framing, Instruction, LONGEST_EXTENDED, LONGEST_SHORT,
    ReceivedCommand, Status, exchange,
};
use lichna_pace::chip::Messaging;
use lichna_pace::{Cipher, Curve, Fault, PaceInfo, PasswordKind, SecureMessaging, open};
use proptest::prelude::*;

use crate::bench::{PaceCard, Secrets, random};

/// A card that a channel stands with.
fn opened(cipher: Cipher) -> (PaceCard, SecureMessaging) {
    let info = PaceInfo::new(Curve::P256, cipher);
    let mut card = PaceCard::new(info);
    let secrets = Secrets::right();
    let can = secrets.password(PasswordKind::Can);
    let messaging = open(&mut card, &info, can, &mut random()).unwrap();
    card.log.clear();
    (card, messaging)
}

// Its owner keeps a channel from one transaction to the next, on whatever thread they run.
const _: fn() = || {
    fn sends<T: Send>() {}
    sends::<SecureMessaging>();
    sends::<Messaging>();
};

fn bytes(length: usize) -> Vec<u8> {
    (0..=255).cycle().take(length).collect()
}

#[test]
fn carries_all_four_cases_short_and_extended() {
    let (mut card, mut messaging) = opened(Cipher::Aes256);
    for data in [0, 1, 15, 16, 17, 239, 240, 255, 256, 1000, 65_503] {
        for answer in [
            None,
            Some(0),
            Some(1),
            Some(15),
            Some(256),
            Some(5000),
            Some(65_000),
        ] {
            let sent = bytes(data);
            let mut command = Command::new(Instruction::PutData, 1, 2).data(&sent);
            if let Some(expected) = answer {
                command = command.expect(expected);
            }
            let length = answer.unwrap_or(0);
            card.application = Box::new(move |plain| {
                let plain = ReceivedCommand::parse(plain).unwrap();
                assert_eq!(plain.header(), [0, 0xDA, 1, 2]);
                assert_eq!(plain.data, sent);
                match answer {
                    Some(0) => assert!([Some(256), Some(65_536)].contains(&plain.expected)),
                    other => assert_eq!(plain.expected, other),
                }
                (bytes(length), 0x9000)
            });
            let mut channel = messaging.over(&mut card);
            let got = exchange(&mut channel, &command, Framing::Extended).unwrap();
            assert_eq!(got.data(), bytes(length));
            assert_eq!(got.status(), Status::Success);
        }
    }
}

#[test]
fn carries_long_commands_and_answers_where_only_short_ones_pass() {
    // A reader, or a card, without extended length: commands are chained above secure messaging,
    // each link protected by itself; a protected answer that is too long comes in pieces below it.
    for framing in [Framing::Short, Framing::Extended] {
        let (mut card, mut messaging) = opened(Cipher::Aes128);
        card.longest = LONGEST_SHORT;
        card.piece = 256;
        let mut chain = Vec::new();
        card.application = Box::new(move |plain| {
            let plain = ReceivedCommand::parse(plain).unwrap();
            chain.extend_from_slice(plain.data);
            if plain.is_linked() {
                return (Vec::new(), 0x9000);
            }
            (std::mem::take(&mut chain), 0x9000)
        });
        for length in [1, 222, 223, 224, 239, 240, 255, 256, 700, 3000] {
            let command = Command::new(Instruction::PutData, 0, 0)
                .data(&bytes(length))
                .expect(0);
            let mut channel = messaging.over(&mut card);
            let got = exchange(&mut channel, &command, framing).unwrap();
            assert_eq!(got.data(), bytes(length));
        }
        let plain_get_response = |(command, _): &(Vec<u8>, Vec<u8>)| command[..2] == [0, 0xC0];
        assert!(card.log.iter().any(plain_get_response));
        assert!(
            card.log
                .iter()
                .all(|(command, _)| command.len() <= LONGEST_SHORT)
        );
    }
}

#[test]
fn keeps_to_short_commands_for_a_card_that_takes_no_others() {
    let (mut card, messaging) = opened(Cipher::Aes128);
    let mut messaging = messaging.with_framing(Framing::Short);
    card.piece = 256;
    let command = Command::new(Instruction::PutData, 0, 0)
        .data(&bytes(255))
        .expect(0);
    let mut channel = messaging.over(&mut card);
    assert!(channel.longest_command() < LONGEST_SHORT);
    exchange(&mut channel, &command, Framing::Short).unwrap();
    assert!(
        card.log
            .iter()
            .all(|(command, _)| command.len() <= LONGEST_SHORT)
    );
}

#[test]
fn a_protected_announcement_of_more_is_followed_above_secure_messaging() {
    // A card that chains its answers itself: 61xx under the MAC, GET RESPONSE protected.
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    let mut rest = bytes(700);
    card.application = Box::new(move |plain| {
        let plain = ReceivedCommand::parse(plain).unwrap();
        assert!([0xCA, 0xC0].contains(&plain.instruction));
        let piece: Vec<u8> = rest.drain(..rest.len().min(200)).collect();
        match rest.len() {
            0 => (piece, 0x9000),
            more => (piece, 0x6100 | u16::try_from(more.min(255)).unwrap()),
        }
    });
    let command = Command::new(Instruction::GetData, 0, 0).expect(0);
    let mut channel = messaging.over(&mut card);
    let got = exchange(&mut channel, &command, Framing::Extended).unwrap();
    assert_eq!(got.data(), bytes(700));
    assert_eq!(card.log.len(), 4);
    assert!(card.log.iter().all(|(command, _)| command[0] == 0x0C));
}

#[test]
fn a_protected_announcement_of_more_may_itself_come_in_pieces() {
    // Both at once: a signature of RSA-3072 from a card that gives 256 bytes at a time, through a
    // reader without extended length. The last piece ends with the 61xx that is under the MAC.
    let (mut card, mut messaging) = opened(Cipher::Aes256);
    card.longest = LONGEST_SHORT;
    card.piece = 256;
    let mut rest = bytes(384);
    card.application = Box::new(move |_| {
        let piece: Vec<u8> = rest.drain(..rest.len().min(256)).collect();
        let more = u16::try_from(rest.len()).unwrap();
        (piece, if more == 0 { 0x9000 } else { 0x6100 | more })
    });
    let command = Command::new(Instruction::InternalAuthenticate, 0, 0).expect(0);
    let mut channel = messaging.over(&mut card);
    let got = exchange(&mut channel, &command, Framing::Short).unwrap();
    assert_eq!(got.data(), bytes(384));
    let classes: Vec<u8> = card.log.iter().map(|(command, _)| command[0]).collect();
    assert_eq!(classes, [0x0C, 0x00, 0x0C]);
}

#[test]
fn an_endless_protected_answer_ends_the_channel() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    card.tamper = Box::new(|_, _| [vec![0; 256].as_slice(), &[0x61, 0x00]].concat());
    let command = [0, 0xCA, 0, 0, 0];
    let error = messaging.over(&mut card).transmit(&command).unwrap_err();
    assert_eq!(error, ChannelError::SecureMessaging);
    assert_eq!(messaging.fault(), Some(Fault::EndlessAnswer));
    assert!(card.log.len() < 300);
}

#[test]
fn more_that_is_announced_and_never_comes_ends_the_channel() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    card.tamper = Box::new(|_, _| vec![0x61, 0x10]);
    let command = [0, 0xCA, 0, 0, 0];
    messaging.over(&mut card).transmit(&command).unwrap_err();
    assert_eq!(messaging.fault(), Some(Fault::EndlessAnswer));
    assert!(card.log.len() < 5);
}

#[test]
fn a_protected_refusal_is_an_answer_and_an_unprotected_one_the_end() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    card.application = Box::new(|_| (Vec::new(), 0x63C2));
    let verify = Command::new(Instruction::Verify, 0, 3).data(b"654321");
    let mut channel = messaging.over(&mut card);
    for _ in 0..3 {
        let answer = exchange(&mut channel, &verify, Framing::Short).unwrap();
        assert_eq!(answer.status(), Status::VerificationFailed(Some(2)));
    }
    assert_eq!(channel.fault(), None);
    card.tamper = Box::new(|_, _| vec![0x69, 0x82]);
    let mut channel = messaging.over(&mut card);
    exchange(&mut channel, &verify, Framing::Short).unwrap_err();
    let status = 0x6982;
    assert_eq!(channel.fault(), Some(Fault::NotProtected { status }));
}

#[test]
fn a_changed_command_is_refused_by_the_card_and_ends_the_channel() {
    for byte in 0..37 {
        let (card, mut messaging) = opened(Cipher::Aes128);
        let mut between = Flipping { card, byte };
        // An answer that is short enough for a short Le, which no MAC covers.
        let command = [0, 0xCA, 0, 0, 4, 1, 2, 3, 4, 8];
        messaging.over(&mut between).transmit(&command).unwrap_err();
        assert!(between.card.channel.is_none(), "closed after byte {byte}");
        assert!(matches!(
            messaging.fault(),
            Some(Fault::NotProtected { .. })
        ));
    }
}

/// Flips a bit of every command.
struct Flipping {
    card: PaceCard,
    byte: usize,
}

impl Channel for Flipping {
    fn interface(&self) -> lichna_apdu::Interface {
        self.card.interface()
    }

    fn longest_command(&self) -> usize {
        self.card.longest_command()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, ChannelError> {
        let mut command = command.to_vec();
        // Header, data objects and MAC; the outer Le is not protected.
        assert_eq!(command.len(), 38);
        command[self.byte] ^= 1;
        self.card.transmit(&command)
    }
}

#[test]
fn a_repeated_command_is_refused_by_the_card() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    let command = [0, 0xCA, 0, 0, 4, 1, 2, 3, 4, 0];
    messaging.over(&mut card).transmit(&command).unwrap();
    let (sent, _) = card.log.last().cloned().unwrap();
    assert_eq!(*card.transmit(&sent).unwrap(), [0x69, 0x88]);
    assert!(card.channel.is_none());
}

#[test]
fn a_command_that_does_not_fit_is_named_and_the_channel_stays() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    card.longest = LONGEST_SHORT;
    let long = [&[0, 0xDA, 0, 0, 250][..], &[0; 250]].concat();
    let error = messaging.over(&mut card).transmit(&long).unwrap_err();
    assert!(matches!(error, ChannelError::CommandTooLong { .. }));
    assert!(card.log.is_empty());
    messaging
        .over(&mut card)
        .transmit(&[0, 0xCA, 0, 0, 0])
        .unwrap();
    assert_eq!(messaging.fault(), None);
}

#[test]
fn bytes_that_are_no_command_are_answered_and_not_sent() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    let answer = messaging.over(&mut card).transmit(&[0, 0xA4]).unwrap();
    assert_eq!(*answer, [0x67, 0x00]);
    assert!(card.log.is_empty());
}

#[test]
fn the_longest_answer_it_names_comes_whole() {
    let (mut card, mut messaging) = opened(Cipher::Aes128);
    for longest in [LONGEST_SHORT, LONGEST_EXTENDED] {
        card.longest = longest;
        card.piece = if longest == LONGEST_SHORT {
            256
        } else {
            65_536
        };
        let length = messaging.longest_answer(longest);
        card.application = Box::new(move |_| (bytes(length), 0x9000));
        card.log.clear();
        let command = Command::new(Instruction::ReadBinary, 0, 0).expect(length);
        let mut channel = messaging.over(&mut card);
        let answer = exchange(&mut channel, &command, Framing::Extended).unwrap();
        assert_eq!(answer.data().len(), length);
        assert_eq!(card.log.len(), 1, "no GET RESPONSE for {length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_command_that_fits_by_its_length_goes_through(
        longest in prop_oneof![Just(LONGEST_SHORT), 262_usize..2000, Just(LONGEST_EXTENDED)],
        le: bool,
        less in 0_usize..40,
    ) {
        let (mut card, mut messaging) = opened(Cipher::Aes128);
        card.longest = longest;
        card.application = Box::new(|_| (Vec::new(), 0x9000));
        let mut channel = messaging.over(&mut card);
        let fits = channel.longest_command();
        let around = 4 + if fits > LONGEST_SHORT { 3 } else { 1 }
            + if !le { 0 } else if fits > LONGEST_SHORT { 2 } else { 1 };
        let mut command = Command::new(Instruction::PutData, 0, 0)
            .data(&bytes(fits - around - less));
        if le {
            command = command.expect(0);
        }
        let encoded = if fits > LONGEST_SHORT {
            command.encode_extended()
        } else {
            command.encode_short()
        };
        let encoded = encoded.unwrap();
        prop_assert!(encoded.len() <= fits);
        channel.transmit(&encoded).unwrap();
    }

    #[test]
    fn any_command_and_answer_come_out_as_they_went_in(
        class in prop_oneof![Just(0_u8), Just(0x80), Just(0x10), Just(0x40), Just(0x50)],
        instruction: u8,
        p1: u8,
        p2: u8,
        cipher in prop::sample::select(Cipher::ALL.to_vec()),
        exchanges in proptest::collection::vec(
            (
                proptest::collection::vec(any::<u8>(), 0..600),
                proptest::option::of(1_usize..=65_536),
                proptest::collection::vec(any::<u8>(), 0..600),
                any::<u16>(),
            ),
            1..6,
        ),
    ) {
        let (mut card, mut messaging) = opened(cipher);
        for (data, expected, answer, status) in exchanges {
            // 61xx is followed, as it should be.
            let status = if status >> 8 == 0x61 { 0x9000 } else { status };
            let mut command = vec![class, instruction, p1, p2, 0];
            if !data.is_empty() {
                command.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
                command.extend(&data);
            }
            match expected {
                Some(le) => {
                    command.extend(u16::try_from(le % 65_536).unwrap().to_be_bytes());
                }
                None if data.is_empty() => command.truncate(4),
                None => (),
            }
            let reply = (answer.clone(), status);
            let sent = data.clone();
            card.application = Box::new(move |plain| {
                let plain = ReceivedCommand::parse(plain).unwrap();
                assert_eq!(plain.header(), [class, instruction, p1, p2]);
                assert_eq!(plain.data, sent);
                assert_eq!(plain.expected, expected);
                reply.clone()
            });
            let got = messaging.over(&mut card).transmit(&command).unwrap();
            let (body, word) = got.split_last_chunk::<2>().unwrap();
            prop_assert_eq!(body, answer.as_slice());
            prop_assert_eq!(u16::from_be_bytes(*word), status);
        }
    }

    #[test]
    fn a_card_never_panics_on_any_command(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (mut card, _) = opened(Cipher::Aes128);
        let channel: &mut Messaging = card.channel.as_mut().unwrap();
        prop_assert!(channel.open(&bytes).is_err());
        prop_assert!(channel.fault().is_some());
        let closed = channel.protect(b"data", 0x9000);
        prop_assert_eq!(&*closed, &[0x90, 0x00]);
    }
}
