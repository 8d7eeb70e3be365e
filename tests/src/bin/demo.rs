//! A login with a practice card, from making the card to the server's page, with everything that it
//! needs on this computer alone. `cargo xtask demo` builds and runs it. With `--pcsc` the card is
//! behind a smart card service of its own.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what it prints is its work")]
#![allow(
    clippy::indexing_slicing,
    reason = "of JSON alone, where what is not there is null"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use comfy_table::{CellAlignment, Table, presets};
use lichna_card::KeyAlgorithm;
use lichna_i18n::{Language, Messages, VARIABLE};
use lichna_softcard::{Face, Lock, SoftCard};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{IDENTIFICATION_A, personalise_as};
use lichna_tests::server::{Program, ServerSpec};
use lichna_tests::workspace::{Home, Output};
use lichna_tests::{built, until};
use serde_json::Value;
use zeroize::Zeroizing;

fn main() -> ExitCode {
    let mut demo = Demo::new();
    let shown = match std::env::args().nth(1).as_deref() {
        None => demo.run(false),
        Some("--pcsc") => demo.run(true),
        Some(other) => Err(anyhow::anyhow!("unknown argument {other}")),
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A text in Bulgarian and in English.
type Text = [&'static str; 2];

/// What was done so far, with its time and the number of commands to the card, where the agent
/// sent them: what happens before a card is put in, nobody counts.
struct Demo {
    language: Language,
    steps: Vec<(String, Duration, Option<usize>)>,
}

/// The practice card, as `lichna practice-card new` shows it once.
struct NewCard {
    number: String,
    can: String,
    pin: String,
}

impl Demo {
    fn new() -> Self {
        Self {
            language: Messages::from_system().language(),
            steps: Vec::new(),
        }
    }

    fn text(&self, [bulgarian, english]: Text) -> &'static str {
        match self.language {
            Language::Bulgarian => bulgarian,
            Language::English => english,
        }
    }

    /// Does one step, and counts the commands to the card meanwhile.
    fn step<R>(
        &mut self,
        name: Text,
        commands: Option<&Commands>,
        work: impl FnOnce() -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        let name = self.text(name);
        println!("  {name}");
        let count = || commands.map(|commands| commands.all().len());
        let (began, before) = (Instant::now(), count());
        let result = work().context(name)?;
        let time = began.elapsed();
        let sent = count().zip(before).map(|(now, before)| now - before);
        self.steps.push((name.to_owned(), time, sent));
        Ok(result)
    }

    fn run(&mut self, pcsc: bool) -> anyhow::Result<()> {
        println!("{}\n", self.text(TITLE));
        // Found, and built if that is still to do, before their time is taken.
        built::lichna();
        built::agent();
        let service = pcsc.then(|| {
            self.step(SERVICE, None, || {
                Ok(Pcscd::start(&[ReaderSpec::vpcd("Lichna Demo")]))
            })
        });
        let service = service.transpose()?;
        let mut home = service.as_ref().map_or_else(Home::apart, Home::new);
        home.set(VARIABLE, self.language.code());
        let (ca, server) = self.step(SERVER, None, || {
            let ca = Ca::new("Lichna Demo CA");
            let server = ServerSpec::new(Program::OpenSsl, &ca).start();
            Ok((ca, server))
        })?;
        let key = home.path().join("administrator-key");
        let card = self.step(NEW, None, || new_card(&home, &key))?;
        self.step(KEY, None, || personalise(&home, &card, &key, &ca))?;
        let commands = Commands::of(&home)?;
        self.step(INSERT, Some(&commands), || {
            let port = service.as_ref().map(|pcscd| pcscd.reader(0).port());
            insert(&home, port)
        })?;
        let (url, authority) = (server.url(), ca.root().path.display().to_string());
        let (mut page, mut last) = (String::new(), 0..0);
        for name in [LOGIN, LOGIN_AGAIN] {
            (page, last) = self.step(name, Some(&commands), || {
                let began = commands.all().len();
                let outcome = log_in(&home, &card, &url, &authority)?;
                let count = outcome["apdus"].as_u64().unwrap_or_default();
                let end = began + usize::try_from(count)?;
                // They are told of on another way than the outcome.
                until("all commands to be told", || commands.all().len() >= end);
                let body = outcome["body"].as_str().unwrap_or_default().to_owned();
                Ok((body, began..end))
            })?;
        }
        let names = commands.all().get(last).map(in_words).unwrap_or_default();
        self.step(END, None, || {
            home.stop_agent();
            Ok(())
        })?;
        println!("\n{}", self.table());
        println!("\n{}\n    {names}", self.text(COMMANDS));
        println!("\n{}\n", self.text(PAGE));
        let lines = page
            .lines()
            .filter(|line| TELLING.iter().any(|what| line.contains(what)));
        lines.for_each(|line| println!("    {}", line.trim()));
        println!("\n{}", self.text(NEXT));
        Ok(())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_FULL_CONDENSED);
        table.set_header(HEAD.map(|text| self.text(text)));
        for (name, time, commands) in &self.steps {
            let time = format!("{:.0}", time.as_secs_f64() * 1000.0);
            let commands = commands.map_or("–".to_owned(), |count| count.to_string());
            table.add_row([name.clone(), time, commands]);
        }
        for column in [1, 2] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

/// Makes a card, locked with a passphrase: a computer without a desktop has no key store.
fn new_card(home: &Home, key: &Path) -> anyhow::Result<NewCard> {
    let key = key.display().to_string();
    let words = ["practice-card", "new", "--json", "--passphrase-stdin"];
    let words = words.into_iter().chain(["--administrator-key", &key]);
    let made = done(home.run_with_input(words, format!("{PASSPHRASE}\n")))?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(NewCard {
        number: text(&made["practice_card"]["number"]).context("a number")?,
        can: text(&made["can"]).context("a CAN")?,
        pin: text(&made["pin"]).context("a PIN")?,
    })
}

/// What an authority does: a key that the card makes, and a certificate for it.
fn personalise(home: &Home, card: &NewCard, key: &Path, ca: &Ca) -> anyhow::Result<()> {
    let file = home.path().join("state/practice-cards");
    let file = file.join(format!("{}.card", card.number));
    let lock = Lock::Passphrase(Zeroizing::new(PASSPHRASE.to_owned()));
    let mut inserted = SoftCard::open(&file, &lock)?.insert(Face::Contact);
    let mut administrator_key = [0; 32];
    let digits = std::fs::read_to_string(key)?;
    hex::decode_to_slice(digits.trim(), &mut administrator_key)?;
    let administrator = (card.number.as_str(), &administrator_key);
    let which = (IDENTIFICATION_A, KeyAlgorithm::EcP256);
    personalise_as(&mut inserted, administrator, which, ca, HOLDER);
    Ok(())
}

/// Puts the card in, and waits until the agent has seen it.
fn insert(home: &Home, port: Option<u16>) -> anyhow::Result<()> {
    let port = port.map(|port| ["--vpcd".to_owned(), port.to_string()]);
    let words = ["practice-card", "insert", "--json", "--passphrase-stdin"].map(str::to_owned);
    let words = words.into_iter().chain(port.into_iter().flatten());
    done(home.run_with_input(words, format!("{PASSPHRASE}\n")))?;
    until("the agent to have seen the card", || {
        let cards = home.run(["cards", "--json"]);
        let cards: Value = serde_json::from_str(&cards.stdout).unwrap_or_default();
        cards["cards"][0]["card"]["card"] == "known"
    });
    Ok(())
}

fn log_in(home: &Home, card: &NewCard, url: &str, authority: &str) -> anyhow::Result<Value> {
    let words = ["login", url, "--ca", authority, "--json"];
    let words = words.into_iter().chain(["--can-stdin", "--pin-stdin"]);
    done(home.run_with_input(words, format!("{}\n{}\n", card.can, card.pin)))
}

/// What a command of ours printed, if it succeeded.
fn done(output: Output) -> anyhow::Result<Value> {
    let said = format!("{}{}", output.stdout, output.stderr);
    ensure!(output.status.success(), "{said}");
    serde_json::from_str(&output.stdout).context(said)
}

/// The commands to the card, as `lichna trace` shows them.
struct Commands {
    names: Arc<Mutex<Vec<String>>>,
    trace: Child,
}

impl Commands {
    fn of(home: &Home) -> anyhow::Result<Self> {
        let mut command = home.lichna(["trace", "--json"]);
        let mut trace = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(trace.stdout.take().context("it is piped")?).lines();
        let names = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&names);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let exchange: Value = serde_json::from_str(&line).unwrap_or_default();
                let name = exchange["instruction"]
                    .as_str()
                    .or(exchange["ins"].as_str());
                let mut names = into.lock().unwrap_or_else(PoisonError::into_inner);
                names.push(name.unwrap_or_default().to_owned());
            }
        });
        Ok(Self { names, trace })
    }

    fn all(&self) -> Vec<String> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.clone()
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        // It ends with the agent, or now.
        self.trace.kill().ok();
        self.trace.wait().ok();
    }
}

/// `VERIFY, GENERAL AUTHENTICATE × 4`.
fn in_words(names: &[String]) -> String {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match words.last_mut() {
            Some((last, count)) if last == name => *count += 1,
            _ => words.push((name, 1)),
        }
    }
    let words = words.into_iter().map(|(name, count)| match count {
        1 => name.to_owned(),
        count => format!("{name} × {count}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

const PASSPHRASE: &str = "only for the demo";
const HOLDER: &str = "Demo Holder";
/// The lines of the server's page that are about us.
const TELLING: &[&str] = &["Cipher is", "Verify return code", "Issuer:", "Subject:"];

const TITLE: Text = [
    "Лична: вход с ТРЕНИРОВЪЧНА карта. Всичко е на този компютър и изчезва накрая.",
    "Lichna: a login with a PRACTICE card. Everything is on this computer, and gone at the end.",
];
const SERVICE: Text = [
    "Пуска се услуга за смарт карти с виртуален четец (pcscd, vpcd)",
    "Start a smart card service with a virtual reader (pcscd, vpcd)",
];
const SERVER: Text = [
    "Създават се малък орган и TLS сървър, който иска сертификат (openssl s_server)",
    "Make a small CA, and a TLS server that demands a certificate (openssl s_server)",
];
const NEW: Text = [
    "Прави се тренировъчна карта (lichna practice-card new)",
    "Make a practice card (lichna practice-card new)",
];
const KEY: Text = [
    "Картата създава ключ P-256; органът го удостоверява; удостоверението се записва",
    "The card makes a P-256 key; the CA certifies it; the certificate is written",
];
const INSERT: Text = [
    "Картата се слага на безконтактен четец (lichna practice-card insert, lichna cards)",
    "Lay the card on a contactless reader (lichna practice-card insert, lichna cards)",
];
const LOGIN: Text = [
    "Вход с CAN, ПИН и ключа на картата (lichna login)",
    "Log in with the card's key, by CAN and PIN (lichna login)",
];
const LOGIN_AGAIN: Text = ["И още веднъж", "And once more"];
const END: Text = ["Агентът спира", "The agent stops"];
const HEAD: [Text; 3] = [["стъпка", "step"], ["ms", "ms"], ["APDU", "APDUs"]];
const COMMANDS: Text = [
    "Какво беше казано на картата при втория вход (lichna trace):",
    "What was said to the card at the second login (lichna trace):",
];
const PAGE: Text = [
    "Сървърът отговори (откъс):",
    "The server answered (in part):",
];
const NEXT: Text = [
    "Опитайте и Вие: lichna practice-card new, lichna practice-card insert, lichna cards.\n\
     С истинска карта: lichna doctor, lichna cards, lichna login https://…",
    "Try it yourself: lichna practice-card new, lichna practice-card insert, lichna cards.\n\
     With a real card: lichna doctor, lichna cards, lichna login https://…",
];
