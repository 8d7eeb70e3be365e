//! Profiles and cards from outside: conversations with real applets replayed, hostile answers,
//! profiles with faults.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what a test does not expect is its failure"
)]

mod channels;
mod cia;
mod faults;
mod faults_iso7816;
mod flows;
mod hostile;
mod inputs;
mod iso7816;
mod pins;
mod practice;
mod profiles;
mod record;
mod refusals;
mod replay;
mod secure_channel;
