//! The configuration of the real connection, with the card as its key.

use core::fmt;
use std::sync::Arc;

use rustls::{
    ClientConfig, Error, InconsistentKeys, OtherError, SignatureAlgorithm, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    crypto::{CryptoProvider, ring},
    sign::{CertifiedKey, Signer, SigningKey},
    version::{TLS12, TLS13},
};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use thiserror::Error;
use webpki::RawPublicKeyEntity;

use crate::{
    CardKey, KeyError, Observation, ServerDemand, ServerTrust, matching::fits_tls13,
    verifier::ObservingVerifier,
};

/// Why a key cannot be used for a connection.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The certificate is for another key than the card's.
    #[error("the certificate does not belong to the card's key")]
    KeyMismatch(#[source] Error),
    /// The key has no certificate or signs with nothing.
    #[error("the card has no certificate to show, or nothing to sign with")]
    Empty,
    /// The configuration was refused.
    #[error("TLS cannot be set up")]
    Setup(#[source] Error),
}

/// Makes the configuration of a connection to the server that was probed, and no other.
///
/// TLS 1.3 is preferred; a key that cannot sign for it means TLS 1.2. Only the key's own schemes
/// are used. Nothing is resumed: each connection takes a signature of its own, and dies with the
/// card. A signature is checked before it leaves, so that a card whose key is not the
/// certificate's is found out here and not by the server.
///
/// # Errors
/// [`ConfigError`].
pub fn client_config(
    trust: &ServerTrust,
    key: Arc<dyn CardKey>,
    demand: &ServerDemand,
) -> Result<(ClientConfig, Observation), ConfigError> {
    if key.certificate_chain().is_empty() || key.schemes().is_empty() {
        return Err(ConfigError::Empty);
    }
    let provider = Arc::new(ring::default_provider());
    let observation = Observation::for_schemes(key.schemes());
    let versions: &[_] = if key.schemes().iter().any(|scheme| fits_tls13(*scheme)) {
        &[&TLS13, &TLS12]
    } else {
        &[&TLS12]
    };
    let verifier = ObservingVerifier::new(
        trust.clone(),
        Arc::clone(&provider),
        observation.clone(),
        Some(demand.name.clone()),
    );
    let certified = CertifiedKey::new(
        key.certificate_chain().to_vec(),
        Arc::new(RemoteKey {
            key,
            observation: observation.clone(),
            provider: Arc::clone(&provider),
        }),
    );
    // A certificate that rustls itself would not take (X.509 version 1, for one) may please the
    // server all the same; whose key it is, each signature shows.
    if let Err(error @ Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) =
        certified.keys_match()
    {
        return Err(ConfigError::KeyMismatch(error));
    }
    let resolver = Card {
        certified: Arc::new(certified),
        observation: observation.clone(),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(ConfigError::Setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(resolver));
    config.resumption = Resumption::disabled();
    Ok((config, observation))
}

/// Makes the configuration of a connection without a certificate to the server that was probed, and
/// no other: for what a server does for whoever has a code.
///
/// # Errors
/// [`ConfigError::Setup`].
pub fn plain_config(
    trust: &ServerTrust,
    demand: &ServerDemand,
) -> Result<(ClientConfig, Observation), ConfigError> {
    let provider = Arc::new(ring::default_provider());
    let observation = Observation::default();
    let verifier = ObservingVerifier::new(
        trust.clone(),
        Arc::clone(&provider),
        observation.clone(),
        Some(demand.name.clone()),
    );
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(ConfigError::Setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok((config, observation))
}

/// Shows the card's certificate to whoever asks for one.
struct Card {
    certified: Arc<CertifiedKey>,
    observation: Observation,
}

impl ResolvesClientCert for Card {
    fn resolve(
        &self,
        authorities: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.observation.saw_request(authorities, schemes);
        if self.certified.key.choose_scheme(schemes).is_none() {
            self.observation.seen().nothing_in_common = true;
            return None;
        }
        Some(Arc::clone(&self.certified))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").finish_non_exhaustive()
    }
}

/// A [`CardKey`] as rustls knows keys.
#[derive(Clone)]
struct RemoteKey {
    key: Arc<dyn CardKey>,
    observation: Observation,
    provider: Arc<CryptoProvider>,
}

impl SigningKey for RemoteKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = *self
            .key
            .schemes()
            .iter()
            .find(|scheme| offered.contains(scheme))?;
        Some(Box::new(RemoteSigner {
            key: self.clone(),
            scheme,
        }))
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.key.public_key())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.key.schemes().first() {
            Some(
                SignatureScheme::ECDSA_NISTP256_SHA256
                | SignatureScheme::ECDSA_NISTP384_SHA384
                | SignatureScheme::ECDSA_NISTP521_SHA512,
            ) => SignatureAlgorithm::ECDSA,
            _ => SignatureAlgorithm::RSA,
        }
    }
}

impl fmt::Debug for RemoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKey").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct RemoteSigner {
    key: RemoteKey,
    scheme: SignatureScheme,
}

impl Signer for RemoteSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let RemoteKey {
            key, observation, ..
        } = &self.key;
        observation.seen().scheme = Some(self.scheme);
        let outcome = key
            .sign(self.scheme, message)
            .and_then(|signature| self.check(message, signature));
        match outcome {
            Ok(signature) => {
                let mut seen = observation.seen();
                seen.signatures = seen.signatures.saturating_add(1);
                Ok(signature)
            }
            Err(error) => {
                observation.seen().key_error = Some(error.clone());
                Err(Error::Other(OtherError(Arc::new(error))))
            }
        }
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

impl RemoteSigner {
    /// Lets a signature pass that the certificate's key made.
    fn check(&self, message: &[u8], signature: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        let public = self.key.key.public_key();
        let entity = RawPublicKeyEntity::try_from(&public)
            .map_err(|_| KeyError::NotTheKeyOfTheCertificate)?;
        let valid = self
            .key
            .provider
            .signature_verification_algorithms
            .mapping
            .iter()
            .filter(|(scheme, _)| *scheme == self.scheme)
            .flat_map(|(_, algorithms)| algorithms.iter())
            .any(|algorithm| {
                entity
                    .verify_signature(*algorithm, message, &signature)
                    .is_ok()
            });
        if valid {
            Ok(signature)
        } else {
            Err(KeyError::NotTheKeyOfTheCertificate)
        }
    }
}
