//! A CRL with very many entries: how long it takes to make and to read, its bytes, and the most
//! memory that the process had meanwhile. `long_list ENTRIES [FILE]`, a million if it is not said;
//! the list is written to FILE.
//!
//! Each line on standard output is a JSON object. The peak is Linux's word (`/proc`); elsewhere it
//! is left out.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on stops"
)]

use std::{env, fs, time::Instant};

use lichna_pki::{
    Crl, CrlEntry, CrlFields, CrlKind, CrlNumber, Issuer, PublicKey, RevocationReason,
    SerialNumber, SignatureAlgorithm, Signer, SignerError, Subject, Validity,
};
use p256::{
    ecdsa::{DerSignature, SigningKey, signature::Signer as _},
    pkcs8::EncodePublicKey,
};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 9:00 UTC);

/// A key in memory.
struct Key {
    key: SigningKey,
    public_key: PublicKey,
}

impl Key {
    fn new() -> Self {
        let key = SigningKey::from_slice(&[0x2A; 32]).unwrap();
        let spki = key.verifying_key().to_public_key_der().unwrap();
        let public_key = PublicKey::parse(spki.as_bytes()).unwrap();
        Self { key, public_key }
    }
}

impl Signer for Key {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EcdsaSha256
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature: DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// The certificate with that number in the row: 20 bytes that are in no order.
fn serial(number: u64) -> SerialNumber {
    let hash = Sha256::digest(number.to_be_bytes());
    SerialNumber::from_random(*hash.first_chunk().unwrap())
}

fn entry(number: u64) -> CrlEntry {
    CrlEntry {
        serial: serial(number),
        since: NOW - Duration::minutes(i64::try_from(number % 1_000_000).unwrap()),
        reason: match number % 3 {
            0 => RevocationReason::CertificateHold,
            1 => RevocationReason::Superseded,
            _ => RevocationReason::KeyCompromise,
        },
    }
}

fn main() {
    let mut arguments = env::args().skip(1);
    let count: u64 = arguments
        .next()
        .map_or(1_000_000, |count| count.parse().unwrap());

    let key = Key::new();
    let subject = Subject::new("Test").country("BG").organization("Test");
    let validity = Validity::new(NOW - Duration::DAY, NOW + Duration::DAY * 3650).unwrap();
    let root = Issuer::root(&key, &subject, serial(0), validity).unwrap();
    let fields = CrlFields {
        number: CrlNumber::from(1),
        this_update: NOW,
        next_update: NOW + Duration::HOUR,
        kind: CrlKind::Full { freshest: None },
    };

    let measure = Measure::begin("make");
    let der = fields.sign(&root, &key, (1..=count).map(entry)).unwrap();
    measure.end(count, der.len());

    let measure = Measure::begin("read");
    let crl = Crl::read(&der, &root).unwrap();
    measure.end(count, der.len());

    let measure = Measure::begin("look up");
    let found = (1..=100_000)
        .filter(|number| crl.entry(serial(number * 2)).is_some())
        .count();
    measure.end(100_000, 0);
    assert_eq!(found, usize::try_from((count / 2).min(100_000)).unwrap());

    if let Some(file) = arguments.next() {
        fs::write(file, der).unwrap();
    }
}

struct Measure {
    what: &'static str,
    begun: Instant,
    before: Option<u64>,
}

impl Measure {
    fn begin(what: &'static str) -> Self {
        // Linux forgets the highest mark, so that each step has its own.
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self {
            what,
            begun: Instant::now(),
            before: kilobytes("VmRSS"),
        }
    }

    fn end(self, count: u64, bytes: usize) {
        let milliseconds = self.begun.elapsed().as_millis();
        let peak = kilobytes("VmHWM");
        let more = peak.zip(self.before).map(|(peak, before)| peak - before);
        let number = |number: Option<u64>| number.map_or("null".to_owned(), |all| all.to_string());
        println!(
            "{{\"step\":\"{}\",\"count\":{count},\"bytes\":{bytes},\
             \"milliseconds\":{milliseconds},\"peak_kib\":{},\"more_kib\":{}}}",
            self.what,
            number(peak),
            number(more),
        );
    }
}

fn kilobytes(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.strip_prefix(":")?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}
