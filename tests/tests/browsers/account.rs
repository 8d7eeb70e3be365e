//! What a card and its holder were put to.

use lichna_ipc::{Reply, Request};
use lichna_tests::approver::Approver;
use lichna_tests::browser::{Browser, Chromium, Firefox, Page};
use lichna_tests::programs::Provider;
use lichna_tests::until;
use lichna_tests::vpicc::Card;

use crate::client::{Person, call};
use crate::stage::Stage;

/// A browser with our module, in the home of the stage.
pub fn firefox(stage: &Stage) -> Box<Firefox> {
    Box::new(Firefox::start(
        &Provider::ours(&stage.home),
        &stage.ca.root().path,
    ))
}

/// The same.
pub fn chromium(stage: &Stage) -> Box<Chromium> {
    Box::new(Chromium::start(
        &Provider::ours(&stage.home),
        &stage.ca.root().path,
    ))
}

/// Every browser, one after the other.
pub fn each_browser(stage: &Stage, mut with: impl FnMut(&mut dyn Browser, &str)) {
    let mut browser: Box<dyn Browser> = firefox(stage);
    with(&mut *browser, "Firefox");
    browser.quit();
    let mut browser: Box<dyn Browser> = chromium(stage);
    with(&mut *browser, "Chromium");
    browser.quit();
}

/// Loads a page until the server saw a certificate: browsers look at the slots of a module once a
/// second, and go without a certificate meanwhile.
pub fn load_once_the_card_is_seen(browser: &mut dyn Browser, url: &str) -> Page {
    let mut page = Page::default();
    until("the browser to see the card", || {
        page = browser.load(url);
        let unseen = page.text.contains(NO_CERTIFICATE);
        if unseen {
            browser.forget();
        }
        !unseen
    });
    page
}

/// nginx's words to who shows none.
pub const NO_CERTIFICATE: &str = "No required SSL certificate was sent";

/// The tries left of the card in the reader, as it says itself.
pub fn tries_left(stage: &Stage) -> Option<u8> {
    let request = Request::PinStatus { reader: None };
    match call(&stage.home, request, &mut Person::nobody()) {
        Ok(Reply::PinStatus(pins)) => pins[0].tries_left,
        other => panic!("{other:?}"),
    }
}

/// How many PINs came to the card in the clear: VERIFY with data.
pub fn pins_sent(card: &Card) -> usize {
    let commands = card.log().into_iter().map(|one| one.command);
    commands
        .filter(|command| matches!(command[..], [0x00, 0x20, _, _, length, ..] if length > 0))
        .count()
}

/// What the holder and the card went through since this was made.
pub struct Account<'a> {
    stage: &'a Stage,
    person: &'a Approver,
    asked: usize,
    sent: usize,
}

impl<'a> Account<'a> {
    pub fn open(stage: &'a Stage, person: &'a Approver) -> Self {
        Self {
            stage,
            person,
            asked: person.pins_asked(),
            sent: pins_sent(&stage.card),
        }
    }

    /// So many PINs were typed, and each came to the card once.
    pub fn assert_pins(&self, count: usize, what: &str) {
        self.assert_asked(count, what);
        self.assert_sent(count, what);
    }

    /// The holder was asked for so many PINs.
    pub fn assert_asked(&self, count: usize, what: &str) {
        self.person.until_done();
        assert_eq!(self.person.pins_asked() - self.asked, count, "{what}");
    }

    /// So many PINs came to the card.
    pub fn assert_sent(&self, count: usize, what: &str) {
        assert_eq!(pins_sent(&self.stage.card) - self.sent, count, "{what}");
    }
}
