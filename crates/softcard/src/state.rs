//! All that a card remembers without power.

mod contactless;
mod key;

use std::ops::Range;

use lichna_apdu::tlv;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use contactless::Contactless;
pub use key::{KeyType, PrivateKey, PublicKey};

use crate::{FirstPin, Making, Policy, SoftCardError};

/// What stands sealed in the card's file.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    pub number: String,
    pub can: Zeroizing<String>,
    /// Wrong CANs since the last right one.
    pub can_failures: u32,
    pub pin: Pin,
    pub puk: Zeroizing<String>,
    pub puk_tries: u8,
    pub administrator_key: Zeroizing<[u8; 32]>,
    /// Wrong answers since the last right one.
    pub administrator_failures: u32,
    pub policy: Policy,
    /// How much slower each wrong CAN makes the card, in milliseconds.
    pub slow_down: u32,
    pub identification: Role,
    pub signing: Role,
    /// The file with the authorities above the certificates; its bytes stand behind theirs.
    #[serde(default, rename = "chain_length", with = "length")]
    pub chain: Vec<u8>,
    pub contactless: Contactless,
}

/// The PIN, or the transport PIN in its place.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pin {
    pub digits: Zeroizing<String>,
    pub tries: u8,
    /// A transport PIN: the PIN is not activated.
    pub transport: bool,
}

/// A use of a key, with a slot in use and a spare one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Role {
    /// Which slot the CIA files list: 0 or 1.
    pub current: Option<usize>,
    pub slots: [Slot; 2],
}

/// A key and the file of its certificate.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Slot {
    pub key: Option<PrivateKey>,
    /// Its bytes stand behind the rest of the state.
    #[serde(rename = "certificate_length", with = "length")]
    pub certificate: Vec<u8>,
}

/// Which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleName {
    /// INTERNAL AUTHENTICATE and signatures as long as the PIN is verified.
    Identification,
    /// Wants the PIN before each signature.
    Signing,
}

/// A slot of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotName {
    pub role: RoleName,
    /// 0: A, 1: B.
    pub slot: usize,
}

impl SlotName {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::new(RoleName::Identification, 0),
        Self::new(RoleName::Identification, 1),
        Self::new(RoleName::Signing, 0),
        Self::new(RoleName::Signing, 1),
    ];

    const fn new(role: RoleName, slot: usize) -> Self {
        Self { role, slot }
    }

    /// The slot with this key reference.
    pub fn by_key(reference: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|slot| slot.key_reference() == reference)
    }

    /// The slot with this certificate file.
    pub fn by_file(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.file() == id)
    }

    /// The reference of its key.
    pub const fn key_reference(self) -> u8 {
        match (self.role, self.slot) {
            (RoleName::Identification, 0) => 0x01,
            (RoleName::Identification, _) => 0x02,
            (RoleName::Signing, 0) => 0x11,
            (RoleName::Signing, _) => 0x12,
        }
    }

    /// The id of its certificate file.
    pub const fn file(self) -> u16 {
        match (self.role, self.slot) {
            (RoleName::Identification, 0) => 0xC101,
            (RoleName::Identification, _) => 0xC102,
            (RoleName::Signing, 0) => 0xC201,
            (RoleName::Signing, _) => 0xC202,
        }
    }
}

impl Slot {
    /// Bytes of the certificate: its file may be longer.
    pub fn certificate_length(&self) -> usize {
        tlv::split_first(&self.certificate)
            .map_or(0, |(_, _, rest)| self.certificate.len() - rest.len())
    }
}

impl State {
    /// The state of a new card.
    pub fn new(making: &Making, contactless: Contactless) -> Self {
        let (digits, transport) = match &making.pin {
            FirstPin::Pin(pin) => (pin, false),
            FirstPin::Transport(pin) => (pin, true),
        };
        Self {
            number: making.number.clone(),
            can: making.can.clone(),
            can_failures: 0,
            pin: Pin {
                digits: digits.clone(),
                tries: PIN_TRIES,
                transport,
            },
            puk: making.puk.clone(),
            puk_tries: PUK_TRIES,
            administrator_key: making.administrator_key.clone(),
            administrator_failures: 0,
            policy: making.policy,
            slow_down: u32::try_from(making.slow_down.as_millis()).unwrap_or(u32::MAX),
            identification: Role::default(),
            signing: Role::default(),
            chain: Vec::new(),
            contactless,
        }
    }

    /// Reads a sealed state that was opened.
    pub fn read(bytes: &[u8]) -> Result<Self, SoftCardError> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (text, mut rest) = end
            .and_then(|end| bytes.split_at_checked(end + 1))
            .ok_or(SoftCardError::Damaged)?;
        let mut state: Self = serde_json::from_slice(text).map_err(|_| SoftCardError::Damaged)?;
        for name in SlotName::ALL {
            fill(&mut state.slot_mut(name).certificate, &mut rest)?;
        }
        fill(&mut state.chain, &mut rest)?;
        let slots_are_there = [&state.identification, &state.signing]
            .into_iter()
            .all(|role| role.current.is_none_or(|slot| slot < role.slots.len()));
        let counts = state.pin.tries <= PIN_TRIES && state.puk_tries <= PUK_TRIES;
        if slots_are_there && counts && rest.is_empty() {
            Ok(state)
        } else {
            Err(SoftCardError::Damaged)
        }
    }

    /// The bytes to be sealed: a line of JSON, then the certificates as they are.
    pub fn write(&self) -> Result<Zeroizing<Vec<u8>>, SoftCardError> {
        let certificates = SlotName::ALL.map(|name| self.slot(name).certificate.as_slice());
        let files = [certificates.concat(), self.chain.clone()].concat();
        // Room for all of it at once, so that no copy is left behind when it grows.
        let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM + files.len()));
        serde_json::to_writer(&mut *bytes, self).map_err(|_| SoftCardError::Damaged)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&files);
        Ok(bytes)
    }

    pub const fn role(&self, name: RoleName) -> &Role {
        match name {
            RoleName::Identification => &self.identification,
            RoleName::Signing => &self.signing,
        }
    }

    pub const fn role_mut(&mut self, name: RoleName) -> &mut Role {
        match name {
            RoleName::Identification => &mut self.identification,
            RoleName::Signing => &mut self.signing,
        }
    }

    pub const fn slot(&self, name: SlotName) -> &Slot {
        let [a, b] = &self.role(name.role).slots;
        if name.slot == 0 { a } else { b }
    }

    pub const fn slot_mut(&mut self, name: SlotName) -> &mut Slot {
        let [a, b] = &mut self.role_mut(name.role).slots;
        if name.slot == 0 { a } else { b }
    }

    /// Whether it is the current slot of its role.
    pub fn is_current(&self, name: SlotName) -> bool {
        self.role(name.role).current == Some(name.slot)
    }

    /// Where in its file the certificate of each authority is.
    pub fn authorities(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let all = self.chain.get(start..)?;
            // Zeros end the file before its end.
            let (_, _, rest) = tlv::split_first(all)
                .ok()
                .filter(|_| all.first() != Some(&0))?;
            let place = start..self.chain.len() - rest.len();
            start = place.end;
            Some(place)
        })
        .take(MOST_AUTHORITIES)
    }

    /// The slots that the CIA files list.
    pub fn listed(&self) -> impl Iterator<Item = (SlotName, &Slot, &PrivateKey)> {
        SlotName::ALL.into_iter().filter_map(|name| {
            let slot = self.slot(name);
            let key = slot.key.as_ref()?;
            (self.is_current(name) && !slot.certificate.is_empty()).then_some((name, slot, key))
        })
    }
}

/// A file as long as it says gets its bytes.
fn fill(file: &mut [u8], rest: &mut &[u8]) -> Result<(), SoftCardError> {
    let (content, behind) = rest
        .split_at_checked(file.len())
        .ok_or(SoftCardError::Damaged)?;
    file.copy_from_slice(content);
    *rest = behind;
    Ok(())
}

/// A file of certificates stands in JSON as its length.
mod length {
    use serde::{Deserialize, Deserializer, Serializer, de::Error, ser};

    use super::LONGEST_CERTIFICATE;

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(u32::try_from(bytes.len()).map_err(ser::Error::custom)?)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let length = usize::try_from(u32::deserialize(deserializer)?).map_err(D::Error::custom)?;
        if length > LONGEST_CERTIFICATE {
            return Err(D::Error::custom("no certificate is so long"));
        }
        Ok(vec![0; length])
    }
}

mod hex_secret {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use zeroize::Zeroizing;

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex::encode(bytes)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Zeroizing<Vec<u8>>, D::Error> {
        let text = Zeroizing::<String>::deserialize(deserializer)?;
        let mut bytes = Zeroizing::new(vec![0; text.len() / 2]);
        hex::decode_to_slice(text.as_bytes(), &mut bytes).map_err(D::Error::custom)?;
        Ok(bytes)
    }
}

/// Tries of the PIN and of the transport PIN.
pub const PIN_TRIES: u8 = 3;
/// Tries of the PUK.
pub const PUK_TRIES: u8 = 10;
/// The authorities that are listed at most.
const MOST_AUTHORITIES: usize = 4;
/// Bytes of a file of certificates at most.
pub const LONGEST_CERTIFICATE: usize = 65_536;
/// Bytes of a state without its certificates, generously: four RSA-3072 keys and the rest.
const ROOM: usize = 48 * 1024;
