//! A system that locks no memory. One test, for it changes the limits of the whole process.
#![cfg(target_os = "linux")]

use lichna_secret::{Pin, SecretError};
use rustix::{
    process::{Resource, Rlimit, setrlimit},
    thread::{CapabilitySet, capabilities, set_capabilities},
};

/// Req C.2
#[test]
fn refuses_a_pin_that_could_be_swapped_out() {
    // Root may lock memory whatever the limit is, until it gives that right up.
    let mut rights = capabilities(None).unwrap();
    rights.effective.remove(CapabilitySet::IPC_LOCK);
    set_capabilities(None, rights).unwrap();
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Memlock, none).unwrap();

    let mut typed = b"123456".to_vec();
    assert!(matches!(
        Pin::take(&mut typed),
        Err(SecretError::NoLockedMemory)
    ));
    assert_eq!(typed, [0; 6]);
}
