//! What is left where a dropped PIN was.
#![cfg(target_os = "linux")]

use std::{fs::File, os::unix::fs::FileExt};

use lichna_secret::Pin;

/// The bytes at an address of this process; `None` when nothing is there any more.
fn memory_at(address: usize, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    let at = u64::try_from(address).ok()?;
    File::open("/proc/self/mem")
        .and_then(|memory| memory.read_exact_at(&mut bytes, at))
        .ok()?;
    Some(bytes)
}

/// Req C.2
#[test]
fn is_wiped_when_it_is_dropped() {
    let pin = Pin::take(&mut b"83920174".to_vec()).unwrap();
    let address = pin.expose(|digits| digits.as_ptr().addr());
    // The kernel reads through the page's protection, as a debugger would.
    assert_eq!(memory_at(address, 8).unwrap(), b"83920174");
    drop(pin);
    assert!(memory_at(address, 8).is_none_or(|left| left == [0; 8]));
}
