//! Cards, and people in between, that do not play by the rules.

use lichna_apdu::{Channel, ChannelError};
use lichna_pace::{
    Cipher, Curve, Fault, PaceError, PaceInfo, PasswordKind, PointError, SecureMessaging, Step,
    open,
};

use crate::bench::{PaceCard, Recorded, Secrets, random};

const KIND: PasswordKind = PasswordKind::Can;

fn run(info: PaceInfo, card: &mut dyn Channel) -> Result<SecureMessaging, PaceError> {
    open(card, &info, Secrets::right().password(KIND), &mut random())
}

/// A card whose public key in `step` is another.
fn with_point(curve: Curve, step: Step, point: impl Fn(&[u8]) -> Vec<u8> + 'static) -> PaceError {
    let info = PaceInfo::new(curve, Cipher::Aes256);
    let mut card = PaceCard::new(info);
    let (at, tag) = match step {
        Step::Map => (2, 0x82),
        _ => (3, 0x84),
    };
    card.tamper = Box::new(move |number, answer| {
        if number != at {
            return answer;
        }
        // 7C len, tag len: one byte each, or 81 and one.
        let length = 1 + 2 * curve.field_length();
        let right = &answer[answer.len() - 2 - length..answer.len() - 2];
        let object = lichna_apdu::tlv::encode(tag, &point(right));
        [
            lichna_apdu::tlv::encode(0x7C, &object).as_slice(),
            &[0x90, 0x00],
        ]
        .concat()
    });
    run(info, &mut card).err().expect("a bad point is refused")
}

#[test]
fn refuses_points_that_are_none_on_every_curve_in_both_steps() {
    // All four curves have a prime order: there are no points of small order to refuse but the
    // identity.
    for curve in Curve::ALL {
        for step in [Step::Map, Step::Agree] {
            let bad = |error| PaceError::BadPoint { step, error };
            let expected = 1 + 2 * curve.field_length();
            let off_curve = with_point(curve, step, |point| {
                let mut point = point.to_vec();
                *point.last_mut().unwrap() ^= 1;
                point
            });
            assert_eq!(off_curve, bad(PointError::NotOnCurve));
            let zero = with_point(curve, step, move |_| {
                let mut point = vec![0; expected];
                point[0] = 4;
                point
            });
            assert_eq!(zero, bad(PointError::NotOnCurve));
            let beyond = with_point(curve, step, move |point| {
                let mut point = point.to_vec();
                point[1..=curve.field_length()].fill(0xFF);
                point
            });
            assert_eq!(beyond, bad(PointError::NotOnCurve));
            let identity = with_point(curve, step, |_| vec![0]);
            assert_eq!(identity, bad(PointError::Identity));
            let identity = with_point(curve, step, move |_| vec![0; expected]);
            assert_eq!(identity, bad(PointError::Identity));
            let compressed = with_point(curve, step, move |point| {
                let sign = 2 + (point[expected - 1] & 1);
                [&[sign], &point[1..=curve.field_length()]].concat()
            });
            assert_eq!(compressed, bad(PointError::Encoding));
            let length = expected - 1;
            let short = with_point(curve, step, move |point| point[..length].to_vec());
            assert_eq!(short, bad(PointError::Length { length, expected }));
        }
    }
}

#[test]
fn refuses_its_own_key_sent_back() {
    for step in [Step::Map, Step::Agree] {
        let info = PaceInfo::new(Curve::P256, Cipher::Aes128);
        let mut mirror = Mirror {
            card: PaceCard::new(info),
            step,
        };
        let refused = run(info, &mut mirror).err().unwrap();
        assert_eq!(refused, PaceError::ReflectedKey { step });
    }
}

/// Sends the terminal's own key back.
struct Mirror {
    card: PaceCard,
    step: Step,
}

impl Channel for Mirror {
    fn interface(&self) -> lichna_apdu::Interface {
        self.card.interface()
    }

    fn longest_command(&self) -> usize {
        self.card.longest_command()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, ChannelError> {
        let (asks, gives) = match self.step {
            Step::Map => (0x81, 0x82),
            _ => (0x83, 0x84),
        };
        if command.get(7) == Some(&asks) {
            let mut answer = command[5..command.len() - 1].to_vec();
            answer[2] = gives;
            answer.extend([0x90, 0x00]);
            return Ok(answer.into());
        }
        self.card.transmit(command)
    }
}

#[test]
fn a_recorded_session_opens_no_channel_when_it_is_played_again() {
    for curve in Curve::ALL {
        let info = PaceInfo::new(curve, Cipher::Aes128);
        let mut card = PaceCard::new(info);
        run(info, &mut card).unwrap();
        // The nonce and all keys are those of a run that went well.
        let mut replay = Recorded {
            log: card.log.into(),
            exact: false,
        };
        assert_eq!(run(info, &mut replay).err(), Some(PaceError::WrongToken));
    }
}

#[test]
fn a_nonce_of_another_run_opens_no_channel() {
    let info = PaceInfo::new(Curve::P256, Cipher::Aes128);
    let mut card = PaceCard::new(info);
    run(info, &mut card).unwrap();
    let (_, nonce) = card.log[1].clone();
    let mut card = PaceCard::new(info);
    card.tamper = Box::new(move |number, answer| if number == 1 { nonce.clone() } else { answer });
    // To the card, the terminal has used another password.
    let tries_left = None;
    let kind = KIND;
    let refused = run(info, &mut card).err();
    assert_eq!(refused, Some(PaceError::WrongPassword { kind, tries_left }));
}

#[test]
fn an_answer_cut_off_anywhere_opens_no_channel() {
    let info = PaceInfo::new(Curve::P256, Cipher::Aes128);
    for at in 1..5 {
        let mut length = 0;
        loop {
            let mut card = PaceCard::new(info);
            card.tamper = Box::new(move |number, mut answer| {
                if number == at {
                    let keep = length.min(answer.len() - 2);
                    answer.drain(keep..answer.len() - 2);
                }
                answer
            });
            match run(info, &mut card) {
                Ok(_) => break,
                Err(error) => {
                    let named = matches!(error, PaceError::Malformed { .. });
                    assert!(named, "{error} for answer {at} cut to {length}");
                }
            }
            length += 1;
        }
        assert!(length > 10);
    }
}

/// Opens a channel and sends one command whose answer is changed on its way.
fn tampered(change: impl Fn(Vec<u8>) -> Vec<u8> + 'static) -> Fault {
    let info = PaceInfo::new(Curve::P256, Cipher::Aes128);
    let mut card = PaceCard::new(info);
    card.tamper = Box::new(move |number, answer| if number == 5 { change(answer) } else { answer });
    let mut messaging = run(info, &mut card).unwrap();
    let command = [0, 0xCA, 0, 0, 4, 1, 2, 3, 4, 0];
    let refused = messaging.over(&mut card).transmit(&command).unwrap_err();
    assert_eq!(refused, ChannelError::SecureMessaging);
    let sent = card.log.len();
    let again = messaging.over(&mut card).transmit(&command).unwrap_err();
    assert_eq!(again, ChannelError::SecureMessaging);
    assert_eq!(card.log.len(), sent, "nothing goes out after a fault");
    messaging.fault().unwrap()
}

#[test]
fn a_protected_answer_cut_off_at_any_length_ends_the_channel() {
    // 87 11 01 (16) 99 02 90 00 8E 08 (8) 90 00
    let whole = 19 + 4 + 10 + 2;
    for length in 0..whole {
        let fault = tampered(move |answer| {
            assert_eq!(answer.len(), whole);
            answer[..length].to_vec()
        });
        match length {
            0 | 1 => assert_eq!(fault, Fault::TooShort),
            2 => assert!(matches!(fault, Fault::NotProtected { .. })),
            _ => assert!(
                matches!(fault, Fault::Malformed | Fault::MissingMac),
                "{fault} at {length}"
            ),
        }
        // The same with a status word at the end.
        let fault = tampered(move |answer| {
            let body = &answer[..length.min(whole - 3)];
            [body, &[0x90, 0x00]].concat()
        });
        match length {
            0 => assert_eq!(fault, Fault::NotProtected { status: 0x9000 }),
            _ => assert!(
                matches!(fault, Fault::Malformed | Fault::MissingMac),
                "{fault} at {length}"
            ),
        }
    }
}

#[test]
fn any_flipped_bit_of_a_protected_answer_ends_the_channel() {
    for byte in 0..35 {
        tampered(move |mut answer| {
            answer[byte] ^= 1 << (byte % 8);
            answer
        });
    }
}

#[test]
fn an_answer_of_before_ends_the_channel() {
    let info = PaceInfo::new(Curve::P256, Cipher::Aes128);
    let mut card = PaceCard::new(info);
    let mut before = Vec::new();
    card.tamper = Box::new(move |number, answer| match number {
        5 => {
            before = answer.clone();
            answer
        }
        6 => before.clone(),
        _ => answer,
    });
    let mut messaging = run(info, &mut card).unwrap();
    let command = [0, 0xCA, 0, 0, 4, 1, 2, 3, 4, 0];
    messaging.over(&mut card).transmit(&command).unwrap();
    messaging.over(&mut card).transmit(&command).unwrap_err();
    assert_eq!(messaging.fault(), Some(Fault::WrongMac));
}

#[test]
fn a_lost_card_ends_the_channel() {
    let info = PaceInfo::new(Curve::P256, Cipher::Aes128);
    let mut messaging = run(info, &mut PaceCard::new(info)).unwrap();
    let mut gone = Recorded {
        log: Vec::new().into(),
        exact: false,
    };
    let command = [0, 0xCA, 0, 0, 0];
    let error = messaging.over(&mut gone).transmit(&command).unwrap_err();
    assert_eq!(error, ChannelError::CardMute);
    assert_eq!(messaging.fault(), Some(Fault::NoAnswer));
}
