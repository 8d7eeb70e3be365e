//! What the fuzz targets do with their bytes: each feeds them to a reader of foreign bytes, and
//! panics when that does something it must never do.
#![forbid(unsafe_code)]

mod attributes;
mod authority;
mod cia;
mod genuine;
mod journal;
mod pace;

use std::collections::VecDeque;

use lichna_apdu::{
    Channel, ChannelError, Command, Framing, Instruction, Interface, LONGEST_EXTENDED,
    LONGEST_SHORT, exchange, tlv,
};
use lichna_card::{
    Atr, Card, CardError, KeyAlgorithm, LastTry, Profile, Profiles, Salt, SignatureScheme,
};
use lichna_ipc::frame;
use lichna_secret::Pin;
use lichna_tls::{ServerTrust, TrustList};
use zeroize::Zeroizing;

pub use attributes::attributes;
pub use authority::{crl, message, ocsp, request, timestamp};
pub use cia::cia;
pub use genuine::security_object;
pub use journal::{journal_archive, journal_checkpoint, journal_records};
pub use pace::{secure_messaging, security_infos};

/// Most commands that one exchange may take: a whole answer in pieces of 256 bytes, each of them
/// asked for twice, and the chain before it.
const MOST_COMMANDS: usize = 2 * (65_536 / 256 + 2) + 8;

/// A card whose answers are the bytes that are left: two bytes of length, then the answer. When
/// there are no more, it is mute.
struct Replay {
    answers: VecDeque<Vec<u8>>,
    longest: usize,
    commands: usize,
    /// VERIFY and CHANGE REFERENCE DATA that carry a PIN: each may spend a try.
    tries: usize,
}

impl Replay {
    fn new(mut bytes: &[u8], longest: usize) -> Self {
        let mut answers = VecDeque::new();
        while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
            let (answer, rest) = rest.split_at(length);
            answers.push_back(answer.to_vec());
            bytes = rest;
        }
        Self {
            answers,
            longest,
            commands: 0,
            tries: 0,
        }
    }
}

impl Channel for Replay {
    fn interface(&self) -> Interface {
        Interface::Contact
    }

    fn longest_command(&self) -> usize {
        self.longest
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        assert!(command.len() <= self.longest, "a command that does not fit");
        self.commands += 1;
        let spends = matches!(command.get(1), Some(0x20 | 0x24)) && command.len() > 5;
        self.tries += usize::from(spends);
        self.answers
            .pop_front()
            .map(Zeroizing::new)
            .ok_or(ChannelError::CardMute)
    }
}

/// What a card answers: the exchange ends within bounds.
pub fn response(data: &[u8]) {
    let Some(([choice, length], answers)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (framing, longest) = if choice & 1 == 0 {
        (Framing::Short, LONGEST_SHORT)
    } else {
        (Framing::Extended, LONGEST_EXTENDED)
    };
    let mut command =
        Command::new(Instruction::GetDataOdd, 0x3F, 0xFF)
            .data(&vec![0x5C; usize::from(*length) * 4]);
    if choice & 2 == 0 {
        command = command.expect(usize::from(choice >> 2));
    }
    let mut card = Replay::new(answers, longest);
    if let Ok(answer) = exchange(&mut card, &command, framing) {
        assert!(
            answer.data().len() <= 65_536,
            "more than an answer may have"
        );
    }
    assert!(card.commands <= MOST_COMMANDS, "{} commands", card.commands);
}

/// Data objects: what is read is what is there, no deeper than it may be.
pub fn tlv(data: &[u8]) {
    if let Ok((first, rest)) = tlv::parse_first(data) {
        assert!(rest.len() < data.len(), "an object has bytes");
        let whole = data.strip_suffix(rest).unwrap_or_default();
        assert_eq!(tlv::parse(whole).as_ref(), Ok(&first));
        assert!(depth(&first) <= tlv::DEEPEST);
        for path in [
            &[][..],
            &[0x70],
            &[0x82],
            &[0x7F49, 0x86],
            &[0x6E, 0x73, 0xC4],
        ] {
            let _ = tlv::value_at(&first, path);
        }
        // Of one length only: a card may write longer lengths than it has to.
        if let tlv::Value::Primitive(value) = first.value() {
            assert!(whole.ends_with(value));
        }
    }
    if let Ok(all) = tlv::parse_all(data) {
        assert!(all.len() <= data.len());
    }
}

fn depth(object: &tlv::Tlv) -> usize {
    match object.value() {
        tlv::Value::Primitive(_) => 1,
        tlv::Value::Constructed(inside) => 1 + inside.iter().map(depth).max().unwrap_or(0),
    }
}

/// The flows of a login and of a new PIN. No try is spent but the ones that were asked for.
pub fn card(data: &[u8]) {
    thread_local! {
        static PROFILES: Profiles = Profiles::builtin();
    }
    let Some(([choice, algorithm, policy], answers)) = data.split_first_chunk::<3>() else {
        return;
    };
    let longest = if choice & 1 == 0 {
        LONGEST_SHORT
    } else {
        LONGEST_EXTENDED
    };
    let mut channel = Replay::new(answers, longest);
    let (algorithm, scheme) = match algorithm % 4 {
        0 => (KeyAlgorithm::EcP256, SignatureScheme::EcdsaSecp256r1Sha256),
        1 => (KeyAlgorithm::EcP384, SignatureScheme::EcdsaSecp384r1Sha384),
        2 => (KeyAlgorithm::Rsa2048, SignatureScheme::RsaPssRsaeSha256),
        _ => (KeyAlgorithm::Rsa2048, SignatureScheme::RsaPkcs1Sha256),
    };
    let policy = if policy & 1 == 0 {
        LastTry::Refuse
    } else {
        LastTry::HolderSaidSo
    };
    let asked = PROFILES.with(|profiles| {
        flow(
            &mut channel,
            profiles,
            choice >> 1,
            algorithm,
            scheme,
            policy,
        )
    });
    let asked = asked.unwrap_or(1);
    assert!(
        channel.tries <= asked,
        "{} tries, {asked} asked",
        channel.tries
    );
}

/// Returns how many tries it asked for, where it went to the end.
fn flow(
    channel: &mut Replay,
    profiles: &Profiles,
    choice: u8,
    algorithm: KeyAlgorithm,
    scheme: SignatureScheme,
    policy: LastTry,
) -> Result<usize, CardError> {
    // Of a Nitrokey 3, which both applications are on.
    let Ok(atr) = Atr::parse(&[
        0x3B, 0x8F, 0x01, 0x80, 0x5D, 0x4E, 0x69, 0x74, 0x72, 0x6F, 0x6B, 0x65, 0x79, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x6A,
    ]) else {
        return Ok(0);
    };
    let chosen = match choice & 3 {
        3 => None,
        2 => profiles.iter().find(|profile| profile.is_practice()),
        first => profiles.iter().nth(usize::from(first)),
    };
    let profile = match chosen {
        Some(profile) => profile.clone(),
        None => match profiles.recognise(channel, &atr)? {
            Some(profile) => profile,
            None => return Ok(0),
        },
    };
    let Some(user) = profile.user_pin().map(|rules| rules.reference()) else {
        return Ok(0);
    };
    let mut card = Card::already_selected(channel, profile.clone());
    let status = card.pin_status(user)?;
    for key in profile.keys() {
        let _ = card.read_certificate(key.reference());
        let _ = card.read_change_counter(key.reference());
    }
    let pin = |digits: &[u8]| Pin::take(&mut digits.to_vec());
    let (Ok(old), Ok(new)) = (pin(b"123456"), pin(b"654321")) else {
        return Ok(0);
    };
    if choice & 4 != 0 {
        card.change_pin(user, &old, &new, policy, Some(&status))?;
        return Ok(1);
    }
    let mut verified = card.verify(user, &old, policy, Some(&status))?;
    for key in profile.login_keys() {
        let salt = Salt::new([7; 64]);
        let _ = verified.sign(key.reference(), algorithm, scheme, b"message", &salt);
    }
    verified.reset_security()?;
    Ok(1)
}

/// Profile files: one that is accepted is unsigned, and takes no card from those that are there.
pub fn profile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if Profile::check("fuzz.toml", text).is_ok() {
        let mut profiles = Profiles::builtin();
        let before = profiles.iter().count();
        let added = profiles.add_unsigned("fuzz.toml", text).is_ok();
        assert_eq!(profiles.iter().count(), before + usize::from(added));
    }
}

/// What comes over the agent's socket.
pub fn frame(data: &[u8]) {
    let mut rest = data;
    while let Ok(message) = frame::read_client_message(&mut rest) {
        let mut written = Vec::new();
        let again = frame::write_message(&mut written, &message, frame::LONGEST_FROM_CLIENT)
            .and_then(|()| frame::read_client_message(&mut written.as_slice()));
        // Written out it may be longer than what came, and than what is taken.
        if let Ok(again) = again {
            assert_eq!(again, message);
        }
    }
    let mut rest = data;
    while frame::read_agent_message(&mut rest).is_ok() {}
    let _ = frame::read_secret::<Pin>(&mut &*data);
}

/// Certificates and public keys.
pub fn certificate(data: &[u8]) {
    if let Ok(certificate) = lichna_pki::Certificate::parse(data) {
        assert_eq!(certificate.der(), data);
        assert!(!certificate.to_pem().is_empty());
        for shown in [certificate.subject(), certificate.issuer()] {
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
        let _ = certificate.public_key().check_quality();
        let again = lichna_pki::PublicKey::parse(certificate.spki_der());
        assert!(again.is_err() || again.as_ref() == Ok(certificate.public_key()));
    }
    if let Ok(key) = lichna_pki::PublicKey::parse(data) {
        let _ = key.check_quality();
    }
}

/// What a configuration says of whom to trust.
pub fn trust(data: &[u8]) {
    let _ = ServerTrust::nobody().with_pem("fuzz", data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (host, entries) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(list) = TrustList::parse(entries.lines()) {
        let known = list.knows(host);
        assert!(
            !known || list.knows(&host.to_ascii_uppercase()),
            "one spelling"
        );
    }
}
