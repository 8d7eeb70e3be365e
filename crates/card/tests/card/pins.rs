//! When a PIN is sent to a card, and when it is not. Req C.2, 15.1–15.3.

use std::sync::Arc;

use lichna_apdu::{
    Channel, ChannelError, Instruction, Interface, PinModification, PinVerification, Pinpad,
    PinpadError, Response,
};
use lichna_card::{
    Alphabet, Card, CardError, LastTry, PinProblem, PinState, PinStatus, Profile, Selected,
};
use lichna_secret::{Pin, SecretError};
use zeroize::Zeroizing;

use crate::{
    channels::Scripted,
    flows::{Which, pin, puk},
    profiles::{example, example_with},
};

pub const OK: &[u8] = &[0x90, 0x00];

pub fn piv(channel: &mut dyn Channel) -> Card<'_, Selected> {
    Card::already_selected(channel, Which::Piv.profile())
}

fn status(state: PinState) -> PinStatus {
    let profile = Which::Piv.profile();
    PinStatus {
        pin: profile.user_pin().unwrap().reference(),
        state,
        tries_total: None,
    }
}

pub fn left(tries: u8) -> PinStatus {
    status(PinState::Ready {
        tries_left: Some(tries),
    })
}

/// VERIFY on a card that would accept it; what came of it and what was sent.
fn verify(
    known: Option<PinStatus>,
    policy: LastTry,
    answers: &[&[u8]],
) -> (Result<(), CardError>, Scripted) {
    let mut channel = Scripted::new([]);
    channel.answers = answers.iter().map(|answer| answer.to_vec()).collect();
    let mut card = piv(&mut channel);
    let user = left(1).pin;
    let done = card
        .verify(user, &pin("123456"), policy, known.as_ref())
        .map(|_| ());
    (done, channel)
}

#[test]
fn stops_before_the_last_pin_try() {
    let refused = Err(CardError::LastTryRefused {
        tries_left: Some(1),
    });
    // Known from before.
    let (done, channel) = verify(Some(left(1)), LastTry::Refuse, &[OK]);
    assert_eq!((&done, channel.commands.len()), (&refused, 0));
    // Asked now.
    let (done, channel) = verify(None, LastTry::Refuse, &[&[0x63, 0xC1], OK]);
    assert_eq!(done, refused);
    assert_eq!((channel.commands.len(), channel.tries_spent()), (1, 0));
    // The holder said so.
    let (done, channel) = verify(Some(left(1)), LastTry::HolderSaidSo, &[OK]);
    assert_eq!((done, channel.tries_spent()), (Ok(()), 1));
    // Two are left.
    let (done, channel) = verify(Some(left(2)), LastTry::Refuse, &[OK]);
    assert_eq!((done, channel.tries_spent()), (Ok(()), 1));
}

#[test]
fn stops_when_the_card_does_not_say_whether_it_is_the_last_try() {
    for answer in [&[0x63, 0x00], &[0x6A, 0x81], &[0x6D, 0x00], &[0x67, 0x00]] {
        let (done, channel) = verify(None, LastTry::Refuse, &[answer, OK]);
        assert_eq!(done, Err(CardError::LastTryRefused { tries_left: None }));
        assert_eq!(channel.tries_spent(), 0);
    }
}

#[test]
fn a_pin_that_another_program_left_verified_has_all_its_tries() {
    let (done, channel) = verify(None, LastTry::Refuse, &[OK, OK]);
    assert_eq!((done, channel.tries_spent()), (Ok(()), 1));
}

#[test]
fn sends_no_pin_that_cannot_succeed() {
    for (state, error) in [
        (PinState::Blocked, CardError::PinBlocked),
        (PinState::UnblockingBlocked, CardError::PinBlocked),
        (PinState::Suspended, CardError::PinSuspended),
        (PinState::NotActivated, CardError::PinNotActivated),
    ] {
        let (done, channel) = verify(Some(status(state)), LastTry::HolderSaidSo, &[OK]);
        assert_eq!((done, channel.commands.len()), (Err(error), 0));
    }
}

#[test]
fn the_last_try_is_guarded_when_a_pin_is_changed_too() {
    let mut channel = Scripted::new([OK]);
    let user = left(1).pin;
    let done = piv(&mut channel).change_pin(
        user,
        &pin("123456"),
        &pin("654321"),
        LastTry::Refuse,
        Some(&left(1)),
    );
    assert!(matches!(done, Err(CardError::LastTryRefused { .. })));
    let done = piv(&mut channel).change_pin_on_pinpad(user, LastTry::Refuse, Some(&left(1)));
    assert!(matches!(done, Err(CardError::LastTryRefused { .. })));
    assert_eq!(channel.commands.len(), 0);
}

#[test]
fn the_status_of_another_pin_says_nothing_of_this_one() {
    let other = PinStatus {
        pin: Which::Piv.profile().pin_named("puk").unwrap(),
        ..left(3)
    };
    let (done, channel) = verify(Some(other), LastTry::Refuse, &[&[0x63, 0xC1], OK]);
    assert!(matches!(done, Err(CardError::LastTryRefused { .. })));
    assert_eq!(channel.tries_spent(), 0);
}

#[test]
fn refuses_an_empty_pin() {
    assert!(matches!(Pin::take(&mut []), Err(SecretError::Empty)));
    // And no profile takes one.
    assert!(Profile::check("p.toml", &example_with("shortest = 6", "shortest = 0")).is_err());
}

#[test]
fn sends_no_pin_that_the_card_does_not_take() {
    let profile = Arc::new(Profile::check("p.toml", &example()).unwrap());
    let user = profile.user_pin().unwrap().reference();
    for (characters, problem) in [
        (
            "12345",
            PinProblem::TooShort {
                length: 5,
                shortest: 6,
            },
        ),
        (
            "123456789",
            PinProblem::TooLong {
                length: 9,
                longest: 8,
            },
        ),
        (
            "12345a",
            PinProblem::Character {
                position: 6,
                alphabet: Alphabet::Digits,
            },
        ),
    ] {
        let mut channel = Scripted::new([OK]);
        let mut card = Card::already_selected(&mut channel, Arc::clone(&profile));
        let known = PinStatus {
            pin: user,
            ..left(3)
        };
        let done = card
            .verify(user, &pin(characters), LastTry::Refuse, Some(&known))
            .map(|_| ());
        assert_eq!(
            done,
            Err(CardError::PinFormat {
                pin: "pin".into(),
                problem: problem.clone()
            })
        );
        // Nor as a new one: the old one is not spent for it.
        let done = card.change_pin(
            user,
            &pin("123456"),
            &pin(characters),
            LastTry::Refuse,
            Some(&known),
        );
        assert_eq!(
            done,
            Err(CardError::PinFormat {
                pin: "pin".into(),
                problem: problem.clone()
            })
        );
        assert_eq!(channel.commands.len(), 0);
    }
}

#[test]
fn sends_no_pin_over_the_radio_in_the_clear() {
    let mut channel = Scripted::new([OK, OK, OK]);
    channel.interface = Interface::Contactless;
    let mut card = piv(&mut channel);
    let known = left(3);
    let refused = Err(CardError::ClearPinOverRadio);
    let (user, old, new) = (known.pin, pin("123456"), pin("654321"));
    let done = card
        .verify(user, &old, LastTry::Refuse, Some(&known))
        .map(|_| ());
    assert_eq!(done, refused);
    let done = card
        .verify_on_pinpad(user, LastTry::Refuse, Some(&known))
        .map(|_| ());
    assert_eq!(done, refused);
    assert_eq!(
        card.change_pin(user, &old, &new, LastTry::Refuse, Some(&known)),
        refused
    );
    assert_eq!(
        card.unblock(user, &puk("12345678"), &new, LastTry::Refuse, None),
        refused
    );
    assert_eq!(channel.commands.len(), 0);
}

#[test]
fn a_pin_that_wants_to_be_derived_is_named_as_that() {
    let tries = [&[0, 127, 127, 127, 3, 0, 3][..], OK].concat();
    let wrong = CardError::WrongPin { retries_left: None };
    // DO F9 as it is or what is in it: iterated and salted, or not at all.
    for (kdf, error) in [
        (
            &[0x81, 0x01, 0x03, 0x82, 0x01, 0x08][..],
            CardError::PinDerivation,
        ),
        (&[0xF9, 0x03, 0x81, 0x01, 0x03], CardError::PinDerivation),
        (&[0x81, 0x01, 0x00], wrong.clone()),
        (&[0xF9, 0x03, 0x81, 0x01, 0x00], wrong.clone()),
        (&[], wrong.clone()),
    ] {
        let mut channel = Scripted::new([&tries, &[0x69, 0x82], &[kdf, OK].concat()]);
        let profile = Which::OpenPgp.profile();
        let user = profile.user_pin().unwrap().reference();
        let done = Card::already_selected(&mut channel, profile)
            .verify(user, &pin("123456"), LastTry::Refuse, None)
            .map(|_| ());
        assert_eq!(done, Err(error), "{kdf:02X?}");
        assert_eq!((channel.tries_spent(), channel.commands.len()), (1, 3));
    }
}

/// A card in a reader with a keypad.
struct Keypad {
    card: Scripted,
    answer: Result<u16, PinpadError>,
    verified: Option<PinVerification>,
    modified: Option<PinModification>,
}

impl Keypad {
    fn answer(&self) -> Result<Response, PinpadError> {
        let word = self.answer.clone()?;
        Ok(Response::parse(Zeroizing::new(word.to_be_bytes().to_vec())).unwrap())
    }
}

impl Channel for Keypad {
    fn interface(&self) -> Interface {
        self.card.interface
    }
    fn longest_command(&self) -> usize {
        self.card.longest
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        self.card.transmit(command)
    }
    fn pinpad(&mut self) -> Option<&mut dyn Pinpad> {
        Some(self)
    }
}

impl Pinpad for Keypad {
    fn verify(&mut self, verification: &PinVerification) -> Result<Response, PinpadError> {
        self.verified = Some(*verification);
        self.answer()
    }
    fn modify(&mut self, modification: &PinModification) -> Result<Response, PinpadError> {
        self.modified = Some(*modification);
        self.answer()
    }
}

#[test]
fn a_pin_typed_on_the_reader_is_guarded_and_judged_alike() {
    let keypad = |answer| Keypad {
        card: Scripted::new([]),
        answer,
        verified: None,
        modified: None,
    };
    let user = left(3).pin;
    let with = |answer, known: PinStatus| {
        let mut channel = keypad(answer);
        let done = piv(&mut channel)
            .verify_on_pinpad(user, LastTry::Refuse, Some(&known))
            .map(|_| ());
        (done, channel.verified.is_some())
    };
    assert_eq!(with(Ok(0x9000), left(3)), (Ok(()), true));
    let wrong = CardError::WrongPin {
        retries_left: Some(2),
    };
    assert_eq!(with(Ok(0x63C2), left(3)), (Err(wrong), true));
    assert_eq!(
        with(Ok(0x6983), left(3)),
        (Err(CardError::PinBlocked), true)
    );
    let (done, asked) = with(Ok(0x9000), left(1));
    assert!(matches!(done, Err(CardError::LastTryRefused { .. })) && !asked);
    let (done, _) = with(Err(PinpadError::Cancelled), left(3));
    assert_eq!(done, Err(CardError::Pinpad(PinpadError::Cancelled)));

    let mut channel = keypad(Ok(0x9000));
    piv(&mut channel)
        .unblock_on_pinpad(user, LastTry::Refuse, None)
        .unwrap();
    let sent = channel.modified.unwrap();
    assert_eq!(sent.instruction, Instruction::ResetRetryCounter);
    assert_eq!(
        (sent.p1, sent.reference, sent.new.padding),
        (0x00, 0x80, Some(0xFF))
    );

    let mut channel = Scripted::new([]);
    let done = piv(&mut channel)
        .verify_on_pinpad(user, LastTry::Refuse, Some(&left(3)))
        .map(|_| ());
    assert_eq!(done, Err(CardError::NoPinpad));
}

#[test]
fn a_suspended_pin_is_told_from_a_wrong_one() {
    let text = example_with(
        "contactless = \"refused\"",
        "contactless = \"needs-pace\"\npasswords = [\"can\"]",
    );
    let text = text.replacen("tries = 3", "tries = 3\nsuspended_at = 1", 1);
    let profile = Arc::new(Profile::check("p.toml", &text).unwrap());
    let user = profile.user_pin().unwrap().reference();
    for (answer, state) in [
        (
            [0x63, 0xC3],
            PinState::Ready {
                tries_left: Some(3),
            },
        ),
        ([0x63, 0xC1], PinState::Suspended),
        ([0x69, 0x85], PinState::Suspended),
        ([0x69, 0x83], PinState::Blocked),
        ([0x63, 0xC0], PinState::Blocked),
        ([0x69, 0x84], PinState::NotActivated),
        ([0x6A, 0x88], PinState::Unknown),
        // Verified just now, so with all its tries.
        (
            [0x90, 0x00],
            PinState::Ready {
                tries_left: Some(3),
            },
        ),
    ] {
        let mut channel = Scripted::new([&answer]);
        let mut card = Card::already_selected(&mut channel, Arc::clone(&profile));
        assert_eq!(card.pin_status(user).unwrap().state, state, "{answer:02X?}");
        assert_eq!(channel.tries_spent(), 0);
    }
}
