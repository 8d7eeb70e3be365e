//! What is not done, and what is never sent. Req C.2, 15.1–15.3.

use std::{io::Write, sync::Arc};

use flate2::{Compression, write::GzEncoder};

use lichna_apdu::{
    Channel, ChannelError, ExchangeError, Instruction, Interface, LONGEST_EXTENDED,
    PinModification, PinVerification, Pinpad, PinpadError, Response, Status,
};
use lichna_card::{
    AdminAlgorithm, AdminKey, Administrator, Alphabet, Atr, Card, CardError, KeyAlgorithm, KeyRef,
    LastTry, PinProblem, PinState, PinStatus, Profile, Profiles, Salt, SignatureScheme,
};
use lichna_secret::{Pin, SecretError};
use zeroize::Zeroizing;

use crate::{
    channels::Scripted,
    flows::{Which, pin, puk},
    profiles::{example, example_with},
};

const OK: &[u8] = &[0x90, 0x00];
const AUTHENTICATION: KeyRef = KeyRef::new(0x9A);

fn piv(channel: &mut dyn Channel) -> Card<'_, lichna_card::Selected> {
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

fn left(tries: u8) -> PinStatus {
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
fn signs_nothing_with_a_key_or_a_scheme_that_the_profile_does_not_offer() {
    let mut channel = Scripted::new([OK, OK]);
    let mut card = piv(&mut channel);
    let mut card = card
        .verify(left(3).pin, &pin("123456"), LastTry::Refuse, Some(&left(3)))
        .unwrap();
    let mut sign = |key, algorithm, scheme| {
        card.sign(
            KeyRef::new(key),
            algorithm,
            scheme,
            b"x",
            &Salt::new([0; 64]),
        )
    };
    let (p256, ecdsa) = (KeyAlgorithm::EcP256, SignatureScheme::EcdsaSecp256r1Sha256);
    // Document signatures and deciphering are none of a login's business. Promise 3.
    for key in [0x9C, 0x9D] {
        assert_eq!(
            sign(key, p256, ecdsa),
            Err(CardError::SchemeNotOffered { scheme: ecdsa })
        );
    }
    assert!(matches!(
        sign(0x9E, p256, ecdsa),
        Err(CardError::AnotherPin { .. })
    ));
    assert_eq!(
        sign(0x83, p256, ecdsa),
        Err(CardError::NotInProfile { what: "key" })
    );
    let wrong = SignatureScheme::EcdsaSecp384r1Sha384;
    assert_eq!(
        sign(0x9A, p256, wrong),
        Err(CardError::SchemeNotOffered { scheme: wrong })
    );
    drop(card);
    assert_eq!(channel.commands.len(), 1);
}

#[test]
fn an_openpgp_card_is_never_asked_for_pss() {
    let profile = Which::OpenPgp.profile();
    let key = profile.login_keys().next().unwrap();
    let offered: Vec<_> = key
        .schemes_for(KeyAlgorithm::Rsa2048)
        .map(SignatureScheme::name)
        .collect();
    assert_eq!(
        offered,
        ["rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512"]
    );
}

#[test]
fn an_unknown_card_is_asked_for_nothing_but_its_applications() {
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6D, 0x00]]);
    let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
    let found = Profiles::builtin().recognise(&mut channel, &atr).unwrap();
    assert!(found.is_none());
    assert_eq!(channel.commands.len(), 2);
    assert!(
        channel
            .commands
            .iter()
            .all(|command| command[..4] == [0x00, 0xA4, 0x04, 0x00])
    );
}

#[test]
fn an_unsigned_profile_cannot_take_a_known_card_by_another_application() {
    let mut profiles = Profiles::builtin();
    // Its ATR is of no signed profile, and fits; but the card has PIV too.
    profiles.add_unsigned("mine.toml", &example()).unwrap();
    let mut channel = Scripted::new([OK]);
    let atr =
        Atr::parse(&hex::decode("3B878001455841 4D501234".replace(' ', "")).unwrap()).unwrap();
    let found = profiles.recognise(&mut channel, &atr).unwrap().unwrap();
    assert_eq!((found.name(), found.unsigned()), ("PIV", false));

    // A card without PIV and OpenPGP is the user's.
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
    let found = profiles.recognise(&mut channel, &atr).unwrap().unwrap();
    assert_eq!(
        (found.name(), found.unsigned()),
        ("Example staff card", true)
    );

    // And with another ATR it is nobody's: the profile says so.
    let mut channel = Scripted::new([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
    let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
    assert!(profiles.recognise(&mut channel, &atr).unwrap().is_none());
    assert_eq!(channel.commands.len(), 2);
}

#[test]
fn a_terminated_application_is_said_to_be_terminated() {
    let mut channel = Scripted::new([&[0x62, 0x85]]);
    let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
    let found = Profiles::builtin().recognise(&mut channel, &atr);
    assert_eq!(found.map(|_| ()), Err(CardError::ApplicationTerminated));
}

#[test]
fn a_card_that_does_not_know_the_key_personalises_nothing() {
    // It answers the challenge with what it was given: right for a witness, wrong as a proof.
    let witness = [&[0x7C, 0x0A, 0x80, 0x08][..], &[1; 8], OK].concat();
    let proof = [&[0x7C, 0x0A, 0x82, 0x08][..], &[2; 8], OK].concat();
    let mut channel = Scripted::new([&witness, &proof]);
    let key = AdminKey::new(AdminAlgorithm::TripleDes, Zeroizing::new(vec![7; 24])).unwrap();
    let done = piv(&mut channel)
        .authenticate_administrator(&Administrator::Key {
            key: &key,
            challenge: [5; 16],
        })
        .map(|_| ());
    assert_eq!(done, Err(CardError::CardNotGenuine));
}

#[test]
fn falls_back_to_short_commands_when_the_card_refuses_extended_ones() {
    let object = [
        &[0x53, 0x07, 0x70, 0x02, 0x30, 0x00, 0x71, 0x01, 0x00][..],
        OK,
    ]
    .concat();
    let mut channel = Scripted::new([&[0x67, 0x00], &object, &object]);
    channel.longest = LONGEST_EXTENDED;
    let mut card = piv(&mut channel);
    for _ in 0..2 {
        assert_eq!(
            card.read_certificate(AUTHENTICATION).unwrap(),
            Some(vec![0x30, 0x00])
        );
    }
    let lengths: Vec<usize> = channel.commands.iter().map(Vec::len).collect();
    // Extended, short; and from then on short at once.
    assert_eq!(lengths, [14, 11, 11]);
}

#[test]
fn a_compressed_certificate_is_unpacked_where_the_object_says_so() {
    let der = [&[0x30, 0x81, 0x80][..], &[0x05; 128]].concat();
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&der).unwrap();
    let packed = packed.finish().unwrap();
    let object = |info| {
        let value = [
            &lichna_apdu::tlv::encode(0x70, &packed)[..],
            &[0x71, 0x01, info, 0xFE, 0x00],
        ]
        .concat();
        [&lichna_apdu::tlv::encode(0x53, &value)[..], OK].concat()
    };
    let mut channel = Scripted::new([&object(0x01), &object(0x00)]);
    let mut card = piv(&mut channel);
    assert_eq!(card.read_certificate(AUTHENTICATION).unwrap(), Some(der));
    assert!(card.read_certificate(AUTHENTICATION).is_err());
}

#[test]
fn a_pulled_card_is_told_from_a_refusal() {
    let mut channel = Scripted::new([]);
    let done = piv(&mut channel).read_certificate(AUTHENTICATION);
    let removed = CardError::Exchange(ExchangeError::Channel(ChannelError::CardRemoved));
    assert_eq!(done, Err(removed));
    let mut channel = Scripted::new([&[0x69, 0x82]]);
    let done = piv(&mut channel).read_certificate(AUTHENTICATION);
    let refused = CardError::CardRefused {
        command: Instruction::GetDataOdd,
        status: Status::SecurityStatusNotSatisfied,
    };
    assert_eq!(done, Err(refused));
}

#[test]
fn a_pin_that_wants_to_be_derived_is_named_as_that() {
    // Tries, VERIFY, and DO F9 that says iterated and salted.
    let tries = [&[0, 127, 127, 127, 3, 0, 3][..], OK].concat();
    let kdf = [&[0x81, 0x01, 0x03, 0x82, 0x01, 0x08][..], OK].concat();
    let mut channel = Scripted::new([&tries, &[0x69, 0x82], &kdf]);
    let profile = Which::OpenPgp.profile();
    let user = profile.user_pin().unwrap().reference();
    let done = Card::already_selected(&mut channel, profile)
        .verify(user, &pin("123456"), LastTry::Refuse, None)
        .map(|_| ());
    assert_eq!(done, Err(CardError::PinDerivation));
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
