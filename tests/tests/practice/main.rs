//! The practice card, by somebody else's reading and by our own dialect.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

mod dialect;
mod life;
mod opensc;
