//! Whom a server's certificate must come from.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
};
use rustls_pki_types::{
    CertificateDer,
    pem::{self, PemObject},
};
use thiserror::Error;

/// Largest file of certificates that is read, in bytes. A whole system's roots have 200 KB.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Why a file of certificates cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is too large to be a file of certificates.
    #[error("{path} has more than {LARGEST_FILE} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is not PEM (RFC 7468).
    #[error("certificate {number} of {origin} is not PEM: {source}")]
    Pem {
        /// The file, or what the caller named the bytes.
        origin: String,
        /// Which certificate, from 1.
        number: usize,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// It has no certificate.
    #[error("{origin} has no certificate")]
    Empty {
        /// The file, or what the caller named the bytes.
        origin: String,
    },
    /// A certificate that nothing can be verified with.
    #[error("certificate {number} of {origin} is malformed: {source}")]
    Certificate {
        /// The file, or what the caller named the bytes.
        origin: String,
        /// Which certificate, from 1.
        number: usize,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The system has no certificate to start from, and none was given.
    #[error("the system has no certificate authorities to trust")]
    NoSystemRoots,
}

/// Whom a server's certificate must come from: certificates that were given, and the system's.
///
/// Made once a login: a change of the system's roots counts from the next one. The system's
/// roots are read only when those that were given do not do.
#[derive(Clone)]
pub struct ServerTrust {
    given: Arc<RootCertStore>,
    system: bool,
    // Shared by the first and the second connection of a login.
    loaded: Arc<OnceLock<Option<Arc<WebPkiServerVerifier>>>>,
}

impl ServerTrust {
    /// The authorities that the system trusts.
    #[must_use]
    pub fn system() -> Self {
        Self {
            system: true,
            ..Self::nobody()
        }
    }

    /// Nobody yet: only what is added with [`Self::with_file`] and [`Self::with_pem`].
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            given: Arc::new(RootCertStore::empty()),
            system: false,
            loaded: Arc::default(),
        }
    }

    /// The same, and the certificates of a PEM file.
    ///
    /// # Errors
    /// [`TrustError`] names the file and the certificate at fault.
    pub fn with_file(self, path: &Path) -> Result<Self, TrustError> {
        let unreadable = |source| TrustError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let read = File::open(path)
            .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        if u64::try_from(read).is_ok_and(|read| read > LARGEST_FILE) {
            return Err(TrustError::TooLarge {
                path: path.to_owned(),
            });
        }
        self.with_pem(&path.display().to_string(), &bytes)
    }

    /// The same, and the certificates of a PEM text; `origin` names it in errors.
    ///
    /// # Errors
    /// [`TrustError`] names the certificate at fault.
    pub fn with_pem(mut self, origin: &str, text: &[u8]) -> Result<Self, TrustError> {
        let roots = Arc::make_mut(&mut self.given);
        let before = roots.len();
        for (index, certificate) in CertificateDer::pem_slice_iter(text).enumerate() {
            let certificate = certificate.map_err(|source| TrustError::Pem {
                origin: origin.to_owned(),
                number: index + 1,
                source,
            })?;
            roots
                .add(certificate)
                .map_err(|source| TrustError::Certificate {
                    origin: origin.to_owned(),
                    number: index + 1,
                    source,
                })?;
        }
        if roots.len() == before {
            return Err(TrustError::Empty {
                origin: origin.to_owned(),
            });
        }
        Ok(self)
    }

    /// Whoever can vouch for a server, those that were given first; made one at a time, for the
    /// system's roots are many.
    pub(crate) fn verifiers(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> impl Iterator<Item = Arc<dyn ServerCertVerifier>> {
        let given = (!self.given.is_empty())
            .then(|| verifier(Arc::clone(&self.given), provider))
            .flatten();
        let system = core::iter::once_with(move || {
            self.system
                .then(|| {
                    self.loaded
                        .get_or_init(|| verifier(Arc::new(system_roots()), provider))
                        .clone()
                })
                .flatten()
        });
        given
            .into_iter()
            .chain(system.flatten())
            .map(|verifier| -> Arc<dyn ServerCertVerifier> { verifier })
    }
}

impl core::fmt::Debug for ServerTrust {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ServerTrust")
            .field("given", &self.given.len())
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

fn verifier(
    roots: Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    // The builder fails only without roots.
    WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider))
        .build()
        .ok()
}

fn system_roots() -> RootCertStore {
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "a part of the system's certificates cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (taken, ignored) = roots.add_parsable_certificates(loaded.certs);
    tracing::debug!(taken, ignored, "read the system's certificates");
    roots
}
