//! What a card's file is sealed with.

use core::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::SoftCardError;

/// What opens the file of a practice card.
pub enum Lock {
    /// A random key, which the caller keeps in the key store of the operating system.
    Key(Zeroizing<[u8; 32]>),
    /// A passphrase; the key is derived from it by Argon2id when the card is opened.
    Passphrase(Zeroizing<String>),
}

/// The two kinds of [`Lock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// A random key.
    Key,
    /// A passphrase.
    Passphrase,
}

impl fmt::Display for LockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "a key",
            Self::Passphrase => "a passphrase",
        })
    }
}

/// How the key that wraps the data key comes from the lock: part of the plain header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Derivation {
    /// The lock is the key.
    Key,
    /// Argon2id, RFC 9106.
    Passphrase {
        #[serde(with = "hex::serde")]
        salt: [u8; 16],
        /// KiB.
        memory: u32,
        passes: u32,
    },
}

/// RFC 9106 §4, second recommended option, with one lane.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A file from elsewhere may not ask for more than that.
const MOST_MEMORY: u32 = 256 * 1024;
const MOST_PASSES: u32 = 16;

impl Derivation {
    /// A new one for this lock.
    pub fn new(lock: &Lock) -> Result<Self, SoftCardError> {
        Ok(match lock {
            Lock::Key(_) => Self::Key,
            Lock::Passphrase(passphrase) if passphrase.is_empty() => {
                return Err(SoftCardError::NotMakeable {
                    field: "passphrase",
                    what: "it is empty",
                });
            }
            Lock::Passphrase(_) => Self::Passphrase {
                salt: random()?,
                memory: MEMORY,
                passes: PASSES,
            },
        })
    }

    /// Which kind of lock it is made for.
    pub const fn kind(&self) -> LockKind {
        match self {
            Self::Key => LockKind::Key,
            Self::Passphrase { .. } => LockKind::Passphrase,
        }
    }

    /// The wrapping key.
    pub fn derive(&self, lock: &Lock) -> Result<Zeroizing<[u8; 32]>, SoftCardError> {
        match (self, lock) {
            (Self::Key, Lock::Key(key)) => Ok(key.clone()),
            (
                Self::Passphrase {
                    salt,
                    memory,
                    passes,
                },
                Lock::Passphrase(passphrase),
            ) => {
                let too_much = || SoftCardError::NotACard {
                    what: "its key derivation asks for too much",
                };
                if *memory > MOST_MEMORY || *passes > MOST_PASSES {
                    return Err(too_much());
                }
                let parameters =
                    Params::new(*memory, *passes, 1, Some(32)).map_err(|_| too_much())?;
                let mut key = Zeroizing::new([0; 32]);
                Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
                    .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
                    .map_err(|_| SoftCardError::NoResources {
                        what: "memory for the key derivation",
                    })?;
                Ok(key)
            }
            _ => Err(SoftCardError::OtherLock {
                made_with: self.kind(),
            }),
        }
    }
}

/// Bytes from the system's random number generator.
pub fn random<const N: usize>() -> Result<[u8; N], SoftCardError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SoftCardError::NoResources {
        what: "random numbers",
    })?;
    Ok(bytes)
}

/// The system's random number generator, for what cannot say that it failed; `None` when it gives
/// nothing. One that gave some goes on giving.
pub fn system_random() -> Option<UnwrapErr<SysRng>> {
    getrandom::fill(&mut [0; 1]).ok()?;
    Some(UnwrapErr(SysRng))
}
