//! The eID scheme from end to end with practice cards: an authority, an officer, a holder who gets
//! his certificates by Art. 14 and lives with them. Everything is on this computer alone. `cargo
//! xtask demo` builds and runs it. With `--pcsc` the cards are behind a smart card service of its
//! own; with `--keep` everything stays when it is over, until Enter is pressed.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what it prints is its work")]
#![allow(
    clippy::indexing_slicing,
    reason = "of JSON alone, where what is not there is null"
)]

mod commands;
mod keep;
mod table;
mod texts;

use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use lichna_i18n::VARIABLE;
use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Database, Spec};
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::scheme::{EidCard, Face, Scheme};
use lichna_tests::server::Server;
use lichna_tests::workspace::{Home, Output};
use lichna_tests::{built, until};
use serde_json::Value;

use commands::Commands;
use table::Steps;
use texts::Text;

fn main() -> ExitCode {
    let mut wishes = Wishes::default();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--pcsc" => wishes.pcsc = true,
            "--keep" => wishes.keep = true,
            other => {
                println!("unknown argument {other}");
                return ExitCode::FAILURE;
            }
        }
    }
    match run(wishes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is wanted beside the usual.
#[derive(Clone, Copy, Default)]
struct Wishes {
    pcsc: bool,
    keep: bool,
}

fn run(wishes: Wishes) -> anyhow::Result<()> {
    let mut steps = Steps::new();
    println!("{}\n", steps.text(texts::TITLE));
    // Found, and built if that is still to do, before their time is taken.
    built::lichna();
    built::agent();
    built::authority();
    let language = steps.language().code();
    let scheme = steps.step(texts::AUTHORITY, None, || Ok(begin(wishes, language)))?;
    let commands = Commands::of(&scheme.home)?;
    let mut demo = Demo {
        steps,
        commands,
        scheme,
    };
    let (officer, card) = demo.enrol()?;
    let server = demo.live(&card)?;
    println!("\n{}", demo.steps.table());
    let Demo {
        steps,
        commands,
        scheme,
    } = demo;
    println!("\n{}", steps.text(texts::HISTORY));
    tell_history(&scheme, &card)?;
    if wishes.keep {
        keep::until_enough(&steps, &scheme, &server, &officer, &card)?;
    } else {
        println!("\n{}", steps.text(texts::NEXT));
    }
    drop(commands);
    scheme.home.stop_agent();
    Ok(())
}

/// Starts the authority, and a home for the agent.
fn begin(wishes: Wishes, language: &str) -> Scheme {
    let readers = ["Lichna Demo A", "Lichna Demo B"].map(ReaderSpec::vpcd);
    let service = wishes.pcsc.then(|| Pcscd::start(&readers));
    let mut home = service.as_ref().map_or_else(Home::apart, Home::new);
    home.set(VARIABLE, language);
    Scheme::with(&Spec::new(Database::Sqlite), home, service)
}

struct Demo {
    // Dropped in this order: the trace ends with the agent, which speaks with the authority.
    commands: Commands,
    scheme: Scheme,
    steps: Steps,
}

impl Demo {
    /// One command of ours, which succeeds.
    fn step(&mut self, name: Text, work: impl FnOnce(&Scheme) -> Output) -> anyhow::Result<Value> {
        let (scheme, commands) = (&self.scheme, &self.commands);
        self.steps.step(name, Some(commands), || {
            let began = commands.count();
            let printed = done(work(scheme))?;
            let count = printed["apdus"].as_u64().unwrap_or_default();
            let end = began + usize::try_from(count)?;
            // They are told of on another way than the outcome.
            until("all commands to be told", || commands.count() >= end);
            Ok(printed)
        })
    }

    /// A new card, put in.
    fn card(&mut self, name: Text, face: Face) -> anyhow::Result<EidCard> {
        let scheme = &self.scheme;
        self.steps
            .step(name, Some(&self.commands), || Ok(scheme.card(face)))
    }

    /// The officer and the holder get their certificates.
    fn enrol(&mut self) -> anyhow::Result<(EidCard, EidCard)> {
        let officer = self.card(texts::OFFICERS_CARD, Face::Contact)?;
        self.step(texts::OFFICER, |scheme| {
            scheme.enrol_by_invitation(&officer, &Person::georgi())
        })?;
        let card = self.card(texts::CARD, Face::Contactless)?;
        let enrolled = self.step(texts::ENROL, |scheme| {
            scheme.enrol(&officer, &card, &Person::maria())
        })?;
        let names = &enrolled["subject"]["cyrillic"];
        let names = ["first", "middle", "last"].map(|name| names[name].as_str());
        let names: Vec<_> = names.into_iter().flatten().collect();
        println!("    {}", names.join(" "));
        Ok((officer, card))
    }

    /// What a holder does with them.
    fn live(&mut self, card: &EidCard) -> anyhow::Result<Server> {
        let scheme = &self.scheme;
        let server = self
            .steps
            .step(texts::SERVER, None, || Ok(scheme.relying_party()))?;
        self.log_in(texts::LOGIN, &server, card)?;
        let label = self.steps.text(texts::LABEL);
        self.step(texts::NAME, |scheme| {
            scheme.with_card(&["name", label], card)
        })?;
        self.step(texts::SUSPEND, |scheme| {
            scheme.with_card(&["suspend"], card)
        })?;
        self.is_refused(&server, card)?;
        self.step(texts::RESUME, |scheme| scheme.with_card(&["resume"], card))?;
        self.log_in(texts::LOGIN_AGAIN, &server, card)?;
        self.step(texts::RENEW, |scheme| scheme.with_card(&["renew"], card))?;
        let last = self.log_in(texts::LOGIN_NEW, &server, card)?;
        let words = ["status", "--json", "--reader", &card.reader];
        self.step(texts::STATUS, |scheme| scheme.home.run(words))?;
        println!("\n{}\n    {last}", self.steps.text(texts::COMMANDS));
        Ok(server)
    }

    /// Logs in; what was said to the card, in words.
    fn log_in(&mut self, name: Text, server: &Server, card: &EidCard) -> anyhow::Result<String> {
        let began = self.commands.count();
        let printed = self.step(name, |scheme| scheme.log_in(server, card))?;
        ensure!(printed["status"] == 200, "{printed}");
        Ok(self.commands.in_words(began))
    }

    /// Tries to, in vain.
    fn is_refused(&mut self, server: &Server, card: &EidCard) -> anyhow::Result<()> {
        let scheme = &self.scheme;
        self.steps.step(texts::REFUSED, Some(&self.commands), || {
            let tried = scheme.log_in(server, card);
            let printed: Value = serde_json::from_str(&tried.stdout)?;
            if printed["status"] == 200 {
                bail!("a suspended certificate was taken: {printed}");
            }
            Ok(())
        })
    }
}

/// What the holder is shown of his certificates.
fn tell_history(scheme: &Scheme, card: &EidCard) -> anyhow::Result<()> {
    let words = ["history", "--reader", &card.reader, "--can-stdin"];
    let words = words.into_iter().chain(["--pin-stdin"]);
    let lines = format!("{}\n{}\n", card.can, card.pin);
    let told = scheme.home.run_with_input(words, lines);
    ensure!(told.status.success(), "{}{}", told.stdout, told.stderr);
    for line in told.stdout.lines() {
        println!("    {line}");
    }
    Ok(())
}

/// What a command of ours printed, if it succeeded.
fn done(output: Output) -> anyhow::Result<Value> {
    let said = format!("{}{}", output.stdout, output.stderr);
    ensure!(output.status.success(), "{said}");
    serde_json::from_str(&output.stdout).context(said)
}
