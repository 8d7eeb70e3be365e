//! What a new card is made with.

use std::time::Duration;

use lichna_pace::{Cipher, Curve};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::SoftCardError;
use crate::lock::random;

/// What a new card is made with. [`Making::made_up`] has a value for everything.
pub struct Making {
    /// The card number: 1 to 16 capital letters and digits.
    pub number: String,
    /// What the holder calls the card; it stands in the plain header of the file.
    pub label: String,
    /// The card access number: 6 digits.
    pub can: Zeroizing<String>,
    /// The PIN or the transport PIN.
    pub pin: FirstPin,
    /// The PUK: 8 digits.
    pub puk: Zeroizing<String>,
    /// The administrator's key for this card (AES-256).
    pub administrator_key: Zeroizing<[u8; 32]>,
    /// The curve of PACE and of Chip Authentication.
    pub curve: Curve,
    /// The cipher of the secure channel.
    pub cipher: Cipher,
    /// Whether PACE over the radio begins with the CAN.
    pub policy: Policy,
    /// How much slower each wrong CAN makes the card.
    pub slow_down: Duration,
}

/// The PIN that a card leaves its maker with.
pub enum FirstPin {
    /// A PIN that is ready: 6 digits.
    Pin(Zeroizing<String>),
    /// A transport PIN, which is exchanged for the first PIN: 5 digits.
    Transport(Zeroizing<String>),
}

/// What the first PACE over the radio may be opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The CAN. Who does not have it spends no try.
    CanFirst,
    /// The CAN, the PUK, or the PIN until it is suspended.
    PinFirst,
}

impl Making {
    /// A card with values made up for it: a PIN that is ready, P-256, AES-256, CAN first.
    ///
    /// # Errors
    /// [`SoftCardError::NoResources`] without random numbers.
    pub fn made_up() -> Result<Self, SoftCardError> {
        let number = digits(8)?;
        Ok(Self {
            number: format!("P{}", *number),
            label: String::new(),
            can: digits(6)?,
            pin: FirstPin::Pin(digits(6)?),
            puk: digits(8)?,
            administrator_key: Zeroizing::new(random()?),
            curve: Curve::P256,
            cipher: Cipher::Aes256,
            policy: Policy::CanFirst,
            slow_down: Duration::from_secs(1),
        })
    }

    /// Whether a card can be made so.
    pub(crate) fn check(&self) -> Result<(), SoftCardError> {
        let refuse = |field, what| Err(SoftCardError::NotMakeable { field, what });
        let is_number = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        if !(1..=16).contains(&self.number.len()) || !self.number.bytes().all(is_number) {
            return refuse("card number", "1 to 16 capital letters and digits");
        }
        if self.label.chars().count() > LONGEST_LABEL || self.label.chars().any(char::is_control) {
            return refuse("label", "at most 64 characters, in one line");
        }
        if !are_digits(&self.can, 6) {
            return refuse("CAN", "6 digits");
        }
        match &self.pin {
            FirstPin::Pin(pin) if !are_digits(pin, 6) => return refuse("PIN", "6 digits"),
            FirstPin::Transport(pin) if !are_digits(pin, 5) => {
                return refuse("transport PIN", "5 digits");
            }
            _ => {}
        }
        if !are_digits(&self.puk, 8) {
            return refuse("PUK", "8 digits");
        }
        if self.slow_down > MOST_SLOW_DOWN {
            return refuse("slow-down", "at most 10 s for each wrong CAN");
        }
        Ok(())
    }
}

fn are_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Random digits, each as likely as any other.
fn digits(count: usize) -> Result<Zeroizing<String>, SoftCardError> {
    let mut digits = Zeroizing::new(String::with_capacity(count));
    while digits.len() < count {
        let mut bytes = random::<16>()?;
        for byte in bytes {
            // 250 is a multiple of 10; what is above would favour the low digits.
            if byte < 250 && digits.len() < count {
                digits.push(char::from(b'0' + byte % 10));
            }
        }
        bytes.zeroize();
    }
    Ok(digits)
}

const LONGEST_LABEL: usize = 64;
const MOST_SLOW_DOWN: Duration = Duration::from_secs(10);
