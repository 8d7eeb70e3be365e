//! The file with the uses of keys: a list, sealed as a whole with XChaCha20-Poly1305 and a new nonce
//! at each change, so that nothing of it can be read, left out or put in place of another without
//! the key. It is written whole or not at all.

use std::{fs, io::ErrorKind, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use lichna_ipc::{Failure, KeyUse};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{sync::Mutex, task::block_in_place};
use zeroize::Zeroizing;

use crate::{
    keystore::{Item, KeyStore},
    state_file,
};

/// Most uses that are kept; the oldest make room.
const MOST: usize = 1000;
/// For how long one is kept.
const KEPT: time::Duration = time::Duration::days(365);
/// Most bytes of the file.
const LONGEST_FILE: u64 = 4 << 20;
/// Bytes of the key, and of a nonce.
const KEY: usize = 32;
const NONCE: usize = 24;
/// What is sealed, and in which form.
const FORM: &[u8] = b"lichna uses of keys 1";

/// The file, and where its key is.
pub struct Sealed {
    file: PathBuf,
    store: KeyStore,
    /// The key, once it was wanted: a store that locks itself is not to ask the holder each time.
    /// Also one change at a time.
    key: Mutex<Option<Key>>,
}

type Key = Zeroizing<Vec<u8>>;

/// The file as it is on the disk. Both are base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    nonce: String,
    sealed: String,
}

impl Sealed {
    /// At that path.
    pub fn new(file: PathBuf, store: KeyStore) -> Self {
        Self {
            file,
            store,
            key: Mutex::default(),
        }
    }

    /// Whether uses are kept: there is a key store. Nobody is asked to unlock it.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`].
    pub async fn is_kept(&self) -> Result<(), Failure> {
        if self.key.lock().await.is_some() {
            return Ok(());
        }
        self.store.answers().await
    }

    /// The uses, the newest first. Where there are none, the key store is left alone.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`], [`Failure::KeyStoreUnavailable`].
    pub async fn read(&self) -> Result<Vec<KeyUse>, Failure> {
        let mut kept = self.key.lock().await;
        if !self.file.exists() {
            return Ok(Vec::new());
        }
        let key = self.key(&mut kept).await?;
        let key = key.ok_or_else(|| self.unreadable("its key is not in the key store"))?;
        let mut uses = block_in_place(|| self.open(key))?;
        uses.reverse();
        Ok(uses)
    }

    /// Adds these, and takes them from `new`.
    ///
    /// # Errors
    /// [`Failure::KeyStoreUnavailable`], [`Failure::FileUnreadable`]: it is as it was.
    pub async fn add(&self, new: &mut Vec<KeyUse>) -> Result<(), Failure> {
        let mut kept = self.key.lock().await;
        let key = match self.key(&mut kept).await? {
            Some(key) => key.clone(),
            None => kept.insert(self.new_key().await?).clone(),
        };
        block_in_place(|| {
            // One that cannot be read is of another key, or damaged: nobody reads it any more.
            let mut uses = self.open(&key).unwrap_or_else(|failure| {
                tracing::warn!(%failure, "uses of keys are begun anew");
                Vec::new()
            });
            uses.append(new);
            uses.retain(|one| is_recent(one, OffsetDateTime::now_utc()));
            uses.drain(..uses.len().saturating_sub(MOST));
            self.seal(&key, &uses)
        })
    }

    /// Takes the file and its key away.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`]: it is still there.
    pub async fn forget(&self) -> Result<(), Failure> {
        let mut kept = self.key.lock().await;
        *kept = None;
        let removed = block_in_place(|| match fs::remove_file(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            removed => removed.map(|()| true),
        });
        if removed.map_err(|error| self.unreadable(&error.to_string()))?
            && let Err(failure) = self.store.delete(Item::uses()).await
        {
            tracing::info!(%failure, "the key of what was forgotten stays");
        }
        Ok(())
    }

    async fn key<'k>(&self, kept: &'k mut Option<Key>) -> Result<Option<&'k Key>, Failure> {
        if kept.is_none() {
            let found = self.store.kept(Item::uses()).await?;
            *kept = found.filter(|key| key.len() == KEY);
        }
        Ok(kept.as_ref())
    }

    async fn new_key(&self) -> Result<Key, Failure> {
        let mut key = Zeroizing::new(vec![0; KEY]);
        getrandom::fill(&mut key).map_err(|error| self.unreadable(&error.to_string()))?;
        self.store.keep(Item::uses(), key.clone()).await?;
        Ok(key)
    }

    /// What is in the file, the oldest first; nothing where there is none.
    fn open(&self, key: &Key) -> Result<Vec<KeyUse>, Failure> {
        let file: Option<File> = state_file::read(&self.file, LONGEST_FILE)
            .map_err(|error| self.unreadable(&error.to_string()))?;
        let Some(file) = file else {
            return Ok(Vec::new());
        };
        let damaged = || self.unreadable("it is damaged, or sealed with another key");
        let nonce = STANDARD.decode(file.nonce).map_err(|_| damaged())?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| damaged())?;
        let sealed = STANDARD.decode(file.sealed).map_err(|_| damaged())?;
        let payload = Payload {
            msg: &sealed,
            aad: FORM,
        };
        let opened = self.cipher(key)?.decrypt(&nonce.into(), payload);
        serde_json::from_slice(&opened.map_err(|_| damaged())?).map_err(|_| damaged())
    }

    fn seal(&self, key: &Key, uses: &[KeyUse]) -> Result<(), Failure> {
        let unwritable = |reason: String| self.unreadable(&reason);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| unwritable(error.to_string()))?;
        let text = serde_json::to_vec(uses).map_err(|error| unwritable(error.to_string()))?;
        let payload = Payload {
            msg: &text,
            aad: FORM,
        };
        let sealed = self.cipher(key)?.encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|error| unwritable(error.to_string()))?;
        let file = File {
            nonce: STANDARD.encode(nonce),
            sealed: STANDARD.encode(sealed),
        };
        state_file::write(&self.file, &file).map_err(|error| unwritable(error.to_string()))
    }

    fn cipher(&self, key: &Key) -> Result<XChaCha20Poly1305, Failure> {
        let cipher = XChaCha20Poly1305::new_from_slice(key);
        cipher.map_err(|error| self.unreadable(&error.to_string()))
    }

    fn unreadable(&self, reason: &str) -> Failure {
        Failure::FileUnreadable {
            file: self.file.display().to_string(),
            reason: reason.to_owned(),
        }
    }
}

fn is_recent(one: &KeyUse, now: OffsetDateTime) -> bool {
    // One of tomorrow is kept: the clock was wrong once, then or now.
    OffsetDateTime::parse(&one.time, &Rfc3339).is_ok_and(|time| now - time < KEPT)
}
