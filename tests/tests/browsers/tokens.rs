//! What a browser sees of a card before anybody logs in, and which calls a login is made of.

use lichna_card::{Card, KeyAlgorithm};
use lichna_ipc::KeyRole;
use lichna_softcard::{Face, Inserted};
use lichna_tests::approver::{Answers, Approver};
use lichna_tests::browser::{Browser, Firefox, Spy};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{self, PracticeCard, SIGNING_A};
use lichna_tests::programs::Provider;

use crate::account::{Account, each_browser, firefox, tries_left};
use crate::client::PIN;
use crate::stage::{HOLDER, Stage};

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
    let mut browser = Firefox::start(spy.module(), &stage.ca.root().path);
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

/// With `[pkcs11] login = true` the browser takes the PIN itself, as it does for other modules.
#[test]
fn classic_logins_take_the_pin_in_the_browser() {
    let stage = Stage::piv();
    let configuration = stage.home.path().join("config.toml");
    std::fs::write(configuration, "[pkcs11]\nlogin = true\n").unwrap();
    stage.reinsert();
    let server = stage.server();
    let person = Approver::who_leaves_all(&stage.home);
    let mut browser = firefox(&stage);
    browser.types_at_prompts(PIN);
    let page = browser.load(&server.url_of_page());
    assert!(page.subject().is_some(), "{page:?}");
    assert_eq!(person.answered().len(), 0, "asked elsewhere");
    assert_eq!(tries_left(&stage), Some(3));
    browser.quit();
}

/// A practice card with both keys. Nobody may log in with the second.
fn with_signing_key(ca: &Ca) -> (PracticeCard, Inserted) {
    let file = PracticeCard::new();
    file.personalise(ca, HOLDER);
    let mut inserted = file.open().insert(Face::Contact);
    let mut card = Card::select(&mut inserted, practice::profile()).unwrap();
    let key = practice::ADMINISTRATOR_KEY;
    let mut card = practice::administrate(&mut card, practice::NUMBER, &key);
    let public_key = card.generate_key(SIGNING_A, KeyAlgorithm::EcP256).unwrap();
    let certificate = ca.client_with(&public_key, HOLDER, |params| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::ContentCommitment];
        params.extended_key_usages.clear();
    });
    card.write_certificate(SIGNING_A, &certificate.der).unwrap();
    card.activate(SIGNING_A).unwrap();
    drop(card);
    (file, inserted)
}

#[test]
fn a_browser_logs_in_with_the_key_for_that_and_leaves_the_signing_key_alone() {
    let ca = Ca::new("Login Test CA");
    let (_file, card) = with_signing_key(&ca);
    let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Browser Reader"));
    let server = stage.server();
    let person = Approver::new(&stage.home, Answers::pin(practice::PIN));
    each_browser(&stage, |browser, name| {
        let before = person.answered().len();
        let page = browser.load(&server.url_of_page());
        assert!(page.subject().is_some(), "{name}: {page:?}");
        person.until_done();
        let asked = person.answered().split_off(before);
        let roles: Vec<_> = asked.iter().map(|one| one.request.signature).collect();
        assert_eq!(roles, [Some(KeyRole::Authentication)], "{name}");
    });
    let mut browser = firefox(&stage);
    let tokens = browser.tokens();
    let signing = tokens.iter().filter(|one| one.ends_with("(sign)")).count();
    assert_eq!((tokens.len(), signing), (2, 1), "{tokens:?}");
    browser.quit();
}
