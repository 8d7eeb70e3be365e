//! What a card, and what a terminal, may say in secure messaging and before it.

use aes::Aes256;
use cmac::{Cmac, KeyInit, Mac};
use lichna_apdu::{
    Channel, Command, Framing, Instruction, LONGEST_EXTENDED, LONGEST_SHORT, ReceivedCommand,
    exchange, tlv,
};
use lichna_pace::chip::Messaging;
use lichna_pace::{Cipher, SecureMessaging, SecurityInfos};
use sha2::{Digest, Sha256};

use super::{MOST_COMMANDS, Replay};

/// What both sides agreed on; the fuzzer's side knows it too.
const SHARED: [u8; 32] = [7; 32];

/// EF.CardAccess: what is read is written again as it was, but for the order.
pub fn security_infos(data: &[u8]) {
    let Ok(infos) = SecurityInfos::parse(data) else {
        return;
    };
    let _ = infos.pace();
    for info in infos.iter() {
        let _ = (info.protocol(), info.required(), info.optional());
    }
    // The same info twice cannot be written: a SET OF has no order to write it in.
    let Ok(again) = infos.encode() else {
        return;
    };
    let read = SecurityInfos::parse(&again);
    assert!(read.is_ok_and(|read| read.iter().count() == infos.iter().count()));
}

/// Both sides of a channel. With a right MAC over what came, so that what lies behind the check
/// is reached; and without, when nothing may pass.
pub fn secure_messaging(data: &[u8]) {
    let Some(([choice], rest)) = data.split_first_chunk::<1>() else {
        return;
    };
    let genuine = choice & 1 == 0;
    if choice & 2 == 0 {
        terminal(*choice, genuine, rest);
    } else {
        chip(genuine, rest);
    }
}

fn terminal(choice: u8, genuine: bool, answers: &[u8]) {
    let longest = match choice & 4 {
        0 => LONGEST_SHORT,
        _ => LONGEST_EXTENDED,
    };
    let framing = match choice & 8 {
        0 => Framing::Short,
        _ => Framing::Extended,
    };
    let instruction = match choice & 16 {
        0 => Instruction::ReadBinary,
        _ => Instruction::ReadBinaryOdd,
    };
    let mut card = Replay::new(answers, longest);
    if genuine {
        // Commands count 1, 3, 5; their answers 2, 4, 6.
        for (counter, answer) in (2_u128..).step_by(2).zip(&mut card.answers) {
            if let Some((body, word)) = answer.split_last_chunk::<2>() {
                *answer = [body, &checksum(counter, &[], body), word].concat();
            }
        }
    }
    let mut messaging = SecureMessaging::derive(Cipher::Aes256, &SHARED).with_framing(framing);
    for length in [0_usize, 1, 16, 300] {
        let command = Command::new(instruction, 0, 0)
            .data(&vec![0x54; length])
            .expect(length);
        let answer = exchange(&mut messaging.over(&mut card), &command, framing);
        assert!(genuine || answer.is_err(), "nothing passes without a MAC");
        if messaging.fault().is_some() {
            assert!(answer.is_err(), "an answer that was not checked");
            break;
        }
    }
    // A card with the keys may announce more in each protected answer, too.
    let most = if genuine {
        MOST_COMMANDS * MOST_COMMANDS
    } else {
        MOST_COMMANDS
    };
    assert!(card.commands <= most, "{} commands", card.commands);
    if messaging.fault().is_some() {
        let sent = card.commands;
        let again = messaging.over(&mut card).transmit(&[0, 0xB0, 0, 0, 0]);
        assert!(again.is_err() && card.commands == sent, "dead for ever");
    }
}

fn chip(genuine: bool, command: &[u8]) {
    let mut messaging = Messaging::derive(Cipher::Aes256, &SHARED);
    let command = match command.split_first_chunk::<4>() {
        Some((header, objects)) if genuine => with_checksum(*header, objects),
        _ => command.to_vec(),
    };
    match messaging.open(&command) {
        Ok(plain) => {
            assert!(genuine, "nothing passes without a MAC");
            let parsed = ReceivedCommand::parse(&plain);
            let same = |plain: ReceivedCommand<'_>| Some(&plain.instruction) == command.get(1);
            assert!(parsed.is_ok_and(same), "a command comes out");
            let protected = messaging.protect(b"answer", 0x9000);
            assert!(protected.len() > 2 && protected.ends_with(&[0x90, 0x00]));
            // The same once more is another place in the session.
            assert!(messaging.open(&command).is_err(), "a command counts once");
        }
        Err(_) => assert!(messaging.fault().is_some(), "a fault closes the channel"),
    }
    if messaging.fault().is_some() {
        assert_eq!(*messaging.protect(b"answer", 0x9000), [0x90, 0x00]);
    }
}

/// The first command of a session, extended, its MAC right.
fn with_checksum([class, rest @ ..]: [u8; 4], objects: &[u8]) -> Vec<u8> {
    let class = match class & 0xC0 {
        0x40 => class | 0x20,
        _ => class | 0x0C,
    };
    let [instruction, p1, p2] = rest;
    let header = [class, instruction, p1, p2];
    let padded = [
        class,
        instruction,
        p1,
        p2,
        0x80,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ];
    let body = [objects, &checksum(1, &padded, objects)].concat();
    let length = u16::try_from(body.len()).unwrap_or(0).to_be_bytes();
    [&header[..], &[0], &length, &body, &[0, 0]].concat()
}

/// Data object 8E for what stands at this place in the session.
fn checksum(counter: u128, header: &[u8], objects: &[u8]) -> Vec<u8> {
    let key = Sha256::new()
        .chain_update(SHARED)
        .chain_update([0, 0, 0, 2]);
    let Ok(mut mac) = <Cmac<Aes256> as KeyInit>::new_from_slice(&key.finalize()) else {
        return Vec::new();
    };
    mac.update(&counter.to_be_bytes());
    mac.update(header);
    mac.update(objects);
    if !objects.is_empty() {
        let padding = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let missing = 16 - objects.len() % 16;
        mac.update(padding.get(..missing).unwrap_or_default());
    }
    let whole = mac.finalize().into_bytes();
    tlv::encode(0x8E, whole.get(..8).unwrap_or_default())
}
