//! What the keys of the cards were used for on this computer, for the holder to look at: each time
//! that a card was given the PIN to sign. Kept in a file that is sealed with a key in the key store
//! of the operating system; where there is none, nothing is kept. Req C.4

mod sealed;
mod using;

use std::{path::PathBuf, sync::Arc};

use lichna_ipc::{Failure, KeyUse, ServiceInfo, UseKind, Uses as Told};
use lichna_tls::TrustList;
use tokio::{runtime::Handle, sync::mpsc};

use crate::keystore::KeyStore;
use sealed::Sealed;
pub use using::Using;

/// Most uses that wait to be written down; a program that is faster loses the rest.
const MOST_WAITING: usize = 256;

/// The uses that are remembered. Copies are of the same.
#[derive(Clone)]
pub struct Uses {
    sealed: Arc<Sealed>,
    /// To the one task that writes.
    notes: mpsc::Sender<KeyUse>,
}

impl Uses {
    /// Those in this file.
    pub fn new(file: PathBuf, store: KeyStore, runtime: &Handle) -> Self {
        let sealed = Arc::new(Sealed::new(file, store));
        let (notes, noted) = mpsc::channel(MOST_WAITING);
        runtime.spawn(write(Arc::clone(&sealed), noted));
        Self { sealed, notes }
    }

    /// Has a use written down, soon. Whoever signs does not wait for it.
    fn note(&self, one: KeyUse) {
        if self.notes.try_send(one).is_err() {
            tracing::warn!("a use of a key is not remembered");
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`], [`Failure::KeyStoreUnavailable`] when there are some, and the
    /// key for them cannot be had.
    pub async fn list(&self) -> Result<Told, Failure> {
        Ok(Told {
            uses: self.sealed.read().await?,
            not_kept: self.sealed.is_kept().await.err().map(Box::new),
        })
    }

    /// Forgets them, and the key that they were sealed with.
    ///
    /// # Errors
    /// [`Failure::FileUnreadable`]: they are still there. Without the key store they are gone all the
    /// same, and their key stays in it, good for nothing.
    pub async fn forget(&self) -> Result<(), Failure> {
        self.sealed.forget().await
    }

    /// The servers that were logged in to, the most often first.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn services(&self, trusted: &TrustList) -> Result<Vec<ServiceInfo>, Failure> {
        let mut services: Vec<ServiceInfo> = Vec::new();
        let uses = self.sealed.read().await?;
        let logins = uses
            .into_iter()
            .filter(|one| one.what == UseKind::Login && one.failure.is_none());
        for login in logins {
            let Some(server) = login.server else { continue };
            match services.iter_mut().find(|one| one.server == server) {
                Some(known) => known.logins = known.logins.saturating_add(1),
                None => services.push(ServiceInfo {
                    trusted: trusted.knows(host(&server)),
                    server,
                    logins: 1,
                    last: login.time,
                }),
            }
        }
        // Of those as often, the last one first, as they are now.
        services.sort_by_key(|one| std::cmp::Reverse(one.logins));
        Ok(services)
    }
}

/// The name in `name` or `name:port`.
fn host(server: &str) -> &str {
    match server.rsplit_once(':') {
        // An address of IPv6 has colons of its own, and stands in brackets before a port.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => server,
    }
}

async fn write(sealed: Arc<Sealed>, mut noted: mpsc::Receiver<KeyUse>) {
    let mut new = Vec::new();
    while noted.recv_many(&mut new, MOST_WAITING).await > 0 {
        if let Err(failure) = sealed.add(&mut new).await {
            tracing::info!(%failure, "uses of keys are not remembered");
            new.clear();
        }
    }
}
