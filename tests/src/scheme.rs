//! The whole eID scheme on this computer: an authority, and practice cards that were enrolled with
//! it. All that a person would do is done by the command `lichna`.
//!
//! ```no_run
//! use lichna_tests::authority::people::Person;
//! use lichna_tests::scheme::{Face, Scheme};
//!
//! let scheme = Scheme::new();
//! let officer = scheme.officer(Face::Contact);
//! let card = scheme.card(Face::Contactless);
//! scheme.enrol(&officer, &card, &Person::maria()).success();
//! let history = scheme.with_card(&["history"], &card).json();
//! assert_eq!(history["certificates"][0]["state"], "active");
//! ```

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::authority::people::Person;
use crate::authority::{Authority, Database, Spec};
use crate::ca::Ca;
use crate::pcscd::Pcscd;
use crate::server::{Program, Server, ServerSpec};
use crate::until;
use crate::workspace::{Home, Output};

/// What every practice card's file is locked with: a computer without a desktop has no key store.
const PASSPHRASE: &str = "only for practice";

/// Which side of a card is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Its contacts.
    Contact,
    /// Over the radio: the CAN is wanted.
    Contactless,
}

/// A practice card that is put in.
#[derive(Clone, Debug)]
pub struct EidCard {
    /// Its number.
    pub number: String,
    /// What is printed on it.
    pub can: String,
    /// Its PIN.
    pub pin: String,
    /// Its PUK.
    pub puk: String,
    /// Name of the reader that it is in.
    pub reader: String,
    /// Which side is used.
    pub face: Face,
}

/// An authority and an agent, with a configuration that names it.
#[derive(Debug)]
pub struct Scheme {
    // Dropped in this order: the agent before what it speaks with.
    /// The agent's.
    pub home: Home,
    /// The authority.
    pub authority: Authority,
    /// Of whom the administrator's certificate is.
    pub ca: Ca,
    administrator: String,
    /// A smart card service with readers, where the cards do not have readers of Lichna's own; how
    /// many are taken.
    readers: Option<(Pcscd, Cell<usize>)>,
}

impl Scheme {
    /// With an authority on SQLite and an administrator, and readers of Lichna's own.
    pub fn new() -> Self {
        Self::with(&Spec::new(Database::Sqlite), Home::apart(), None)
    }

    /// With that authority, in that home; the cards are put into the readers of that service, if
    /// there is one, each into the next.
    ///
    /// # Panics
    /// When it does not start.
    pub fn with(spec: &Spec, home: Home, service: Option<Pcscd>) -> Self {
        let authority = Authority::start(spec);
        let ca = Ca::new("Administrators CA");
        let (administrator, _) = authority.new_administrator(&ca, "Практика ЕАД");
        let scheme = Self {
            home,
            authority,
            ca,
            administrator,
            readers: service.map(|service| (service, Cell::new(0))),
        };
        scheme.configure();
        scheme
    }

    /// Names the authority in the agent's configuration.
    fn configure(&self) {
        let root = self.authority.root();
        let text = format!(
            "[authority]\nurl = \"{}\"\nroot = \"{}\"\n",
            self.authority.url(0),
            root.display()
        );
        fs::write(self.home.path().join("config.toml"), text).expect("own folder");
    }

    /// A new practice card that is registered with the authority, put in.
    pub fn card(&self, face: Face) -> EidCard {
        let key = self.home.path().join("administrator-key");
        // A key of its own for each card: the command makes one up where there is no file.
        fs::remove_file(&key).ok();
        let made = self.home.run_with_input(
            [
                "practice-card",
                "new",
                "--json",
                "--passphrase-stdin",
                "--administrator-key",
                &key.display().to_string(),
            ],
            format!("{PASSPHRASE}\n"),
        );
        let made = made.json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let number = text(&made["practice_card"]["number"]);
        let digits = fs::read_to_string(&key).expect("the key");
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits.trim(), &mut bytes).expect("a key");
        self.authority.carrier(&number, &bytes);
        let mut card = EidCard {
            number,
            can: text(&made["can"]),
            pin: text(&made["pin"]),
            puk: text(&made["puk"]),
            reader: String::new(),
            face,
        };
        self.insert(&mut card);
        card
    }

    /// Puts a card in, and waits until the agent has seen it.
    pub fn insert(&self, card: &mut EidCard) {
        let face = match card.face {
            Face::Contact => "contact",
            Face::Contactless => "contactless",
        };
        let words = [
            "practice-card",
            "insert",
            &card.number,
            "--face",
            face,
            "--json",
        ];
        let mut words: Vec<String> = words.map(str::to_owned).to_vec();
        words.push("--passphrase-stdin".to_owned());
        let seat = self.readers.as_ref().map(|(service, taken)| {
            let reader = service.reader(taken.replace(taken.get() + 1));
            words.extend(["--vpcd".to_owned(), reader.port().to_string()]);
            reader.name()
        });
        let inserted = self.home.run_with_input(words, format!("{PASSPHRASE}\n"));
        let inserted = inserted.json();
        let own = inserted["inserted"]["inserted"]["reader"].as_str();
        card.reader = seat.unwrap_or_else(|| own.expect("a reader").to_owned());
        until("the agent to have seen the card", || {
            let cards = self.home.run(["cards", "--json"]).json();
            let cards = cards["cards"].as_array().expect("a list");
            let ours = cards.iter().find(|one| one["reader"] == card.reader);
            ours.is_some_and(|one| one["card"]["card"] == "known")
        });
    }

    /// Takes a card out.
    pub fn remove(&self, card: &EidCard) {
        let words = ["practice-card", "remove", &card.number, "--json"];
        self.home.run(words).success();
    }

    /// A card of an officer's: invited by the operator, enrolled and confirmed.
    pub fn officer(&self, face: Face) -> EidCard {
        let card = self.card(face);
        self.enrol_by_invitation(&card, &Person::georgi()).success();
        card
    }

    /// The operator invites a person to be an officer; id and code of the application.
    pub fn invite(&self, person: &Person, card: &EidCard) -> (String, String) {
        let application = person.application(&card.number);
        self.authority.invite(&self.administrator, &application)
    }

    /// Invites, and has the card enrolled.
    pub fn enrol_by_invitation(&self, card: &EidCard, person: &Person) -> Output {
        self.enrol_invited(card, &self.invite(person, card))
    }

    /// Has the card enrolled by an invitation: id and code of the application.
    pub fn enrol_invited(&self, card: &EidCard, (application, code): &(String, String)) -> Output {
        let words = [
            "enrol",
            "--invitation",
            application,
            "--code-stdin",
            "--yes",
        ];
        let words = words
            .into_iter()
            .chain(["--reader", &card.reader, "--json"]);
        let words = words.chain(card.can_word()).chain(["--pin-stdin"]);
        let lines = card.can_line() + &format!("{code}\n{}\n", card.pin);
        self.home.run_with_input(words, lines)
    }

    /// Has the card enrolled for that person by an officer, whose card is in another reader.
    pub fn enrol(&self, officer: &EidCard, card: &EidCard, person: &Person) -> Output {
        self.enrol_with(officer, card, person, None)
    }

    /// The same for a person who agrees on a password for the telephone.
    pub fn enrol_with(
        &self,
        officer: &EidCard,
        card: &EidCard,
        person: &Person,
        telephone: Option<&str>,
    ) -> Output {
        let data = self.home.path().join("person.json");
        let [first, middle, last] = &person.cyrillic;
        let cyrillic = json!({ "first": first, "middle": middle, "last": last });
        let [first, middle, last] = &person.latin;
        let latin = json!({ "first": first, "middle": middle, "last": last });
        let text = json!({
            "kind": "egn", "number": person.number, "cyrillic": cyrillic, "latin": latin,
        });
        fs::write(&data, text.to_string()).expect("own folder");
        let data = data.display().to_string();
        let words = ["enrol", "--person", &data, "--appeared", "--yes", "--json"];
        let words = words
            .into_iter()
            .chain(["--officer-reader", &officer.reader]);
        let words = words.chain(["--reader", &card.reader, "--pin-stdin"]);
        let officers_can = match officer.face {
            Face::Contact => None,
            Face::Contactless => Some("--officer-can-stdin"),
        };
        let words = words.chain(officers_can).chain(card.can_word());
        let lines = officer.can_line() + &card.can_line();
        let words = words.chain(telephone.map(|_| "--telephone-password"));
        let agreed = telephone.map_or_else(String::new, |password| format!("{password}\n"));
        let lines = lines + &format!("{}\n{agreed}{}\n", officer.pin, card.pin);
        self.home.run_with_input(words, lines)
    }

    /// A command with a card, whose codes are typed.
    pub fn with_card(&self, words: &[&str], card: &EidCard) -> Output {
        self.with_pin(words, card, &card.pin)
    }

    /// The same with a PIN that may be another.
    pub fn with_pin(&self, words: &[&str], card: &EidCard, pin: &str) -> Output {
        let words = words.iter().copied().chain(["--reader", &card.reader]);
        let words = words.chain(card.can_word());
        let words = words.chain(["--pin-stdin", "--json"]);
        self.home
            .run_with_input(words, card.can_line() + &format!("{pin}\n"))
    }

    /// Logs in to a server with a card.
    pub fn log_in(&self, server: &Server, card: &EidCard) -> Output {
        let ca = self.ca.root().path.display().to_string();
        self.with_card(&["login", &server.url(), "--ca", &ca], card)
    }

    /// A relying party: nginx, which takes certificates of the authority, and asks it by OCSP
    /// about each.
    pub fn relying_party(&self) -> Server {
        let responder = format!("{}/ocsp", self.authority.http_url(0));
        ServerSpec::new(Program::Nginx, &self.ca)
            .accepts_file(self.authorities())
            .asks_ocsp(&responder)
            .start()
    }

    /// Both of the authority's certificates in one file (PEM).
    pub fn authorities(&self) -> PathBuf {
        let both = [self.authority.issuing(), self.authority.root()];
        let both = both.map(|file| fs::read_to_string(file).expect("a certificate"));
        let file = self.home.path().join("authorities.pem");
        fs::write(&file, both.concat()).expect("own folder");
        file
    }
}

impl Default for Scheme {
    fn default() -> Self {
        Self::new()
    }
}

impl EidCard {
    /// How a script says that it gives the CAN.
    fn can_word(&self) -> Option<&'static str> {
        match self.face {
            Face::Contact => None,
            Face::Contactless => Some("--can-stdin"),
        }
    }

    /// The CAN's line of the input, where there is one.
    fn can_line(&self) -> String {
        match self.face {
            Face::Contact => String::new(),
            Face::Contactless => format!("{}\n", self.can),
        }
    }
}
