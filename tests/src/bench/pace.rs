//! Opening a secure channel: what goes over the air, and processor time of the computer's side,
//! beside a terminal on libeac with the same chip.

use std::time::Duration;

use getrandom::SysRng;
use lichna_apdu::Channel;
use lichna_card::{Password, PasswordKind, open_channel, read_card_access};
use lichna_pace::{Cipher, Curve};
use lichna_secret::Can;
use rustix::time::{ClockId, clock_gettime};

use super::{Goal, Peer, Row};
use crate::openpace::{CAN, Chip, READ_CARD_ACCESS, Terminal};

const BENCH: &str = "pace";
/// Of each, in turn, so that all meet the same weather.
const RUNS: usize = 41;
/// Reading EF.CardAccess, MSE:SET AT, four GENERAL AUTHENTICATE.
const FLOOR: f64 = 6.0;
/// Data object 84 names the domain parameters. It is sent as in ICAO's worked example, for cards
/// with a choice of them; the peer leaves it out.
const DOMAIN_PARAMETERS: f64 = 3.0;

pub fn run() -> Vec<Row> {
    Curve::ALL.into_iter().flat_map(of_curve).collect()
}

/// How much of libeac's processor time ours may be. For P-256 OpenSSL has an assembler of its own;
/// there it is a thousandth of what the card takes, on both sides.
const fn times_peer(curve: Curve) -> f64 {
    match curve {
        Curve::P256 => 3.0,
        _ => 1.0,
    }
}

/// One side's figures.
#[derive(Default)]
struct Measured {
    exchanges: f64,
    bytes: f64,
    times: Vec<Duration>,
}

impl Measured {
    /// Runs it once; the work tells the processor time it took.
    fn run(&mut self, chip: &mut Chip, work: impl FnOnce(&mut Chip) -> Duration) {
        (chip.commands, chip.bytes) = (0, 0);
        self.times.push(work(chip));
        let number = |count: usize| f64::from(u32::try_from(count).expect("few"));
        self.exchanges = number(chip.commands);
        self.bytes = number(chip.bytes);
    }

    fn median(&mut self) -> f64 {
        self.times.sort();
        self.times[self.times.len() / 2].as_secs_f64() * 1000.0
    }
}

fn of_curve(curve: Curve) -> Vec<Row> {
    let mut chip = Chip::start(curve, Cipher::Aes256);
    let mut card_access = chip
        .transmit(&READ_CARD_ACCESS)
        .expect("a process")
        .to_vec();
    card_access.truncate(card_access.len() - 2);
    let mut terminal = Terminal::start(&card_access);
    let (mut ours, mut theirs) = (Measured::default(), Measured::default());
    for _ in 0..RUNS {
        ours.run(&mut chip, our_terminal);
        theirs.run(&mut chip, |chip| their_terminal(&mut terminal, chip));
    }
    let name = match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::BrainpoolP256r1 => "brainpoolP256r1",
        Curve::BrainpoolP384r1 => "brainpoolP384r1",
    };
    let row = |what: &str, (ours, unit), figure, goal| {
        let peer = Peer {
            name: "terminal on libeac".to_owned(),
            figure,
        };
        Row::beside(
            (BENCH, format!("{name}, {what}")),
            (ours, unit),
            &peer,
            goal,
        )
    };
    let time = (ours.median(), theirs.median());
    vec![
        row(
            "from EF.CardAccess to the channel",
            (ours.exchanges, "APDUs"),
            theirs.exchanges,
            Goal::Exactly(FLOOR),
        ),
        row(
            "from EF.CardAccess to the channel",
            (ours.bytes, "bytes"),
            theirs.bytes,
            Goal::AbovePeer(DOMAIN_PARAMETERS),
        ),
        row(
            &format!("processor time, median of {RUNS}"),
            (time.0, "ms"),
            time.1,
            Goal::TimesPeer(times_peer(curve)),
        ),
    ]
}

fn our_terminal(chip: &mut Chip) -> Duration {
    let can = Can::take(&mut CAN.as_bytes().to_vec()).expect("locked memory");
    let before = processor_time();
    let card_access = read_card_access(chip).expect("a chip in a process");
    let card_access = card_access.expect("a chip that speaks PACE");
    let opened = open_channel(chip, &card_access, Password::Can(&can), &mut SysRng);
    let took = processor_time().saturating_sub(before);
    opened.expect("the right CAN");
    took
}

fn their_terminal(terminal: &mut Terminal, chip: &mut Chip) -> Duration {
    chip.transmit(&READ_CARD_ACCESS).expect("a process");
    let before = terminal.time();
    terminal
        .open(chip, PasswordKind::Can, CAN)
        .expect("the right CAN");
    terminal.time().saturating_sub(before)
}

/// Of this thread alone: the chip's and the other terminal's are processes of their own.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime)
        .try_into()
        .expect("time goes forward")
}
