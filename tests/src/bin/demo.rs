//! A login with a card, from a factory-new card to the server's page, with everything that it needs
//! on this computer alone. `cargo xtask demo` builds and runs it.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "what it prints is its work")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use comfy_table::{CellAlignment, Table, presets};
use lichna_i18n::{Language, Messages, VARIABLE};
use lichna_tests::applet::Applet;
use lichna_tests::bench::known_cards;
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::personalise::personalise;
use lichna_tests::server::{Program, ServerSpec};
use lichna_tests::vpicc::Latency;
use lichna_tests::workspace::Home;
use lichna_tests::{built, until};

fn main() -> ExitCode {
    match Demo::new().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A text in Bulgarian and in English.
type Text = [&'static str; 2];

/// What was done so far, with its time and the number of commands to the card.
struct Demo {
    language: Language,
    steps: Vec<(String, Duration, usize)>,
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

    /// Does one step, and counts what the service logs meanwhile.
    fn step<R>(
        &mut self,
        name: Text,
        pcscd: Option<&Pcscd>,
        work: impl FnOnce() -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        let name = self.text(name);
        println!("  {name}");
        let commands = || pcscd.map_or(0, |pcscd| pcscd.log().len());
        let (began, before) = (Instant::now(), commands());
        let result = work().context(name)?;
        let time = began.elapsed();
        self.steps
            .push((name.to_owned(), time, commands() - before));
        Ok(result)
    }

    fn run(&mut self) -> anyhow::Result<()> {
        println!("{}\n", self.text(TITLE));
        let pcscd = self.step(SERVICE, None, || {
            Ok(Pcscd::start(&[ReaderSpec::vpcd("Lichna Demo")]))
        })?;
        let reader = pcscd.reader(0);
        let card = self.step(CARD, Some(&pcscd), || Ok(reader.insert(Applet::piv())))?;
        card.set_latency(Latency::default().signing(SIGNING));
        let (ca, server) = self.step(SERVER, None, || {
            let ca = Ca::new("Lichna Demo CA");
            let server = ServerSpec::new(Program::OpenSsl, &ca).start();
            Ok((ca, server))
        })?;
        self.step(KEY, Some(&pcscd), || {
            personalise(&pcscd, &reader.name(), &ca, HOLDER)
        })?;
        let mut home = Home::new(&pcscd);
        home.set(VARIABLE, self.language.code());
        // Found, and built if that is still to do, before their time is taken.
        built::lichna();
        built::agent();
        self.step(AGENT, Some(&pcscd), || {
            until("the agent to have read the card", || {
                known_cards(&home) == 1
            });
            Ok(())
        })?;
        let (url, authority) = (server.url(), ca.root().path.display().to_string());
        let mut page = String::new();
        for name in [LOGIN, LOGIN_AGAIN] {
            page = self.step(name, Some(&pcscd), || {
                let words = ["login", &url, "--ca", &authority, "--pin-stdin"];
                let output = home.run_with_input(words, PIN);
                let page = output.stdout.clone();
                ensure!(output.status.success(), "{page}{}", output.stderr);
                Ok(page)
            })?;
        }
        self.step(END, Some(&pcscd), || {
            home.stop_agent();
            Ok(())
        })?;
        println!("\n{}", self.table());
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
            table.add_row([name.clone(), time, commands.to_string()]);
        }
        for column in [1, 2] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

/// In the middle of what real cards take for a P-256 signature.
const SIGNING: Duration = Duration::from_millis(80);
const HOLDER: &str = "Demo Holder";
const PIN: &str = "123456\n";
/// The lines of the server's page that are about us.
const TELLING: &[&str] = &["Cipher is", "Verify return code", "Issuer:", "Subject:"];

const TITLE: Text = [
    "Лична: вход с карта. Всичко е на този компютър и изчезва накрая.",
    "Lichna: a login with a card. Everything is on this computer, and gone at the end.",
];
const SERVICE: Text = [
    "Стартира се услуга за смарт карти с виртуален четец (pcscd, vpcd)",
    "Start a smart card service with a virtual reader (pcscd, vpcd)",
];
const CARD: Text = [
    "Поставя се нова карта (чужд PIV аплет, piv-authenticator)",
    "Insert a factory-new card (another's PIV applet, piv-authenticator)",
];
const SERVER: Text = [
    "Създават се малък орган и TLS сървър, който иска сертификат (openssl s_server)",
    "Make a small CA, and a TLS server that demands a certificate (openssl s_server)",
];
const KEY: Text = [
    "Картата създава ключ P-256; органът го удостоверява; удостоверението се записва",
    "The card makes a P-256 key; the CA certifies it; the certificate is written",
];
const AGENT: Text = [
    "Стартира агентът и прочита картата (lichna cards)",
    "The agent starts and reads the card (lichna cards)",
];
const LOGIN: Text = [
    "Вход с ключа на картата (lichna login)",
    "Log in with the card's key (lichna login)",
];
const LOGIN_AGAIN: Text = ["И още веднъж", "And once more"];
const END: Text = ["Агентът спира", "The agent stops"];
const HEAD: [Text; 3] = [["стъпка", "step"], ["ms", "ms"], ["APDU", "APDUs"]];
const PAGE: Text = [
    "Сървърът отговори (откъс):",
    "The server answered (in part):",
];
const NEXT: Text = [
    "Подписът на картата трае 80 ms, както при истинските. Командите са преброени от pcscd.\n\
     Със своя карта: lichna doctor, lichna cards, lichna login https://…",
    "The card takes 80 ms for a signature, as real ones do. The commands were counted by pcscd.\n\
     With a card of your own: lichna doctor, lichna cards, lichna login https://…",
];
