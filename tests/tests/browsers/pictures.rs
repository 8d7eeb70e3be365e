//! A page with pictures, each over a connection of its own: several signatures for one page.

use lichna_tests::approver::{Answers, Approver};
use lichna_tests::browser::Browser;
use lichna_tests::server::PICTURES;

use crate::account::{Account, chromium, each_browser};
use crate::client::PIN;
use crate::stage::Stage;

// Req C.3
#[test]
fn one_pin_loads_a_page_with_all_its_pictures_if_the_holder_grants_it() {
    let stage = Stage::piv();
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    each_browser(&stage, |browser, name| {
        let before = Account::open(&stage, &person);
        let page = browser.load(&server.url_of_pictures());
        assert_eq!(page.pictures, PICTURES, "{name}: {page:?}");
        before.assert_asked(1, name);
    });
}

#[test]
fn each_connection_asks_without_a_grant_and_no_picture_is_lost() {
    let stage = Stage::piv();
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    let account = Account::open(&stage, &person);
    let mut browser = chromium(&stage);
    let page = browser.load(&server.url_of_pictures());
    assert_eq!(page.pictures, PICTURES, "{page:?}");
    account.assert_pins(1 + PICTURES, "the page and its pictures");
    browser.quit();
}
