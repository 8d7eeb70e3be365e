//! What the authority serves, as openssl sees it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lichna_tests::authority::Authority;
use lichna_tests::ca::Identity;

/// What openssl says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is good.
    Good,
    /// It is revoked or on hold.
    Revoked,
    /// Something else is wrong.
    Other(String),
}

/// openssl with these arguments.
///
/// # Panics
/// When it fails.
pub fn openssl(arguments: &[&str]) -> Output {
    let output = try_openssl(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    output
}

/// The same, however it ends.
pub fn try_openssl(arguments: &[&str]) -> Output {
    let mut command = Command::new("openssl");
    command
        .args(arguments)
        .output()
        .expect("openssl is installed")
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// A file of its own in the authority's folder.
pub fn file(authority: &Authority, bytes: &[u8]) -> PathBuf {
    let path = authority
        .data()
        .join(lichna_tests::authority::people::uuid());
    fs::write(&path, bytes).expect("own folder");
    path
}

/// Serial number of a certificate, as the authority writes it.
pub fn serial(identity: &Identity) -> String {
    let path = text(&identity.certificate.path);
    let output = openssl(&["x509", "-noout", "-serial", "-in", path]);
    let line = String::from_utf8(output.stdout).expect("text");
    let serial = line
        .trim()
        .strip_prefix("serial=")
        .expect("a serial number");
    format!("{serial:0>40}")
}

/// A revocation list from an instance, `full` or `delta`: a PEM file.
pub fn list(authority: &Authority, instance: usize, kind: &str) -> PathBuf {
    let call = authority
        .get(&format!("/crl/{kind}.crl"))
        .plain()
        .instance(instance);
    let answer = call.send();
    assert_eq!(
        answer.status,
        200,
        "{kind}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/pkix-crl")
    );
    let der = file(authority, &answer.body);
    let pem = openssl(&["crl", "-inform", "DER", "-in", text(&der)]).stdout;
    file(authority, &pem)
}

/// What a list says of itself and of every certificate.
pub fn list_text(list: &Path) -> String {
    let output = openssl(&["crl", "-noout", "-text", "-in", text(list)]);
    String::from_utf8(output.stdout).expect("text")
}

/// Number of a list.
pub fn list_number(list: &Path) -> u64 {
    let output = openssl(&["crl", "-noout", "-crlnumber", "-in", text(list)]);
    let line = String::from_utf8(output.stdout).expect("text");
    let number = line.trim().strip_prefix("crlNumber=0x").expect("a number");
    u64::from_str_radix(number, 16).expect("a number")
}

/// What the full list alone says.
pub fn by_full_list(authority: &Authority, identity: &Identity) -> Verdict {
    let full = list(authority, 0, "full");
    verify(authority, identity, &full, &[])
}

/// What the full list and the delta list of an instance say together.
pub fn by_delta_list(authority: &Authority, instance: usize, identity: &Identity) -> Verdict {
    // In this order: a full list that comes between the two is newer than what the delta list is to
    // be joined to, and either fits it or has it all.
    let mut both = fs::read(list(authority, instance, "delta")).expect("own file");
    both.extend(fs::read(list(authority, instance, "full")).expect("own file"));
    let both = file(authority, &both);
    verify(
        authority,
        identity,
        &both,
        &["-extended_crl", "-use_deltas"],
    )
}

fn verify(authority: &Authority, identity: &Identity, lists: &Path, more: &[&str]) -> Verdict {
    let (root, issuing) = (authority.root(), authority.issuing());
    let mut arguments = vec!["verify", "-x509_strict", "-crl_check"];
    arguments.extend(more);
    arguments.extend(["-CAfile", text(&root), "-untrusted", text(&issuing)]);
    arguments.extend(["-CRLfile", text(lists), text(&identity.certificate.path)]);
    let output = try_openssl(&arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Verdict::Good
    } else if said.contains("error 23 at 0 depth lookup") {
        Verdict::Revoked
    } else {
        Verdict::Other(said)
    }
}

/// What the OCSP responder of an instance says, after openssl has verified its signature: the text
/// of `openssl ocsp`.
pub fn ocsp(authority: &Authority, instance: usize, identity: &Identity, more: &[&str]) -> String {
    let (root, issuing) = (authority.root(), authority.issuing());
    let url = format!("{}/ocsp", authority.http_url(instance));
    let mut arguments = vec!["ocsp", "-issuer", text(&issuing)];
    // A hash counts for the certificates after it.
    arguments.extend(more);
    arguments.extend(["-cert", text(&identity.certificate.path), "-url", &url]);
    arguments.extend(["-CAfile", text(&root), "-VAfile", text(&issuing)]);
    let output = openssl(&arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Response verify OK"), "{said}");
    assert!(!said.contains("WARNING"), "{said}");
    String::from_utf8(output.stdout).expect("text")
}

/// The same as a verdict.
pub fn by_ocsp(authority: &Authority, instance: usize, identity: &Identity) -> Verdict {
    let said = ocsp(authority, instance, identity, &[]);
    if said.contains(": good") {
        Verdict::Good
    } else if said.contains(": revoked") {
        Verdict::Revoked
    } else {
        Verdict::Other(said)
    }
}
