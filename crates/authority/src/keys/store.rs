//! The folder of keys and certificates of an authority that was made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lichna_pki::{Certificate, Issuer, Locations, Signer};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use url::Url;

use super::{
    Identity, KeyError, Keys,
    file::{self, FileKey, Passphrase},
    pkcs11::{self, Modules},
};
use crate::{
    config::{Config, Data},
    vault::{KEY, Vault},
};

/// The folder, with what opens it.
pub struct KeyStore {
    folder: PathBuf,
    passphrase: Passphrase,
    settings: crate::config::KeySettings,
    modules: Modules,
}

/// What the TLS server needs.
pub struct Server {
    /// Its certificate, and those above it but the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

/// The name of a systemd credential with the passphrase.
const CREDENTIAL: &str = "lichna-authority-passphrase";

impl KeyStore {
    /// Opens the folder.
    ///
    /// # Errors
    /// The passphrase cannot be read, or can be read by everybody.
    pub fn open(data: &Data, config: &Config) -> Result<Self, KeyError> {
        let folder = data.keys(config);
        if !folder.join("root.pem").exists() {
            return Err(KeyError::NotMade { folder });
        }
        let passphrase = Passphrase::read(&passphrase_file(&folder, data, config))?;
        Ok(Self {
            folder,
            passphrase,
            settings: config.keys.clone(),
            modules: Modules::default(),
        })
    }

    /// The keys that a running authority signs with. `http` is where the status of what it issues
    /// is found.
    ///
    /// # Errors
    /// A key or certificate is missing, damaged, or belongs to another.
    pub fn keys(&self, http: &Url) -> Result<Keys, KeyError> {
        let issuing = self.identity("issuing")?;
        Ok(Keys {
            root: certificate(&self.folder, "root")?,
            issuer: Issuer::new(issuing.certificate, issuing.signer, locations(http))?,
            ocsp: self.identity("ocsp")?,
            tsa: self.identity("tsa")?,
            journal: self.signer("journal")?,
        })
    }

    /// The vault of the registers.
    ///
    /// # Errors
    /// Its secret is missing or damaged.
    pub fn vault(&self) -> Result<Vault, KeyError> {
        let path = self.folder.join("registers.key");
        let content = KeyError::Content {
            file: path.clone(),
            what: "secret of the registers",
        };
        let secret = file::secret_in(&file::read(&path, &self.passphrase)?);
        let Some(secret) = secret else {
            return Err(content);
        };
        let keys = secret.split_first_chunk::<KEY>();
        match keys.and_then(|(index, seal)| Some((index, seal.first_chunk::<KEY>()?))) {
            Some((index, seal)) => Ok(Vault::new(index, seal)),
            None => Err(content),
        }
    }

    /// The TLS server's key and certificate.
    ///
    /// # Errors
    /// They are missing or damaged.
    pub fn server(&self) -> Result<Server, KeyError> {
        let key = file::read(&self.folder.join("server.key"), &self.passphrase)?;
        let certificate = certificate(&self.folder, "server")?;
        Ok(Server {
            chain: vec![CertificateDer::from(certificate.der().to_vec())],
            key: PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into(),
        })
    }

    fn identity(&self, name: &'static str) -> Result<Identity, KeyError> {
        let identity = Identity {
            certificate: certificate(&self.folder, name)?,
            signer: self.signer(name)?,
        };
        if identity.certificate.public_key() != identity.signer.public_key() {
            return Err(KeyError::OtherKey { name });
        }
        Ok(identity)
    }

    fn signer(&self, name: &'static str) -> Result<Arc<dyn Signer>, KeyError> {
        let place = self.settings.place(name);
        if let Some(uri) = place.filter(|place| pkcs11::is_uri(place)) {
            return Ok(Arc::new(self.modules.key(uri)?));
        }
        let default = format!("{name}.key");
        let path = self.folder.join(place.unwrap_or(&default));
        let document = file::read(&path, &self.passphrase)?;
        match FileKey::open(&document) {
            Some(key) => Ok(Arc::new(key)),
            None => Err(KeyError::Content {
                file: path,
                what: "key on P-256 or P-384",
            }),
        }
    }
}

/// Where the passphrase is.
pub(super) fn passphrase_file(folder: &Path, data: &Data, config: &Config) -> PathBuf {
    if let Some(file) = &config.keys.passphrase_file {
        return data.folder().join(file);
    }
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
    let credential = credentials.map(|folder| Path::new(&folder).join(CREDENTIAL));
    match credential.filter(|file| file.exists()) {
        Some(file) => file,
        None => folder.join("passphrase"),
    }
}

/// Where the status of certificates is found, for the certificates themselves.
pub(super) fn locations(http: &Url) -> Locations {
    let at = |path| http.join(path).ok().map(String::from);
    Locations {
        authority: at("ca/issuing.cer"),
        ocsp: at("ocsp"),
        crl: at("crl/full.crl"),
        delta_crl: at("crl/delta.crl"),
    }
}

/// The certificate of that name in the folder.
pub(super) fn certificate(folder: &Path, name: &str) -> Result<Certificate, KeyError> {
    let path = folder.join(format!("{name}.pem"));
    let text = std::fs::read(&path).map_err(file::error_of(&path))?;
    let content = || KeyError::Content {
        file: path.clone(),
        what: "certificate in PEM",
    };
    let (label, der) = pem_rfc7468::decode_vec(&text).map_err(|_| content())?;
    if label != "CERTIFICATE" {
        return Err(content());
    }
    Ok(Certificate::parse(&der)?)
}
