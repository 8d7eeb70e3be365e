//! The CIA files, made from the state: ISO/IEC 7816-15, which reads as PKCS #15.

mod entries;

use crate::state::State;

pub use entries::directory;

/// A file of DF.CIA that the card makes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Info,
    Objects,
    Authentication,
    PrivateKeys,
    PublicKeys,
    Certificates,
}

impl File {
    const ALL: [Self; 6] = [
        Self::Info,
        Self::Objects,
        Self::Authentication,
        Self::PrivateKeys,
        Self::PublicKeys,
        Self::Certificates,
    ];

    /// The one with this id.
    pub fn by_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.id() == id)
    }

    /// Its id.
    pub const fn id(self) -> u16 {
        match self {
            Self::Info => 0x5032,
            Self::Objects => 0x5031,
            Self::Authentication => 0x4401,
            Self::PrivateKeys => 0x4402,
            Self::PublicKeys => 0x4403,
            Self::Certificates => 0x4404,
        }
    }

    /// What it holds, filled up with zeros to a whole number of blocks.
    pub fn contents(self, state: &State) -> Vec<u8> {
        let made = match self {
            Self::Info => entries::info(state),
            Self::Objects => entries::objects(),
            Self::Authentication => entries::authentication(),
            Self::PrivateKeys => entries::private_keys(state),
            Self::PublicKeys => entries::public_keys(state),
            Self::Certificates => entries::certificates(state),
        };
        // INVARIANT: none of the values is too long for DER; nothing is said rather than half.
        let mut contents = made.unwrap_or_default();
        let size = contents.len().div_ceil(BLOCK).max(1) * BLOCK;
        contents.resize(size, 0);
        contents
    }
}

/// The file with the certificates of authorities, one after the other.
pub const CHAIN: u16 = 0xC301;
/// Files grow by so many bytes.
const BLOCK: usize = 64;
