//! PACE and secure messaging (BSI TR-03110, ICAO 9303-11), both sides.
//!
//! A card that is reached over the radio gives nothing away until terminal and card have proved to
//! each other that they know the same password, and no password travels. What they agree on then
//! protects every command and answer.
//!
//! - [`SecurityInfos`]: what EF.CardAccess says. [`SecurityInfos::pace`] picks from it.
//! - [`open`]: the terminal's side in one call; [`Pace`] is the same step by step.
//! - [`SecureMessaging`]: the keys of a channel, laid over a [`Channel`](lichna_apdu::Channel).
//! - [`chip`]: the card's side of all of it.
//!
//! Spoken are generic mapping over ECDH on four curves, AES-CBC with CMAC of three key lengths.
//! The rest is refused by name, see [`Unsupported`].
//!
//! Nothing here does I/O; random numbers come from the caller.
#![forbid(unsafe_code)]

pub mod chip;
mod chip_authentication;
mod cipher;
mod curve;
mod domain;
mod dynamic_data;
mod error;
mod genuineness;
mod password;
mod secure_messaging;
mod security_infos;
mod security_object;
mod session;
mod terminal;

pub use chip_authentication::ChipAuthenticationInfo;
pub use cipher::Cipher;
pub use curve::{Curve, PointError, PrivateKey, PublicKey, RandomError};
pub use elliptic_curve::rand_core::TryCryptoRng;
pub use error::{MalformedObject, PaceError, SecurityInfosError, Step, Unsupported};
pub use genuineness::{Doubt, Evidence, Forgery, Genuineness, Vouched, check_genuine};
pub use password::{MrzPassword, Password, PasswordKind};
pub use secure_messaging::{SecureChannel, SecureMessaging};
pub use security_infos::{PaceInfo, SecurityInfo, SecurityInfos};
pub use security_object::{
    Anchor, AnchorError, AnchorKind, LONGEST_SECURITY_OBJECT, PracticeIssue, PracticeIssueError,
    SecurityObject, SecurityObjectError,
};
pub use session::Fault;
pub use terminal::{Agreed, Mapped, NonceRead, Pace, Selected, open};
