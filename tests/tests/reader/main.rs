//! Readers and cards, each state of theirs caused and seen; the card shared with other programs.
//!
//! A process has one PC/SC service for life, so each test starts a service and talks to programs
//! beside it: this very binary, run as a [`program`] that does with `lichna-reader` what it is told.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the helpers of a test fail as the test does, and a probe answers on its output"
)]

mod keypad;
mod probe;
mod program;
mod sharing;
mod trouble;
mod watching;

use std::time::Duration;

/// The ATR of the bench's applets.
const ATR: &str = "3b8f01805d4e6974726f6b657900000000006a";

/// Selects PIV, SP 800-73-4 part 2 §3.1.1.
const SELECT_PIV: &str = "00a404000ba000000308000010000100";
/// VERIFY with the right PIN.
const VERIFY_PIV: &str = "0020008008313233343536ffff";
/// VERIFY without a PIN: is it verified, and how many tries are left?
const ASK_PIV: &str = "00200080";

/// Longer than anything here takes; what is to run into a deadline has [`SHORT`].
const LONG: Duration = Duration::from_secs(20);
/// Long enough for what is not to happen to happen.
const SHORT: Duration = Duration::from_millis(600);
