//! Keys in a key store of others, behind PKCS#11. A key is named by a URI, RFC 7512:
//! `pkcs11:token=Authority;object=issuing?module-path=/usr/lib/….so&pin-source=file:/…/pin`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as CryptokiError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use lichna_pki::{PublicKey, SignatureAlgorithm, Signer, SignerError};
use percent_encoding::percent_decode_str;
use pkcs8::der::Decode;
use pkcs8::der::asn1::OctetStringRef;
use sha2::{Digest, Sha256, Sha384};
use url::Url;
use zeroize::Zeroizing;

use super::{
    KeyError,
    file::{self, Curve},
};

/// The scheme of such a URI.
const SCHEME: &str = "pkcs11:";

/// Whether this names a key in such a store, and not a file.
pub(super) fn is_uri(place: &str) -> bool {
    place.starts_with(SCHEME)
}

/// Modules that were loaded: each is initialised once in a process.
#[derive(Default)]
pub(super) struct Modules(Mutex<HashMap<PathBuf, Pkcs11>>);

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    module: PathBuf,
    token: String,
    object: String,
    pin_file: Option<PathBuf>,
}

impl Place {
    fn parse(uri: &str) -> Option<Self> {
        let url = Url::parse(uri).ok()?;
        let decoded = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
        let (mut token, mut object) = (None, None);
        for part in url.path().split(';') {
            let (name, value) = part.split_once('=')?;
            match name {
                "token" => token = decoded(value),
                "object" => object = decoded(value),
                "type" if value == "private" => {}
                // What is not understood could name another key.
                _ => return None,
            }
        }
        let (mut module, mut pin_file) = (None, None);
        for part in url.query()?.split('&') {
            let (name, value) = part.split_once('=')?;
            let value = decoded(value)?;
            match name {
                "module-path" => module = Some(PathBuf::from(value)),
                "pin-source" => {
                    let path = value.strip_prefix("file:").unwrap_or(&value);
                    pin_file = Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)));
                }
                _ => return None,
            }
        }
        Some(Self {
            module: module?,
            token: token?,
            object: object?,
            pin_file,
        })
    }
}

impl Modules {
    /// The key that the URI names.
    pub fn key(&self, uri: &str) -> Result<Pkcs11Key, KeyError> {
        Pkcs11Key::open(self.connect(uri)?)
    }

    /// The same; where there is none, one is made.
    pub fn key_or_new(&self, uri: &str, curve: Curve) -> Result<Pkcs11Key, KeyError> {
        let connection = self.connect(uri)?;
        let session = connection.session()?;
        if connection
            .find(&session, ObjectClass::PRIVATE_KEY)?
            .is_none()
        {
            connection.generate(&session, curve)?;
        }
        drop(session);
        Pkcs11Key::open(connection)
    }

    fn connect(&self, uri: &str) -> Result<Connection, KeyError> {
        let place = Place::parse(uri).ok_or_else(|| KeyError::Uri {
            uri: uri.to_owned(),
        })?;
        let pin = match &place.pin_file {
            Some(path) => Some(file::first_line(path)?),
            None => None,
        };
        let module = self.load(&place.module)?;
        Ok(Connection { module, place, pin })
    }

    fn load(&self, path: &Path) -> Result<Pkcs11, KeyError> {
        let mut modules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules.get(path) {
            return Ok(module.clone());
        }
        let module = Pkcs11::new(path)?;
        let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        match module.initialize(arguments) {
            Ok(()) | Err(CryptokiError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(error.into()),
        }
        modules.insert(path.to_owned(), module.clone());
        Ok(module)
    }
}

/// The way to a token.
struct Connection {
    module: Pkcs11,
    place: Place,
    pin: Option<Zeroizing<Vec<u8>>>,
}

impl Connection {
    fn session(&self) -> Result<Session, KeyError> {
        for slot in self.module.get_slots_with_token()? {
            let token = self.module.get_token_info(slot)?;
            if token.label() != self.place.token {
                continue;
            }
            let session = self.module.open_rw_session(slot)?;
            if let Some(pin) = &self.pin {
                let pin = String::from_utf8(pin.to_vec()).unwrap_or_default();
                match session.login(UserType::User, Some(&pin.into())) {
                    // All sessions with a token are logged in together.
                    Ok(()) | Err(CryptokiError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            return Ok(session);
        }
        Err(KeyError::NoToken {
            token: self.place.token.clone(),
        })
    }

    fn find(
        &self,
        session: &Session,
        class: ObjectClass,
    ) -> Result<Option<ObjectHandle>, KeyError> {
        let label = self.place.object.as_bytes().to_vec();
        let template = [Attribute::Class(class), Attribute::Label(label)];
        let mut found = session.find_objects(&template)?.into_iter();
        match (found.next(), found.next()) {
            (one, None) => Ok(one),
            _ => Err(self.unusable("there are several of that name")),
        }
    }

    fn generate(&self, session: &Session, curve: Curve) -> Result<(), KeyError> {
        let parameters = match curve {
            Curve::P256 => P256_DER,
            Curve::P384 => P384_DER,
        };
        let label = Attribute::Label(self.place.object.as_bytes().to_vec());
        let mut id = vec![0; 16];
        getrandom::fill(&mut id).map_err(|_| KeyError::Random)?;
        let id = Attribute::Id(id);
        session.generate_key_pair(
            &Mechanism::EccKeyPairGen,
            &[
                Attribute::Token(true),
                Attribute::Verify(true),
                Attribute::EcParams(parameters.to_vec()),
                label.clone(),
                id.clone(),
            ],
            &[
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Sign(true),
                label,
                id,
            ],
        )?;
        Ok(())
    }

    fn public_key(&self, session: &Session) -> Result<(PublicKey, Curve), KeyError> {
        let public = self.find(session, ObjectClass::PUBLIC_KEY)?;
        let public = public.ok_or_else(|| self.unusable("its public half is not there"))?;
        let wanted = [AttributeType::EcParams, AttributeType::EcPoint];
        let (mut curve, mut point) = (None, None);
        for attribute in session.get_attributes(public, &wanted)? {
            match attribute {
                Attribute::EcParams(parameters) => {
                    curve = [(Curve::P256, P256_DER), (Curve::P384, P384_DER)]
                        .into_iter()
                        .find(|(_, der)| *der == parameters)
                        .map(|(curve, _)| curve);
                }
                Attribute::EcPoint(bytes) => point = Some(bytes),
                _ => {}
            }
        }
        let unusable = || self.unusable("it is none on P-256 or P-384");
        let (curve, point) = curve.zip(point).ok_or_else(unusable)?;
        // PKCS#11 §6.3.3: an OCTET STRING around the point.
        let inner: &OctetStringRef = Decode::from_der(&point).map_err(|_| unusable())?;
        let key = file::public_key(inner.as_bytes(), curve).ok_or_else(unusable)?;
        Ok((key, curve))
    }

    fn unusable(&self, reason: &'static str) -> KeyError {
        KeyError::Unusable {
            object: self.place.object.clone(),
            reason,
        }
    }
}

/// A key of such a store.
pub(super) struct Pkcs11Key {
    connection: Connection,
    open: Mutex<Option<(Session, ObjectHandle)>>,
    public_key: PublicKey,
    curve: Curve,
}

impl Pkcs11Key {
    fn open(connection: Connection) -> Result<Self, KeyError> {
        let session = connection.session()?;
        let key = Self::private(&connection, &session)?;
        let (public_key, curve) = connection.public_key(&session)?;
        Ok(Self {
            connection,
            open: Mutex::new(Some((session, key))),
            public_key,
            curve,
        })
    }

    fn private(connection: &Connection, session: &Session) -> Result<ObjectHandle, KeyError> {
        let key = connection.find(session, ObjectClass::PRIVATE_KEY)?;
        key.ok_or_else(|| connection.unusable("it is not there"))
    }

    /// Signs, with the session that is open, or a new one where that has gone with its token.
    fn raw(&self, digest: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((session, key)) = &*open {
            match session.sign(&Mechanism::Ecdsa, *key, digest) {
                Ok(signature) => return Ok(signature),
                Err(error) => tracing::warn!(%error, "the key store is tried once more"),
            }
        }
        *open = None;
        let session = self.connection.session()?;
        let key = Self::private(&self.connection, &session)?;
        let signature = session.sign(&Mechanism::Ecdsa, key, digest)?;
        *open = Some((session, key));
        Ok(signature)
    }
}

impl Signer for Pkcs11Key {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.curve.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let digest = match self.curve {
            Curve::P256 => Sha256::digest(message).to_vec(),
            Curve::P384 => Sha384::digest(message).to_vec(),
        };
        let raw = self
            .raw(&digest)
            .map_err(|error| SignerError::Unavailable {
                reason: error.to_string(),
            })?;
        // PKCS#11 §6.3.12: r and s, one after the other.
        let der = match self.curve {
            Curve::P256 => p256::ecdsa::Signature::from_slice(&raw)
                .map(|signature| signature.to_der().as_bytes().to_vec()),
            Curve::P384 => p384::ecdsa::Signature::from_slice(&raw)
                .map(|signature| signature.to_der().as_bytes().to_vec()),
        };
        der.map_err(|_| SignerError::NotItsSignature)
    }
}

/// secp256r1 and secp384r1 as named curves, RFC 5480 §2.1.1.1, DER.
const P256_DER: &[u8] = &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P384_DER: &[u8] = &[0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_uri_and_refuses_what_it_does_not_understand() {
        let place = Place::parse(
            "pkcs11:token=My%20token;object=issuing;type=private\
             ?module-path=/usr/lib/x.so&pin-source=file:/etc/pin",
        );
        let expected = Place {
            module: "/usr/lib/x.so".into(),
            token: "My token".into(),
            object: "issuing".into(),
            pin_file: Some("/etc/pin".into()),
        };
        assert_eq!(place, Some(expected));
        for uri in [
            "pkcs11:",
            "pkcs11:token=a;object=b",
            "pkcs11:token=a?module-path=/x",
            "pkcs11:token=a;object=b;id=%01?module-path=/x",
            "pkcs11:token=a;object=b?module-path=/x&pin-value=1234",
            "file:/x",
        ] {
            assert_eq!(Place::parse(uri), None, "{uri}");
        }
    }
}
