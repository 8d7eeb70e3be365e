//! The agent's protocol: what is asked and answered, how it is framed, and who is at the other end.
//!
//! A connection carries length-delimited frames. Almost all are JSON, so that a person can read
//! them; a PIN has a binary frame of its own, which is read straight into its locked page.
//! Both ends are blocking; the agent gives each connection a thread.

pub mod protocol;

pub use protocol::*;
