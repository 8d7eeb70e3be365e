//! A reader with a card, an agent, and the authority of both sides.
#![allow(dead_code, reason = "each test binary uses its part")]

use lichna_ipc::{Failure, LoginOutcome};
use lichna_tests::applet::{Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::server::{Program, Server, ServerSpec};
use lichna_tests::vpicc::{Card, VirtualCard};
use lichna_tests::workspace::Home;

use crate::client::{self, Agent, Person, agent, cards_are_read};

/// Whose certificate is on the card.
pub const HOLDER: &str = "Иван Петров Иванов";

/// A reader with a card in it, and an agent that has read it.
pub struct Stage {
    // Dropped in this order: the agent before the service it uses.
    _agent: Agent,
    pub home: Home,
    pub card: Card,
    pub pcscd: Pcscd,
    pub ca: Ca,
}

impl Stage {
    /// With a PIV card and a P-256 key.
    pub fn piv() -> Self {
        Self::with(Making::new(Kind::Piv), KeyKind::P256)
    }

    /// With that card and that key.
    pub fn with(making: Making, key: KeyKind) -> Self {
        let ca = Ca::new("Login Test CA");
        let (applet, _) = making.personalised(key, &ca, HOLDER);
        Self::with_card(applet, ca, &ReaderSpec::vpcd("Login Reader"))
    }

    /// As [`Stage::piv`], with everything logged.
    pub fn traced() -> Self {
        Self::piv_in(|home| home.set("LICHNA_LOG", "trace"))
    }

    /// As [`Stage::piv`], in a home that was changed before.
    pub fn piv_in(prepare: impl FnOnce(&mut Home)) -> Self {
        let ca = Ca::new("Login Test CA");
        let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
        Self::begin(applet, ca, &ReaderSpec::vpcd("Login Reader"), prepare)
    }

    /// With that card in that reader.
    pub fn with_card(card: impl VirtualCard + 'static, ca: Ca, reader: &ReaderSpec) -> Self {
        Self::begin(card, ca, reader, |_| ())
    }

    /// The same, in a home that was changed before.
    pub fn begin(
        card: impl VirtualCard + 'static,
        ca: Ca,
        reader: &ReaderSpec,
        prepare: impl FnOnce(&mut Home),
    ) -> Self {
        let pcscd = Pcscd::start(std::slice::from_ref(reader));
        let card = pcscd.reader(0).insert(card);
        let mut home = Home::new(&pcscd);
        prepare(&mut home);
        let agent = agent(&home);
        cards_are_read(&home, 1);
        Self {
            _agent: agent,
            home,
            card,
            pcscd,
            ca,
        }
    }

    /// nginx, which wants a certificate of the same authority.
    pub fn server(&self) -> Server {
        ServerSpec::new(Program::Nginx, &self.ca).start()
    }

    pub fn login(&self, server: &Server, person: &mut Person) -> Result<LoginOutcome, Failure> {
        client::login(&self.home, &server.url(), &self.ca, person)
    }

    /// Takes the card out and puts it in again, and waits until the agent has noticed both.
    pub fn reinsert(&self) {
        self.card.remove();
        cards_are_read(&self.home, 0);
        self.card.insert();
        cards_are_read(&self.home, 1);
    }
}
