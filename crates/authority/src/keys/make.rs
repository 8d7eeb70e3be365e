//! The keys and certificates of a new authority.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lichna_pki::{
    Certificate, Issuer, Locations, PRACTICE_AUTHORITY, Profile, PublicKey, SerialNumber, Signer,
    Subject, Validity,
};
use time::{Duration, OffsetDateTime};
use url::Url;
use zeroize::Zeroizing;

use super::{
    KeyError,
    file::{self, Curve, FileKey, Passphrase},
    pkcs11::{self, Modules},
    store,
};
use crate::{
    config::{Config, Data, KeySettings},
    vault::KEY,
};

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The root certificate, which clients are given.
    pub root: PathBuf,
    /// The public key that the journal is verified with.
    pub journal: PathBuf,
}

/// How long the certificates of authorities are good for; what they issue must end before.
const AUTHORITY: Duration = Duration::days(20 * 365);
const ISSUING: Duration = Duration::days(15 * 365);
/// And those of services.
const SERVICE: Duration = Duration::days(3 * 365);
/// Clocks of others may be behind.
const EARLIER: Duration = Duration::hours(1);

/// Makes all keys and certificates. Nothing that is there is written over. `http` is where the
/// authority's certificates will be found, if that is known; `names` are those of the server.
///
/// # Errors
/// There is something already, or a file cannot be written.
pub fn make(
    data: &Data,
    config: &Config,
    http: Option<&Url>,
    names: &[&str],
) -> Result<Made, KeyError> {
    let folder = data.keys(config);
    let exists = folder.join("root.pem");
    if exists.exists() {
        return Err(KeyError::Exists { file: exists });
    }
    fs::create_dir_all(&folder).map_err(file::error_of(&folder))?;
    let passphrase_file = store::passphrase_file(&folder, data, config);
    let passphrase = if passphrase_file.exists() {
        Passphrase::read(&passphrase_file)?
    } else {
        Passphrase::make(&passphrase_file)?
    };
    let maker = Maker {
        folder,
        passphrase,
        country: config.country.clone(),
        settings: config.keys.clone(),
        modules: Modules::default(),
        begin: OffsetDateTime::now_utc() - EARLIER,
    };
    maker.make(http, names)
}

struct Maker {
    folder: PathBuf,
    passphrase: Passphrase,
    country: String,
    settings: KeySettings,
    modules: Modules,
    begin: OffsetDateTime,
}

impl Maker {
    fn make(&self, http: Option<&Url>, names: &[&str]) -> Result<Made, KeyError> {
        let root_key = self.key("root", Curve::P384)?;
        let root = Issuer::root(
            &*root_key,
            &self.subject("Root"),
            serial()?,
            self.validity(AUTHORITY)?,
        )?;
        self.write("root", &root)?;
        let root = Issuer::new(root, root_key, http.map(above).unwrap_or_default())?;

        let issuing_key = self.key("issuing", Curve::P384)?;
        let subject = self.subject("Issuing");
        let profile = Profile::IssuingAuthority(&subject);
        let issuing = self.issue(&root, "issuing", &profile, &*issuing_key, ISSUING)?;
        let issuing = Issuer::new(
            issuing,
            issuing_key,
            http.map(store::locations).unwrap_or_default(),
        )?;

        let subject = self.subject("OCSP");
        let key = self.key("ocsp", Curve::P256)?;
        self.issue(
            &issuing,
            "ocsp",
            &Profile::OcspResponder(&subject),
            &*key,
            SERVICE,
        )?;

        let subject = self.subject("Timestamps");
        let key = self.key("tsa", Curve::P256)?;
        self.issue(&root, "tsa", &Profile::Timestamps(&subject), &*key, SERVICE)?;

        let subject = self.subject("Server");
        let key = self.key("server", Curve::P256)?;
        let profile = Profile::TlsServer {
            subject: &subject,
            names,
        };
        self.issue(&root, "server", &profile, &*key, SERVICE)?;

        let journal = self.key("journal", Curve::P256)?;
        let public = self.public("journal.pub.pem", journal.public_key())?;

        let mut secret = Zeroizing::new([0; 2 * KEY]);
        getrandom::fill(secret.as_mut()).map_err(|_| KeyError::Random)?;
        let document = file::secret(secret.as_ref())?;
        file::write(
            &self.folder.join("registers.key"),
            &self.passphrase,
            &document,
        )?;
        Ok(Made {
            root: self.folder.join("root.pem"),
            journal: public,
        })
    }

    fn subject(&self, what: &str) -> Subject {
        Subject::new(&format!("{PRACTICE_AUTHORITY}, {what}")).country(&self.country)
    }

    fn key(&self, name: &str, curve: Curve) -> Result<Arc<dyn Signer>, KeyError> {
        let place = self.settings.place(name);
        if let Some(uri) = place.filter(|place| pkcs11::is_uri(place)) {
            return Ok(Arc::new(self.modules.key_or_new(uri, curve)?));
        }
        let document = FileKey::generate(curve)?;
        let default = format!("{name}.key");
        let path = self.folder.join(place.unwrap_or(&default));
        file::write(&path, &self.passphrase, &document)?;
        match FileKey::open(&document) {
            Some(key) => Ok(Arc::new(key)),
            None => Err(KeyError::Content {
                file: path,
                what: "key",
            }),
        }
    }

    fn issue(
        &self,
        issuer: &Issuer,
        name: &str,
        profile: &Profile<'_>,
        key: &dyn Signer,
        time: Duration,
    ) -> Result<Certificate, KeyError> {
        let validity = self.validity(time)?;
        let certificate = issuer.issue(profile, key.public_key(), serial()?, validity)?;
        self.write(name, &certificate)?;
        Ok(certificate)
    }

    fn validity(&self, time: Duration) -> Result<Validity, KeyError> {
        Ok(Validity::new(self.begin, self.begin + time)?)
    }

    fn write(&self, name: &str, certificate: &Certificate) -> Result<(), KeyError> {
        let path = self.folder.join(format!("{name}.pem"));
        fs::write(&path, certificate.to_pem()).map_err(file::error_of(&path))
    }

    fn public(&self, name: &str, key: &PublicKey) -> Result<PathBuf, KeyError> {
        let path: &Path = &self.folder.join(name);
        let pem =
            pem_rfc7468::encode_string("PUBLIC KEY", pem_rfc7468::LineEnding::LF, key.spki_der());
        let pem = pem.map_err(|_| KeyError::Content {
            file: path.to_owned(),
            what: "public key",
        })?;
        fs::write(path, pem).map_err(file::error_of(path))?;
        Ok(path.to_owned())
    }
}

/// What certificates by the root say of it.
fn above(http: &Url) -> Locations {
    Locations {
        authority: http.join("ca/root.cer").ok().map(String::from),
        ..Locations::default()
    }
}

/// A new serial number.
fn serial() -> Result<SerialNumber, KeyError> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(SerialNumber::from_random(bytes))
}
