//! Cards that are silent, pulled out, or whose service dies, in the middle of the work.

use std::time::Instant;

use lichna_tests::applet::Applet;
use lichna_tests::hostile::{Hostile, Sickness};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::until;

use crate::probe::Probe;
use crate::{ASK_PIV, LONG, SELECT_PIV, VERIFY_PIV};

const READER: &str = "Test 00 00";
const LONG_MS: &str = "20000";
const SHORT_MS: &str = "600";

fn reader() -> Pcscd {
    Pcscd::start(&[ReaderSpec::vpcd("Test")])
}

#[test]
fn a_card_that_never_answers_holds_nobody_longer_than_the_deadline() {
    let pcscd = reader();
    let silent = pcscd
        .reader(0)
        .insert(Hostile::new(Applet::piv(), Sickness::Silence).at(&[0x20]));
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    probe.must(&["deadline", SHORT_MS]);
    let start = Instant::now();
    assert_eq!(probe.apdu(VERIFY_PIV), "error DeadlineExceeded");
    // The deadline is over: the card is not asked again.
    assert_eq!(probe.apdu(ASK_PIV), "error DeadlineExceeded");
    probe.must(&["drop"]);
    // The thread behind the connection is stuck in the driver; nobody waits for it.
    assert_eq!(probe.ask(&["begin", SHORT_MS]), "error DeadlineExceeded");
    probe.must(&["close"]);
    assert!(start.elapsed() < LONG);
    assert_eq!(silent.commands(), 2);
    // Taken out, it frees the driver; the next card is served.
    silent.remove();
    probe.wait_for_card(false);
    drop(silent);
    let _card = pcscd.reader(0).insert(Applet::piv());
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(ASK_PIV), "63c3");
}

#[test]
fn nothing_is_sent_after_the_deadline() {
    let pcscd = reader();
    let card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    probe.must(&["deadline", "0"]);
    assert_eq!(probe.apdu(VERIFY_PIV), "error DeadlineExceeded");
    probe.must(&["drop"]);
    // By now all that was asked for was done.
    probe.must(&["begin", LONG_MS]);
    assert_eq!(card.commands(), 1);
}

#[test]
fn a_stuck_card_does_not_stop_the_watch() {
    let pcscd = Pcscd::start(&[ReaderSpec::pinpad("Test"), ReaderSpec::pinpad("Second")]);
    let _silent = pcscd
        .reader(0)
        .insert(Hostile::new(Applet::piv(), Sickness::Silence));
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.must(&["watch"]);
    let atr = format!("{:?}", hex::decode(crate::ATR).unwrap());
    probe.sees(&format!(
        "Running; Test 00 00: Card {{ atr: {atr} }}; Second 00 00: Empty"
    ));
    probe.begin(READER);
    probe.must(&["deadline", SHORT_MS]);
    assert_eq!(probe.apdu(SELECT_PIV), "error DeadlineExceeded");
    let _second = pcscd.reader(1).insert(Applet::openpgp());
    probe.sees(&format!(
        "Running; Test 00 00: InUse {{ atr: {atr}, exclusive: false }}; \
         Second 00 00: Card {{ atr: {atr} }}"
    ));
}

#[test]
fn a_card_pulled_out_is_gone_and_a_new_one_needs_a_new_connection() {
    let pcscd = reader();
    let card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    card.remove();
    Probe::new(&pcscd).wait_for_card(false);
    assert_eq!(probe.apdu(ASK_PIV), "error CardRemoved");
    probe.must(&["drop"]);
    assert_eq!(probe.ask(&["begin", LONG_MS]), "error NoCard");
    card.insert();
    probe.wait_for_card(true);
    assert_eq!(probe.ask(&["begin", LONG_MS]), "error NoCard");
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(ASK_PIV), "63c3");
}

#[test]
fn a_card_pulled_out_during_a_command_gives_no_answer() {
    let pcscd = reader();
    let _card = pcscd
        .reader(0)
        .insert(Hostile::new(Applet::piv(), Sickness::PulledOut).at(&[0x20]));
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(ASK_PIV), "error CardRemoved");
}

#[test]
fn a_service_that_dies_is_told_from_a_card_that_does() {
    let mut pcscd = reader();
    let _card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    pcscd.kill();
    assert_eq!(probe.apdu(ASK_PIV), "error ServiceStopped");
    probe.must(&["drop"]);
    assert_eq!(probe.ask(&["begin", LONG_MS]), "error Service(NotRunning)");
    assert_eq!(
        probe.ask(&["open", READER, LONG_MS]),
        "error Service(NotRunning)"
    );
    pcscd.start_again();
    probe.wait_for_card(true);
    assert_eq!(probe.ask(&["begin", LONG_MS]), "error ConnectionLost");
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(ASK_PIV), "63c3");
}

#[test]
fn a_reader_that_is_not_there_is_named() {
    let pcscd = reader();
    let mut probe = Probe::new(&pcscd);
    assert_eq!(
        probe.ask(&["open", "Nowhere 00 00", LONG_MS]),
        "error NoReader { reader: \"Nowhere 00 00\" }"
    );
    assert_eq!(probe.ask(&["open", READER, LONG_MS]), "error NoCard");
}

#[test]
fn an_observer_is_told_of_each_exchange_and_of_no_byte() {
    let pcscd = reader();
    let _card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.must(&["open", READER, LONG_MS]);
    probe.must(&["observe"]);
    probe.must(&["begin", LONG_MS]);
    let selected = probe.apdu(SELECT_PIV);
    probe.apdu(VERIFY_PIV);
    probe.must(&["finish", "reset"]);
    let selected = selected.len() / 2;
    assert_eq!(
        probe.unseen(),
        [
            format!("1 {READER} a4 0400 16 {selected} Some(9000) None false"),
            format!("2 {READER} 20 0080 13 2 Some(9000) None false"),
        ]
    );
}

#[test]
fn a_transaction_kept_awake_stays_open() {
    let pcscd = reader();
    let _card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(VERIFY_PIV), "9000");
    let pings = || {
        let log = std::fs::read(pcscd.log_path()).unwrap();
        String::from_utf8_lossy(&log)
            .matches("Received command: STATUS from")
            .count()
    };
    let before = pings();
    probe.must(&["awake"]);
    until("the service to be asked for the card's status", || {
        pings() > before
    });
    assert_eq!(probe.apdu(ASK_PIV), "9000");
}

#[test]
fn a_service_that_hangs_holds_nobody_longer_than_the_deadline() {
    let pcscd = reader();
    let _card = pcscd.reader(0).insert(Applet::piv());
    let mut probe = Probe::new(&pcscd);
    probe.wait_for_card(true);
    probe.begin(READER);
    probe.apdu(SELECT_PIV);
    let service = rustix::process::Pid::from_raw(pcscd.pid().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(service, rustix::process::Signal::STOP).unwrap();
    probe.must(&["deadline", SHORT_MS]);
    assert_eq!(probe.apdu(ASK_PIV), "error DeadlineExceeded");
    probe.must(&["drop"]);
    assert_eq!(probe.ask(&["begin", SHORT_MS]), "error DeadlineExceeded");
    let mut late = Probe::new(&pcscd);
    assert_eq!(late.ask(&["take", SHORT_MS]), "NotResponding; ");
    rustix::process::kill_process(service, rustix::process::Signal::CONT).unwrap();
    probe.must(&["begin", LONG_MS]);
    probe.apdu(SELECT_PIV);
    assert_eq!(probe.apdu(ASK_PIV), "63c3");
}
