//! The configuration file, `config.toml` in Lichna's home.
//!
//! ```toml
//! [servers]
//! # Servers that the holder, or his organisation, trusts: consent says so.
//! trusted = ["eid.egov.bg", "*.egov.bg"]
//! # PEM files with CA certificates to trust beside the system's. Relative to this file.
//! authorities = ["office-ca.pem"]
//!
//! [pkcs11]
//! # Programs take the PIN themselves and log in with it (classic PKCS#11), instead of having it
//! # asked by the agent.
//! login = false
//! # PEM files with the certificates of authorities that are shown to programs above those of the
//! # card. Relative to this file.
//! chain = ["issuing.pem"]
//!
//! [authority]
//! # The authority that issues and manages certificates.
//! url = "https://authority.example:8443"
//! # PEM file with the certificate that its server's chains to; without it, one that the system
//! # trusts. Relative to this file.
//! root = "authority-root.pem"
//!
//! [prompt]
//! # The agent's questions come in a window of their own, where there is a display; without it, and
//! # with false, they wait for `lichna approve`.
//! window = true
//!
//! [look]
//! # The language of the windows, bg or en; without it, the session's.
//! language = "bg"
//! # The order of the digits on the keypad of the PIN window: ordered or shuffled.
//! keypad = "ordered"
//! # How large everything is: normal, large, larger or largest.
//! text = "normal"
//! # system, light or dark.
//! theme = "system"
//! # system or high.
//! contrast = "system"
//! # Whether it is heard that something succeeded or failed.
//! sound = false
//! ```
//!
//! It is read at each use, so a change needs no restart. A fault in it is named by its line. What is
//! set in a window is written here ([`change`]); everything else in the file stays as it is.

pub mod change;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use lichna_ipc::{AuthorityChoice, Failure, Look, NamedPem, Settings};
use lichna_tls::TrustList;
use serde::Deserialize;

/// Longest configuration file, and longest CA file, in bytes.
const LONGEST: u64 = 1 << 20;

/// What the holder, or his organisation, has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// About servers.
    #[serde(default)]
    pub servers: Servers,
    /// About other programs that use the cards.
    #[serde(default)]
    pub pkcs11: Pkcs11,
    /// The authority that issues certificates.
    #[serde(default)]
    pub authority: Option<Authority>,
    /// How the holder is asked.
    #[serde(default)]
    pub prompt: Prompt,
    /// How windows look.
    #[serde(default)]
    pub look: Look,
}

/// How the holder is asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prompt {
    /// In the PIN window, where there is a display.
    pub window: bool,
}

impl Default for Prompt {
    fn default() -> Self {
        Self { window: true }
    }
}

/// The authority that issues certificates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// `https://…`
    pub url: String,
    /// PEM file with the certificate that its server's chains to, relative to the configuration
    /// file.
    #[serde(default)]
    pub root: Option<PathBuf>,
}

/// About other programs that use the cards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11 {
    /// Classic behaviour: the PIN comes from the program.
    #[serde(default)]
    pub login: bool,
    /// PEM files with certificates of authorities, relative to the configuration file.
    #[serde(default)]
    pub chain: Vec<PathBuf>,
}

/// About servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Servers {
    /// The trust list: exact host names, or `*.suffix`.
    #[serde(default)]
    pub trusted: Vec<String>,
    /// PEM files with CA certificates, relative to the configuration file.
    #[serde(default)]
    pub authorities: Vec<PathBuf>,
}

impl Config {
    /// Reads `file`; when there is none, everything has its default.
    ///
    /// # Errors
    /// [`Failure::ConfigurationInvalid`], naming the line.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        Self::parse(&text_of(file)?).map_err(|reason| invalid(file, reason))
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })
    }

    /// What of it a window shows, and may change.
    pub fn settings(&self) -> Settings {
        Settings {
            look: self.look,
            trusted: self.servers.trusted.clone(),
        }
    }

    /// The CA files that the configuration names.
    ///
    /// # Errors
    /// [`Failure::AuthorityInvalid`] naming the one that cannot be read.
    pub fn authorities(&self, file: &Path) -> Result<Vec<NamedPem>, Failure> {
        let paths = self.servers.authorities.iter();
        paths.map(|path| pem(file, path)).collect()
    }

    /// The servers that the holder, or his organisation, trusts.
    ///
    /// # Errors
    /// [`Failure::ConfigurationInvalid`].
    pub fn trust_list(&self, file: &Path) -> Result<TrustList, Failure> {
        let list = TrustList::parse(self.servers.trusted.iter().map(String::as_str));
        list.map_err(|error| invalid(file, error.to_string()))
    }

    /// The authority that issues certificates.
    ///
    /// # Errors
    /// [`Failure::AuthorityNotConfigured`]; [`Failure::AuthorityInvalid`] when its root cannot be
    /// read.
    pub fn authority(&self, file: &Path) -> Result<AuthorityChoice, Failure> {
        let authority = self.authority.as_ref();
        let authority = authority.ok_or(Failure::AuthorityNotConfigured)?;
        let root = authority.root.as_ref().map(|path| pem(file, path));
        Ok(AuthorityChoice {
            url: authority.url.clone(),
            root: root.transpose()?,
        })
    }

    /// The files with certificates that are shown above those of the card; each may be unreadable.
    pub fn chain(&self, file: &Path) -> impl Iterator<Item = Result<NamedPem, Failure>> {
        self.pkcs11.chain.iter().map(|path| pem(file, path))
    }
}

/// What stands in the configuration file; nothing where there is none.
fn text_of(file: &Path) -> Result<String, Failure> {
    match read_bounded(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| invalid(file, error.to_string())),
    }
}

/// A PEM file that the configuration in `file` names.
fn pem(file: &Path, path: &Path) -> Result<NamedPem, Failure> {
    let path = file.parent().unwrap_or(Path::new("")).join(path);
    let name = path.display().to_string();
    match read_bounded(&path) {
        Ok(pem) => Ok(NamedPem { file: name, pem }),
        Err(error) => Err(Failure::AuthorityInvalid {
            file: name,
            reason: error.to_string(),
        }),
    }
}

fn invalid(file: &Path, reason: String) -> Failure {
    Failure::ConfigurationInvalid {
        file: file.display().to_string(),
        reason,
    }
}

/// Reads a text file of at most 1 MiB.
///
/// # Errors
/// What the system said, or that the file is too long or no UTF-8.
pub fn read_bounded(file: &Path) -> io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    let read = fs::File::open(file)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    if u64::try_from(read).is_ok_and(|read| read <= LONGEST) {
        Ok(text)
    } else {
        Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("longer than {LONGEST} bytes"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use lichna_ipc::{Contrast, KeypadOrder, WindowLanguage};

    use super::*;

    #[test]
    fn reads_what_the_documentation_shows() {
        let config = Config::parse(
            "[servers]\ntrusted = [\"eid.egov.bg\"]\nauthorities = [\"office-ca.pem\"]\n",
        )
        .unwrap();
        assert_eq!(config.servers.trusted, ["eid.egov.bg"]);
        assert_eq!(config.servers.authorities, [Path::new("office-ca.pem")]);
        let config = Config::parse("[pkcs11]\nlogin = true\nchain = [\"issuing.pem\"]\n").unwrap();
        assert!(config.pkcs11.login);
        assert_eq!(config.pkcs11.chain, [Path::new("issuing.pem")]);
        let text = "[look]\nlanguage = \"en\"\nkeypad = \"shuffled\"\ncontrast = \"high\"\n";
        let look = Config::parse(text).unwrap().look;
        assert_eq!(look.language, Some(WindowLanguage::En));
        assert_eq!(
            (look.keypad, look.contrast),
            (KeypadOrder::Shuffled, Contrast::High)
        );
        assert!(Config::default().prompt.window);
        let text = "[authority]\nurl = \"https://a.example:8443\"\n";
        let config = Config::parse(text).unwrap();
        let choice = config.authority(Path::new("config.toml")).unwrap();
        assert_eq!(choice.url, "https://a.example:8443");
        assert_eq!(choice.root, None);
        assert_eq!(
            Config::default().authority(Path::new("config.toml")),
            Err(Failure::AuthorityNotConfigured)
        );
    }

    #[test]
    fn names_the_line_of_an_unknown_key() {
        let reason = Config::parse("[servers]\ntrusted = []\ntrustd = []\n").unwrap_err();
        assert!(
            reason.starts_with("line 3: unknown field `trustd`"),
            "{reason}"
        );
    }

    #[test]
    fn names_the_line_of_a_wrong_type() {
        let reason = Config::parse("[servers]\ntrusted = 5\n").unwrap_err();
        assert!(reason.starts_with("line 2:"), "{reason}");
    }

    #[test]
    fn no_file_means_the_defaults() {
        let config = Config::read(Path::new("/nowhere/config.toml")).unwrap();
        assert_eq!(config, Config::default());
    }
}
