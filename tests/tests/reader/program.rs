//! A program beside the test: it does what lines on its standard input say, and answers each with
//! one line.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lichna_apdu::{
    Channel, Instruction, PinEncoding, PinFormat, PinModification, PinVerification, PinpadError,
    Response,
};
use lichna_reader::{
    ApduExchange, ApduObserver, Canceller, Connection, Leave, Snapshot, Transaction, Watcher,
    holders,
};
use lichna_tests::DEADLINE;

use crate::probe::{ANSWER, LONG, SNAPSHOT, text};

#[test]
#[ignore = "not a test: a program that the tests start beside themselves"]
fn process() {
    let mut probe = Commands {
        lines: std::io::stdin().lines(),
        connection: None,
        canceller: None,
        exclusive: None,
    };
    while let Some(words) = probe.next() {
        probe.obey(&words);
    }
}

fn say(answer: impl std::fmt::Display) {
    println!("{ANSWER}{answer}");
}

struct Commands {
    lines: std::io::Lines<std::io::StdinLock<'static>>,
    connection: Option<Connection>,
    canceller: Option<Canceller>,
    exclusive: Option<pcsc::Card>,
}

impl Commands {
    fn next(&mut self) -> Option<Vec<String>> {
        let line = self.lines.next()?.ok()?;
        Some(line.split('\t').map(str::to_owned).collect())
    }

    fn obey(&mut self, words: &[String]) {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match *words {
            ["watch"] => self.watch(),
            ["cancel"] => {
                self.canceller.take().expect("it watches").cancel();
                say("cancelled");
            }
            ["take"] => say(show(&Snapshot::take(deadline(LONG)))),
            ["take", ms] => say(show(&Snapshot::take(deadline(ms)))),
            ["holders", reader] => say(shown(holders(reader))),
            ["open", reader, ms] => match Connection::open(reader, deadline(ms)) {
                Ok(connection) => {
                    say(format!("{:?}", connection.interface()));
                    self.connection = Some(connection);
                }
                Err(error) => say(format!("error {error:?}")),
            },
            ["open-alone", reader] => {
                let context = pcsc::Context::establish(pcsc::Scope::System).unwrap();
                let reader = std::ffi::CString::new(reader).unwrap();
                let card = context
                    .connect(&reader, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY)
                    .unwrap();
                self.exclusive = Some(card);
                say("alone");
            }
            ["close"] => {
                self.connection = None;
                self.exclusive = None;
                say("closed");
            }
            ["observe"] => {
                let connection = self.connection.as_mut().expect("it is open");
                connection.observe(Arc::new(Told::default()));
                say("observed");
            }
            ["begin", ms] => {
                let mut connection = self.connection.take().expect("it is open");
                match connection.transaction(deadline(ms)) {
                    Ok(transaction) => {
                        say(format!("reset {}", transaction.card_was_reset()));
                        self.hold(transaction);
                    }
                    Err(error) => say(format!("error {error:?}")),
                }
                self.connection = Some(connection);
            }
            _ => panic!("{words:?}"),
        }
    }

    fn watch(&mut self) {
        let watcher = Watcher::new();
        self.canceller = Some(watcher.canceller());
        let (tid, own) = channel();
        thread::spawn(move || {
            tid.send(rustix::thread::gettid()).unwrap();
            for snapshot in watcher {
                println!("{SNAPSHOT}{}", show(&snapshot));
            }
            println!("{SNAPSHOT}over");
        });
        say(own.recv().unwrap());
    }

    /// Obeys within a transaction, until its end.
    fn hold(&mut self, mut transaction: Transaction<'_>) {
        while let Some(words) = self.next() {
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            match *words {
                ["apdu", command] => match transaction.transmit(&hex::decode(command).unwrap()) {
                    Ok(answer) => say(hex::encode(&*answer)),
                    Err(error) => say(format!("error {error:?}")),
                },
                ["deadline", ms] => {
                    transaction.set_deadline(deadline(ms));
                    say("set");
                }
                ["longest"] => say(transaction.longest_command()),
                ["awake"] => {
                    transaction.keep_awake();
                    say("awake");
                }
                ["pinpad"] => say(transaction.pinpad().is_some()),
                ["verify"] => say(typed(transaction.pinpad().expect("a keypad").verify(
                    &PinVerification {
                        reference: 0x80,
                        format: PIV_PIN,
                    },
                ))),
                ["change"] => say(typed(transaction.pinpad().expect("a keypad").modify(
                    &PinModification {
                        instruction: Instruction::ChangeReferenceData,
                        p1: 0,
                        reference: 0x80,
                        old: PIV_PIN,
                        new: PIV_PIN,
                    },
                ))),
                ["unblock"] => say(typed(transaction.pinpad().expect("a keypad").modify(
                    &PinModification {
                        instruction: Instruction::ResetRetryCounter,
                        p1: 0,
                        reference: 0x80,
                        old: PinFormat {
                            shortest: 8,
                            ..PIV_PIN
                        },
                        new: PIV_PIN,
                    },
                ))),
                ["drop"] => {
                    drop(transaction);
                    say("dropped");
                    return;
                }
                ["finish", how] => {
                    let leave = if how == "keep" {
                        Leave::Keep
                    } else {
                        Leave::Reset
                    };
                    match transaction.finish(leave) {
                        Ok(()) => say("finished"),
                        Err(error) => say(format!("error {error:?}")),
                    }
                    return;
                }
                _ => panic!("{words:?}"),
            }
        }
    }
}

/// A PIN as SP 800-73-4 has it.
const PIV_PIN: PinFormat = PinFormat {
    encoding: PinEncoding::Ascii,
    shortest: 6,
    longest: 8,
    padding: Some(0xFF),
};

fn deadline(ms: &str) -> Instant {
    Instant::now() + Duration::from_millis(ms.parse().unwrap())
}

fn show(snapshot: &Snapshot) -> String {
    let readers: Vec<_> = snapshot
        .readers
        .iter()
        .map(|reader| (reader.name.as_str(), reader.slot.clone()))
        .collect();
    text(snapshot.service, &readers)
}

fn shown(holders: lichna_reader::Holders) -> String {
    let named: Vec<_> = holders
        .named
        .iter()
        .map(|holder| {
            let executable = holder.executable.as_deref().unwrap_or("-".as_ref());
            format!("{} {} {}", holder.pid, holder.name, executable.display())
        })
        .collect();
    format!("complete {}: {}", holders.complete, named.join(", "))
}

fn typed(result: Result<Response, PinpadError>) -> String {
    match result {
        Ok(response) => format!("{:04x}", response.word()),
        Err(error) => format!("error {error:?}"),
    }
}

/// Says all it is told, but the duration, with each answer of the probe.
#[derive(Default)]
struct Told(Mutex<u32>);

impl ApduObserver for Told {
    fn exchanged(&self, exchange: &ApduExchange<'_>) {
        *self.0.lock().unwrap() += 1;
        assert!(exchange.duration < DEADLINE);
        let ApduExchange {
            reader,
            instruction,
            p1,
            p2,
            command_length,
            response_length,
            status,
            error,
            pinpad,
            ..
        } = exchange;
        let number = self.0.lock().unwrap();
        println!(
            "{SNAPSHOT}{number} {reader} {instruction:02x} {p1:02x}{p2:02x} {command_length} \
             {response_length} {status:04x?} {error:?} {pinpad}"
        );
    }
}
