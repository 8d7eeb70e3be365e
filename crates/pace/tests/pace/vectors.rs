//! The worked examples of ICAO and BSI, byte for byte, and what must fail.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use lichna_apdu::Channel;
use lichna_pace::chip::{Messaging, Selection, Session};
use lichna_pace::{Cipher, Curve, MrzPassword, PaceInfo, Password, SecureMessaging, open};
use lichna_secret::Pin;

use crate::bench::{Recorded, Scripted};

const WHOLE: &str = "as it stands";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/pace")
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

/// A command and its answer; protected, also what they protect.
struct Exchange {
    command: Vec<u8>,
    answer: Vec<u8>,
    plain: Option<(Vec<u8>, Vec<u8>)>,
}

/// A vector file as it was read.
struct Vector {
    info: PaceInfo,
    password: Vec<String>,
    terminal_random: VecDeque<Vec<u8>>,
    chip_random: VecDeque<Vec<u8>>,
    exchanges: Vec<Exchange>,
    expect: String,
    /// An answer was changed: the commands after it are others than recorded.
    changed: bool,
}

fn lines(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(' ') {
            Some((key, value)) => (key.to_owned(), value.trim().to_owned()),
            // An answer of no bytes.
            None => (line.to_owned(), String::new()),
        })
        .collect()
}

fn read(path: &Path) -> Vector {
    let mut own = lines(path);
    let value = |lines: &[(String, String)], key: &str| {
        let found = lines.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone())
    };
    let expect = value(&own, "expect:").expect("every vector says what it expects");
    let base = value(&own, "base:");
    if let Some(base) = &base {
        let strip = |value: String| value.trim_start_matches('<').trim().to_owned();
        let replace = strip(value(&own, "replace:").unwrap());
        let by = strip(value(&own, "by:").unwrap());
        own = lines(&folder().join(base));
        let answers = |(key, value): &&mut (String, String)| key == "<" && *value == replace;
        own.iter_mut()
            .find(answers)
            .expect("the base has the answer")
            .1 = by;
    }
    let all = |key: &str| {
        let found = own.iter().filter(|(name, _)| name == key);
        found
            .map(|(_, value)| bytes(value))
            .collect::<VecDeque<_>>()
    };
    let curve = match value(&own, "curve:").unwrap().as_str() {
        "brainpoolP256r1" => Curve::BrainpoolP256r1,
        other => panic!("curve {other}"),
    };
    let cipher = match value(&own, "cipher:").unwrap().as_str() {
        "aes128" => Cipher::Aes128,
        other => panic!("cipher {other}"),
    };
    let password = value(&own, "password:").unwrap();
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut plain = None;
    for (key, value) in &own {
        match key.as_str() {
            "plain>" => plain = Some((bytes(value), Vec::new())),
            ">" => exchanges.push(Exchange {
                command: bytes(value),
                answer: Vec::new(),
                plain: plain.take(),
            }),
            "<" => exchanges.last_mut().unwrap().answer = bytes(value),
            "plain<" => exchanges.last_mut().unwrap().plain.as_mut().unwrap().1 = bytes(value),
            _ => (),
        }
    }
    Vector {
        info: PaceInfo::new(curve, cipher),
        password: password.split(' ').map(str::to_owned).collect(),
        terminal_random: all("terminal-random:"),
        chip_random: all("chip-random:"),
        exchanges,
        expect,
        changed: base.is_some(),
    }
}

/// Runs the terminal against the recording, to the end or to the error that it ends with.
fn terminal(vector: &Vector) -> Result<(), String> {
    let log = vector.exchanges.iter();
    let log = log.map(|exchange| (exchange.command.clone(), exchange.answer.clone()));
    let mut card = Recorded {
        log: log.collect(),
        exact: !vector.changed,
    };
    let mut rng = Scripted(vector.terminal_random.clone());
    let mut messaging = pace(&mut card, vector, &mut rng)?;
    for (command, answer) in vector.exchanges.iter().filter_map(|one| one.plain.as_ref()) {
        let got = messaging.over(&mut card).transmit(command);
        match messaging.fault() {
            Some(fault) => {
                assert!(got.is_err());
                // Dead for ever: not even the right answer is looked at again.
                let left = card.log.len();
                messaging.over(&mut card).transmit(command).unwrap_err();
                assert_eq!(card.log.len(), left, "a dead channel sends nothing");
                return Err(fault.to_string());
            }
            None => assert_eq!(hex::encode(&*got.unwrap()), hex::encode(answer)),
        }
    }
    assert!(card.log.is_empty(), "the whole recording was used");
    Ok(())
}

fn pace(
    card: &mut Recorded,
    vector: &Vector,
    rng: &mut Scripted,
) -> Result<SecureMessaging, String> {
    let words: Vec<&str> = vector.password.iter().map(String::as_str).collect();
    let opened = match words.as_slice() {
        ["mrz", number, birth, expiry] => {
            let mrz = MrzPassword::new(number, birth, expiry);
            open(card, &vector.info, Password::Mrz(&mrz), rng)
        }
        ["pin", digits] => {
            let pin = Pin::take(&mut digits.as_bytes().to_vec()).unwrap();
            open(card, &vector.info, Password::Pin(&pin), rng)
        }
        other => panic!("password {other:?}"),
    };
    opened.map_err(|error| error.to_string())
}

/// Runs the chip's side against the recording: it has to give the very same answers.
fn chip(vector: &Vector) {
    let password = match vector
        .password
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()[..]
    {
        // SHA-1 of T22000129364081251010318, as the Appendix gives it.
        ["mrz", ..] => bytes("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD"),
        ["pin", digits] => digits.as_bytes().to_vec(),
        ref other => panic!("password {other:?}"),
    };
    let mut rng = Scripted(vector.chip_random.clone());
    let mut session: Option<Session> = None;
    let mut channel: Option<Messaging> = None;
    for exchange in &vector.exchanges {
        let answer = if let Some(channel) = &mut channel {
            let (command, answer) = exchange.plain.as_ref().unwrap();
            let opened = channel.open(&exchange.command).unwrap();
            assert_eq!(hex::encode(&*opened), hex::encode(command));
            let (data, status) = answer.split_last_chunk::<2>().unwrap();
            channel.protect(data, u16::from_be_bytes(*status)).to_vec()
        } else {
            let command = lichna_apdu::ReceivedCommand::parse(&exchange.command).unwrap();
            match &mut session {
                None => {
                    let selection = Selection::parse(command.data).unwrap();
                    selection.password(&vector.info).unwrap();
                    session = Some(Session::begin(&vector.info, &password));
                    vec![0x90, 0x00]
                }
                Some(session) => {
                    let answer = session
                        .general_authenticate(command.data, &mut rng)
                        .unwrap();
                    channel = answer.channel;
                    [answer.data.as_slice(), &[0x90, 0x00]].concat()
                }
            }
        };
        assert_eq!(hex::encode(answer), hex::encode(&exchange.answer));
    }
    assert!(channel.is_some(), "the channel stood at the end");
}

fn worked_example(name: &str) {
    let vector = read(&folder().join(name));
    assert_eq!(vector.expect, WHOLE);
    terminal(&vector).unwrap();
    chip(&vector);
}

#[test]
fn icao_9303_11_appendix_g_1() {
    worked_example("icao-9303-11-g1.txt");
}

#[test]
fn bsi_worked_example_for_eac() {
    worked_example("bsi-eac-worked-example.txt");
}

#[test]
fn whatever_is_changed_in_a_worked_example_is_refused_by_name() {
    let mut count = 0;
    for file in fs::read_dir(folder().join("must-fail")).unwrap() {
        let path = file.unwrap().path();
        let vector = read(&path);
        let refused = terminal(&vector).expect_err("a must-fail vector");
        assert_eq!(refused, vector.expect, "{}", path.display());
        count += 1;
    }
    assert!(count > 70, "{count} vectors that must fail");
}
