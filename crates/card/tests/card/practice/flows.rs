//! The list of flows.

use super::{
    Flow, Interface, LONGEST_EXTENDED, LONGEST_SHORT, Make, Reader,
    administrator::{
        P256, P384, Rsa, interrupted, large_certificate, personalise, personalised,
        personalised_signing, renew, wrong_answer,
    },
    holder::{
        activate, block, blocked, can_first, change, login_contact, login_radio, login_rsa,
        pin_first, programs_signing, suspend, suspended, suspended_in_channel, unblock, wrong_can,
        wrong_pin, wrong_puk,
    },
};

/// What is done with a practice card.
pub fn all() -> Vec<Flow> {
    let contact = |name, prepare, run| Flow {
        name,
        face: Interface::Contact,
        longest: LONGEST_EXTENDED,
        card: Make::Ready,
        recorded: true,
        prepare,
        run,
    };
    let radio = |name, prepare, run| Flow {
        face: Interface::Contactless,
        ..contact(name, prepare, run)
    };
    let short = |flow| Flow {
        longest: LONGEST_SHORT,
        ..flow
    };
    let of = |card, flow| Flow { card, ..flow };
    let unrecorded = |flow| Flow {
        recorded: false,
        ..flow
    };
    vec![
        contact("personalise-p256", nothing, personalise::<P256>),
        short(contact(
            "personalise-p384-short",
            nothing,
            personalise::<P384>,
        )),
        contact("personalise-rsa2048", nothing, personalise::<Rsa>),
        radio("personalise-p256-radio", nothing, personalise::<P256>),
        contact("interrupted", nothing, interrupted),
        contact("wrong-answer", nothing, wrong_answer),
        contact("renew", personalised::<P256>, renew),
        unrecorded(contact("large-certificate", nothing, large_certificate)),
        unrecorded(short(contact(
            "large-certificate-short",
            nothing,
            large_certificate,
        ))),
        unrecorded(radio("large-certificate-radio", nothing, large_certificate)),
        unrecorded(short(radio(
            "large-certificate-radio-short",
            nothing,
            large_certificate,
        ))),
        contact("login-contact", personalised::<P256>, login_contact::<P256>),
        short(contact(
            "login-contact-short",
            personalised::<P384>,
            login_contact::<P384>,
        )),
        contact("login-rsa2048", personalised::<Rsa>, login_rsa),
        contact(
            "programs-signing-p384",
            personalised_signing::<P384>,
            programs_signing::<P384>,
        ),
        short(contact(
            "programs-signing-rsa2048-short",
            personalised_signing::<Rsa>,
            programs_signing::<Rsa>,
        )),
        radio("login-radio", personalised::<P256>, login_radio),
        short(radio(
            "login-radio-short",
            personalised::<P256>,
            login_radio,
        )),
        radio("can-first", nothing, can_first),
        of(
            Make::PinFirst,
            radio("pin-first", personalised::<P256>, pin_first),
        ),
        radio("wrong-can", nothing, wrong_can),
        contact("wrong-pin", nothing, wrong_pin),
        contact("suspended", suspend, suspended),
        radio("suspended-in-channel", suspend, suspended_in_channel),
        contact("blocked", block, blocked),
        contact("unblock", block, unblock),
        contact("wrong-puk", nothing, wrong_puk),
        contact("change-pin", nothing, change),
        of(Make::Transport, contact("activate", nothing, activate)),
    ]
}

fn nothing(_: &mut Reader<'_>) {}
