//! Malicious cards: every run ends in a named error within a deadline, and memory stays bounded.

use std::time::{Duration, Instant};

use lichna_ipc::Failure;
use lichna_tests::applet::{Applet, Kind, Making};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::hostile::{Hostile, Sickness};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::server::{Program, Server, ServerSpec};
use lichna_tests::workspace::Home;

use crate::client::{Agent, PIN, Person, agent, cards_are_read, login};
use crate::stage::HOLDER;

/// No card keeps a login longer than this.
const DEADLINE: Duration = Duration::from_secs(60);
/// The agent's memory, whatever a card sends. An agent in a debug build at rest has 30 MB.
const MOST_MEMORY: u64 = 96 << 20;

struct Bench {
    _agent: Agent,
    home: Home,
    pcscd: Pcscd,
    ca: Ca,
    server: Server,
}

impl Bench {
    fn new() -> Self {
        let ca = Ca::new("Hostile Test CA");
        let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Reader")]);
        let home = Home::new(&pcscd);
        Self {
            _agent: agent(&home),
            server: ServerSpec::new(Program::Nginx, &ca).start(),
            home,
            pcscd,
            ca,
        }
    }

    fn applet(&self) -> Applet {
        Making::new(Kind::Piv)
            .personalised(KeyKind::P256, &self.ca, HOLDER)
            .0
    }

    /// A login with that card in the reader, which is out again afterwards.
    fn log_in_with(&self, card: Hostile<Applet>, what: &str) -> Result<(), Failure> {
        let card = self.pcscd.reader(0).insert(card);
        let began = Instant::now();
        let mut person = Person::who_types(&[PIN]);
        let outcome = login(&self.home, &self.server.url(), &self.ca, &mut person);
        let took = began.elapsed();
        assert!(took < DEADLINE, "{what}: {took:?}");
        let memory = resident(self.home.agents()[0].as_raw_pid());
        assert!(memory < MOST_MEMORY, "{what}: {memory} bytes");
        card.remove();
        cards_are_read(&self.home, 0);
        outcome.map(|outcome| assert_eq!(outcome.status, 200))
    }
}

/// Resident memory of a process, in bytes.
fn resident(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

fn sicknesses() -> Vec<Sickness> {
    vec![
        Sickness::Statuses(vec![0x6F00]),
        Sickness::Statuses(vec![0x6300, 0x6F00, 0x6982, 0x9000]),
        Sickness::EndlessData(vec![0x53, 0x83, 0xFF, 0xFF, 0xFF]),
        Sickness::EndlessNothing,
        Sickness::EndlessWrongLe,
        Sickness::DeepTlv(2000),
        Sickness::OversizedTlv(u32::MAX),
        Sickness::IndefiniteLength,
        Sickness::LengthTooLong,
        Sickness::LengthTooShort,
        Sickness::Truncated(0),
        Sickness::Truncated(1),
        Sickness::Overlong(70_000),
        Sickness::Noise(600),
        Sickness::Empty,
    ]
}

/// The agent is as good as before for the next, sound card.
fn the_next_card_logs_in(bench: &Bench) {
    let sound = Hostile::new(bench.applet(), Sickness::Empty).at(&[]);
    bench.log_in_with(sound, "a sound card").unwrap();
}

#[test]
fn a_card_that_is_sick_at_every_command_ends_in_a_named_error() {
    let bench = Bench::new();
    for sickness in sicknesses() {
        let what = format!("{sickness:?} at all");
        let outcome = bench.log_in_with(Hostile::new(bench.applet(), sickness), &what);
        assert!(outcome.is_err(), "{what}");
    }
    the_next_card_logs_in(&bench);
}

#[test]
fn a_card_that_is_sick_when_it_is_read_ends_in_a_named_error() {
    // GET DATA and GET RESPONSE. A sickness may leave a small sound answer as it is.
    let bench = Bench::new();
    for sickness in sicknesses() {
        let what = format!("{sickness:?} at reading");
        let card = Hostile::new(bench.applet(), sickness).at(&[0xCB, 0xC0]);
        let _ = bench.log_in_with(card, &what);
    }
    the_next_card_logs_in(&bench);
}

#[test]
fn a_card_that_is_sick_when_it_signs_ends_in_a_named_error() {
    let bench = Bench::new();
    for sickness in sicknesses().into_iter().chain([Sickness::PulledOut]) {
        let what = format!("{sickness:?} at signing");
        let card = Hostile::new(bench.applet(), sickness).at(&[0x87]);
        let outcome = bench.log_in_with(card, &what);
        assert!(outcome.is_err(), "{what}");
    }
    the_next_card_logs_in(&bench);
}

#[test]
fn a_card_that_falls_silent_ends_in_a_named_error_and_the_next_card_works() {
    let bench = Bench::new();
    for instructions in [&[0xA4][..], &[0xCB], &[0x20], &[0x87]] {
        let what = format!("silence at {instructions:02X?}");
        let card = Hostile::new(bench.applet(), Sickness::Silence).at(match instructions {
            [0xA4] => &[0xA4],
            [0xCB] => &[0xCB],
            [0x20] => &[0x20],
            _ => &[0x87],
        });
        let failure = bench.log_in_with(card, &what).unwrap_err();
        assert!(
            matches!(
                failure,
                Failure::CardTimeout { .. } | Failure::CardMute { .. }
            ),
            "{what}: {failure:?}"
        );
        the_next_card_logs_in(&bench);
    }
}
