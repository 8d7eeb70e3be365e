//! What is said to a card before its secure channel stands. Req 15.2, 15.3.

use lichna_apdu::{ChannelError, ExchangeError, Interface};
use lichna_card::{
    Atr, Card, CardAccess, CardError, LastTry, PaceError, Password, PinState, PinStatus, Profiles,
    Unsupported, open_channel, open_channel_spending, read_card_access,
};
use lichna_secret::Can;

use crate::{
    channels::Scripted,
    flows::{pin, puk},
    pins::OK,
    practice::{Counted, profile},
};

/// PACE with generic mapping, AES-256, on P-256.
const CARD_ACCESS: &str = "31143012060A04007F0007020204020402010202010C";
/// The practice card's, over the radio.
const ATR: &str = "3B8880014C4943484E412D5075";

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex.replace(' ', "")).unwrap()
}

fn access() -> CardAccess {
    CardAccess::parse(&bytes(CARD_ACCESS)).unwrap()
}

fn radio<const N: usize>(answers: [&[u8]; N]) -> Scripted {
    let mut channel = Scripted::new(answers);
    channel.interface = Interface::Contactless;
    channel
}

#[test]
fn one_command_asks_a_strange_card_whether_it_speaks_pace() {
    let file = [&bytes(CARD_ACCESS)[..], OK].concat();
    let mut channel = radio([&file]);
    assert_eq!(read_card_access(&mut channel), Ok(Some(access())));
    assert_eq!(channel.commands, [bytes("00 B0 9C 00 00")]);
    // What fills the file up is no part of it; DG14 is compared with what is.
    let padded = [&bytes(CARD_ACCESS)[..], &[0; 9], OK].concat();
    let read = read_card_access(&mut radio([&padded])).unwrap().unwrap();
    assert_eq!(read.as_bytes(), bytes(CARD_ACCESS));
}

#[test]
fn a_card_without_the_file_speaks_no_pace() {
    for answer in [
        &[0x6A, 0x82][..],
        &[0x6D, 0x00],
        &[0x69, 0x82],
        &[0x69, 0x86],
        &[0x6E, 0x00],
        OK,
        &[0, 0, 0, 0x90, 0x00],
    ] {
        let mut channel = radio([answer]);
        assert_eq!(read_card_access(&mut channel), Ok(None), "{answer:02X?}");
        assert_eq!(channel.commands.len(), 1);
    }
}

#[test]
fn a_long_file_is_read_in_pieces_and_one_without_end_is_not() {
    // An info that nobody knows makes it longer than one answer.
    let unknown = format!("3082 0103 0601 2A 0481FD {}", "5A".repeat(0xFD));
    let file = bytes(&format!("3182 011B {unknown} {}", &CARD_ACCESS[4..]));
    let (first, second) = file.split_at(256);
    let mut channel = radio([&[first, OK].concat(), &[second, OK].concat()]);
    let read = read_card_access(&mut channel).unwrap().unwrap();
    assert_eq!(read.as_bytes(), file);
    assert_eq!(read.pace(), access().pace());
    assert_eq!(channel.commands[1], bytes("00 B0 01 00 00"));

    let endless = [&bytes("31 83 FF FF FF")[..], &[0x30; 200], OK].concat();
    let mut channel = radio([&endless, &endless, &endless]);
    assert!(read_card_access(&mut channel).is_err());
    assert_eq!(channel.commands.len(), 1);
    // It announces more, and then sends none.
    let mut channel = radio([&[&bytes("31 20 30")[..], OK].concat(), OK]);
    assert!(read_card_access(&mut channel).is_err());
}

#[test]
fn a_card_that_wants_another_protocol_is_told_by_name() {
    // id-PACE-DH-GM-AES-CBC-CMAC-128, and the integrated mapping over ECDH.
    for (arcs, what) in [
        ("0102", Unsupported::DiffieHellman),
        ("0402", Unsupported::IntegratedMapping),
    ] {
        let file = format!("3111300F 060A 04007F00070202 04 {arcs} 020102");
        let access = CardAccess::parse(&bytes(&file)).unwrap();
        let mut channel = radio([]);
        let can = Can::take(&mut b"123456".to_vec()).unwrap();
        let refused = open_channel(
            &mut channel,
            &access,
            Password::Can(&can),
            &mut Counted::default(),
        );
        assert_eq!(
            refused.map(|_| ()),
            Err(CardError::ChannelUnsupported { what })
        );
        assert!(channel.commands.is_empty());
    }
}

/// MSE:SET AT with this answer; what came of it, and how many commands were sent.
fn open(answer: &[u8], password: Password<'_>, policy: LastTry) -> (CardError, usize) {
    let mut channel = radio([answer, &[0x69, 0x85]]);
    let opened = open_channel_spending(
        &mut channel,
        &access(),
        password,
        policy,
        &mut Counted::default(),
    );
    let error = opened.map(|_| ()).unwrap_err();
    (error, channel.commands.len())
}

#[test]
fn each_state_of_a_pin_has_an_error_of_its_own_before_a_try_is_spent() {
    let (pin, puk) = (pin("123456"), puk("12345678"));
    let (pin, puk) = (Password::Pin(&pin), Password::Puk(&puk));
    let refuse = LastTry::Refuse;
    let last = CardError::LastTryRefused {
        tries_left: Some(1),
    };
    for (answer, password, error) in [
        ([0x69, 0x83], pin, CardError::PinBlocked),
        ([0x63, 0xC0], pin, CardError::PinBlocked),
        ([0x69, 0x84], pin, CardError::PinNotActivated),
        ([0x63, 0xC1], pin, CardError::PinSuspended),
        ([0x69, 0x83], puk, CardError::PukBlocked),
        ([0x63, 0xC1], puk, last),
    ] {
        assert_eq!(open(&answer, password, refuse), (error, 1), "{answer:02X?}");
    }
    // Where the holder said so, the card is asked, and says it itself.
    let (error, commands) = open(&[0x63, 0xC1], pin, LastTry::HolderSaidSo);
    assert_eq!((error, commands), (CardError::PinSuspended, 2));
    // The policy of a card that wants the CAN first.
    let (error, commands) = open(&[0x69, 0x82], pin, refuse);
    assert!(
        matches!(error, CardError::ChannelRefused(PaceError::Refused { .. })),
        "{error:?}"
    );
    assert_eq!(commands, 1);
}

#[test]
fn a_card_that_leaves_while_the_channel_opens_is_a_card_that_left() {
    let can = Can::take(&mut b"123456".to_vec()).unwrap();
    let mut channel = radio([OK]);
    let opened = open_channel(
        &mut channel,
        &access(),
        Password::Can(&can),
        &mut Counted::default(),
    );
    let removed = CardError::Exchange(ExchangeError::Channel(ChannelError::CardRemoved));
    assert_eq!(opened.map(|_| ()), Err(removed));
}

#[test]
fn selects_nothing_on_a_card_that_is_known_to_need_a_channel() {
    let profiles = Profiles::builtin();
    let atr = Atr::parse(&bytes(ATR)).unwrap();
    let mut channel = radio([OK]);
    let refused = profiles.recognise(&mut channel, &atr);
    assert_eq!(refused.map(|_| ()), Err(CardError::ChannelNeeded));
    assert!(channel.commands.is_empty());
    let by_atr = profiles.by_atr_alone(&atr, Interface::Contactless);
    assert!(by_atr.unwrap().is_practice());
    // On contacts it needs none, and is recognised by its application.
    assert!(profiles.by_atr_alone(&atr, Interface::Contact).is_none());
    let other = Atr::parse(&[0x3B, 0x00]).unwrap();
    assert!(
        profiles
            .by_atr_alone(&other, Interface::Contactless)
            .is_none()
    );
}

#[test]
fn an_application_that_needs_a_channel_is_not_looked_for_without_one() {
    let mut profiles = Profiles::builtin();
    let text = crate::profiles::example_with(
        "contactless = \"refused\"",
        "contactless = \"needs-pace\"\npasswords = [\"can\"]",
    )
    .replace("only_these_atrs = true", "only_these_atrs = false");
    profiles.add_unsigned("mine.toml", &text).unwrap();
    let mut channel = radio([&[0x6A, 0x82], &[0x6A, 0x82], OK]);
    let other = Atr::parse(&[0x3B, 0x00]).unwrap();
    assert!(profiles.recognise(&mut channel, &other).unwrap().is_none());
    assert_eq!(channel.commands.len(), 2, "PIV and OpenPGP");
}

#[test]
fn no_pin_and_no_question_goes_out_in_the_clear_over_the_radio() {
    let profile = profile();
    let user = profile.user_pin().unwrap().reference();
    let known = PinStatus {
        pin: user,
        state: PinState::Ready {
            tries_left: Some(3),
        },
        tries_total: None,
    };
    let mut channel = radio([OK, OK, OK, OK]);
    let mut card = Card::already_selected(&mut channel, profile.clone());
    let needed = || CardError::ChannelNeeded;
    let (old, new) = (pin("123456"), pin("654321"));
    let refuse = LastTry::Refuse;
    let verified = card.verify(user, &old, refuse, Some(&known)).map(|_| ());
    assert_eq!(verified, Err(needed()));
    let changed = card.change_pin(user, &old, &new, refuse, Some(&known));
    assert_eq!(changed, Err(needed()));
    let unblocked = card.unblock(user, &puk("12345678"), &new, refuse, None);
    assert_eq!(unblocked, Err(needed()));
    let activated = card.activate_pin(user, &pin("12345"), &new, refuse, None);
    assert_eq!(activated, Err(needed()));
    assert_eq!(card.read_cia().map(|_| ()), Err(needed()));
    assert_eq!(card.read_card_number().map(|_| ()), Err(needed()));
    let by_channel = card.verified_by_channel(user).map(|_| ());
    assert_eq!(by_channel, Err(needed()));
    assert!(channel.commands.is_empty());
}
