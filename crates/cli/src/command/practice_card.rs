//! `lichna practice-card`: cards of software, for trying things without risk.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use lichna_consent::date;
use lichna_i18n::plain;
use lichna_ipc::{
    Failure, InterfaceKind, Made, PracticeCardInfo, PracticeFace, PracticeLock, PracticeMaking,
    PracticePolicy, Reply, Request, SecretKind, Terminal,
};
use lichna_secret::HexKey;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{ask, ask_with, call_keeping, connect, secrets, unexpected};
use crate::arguments::{self, NewPracticeCard, PracticeCard};
use crate::face::{Face, Given, Secrets, is_yes};
use crate::output::Output;
use crate::problem::{Here, Problem};

/// Hexadecimal digits of a key of 32 bytes.
const KEY_DIGITS: usize = 64;

pub fn run(practice: PracticeCard, out: &Output) -> Result<(), Problem> {
    match practice {
        PracticeCard::New(new) => make(new, out),
        PracticeCard::List => list(out),
        PracticeCard::Delete { number, yes } => delete(number, yes, out),
        PracticeCard::Insert {
            number,
            face,
            vpcd,
            passphrase_stdin,
        } => {
            let interface = match face {
                arguments::Face::Contactless => InterfaceKind::Contactless,
                arguments::Face::Contact => InterfaceKind::Contact,
            };
            let face = PracticeFace { interface, vpcd };
            insert(number, face, passphrase_stdin, out)
        }
        PracticeCard::Remove { number } => remove(number, out),
    }
}

fn make(new: NewPracticeCard, out: &Output) -> Result<(), Problem> {
    let passphrase = new.passphrase || new.passphrase_stdin;
    let from = if passphrase {
        secrets(given(new.passphrase_stdin))?
    } else {
        Secrets::Nobody
    };
    let key = new.administrator_key.as_deref();
    let key = key.map(administrator_key).transpose()?;
    let making = PracticeMaking {
        label: new.label.unwrap_or_else(|| out.text("practice-label")),
        transport_pin: new.transport_pin,
        administrator_key: key.is_some(),
        lock: if passphrase {
            PracticeLock::Passphrase
        } else {
            PracticeLock::KeyStore
        },
        policy: if new.pin_first {
            PracticePolicy::PinFirst
        } else {
            PracticePolicy::CanFirst
        },
    };
    let mut face = Face::new(out, from).with_administrator_key(key);
    let request = Request::PracticeCardNew(making);
    let Reply::PracticeCardMade(card) = call_keeping(&mut connect()?, request, &mut face)? else {
        return Err(unexpected());
    };
    let made = face.made();
    if out.json {
        return print_codes_for_programs(&card, &made, out);
    }
    out.print(&out.text_with("practice-made", &named(&card)))?;
    out.print(&out.text("practice-keep"))?;
    for one in &made {
        print_code(one, out)?;
    }
    let number = plain(&card.number);
    out.print(&out.text_with("practice-next", &[("number", number.into())]))
}

/// A code, straight from its page to the output.
fn print_code(made: &Made, out: &Output) -> Result<(), Problem> {
    let title = out.text(match made.kind {
        SecretKind::NewCan => "title-can",
        SecretKind::NewPuk => "title-puk",
        SecretKind::NewTransportPin => "title-transport-pin",
        _ => "title-pin",
    });
    made.digits.expose(|digits| {
        let mut line = Zeroizing::new(Vec::with_capacity(title.len() + digits.len() + 8));
        line.extend_from_slice(b"    ");
        line.extend_from_slice(title.as_bytes());
        line.extend_from_slice(b": ");
        line.extend_from_slice(digits);
        line.push(b'\n');
        out.write(&line)
    })
}

/// `{"practice_card": …, "can": "…", "pin": "…", "puk": "…"}`. Digits need no escaping.
fn print_codes_for_programs(
    card: &PracticeCardInfo,
    made: &[Made],
    out: &Output,
) -> Result<(), Problem> {
    let card = serde_json::to_vec(&json!(card)).unwrap_or_default();
    let mut line = Zeroizing::new(Vec::with_capacity(card.len() + 200));
    line.extend_from_slice(b"{\"practice_card\":");
    line.extend_from_slice(&card);
    for one in made {
        let name: &[u8] = match one.kind {
            SecretKind::NewCan => b"can",
            SecretKind::NewPuk => b"puk",
            SecretKind::NewTransportPin => b"transport_pin",
            _ => b"pin",
        };
        line.extend_from_slice(b",\"");
        line.extend_from_slice(name);
        line.extend_from_slice(b"\":\"");
        one.digits.expose(|digits| line.extend_from_slice(digits));
        line.push(b'"');
    }
    line.extend_from_slice(b"}\n");
    out.write(&line)
}

fn list(out: &Output) -> Result<(), Problem> {
    let cards = all(out)?;
    if out.json {
        let cards: Vec<Value> = cards.iter().map(|card| explained(card, out)).collect();
        return out.print_json(&json!({ "practice_cards": cards }));
    }
    if cards.is_empty() {
        return out.print(&out.text("practice-none"));
    }
    let row = |card: &PracticeCardInfo| {
        vec![
            plain(&card.number),
            plain(&card.label),
            card.made_at
                .as_deref()
                .map(|made| plain(date(made)))
                .unwrap_or_default(),
            card.lock
                .map(|lock| out.word("lock", &lock))
                .unwrap_or_default(),
            place(card, out),
        ]
    };
    out.print_table(
        &[
            "title-number",
            "title-label",
            "title-made",
            "title-lock",
            "title-place",
        ],
        cards.iter().map(row).collect(),
    )?;
    for failure in cards.iter().filter_map(|card| card.failure.as_ref()) {
        let problem = Problem::from(failure.as_ref().clone());
        out.print(&format!("! {}", problem.message(&out.messages)))?;
        out.print(&format!("  {}", problem.advice(&out.messages)))?;
    }
    Ok(())
}

fn all(out: &Output) -> Result<Vec<PracticeCardInfo>, Problem> {
    match ask(Request::PracticeCards, out)? {
        Reply::PracticeCards(cards) => Ok(cards),
        _ => Err(unexpected()),
    }
}

fn place(card: &PracticeCardInfo, out: &Output) -> String {
    match &card.inserted {
        None => out.text("practice-out"),
        Some(place) => match (&place.reader, place.face.vpcd) {
            (Some(reader), _) => plain(reader),
            (None, Some(port)) => out.text_with("practice-port", &[("port", port.into())]),
            (None, None) => out.text("word-yes"),
        },
    }
}

fn delete(number: String, yes: bool, out: &Output) -> Result<(), Problem> {
    let cards = all(out)?;
    let card = cards.iter().find(|card| card.number == number);
    let card = card.ok_or_else(|| Failure::PracticeCardUnknown {
        number: number.clone(),
    })?;
    if !yes && !agreed(card, out)? {
        return Err(Failure::Refused.into());
    }
    let request = Request::PracticeCardDelete {
        number: number.clone(),
    };
    match ask(request, out)? {
        Reply::PracticeCardDeleted if out.json => out.print_json(&json!({ "deleted": number })),
        Reply::PracticeCardDeleted => {
            let number = plain(&number);
            out.print(&out.text_with("practice-deleted", &[("number", number.into())]))
        }
        _ => Err(unexpected()),
    }
}

/// A person at the terminal says that the card is to be deleted.
fn agreed(card: &PracticeCardInfo, out: &Output) -> Result<bool, Problem> {
    if !Terminal::is_there() {
        return Err(Failure::NoTerminal.into());
    }
    let prompt = format!("{} ", out.text_with("ask-delete", &named(card)));
    let answer = Terminal::open()
        .and_then(|mut terminal| terminal.read_answer(&prompt, None))
        .map_err(|error| Here::terminal(&error))?;
    Ok(is_yes(&answer))
}

fn insert(
    number: Option<String>,
    face: PracticeFace,
    passphrase_stdin: bool,
    out: &Output,
) -> Result<(), Problem> {
    // Most cards want none: that there is no terminal is said only when one does.
    let from = secrets(given(passphrase_stdin)).unwrap_or(Secrets::Nobody);
    let request = Request::PracticeCardInsert { number, face };
    let Reply::PracticeCardInserted(card) = ask_with(request, Face::new(out, from))? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "inserted": card }));
    }
    let number = ("number", plain(&card.number).into());
    let place = card.inserted.as_ref();
    let text = match (place.and_then(|place| place.reader.as_ref()), face.vpcd) {
        (None, Some(port)) => {
            out.text_with("practice-inserted-vpcd", &[number, ("port", port.into())])
        }
        (reader, _) => {
            let reader = reader.map(|reader| plain(reader)).unwrap_or_default();
            out.text_with("practice-inserted", &[number, ("reader", reader.into())])
        }
    };
    out.print(&text)
}

fn remove(number: Option<String>, out: &Output) -> Result<(), Problem> {
    let request = Request::PracticeCardRemove { number };
    match ask(request, out)? {
        Reply::PracticeCardRemoved(card) if out.json => {
            out.print_json(&json!({ "removed": card.number }))
        }
        Reply::PracticeCardRemoved(card) => {
            let number = plain(&card.number);
            out.print(&out.text_with("practice-removed", &[("number", number.into())]))
        }
        _ => Err(unexpected()),
    }
}

fn given(passphrase: bool) -> Given {
    Given {
        passphrase,
        ..Given::default()
    }
}

fn named(card: &PracticeCardInfo) -> [(&'static str, lichna_i18n::Value<'static>); 2] {
    [
        ("label", plain(&card.label).into()),
        ("number", plain(&card.number).into()),
    ]
}

/// With the texts of what is wrong with it.
fn explained(card: &PracticeCardInfo, out: &Output) -> Value {
    let mut value = json!(card);
    if let (Some(failure), Some(fields)) = (&card.failure, value.as_object_mut()) {
        let problem = Problem::from(failure.as_ref().clone());
        fields.insert("message".into(), problem.message(&out.messages).into());
        fields.insert("advice".into(), problem.advice(&out.messages).into());
    }
    value
}

/// The key in this file; where there is no file, one is made up and written, for its owner alone.
fn administrator_key(file: &Path) -> Result<HexKey, Problem> {
    let unreadable = |error: std::io::Error| Failure::FileUnreadable {
        file: file.display().to_string(),
        reason: error.to_string(),
    };
    let mut digits = Zeroizing::new(Vec::with_capacity(2 * KEY_DIGITS));
    match fs::File::open(file) {
        Ok(there) => {
            let limit = u64::try_from(2 * KEY_DIGITS).unwrap_or(u64::MAX);
            there
                .take(limit)
                .read_to_end(&mut digits)
                .map_err(unreadable)?;
            while digits.last().is_some_and(u8::is_ascii_whitespace) {
                digits.pop();
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut key = Zeroizing::new([0; KEY_DIGITS / 2]);
            getrandom::fill(&mut key[..]).map_err(|error| Here::Output {
                reason: error.to_string(),
            })?;
            digits.resize(KEY_DIGITS, 0);
            hex::encode_to_slice(&key[..], &mut digits).map_err(|_| unexpected())?;
            write_for_owner(file, &digits).map_err(|error| Here::Output {
                reason: format!("{}: {error}", file.display()),
            })?;
        }
        Err(error) => return Err(unreadable(error).into()),
    }
    let is_key = digits.len() == KEY_DIGITS && digits.iter().all(u8::is_ascii_hexdigit);
    if !is_key {
        return Err(Failure::AdministratorKeyInvalid.into());
    }
    HexKey::take(&mut digits).map_err(|_| Failure::AdministratorKeyInvalid.into())
}

fn write_for_owner(file: &Path, digits: &[u8]) -> std::io::Result<()> {
    let mut made = lichna_ipc::home::new_file_for_owner(file)?;
    made.write_all(digits)?;
    made.write_all(b"\n")?;
    made.sync_all()
}
