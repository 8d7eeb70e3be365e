//! What a card signs once it has accepted the PIN: TLS handshakes, and what programs hashed.

use super::{Card, Verified};
use crate::{
    CardError, InputKind, Key, KeyAlgorithm, KeyRef, Salt, SignatureScheme, SigningInput,
    dialect::{self, Signing},
    padding, session, signing,
};

impl Card<'_, Verified> {
    /// Signs a message as TLS wants it: ECDSA in DER, RSA as a number. The message is hashed
    /// here; one command goes to the card, or as many as the padded hash needs.
    ///
    /// `algorithm` is what the key's certificate says it is.
    ///
    /// # Errors
    /// [`CardError::SchemeNotOffered`] when the profile does not offer it for this key,
    /// [`CardError::AnotherPin`], [`CardError::KeyMissing`] and others.
    pub fn sign(
        &mut self,
        reference: KeyRef,
        algorithm: KeyAlgorithm,
        scheme: SignatureScheme,
        message: &[u8],
        salt: &Salt,
    ) -> Result<Vec<u8>, CardError> {
        let key = self.opened(reference, algorithm)?;
        if !key.schemes_for(algorithm).any(|offered| offered == scheme) {
            return Err(CardError::SchemeNotOffered { scheme });
        }
        self.sign_hashed(reference, algorithm, scheme, message, salt)
    }

    /// Signs a message as certification requests and CMS have it: ECDSA in DER, with the hash that
    /// fits the curve; RSA with SHA-256, by PKCS #1 v1.5 where the key signs so, else by PSS. Says
    /// how. Any key for logins or documents signs so, also one that the card does not use yet.
    ///
    /// `algorithm` is what the key is.
    ///
    /// # Errors
    /// As [`sign_input`](Self::sign_input).
    pub fn sign_message(
        &mut self,
        reference: KeyRef,
        algorithm: KeyAlgorithm,
        message: &[u8],
        salt: &Salt,
    ) -> Result<(SignatureScheme, Vec<u8>), CardError> {
        let inputs = self.profile.inputs(reference, algorithm);
        let scheme = match algorithm {
            KeyAlgorithm::EcP256 => SignatureScheme::EcdsaSecp256r1Sha256,
            KeyAlgorithm::EcP384 => SignatureScheme::EcdsaSecp384r1Sha384,
            _ if inputs.contains(&InputKind::RsaPkcs1) => SignatureScheme::RsaPkcs1Sha256,
            _ => SignatureScheme::RsaPssRsaeSha256,
        };
        let signature = self.sign_hashed(reference, algorithm, scheme, message, salt)?;
        Ok((scheme, signature))
    }

    fn sign_hashed(
        &mut self,
        reference: KeyRef,
        algorithm: KeyAlgorithm,
        scheme: SignatureScheme,
        message: &[u8],
        salt: &Salt,
    ) -> Result<Vec<u8>, CardError> {
        let hash = scheme.hash();
        let digest = hash.digest(&[message]);
        let info = padding::digest_info(hash, &digest);
        let input = match scheme.input() {
            InputKind::Ecdsa => SigningInput::Ecdsa { digest: &digest },
            InputKind::RsaPkcs1 => SigningInput::RsaPkcs1 { encoded: &info },
            InputKind::RsaPss { .. } => SigningInput::RsaPss {
                hash,
                digest: &digest,
            },
        };
        let plain = self.sign_input(reference, algorithm, &input, salt)?;
        signing::as_in_tls(algorithm, plain)
    }

    /// Signs what the caller has hashed, and for PKCS #1 v1.5 encoded, itself: R ‖ S, each as long
    /// as the field of the curve, or the number of RSA, as long as the modulus. One command goes to
    /// the card, or as many as the input needs. The keys for logins and for documents sign so, no
    /// other.
    ///
    /// `algorithm` is what the key's certificate says it is.
    ///
    /// # Errors
    /// [`CardError::InputNotOffered`] for what is not among its [`inputs`](crate::Profile::inputs),
    /// [`CardError::InputLength`], [`CardError::AnotherPin`], [`CardError::KeyMissing`] and others.
    pub fn sign_input(
        &mut self,
        reference: KeyRef,
        algorithm: KeyAlgorithm,
        input: &SigningInput<'_>,
        salt: &Salt,
    ) -> Result<Vec<u8>, CardError> {
        self.opened(reference, algorithm)?;
        let kind = input.kind();
        if !self.profile.inputs(reference, algorithm).contains(&kind) {
            return Err(CardError::InputNotOffered { input: kind });
        }
        input.check_length(algorithm)?;
        let mut session = self.session();
        let request = Signing {
            key: session::key(session.profile, reference)?,
            algorithm,
            input,
            salt,
        };
        dialect::of(session.profile.dialect()).sign(&mut session, &request)
    }

    /// The key, when the PIN that was verified opens it and it can be of that kind.
    fn opened(&self, reference: KeyRef, algorithm: KeyAlgorithm) -> Result<&Key, CardError> {
        let key = session::key(&self.profile, reference)?;
        if key.pin() != Some(self.state.pin) {
            return Err(CardError::AnotherPin { key: reference });
        }
        if !key.algorithms().contains(&algorithm) {
            return Err(CardError::AlgorithmNotOffered { algorithm });
        }
        Ok(key)
    }
}
