//! Either browser, every card and key, either version of TLS.

use lichna_card::KeyAlgorithm;
use lichna_softcard::Face;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::{Answers, Approver};
use lichna_tests::browser::Browser;
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{CAN, IDENTIFICATION_A, PracticeCard};
use lichna_tests::server::{Program, Server, ServerSpec, Versions};
use lichna_tests::vpicc::VirtualCard;

use crate::account::{Account, chromium, firefox, load_once_the_card_is_seen, tries_left};
use crate::client::{PIN, cards_are_read};
use crate::stage::Stage;

/// A card that comes into the reader after another.
struct Next {
    /// The name in its certificate.
    holder: &'static str,
    make: Make,
}

/// Makes a card with the certificate of that holder.
type Make = Box<dyn FnOnce(&Ca, &str) -> Box<dyn VirtualCard>>;

fn piv(holder: &'static str, key: KeyKind) -> Next {
    let make = move |ca: &Ca, holder: &str| -> Box<dyn VirtualCard> {
        Box::new(Making::new(Kind::Piv).personalised(key, ca, holder).0)
    };
    Next {
        holder,
        make: Box::new(make),
    }
}

fn practice(holder: &'static str, algorithm: KeyAlgorithm, face: Face) -> Next {
    let make = move |ca: &Ca, holder: &str| -> Box<dyn VirtualCard> {
        let file = PracticeCard::new();
        file.personalise_key(IDENTIFICATION_A, algorithm, ca, holder);
        let inserted = file.open().insert(face);
        Box::new(InReader {
            inserted,
            _file: file,
        })
    };
    Next {
        holder,
        make: Box::new(make),
    }
}

/// A practice card with the file that it lives in.
struct InReader {
    inserted: lichna_softcard::Inserted,
    _file: PracticeCard,
}

impl VirtualCard for InReader {
    fn atr(&self) -> Vec<u8> {
        VirtualCard::atr(&self.inserted)
    }

    fn power(&mut self, power: lichna_tests::vpicc::Power) {
        self.inserted.power(power);
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        self.inserted.transmit(command)
    }
}

fn piv_cards() -> Vec<Next> {
    vec![
        piv("Holder of PIV P-256", KeyKind::P256),
        piv("Holder of PIV P-384", KeyKind::P384),
        piv("Holder of PIV RSA-2048", KeyKind::Rsa2048),
    ]
}

fn practice_cards() -> Vec<Next> {
    use KeyAlgorithm::{EcP256, EcP384, Rsa2048, Rsa3072};
    vec![
        practice("Holder of P-256 by radio", EcP256, Face::Contactless),
        practice("Holder of P-384", EcP384, Face::Contact),
        practice("Holder of RSA-2048", Rsa2048, Face::Contact),
        practice("Holder of RSA-3072 by radio", Rsa3072, Face::Contactless),
    ]
}

/// One browser, one reader, and one card after the other in it: each logs in by TLS 1.2 and 1.3,
/// with one PIN for each page.
fn logs_in_with_each(cards: Vec<Next>, start: impl FnOnce(&Stage) -> Box<dyn Browser>) {
    let ca = Ca::new("Login Test CA");
    let mut cards = cards.into_iter();
    let first = cards.next().unwrap();
    let card = (first.make)(&ca, first.holder);
    let mut stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Browser Reader"));
    let servers = [Versions::Tls12, Versions::Tls13].map(|versions| {
        let server = ServerSpec::new(Program::Nginx, &stage.ca);
        server.versions(versions).start()
    });
    let person = Approver::new(&stage.home, Answers::pin(PIN).can(CAN));
    let mut browser = start(&stage);
    logs_in(&mut *browser, &stage, &person, &servers, first.holder);
    for next in cards {
        stage.card.remove();
        cards_are_read(&stage.home, 0);
        let card = (next.make)(&stage.ca, next.holder);
        stage.card = stage.pcscd.reader(0).insert(card);
        cards_are_read(&stage.home, 1);
        logs_in(&mut *browser, &stage, &person, &servers, next.holder);
    }
    browser.quit();
}

fn logs_in(
    browser: &mut dyn Browser,
    stage: &Stage,
    person: &Approver,
    servers: &[Server],
    holder: &str,
) {
    let account = Account::open(stage, person);
    for (number, (server, version)) in servers.iter().zip(["TLSv1.2", "TLSv1.3"]).enumerate() {
        let page = load_once_the_card_is_seen(browser, &server.url_of_page());
        let what = format!("{holder} {version}: {page:?} {}", server.log());
        assert_eq!(page.subject(), Some(&*format!("CN={holder}")), "{what}");
        assert_eq!(page.line("protocol"), Some(version), "{what}");
        account.assert_asked(number + 1, &what);
        // What goes over the radio cannot be read here.
        if !holder.contains("radio") {
            account.assert_sent(number + 1, &what);
        }
    }
    assert_eq!(tries_left(stage), Some(3), "{holder}");
}

#[test]
fn firefox_logs_in_with_every_key_of_a_piv_card() {
    logs_in_with_each(piv_cards(), |stage| firefox(stage));
}

#[test]
fn firefox_logs_in_with_every_key_of_a_practice_card() {
    logs_in_with_each(practice_cards(), |stage| firefox(stage));
}

#[test]
fn chromium_logs_in_with_every_key_of_a_piv_card() {
    logs_in_with_each(piv_cards(), |stage| chromium(stage));
}

#[test]
fn chromium_logs_in_with_every_key_of_a_practice_card() {
    logs_in_with_each(practice_cards(), |stage| chromium(stage));
}
