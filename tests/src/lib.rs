//! The test bench: real parts, started for one test run. Everything has its own folder, socket and
//! ports, and ends when its value is dropped, so tests may run side by side.
//!
//! ```no_run
//! use lichna_tests::applet::Applet;
//! use lichna_tests::pcscd::{Pcscd, ReaderSpec};
//!
//! let pcscd = Pcscd::start(&[ReaderSpec::vpcd("Test Reader")]);
//! let card = pcscd.reader(0).insert(Applet::piv()); // PIN 123456, PUK 12345678
//! let list = pcscd.command("opensc-tool").arg("-l").output().unwrap();
//! assert!(String::from_utf8_lossy(&list.stdout).contains("Test Reader 00 00"));
//! card.remove();
//! pcscd.wait_for_card(pcscd.reader(0), false);
//! card.insert(); // the same card, with its keys and its tries left
//! println!("{} commands", pcscd.log().len());
//! ```
//!
//! - [`pcscd`]: a PC/SC service with virtual readers; stop, start again, forbid; its APDU log.
//! - [`vpicc`]: [`vpicc::VirtualCard`], and [`vpicc::Card`], which inserts and removes it.
//! - [`app`]: the desktop app in its window.
//! - [`applet`]: PIV and OpenPGP cards by third parties; also the program `lichna-applet`.
//! - [`applet::Making::personalised`]: such a card with a key and a certificate by a [`ca::Ca`].
//! - [`approver`]: a person at another terminal, who answers what programs ask for.
//! - [`authority`]: an authority of one's own, with officers and holders.
//! - [`browser`]: Firefox and Chromium without a window.
//! - [`display`]: a display that nobody sees, with windows, keyboard, mouse, screen reader.
//! - [`hostile`]: cards that lie, loop or fall silent, mute cards, unknown cards.
//! - [`key_store`]: a desktop session's key store.
//! - [`openpace`]: a PACE chip and a PACE terminal on libeac, each a process.
//! - [`pinpad`]: the keys of a reader made with [`pcscd::ReaderSpec::pinpad`].
//! - [`sandbox`]: the authority for practice.
//! - [`scheme`]: an authority and practice cards that were enrolled with it by `lichna`.
//! - [`server`]: nginx, `openssl s_server` and Apache that want a client certificate.
//! - [`session`]: a desktop's notifications and tray.
//! - [`memory`]: whether a PIN is in the memory of a process.
//! - [`module`]: a PKCS#11 module, as a program has it.
//! - [`workspace`]: a `LICHNA_HOME` with `lichna` and its agent; [`built`]: where they are built.
//! - [`practice`]: practice cards, with keys and certificates.
//! - [`programs`]: curl, gnutls-cli, ssh, Java … with a PKCS#11 module.
//! - [`ports`]: TCP ports nobody else has.
#![deny(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench that cannot do its work is a failed test, and says so by a panic"
)]

pub mod apdu_log;
pub mod app;
pub mod applet;
pub mod approver;
pub mod authority;
pub mod bench;
pub mod browser;
pub mod built;
pub mod ca;
pub mod display;
pub mod hostile;
pub mod key_store;
pub mod memory;
pub mod module;
pub mod openpace;
pub mod pcscd;
pub mod personalise;
pub mod pinpad;
pub mod ports;
pub mod practice;
pub mod programs;
pub mod sandbox;
pub mod scheme;
pub mod server;
pub mod session;
pub mod vpicc;
pub mod workspace;

use std::thread;
use std::time::{Duration, Instant};

/// How long the bench waits for something to happen before it calls it a failure.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Waits until something is so, and looks often.
///
/// # Panics
/// When it is not within [`DEADLINE`]; `what` says in the message what was waited for.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !so() {
        assert!(
            Instant::now() < end,
            "waited {DEADLINE:?} for {what}, in vain"
        );
        thread::sleep(Duration::from_millis(5));
    }
}
