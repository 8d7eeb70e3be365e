//! The agent's protocol: what is asked and answered, how it is framed, and who is at the other end.
//!
//! A connection carries length-delimited frames. Almost all are JSON, so that a person can read
//! them; a PIN has a binary frame of its own, which is read straight into its locked page.
//! Both ends are blocking; the agent gives each connection a thread.
//!
//! The agent: [`Home::prepare`], [`Single::acquire`], [`Listener::bind`], then
//! [`Connection::accept`] for each stream. A client: [`Client::connect`] and [`Client::call`].

pub mod client;
pub mod connection;
pub mod frame;
pub mod home;
pub mod installed;
pub mod made;
pub mod peer;
pub mod process;
pub mod protocol;
pub mod single;
pub mod terminal;
pub mod transport;
pub mod typed;
pub mod window;

pub use client::problem::{ClientProblem, chain};
pub use client::{Client, ClientError, Decision, Dialogue, Ended, Start, TokenWatch, Waiter};
pub use connection::{Connection, ConnectionError, Writer};
pub use frame::{FrameError, Secret};
pub use home::{Home, HomeError};
pub use made::{Made, MadeError};
pub use peer::{Peer, PeerError, same_tree};
pub use process::{HardenError, harden_process};
pub use protocol::*;
pub use single::{Single, SingleError};
pub use terminal::{Entry, Terminal};
pub use transport::{Accept, Connect, Listener, Stream};
pub use typed::TypedSecret;
