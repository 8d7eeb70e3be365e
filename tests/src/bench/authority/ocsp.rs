//! OCSP: a signed answer over HTTP, beside `openssl ocsp` as a server, and beside the signature alone.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::BENCH;
use super::measured::openssl;
use super::register;
use crate::authority::Authority;
use crate::bench::stage::run as run_command;
use crate::bench::{Goal, Peer, Row};
use crate::ports::Ports;
use crate::until;

/// Answers of each kind.
const ANSWERS: u32 = 3000;
/// Certificates in each register.
const CERTIFICATES: u64 = 10_000;
/// An answer, with what is around it, beside a signature alone.
const SIGNATURES: f64 = 8.0;

pub fn rows() -> Vec<Row> {
    let mut authority = register::empty();
    register::fill(
        &authority,
        0..CERTIFICATES,
        register::Revoked::One { of: 10 },
    );
    authority.run(0);
    let folder = tempfile::tempdir().expect("a folder");
    let nonce = question(&authority, folder.path(), true);
    let plain = question(&authority, folder.path(), false);
    let url = format!("{}/ocsp", authority.http_url(0));

    let theirs = Responder::start(folder.path());
    let peer = |figure| Peer {
        name: format!("{} ocsp", openssl()),
        figure,
    };
    let mut rows = Vec::new();
    // A new answer is signed on a thread of its own, for the key may be in a key store; OpenSSL's
    // signature is in assembler.
    for (body, metric, goal) in [
        ("nonce.der", "OCSP: a new answer, new connection", 3.0),
        (
            "plain.der",
            "OCSP: an answer without nonce, new connection",
            1.0,
        ),
    ] {
        let ours = asked(&url, &folder.path().join(body), &["-c", "1"]);
        let their = asked(&theirs.url(), &theirs.question(body), &["-c", "1"]);
        rows.push(Row::beside(
            (BENCH, metric.to_owned()),
            (ours, "µs"),
            &peer(their),
            Goal::TimesPeer(goal),
        ));
    }
    let kept = ["-c", "4", "-k"];
    let raw = Peer {
        name: format!("{} speed, one P-256 signature", openssl()),
        figure: raw_signature(),
    };
    rows.push(Row::beside(
        (BENCH, "OCSP: a new answer, four connections".to_owned()),
        (asked(&url, &nonce, &kept), "µs"),
        &raw,
        Goal::TimesPeer(SIGNATURES),
    ));
    rows.push(Row::beside(
        (
            BENCH,
            "OCSP: an answer without nonce, four connections".to_owned(),
        ),
        (asked(&url, &plain, &kept), "µs"),
        &raw,
        Goal::TimesPeer(SIGNATURES),
    ));
    rows
}

/// A question about a certificate of the register, as a file.
fn question(authority: &Authority, folder: &Path, nonce: bool) -> std::path::PathBuf {
    let path = folder.join(if nonce { "nonce.der" } else { "plain.der" });
    ask(
        &authority.issuing(),
        &register::serial(CERTIFICATES / 2),
        nonce,
        &path,
    );
    path
}

/// Has openssl make a question.
pub fn ask(issuer: &Path, serial: &str, nonce: bool, path: &Path) {
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-issuer"]).arg(issuer);
    command.args(["-serial", &format!("0x{serial}")]);
    command.arg(if nonce { "-nonce" } else { "-no_nonce" });
    run_command(command.arg("-reqout").arg(path));
}

/// Microseconds an answer, by ApacheBench.
fn asked(url: &str, body: &Path, how: &[&str]) -> f64 {
    let mut command = Command::new("ab");
    command.args(["-q", "-n", &ANSWERS.to_string()]).args(how);
    command
        .args(["-T", "application/ocsp-request", "-p"])
        .arg(body)
        .arg(url);
    let said = String::from_utf8(run_command(&mut command)).expect("text");
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|line| line.split_whitespace().next());
        word.and_then(|word| word.parse::<f64>().ok())
    };
    let done = value("Complete requests:");
    assert_eq!(done, Some(f64::from(ANSWERS)), "{said}");
    assert!(!said.contains("Non-2xx"), "{said}");
    value("Time taken for tests:").expect("a time") * 1e6 / f64::from(ANSWERS)
}

/// Microseconds of a signature on P-256.
fn raw_signature() -> f64 {
    let mut command = Command::new("openssl");
    command.args(["speed", "-mr", "-seconds", "1", "ecdsap256"]);
    let said = String::from_utf8(run_command(command.stderr(Stdio::null()))).expect("text");
    // +F4, which curve, bits, signatures a second, verifications a second.
    let line = said.lines().find(|line| line.starts_with("+F4:"));
    let each_second = line.and_then(|line| line.split(':').nth(3)?.parse::<f64>().ok());
    1e6 / each_second.unwrap_or_else(|| panic!("{said}"))
}

/// `openssl ocsp` as a server, over a register of as many certificates.
struct Responder {
    child: Child,
    ports: Ports,
    folder: std::path::PathBuf,
}

impl Responder {
    fn start(folder: &Path) -> Self {
        let ports = Ports::take(1);
        let ca = super::lists::openssl_ca(
            folder,
            "P-256",
            CERTIFICATES,
            register::Revoked::One { of: 10 },
        );
        let child = Command::new("openssl")
            .current_dir(&ca)
            .args(["ocsp", "-index", "index.txt", "-CA", "ca.pem"])
            .args(["-rsigner", "ca.pem", "-rkey", "ca.key", "-nmin", "10"])
            .args(["-port", &ports.first().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        for nonce in [true, false] {
            let name = if nonce { "nonce.der" } else { "plain.der" };
            let serial = register::serial(CERTIFICATES / 2);
            ask(&ca.join("ca.pem"), &serial, nonce, &ca.join(name));
        }
        let responder = Self {
            child,
            ports,
            folder: ca,
        };
        // A question, and not a connection alone: one that comes to nothing keeps it busy for ever.
        until("openssl ocsp to answer", || {
            let mut command = Command::new("curl");
            command.args(["--silent", "--fail", "--output", "/dev/null"]);
            command.args(["--header", "Content-Type: application/ocsp-request"]);
            let question = format!("@{}", responder.question("plain.der").display());
            command.args(["--data-binary", &question, &responder.url()]);
            command.status().expect("curl is installed").success()
        });
        responder
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.ports.first())
    }

    fn question(&self, name: &str) -> std::path::PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        // It is our own, and has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
