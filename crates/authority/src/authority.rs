//! What every handler gets.

use std::ops::Deref;
use std::sync::Arc;

use url::Url;

use crate::{
    config::Config, journal::Journal, keys::Keys, metrics::Metrics, store::Store, vault::Vault,
};

/// The running authority; a clone is the same one.
#[derive(Clone)]
pub struct Authority(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// Where it is found by others.
    pub urls: PublicUrls,
    /// The registers.
    pub store: Store,
    /// What is sealed in them.
    pub vault: Vault,
    /// Its own keys and certificates.
    pub keys: Keys,
    /// The journal.
    pub journal: Journal,
    /// Counters.
    pub metrics: Metrics,
    /// Lists and answers at hand.
    pub status: crate::status::Memory,
}

/// Where it is found by others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrls {
    /// The API.
    pub https: Url,
    /// CRLs, OCSP, timestamps, the authority's certificates: what certificates name.
    pub http: Url,
}

impl Authority {
    /// An authority of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Authority {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
