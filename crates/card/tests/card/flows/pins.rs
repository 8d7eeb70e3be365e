//! Giving PINs.

use lichna_apdu::Channel;
use lichna_card::{CardError, LastTry, PinState};

use super::{
    ADMINISTRATOR, NEW, PIN, PUK, WRONG, Which, personalise::administrate, pin, puk, ready, select,
    state, verify,
};

pub fn wrong_pin(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    assert_eq!(
        verify(&mut card, WRONG),
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    assert_eq!(state(&mut card), ready(2));
    // The right one gives the tries back.
    assert_eq!(verify(&mut card, PIN), Ok(()));
    let mut card = select(which, channel);
    assert_eq!(
        verify(&mut card, WRONG),
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
}

pub fn block(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    while verify(&mut card, WRONG) != Err(CardError::PinBlocked) {}
}

pub fn blocked(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    assert_eq!(state(&mut card), PinState::Blocked);
    // Not even sent.
    assert_eq!(verify(&mut card, PIN), Err(CardError::PinBlocked));
}

pub fn block_with_puk(which: Which, channel: &mut dyn Channel) {
    if which == Which::OpenPgp {
        let mut card = select(which, channel);
        let user = card.profile().user_pin().unwrap().reference();
        let administrator = pin(ADMINISTRATOR);
        let mut card = administrate(&mut card, &administrator, None);
        card.set_puk(user, &puk(PUK)).unwrap();
    }
    block(which, channel);
}

pub fn unblock(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let user = card.profile().user_pin().unwrap().clone();
    let unblocking = user.unblocked_by().unwrap();
    let user = user.reference();
    let known = card.pin_status(unblocking).unwrap();
    let wrong = card.unblock(
        user,
        &puk("87654321"),
        &pin(NEW),
        LastTry::Refuse,
        Some(&known),
    );
    assert_eq!(
        wrong,
        Err(CardError::PukWrong {
            retries_left: Some(2)
        })
    );
    card.unblock(user, &puk(PUK), &pin(NEW), LastTry::Refuse, Some(&known))
        .unwrap();
    assert_eq!(state(&mut card), ready(3));
    assert_eq!(verify(&mut card, NEW), Ok(()));
}

pub fn change(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let user = card.profile().user_pin().unwrap().reference();
    let wrong = card.change_pin(user, &pin(WRONG), &pin(NEW), LastTry::Refuse, None);
    assert!(
        matches!(wrong, Err(CardError::WrongPin { .. })),
        "{wrong:?}"
    );
    card.change_pin(user, &pin(PIN), &pin(NEW), LastTry::Refuse, None)
        .unwrap();
    let mut card = select(which, channel);
    assert_eq!(verify(&mut card, NEW), Ok(()));
}

pub fn reset_security(which: Which, channel: &mut dyn Channel) {
    let mut card = select(which, channel);
    let user = card.profile().user_pin().unwrap().reference();
    assert_eq!(
        verify(&mut card, WRONG),
        Err(CardError::WrongPin {
            retries_left: Some(2)
        })
    );
    let verified = card.verify(user, &pin(PIN), LastTry::Refuse, None).unwrap();
    verified.reset_security().unwrap();
    let refused = refuses_to_sign(which, channel);
    assert!(refused, "the card signs, so it has not forgotten the PIN");
}

/// Whether the card refuses a signature for want of a PIN. Says so past our own types, which do
/// not let anybody try.
pub fn refuses_to_sign(which: Which, channel: &mut dyn Channel) -> bool {
    let command: Vec<u8> = match which {
        Which::Piv => [
            &[
                0x00, 0x87, 0x11, 0x9A, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20,
            ][..],
            &[1; 32],
            &[0],
        ]
        .concat(),
        Which::OpenPgp => [&[0x00, 0x88, 0x00, 0x00, 0x20][..], &[1; 32], &[0]].concat(),
    };
    channel.transmit(&command).unwrap()[..] == [0x69, 0x82]
}
