//! An agent that lies: what it says of tokens makes no sense, its signatures are no signatures. The
//! module believes the kernel that it is the user's own agent, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use cryptoki_sys::{CKA_CLASS, CKM_ECDSA, CKM_RSA_PKCS, CKO_PRIVATE_KEY};
use lichna_ipc::{
    Accept, AgentMessage, ClientMessage, Connect, Connection, KeyRole, Listener, Mechanism as Can,
    Outcome, PinEntry, PinState, PublicKey, Reply, Request, Single, Stream, Token,
    TokenCertificate, TokenId, TokenPin, TokenReader, Tokens,
};
use lichna_tests::module::{Mechanism, Module, Query, Template};
use lichna_tests::workspace::Home;

use crate::program::{Program, hear, module, say};

/// The agent, until this is dropped: before its home, which ends whatever listens in it.
struct Liar {
    home: lichna_ipc::Home,
    over: Arc<AtomicBool>,
    accepts: Option<JoinHandle<()>>,
}

impl Liar {
    /// Tells these tokens on every connection, and signs with as many bytes as the input's first
    /// two say.
    fn who_says(home: &Home, tokens: Vec<Tokens>) -> Self {
        let home = lichna_ipc::Home::at(home.path()).unwrap();
        home.prepare().unwrap();
        let single = Single::acquire(&home).unwrap();
        let listener = Listener::bind(home.socket(), &single).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let accepts = thread::spawn(move || {
            let _single = single;
            while let Ok(stream) = listener.accept()
                && !until.load(Ordering::SeqCst)
            {
                let tokens = tokens.clone();
                // It ends with the program at its other end.
                thread::spawn(move || serve(stream, &tokens));
            }
        });
        Self {
            home,
            over,
            accepts: Some(accepts),
        }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(Stream::connect(self.home.socket()));
        self.accepts.take().map(JoinHandle::join);
    }
}

fn serve(stream: Stream, tokens: &[Tokens]) -> Option<()> {
    let mut connection = Connection::accept(stream, "liar", "0").ok()?;
    let writer = connection.writer();
    while let Ok(message) = connection.read() {
        let ClientMessage::Request { id, request } = message else {
            continue;
        };
        let reply = |id, reply| {
            let outcome = Outcome::Done(Box::new(reply));
            writer.send(&AgentMessage::Reply { id, outcome }).ok()
        };
        match request {
            Request::WatchTokens => {
                for tokens in tokens {
                    let tokens = Box::new(tokens.clone());
                    writer.send(&AgentMessage::Tokens { id, tokens }).ok()?;
                }
            }
            Request::TokenSign(request) => {
                let length = u16::from_be_bytes([request.input[0], request.input[1]]);
                let signature = vec![0xBB; length.into()];
                // An answer to somebody else first.
                reply(id + 7, Reply::TokenLoggedIn)?;
                reply(id, Reply::Signature { signature })?;
            }
            _ => {}
        }
    }
    Some(())
}

fn token(reader: &str, role: KeyRole, key: PublicKey) -> Token {
    Token {
        id: TokenId {
            reader: reader.into(),
            insertion: 1,
            key: "key".into(),
        },
        role,
        card: "Card".into(),
        issuer: "Issuer".into(),
        number: None,
        practice: false,
        login: false,
        pin: TokenPin {
            name: "PIN".into(),
            state: PinState::Ready,
            tries_left: Some(3),
            shortest: 6,
            longest: 8,
            entry: PinEntry::Typed,
        },
        key,
        mechanisms: vec![Can::Ecdsa, Can::RsaPkcs1],
        certificate: certificate("Holder"),
        chain: Vec::new(),
    }
}

fn certificate(label: &str) -> TokenCertificate {
    TokenCertificate {
        label: label.into(),
        der: vec![0x30, 0x00],
        subject: vec![0x30, 0x00],
        issuer: vec![0x30, 0x00],
        serial: vec![0x02, 0x01, 0x01],
        public_key: vec![0x30, 0x00],
        not_before: "2026-01-01T00:00:00Z".into(),
        not_after: "2027-01-01T00:00:00Z".into(),
        key_identifier: vec![1; 20],
    }
}

fn ec(parameters: &[u8], point: &[u8]) -> PublicKey {
    PublicKey::Ec {
        parameters: parameters.into(),
        point: point.into(),
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> PublicKey {
    PublicKey::Rsa {
        modulus: modulus.into(),
        exponent: exponent.into(),
    }
}

const P256: &[u8] = &[6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];

/// One lie a reader.
fn lies() -> Tokens {
    let sound = || token("", KeyRole::Authentication, ec(P256, &[4; 65]));
    let with = |change: fn(&mut Token)| {
        let mut token = sound();
        change(&mut token);
        token
    };
    let keys = [
        ec(&[], &[]),
        ec(P256, &[]),
        ec(P256, &[4]),
        ec(P256, &[4; 64]),
        ec(P256, &[4; 70_000]),
        ec(&[0; 3000], &[4; 65]),
        ec(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], &[4; 65]),
        rsa(&[], &[]),
        rsa(&[0], &[0]),
        rsa(&[0; 256], &[1, 0, 1]),
        rsa(&[0xFF; 1], &[3]),
        rsa(&[0xFF; 100_000], &[0xFF; 100_000]),
    ];
    let keys = keys.map(|key| token("", KeyRole::Authentication, key));
    let others = [
        with(|token| token.role = KeyRole::Other),
        with(|token| token.role = KeyRole::Signing),
        with(|token| token.mechanisms.clear()),
        with(|token| token.mechanisms = vec![Can::Ecdsa; 5000]),
        with(|token| token.card.clear()),
        with(|token| token.card = "К".repeat(10_000)),
        with(|token| token.card = "\u{1F512}".repeat(40)),
        with(|token| token.card = "\u{0}\u{1B}[31m\r\n\u{202E}".into()),
        with(|token| token.number = Some("9".repeat(100_000))),
        with(|token| token.issuer = "\u{1F512}".repeat(40)),
        with(|token| token.certificate.label.clear()),
        with(|token| token.certificate.label = "\u{0}".repeat(5000)),
        with(|token| token.certificate.der.clear()),
        with(|token| token.certificate.der = vec![0x30; 300_000]),
        with(|token| token.certificate.serial.clear()),
        with(|token| token.certificate.key_identifier.clear()),
        with(|token| token.certificate.key_identifier = vec![7; 100_000]),
        with(|token| token.certificate.not_before.clear()),
        with(|token| token.certificate.not_before = "я".repeat(10)),
        with(|token| token.certificate.not_after = "999999-99-99T99:99:99Z".into()),
        with(|token| token.pin.longest = 0),
        with(|token| (token.pin.shortest, token.pin.longest) = (255, 0)),
        with(|token| token.pin.tries_left = Some(0)),
        with(|token| token.chain = vec![certificate(""); 500]),
        with(|token| token.id.insertion = u64::MAX),
    ];
    let mut readers: Vec<_> = keys
        .into_iter()
        .chain(others)
        .enumerate()
        .map(|(at, token)| reader(&format!("Reader {at}"), vec![token]))
        .collect();
    // Two of a kind in one reader, none at all, a reader twice, readers without a name.
    readers.push(reader("Twins", vec![sound(), sound(), sound()]));
    readers.extend([
        reader("Twice", vec![sound()]),
        reader("Twice", vec![sound()]),
    ]);
    readers.extend([reader("", vec![sound()]), reader("", Vec::new())]);
    readers.push(reader(&"R".repeat(100_000), vec![sound()]));
    Tokens {
        settled: true,
        readers,
    }
}

fn reader(name: &str, mut tokens: Vec<Token>) -> TokenReader {
    for token in &mut tokens {
        token.id.reader = name.to_owned();
    }
    TokenReader {
        name: name.to_owned(),
        wants_can: false,
        tokens,
    }
}

// Req C.3
#[test]
fn whatever_the_agent_says_of_tokens_no_program_crashes() {
    let home = Home::apart();
    let _liar = Liar::who_says(&home, vec![lies()]);
    let mut program = Program::start(&home, looks_at_lies);
    program.says_that("looked");
    program.tell("end");
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn looks_at_lies() {
    let module = module();
    module.initialize().unwrap();
    let slots = module.slots(false).unwrap();
    assert!(slots.len() > 60, "{} slots", slots.len());
    let mut tokens = 0;
    for slot in slots {
        module.slot_info(slot).unwrap();
        let Ok(info) = module.token_info(slot) else {
            continue;
        };
        tokens += 1;
        // Texts of the standard end with blanks, and with whole characters.
        for text in [
            &info.label[..],
            &info.manufacturerID,
            &info.model,
            &info.serialNumber,
        ] {
            assert!(std::str::from_utf8(text).is_ok(), "{text:?} in slot {slot}");
        }
        for mechanism in module.mechanisms(slot).unwrap() {
            module.mechanism_info(slot, mechanism).unwrap();
        }
        look_at_objects(&module, slot);
        signs_nonsense(&module, slot);
    }
    assert!(tokens > 30, "{tokens} tokens");
    say("looked");
    hear("end");
    module.finalize().unwrap();
}

fn look_at_objects(module: &Module, slot: u64) {
    let session = module.open_session(slot).unwrap();
    for object in module.find(session, &Template::all()).unwrap() {
        module.attribute(session, object, CKA_CLASS).unwrap();
        let kinds = (0..0x700).chain(0x8000_0000..0x8000_0010);
        for room in [0, 1, 256] {
            let room = |kind| Query::of(kind, room);
            let mut queries: Vec<_> = kinds.clone().map(room).collect();
            let said = module
                .attributes(session, object, &mut queries)
                .unwrap_err();
            assert!(said.name().is_some(), "{said:?}");
        }
    }
    module.close_session(session).unwrap();
}

/// A signature is as long as it was said to be, or it is none.
fn signs_nonsense(module: &Module, slot: u64) {
    let session = module.open_session(slot).unwrap();
    let keys = module
        .find(session, &Template::of_class(CKO_PRIVATE_KEY))
        .unwrap();
    for (key, kind) in keys
        .iter()
        .flat_map(|key| [(*key, CKM_ECDSA), (*key, CKM_RSA_PKCS)])
    {
        for length in [0_u16, 1, 63, 64, 65, 256, 5000, 65_535] {
            let Ok(()) = module.sign_init(session, &Mechanism::plain(kind), key) else {
                continue;
            };
            let mut data = [0; 32];
            data[..2].copy_from_slice(&length.to_be_bytes());
            let (said, expected) = module.sign(session, &data, None);
            if said.is_err() {
                continue;
            }
            let expected = usize::try_from(expected).unwrap();
            let mut buffer = vec![0xEE; expected];
            let (said, given) = module.sign(session, &data, Some(&mut buffer));
            match said {
                Ok(()) => {
                    assert_eq!(usize::from(length), expected, "a wrong signature passed");
                    assert_eq!(given, u64::try_from(expected).unwrap());
                    assert!(buffer.iter().all(|byte| *byte == 0xBB));
                }
                Err(rv) => {
                    assert!(rv.name().is_some(), "{rv:?}");
                    assert!(buffer.iter().all(|byte| *byte == 0xEE), "half a signature");
                }
            }
        }
    }
    module.close_session(session).unwrap();
}

/// Tokens that change with every word: the last word counts, and nothing is left of the others.
// Req C.3
#[test]
fn an_agent_that_changes_its_mind_all_the_time_is_followed() {
    let home = Home::apart();
    let sound = || token("", KeyRole::Authentication, ec(P256, &[4; 65]));
    let mut words: Vec<_> = (0..500)
        .map(|at| Tokens {
            settled: at % 3 == 0,
            readers: (0..at % 7)
                .map(|reader_at| {
                    let mut token = sound();
                    token.id.insertion = at;
                    reader(&format!("Reader {}", (reader_at * at) % 11), vec![token])
                })
                .collect(),
        })
        .collect();
    words.push(Tokens {
        settled: true,
        readers: vec![reader("The last", vec![sound()])],
    });
    let _liar = Liar::who_says(&home, words);
    let program = Program::start(&home, follows);
    program.ends();
}

#[test]
#[ignore = "a program of the test above"]
fn follows() {
    let module = module();
    for _ in 0..5 {
        module.initialize().unwrap();
        lichna_tests::until("the last word", || {
            let name = |slot| module.slot_info(slot).unwrap().slotDescription;
            let present = module.slots(true).unwrap();
            matches!(present[..], [slot] if name(slot).starts_with(b"The last"))
        });
        module.finalize().unwrap();
    }
}
