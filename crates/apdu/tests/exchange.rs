//! Commands on their way to a card that follows a script, or that means harm.

use std::collections::VecDeque;

use lichna_apdu::{
    Channel, ChannelError, Command, ExchangeError, Framing, Instruction, Interface,
    LONGEST_EXTENDED, LONGEST_SHORT, Status, exchange,
};
use proptest::prelude::*;
use zeroize::Zeroizing;

/// A card that answers from a list, and keeps what it was sent.
struct Scripted {
    answers: VecDeque<Vec<u8>>,
    sent: Vec<Vec<u8>>,
    longest: usize,
}

impl Scripted {
    fn new(answers: &[&[u8]]) -> Self {
        Self {
            answers: answers.iter().map(|answer| answer.to_vec()).collect(),
            sent: Vec::new(),
            longest: LONGEST_EXTENDED,
        }
    }
}

impl Channel for Scripted {
    fn interface(&self) -> Interface {
        Interface::Contact
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.sent.push(command.to_vec());
        self.answers
            .pop_front()
            .map(Zeroizing::new)
            .ok_or(ChannelError::CardMute)
    }
}

/// A card that always gives the same answer.
struct Stubborn {
    answer: Vec<u8>,
    sent: usize,
}

impl Channel for Stubborn {
    fn interface(&self) -> Interface {
        Interface::Contact
    }

    fn longest_command(&self) -> usize {
        LONGEST_SHORT
    }

    fn transmit(&mut self, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.sent += 1;
        Ok(Zeroizing::new(self.answer.clone()))
    }
}

fn get_data() -> Command {
    Command::new(Instruction::GetDataOdd, 0x3F, 0xFF)
        .data(&[0x5C, 0x01, 0x7E])
        .expect(0)
}

#[test]
fn fetches_the_rest_that_the_card_announces() {
    let mut card = Scripted::new(&[&[1, 2, 0x61, 0x02], &[3, 4, 0x61, 0x01], &[5, 0x90, 0x00]]);
    let answer = exchange(&mut card, &get_data(), Framing::Short).unwrap();
    assert_eq!(
        (answer.data(), answer.status()),
        (&[1, 2, 3, 4, 5][..], Status::Success)
    );
    assert_eq!(card.sent[1], [0x00, 0xC0, 0x00, 0x00, 0x02]);
    assert_eq!(card.sent[2], [0x00, 0xC0, 0x00, 0x00, 0x01]);
}

#[test]
fn repeats_with_the_length_that_the_card_names() {
    let mut card = Scripted::new(&[&[0x6C, 0x05], &[1, 2, 3, 4, 5, 0x90, 0x00]]);
    let answer = exchange(&mut card, &get_data(), Framing::Short).unwrap();
    assert_eq!(answer.data(), [1, 2, 3, 4, 5]);
    assert_eq!(card.sent[1].last(), Some(&5));
}

#[test]
fn repeats_an_extended_command_too() {
    let mut card = Scripted::new(&[&[0x6C, 0x00], &[0x90, 0x00]]);
    exchange(&mut card, &get_data(), Framing::Extended).unwrap();
    assert_eq!(card.sent[0][4..], [0, 0, 3, 0x5C, 0x01, 0x7E, 0, 0]);
    assert_eq!(card.sent[1][4..], [3, 0x5C, 0x01, 0x7E, 0]);

    let long = Command::new(Instruction::GeneralAuthenticateOdd, 0x07, 0x9A)
        .data(&[7; 266])
        .expect(0);
    let mut card = Scripted::new(&[&[0x6C, 0x10], &[0x6C, 0x10], &[0x90, 0x00]]);
    let ended = exchange(&mut card, &long, Framing::Extended).unwrap_err();
    assert_eq!((ended, card.sent.len()), (ExchangeError::EndlessLength, 2));
    assert_eq!(card.sent[1][7 + 266..], [0, 0x10]);
}

#[test]
fn chains_what_does_not_fit_a_short_command() {
    let mut card = Scripted::new(&[&[0x90, 0x00], &[0x61, 0x01], &[9, 0x90, 0x00]]);
    let long = Command::new(Instruction::GeneralAuthenticateOdd, 0x07, 0x9A)
        .data(&[7; 266])
        .expect(0);
    let answer = exchange(&mut card, &long, Framing::Short).unwrap();
    assert_eq!(answer.data(), [9]);
    assert_eq!(card.sent[0][..5], [0x10, 0x87, 0x07, 0x9A, 0xFF]);
    assert_eq!(card.sent[0].len(), 5 + 255);
    assert_eq!(card.sent[1][..5], [0x00, 0x87, 0x07, 0x9A, 0x0B]);
    assert_eq!(card.sent[1].len(), 5 + 11 + 1);
}

#[test]
fn sends_one_extended_command_where_card_and_reader_take_it() {
    let long = Command::new(Instruction::GeneralAuthenticateOdd, 0x07, 0x9A)
        .data(&[7; 266])
        .expect(0);
    let mut card = Scripted::new(&[&[0x90, 0x00]]);
    exchange(&mut card, &long, Framing::Extended).unwrap();
    assert_eq!(
        card.sent[0][..7],
        [0x00, 0x87, 0x07, 0x9A, 0x00, 0x01, 0x0A]
    );
    assert_eq!(card.sent[0][7 + 266..], [0, 0]);

    let mut short_reader = Scripted::new(&[&[0x90, 0x00], &[0x90, 0x00]]);
    short_reader.longest = LONGEST_SHORT;
    exchange(&mut short_reader, &long, Framing::Extended).unwrap();
    assert_eq!(
        short_reader.sent.len(),
        2,
        "the reader takes short commands only: a chain"
    );
}

#[test]
fn stops_a_chain_that_the_card_refuses() {
    let mut card = Scripted::new(&[&[0x68, 0x84], &[0x90, 0x00]]);
    let long = Command::new(Instruction::PutDataOdd, 0x3F, 0xFF).data(&[7; 600]);
    let refused = exchange(&mut card, &long, Framing::Short).unwrap_err();
    let status = Status::ClassFunctionNotSupported(0x84);
    assert_eq!(refused, ExchangeError::ChainRefused { status });
    assert_eq!(card.sent.len(), 1);
}

#[test]
fn ends_an_answer_that_never_ends() {
    for answer in [&[0x61_u8, 0x00][..], &[0x61, 0xFF]] {
        let mut card = Stubborn {
            answer: answer.to_vec(),
            sent: 0,
        };
        let ended = exchange(&mut card, &get_data(), Framing::Short).unwrap_err();
        assert_eq!(ended, ExchangeError::EndlessAnswer);
        assert_eq!(card.sent, 2, "nothing came, so nothing more is fetched");
    }
    let mut flood = vec![0xAA; 256];
    flood.extend([0x61, 0x00]);
    let mut card = Stubborn {
        answer: flood,
        sent: 0,
    };
    let ended = exchange(&mut card, &get_data(), Framing::Short).unwrap_err();
    assert_eq!(ended, ExchangeError::EndlessAnswer);
    assert!(card.sent <= 65_536 / 256 + 2, "{} commands", card.sent);
}

#[test]
fn ends_a_card_that_keeps_asking_for_another_length() {
    let mut card = Stubborn {
        answer: vec![0x6C, 0x10],
        sent: 0,
    };
    let ended = exchange(&mut card, &get_data(), Framing::Short).unwrap_err();
    assert_eq!((ended, card.sent), (ExchangeError::EndlessLength, 2));
}

#[test]
fn refuses_an_answer_without_a_status_word() {
    for length in [0, 1] {
        let mut card = Stubborn {
            answer: vec![0x90; length],
            sent: 0,
        };
        let refused = exchange(&mut card, &get_data(), Framing::Short).unwrap_err();
        assert_eq!(refused, ExchangeError::AnswerTooShort { length });
    }
}

#[test]
fn shows_no_byte_of_a_command_or_of_an_answer() {
    let command = Command::new(Instruction::Verify, 0, 0x80).data(b"123456\xFF\xFF");
    let shown = format!("{command:?}");
    assert_eq!(shown, "Verify P1P2 0080, 8 bytes, Le None");
    let mut card = Scripted::new(&[&[0x31, 0x32, 0x33, 0x90, 0x00]]);
    let answer = exchange(&mut card, &command, Framing::Short).unwrap();
    assert_eq!(format!("{answer:?}"), "3 bytes, 9000");
}

/// Takes a short command apart again, ISO/IEC 7816-4 §5.3.2.
fn decode_short(bytes: &[u8]) -> ([u8; 4], Vec<u8>, Option<usize>) {
    let (head, body) = bytes.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let le = |byte: u8| if byte == 0 { 256 } else { usize::from(byte) };
    match body {
        [] => (*head, vec![], None),
        [expected] => (*head, vec![], Some(le(*expected))),
        [length, rest @ ..] => {
            let (data, after) = rest.split_at(usize::from(*length));
            (*head, data.to_vec(), after.first().map(|byte| le(*byte)))
        }
    }
}

proptest! {
    #[test]
    fn a_chain_carries_the_data_whole(
        data in prop::collection::vec(any::<u8>(), 0..2000),
        p1: u8, p2: u8,
        expected in prop::option::of(1_usize..=256),
        longest in 7_usize..=LONGEST_SHORT,
    ) {
        let mut command = Command::new(Instruction::PutData, p1, p2).data(&data);
        if let Some(expected) = expected {
            command = command.expect(expected);
        }
        let chain = command.encode_chain(longest).unwrap();
        let mut whole = Vec::new();
        for (at, link) in chain.iter().enumerate() {
            let last = at + 1 == chain.len();
            let (head, part, le) = decode_short(link);
            prop_assert_eq!(head, [if last { 0 } else { 0x10 }, 0xDA, p1, p2]);
            prop_assert_eq!(le, if last { expected } else { None });
            prop_assert!(link.len() <= longest);
            whole.extend(part);
        }
        prop_assert_eq!(whole, data);
    }

    #[test]
    fn an_extended_command_says_its_lengths(
        data in prop::collection::vec(any::<u8>(), 0..2000),
        expected in prop::option::of(1_usize..=65_536),
    ) {
        let mut command = Command::new(Instruction::PutData, 1, 2).data(&data);
        if let Some(expected) = expected {
            command = command.expect(expected);
        }
        let bytes = command.encode_extended().unwrap();
        let mut rest = &bytes[4..];
        if !data.is_empty() {
            prop_assert_eq!(&rest[..3], &u32::try_from(data.len()).unwrap().to_be_bytes()[1..]);
            prop_assert_eq!(&rest[3..3 + data.len()], &data[..]);
            rest = &rest[3 + data.len()..];
        } else if expected.is_some() {
            prop_assert_eq!(rest[0], 0);
            rest = &rest[1..];
        }
        match expected {
            None => prop_assert!(rest.is_empty()),
            Some(length) => {
                let said = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                prop_assert_eq!(if said == 0 { 65_536 } else { said }, length);
            }
        }
    }

    #[test]
    fn whatever_a_card_answers_the_exchange_ends(
        answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..40),
        long in any::<bool>(),
    ) {
        let answers: Vec<&[u8]> = answers.iter().map(Vec::as_slice).collect();
        let mut card = Scripted::new(&answers);
        let length = if long { 600 } else { 10 };
        let command = Command::new(Instruction::PutData, 0, 0).data(&vec![1; length]).expect(0);
        let _ = exchange(&mut card, &command, Framing::Short);
        prop_assert!(card.sent.len() <= answers.len() + 1);
    }

    #[test]
    fn every_status_word_has_a_meaning_and_success_only_one(word: u16) {
        prop_assert_eq!(Status::from(word).is_success(), word == 0x9000);
    }
}
