//! The card's file and the process that has it: killed at any moment, and behind a real service.

use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use lichna_apdu::tlv;
use lichna_card::KeyAlgorithm;
use lichna_softcard::{Face, Inserted, SoftCard, SoftCardError, delete, vpcd};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{IDENTIFICATION_A, IDENTIFICATION_B, PracticeCard, personalise};
use lichna_tests::until;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// What the process that is killed does over and over, and the tries left after each.
const TRIES: &[(&str, u8)] = &[
    ("0020000306303030303030", 2),
    ("0020000306303030303030", 1),
    ("002C01030830303030303030 30", 1),
    ("002C00030E3132333435363738313233343536", 3),
    ("0020000306303030303030", 2),
    ("0020000306313233343536", 3),
];
/// Printed when the spare key was made, certified and put to use.
const RENEWED: &str = "renewed";
/// How often the process is killed.
const KILLS: u32 = 24;
const CARD: &str = "LICHNA_TEST_PRACTICE_CARD";

fn send(card: &mut Inserted, command: &str) -> (Vec<u8>, u16) {
    let command = hex::decode(command.replace(' ', "")).unwrap();
    let answer = card.answer(&command);
    let (data, word) = answer.split_last_chunk::<2>().unwrap();
    (data.to_vec(), u16::from_be_bytes(*word))
}

/// Not a test: the process that [`loses_nothing_when_its_process_is_killed`] kills.
#[test]
#[ignore = "started by another test, which kills it"]
fn process_that_will_be_killed() {
    let Some(path) = std::env::var_os(CARD) else {
        return;
    };
    let ca = Ca::new("Bench CA");
    let mut card = SoftCard::open(Path::new(&path), &PracticeCard::lock())
        .unwrap()
        .insert(Face::Contact);
    let mut report = std::io::stdout();
    loop {
        for (place, (command, _)) in TRIES.iter().enumerate() {
            send(&mut card, command);
            writeln!(report, "done {place}").unwrap();
        }
        let spare = match current(&mut card) {
            0x01 => IDENTIFICATION_B,
            _ => IDENTIFICATION_A,
        };
        personalise(&mut card, spare, KeyAlgorithm::EcP256, &ca, "Мария Иванова");
        writeln!(report, "{RENEWED}").unwrap();
    }
}

#[test]
fn loses_nothing_when_its_process_is_killed() {
    let practice = PracticeCard::new();
    practice.personalise(&Ca::new("Bench CA"), "Мария Иванова");
    for round in 0..KILLS {
        let mut child = start(&practice);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Some way into it, and then at whatever it is doing.
        let mut last = None;
        let mut reported = 0;
        while reported < round % 11 + 1 {
            let line = lines.next().unwrap().unwrap();
            if let Some(state) = state_after(&line) {
                last = Some(state);
                reported += 1;
            }
        }
        for _ in 0..(round * 7919) % 200_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had still reported when it was killed.
        for line in lines.map_while(Result::ok) {
            last = state_after(&line).or(last);
        }
        let place = last.expect("something was done");
        let tries = |place: usize| TRIES.get(place).map_or(3, |(_, tries)| *tries);
        let (before, after) = (tries(place), tries((place + 1) % (TRIES.len() + 1)));

        let mut card = practice.open().insert(Face::Contact);
        let (_, word) = send(&mut card, "00200003");
        let left = match word {
            0x63C0..=0x63CF => u8::try_from(word & 0x0F).unwrap(),
            0x6983 => 0,
            _ => panic!("{word:04X}"),
        };
        let most = before.max(after);
        assert!(
            left <= most,
            "round {round}, after {place}: {left} tries, not {most}"
        );
        // The counter, and then the PIN as it was: what worked goes on working.
        let (_, word) = send(&mut card, "002C00030E3132333435363738313233343536");
        assert_eq!(word, 0x9000);
        works(&mut card);
    }
}

/// Which command of [`TRIES`] was the last; their number for the renewal after them.
fn state_after(line: &str) -> Option<usize> {
    if line.ends_with(RENEWED) {
        return Some(TRIES.len());
    }
    // The harness may have begun the line.
    line.rsplit_once("done ")?.1.parse().ok()
}

fn start(practice: &PracticeCard) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "life::process_that_will_be_killed"])
        .args(["--ignored", "--nocapture"])
        .env(CARD, practice.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The identification key that the card lists.
fn current(card: &mut Inserted) -> u8 {
    send(card, "00A4080C0450154404");
    let (listed, word) = send(card, "00B00000000000");
    assert_eq!(word, 0x9000);
    let names = |id: &[u8]| listed.windows(id.len()).any(|window| window == id);
    match (
        names(&[0x50, 0x15, 0xC1, 0x01]),
        names(&[0x50, 0x15, 0xC1, 0x02]),
    ) {
        (true, false) => 0x01,
        (false, true) => 0x02,
        both => panic!("one identification certificate is listed, not {both:?}"),
    }
}

/// The key in use signs, and its certificate is for that key.
fn works(card: &mut Inserted) {
    let key = current(card);
    assert_eq!(send(card, "0020000306313233343536").1, 0x9000);
    let (public, word) = send(card, &format!("0047810005B60384 01{key:02X} 00"));
    assert_eq!(word, 0x9000);
    let public = tlv::parse(&public).unwrap();
    let point = tlv::value_at(&public, &[0x86]).unwrap();
    send(card, &format!("00A4080C045015C1{key:02X}"));
    let (certificate, _) = send(card, "00B00000000000");
    assert!(
        certificate
            .windows(point.len())
            .any(|window| window == point)
    );
    let hash = ring::digest::digest(&ring::digest::SHA256, b"message");
    let sign = format!("008801{key:02X}20{}00", hex::encode(hash));
    let (signature, word) = send(card, &sign);
    assert_eq!(word, 0x9000);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(b"message", &signature)
        .unwrap();
}

#[test]
fn goes_in_and_out_of_a_real_reader() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Practice")]);
    let practice = PracticeCard::new();
    let reader = (Ipv4Addr::LOCALHOST, pcscd.reader(0).port()).into();
    let mut card = practice.open();
    for face in [Face::Contact, Face::Contactless] {
        let served = vpcd::serve(card.insert(face), reader)
            .map_err(|(_, error)| error)
            .unwrap();
        pcscd.wait_for_card(pcscd.reader(0), true);
        let atr = pcscd.command("opensc-tool").arg("--atr").output().unwrap();
        let atr = String::from_utf8_lossy(&atr.stdout).replace(':', "");
        assert_eq!(atr.trim(), hex::encode(face.atr()));
        assert!(!served.is_over());
        // In the reader it is in use.
        let again = SoftCard::open(&practice.path(), &PracticeCard::lock());
        assert!(matches!(again, Err(SoftCardError::InUse)));
        assert!(matches!(
            delete(&practice.path()),
            Err(SoftCardError::InUse)
        ));
        let (back, end) = served.remove();
        end.unwrap();
        card = back.expect("the card comes back");
        pcscd.wait_for_card(pcscd.reader(0), false);
    }
}

#[test]
fn comes_back_when_the_service_goes_away_or_never_was() {
    let mut pcscd = Pcscd::start(&[ReaderSpec::vpcd("Practice")]);
    let practice = PracticeCard::new();
    let reader = (Ipv4Addr::LOCALHOST, pcscd.reader(0).port()).into();
    let card = practice.open().insert(Face::Contact);
    let served = vpcd::serve(card, reader)
        .map_err(|(_, error)| error)
        .unwrap();
    pcscd.wait_for_card(pcscd.reader(0), true);
    pcscd.stop();
    until("the card to notice", || served.is_over());
    let (card, end) = served.remove();
    end.unwrap();
    let refused = vpcd::serve(card.unwrap().insert(Face::Contact), reader);
    let (card, _) = refused.err().expect("nobody listens there");
    drop(card.remove());
    drop(practice.open());
}
