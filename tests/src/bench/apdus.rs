//! Commands and bytes between computer and card for one login, by the service's own log.

use tempfile::tempdir;

use super::ours::Ours;
use super::peers::Module;
use super::stage::{Key, Stage};
use super::{Goal, Peer, Row};
use crate::apdu_log::LoggedApdu;

const BENCH: &str = "apdus";

/// SELECT, VERIFY, GENERAL AUTHENTICATE.
const AFTER_PIN: usize = 3;
/// And SELECT and the question for the tries left, while the holder reads the prompt.
const WARM: usize = 5;
/// And recognition, certificate and tries, when the card comes.
const FROM_INSERTION: usize = 9;
/// RSA-2048 without extended length: the command is cut in two, the signature comes in two pieces.
const CHAINING: usize = 2;

pub fn run() -> Vec<Row> {
    let ec = beside_peers(&Stage::short(Key::P256), "P-256", 0);
    let extended = Stage::extended(Key::Rsa2048);
    let extended = beside_peers(&extended, "RSA-2048, extended length", 0);
    let short = Stage::short(Key::Rsa2048);
    let short = beside_peers(&short, "RSA-2048, short commands", CHAINING);
    [ec, extended, short].concat()
}

/// One card's rows; so many commands are allowed more.
fn beside_peers(stage: &Stage, name: &str, more: usize) -> Vec<Row> {
    let ours = Counted::ours(stage);
    let mut rows = Vec::new();
    for module in Module::ALL {
        let theirs = Counted::of(stage, module);
        let mut row = |what: &str, goal: Goal, figures: fn(&Counted) -> (usize, &'static str)| {
            let (figure, unit) = figures(&ours);
            let peer = Peer {
                name: module.name(),
                figure: number(figures(&theirs).0),
            };
            let metric = format!("{name}, {what}");
            rows.push(Row::beside(
                (BENCH, metric),
                (number(figure), unit),
                &peer,
                goal,
            ));
        };
        row(
            "after the PIN",
            Goal::Exactly(number(AFTER_PIN + more)),
            |counted| (counted.after_pin, "APDUs"),
        );
        row("warm", Goal::AtMost(number(WARM + more)), |counted| {
            (counted.warm.len(), "APDUs")
        });
        row(
            "from insertion",
            Goal::AtMost(number(FROM_INSERTION + more)),
            |counted| (counted.from_insertion.len(), "APDUs"),
        );
        row("warm", Goal::TimesPeer(1.0), |counted| {
            (bytes(&counted.warm), "bytes")
        });
        row("from insertion", Goal::TimesPeer(1.0), |counted| {
            (bytes(&counted.from_insertion), "bytes")
        });
    }
    rows
}

/// What went over the wire for one login.
struct Counted {
    from_insertion: Vec<LoggedApdu>,
    warm: Vec<LoggedApdu>,
    after_pin: usize,
}

impl Counted {
    fn ours(stage: &Stage) -> Self {
        let ours = Ours::start(stage);
        stage.card.remove();
        ours.wait_for_card(false);
        let (from_insertion, ()) = stage.pcscd.logged(|| {
            stage.card.insert();
            ours.wait_for_card(true);
            ours.login();
        });
        let (warm, ()) = stage.pcscd.logged(|| ours.login());
        let verify = position_of_pin(&warm);
        // The selection belongs to the transaction that begins once the PIN is there.
        let selection = warm[..verify]
            .iter()
            .rposition(|apdu| apdu.instruction() == SELECT);
        let after_pin = warm.len() - selection.unwrap_or(verify);
        Self {
            from_insertion,
            warm,
            after_pin,
        }
    }

    /// A signature with `pkcs11-tool`, the shortest thing that a login with such a module can do.
    fn of(stage: &Stage, module: Module) -> Self {
        let home = tempdir().expect("a folder");
        stage.reset();
        let (from_insertion, ()) = stage.pcscd.logged(|| module.sign(stage, home.path()));
        stage.reset();
        let (warm, ()) = stage.pcscd.logged(|| module.sign(stage, home.path()));
        let after_pin = warm.len() - position_of_pin(&warm);
        Self {
            from_insertion,
            warm,
            after_pin,
        }
    }
}

/// Where the PIN goes to the card; without data the same command is a question.
fn position_of_pin(log: &[LoggedApdu]) -> usize {
    let mut log = log.iter();
    log.position(|apdu| apdu.instruction() == VERIFY && apdu.command.len() > HEADER)
        .expect("a login gives the card a PIN")
}

fn bytes(log: &[LoggedApdu]) -> usize {
    log.iter()
        .map(|apdu| apdu.command.len() + apdu.response.len())
        .sum()
}

#[allow(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "counts are small"
)]
fn number(count: usize) -> f64 {
    count as f64
}

const SELECT: u8 = 0xA4;
const VERIFY: u8 = 0x20;
const HEADER: usize = 5;
