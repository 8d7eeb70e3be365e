//! PACE and secure messaging from outside: vectors, malicious cards, both sides against each other.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unimplemented,
    clippy::unwrap_used,
    reason = "tests"
)]

mod bench;
mod infos;
mod malicious;
mod messaging;
mod roles;
mod vectors;
