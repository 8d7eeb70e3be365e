//! The running server: listeners, the router with its limits, work in the background, the stop.

mod internal;
mod limits;
mod linger;
mod listen;
mod published;
mod router;
mod run;
mod tasks;
mod tls;

pub use router::{api, document};
pub use run::{Addresses, RunError, run};
pub(crate) use run::{close, listening, open, serve, urls};
pub use tasks::{Stop, Tasks};
