//! `authority.toml`. Every field has a value that works; a field that is not known is a fault,
//! which is named with its line.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use url::Url;

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The name of this instance among those over one store: lower-case letters, digits, hyphens.
    pub instance: String,
    /// The country of the scheme, two letters of ISO 3166.
    pub country: String,
    /// Where it listens.
    pub listen: Listen,
    /// Where others find it.
    pub urls: Urls,
    /// The database.
    pub store: StoreSettings,
    /// Its own keys.
    pub keys: KeySettings,
    /// What a caller may use up.
    pub limits: Limits,
    /// The journal.
    pub journal: JournalSettings,
    /// Issuing.
    pub issuing: crate::issuing::Settings,
    /// Status and timestamps.
    pub status: crate::status::Settings,
    /// What holders ask for.
    pub holder: crate::holder::Settings,
}

/// Where it listens. Port 0 is one that the system chooses.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// The API, over TLS.
    pub https: SocketAddr,
    /// CRLs, OCSP, timestamps, certificates of the authority: as their protocols want it, without
    /// TLS, for they are signed.
    pub http: SocketAddr,
    /// Metrics, health, readiness: for the operator.
    pub internal: SocketAddr,
}

/// Where others find it, if not where it listens.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Urls {
    /// The API.
    pub https: Option<Url>,
    /// What certificates name for CRLs, OCSP and the issuer's certificate.
    pub http: Option<Url>,
    /// Names (DNS or IP address) that the server's own certificate is made for.
    pub names: Vec<String>,
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// `postgres://…`, or `sqlite:PATH`; without it, `authority.db` in the data folder.
    pub url: Option<String>,
    /// Connections at most.
    pub connections: u32,
}

/// Where the authority's own keys are: a name of a file in the folder `keys`, or a PKCS#11 URI
/// (RFC 7512) with `module-path` and `pin-source`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySettings {
    /// The folder of keys and certificates; without it, `keys` in the data folder.
    pub folder: Option<PathBuf>,
    /// A file with the passphrase of key files. Without it: the systemd credential
    /// `lichna-authority-passphrase`, or else `passphrase` in the folder of keys.
    pub passphrase_file: Option<PathBuf>,
    /// The root's.
    pub root: Option<String>,
    /// The issuing authority's.
    pub issuing: Option<String>,
    /// The OCSP responder's.
    pub ocsp: Option<String>,
    /// The timestamping unit's.
    pub tsa: Option<String>,
    /// The journal's.
    pub journal: Option<String>,
}

/// What a caller may use up.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Connections at the same time, all listeners together.
    pub connections: usize,
    /// Requests a second from one address, in the long run.
    pub requests_per_second: u32,
    /// Requests from one address at once.
    pub burst: u32,
    /// Seconds for a TLS handshake.
    pub handshake_seconds: u64,
    /// Seconds until the head of a request has arrived; also how long a connection may be idle.
    pub header_seconds: u64,
    /// Seconds until a request is answered.
    pub request_seconds: u64,
    /// Seconds that a graceful stop waits for requests under way.
    pub stop_seconds: u64,
}

/// The journal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JournalSettings {
    /// Its folder; without it, `journal/INSTANCE` in the data folder.
    pub folder: Option<PathBuf>,
    /// A checkpoint after so many records …
    pub checkpoint_records: u64,
    /// … or so many seconds, if there was a record.
    pub checkpoint_seconds: u64,
}

impl KeySettings {
    /// Where the key of that name is, if it is said.
    pub fn place(&self, name: &str) -> Option<&str> {
        match name {
            "root" => self.root.as_deref(),
            "issuing" => self.issuing.as_deref(),
            "ocsp" => self.ocsp.as_deref(),
            "tsa" => self.tsa.as_deref(),
            "journal" => self.journal.as_deref(),
            _ => None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            instance: "one".to_owned(),
            country: "BG".to_owned(),
            listen: Listen::default(),
            urls: Urls::default(),
            store: StoreSettings::default(),
            keys: KeySettings::default(),
            limits: Limits::default(),
            journal: JournalSettings::default(),
            issuing: crate::issuing::Settings::default(),
            status: crate::status::Settings::default(),
            holder: crate::holder::Settings::default(),
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            https: local(8443),
            http: local(8080),
            internal: local(8081),
        }
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            url: None,
            connections: 16,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 << 10,
            connections: 4096,
            requests_per_second: 200,
            burst: 400,
            handshake_seconds: 10,
            header_seconds: 10,
            request_seconds: 30,
            stop_seconds: 20,
        }
    }
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            folder: None,
            checkpoint_records: 1000,
            checkpoint_seconds: 60,
        }
    }
}

/// Why there are no settings.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Read {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file has a fault. The text names line and column, and shows the line.
    #[error("{file}: {fault}")]
    Fault {
        /// Which file.
        file: PathBuf,
        /// What is wrong, and where.
        fault: String,
    },
    /// A value fits its type, but not its purpose.
    #[error("{field}: {fault}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        fault: &'static str,
    },
}

impl Config {
    /// Reads the file; where there is none, everything has its default.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, and the line and field at fault.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(ConfigError::Read {
                    file: file.to_owned(),
                    error,
                });
            }
        };
        let config: Self = toml::from_str(&text).map_err(|error| ConfigError::Fault {
            file: file.to_owned(),
            fault: error.to_string(),
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let value = |field, fault| Err(ConfigError::Value { field, fault });
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.instance.is_empty() || self.instance.len() > 32 || !self.instance.chars().all(fits)
        {
            let fault = "it is 1 to 32 lower-case letters, digits and hyphens";
            return value("instance", fault);
        }
        if self.country.len() != 2 || !self.country.chars().all(|c| c.is_ascii_uppercase()) {
            return value("country", "it is two capital letters");
        }
        if self.store.connections == 0 {
            return value("store.connections", "it is at least 1");
        }
        if self.limits.requests_per_second == 0 || self.limits.burst == 0 {
            return value("limits", "requests_per_second and burst are at least 1");
        }
        let status = self.status.check();
        status.map_err(|(field, fault)| ConfigError::Value { field, fault })
    }
}

/// The data folder, and what is where in it.
#[derive(Clone, Debug)]
pub struct Data {
    folder: PathBuf,
}

impl Data {
    /// This folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The settings.
    pub fn config(&self) -> PathBuf {
        self.folder.join("authority.toml")
    }

    /// Keys and certificates.
    pub fn keys(&self, config: &Config) -> PathBuf {
        let folder = config.keys.folder.as_deref();
        self.folder.join(folder.unwrap_or(Path::new("keys")))
    }

    /// The database's URL.
    pub fn store(&self, config: &Config) -> String {
        config.store.url.clone().unwrap_or_else(|| {
            let path = self.folder.join("authority.db");
            // `mode=rwc`: it is made when it is not there.
            format!("sqlite:{}?mode=rwc", path.display())
        })
    }

    /// The journal of this instance.
    pub fn journal(&self, config: &Config) -> PathBuf {
        match &config.journal.folder {
            Some(folder) => self.folder.join(folder),
            None => self.folder.join("journal").join(&config.instance),
        }
    }

    /// Where a running instance writes on which addresses it listens.
    pub fn addresses(&self, config: &Config) -> PathBuf {
        self.folder
            .join(format!("{}.addresses.json", config.instance))
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.toml");
        fs::write(&file, text).unwrap();
        Config::read(&file)
    }

    #[test]
    fn an_empty_file_and_none_are_settings_that_work() {
        assert_eq!(read("").unwrap().listen.https.port(), 8443);
        let none = Config::read(Path::new("/nonexistent/authority.toml")).unwrap();
        assert_eq!(none.limits.body, 65_536);
    }

    #[test]
    fn names_the_line_of_a_field_it_does_not_know() {
        let error = read("[limits]\nbody = 10\nbodies = 3\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("line 3") && text.contains("bodies"), "{text}");
    }

    #[test]
    fn refuses_a_value_that_does_not_fit() {
        for text in [
            "instance = \"\"",
            "instance = \"../two\"",
            "country = \"bg\"",
            "[limits]\nburst = 0",
            "[store]\nconnections = 0",
            "[listen]\nhttps = \"nowhere\"",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
