//! What PACE and Chip Authentication work with, made once with the card.

use getrandom::SysRng;
use lichna_pace::{Cipher, Curve, PaceInfo, PracticeIssue, PrivateKey, SecurityInfos};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::hex_secret;
use crate::{Making, SoftCardError};

/// The files that say how the card is spoken to over the radio, and the keys behind them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contactless {
    pub curve: KeptCurve,
    pub cipher: KeptCipher,
    #[serde(with = "hex::serde")]
    pub card_access: Vec<u8>,
    #[serde(with = "hex::serde")]
    pub dg14: Vec<u8>,
    #[serde(with = "hex::serde")]
    pub sod: Vec<u8>,
    /// The static private key of Chip Authentication.
    #[serde(with = "hex_secret")]
    pub chip_key: Zeroizing<Vec<u8>>,
}

/// A curve, kept as its number among the standardized domain parameters.
#[derive(Clone, Copy)]
pub struct KeptCurve(pub Curve);

/// A cipher, kept as the bits of its key.
#[derive(Clone, Copy)]
pub struct KeptCipher(pub Cipher);

impl Contactless {
    /// Keys and files for a new card, and the practice root that they lead to.
    pub fn make(making: &Making, now: OffsetDateTime) -> Result<(Self, Vec<u8>), SoftCardError> {
        let no_random = |_| SoftCardError::NoResources {
            what: "random numbers",
        };
        let pace = PaceInfo::new(making.curve, making.cipher);
        let info = pace.security_info().map_err(|_| NOT_MADE)?;
        let card_access = SecurityInfos::new(vec![info])
            .encode()
            .map_err(|_| NOT_MADE)?;
        let key = PrivateKey::generate(making.curve, &mut SysRng).map_err(no_random)?;
        let issue =
            PracticeIssue::new(&pace, &key.public_key(), now, &mut SysRng).map_err(|_| NOT_MADE)?;
        let contactless = Self {
            curve: KeptCurve(making.curve),
            cipher: KeptCipher(making.cipher),
            card_access,
            dg14: issue.data_group_14,
            sod: issue.security_object,
            chip_key: Zeroizing::new(key.bytes().to_vec()),
        };
        Ok((contactless, issue.authority))
    }
}

impl Serialize for KeptCurve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0.parameter_id())
    }
}

impl<'de> Deserialize<'de> for KeptCurve {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = u8::deserialize(deserializer)?;
        let curve = Curve::from_parameter_id(id);
        curve
            .map(Self)
            .ok_or_else(|| D::Error::custom("no such curve"))
    }
}

impl Serialize for KeptCipher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(match self.0 {
            Cipher::Aes128 => 128,
            Cipher::Aes192 => 192,
            Cipher::Aes256 => 256,
        })
    }
}

impl<'de> Deserialize<'de> for KeptCipher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match u16::deserialize(deserializer)? {
            128 => Cipher::Aes128,
            192 => Cipher::Aes192,
            256 => Cipher::Aes256,
            _ => return Err(D::Error::custom("no such cipher")),
        }))
    }
}

/// The clock of the computer is far off, or there are no random numbers.
const NOT_MADE: SoftCardError = SoftCardError::NoResources {
    what: "time or random numbers for the certificates of the card",
};
