//! PINs typed at the reader, PC/SC part 10. Req C.2, 27.3.3

use lichna_tests::applet::Applet;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::pinpad::{Press, Properties};
use lichna_tests::vpicc::Card;

use crate::probe::Probe;
use crate::{ASK_PIV, SELECT_PIV};

const READER: &str = "Keys 00 00";
const LONG_MS: &str = "20000";

/// A keypad reader with a PIV card, and a program in a transaction with it.
fn selected(properties: Properties) -> (Pcscd, Card, Probe) {
    let pcscd = Pcscd::start(&[ReaderSpec::pinpad_with("Keys", properties)]);
    let card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    (pcscd, card, probe)
}

#[test]
fn a_pin_typed_at_the_reader_is_verified() {
    let (pcscd, card, mut probe) = selected(Properties::default());
    pcscd.reader(0).keypad().press("123456");
    assert_eq!(probe.must(&["verify"]), "9000");
    assert_eq!(probe.apdu(ASK_PIV), "9000");
    // What reached the card is what SP 800-73-4 wants: padded to eight bytes.
    let sent = card.log().into_iter().rev().nth(1).unwrap().command;
    assert_eq!(hex::encode(sent), "0020008008313233343536ffff");
}

#[test]
fn a_wrong_pin_is_the_cards_word_and_counts() {
    let (pcscd, _card, mut probe) = selected(Properties::default());
    pcscd.reader(0).keypad().press("654321");
    assert_eq!(probe.must(&["verify"]), "63c2");
    assert_eq!(probe.apdu(ASK_PIV), "63c2");
}

#[test]
fn cancel_and_time_out_spend_no_try() {
    let (pcscd, _card, mut probe) = selected(Properties::default());
    let keypad = pcscd.reader(0).keypad();
    keypad.queue(&[Press::Cancel, Press::TimeOut]);
    assert_eq!(probe.ask(&["verify"]), "error Cancelled");
    assert_eq!(probe.ask(&["verify"]), "error Timeout");
    assert_eq!(probe.apdu(ASK_PIV), "63c3");
    keypad.press("123456");
    assert_eq!(probe.must(&["verify"]), "9000");
}

#[test]
fn a_pin_is_changed_and_unblocked_at_the_reader() {
    let (pcscd, _card, mut probe) = selected(Properties::default());
    let keypad = pcscd.reader(0).keypad();
    for digits in ["123456", "87654321", "87654321"] {
        keypad.press(digits);
    }
    assert_eq!(probe.must(&["change"]), "9000");
    keypad.press("87654321");
    assert_eq!(probe.must(&["verify"]), "9000");
    for digits in ["12345678", "123456", "123456"] {
        keypad.press(digits);
    }
    assert_eq!(probe.must(&["unblock"]), "9000");
    keypad.press("123456");
    assert_eq!(probe.must(&["verify"]), "9000");
}

#[test]
fn a_new_pin_typed_differently_the_second_time_changes_nothing() {
    let (pcscd, _card, mut probe) = selected(Properties::default());
    let keypad = pcscd.reader(0).keypad();
    for digits in ["123456", "111111", "111112"] {
        keypad.press(digits);
    }
    assert_eq!(probe.ask(&["change"]), "error PinsDiffer");
    keypad.press("123456");
    assert_eq!(probe.must(&["verify"]), "9000");
}

#[test]
fn nobody_at_the_keypad_holds_the_program_no_longer_than_the_deadline() {
    let (pcscd, _card, mut probe) = selected(Properties::default());
    probe.must(&["deadline", "3000"]);
    // The reader is told to give up before the deadline.
    assert_eq!(probe.ask(&["verify"]), "error Timeout");
    // This one does not do as it is told.
    pcscd.reader(0).keypad().queue(&[Press::Wait]);
    probe.must(&["deadline", "600"]);
    assert_eq!(probe.ask(&["verify"]), "error Channel(DeadlineExceeded)");
    probe.must(&["drop"]);
    assert_eq!(probe.ask(&["begin", "600"]), "error DeadlineExceeded");
    // A key frees the reader, and the connection is as good as before.
    pcscd.reader(0).keypad().queue(&[Press::Cancel]);
    probe.must(&["begin", LONG_MS]);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(ASK_PIV), "63c3");
}

#[test]
fn a_reader_without_keys_has_no_pinpad() {
    let (_pcscd, _card, mut probe) = selected(Properties {
        pinpad: false,
        ..Properties::default()
    });
    assert_eq!(probe.must(&["pinpad"]), "false");
}

#[test]
fn a_keypad_that_cannot_take_the_pin_is_not_asked() {
    let (pcscd, _card, mut probe) = selected(Properties {
        digits_at_most: 5,
        modify: false,
        ..Properties::default()
    });
    assert_eq!(probe.must(&["pinpad"]), "true");
    assert_eq!(probe.ask(&["verify"]), "error NotSupported");
    assert_eq!(probe.ask(&["change"]), "error NotSupported");
    assert_eq!(pcscd.reader(0).keypad().asked(), 0);
}

#[test]
fn the_reader_says_how_long_a_command_may_be() {
    for (size, longest) in [(0, "261"), (2048, "2048"), (0x1_0000, "65544")] {
        let (_pcscd, _card, mut probe) = selected(Properties {
            max_apdu_data: size,
            ..Properties::default()
        });
        assert_eq!(probe.must(&["longest"]), longest);
        let extended = "00cb3fff000005".to_owned() + "5c035fc105" + "0000";
        let answer = probe.apdu(&extended);
        // Short enough for either; the card has no certificate there.
        assert_eq!(answer, "6a82");
    }
}
