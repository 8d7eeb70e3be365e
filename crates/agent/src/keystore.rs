//! The key store of the operating system: keys of practice cards' files, the key of the record of
//! what cards were used for, and the CANs that a holder wants remembered. Nothing of that is ever in a file of ours.
//!
//! The store may ask a person to unlock it, and may hang: so it is spoken to on a thread of its
//! own, one request at a time, with a deadline. Where there is none, that is said at once.

mod remembered;
mod system;

use std::{sync::Arc, thread, time::Duration};

use keyring_core::{CredentialStore, Entry};
use lichna_ipc::Failure;
use tokio::sync::{Semaphore, oneshot};
use zeroize::Zeroizing;

pub use remembered::{Remembered, RememberedCans};

/// How long a person may take to unlock the store.
const UNLOCKING: Duration = Duration::from_secs(60);
/// How long the store may take to say that it is there; the session may have to start it.
const ANSWERING: Duration = Duration::from_secs(10);

/// The key store of the operating system.
#[derive(Clone)]
pub struct KeyStore {
    /// One request at a time: one that hangs must not pile others up.
    turn: Arc<Semaphore>,
}

impl Default for KeyStore {
    fn default() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

/// What is kept: its name in the store, and what a person who looks into the store reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    name: String,
    label: String,
}

impl Item {
    /// The key of the file of a practice card.
    pub fn practice_card(number: &str) -> Self {
        Self {
            name: format!("practice-card:{number}"),
            label: format!("Лична: ключ за тренировъчната карта {number}"),
        }
    }

    /// The key that the record of uses of keys is sealed with.
    pub fn uses() -> Self {
        Self {
            name: "uses".to_owned(),
            label: "Лична: ключ за историята на използванията".to_owned(),
        }
    }

    /// The CAN of a card.
    pub fn can(number: &str) -> Self {
        Self {
            name: format!("can:{number}"),
            label: format!("Лична: CAN на картата {number}"),
        }
    }
}

impl KeyStore {
    /// Whether there is a store that answers. Nobody is asked to unlock it.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`], with the reason.
    pub async fn answers(&self) -> Result<(), Failure> {
        self.ask(ANSWERING, |_| Ok(())).await
    }

    /// Keeps a secret, in the place of one that was kept under this name.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`].
    pub async fn keep(&self, item: Item, secret: Zeroizing<Vec<u8>>) -> Result<(), Failure> {
        self.ask(UNLOCKING, move |store| {
            entry(store, &item)?.set_secret(&secret)
        })
        .await
    }

    /// The secret that is kept under this name, if one is.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`].
    pub async fn kept(&self, item: Item) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        self.ask(UNLOCKING, move |store| {
            match entry(store, &item)?.get_secret() {
                Ok(secret) => Ok(Some(Zeroizing::new(secret))),
                Err(keyring_core::Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Deletes what is kept under this name. `false`: nothing was.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`].
    pub async fn delete(&self, item: Item) -> Result<bool, Failure> {
        self.ask(UNLOCKING, move |store| {
            match entry(store, &item)?.delete_credential() {
                Ok(()) => Ok(true),
                Err(keyring_core::Error::NoEntry) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        task: impl FnOnce(&Arc<CredentialStore>) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let deadline = tokio::time::Instant::now() + patience;
        let turn = Arc::clone(&self.turn).acquire_owned();
        let turn = match tokio::time::timeout_at(deadline, turn).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) | Err(_) => return Err(unavailable(BUSY)),
        };
        let (opened, is_open) = oneshot::channel();
        let (answer, answered) = oneshot::channel();
        thread::Builder::new()
            .name("key store".into())
            .spawn(move || {
                let store = system::open();
                // Nobody may wait for it any more.
                let _ = opened.send(());
                let done = store.and_then(|store| task(&store));
                drop(turn);
                let _ = answer.send(done);
            })
            .map_err(|error| unavailable(&error.to_string()))?;
        if tokio::time::timeout(ANSWERING, is_open).await.is_err() {
            return Err(unavailable(SILENT));
        }
        match tokio::time::timeout_at(deadline, answered).await {
            Ok(Ok(done)) => done.map_err(|error| unavailable(&said(&error))),
            Ok(Err(_)) => Err(unavailable("it ended")),
            Err(_) => Err(unavailable(LOCKED)),
        }
    }
}

fn entry(store: &Arc<CredentialStore>, item: &Item) -> keyring_core::Result<Entry> {
    let label = std::collections::HashMap::from([("label", item.label.as_str())]);
    store.build(SERVICE, &item.name, Some(&label))
}

/// What the store said, without what it held: its errors may carry a secret.
fn said(error: &keyring_core::Error) -> String {
    use keyring_core::Error as E;
    match error {
        E::PlatformFailure(reason) | E::NoStorageAccess(reason) => reason.to_string(),
        E::BadEncoding(_) | E::BadDataFormat(..) => "what it holds cannot be read".into(),
        E::Ambiguous(_) => "it holds several secrets of one name".into(),
        other => other.to_string(),
    }
}

fn unavailable(reason: &str) -> Failure {
    Failure::KeyStoreUnavailable {
        reason: reason.to_owned(),
    }
}

/// Under which all our secrets are kept.
const SERVICE: &str = "lichna";
const SILENT: &str = "it does not answer";
const BUSY: &str = "another request to it hangs";
const LOCKED: &str = "it is locked, and nobody unlocked it in time";
