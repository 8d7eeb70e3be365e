//! A TLS client whose key is a trait (the card), and what a server asks for, explained.
//!
//! A login goes through three steps:
//! 1. [`probe`] makes a first handshake without a certificate. It tells who the server is
//!    (verified against [`ServerTrust`]) and what it asks for, before anyone is asked for a PIN.
//! 2. [`match_key`] says whether a card's key can answer that.
//! 3. [`client_config`] makes the configuration of the real connection, with the card as the
//!    key ([`CardKey`]) and an [`Observation`] of what happened, which [`explain`] reads when
//!    the login did not succeed.
//!
//! Nothing here knows cards, and nothing is asynchronous: whoever needs that wraps it.
#![forbid(unsafe_code)]

mod client;
mod demand;
mod dial;
mod explain;
mod key;
mod list;
mod matching;
mod name;
mod observation;
mod probe;
mod trust;
mod verifier;

pub use client::{ConfigError, client_config, plain_config};
pub use demand::{Authority, CertificateRequest, ServerCertificate, ServerDemand, Version};
pub use explain::{Explanation, explain};
pub use key::{CardKey, KeyError};
pub use list::{TrustList, TrustListError};
pub use matching::{Match, Mismatch, Warning, match_key};
pub use name::presentable;
pub use observation::Observation;
pub use probe::{Phase, ProbeError, probe, probe_for_key};
pub use rustls::{AlertDescription, SignatureScheme};
pub use trust::{ServerTrust, TrustError};
pub use verifier::ServerFault;
