//! The bench itself, judged by programs that nobody here wrote.
#![forbid(unsafe_code)]
#![allow(clippy::panic, reason = "the helpers of a test fail as the test does")]

use std::process::Command;

use lichna_tests::applet::Applet;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};

/// Runs a program to its end and gives back all it said.
fn said(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(
        output.status.success(),
        "{command:?} {}: {text}",
        output.status
    );
    text
}

#[test]
fn opensc_sees_the_piv_applet() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let _card = pcscd.reader(0).insert(Applet::piv());
    let list = said(pcscd.command("opensc-tool").arg("-l"));
    assert!(list.contains("Yes             Test Reader 00 00"), "{list}");
    let name = said(pcscd.command("opensc-tool").args(["-r", "0", "-n"]));
    assert!(name.contains("Personal Identity Verification"), "{name}");
}

#[test]
fn opensc_sees_the_openpgp_applet() {
    let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
    let _card = pcscd.reader(0).insert(Applet::openpgp());
    let name = said(pcscd.command("opensc-tool").args(["-r", "0", "-n"]));
    assert!(name.contains("OpenPGP"), "{name}");
    let pins = said(pcscd.command("openpgp-tool").args(["-r", "0", "-C", "-U", "-K"]));
    println!("{pins}");
}

#[test]
fn opensc_verifies_at_the_pinpad() {
    let pcscd = Pcscd::start(&[ReaderSpec::pinpad("Pin Reader"), ReaderSpec::pinpad("Other")]);
    let reader = pcscd.reader(0);
    let _card = reader.insert(Applet::piv());
    let list = said(pcscd.command("opensc-tool").arg("-l"));
    assert!(list.contains("Yes   PIN pad   Pin Reader 00 00"), "{list}");
    assert!(list.contains("No    PIN pad   Other 01 00"), "{list}");
}
