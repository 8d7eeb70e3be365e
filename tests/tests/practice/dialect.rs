//! The dialect `iso7816` and the secure channel, spoken with the practice card itself. Req 15.2, C.3.
//!
//! What is said is recorded in `tests/transcripts/bg-eid-practice`, for the tests of `card`:
//!
//! ```text
//! cargo test -p lichna-tests --test practice -- --ignored records_transcripts
//! ```

#[path = "../../../crates/card/tests/card/practice/mod.rs"]
mod recorded;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use lichna_apdu::{Channel, ChannelError, Interface};
use lichna_card::{
    Anchor, Card, CardAccess, Forgery, Genuineness, Password, check_genuine, open_channel,
    read_card_access,
};
use lichna_secret::Can;
use lichna_softcard::{Face, FirstPin, Inserted, Lock, Making, Policy, SoftCard};
use lichna_tests::ca::Ca;
use lichna_tests::practice::{self, PracticeCard};
use recorded::{Flow, Make, Reader, Watched};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// A reader that carries commands up to a length.
struct Narrow {
    card: Inserted,
    longest: usize,
}

impl Channel for Narrow {
    fn interface(&self) -> Interface {
        self.card.interface()
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        assert!(command.len() <= self.longest, "a command that does not fit");
        self.card.transmit(command)
    }
}

fn make(folder: &tempfile::TempDir, how: Make) -> SoftCard {
    let secret = |text: &str| Zeroizing::new(text.to_owned());
    let making = Making {
        number: recorded::NUMBER.to_owned(),
        can: secret(recorded::CAN),
        pin: match how {
            Make::Transport => FirstPin::Transport(secret(recorded::TRANSPORT)),
            _ => FirstPin::Pin(secret(recorded::PIN)),
        },
        puk: secret(recorded::PUK),
        administrator_key: Zeroizing::new(recorded::ADMINISTRATOR),
        policy: match how {
            Make::PinFirst => Policy::PinFirst,
            _ => Policy::CanFirst,
        },
        slow_down: Duration::ZERO,
        ..Making::made_up().unwrap()
    };
    let lock = Lock::Key(Zeroizing::new([1; 32]));
    SoftCard::make(&folder.path().join("card"), &making, &lock).unwrap()
}

/// The card as a flow finds it.
fn prepared(folder: &tempfile::TempDir, flow: &Flow) -> Narrow {
    let mut card = make(folder, flow.card).insert(Face::Contact);
    (flow.prepare)(&mut Reader::new(&mut card));
    let face = match flow.face {
        Interface::Contact => Face::Contact,
        Interface::Contactless => Face::Contactless,
    };
    Narrow {
        card: card.remove().insert(face),
        longest: flow.longest,
    }
}

#[allow(clippy::print_stdout, reason = "says which of them failed")]
fn does_all(which: impl Fn(&Flow) -> bool) {
    let mut done = 0;
    for flow in recorded::all().iter().filter(|flow| which(flow)) {
        println!("{}", flow.name);
        let folder = tempfile::tempdir().unwrap();
        let mut card = prepared(&folder, flow);
        (flow.run)(&mut Reader::new(&mut card));
        done += 1;
    }
    assert!(done > 0);
}

#[test]
fn does_on_contacts_what_is_done_with_cards() {
    does_all(|flow| flow.recorded && flow.face == Interface::Contact);
}

#[test]
fn does_over_the_radio_what_is_done_with_cards() {
    does_all(|flow| flow.recorded && flow.face == Interface::Contactless);
}

#[test]
fn reads_and_writes_beyond_32_kib() {
    does_all(|flow| !flow.recorded);
}

// Req 14.1.8
#[test]
fn a_chain_is_read_as_it_was_written_and_a_shorter_one_leaves_nothing_of_it() {
    let card = PracticeCard::new();
    let [issuing, root] = ["Issuing", "Root"].map(|name| Ca::new(name).root().der.clone());
    let read = |card: &PracticeCard| {
        let mut inserted = card.open().insert(Face::Contact);
        let mut card = Card::select(&mut inserted, practice::profile()).unwrap();
        let listed = card.read_cia().unwrap().unwrap().has_chain();
        (listed, card.read_chain().unwrap())
    };
    assert_eq!(read(&card), (false, vec![]));
    card.write_chain(&[&issuing, &root]);
    assert_eq!(read(&card), (true, vec![issuing.clone(), root.clone()]));
    card.write_chain(&[&root]);
    assert_eq!(read(&card), (true, vec![root]));
    card.write_chain(&[]);
    assert_eq!(read(&card), (false, vec![]));
}

/// A practice card over the radio, its channel open.
fn genuineness(face: Face, anchors: impl Fn(&[u8]) -> Vec<Anchor>) -> Genuineness {
    let folder = tempfile::tempdir().unwrap();
    let card = make(&folder, Make::Ready);
    let anchors = anchors(card.header().country_anchor());
    let mut card = card.insert(face);
    let access = read_card_access(&mut card).unwrap().unwrap();
    let mut rng = recorded::Counted::default();
    let mut messaging = None;
    if face == Face::Contactless {
        let can = Can::take(&mut recorded::CAN.as_bytes().to_vec()).unwrap();
        let password = Password::Can(&can);
        messaging = Some(open_channel(&mut card, &access, password, &mut rng).unwrap());
    }
    let known = messaging.is_some().then_some(&access);
    let verdict = check_genuine(
        &mut card,
        &mut messaging,
        &recorded::profile(),
        known,
        (&anchors, OffsetDateTime::now_utc()),
        &mut rng,
    )
    .unwrap();
    if verdict == Genuineness::Practice {
        // With new keys the channel goes on, also where none stood before.
        let mut messaging = messaging.unwrap();
        let mut channel = messaging.over(&mut card);
        let selected = Card::select(&mut channel, recorded::profile());
        assert!(selected.is_ok());
    }
    verdict
}

#[test]
fn a_practice_card_is_proved_to_be_one_and_never_genuine() {
    for face in [Face::Contact, Face::Contactless] {
        let practice = |root: &[u8]| vec![Anchor::practice(root).unwrap()];
        assert_eq!(genuineness(face, practice), Genuineness::Practice);
        // Not even where its root was taken for a country's.
        let country = |root: &[u8]| Anchor::country(root).into_iter().collect();
        let verdict = genuineness(face, country);
        assert_ne!(verdict, Genuineness::Genuine);
        let nobody = genuineness(face, |_| Vec::new());
        assert!(
            matches!(nobody, Genuineness::NotProven { .. }),
            "{nobody:?}"
        );
    }
}

#[test]
fn a_reader_in_between_that_weakens_the_offer_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let card = make(&folder, Make::Ready);
    let anchors = [Anchor::practice(card.header().country_anchor()).unwrap()];
    let mut card = card.insert(Face::Contact);
    let mut rng = recorded::Counted::default();
    let mut messaging = None;
    // PACE with AES-128 where the card offers AES-256.
    let weaker = CardAccess::parse(&{
        let offered = read_card_access(&mut card).unwrap().unwrap();
        weaken(&offered)
    })
    .unwrap();
    let verdict = check_genuine(
        &mut card,
        &mut messaging,
        &recorded::profile(),
        Some(&weaker),
        (&anchors, OffsetDateTime::now_utc()),
        &mut rng,
    )
    .unwrap();
    let downgrade = Genuineness::Forged {
        why: Forgery::Downgrade,
    };
    assert_eq!(verdict, downgrade);
}

/// id-PACE-ECDH-GM-AES-CBC-CMAC-256 to -128: the last arc of its identifier, 4 to 2.
fn weaken(access: &CardAccess) -> Vec<u8> {
    const PROTOCOL: [u8; 10] = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, 0x04];
    let mut bytes = access.as_bytes().to_vec();
    let at = bytes.windows(10).position(|window| window == PROTOCOL);
    bytes[at.expect("AES-256") + 9] = 2;
    bytes
}

#[test]
#[ignore = "writes tests/transcripts"]
fn records_transcripts() {
    let folder = transcripts();
    fs::create_dir_all(&folder).unwrap();
    for flow in recorded::all().iter().filter(|flow| flow.recorded) {
        if std::env::var("LICHNA_FLOW").is_ok_and(|only| only != flow.name) {
            continue;
        }
        let home = tempfile::tempdir().unwrap();
        let mut card = prepared(&home, flow);
        let mut watched = Watched::new(&mut card);
        (flow.run)(&mut Reader::new(&mut watched));
        let mut text = String::from(
            "# Practice card, recorded. PINs, keys and random numbers are those of the test bench.\n",
        );
        for (command, answer) in &watched.exchanges {
            let (command, answer) = (hex::encode_upper(command), hex::encode_upper(answer));
            text.push_str(&format!("> {command}\n< {answer}\n"));
        }
        fs::write(folder.join(format!("{}.apdu", flow.name)), text).unwrap();
    }
}

fn transcripts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts/bg-eid-practice")
}
