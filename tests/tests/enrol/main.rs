//! Certificates are issued to practice cards, and renewed on them, by an authority that runs.
//! Req 13.6, 14.1.5, 14.2
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

#[path = "../shared/client.rs"]
mod client;

mod desk;
mod in_place;
mod interrupted;
mod issuing;
mod matrix;
mod piv;
mod refusals;
mod renewal;
mod trap;
