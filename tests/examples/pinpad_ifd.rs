//! A PIN pad reader in software, as pcscd loads it: an IFD handler (MUSCLE PC/SC IFD driver
//! developer kit, API 3.0) whose cards connect over TCP as they do to vpcd.
//!
//! The device name of each reader in pcscd's configuration is `KEYS:PORT`: the file in which the
//! keys to be pressed wait (see `lichna_tests::pinpad`), and the port at which the card connects.
#![allow(non_snake_case, reason = "the names are the interface's")]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_long, c_ulong};
use std::sync::{Arc, Mutex, PoisonError};

use lichna_tests::pinpad::reader::{SoftReader, Supply};
use lichna_tests::pinpad::{Keypad, Properties};

type Dword = c_ulong;
type ResponseCode = c_long;

/// The readers that are plugged in, by logical unit number.
static READERS: Mutex<Option<HashMap<Dword, Arc<Mutex<SoftReader>>>>> = Mutex::new(None);

fn with_reader<R>(lun: Dword, work: impl FnOnce(&mut SoftReader) -> R) -> Option<R> {
    let reader = READERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .and_then(|readers| readers.get(&lun).cloned())?;
    let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
    Some(work(&mut reader))
}

/// Copies an answer to pcscd's buffer.
///
/// # Safety
/// `buffer` must be good for writing `room` bytes, and `length` for writing a number.
unsafe fn put(answer: &[u8], buffer: *mut u8, room: Dword, length: *mut Dword) -> ResponseCode {
    let fits = usize::try_from(room).is_ok_and(|room| answer.len() <= room);
    let (true, Ok(count)) = (fits, Dword::try_from(answer.len())) else {
        return COMMUNICATION_ERROR;
    };
    // SAFETY: the answer fits into the room that the caller vouches for, and does not overlap it.
    unsafe {
        buffer.copy_from_nonoverlapping(answer.as_ptr(), answer.len());
        length.write(count);
    }
    SUCCESS
}

/// Plugs a reader in.
///
/// # Safety
/// `name` must be a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHCreateChannelByName(lun: Dword, name: *const c_char) -> ResponseCode {
    // SAFETY: pcscd gives the DEVICENAME of its configuration, which is a C string.
    let name = unsafe { CStr::from_ptr(name) };
    let Some((keys, port)) = name.to_str().ok().and_then(|name| name.rsplit_once(':')) else {
        return COMMUNICATION_ERROR;
    };
    let Ok(port) = port.parse() else {
        return COMMUNICATION_ERROR;
    };
    let Ok(reader) = SoftReader::plug_in(port, Keypad::new(keys.into())) else {
        return COMMUNICATION_ERROR;
    };
    READERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .insert(lun, Arc::new(Mutex::new(reader)));
    SUCCESS
}

/// Plugs a reader in by a number alone, which says too little here.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHCreateChannel(_lun: Dword, _channel: Dword) -> ResponseCode {
    COMMUNICATION_ERROR
}

/// Unplugs the reader.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHCloseChannel(lun: Dword) -> ResponseCode {
    if let Some(readers) = READERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_mut()
    {
        readers.remove(&lun);
    }
    SUCCESS
}

/// What the handler and the reader are.
///
/// # Safety
/// `length` must hold the size of the buffer at `value`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHGetCapabilities(
    lun: Dword,
    tag: Dword,
    length: *mut Dword,
    value: *mut u8,
) -> ResponseCode {
    let answer = match tag {
        TAG_ATR => with_reader(lun, |reader| reader.atr().to_vec()).unwrap_or_default(),
        TAG_SLOTS_NUMBER => vec![1],
        TAG_SIMULTANEOUS_ACCESS => vec![16],
        TAG_THREAD_SAFE => vec![1],
        _ => return TAG_UNKNOWN,
    };
    // SAFETY: pcscd keeps the contract above, which is that of the interface.
    unsafe { put(&answer, value, length.read(), length) }
}

/// Nothing can be set.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetCapabilities(
    _lun: Dword,
    _tag: Dword,
    _length: Dword,
    _value: *const u8,
) -> ResponseCode {
    TAG_UNKNOWN
}

/// Every protocol suits a stream of bytes.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetProtocolParameters(
    _lun: Dword,
    _protocol: Dword,
    _flags: u8,
    _pts1: u8,
    _pts2: u8,
    _pts3: u8,
) -> ResponseCode {
    SUCCESS
}

/// Switches the card on or off.
///
/// # Safety
/// `atr` must have room for 33 bytes, and `length` for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHPowerICC(
    lun: Dword,
    action: Dword,
    atr: *mut u8,
    length: *mut Dword,
) -> ResponseCode {
    let supply = match action {
        POWER_UP => Supply::On,
        POWER_DOWN => Supply::Off,
        RESET => Supply::Reset,
        _ => return NOT_SUPPORTED,
    };
    let answer = with_reader(lun, |reader| {
        reader.supply(supply).ok().map(|()| reader.atr().to_vec())
    });
    match answer.flatten() {
        // SAFETY: the reader gives at most 33 bytes, for which pcscd has room (MAX_ATR_SIZE).
        Some(answer) => unsafe { put(&answer, atr, 33, length) },
        None => POWER_ACTION_ERROR,
    }
}

/// SCARD_IO_HEADER.
#[repr(C)]
pub struct IoHeader {
    protocol: Dword,
    length: Dword,
}

/// Sends a command to the card.
///
/// # Safety
/// `command` must be good for reading `command_length` bytes, `response` for writing as many as
/// `response_length` says, and `received` for writing a header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHTransmitToICC(
    lun: Dword,
    sent: IoHeader,
    command: *const u8,
    command_length: Dword,
    response: *mut u8,
    response_length: *mut Dword,
    received: *mut IoHeader,
) -> ResponseCode {
    // SAFETY: pcscd keeps the contract above, which is that of the interface.
    let (command, room) = unsafe { (bytes(command, command_length), response_length.read()) };
    match with_reader(lun, |reader| reader.transmit(command)) {
        // SAFETY: as above.
        Some(Ok(answer)) => unsafe {
            received.write(sent);
            put(&answer, response, room, response_length)
        },
        _ => {
            // SAFETY: as above.
            unsafe { response_length.write(0) };
            COMMUNICATION_ERROR
        }
    }
}

/// Whether a card is there.
#[unsafe(no_mangle)]
pub extern "C" fn IFDHICCPresence(lun: Dword) -> ResponseCode {
    match with_reader(lun, SoftReader::present) {
        Some(true) => PRESENT,
        _ => NOT_PRESENT,
    }
}

/// What the reader itself can do, PC/SC part 10 §2.2.
///
/// # Safety
/// `sent` must be good for reading `sent_length` bytes, `answer` for writing `room` bytes, and
/// `returned` for writing a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHControl(
    lun: Dword,
    code: Dword,
    sent: *const u8,
    sent_length: Dword,
    answer: *mut u8,
    room: Dword,
    returned: *mut Dword,
) -> ResponseCode {
    // SAFETY: pcscd keeps the contract above, which is that of the interface.
    let sent = unsafe {
        returned.write(0);
        bytes(sent, sent_length)
    };
    let result = with_reader(lun, |reader| {
        let has = reader.properties();
        match code {
            CODE_GET_FEATURES => Some(Ok(features(&has))),
            CODE_PROPERTIES => {
                let mut answer = Vec::new();
                if has.pinpad {
                    answer.extend([0x06, 1, has.digits_at_least, 0x07, 1, has.digits_at_most]);
                }
                answer.extend([0x0A, 4]);
                answer.extend(has.max_apdu_data.to_le_bytes());
                Some(Ok(answer))
            }
            CODE_VERIFY if has.pinpad => Some(reader.verify_pin(sent)),
            CODE_MODIFY if has.pinpad && has.modify => Some(reader.modify_pin(sent)),
            _ => None,
        }
    });
    match result {
        // SAFETY: as above.
        Some(Some(Ok(bytes))) => unsafe { put(&bytes, answer, room, returned) },
        Some(Some(Err(_))) => COMMUNICATION_ERROR,
        Some(None) | None => NOT_SUPPORTED,
    }
}

/// The list of features: tag, length 4, control code (big-endian).
fn features(has: &Properties) -> Vec<u8> {
    let verify = has.pinpad.then_some((0x06, CODE_VERIFY));
    let modify = (has.pinpad && has.modify).then_some((0x07, CODE_MODIFY));
    let mut list = Vec::new();
    for (tag, code) in verify
        .into_iter()
        .chain(modify)
        .chain([(0x12, CODE_PROPERTIES)])
    {
        list.extend([tag, 4]);
        list.extend(u32::try_from(code).unwrap_or(0).to_be_bytes());
    }
    list
}

/// Bytes that pcscd lends for one call.
///
/// # Safety
/// `start` must be good for reading `length` bytes while the result is used.
unsafe fn bytes<'a>(start: *const u8, length: Dword) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller vouches for it.
        Ok(length) if length > 0 && !start.is_null() => unsafe {
            std::slice::from_raw_parts(start, length)
        },
        _ => &[],
    }
}

const SUCCESS: ResponseCode = 0;
const TAG_UNKNOWN: ResponseCode = 600;
const POWER_ACTION_ERROR: ResponseCode = 608;
const COMMUNICATION_ERROR: ResponseCode = 612;
const NOT_SUPPORTED: ResponseCode = 614;
const PRESENT: ResponseCode = 615;
const NOT_PRESENT: ResponseCode = 616;

const POWER_UP: Dword = 500;
const POWER_DOWN: Dword = 501;
const RESET: Dword = 502;

const TAG_ATR: Dword = 0x0303;
const TAG_THREAD_SAFE: Dword = 0x0FAD;
const TAG_SLOTS_NUMBER: Dword = 0x0FAE;
const TAG_SIMULTANEOUS_ACCESS: Dword = 0x0FAF;

/// CM_IOCTL_GET_FEATURE_REQUEST, SCARD_CTL_CODE(3400).
const CODE_GET_FEATURES: Dword = 0x4200_0D48;
const CODE_VERIFY: Dword = 0x4233_0006;
const CODE_MODIFY: Dword = 0x4233_0007;
const CODE_PROPERTIES: Dword = 0x4233_0012;
