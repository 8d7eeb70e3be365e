//! Which store that is on this system. Stores of other systems go here.

use std::sync::Arc;

use keyring_core::{CredentialStore, Result};

/// The Secret Service of the desktop session (GNOME Keyring, KWallet): over its bus, which is
/// closed again when the store is dropped.
#[cfg(target_os = "linux")]
pub fn open() -> Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

/// None yet.
#[cfg(not(target_os = "linux"))]
pub fn open() -> Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NotSupportedByStore(
        "none is used on this system yet".to_owned(),
    ))
}
