//! What holds for every sequence of commands, and for every moment at which it may be cut off.

mod faults;
mod model;
mod radio;
mod renewal;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use getrandom::SysRng;
use lichna_apdu::{Channel, tlv};
use lichna_pace::{PaceError, PaceInfo, Password, SecureMessaging};
use lichna_secret::{Can, Pin, Puk};
use x509_cert::builder::profile::cabf::Root;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::der::{Decode, Encode};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Validity;
use zeroize::Zeroizing;

use crate::state::{PublicKey, SlotName};
use crate::store::Store;
use crate::{Face, FirstPin, Inserted, Lock, Making, Policy, SoftCard, answer_challenge};

const ADMINISTRATOR_KEY: [u8; 32] = [9; 32];
const NUMBER: &str = "P12345678";
const CAN: &str = "424242";
const PIN: &str = "123456";
const PUK: &str = "12345678";

/// A disk of one file, which fails when it is told to.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    file: Vec<u8>,
    writes: usize,
    /// Fails from this write on; the first one that fails may have reached the disk all the same.
    fails_at: Option<(usize, Reached)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Disk,
    Nothing,
}

impl Store for Disk {
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        disk.writes += 1;
        match disk.fails_at {
            Some((at, reached)) if disk.writes >= at => {
                if disk.writes == at && reached == Reached::Disk {
                    disk.file = bytes.to_vec();
                }
                Err(io::Error::other("the disk is gone"))
            }
            _ => {
                disk.file = bytes.to_vec();
                Ok(())
            }
        }
    }
}

impl Disk {
    fn make(&self, making: &Making) -> SoftCard {
        SoftCard::make_in(Box::new(self.clone()), making, &lock()).unwrap()
    }

    /// What is on the disk, after a loss of power.
    fn open(&self) -> SoftCard {
        let mut disk = self.0.lock().unwrap();
        disk.fails_at = None;
        let file = disk.file.clone();
        drop(disk);
        SoftCard::open_in(Box::new(self.clone()), &file, &lock()).unwrap()
    }
}

fn lock() -> Lock {
    Lock::Key(Zeroizing::new([7; 32]))
}

fn making(policy: Policy) -> Making {
    let secret = |digits: &str| Zeroizing::new(digits.to_owned());
    let mut making = Making::made_up().unwrap();
    making.number = NUMBER.into();
    making.can = secret(CAN);
    making.pin = FirstPin::Pin(secret(PIN));
    making.puk = secret(PUK);
    making.administrator_key = Zeroizing::new(ADMINISTRATOR_KEY);
    making.slow_down = Duration::ZERO;
    making.policy = policy;
    making
}

/// A terminal with a card in it, and a channel to it once it has opened one.
struct Terminal {
    card: Inserted,
    channel: Option<SecureMessaging>,
}

/// A password to try, right or wrong.
#[derive(Clone, Debug)]
enum Given {
    Can(String),
    Pin(String),
    Puk(String),
}

impl Terminal {
    fn new(card: SoftCard, face: Face) -> Self {
        Self {
            card: card.insert(face),
            channel: None,
        }
    }

    /// Sends a command, through the channel where one stands.
    fn send(&mut self, command: &str) -> (Vec<u8>, u16) {
        let command = hex::decode(command.replace(' ', "")).unwrap();
        let answer = match &mut self.channel {
            Some(channel) => channel.over(&mut self.card).transmit(&command).unwrap(),
            None => self.card.answer(&command),
        };
        split(&answer)
    }

    fn word(&mut self, command: &str) -> u16 {
        self.send(command).1
    }

    /// Sends a command past the channel.
    fn plain(&mut self, command: &str) -> (Vec<u8>, u16) {
        let command = hex::decode(command.replace(' ', "")).unwrap();
        split(&self.card.answer(&command))
    }

    fn pace(&mut self, given: &Given) -> Result<(), PaceError> {
        let info = self.card.pace_info();
        let (can, pin, puk);
        let password = match given {
            Given::Can(digits) => {
                can = Can::take(&mut digits.clone().into_bytes()).unwrap();
                Password::Can(&can)
            }
            Given::Pin(digits) => {
                pin = Pin::take(&mut digits.clone().into_bytes()).unwrap();
                Password::Pin(&pin)
            }
            Given::Puk(digits) => {
                puk = Puk::take(&mut digits.clone().into_bytes()).unwrap();
                Password::Puk(&puk)
            }
        };
        let opened = match &mut self.channel {
            Some(channel) => {
                let mut over = channel.over(&mut self.card);
                lichna_pace::open(&mut over, &info, password, &mut SysRng)?
            }
            None => lichna_pace::open(&mut self.card, &info, password, &mut SysRng)?,
        };
        self.channel = Some(opened);
        Ok(())
    }

    fn reset(&mut self) {
        self.card.reset();
        self.channel = None;
    }

    fn become_administrator(&mut self) {
        let (challenge, word) = self.send("00 84 00 00 10");
        assert_eq!(word, 0x9000);
        let answer = answer_challenge(&ADMINISTRATOR_KEY, NUMBER, &challenge);
        let command = format!("00 82 00 90 10 {}", hex::encode(answer));
        assert_eq!(self.word(&command), 0x9000);
    }

    /// Generates a P-256 key, writes a certificate for it and activates it: the words of the three.
    fn personalise(&mut self, name: SlotName) -> [u16; 3] {
        let reference = name.key_reference();
        let generate = format!("00 47 80 00 08 B6 06 84 01 {reference:02X} 80 01 11 00");
        let (key, generated) = self.send(&generate);
        if generated != 0x9000 {
            return [generated, 0, 0];
        }
        let key = tlv::parse(&key).unwrap();
        let certificate = certificate(tlv::value_at(&key, &[0x86]).unwrap());
        self.send(&format!("00 A4 08 0C 04 5015 {:04X}", name.file()));
        let length = certificate.len();
        let update = format!("00 D6 0000 00 {length:04X} {}", hex::encode(certificate));
        let written = self.word(&update);
        [generated, written, self.word("00 44 00 00")]
    }
}

impl Inserted {
    fn pace_info(&self) -> PaceInfo {
        self.card_for_tests().pace_info()
    }
}

fn split(answer: &[u8]) -> (Vec<u8>, u16) {
    let (data, word) = answer.split_last_chunk::<2>().unwrap();
    (data.to_vec(), u16::from_be_bytes(*word))
}

/// A certificate for a point on P-256, by somebody.
fn certificate(point: &[u8]) -> Vec<u8> {
    let issuer = p256::ecdsa::SigningKey::from_slice(&[5; 32]).unwrap();
    let key = p256::PublicKey::from_sec1_bytes(point).unwrap();
    let info = SubjectPublicKeyInfoOwned::from_key(&key).unwrap();
    let name = "CN=Somebody,O=Test,C=BG".parse().unwrap();
    let profile = Root::new(false, name).unwrap();
    let validity = Validity::from_now(Duration::from_hours(24)).unwrap();
    let serial = SerialNumber::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
    let builder = CertificateBuilder::new(profile, serial, validity, info).unwrap();
    let built = builder.build::<_, p256::ecdsa::DerSignature>(&issuer);
    built.unwrap().to_der().unwrap()
}

/// What every card has to do that has a current identification slot: its certificate is read, and
/// a signature fits it.
fn works(terminal: &mut Terminal, name: SlotName) {
    use p256::ecdsa::signature::hazmat::PrehashVerifier;

    terminal.send(&format!("00 A4 08 0C 04 5015 {:04X}", name.file()));
    let (file, word) = terminal.send("00 B0 0000 00 0000");
    assert_eq!(word, 0x9000);
    let (_, _, behind) = tlv::split_first(&file).unwrap();
    let der = &file[..file.len() - behind.len()];
    let certificate = x509_cert::Certificate::from_der(der).unwrap();
    let point = certificate
        .tbs_certificate()
        .subject_public_key_info()
        .subject_public_key
        .raw_bytes();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    let sign = format!(
        "00 88 01 {:02X} 20 {} 00",
        name.key_reference(),
        hex::encode([0x42; 32])
    );
    let (signature, word) = terminal.send(&sign);
    assert_eq!(word, 0x9000, "signs with {name:?}");
    let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    key.verify_prehash(&[0x42; 32], &signature).unwrap();
}

#[test]
fn a_certificate_that_is_not_for_the_key_is_not_put_to_use() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::CanFirst)),
        Face::Contact,
    );
    terminal.become_administrator();
    let [a, b, ..] = SlotName::ALL;
    assert_eq!(terminal.personalise(a), [0x9000; 3]);
    // The certificate of slot A in slot B's file.
    let certificate = terminal
        .card
        .card_for_tests()
        .state
        .slot(a)
        .certificate
        .clone();
    terminal.word("00 47 80 00 08 B6 06 84 01 02 80 01 11 00");
    terminal.word(&format!("00 A4 08 0C 04 5015 {:04X}", b.file()));
    let length = certificate.len();
    let update = format!("00 D6 0000 00 {length:04X} {}", hex::encode(certificate));
    assert_eq!(terminal.word(&update), 0x9000);
    assert_eq!(terminal.word("00 44 00 00"), 0x6985);
    let key = terminal
        .card
        .card_for_tests()
        .state
        .slot(a)
        .key
        .clone()
        .unwrap();
    assert!(matches!(key.public_key(), PublicKey::Point(point) if point.len() == 65));
}

#[test]
fn long_files_pass_through_a_channel() {
    let mut terminal = Terminal::new(
        Disk::default().make(&making(Policy::CanFirst)),
        Face::Contactless,
    );
    terminal.pace(&Given::Can(CAN.into())).unwrap();
    terminal.become_administrator();
    terminal.send("00 A4 08 0C 04 5015 C101");
    let content: Vec<u8> = (0..=u16::MAX / 2).flat_map(u16::to_be_bytes).collect();
    for (offset, piece) in [0_u16, 0x4000, 0x8000, 0xC000]
        .iter()
        .zip(content.chunks(0x4000))
    {
        let data = [
            tlv::encode(0x54, &offset.to_be_bytes()),
            tlv::encode(0x53, piece),
        ];
        let data = data.concat();
        let update = format!("00 D7 0000 00 {:04X} {}", data.len(), hex::encode(&data));
        assert_eq!(terminal.word(&update), 0x9000);
    }
    // As much as there is, in one answer; short ones; and what an odd INS asks for.
    for length in [40_000_usize, 65_000] {
        let (read, word) = terminal.send(&format!("00 B0 0000 00 {length:04X}"));
        assert_eq!((read.as_slice(), word), (&content[..length], 0x9000));
    }
    for length in [256_usize, 240, 1] {
        let le = u8::try_from(length % 256).unwrap();
        let (read, word) = terminal.send(&format!("00 B0 1234 {le:02X}"));
        assert_eq!(
            (read.as_slice(), word),
            (&content[0x1234..][..length], 0x9000)
        );
    }
    let (object, word) = terminal.send("00 B1 0000 00 0004 5402 F000 1000");
    assert_eq!(word, 0x9000);
    let (_, value, _) = tlv::split_first(&object).unwrap();
    assert_eq!(value, &content[0xF000..][..value.len()]);
    assert!(object.len() == 0x1000 && value.len() > 0xFF0);
    // More than fits the file is refused, and nothing of it is written.
    let data = [tlv::encode(0x54, &[0xFF, 0xFF]), tlv::encode(0x53, &[1, 2])].concat();
    let update = format!("00 D7 0000 {:02X} {}", data.len(), hex::encode(&data));
    assert_eq!(terminal.word(&update), 0x6A84);
    assert_eq!(terminal.word("00 B1 0000 05 5403 010000 00"), 0x9000);
    assert_eq!(terminal.word("00 B1 0000 05 5403 010001 00"), 0x6B00);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(
        commands in proptest::collection::vec(any_command(), 1..30),
        radio: bool,
    ) {
        let face = if radio { Face::Contactless } else { Face::Contact };
        let mut terminal = Terminal::new(Disk::default().make(&making(Policy::PinFirst)), face);
        if !radio {
            terminal.become_administrator();
        }
        for command in commands {
            let answer = terminal.card.answer(&command);
            proptest::prop_assert!(answer.len() >= 2);
        }
    }
}

/// Bytes, and commands with an INS that the card has and data that may be data objects.
fn any_command() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;

    // No key generation of RSA: it would take its time.
    let instructions = vec![
        0x20_u8, 0x22, 0x24, 0x2A, 0x2C, 0x44, 0x82, 0x84, 0x86, 0x88, 0xA4, 0xB0, 0xB1, 0xC0,
        0xD6, 0xD7,
    ];
    let interesting = vec![
        0x00_u8, 0x01, 0x02, 0x03, 0x04, 0x11, 0x41, 0x50, 0x15, 0x53, 0x54, 0x7C, 0x80, 0x81,
        0x83, 0x84, 0x9A, 0x9E, 0xA4, 0xB6, 0xC1, 0xFF,
    ];
    let byte = || prop_oneof![3 => prop::sample::select(interesting.clone()), 1 => any::<u8>()];
    let class = prop::sample::select(vec![0x00_u8, 0x00, 0x10, 0x0C, 0x1C]);
    let data = prop::collection::vec(byte(), 0..24);
    let command = (
        class,
        prop::sample::select(instructions),
        byte(),
        byte(),
        data,
        any::<bool>(),
    )
        .prop_map(|(class, instruction, p1, p2, data, le)| {
            let mut command = vec![class, instruction, p1, p2];
            if !data.is_empty() {
                command.push(u8::try_from(data.len()).unwrap());
                command.extend(data);
            }
            if le {
                command.push(0);
            }
            command
        });
    prop_oneof![4 => command, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}
