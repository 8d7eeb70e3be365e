//! What a browser sees of a card before anybody logs in, and which calls a login is made of.

use lichna_tests::approver::{Answers, Approver};
use lichna_tests::browser::{Browser, Firefox, Spy};
use lichna_tests::programs::Provider;

use crate::account::{Account, firefox};
use crate::client::PIN;
use crate::stage::Stage;

/// The card and its holder, cut to the 32 bytes that PKCS#11 has for it.
const TOKEN: &str = "PIV Иван Петров Ива";

#[test]
fn the_certificate_manager_lists_the_card() {
    let stage = Stage::piv();
    let person = Approver::who_leaves_all(&stage.home);
    let mut browser = firefox(&stage);
    assert_eq!(browser.tokens(), [TOKEN]);
    let commands = stage.card.commands();
    assert_eq!(browser.tokens(), [TOKEN]);
    let listed = browser.database().listed();
    assert!(listed.contains(TOKEN), "{listed}");
    browser.quit();
    // Looking once more costs the card nothing, and nobody is asked.
    assert_eq!(stage.card.commands(), commands);
    assert_eq!(person.answered().len(), 0);
}

#[test]
fn a_login_of_firefox_signs_once_and_asks_for_no_pin_itself() {
    let stage = Stage::piv();
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    let spy = Spy::before(&Provider::ours(&stage.home));
    let mut browser = Firefox::start(spy.module(), &stage.ca);
    spy.clear();
    let account = Account::open(&stage, &person);
    let page = browser.load(&server.url_of_page());
    assert!(page.subject().is_some(), "{page:?}");
    account.assert_pins(1, "one page");
    let calls = spy.calls();
    assert_eq!(calls.get("C_SignInit"), Some(&1), "{calls:?}");
    assert_eq!(calls.get("C_Login"), None, "{calls:?}");
    let total: usize = calls.values().sum();
    eprintln!("{total} calls: {calls:?}");
    Box::new(browser).quit();
}
