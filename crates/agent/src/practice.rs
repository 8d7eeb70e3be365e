//! Practice cards: made, kept in a folder, put into a reader of the agent's own or into a virtual
//! one of the smart card service, taken out, deleted. Req C.7
//!
//! The codes of a new card are made up by the client, who shows them once. The file of a card is
//! locked with a key in the key store of the operating system, or with a passphrase.

mod folder;
mod sandbox;
mod slot;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use lichna_card::Anchor;
use lichna_ipc::{
    Alphabet, ConsentRoute, Failure, InterfaceKind, PracticeCardInfo, PracticeFace, PracticeLock,
    PracticeMaking, PracticePlace, PracticePolicy, Purpose, Reply, Request, SecretField,
    SecretKind, Step,
};
use lichna_softcard::{Face, FirstPin, Lock, Making, Policy, SoftCard, vpcd};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::{
    Agent,
    connections::Dialogue,
    consent::{Agreed, Prompter, Secret},
    flows::ask::without_card,
    keystore::Item,
};
use folder::{Folder, from_soft};
pub use sandbox::{apply, authority_of, code_again, fits, remember};
use slot::{InSlot, Slot, Slots};

/// How long a card that was taken out may be at work for the last time.
const TAKING_OUT: Duration = Duration::from_secs(10);
/// Fewest and most characters of a passphrase.
const SHORTEST_PASSPHRASE: u8 = 8;
const LONGEST_PASSPHRASE: u8 = 127;
/// Longest label.
const LONGEST_LABEL: usize = 40;
/// Bytes of the key that locks a card's file, and of the administrator's.
const KEY: usize = 32;

/// The practice cards that are put in.
#[derive(Default)]
pub struct Practice {
    slots: Slots,
}

/// Does what a client asked for.
///
/// # Errors
/// Why it was not done.
pub async fn run(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: Request,
) -> Result<Reply, Failure> {
    match request {
        Request::PracticeCards => Ok(Reply::PracticeCards(list(agent)?)),
        Request::PracticeCardNew(making) => {
            let card = make(agent, dialogue, making).await?;
            Ok(Reply::PracticeCardMade(Box::new(card)))
        }
        Request::PracticeCardDelete { number } => {
            delete(agent, &number).await?;
            Ok(Reply::PracticeCardDeleted)
        }
        Request::PracticeCardInsert { number, face } => {
            let card = insert(agent, dialogue, number, face).await?;
            Ok(Reply::PracticeCardInserted(Box::new(card)))
        }
        Request::PracticeCardRemove { number } => {
            let card = remove(agent, number).await?;
            Ok(Reply::PracticeCardRemoved(Box::new(card)))
        }
        _ => Err(Failure::RequestInvalid {
            reason: "it is about no practice card".into(),
        }),
    }
}

/// The roots of the practice cards of this user: a card that leads to one is a practice card.
pub async fn anchors(agent: &Agent) -> Vec<Anchor> {
    let folder = folder(agent);
    let read = spawn_blocking(move || folder.anchors()).await;
    read.unwrap_or_default()
}

fn folder(agent: &Agent) -> Folder {
    Folder::at(agent.home.practice_cards())
}

/// All practice cards, and where those are that are put in.
///
/// # Errors
/// [`Failure::FileUnreadable`].
pub fn list(agent: &Agent) -> Result<Vec<PracticeCardInfo>, Failure> {
    let mut cards = folder(agent).cards()?;
    for card in &mut cards {
        card.inserted = agent.practice.slots.place(&card.number);
    }
    Ok(cards)
}

async fn make(
    agent: &Agent,
    dialogue: &Dialogue,
    making: PracticeMaking,
) -> Result<PracticeCardInfo, Failure> {
    let label = making.label.trim().to_owned();
    let length = label.chars().count();
    let fits = label
        .chars()
        .all(|c| c.is_alphanumeric() || " -_.".contains(c));
    if !fits || !(1..=LONGEST_LABEL).contains(&length) {
        return Err(Failure::PracticeLabelInvalid { label });
    }
    folder(agent).has_room()?;
    if making.lock == PracticeLock::KeyStore {
        // Before anybody is asked for anything.
        agent.keystore.answers().await?;
    }
    let purpose = Purpose::PracticeCardNew {
        label: label.clone(),
    };
    let agreed = ask(agent, dialogue, purpose, fields(&making)).await?;
    let (new, passphrase) = made_of(&making, label, agreed)?;
    let number = new.number.clone();
    dialogue.progress(Step::PreparePracticeCard);
    let lock = match passphrase {
        Some(passphrase) => Lock::Passphrase(passphrase),
        None => {
            let mut key = Zeroizing::new([0; KEY]);
            getrandom::fill(&mut key[..]).map_err(|_| Failure::PracticeFileUnwritable {
                file: number.clone(),
                reason: "the system gave no random numbers".into(),
            })?;
            let secret = Zeroizing::new(key.to_vec());
            // First the key, or there might be a card that nobody can open.
            agent
                .keystore
                .keep(Item::practice_card(&number), secret)
                .await?;
            Lock::Key(key)
        }
    };
    let folder = folder(agent);
    let written = folder.clone();
    let of_number = number.clone();
    let made = blocking(move || written.make(&of_number, &new, &lock)).await;
    if made.is_err() && making.lock == PracticeLock::KeyStore {
        let left = agent.keystore.delete(Item::practice_card(&number)).await;
        tracing::debug!(?left, "the key of a card that was not made");
    }
    made?;
    folder.card(&number)
}

/// What the client is to make up or to ask for.
fn fields(making: &PracticeMaking) -> Vec<SecretField> {
    let digits = |kind, label: &str, count| SecretField {
        kind,
        label: label.to_owned(),
        shortest: count,
        longest: count,
        alphabet: Alphabet::Digits,
    };
    let mut fields = vec![
        digits(SecretKind::NewCan, "CAN", 6),
        if making.transport_pin {
            digits(SecretKind::NewTransportPin, "PIN", 5)
        } else {
            digits(SecretKind::NewPin, "PIN", 6)
        },
        digits(SecretKind::NewPuk, "PUK", 8),
    ];
    if making.administrator_key {
        fields.push(SecretField {
            kind: SecretKind::AdministratorKey,
            label: "administrator".into(),
            shortest: 64,
            longest: 64,
            alphabet: Alphabet::Ascii,
        });
    }
    if making.lock == PracticeLock::Passphrase {
        fields.push(passphrase_field(SecretKind::NewPassphrase));
    }
    fields
}

fn passphrase_field(kind: SecretKind) -> SecretField {
    SecretField {
        kind,
        label: "passphrase".into(),
        shortest: match kind {
            SecretKind::NewPassphrase => SHORTEST_PASSPHRASE,
            _ => 1,
        },
        longest: LONGEST_PASSPHRASE,
        alphabet: Alphabet::Text,
    }
}

/// The card with what was typed for it, and the passphrase of its file.
fn made_of(
    making: &PracticeMaking,
    label: String,
    agreed: Agreed,
) -> Result<(Making, Option<Zeroizing<String>>), Failure> {
    let mut new = Making::made_up().map_err(|error| from_soft(&label, error))?;
    new.label = label;
    new.policy = match making.policy {
        PracticePolicy::CanFirst => Policy::CanFirst,
        PracticePolicy::PinFirst => Policy::PinFirst,
    };
    let mut passphrase = None;
    for secret in agreed.secrets {
        match secret {
            Secret::Can(can) => new.can = can.expose(text),
            Secret::Pin(pin) if making.transport_pin => {
                new.pin = FirstPin::Transport(pin.expose(text));
            }
            Secret::Pin(pin) => new.pin = FirstPin::Pin(pin.expose(text)),
            Secret::Puk(puk) => new.puk = puk.expose(text),
            Secret::Key(key) => {
                let decoded = key
                    .expose(|digits| hex::decode_to_slice(digits, &mut new.administrator_key[..]));
                decoded.map_err(|_| Failure::AdministratorKeyInvalid)?;
            }
            Secret::Passphrase(given) => passphrase = Some(given.expose(text)),
        }
    }
    Ok((new, passphrase))
}

/// The characters of a secret, which are printable ASCII.
fn text(secret: &[u8]) -> Zeroizing<String> {
    // Not to grow: what it grew out of would stay in memory.
    let mut text = Zeroizing::new(String::with_capacity(secret.len()));
    // It is UTF-8, or it had not become a secret.
    text.push_str(&String::from_utf8_lossy(secret));
    text
}

async fn delete(agent: &Agent, number: &str) -> Result<(), Failure> {
    let folder = folder(agent);
    let card = folder.card(number);
    // What cannot be read can be deleted all the same.
    if matches!(card, Err(Failure::PracticeCardUnknown { .. })) {
        return card.map(drop);
    }
    if let Some(place) = agent.practice.slots.place(number) {
        return Err(inserted(number, &place));
    }
    folder.delete(number)?;
    if !matches!(&card, Ok(card) if card.lock == Some(PracticeLock::Passphrase)) {
        // It opens nothing any more.
        match agent.keystore.delete(Item::practice_card(number)).await {
            Ok(_) => {}
            Err(failure) => tracing::warn!(%failure, number, "the key of a deleted card is left"),
        }
    }
    Ok(())
}

async fn insert(
    agent: &Agent,
    dialogue: &Dialogue,
    number: Option<String>,
    face: PracticeFace,
) -> Result<PracticeCardInfo, Failure> {
    let folder = folder(agent);
    let mut card = match number {
        Some(number) => folder.card(&number)?,
        None => folder.only()?,
    };
    let number = card.number.clone();
    if let Some(place) = agent.practice.slots.place(&number) {
        return Err(inserted(&number, &place));
    }
    if let Some(failure) = card.failure {
        return Err(*failure);
    }
    let lock = lock_of(agent, dialogue, &card).await?;
    dialogue.progress(Step::PreparePracticeCard);
    let opened = folder.clone();
    let soft = blocking(move || opened.open(&number, &lock)).await?;
    let administrator_key = soft.administrator_key();
    let side = match face.interface {
        InterfaceKind::Contact => Face::Contact,
        InterfaceKind::Contactless => Face::Contactless,
    };
    let (slot, reader) = match face.vpcd {
        None => {
            let name = format!("{READER} {}", card.number);
            let (own, gone) = InSlot::new(soft.insert(side));
            let put_in = agent.cards.put_in_own(&name, Box::new(own));
            put_in.map_err(|_| Failure::ReaderUnavailable {
                reader: name.clone(),
            })?;
            (Slot::Own { gone }, Some(name))
        }
        Some(port) => (Slot::Vpcd(served(soft, side, port).await?), None),
    };
    let place = PracticePlace { reader, face };
    agent
        .practice
        .slots
        .put_in(&card.number, (place.clone(), slot), administrator_key);
    tracing::info!(card.number, ?face, "a practice card was put in");
    card.inserted = Some(place);
    Ok(card)
}

/// What opens the file of this card.
async fn lock_of(
    agent: &Agent,
    dialogue: &Dialogue,
    card: &PracticeCardInfo,
) -> Result<Lock, Failure> {
    let number = card.number.clone();
    if card.lock == Some(PracticeLock::Passphrase) {
        let purpose = Purpose::PracticeCardInsert {
            number,
            label: card.label.clone(),
        };
        let field = passphrase_field(SecretKind::Passphrase);
        let mut agreed = ask(agent, dialogue, purpose, vec![field]).await?;
        return match agreed.secrets.pop() {
            Some(Secret::Passphrase(given)) => Ok(Lock::Passphrase(given.expose(text))),
            _ => Err(Failure::RequestInvalid {
                reason: "no passphrase was typed".into(),
            }),
        };
    }
    let kept = agent.keystore.kept(Item::practice_card(&number)).await?;
    let missing = || Failure::PracticeKeyMissing { number };
    let kept = kept.ok_or_else(missing.clone())?;
    let key: &[u8; KEY] = kept.as_slice().try_into().map_err(|_| missing())?;
    Ok(Lock::Key(Zeroizing::new(*key)))
}

/// Puts the card into a virtual reader of the smart card service of this computer.
async fn served(card: SoftCard, face: Face, port: u16) -> Result<vpcd::Served, Failure> {
    let reader = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let connected = blocking(move || Ok(vpcd::serve(card.insert(face), reader))).await?;
    connected.map_err(|(_, error)| Failure::VirtualReaderUnreachable {
        port,
        reason: error.to_string(),
    })
}

async fn remove(agent: &Agent, number: Option<String>) -> Result<PracticeCardInfo, Failure> {
    let slots = &agent.practice.slots;
    let number = match number {
        Some(number) => {
            folder(agent).card(&number)?;
            number
        }
        None => slots.only()?,
    };
    let taken = slots.take_out(&number);
    let (place, slot) = taken.ok_or_else(|| Failure::PracticeCardNotInserted {
        number: number.clone(),
    })?;
    if let Some(reader) = &place.reader {
        agent.cards.take_out_own(reader);
    }
    let over = match slot {
        // The sender goes with the card.
        Slot::Own { gone } => tokio::time::timeout(TAKING_OUT, gone).await.is_ok(),
        Slot::Vpcd(served) => {
            let (_, end) = blocking(move || Ok(served.remove())).await?;
            if let Err(error) = end {
                tracing::warn!(%error, number, "a practice card in a virtual reader");
            }
            true
        }
    };
    if !over {
        tracing::warn!(number, "a practice card is still at work");
    }
    tracing::info!(number, "a practice card was taken out");
    folder(agent).card(&number)
}

/// Asks the client for secrets that are no card's business.
async fn ask(
    agent: &Agent,
    dialogue: &Dialogue,
    purpose: Purpose,
    secrets: Vec<SecretField>,
) -> Result<Agreed, Failure> {
    let passphrase = secrets
        .iter()
        .find(|field| {
            matches!(
                field.kind,
                SecretKind::Passphrase | SecretKind::NewPassphrase
            )
        })
        .map(|field| (field.shortest, field.longest));
    let answer = without_card(agent, dialogue, purpose, secrets, ConsentRoute::Caller);
    match (answer.await, passphrase) {
        (Ok((agreed, _turn)), _) => Ok(agreed),
        // It is the only one of them that a person chooses.
        (Err(Failure::PinLength { .. } | Failure::PinAlphabet), Some((shortest, longest))) => {
            Err(Failure::PassphraseUnusable { shortest, longest })
        }
        (Err(failure), _) => Err(failure),
    }
}

/// Does what takes time or reads files, beside the other tasks.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Failure::Stopping),
    }
}

fn inserted(number: &str, place: &PracticePlace) -> Failure {
    Failure::PracticeCardInserted {
        number: number.to_owned(),
        reader: match (&place.reader, place.face.vpcd) {
            (Some(reader), _) => reader.clone(),
            (None, port) => format!("vpcd {}", port.unwrap_or_default()),
        },
    }
}

/// How the readers of the agent's own are named.
const READER: &str = "Lichna Practice Card";
