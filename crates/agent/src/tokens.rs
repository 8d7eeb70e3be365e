//! What other programs may do with the keys of the cards, through PKCS#11: what was granted to
//! which connection, what the holder refused, and which programs he wants to be asked less for.
//! Req C.3

mod access;
mod grant;
mod presence;
mod programs;

pub use access::{Access, Accesses};
pub use grant::{Grant, KeptPin, Lent, Moment, SECONDS, SIGNATURES};
pub use programs::RememberedPrograms;
