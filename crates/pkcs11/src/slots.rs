//! Slots and tokens, PKCS#11 §5.5.

use std::ffi::c_void;

use cryptoki_sys::*;
use lichna_ipc::{ConsentRoute, PinState, Request};

use crate::desk::{Given, Nobody};
use crate::error::Error;
use crate::ffi::{array, cut, entry, give, give_all, padded, takes, ulong};
use crate::general::{LIBRARY, MANUFACTURER};
use crate::mechanism;
use crate::module::{self, Module};
use crate::pin::typed;
use crate::world::{Token, World};

/// No more tries than this are few.
const FEW: u8 = 2;

/// Ends the names of what belongs to the signing key.
const FOR_SIGNING: &str = " (sign)";

/// C_GetSlotList, §5.5.1. Looks for what is new where the length is asked for, as the standard
/// has it, so that the list is no longer than was said.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetSlotList(
    present: CK_BBOOL,
    list: *mut CK_SLOT_ID,
    count: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        takes(count)?;
        let slots = module::with(|module| module.slots(present != CK_FALSE, list.is_null()))?;
        // SAFETY: the caller's promise is the same.
        unsafe { give_all(&slots, list, count) }
    })
}

/// C_GetSlotInfo, §5.5.2.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetSlotInfo(slot: CK_SLOT_ID, info: *mut CK_SLOT_INFO) -> CK_RV {
    entry(|| {
        takes(info)?;
        let found = module::with(|module| module.slot_info(slot))?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(info, found) }
    })
}

/// C_GetTokenInfo, §5.5.3.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetTokenInfo(slot: CK_SLOT_ID, info: *mut CK_TOKEN_INFO) -> CK_RV {
    entry(|| {
        takes(info)?;
        let found = module::with(|module| module.token_info(slot))?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(info, found) }
    })
}

/// C_WaitForSlotEvent, §5.5.4.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_WaitForSlotEvent(
    flags: CK_FLAGS,
    slot: *mut CK_SLOT_ID,
    reserved: *mut c_void,
) -> CK_RV {
    entry(|| {
        takes(slot)?;
        if !reserved.is_null() || flags & !CKF_DONT_BLOCK != 0 {
            return Err(Error::ArgumentsBad);
        }
        let found = module::with(|module| match flags & CKF_DONT_BLOCK {
            0 => module.link.wait_for_event(),
            _ => module.link.event(),
        })?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(slot, found) }
    })
}

/// C_GetMechanismList, §5.5.5.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetMechanismList(
    slot: CK_SLOT_ID,
    list: *mut CK_MECHANISM_TYPE,
    count: *mut CK_ULONG,
) -> CK_RV {
    entry(|| {
        takes(count)?;
        let mechanisms = module::with(|module| module.mechanisms(slot))?;
        let mechanisms: Vec<_> = mechanisms.into_iter().map(|(one, _)| one).collect();
        // SAFETY: the caller's promise is the same.
        unsafe { give_all(&mechanisms, list, count) }
    })
}

/// C_GetMechanismInfo, §5.5.6.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetMechanismInfo(
    slot: CK_SLOT_ID,
    mechanism: CK_MECHANISM_TYPE,
    info: *mut CK_MECHANISM_INFO,
) -> CK_RV {
    entry(|| {
        takes(info)?;
        let mechanisms = module::with(|module| module.mechanisms(slot))?;
        let found = mechanisms.into_iter().find(|(one, _)| *one == mechanism);
        let (_, found) = found.ok_or(Error::MechanismInvalid)?;
        // SAFETY: the caller's promise is the same.
        unsafe { give(info, found) }
    })
}

/// C_SetPIN, §5.5.9.
///
/// # Safety
/// As the standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_SetPIN(
    session: CK_SESSION_HANDLE,
    old: *mut CK_UTF8CHAR,
    old_length: CK_ULONG,
    new: *mut CK_UTF8CHAR,
    new_length: CK_ULONG,
) -> CK_RV {
    entry(|| {
        let neither = old.is_null() && new.is_null();
        // SAFETY: the caller's promise is the same.
        let pins = unsafe { (array(old, old_length)?, array(new, new_length)?) };
        module::with(|module| module.set_pin(session, (!neither).then_some(pins)))
    })
}

impl Module {
    fn slots(&self, present: bool, look: bool) -> Result<Vec<CK_SLOT_ID>, Error> {
        let world = match look {
            true => self.link.look_for_tokens()?,
            false => self.link.world(),
        };
        if present {
            for slot in world.slots() {
                self.link.ask_for_can(&world, slot);
            }
        }
        let wanted = |slot: &CK_SLOT_ID| !present || world.token(*slot).is_ok();
        Ok(world.slots().filter(wanted).collect())
    }

    fn slot_info(&self, slot: CK_SLOT_ID) -> Result<CK_SLOT_INFO, Error> {
        let world = self.link.look()?;
        let reader = world.reader(slot)?;
        self.link.ask_for_can(&world, slot);
        let name = reader.map_or("Lichna: no reader", |reader| &reader.name);
        let there = match world.token(slot) {
            Ok(_) => CKF_TOKEN_PRESENT,
            Err(_) => 0,
        };
        Ok(CK_SLOT_INFO {
            slotDescription: padded(&named::<64>(name, World::is_for_signing(slot))),
            manufacturerID: padded(MANUFACTURER),
            flags: there | CKF_REMOVABLE_DEVICE | CKF_HW_SLOT,
            hardwareVersion: CK_VERSION { major: 0, minor: 0 },
            firmwareVersion: CK_VERSION { major: 0, minor: 0 },
        })
    }

    fn token_info(&self, slot: CK_SLOT_ID) -> Result<CK_TOKEN_INFO, Error> {
        let world = self.link.look()?;
        self.link.ask_for_can(&world, slot);
        let token = world.token(slot)?;
        let (all, writable) = self.sessions.count(token.life);
        let info = &token.info;
        let label = format!("{} {}", info.card, info.certificate.label);
        Ok(CK_TOKEN_INFO {
            label: padded(&named::<32>(&label, World::is_for_signing(slot))),
            manufacturerID: padded(&info.issuer),
            model: padded(if info.practice {
                "Practice card"
            } else {
                &info.card
            }),
            serialNumber: padded(&serial(info)),
            flags: flags(token),
            ulMaxSessionCount: CK_EFFECTIVELY_INFINITE,
            ulSessionCount: ulong(all),
            ulMaxRwSessionCount: CK_EFFECTIVELY_INFINITE,
            ulRwSessionCount: ulong(writable),
            ulMaxPinLen: info.pin.longest.into(),
            ulMinPinLen: info.pin.shortest.into(),
            ulTotalPublicMemory: CK_UNAVAILABLE_INFORMATION,
            ulFreePublicMemory: CK_UNAVAILABLE_INFORMATION,
            ulTotalPrivateMemory: CK_UNAVAILABLE_INFORMATION,
            ulFreePrivateMemory: CK_UNAVAILABLE_INFORMATION,
            hardwareVersion: CK_VERSION { major: 0, minor: 0 },
            firmwareVersion: LIBRARY,
            // There is no clock on it.
            utcTime: padded(""),
        })
    }

    fn mechanisms(
        &self,
        slot: CK_SLOT_ID,
    ) -> Result<Vec<(CK_MECHANISM_TYPE, CK_MECHANISM_INFO)>, Error> {
        let world = self.link.look()?;
        Ok(mechanism::offered(&world.token(slot)?.info))
    }

    /// Changes the PIN: the one of the token, from the old to the new where the program was given
    /// them and may have them, else at the agent's own prompt.
    fn set_pin(
        &self,
        session: CK_SESSION_HANDLE,
        pins: Option<(&[u8], &[u8])>,
    ) -> Result<(), Error> {
        let (session, token) = self.session_now(session)?;
        if !session.writable {
            return Err(Error::SessionReadOnly);
        }
        let change = |consent| Request::PinChange {
            reader: Some(token.info.id.reader.clone()),
            pin: Some(token.info.pin.name.clone()),
            consent,
        };
        let changed = match pins {
            None => {
                let request = change(ConsentRoute::Prompter);
                self.ask(&token, request, &mut Nobody)
            }
            // The program is not to see the PIN.
            Some(_) if !token.info.login => Err(Error::FunctionNotSupported),
            Some((old, new)) => {
                let mut given = Given::new(
                    typed(old, &token.info.pin)?,
                    Some(typed(new, &token.info.pin)?),
                );
                let request = change(ConsentRoute::Caller);
                let changed = self.ask(&token, request, &mut given);
                given.outcome(changed)
            }
        };
        changed.map(drop)
    }
}

/// `name`, cut so that what tells the signing key's from the other has its place.
fn named<const N: usize>(name: &str, for_signing: bool) -> String {
    match for_signing {
        true => [cut(name, N.saturating_sub(FOR_SIGNING.len())), FOR_SIGNING].concat(),
        false => name.to_owned(),
    }
}

/// The card's number, or what stands for it where it tells none.
fn serial(token: &lichna_ipc::Token) -> String {
    match &token.number {
        Some(number) => number.clone(),
        None => hex::encode(&token.certificate.key_identifier),
    }
}

fn flags(token: &Token) -> CK_FLAGS {
    let pin = &token.info.pin;
    let set = [
        (true, CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED),
        (token.info.login, CKF_LOGIN_REQUIRED),
        (
            pin.state != PinState::NotActivated,
            CKF_USER_PIN_INITIALIZED,
        ),
        (
            matches!(pin.state, PinState::Blocked | PinState::UnblockingBlocked),
            CKF_USER_PIN_LOCKED,
        ),
        (
            pin.tries_left.is_some_and(|left| left <= FEW),
            CKF_USER_PIN_COUNT_LOW,
        ),
        (
            pin.tries_left == Some(1) || pin.state == PinState::Suspended,
            CKF_USER_PIN_FINAL_TRY,
        ),
    ];
    set.iter()
        .filter(|(is, _)| *is)
        .fold(0, |all, (_, flag)| all | flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_before_what_tells_it_apart() {
        assert_eq!(named::<10>("Card of Maria", true), "Car (sign)");
        assert_eq!(named::<12>("Мария", true), "Ма (sign)");
        assert_eq!(named::<10>("Мария", false), "Мария");
    }
}
