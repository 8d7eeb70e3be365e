//! Card profiles and what can be done with a card: identify, read, verify, change and unblock a
//! PIN, sign, and personalise.
//!
//! What a kind of card can do is data, a [`Profile`]; how it is said in commands is code, one
//! small dialect for each family. [`Profiles::recognise`] finds the profile for the card on a
//! channel; [`Card`] speaks to it, and its type says what the card has been convinced of.
//!
//! Nothing here does I/O or knows the time: bytes go out and come in over
//! [`lichna_apdu::Channel`], randomness and secrets are handed in.
#![forbid(unsafe_code)]

mod algorithm;
mod atr;
mod card;
mod certificate;
mod cia;
mod dialect;
mod error;
mod genuineness;
mod padding;
mod personalise;
mod pin;
mod profile;
mod profiles;
mod public_key;
mod secure_channel;
mod session;
mod signing;

pub use algorithm::{HashAlgorithm, KeyAlgorithm, Salt, SignatureScheme};
pub use atr::{Atr, AtrError, AtrPattern};
pub use card::{Administrator, Card, Selected, Verified};
pub use cia::{Cia, CiaCertificate, CiaKey, CiaKeyKind, CiaPin};
pub use error::{CardError, PinProblem};
pub use genuineness::check_genuine;
pub use personalise::{AdminAlgorithm, AdminKey, AdminKeyError, Challenge, Personalising};
pub use pin::{LastTry, PinRef, PinState, PinStatus};
pub use profile::{
    Aid, AlgorithmInput, Alphabet, CardAlgorithm, Certificate, CiaFiles, Clear, Compression,
    Dialect, GenuineFiles, Key, KeyRef, KeyRole, LastTryRule, Pace, PaceOrder, PacePassword,
    Personalisation, PinRole, PinRules, Profile, ProfileError, ProfileFault, Recognition, Renewal,
    SigningCommand,
};
pub use profiles::Profiles;
pub use secure_channel::{CardAccess, open_channel, open_channel_spending, read_card_access};
pub use signing::{InputKind, SigningInput};

pub use lichna_pace::{
    Anchor, AnchorError, AnchorKind, Doubt, Fault, Forgery, Genuineness, PaceError, PaceInfo,
    Password, PasswordKind, SecureChannel, SecureMessaging, SecurityInfos, TryCryptoRng,
    Unsupported,
};
