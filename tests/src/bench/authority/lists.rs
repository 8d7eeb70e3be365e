//! Revocation lists: a million entries, from the register to the signed list, beside `openssl ca -gencrl`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::BENCH;
use super::measured::{self, number, openssl};
use super::register::{self, Revoked};
use crate::authority::Authority;
use crate::bench::stage::run as run_command;
use crate::bench::{Goal, Peer, Row};

/// Entries of the list.
const ENTRIES: u64 = 1_000_000;
/// A list takes less, however long it is.
const LONGEST: Duration = Duration::from_secs(600);

pub fn rows() -> Vec<Row> {
    let mut authority = register::empty();
    register::fill(&authority, 0..ENTRIES, Revoked::All);
    register::want_list(&authority);
    authority.run(0);
    let ours = published(&authority, ENTRIES);
    drop(authority);

    let folder = tempfile::tempdir().expect("a folder");
    let ca = openssl_ca(folder.path(), "P-384", ENTRIES, Revoked::All);
    let arguments = ["ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.pem"];
    let their = measured::run(&ca, "openssl", &arguments);
    let mut convert = Command::new("openssl");
    convert.current_dir(&ca);
    run_command(convert.args([
        "crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der",
    ]));
    let their_bytes = fs::metadata(ca.join("crl.der")).expect("just made").len();

    let peer = |figure| Peer {
        name: format!("{} ca -gencrl", openssl()),
        figure,
    };
    let row = |metric: &str, ours, unit, theirs, goal| {
        let metric = format!("list of a million entries: {metric}");
        Row::beside((BENCH, metric), (ours, unit), &peer(theirs), goal)
    };
    vec![
        row(
            "time",
            ours.seconds,
            "s",
            their.seconds,
            Goal::TimesPeer(0.75),
        ),
        row(
            "memory of the process",
            ours.memory,
            "MB",
            their.memory,
            Goal::TimesPeer(0.5),
        ),
        row(
            "size",
            number(ours.bytes) / 1e6,
            "MB",
            number(their_bytes) / 1e6,
            Goal::TimesPeer(1.05),
        ),
    ]
}

/// What a list took.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// From the register to the stored list.
    pub seconds: f64,
    /// Megabytes that the server had at most.
    pub memory: f64,
    /// Of the list.
    pub bytes: u64,
}

/// Waits until the log tells of a list with so many entries.
pub fn published(authority: &Authority, entries: u64) -> Published {
    let mut found = None;
    let end = Instant::now() + LONGEST;
    while found.is_none() {
        assert!(Instant::now() < end, "no list after {LONGEST:?}");
        std::thread::sleep(Duration::from_millis(20));
        let log = authority.log(0);
        let lines = log.lines().rev();
        let mut values = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        found = values.find_map(|value| {
            let fields = value.get("fields").unwrap_or(&value);
            let of = |name: &str| fields.get(name).and_then(Value::as_u64);
            let is_it = fields
                .get("message")?
                .as_str()?
                .contains("full revocation list");
            let is_it = is_it && of("entries") == Some(entries);
            is_it.then(|| Some((of("milliseconds")?, of("bytes")?)))?
        });
    }
    let (milliseconds, bytes) = found.expect("waited for");
    Published {
        seconds: number(milliseconds) / 1e3,
        memory: measured::memory(authority.pid(0)),
        bytes,
    }
}

/// A certification authority of openssl's with a key on that curve, and a register of so many certificates.
pub fn openssl_ca(folder: &Path, curve: &str, certificates: u64, revoked: Revoked) -> PathBuf {
    let ca = folder.join("openssl");
    fs::create_dir(&ca).expect("own folder");
    let mut index = String::new();
    for number in 0..certificates {
        let serial = register::serial(number);
        let state = if number.is_multiple_of(revoked.step()) {
            "R\t21000101000000Z\t261122000000Z,superseded"
        } else {
            "V\t21000101000000Z\t"
        };
        writeln!(index, "{state}\t{serial}\tunknown\t/CN=bench").expect("memory");
    }
    let files = [
        ("index.txt", index.as_str()),
        ("index.txt.attr", "unique_subject = no\n"),
        ("serial", "1000\n"),
        ("crlnumber", "01\n"),
        ("ca.cnf", CONFIGURATION),
    ];
    for (name, text) in files {
        fs::write(ca.join(name), text).expect("own folder");
    }
    let run = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        run_command(command.current_dir(&ca).args(arguments));
    };
    run(&[
        "genpkey",
        "-quiet",
        "-algorithm",
        "EC",
        "-pkeyopt",
        &format!("ec_paramgen_curve:{curve}"),
        "-out",
        "ca.key",
    ]);
    run(&[
        "req",
        "-x509",
        "-new",
        "-key",
        "ca.key",
        "-subj",
        "/CN=Bench",
        "-days",
        "30",
        "-sha384",
        "-out",
        "ca.pem",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
    ]);
    ca
}

const CONFIGURATION: &str = "\
[ca]
default_ca = bench
[bench]
dir = .
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha384
default_days = 30
default_crl_hours = 3
policy = anything
copy_extensions = none
crl_extensions = of_list
x509_extensions = of_holder
[anything]
commonName = supplied
[of_list]
authorityKeyIdentifier = keyid
[of_holder]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 1.2.3.4
crlDistributionPoints = URI:http://localhost/crl/full.crl
authorityInfoAccess = OCSP;URI:http://localhost/ocsp
";
