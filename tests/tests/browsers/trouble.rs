//! What goes wrong: each ends well, and no try is spent that the holder did not type.

use lichna_tests::approver::{Answers, Approver, pending};
use lichna_tests::browser::{Browser, Page};
use lichna_tests::until;

use crate::account::{
    Account, NO_CERTIFICATE, chromium, each_browser, firefox, load_once_the_card_is_seen,
    pins_sent, tries_left,
};
use crate::client::{PIN, WRONG, agent, cards_are_read};
use crate::stage::Stage;

/// The server saw the holder's certificate.
fn is_logged_in(page: &Page) -> bool {
    page.failure.is_none() && page.subject().is_some()
}

/// Loads the page again and again until the holder is logged in, as a person does who knows that
/// it must work in the end.
fn load_until_logged_in(browser: &mut dyn Browser, url: &str) {
    until("the page", || {
        let page = browser.load(url);
        let is = is_logged_in(&page);
        if !is {
            browser.forget();
        }
        is
    });
}

#[test]
fn a_card_pulled_and_put_in_again_between_pages_logs_in_again() {
    let stage = Stage::piv();
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    each_browser(&stage, |browser, name| {
        let account = Account::open(&stage, &person);
        let page = load_once_the_card_is_seen(browser, &server.url_of_page());
        assert!(is_logged_in(&page), "{name}: {page:?}");
        stage.card.remove();
        cards_are_read(&stage.home, 0);
        let page = browser.load(&server.url_of_page());
        let without = page.failure.is_some() || page.text.contains(NO_CERTIFICATE);
        assert!(without, "{name}: {page:?}");
        stage.card.insert();
        cards_are_read(&stage.home, 1);
        load_until_logged_in(browser, &server.url_of_page());
        account.assert_pins(2, name);
    });
    assert_eq!(tries_left(&stage), Some(3));
}

#[test]
fn a_wrong_pin_fails_the_page_and_costs_one_try() {
    let stage = Stage::piv();
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    each_browser(&stage, |browser, name| {
        let account = Account::open(&stage, &person);
        person.once(Answers::pin(WRONG));
        let page = browser.load(&server.url_of_page());
        assert!(!is_logged_in(&page), "{name}: {page:?}");
        account.assert_pins(1, name);
        assert_eq!(tries_left(&stage), Some(2), "{name}");
        // No other PIN is taken before the card was out.
        let page = browser.load(&server.url_of_page());
        assert!(!is_logged_in(&page), "{name}: {page:?}");
        account.assert_pins(1, name);
        stage.reinsert();
        load_until_logged_in(browser, &server.url_of_page());
        account.assert_pins(2, name);
        assert_eq!(tries_left(&stage), Some(3), "{name}");
    });
}

#[test]
fn a_refusal_fails_the_page_and_asks_only_once() {
    let stage = Stage::piv();
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(PIN));
    each_browser(&stage, |browser, name| {
        let before = person.answered().len();
        let account = Account::open(&stage, &person);
        person.once(Answers::refuses());
        let page = browser.load(&server.url_of_page());
        assert!(!is_logged_in(&page), "{name}: {page:?}");
        person.until_done();
        assert_eq!(person.answered().len() - before, 1, "{name}");
        // Who loads the page again is asked again.
        load_until_logged_in(browser, &server.url_of_page());
        person.until_done();
        assert_eq!(person.answered().len() - before, 2, "{name}");
        account.assert_sent(1, name);
    });
    assert_eq!(tries_left(&stage), Some(3));
}

#[test]
fn two_browsers_at_once_are_two_questions() {
    let stage = Stage::piv();
    let server = stage.server();
    let (mut one, mut other) = (firefox(&stage), chromium(&stage));
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    let account = Account::open(&stage, &person);
    one.begin(&server.url_of_page());
    other.begin(&server.url_of_page());
    let pages = [one.end(), other.end()];
    assert!(pages.iter().all(is_logged_in), "{pages:?}");
    // What one browser was granted is nothing to the other.
    account.assert_pins(2, "two browsers");
    let asked = person.answered();
    let programs = asked
        .iter()
        .map(|one| one.request.requester.executable.as_deref());
    let mut programs: Vec<_> = programs.map(Option::unwrap_or_default).collect();
    programs.sort_unstable();
    assert!(programs[0].contains("chromium"), "{programs:?}");
    assert!(programs[1].contains("firefox"), "{programs:?}");
    one.quit();
    other.quit();
}

#[test]
fn an_agent_killed_while_a_page_loads_fails_the_page_and_the_next_agent_serves_the_next_page() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut restarted = Vec::new();
    each_browser(&stage, |browser, name| {
        browser.begin(&server.url_of_page());
        until("the holder to be asked", || pending(&stage.home).len() == 1);
        stage.home.kill_agent();
        let page = browser.end();
        assert!(!is_logged_in(&page), "{name}: {page:?}");
        restarted.push(agent(&stage.home));
        cards_are_read(&stage.home, 1);
        let person = Approver::new(&stage.home, Answers::pin(PIN));
        let account = Account::open(&stage, &person);
        load_until_logged_in(browser, &server.url_of_page());
        account.assert_pins(1, &format!("{name}: {}", server.log()));
    });
    assert_eq!(tries_left(&stage), Some(3));
}

#[test]
fn a_card_pulled_while_the_holder_is_asked_fails_the_page_at_once() {
    let stage = Stage::piv();
    let server = stage.server();
    let mut account = 0;
    each_browser(&stage, |browser, name| {
        browser.begin(&server.url_of_page());
        until("the holder to be asked", || pending(&stage.home).len() == 1);
        stage.card.remove();
        // The question goes with the card, long before its time is over.
        until("the question to go", || pending(&stage.home).is_empty());
        let page = browser.end();
        assert!(!is_logged_in(&page), "{name}: {page:?}");
        assert_eq!(pins_sent(&stage.card), account, "{name}");
        stage.card.insert();
        cards_are_read(&stage.home, 1);
        let person = Approver::new(&stage.home, Answers::pin(PIN));
        load_until_logged_in(browser, &server.url_of_page());
        person.until_done();
        account += 1;
        assert_eq!(pins_sent(&stage.card), account, "{name}");
    });
    assert_eq!(tries_left(&stage), Some(3));
}

/// 45 s are the longest that the module waits for a person; Chromium itself waits 30 s for any
/// handshake.
#[test]
fn a_page_ends_when_the_holder_does_not_answer() {
    let stage = Stage::piv();
    let server = stage.server();
    let (mut one, mut other) = (firefox(&stage), chromium(&stage));
    let person = Approver::who_leaves_all(&stage.home);
    let account = Account::open(&stage, &person);
    one.begin(&server.url_of_page());
    other.begin(&server.url_of_page());
    for page in [one.end(), other.end()] {
        assert!(!is_logged_in(&page), "{page:?}");
    }
    account.assert_pins(0, "nobody answered");
    assert_eq!(person.answered().len(), 2, "each asked once");
    drop(person);
    // And then they work as before.
    let _person = Approver::new(&stage.home, Answers::pin(PIN));
    load_until_logged_in(&mut *one, &server.url_of_page());
    load_until_logged_in(&mut *other, &server.url_of_page());
    one.quit();
    other.quit();
}

/// Either browser waits 30 s for a handshake, whatever it waits for.
#[test]
fn a_pin_that_comes_too_late_for_the_browser_serves_the_next_page_if_the_holder_grants_it() {
    let stage = Stage::piv();
    let server = stage.server();
    let (mut one, mut other) = (firefox(&stage), chromium(&stage));
    one.begin(&server.url_of_page());
    other.begin(&server.url_of_page());
    let page = other.end();
    assert!(!is_logged_in(&page), "{page:?}");
    assert_eq!(pending(&stage.home).len(), 2, "both still ask");
    let person = Approver::new(&stage.home, Answers::pin(PIN).grants());
    let account = Account::open(&stage, &person);
    // Firefox says so only when it has the signature.
    let page = one.end();
    assert!(!is_logged_in(&page), "{page:?}");
    person.until_done();
    let url = server.url_of_page();
    for page in [one.load(&url), other.load(&url)] {
        assert!(is_logged_in(&page), "{page:?}");
    }
    account.assert_asked(2, "one for each browser");
    one.quit();
    other.quit();
}
