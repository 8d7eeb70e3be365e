//! VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER: ISO/IEC 7816-4 §11.6 (2020).

use lichna_apdu::ReceivedCommand;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Inserted;
use super::reply::{Done, Reply, Word};
use crate::state::{PIN_TRIES, PUK_TRIES, Pin};

impl Inserted {
    pub(super) fn verify(&mut self, command: &ReceivedCommand<'_>) -> Done {
        match (command.p1, command.p2) {
            (0x00, PIN) => {}
            (0xFF, PIN) if command.data.is_empty() => {
                self.session.forget_pin();
                return Ok(Reply::success());
            }
            (_, PIN) => return Err(Word::WRONG_PARAMETERS),
            _ => return Err(Word::REFERENCED_DATA_NOT_FOUND),
        }
        if self.card.state.pin.transport {
            return Err(Word::REFERENCE_DATA_NOT_USABLE);
        }
        if command.data.is_empty() {
            return self.tries_left();
        }
        self.may_try_pin()?;
        if !are_digits(command.data, PIN_DIGITS) {
            return Err(Word::INCORRECT_DATA);
        }
        self.try_pin(command.data)?;
        self.write(|state| state.pin.tries = PIN_TRIES)?;
        self.session.remember_pin();
        Ok(Reply::success())
    }

    /// VERIFY without data: costs nothing.
    fn tries_left(&self) -> Done {
        match self.card.state.pin.tries {
            0 => Err(Word::BLOCKED),
            1 => Err(Word::tries(1)),
            _ if self.session.pin_verified => Ok(Reply::success()),
            tries => Err(Word::tries(tries)),
        }
    }

    pub(super) fn change_reference_data(&mut self, command: &ReceivedCommand<'_>) -> Done {
        match (command.p1, command.p2) {
            (0x00, PIN) => {}
            (_, PIN) => return Err(Word::WRONG_PARAMETERS),
            _ => return Err(Word::REFERENCED_DATA_NOT_FOUND),
        }
        self.may_try_pin()?;
        let old_digits = if self.card.state.pin.transport {
            TRANSPORT_DIGITS
        } else {
            PIN_DIGITS
        };
        let (old, new) = two(command.data, old_digits, PIN_DIGITS)?;
        self.try_pin(old)?;
        let pin = ready(new)?;
        self.write(|state| state.pin = pin)?;
        Ok(Reply::success())
    }

    pub(super) fn reset_retry_counter(&mut self, command: &ReceivedCommand<'_>) -> Done {
        if command.p2 != PIN {
            return Err(Word::REFERENCED_DATA_NOT_FOUND);
        }
        match command.p1 {
            0x00 => {
                self.may_try_puk()?;
                let (puk, new) = two(command.data, PUK_DIGITS, PIN_DIGITS)?;
                let pin = ready(new)?;
                self.try_puk(puk)?;
                self.unblock(Some(pin))
            }
            0x01 => {
                self.may_try_puk()?;
                if !are_digits(command.data, PUK_DIGITS) {
                    return Err(Word::INCORRECT_DATA);
                }
                self.try_puk(command.data)?;
                self.unblock(None)
            }
            0x02 if are_digits(command.data, PIN_DIGITS) => {
                if !self.has_puk_channel() {
                    return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
                }
                self.unblock(Some(ready(command.data)?))
            }
            0x02 if are_digits(command.data, TRANSPORT_DIGITS) => {
                if !self.session.administrator {
                    return Err(Word::SECURITY_STATUS_NOT_SATISFIED);
                }
                let transport = Pin {
                    transport: true,
                    ..ready(command.data)?
                };
                self.write(|state| state.pin = transport)?;
                self.session.forget_pin();
                Ok(Reply::success())
            }
            0x02 => Err(Word::INCORRECT_DATA),
            _ => Err(Word::WRONG_PARAMETERS),
        }
    }

    /// The PUK was right: all tries again, and a new PIN where there is one.
    fn unblock(&mut self, pin: Option<Pin>) -> Done {
        self.write(|state| {
            state.puk_tries = PUK_TRIES;
            state.pin.tries = PIN_TRIES;
            if let Some(pin) = pin {
                state.pin = pin;
            }
        })?;
        self.session.forget_pin();
        Ok(Reply::success())
    }

    /// Whether a try of the PIN may be spent: the last one only in a channel opened by the CAN.
    pub(super) fn may_try_pin(&self) -> Result<(), Word> {
        match self.card.state.pin.tries {
            0 => Err(Word::BLOCKED),
            1 if !self.has_can_channel() => Err(Word::CONDITIONS_NOT_SATISFIED),
            _ => Ok(()),
        }
    }

    /// Whether a try of the PUK may be spent.
    pub(super) fn may_try_puk(&self) -> Result<(), Word> {
        match self.card.state.puk_tries {
            0 => Err(Word::BLOCKED),
            _ => Ok(()),
        }
    }

    /// Spends a try of the PIN. It is written down before the comparison.
    pub(super) fn spend_pin_try(&mut self) -> Result<(), Word> {
        self.session.forget_pin();
        self.write(|state| state.pin.tries = state.pin.tries.saturating_sub(1))
    }

    /// Spends a try of the PUK. It is written down before the comparison.
    pub(super) fn spend_puk_try(&mut self) -> Result<(), Word> {
        self.write(|state| state.puk_tries = state.puk_tries.saturating_sub(1))
    }

    fn try_pin(&mut self, given: &[u8]) -> Result<(), Word> {
        self.spend_pin_try()?;
        let pin = &self.card.state.pin;
        if bool::from(pin.digits.as_bytes().ct_eq(given)) {
            Ok(())
        } else {
            Err(Word::tries(pin.tries))
        }
    }

    fn try_puk(&mut self, given: &[u8]) -> Result<(), Word> {
        self.spend_puk_try()?;
        let state = &self.card.state;
        if bool::from(state.puk.as_bytes().ct_eq(given)) {
            Ok(())
        } else {
            Err(Word::tries(state.puk_tries))
        }
    }
}

/// A PIN that is ready, with all its tries.
fn ready(digits: &[u8]) -> Result<Pin, Word> {
    let digits = core::str::from_utf8(digits).map_err(|_| Word::INCORRECT_DATA)?;
    Ok(Pin {
        digits: Zeroizing::new(digits.to_owned()),
        tries: PIN_TRIES,
        transport: false,
    })
}

/// Two numbers of so many digits that follow one another.
fn two(data: &[u8], first: usize, second: usize) -> Result<(&[u8], &[u8]), Word> {
    data.split_at_checked(first)
        .filter(|(one, two)| are_digits(one, first) && are_digits(two, second))
        .ok_or(Word::INCORRECT_DATA)
}

fn are_digits(data: &[u8], count: usize) -> bool {
    data.len() == count && data.iter().all(u8::is_ascii_digit)
}

/// The reference of the PIN, and of the transport PIN in its place.
const PIN: u8 = 0x03;
const PIN_DIGITS: usize = 6;
const TRANSPORT_DIGITS: usize = 5;
const PUK_DIGITS: usize = 8;
