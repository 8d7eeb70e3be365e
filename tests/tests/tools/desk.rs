//! A card in its reader, its agent, and what a program needs to use it.

use std::path::Path;

use lichna_card::KeyAlgorithm;
use lichna_ipc::{Reply, Request};
use lichna_softcard::Face;
use lichna_tests::applet::{Kind, Making};
use lichna_tests::approver::{Answered, Answers, Approver};
use lichna_tests::ca::{Ca, Certificate, KeyKind};
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::practice::{IDENTIFICATION_A, PracticeCard};
use lichna_tests::programs::{Program, Provider, Running, Visit};
use lichna_tests::server::{Program as ServerProgram, Server, ServerSpec, Versions};
use lichna_tests::until;
use lichna_tests::workspace::{Home, Output};

use crate::client::{PIN, Person, call};
use crate::stage::{HOLDER, Stage};

/// A card in its reader, its agent, and a folder for the programs that use it.
pub struct Desk {
    pub stage: Stage,
    pub certificate: Certificate,
    pub provider: Provider,
    folder: tempfile::TempDir,
    _file: Option<PracticeCard>,
}

impl Desk {
    /// With a PIV card.
    pub fn piv(key: KeyKind) -> Self {
        let ca = Ca::new("Tools Test CA");
        let (card, certificate) = Making::new(Kind::Piv).personalised(key, &ca, HOLDER);
        let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Tools Reader"));
        Self::around(stage, certificate, None)
    }

    /// With a practice card, over its contacts.
    pub fn practice(key: KeyAlgorithm) -> Self {
        let ca = Ca::new("Tools Test CA");
        let file = PracticeCard::new();
        let certificate = file.personalise_key(IDENTIFICATION_A, key, &ca, HOLDER);
        let card = file.open().insert(Face::Contact);
        let stage = Stage::with_card(card, ca, &ReaderSpec::vpcd("Tools Reader"));
        Self::around(stage, certificate, Some(file))
    }

    fn around(stage: Stage, certificate: Certificate, file: Option<PracticeCard>) -> Self {
        Self {
            provider: Provider::ours(&stage.home),
            stage,
            certificate,
            folder: tempfile::tempdir().unwrap(),
            _file: file,
        }
    }

    pub fn home(&self) -> &Home {
        &self.stage.home
    }

    /// The home of the programs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// nginx, with that version of TLS alone.
    pub fn server(&self, versions: Versions) -> Server {
        let server = ServerSpec::new(ServerProgram::Nginx, &self.stage.ca);
        server.versions(versions).start()
    }

    /// A person at another terminal who types the right PIN, and lets the program sign more with it.
    pub fn holder(&self) -> Approver {
        Approver::new(self.home(), Answers::pin(PIN).grants())
    }

    /// A program goes to that server.
    pub fn visit(&self, program: Program, server: &Server) -> Running {
        self.visit_with(program, server, &self.provider)
    }

    /// The same with that module.
    pub fn visit_with(&self, program: Program, server: &Server, module: &Provider) -> Running {
        program.visit(&Visit {
            module,
            server,
            ca: &self.stage.ca,
            certificate: &self.certificate,
            folder: self.folder(),
        })
    }

    /// How often a PIN was given to the card. Without data, the same command is a question.
    pub fn pins_given(&self) -> usize {
        let log = self.stage.card.log();
        let verify = log.iter().map(|exchange| &exchange.command);
        verify
            .filter(|command| command.len() > 5 && command[0] & 0x0C == 0 && command[1] == 0x20)
            .count()
    }

    /// The tries that the card has left: it is asked.
    pub fn tries_left(&self) -> u8 {
        let request = Request::PinStatus { reader: None };
        match call(self.home(), request, &mut Person::nobody()) {
            Ok(Reply::PinStatus(pins)) => pins[0].tries_left.expect("the card says so"),
            other => panic!("{other:?}"),
        }
    }
}

/// The page of the server: with a client certificate, over that version of TLS.
pub fn assert_is_page(said: &Output, versions: Versions, what: &str) {
    let version = match versions {
        Versions::Tls12 => "protocol=TLSv1.2",
        _ => "protocol=TLSv1.3",
    };
    let page = said.stdout.contains("subject=CN=") && said.stdout.contains(version);
    assert!(page, "{what}: {said:?}");
}

/// How often a program has the card sign for one page.
pub fn signatures(program: Program) -> usize {
    match program {
        // GnuTLS tries key and certificate on a text of its own, where a program leaves it to load
        // both; then comes the handshake. (gnutls-cli loads them itself.)
        Program::Wget => 2,
        _ => 1,
    }
}

/// The requests that came to a person, and that there is one more than before.
pub fn one_more(person: &Approver, before: usize, what: &str) -> Answered {
    // The program may be done before the person's terminal is.
    until("the person to be done", || person.answered().len() > before);
    let answered = person.answered();
    assert_eq!(answered.len(), before + 1, "{what}: {answered:?}");
    answered.last().unwrap().clone()
}
