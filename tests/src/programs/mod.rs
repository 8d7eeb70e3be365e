//! Programs that use a card through PKCS#11, none of them written here: each as its manual says that
//! it is told of a module, a key and a server.

mod running;
mod softhsm;
mod ssh;

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use running::Running;
pub use softhsm::{SO_PIN, SoftHsm, USER_PIN};
pub use ssh::{Sshd, ssh, ssh_public_keys};

use crate::built;
use crate::ca::{Ca, Certificate};
use crate::server::Server;
use crate::until;
use crate::workspace::Home;

/// A PKCS#11 module, with what its user has to know.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The library.
    pub path: PathBuf,
    /// What it needs in the environment of the program that loads it.
    pub environment: Vec<(OsString, OsString)>,
    /// The PIN, where programs give it to the module themselves.
    pub pin: Option<String>,
}

impl Provider {
    /// Ours, which finds the agent of that home.
    pub fn ours(home: &Home) -> Self {
        Self {
            path: built::module(),
            environment: home.environment().to_vec(),
            pin: None,
        }
    }

    /// The same, behind another library that the program loads in its place.
    #[must_use]
    pub fn behind(mut self, path: PathBuf, environment: &[(&str, OsString)]) -> Self {
        self.path = path;
        let more = environment.iter();
        self.environment
            .extend(more.map(|(name, value)| (OsString::from(name), value.clone())));
        self
    }

    /// The same, where the program gives this PIN.
    #[must_use]
    pub fn with_pin(mut self, pin: &str) -> Self {
        self.pin = Some(pin.to_owned());
        self
    }

    /// A program in whose environment the module finds what it needs, and which finds no settings
    /// of the person who runs this: its home is that folder.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("HOME", folder).env("XDG_CONFIG_HOME", folder);
        command.env("LC_ALL", "C.UTF-8");
        if let Some(pin) = &self.pin {
            command.env("GNUTLS_PIN", pin);
        }
        command
    }

    /// A program in a namespace of its own, in which p11-kit knows this module and no other. (It
    /// looks at a user's own settings only where the user is not root.)
    pub fn command_with_p11_kit(&self, program: &str, folder: &Path) -> Command {
        let settings = folder.join("modules");
        fs::create_dir_all(&settings).expect("own folder");
        let module = format!("module: {}\n", self.path.display());
        fs::write(settings.join("card.module"), module).expect("own folder");
        let mut command = self.command("unshare", folder);
        command
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", BIND])
            .args([Path::new("sh"), &settings, Path::new(program)]);
        command
    }
}

/// Puts the folder `$1` in the place of p11-kit's own, and becomes the rest.
const BIND: &str = "mount --bind \"$1\" /usr/share/p11-kit/modules && shift && exec \"$@\"";

/// A TLS client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// curl, by OpenSSL's engine of libp11.
    Curl,
    /// `openssl s_client`, by the same.
    OpenSsl,
    /// gnutls-cli, which is told of the module.
    GnuTls,
    /// wget, which is linked with GnuTLS and knows the modules that p11-kit knows.
    Wget,
    /// Java with SunPKCS11.
    Java,
}

/// What a client is to do.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// With which module.
    pub module: &'a Provider,
    /// Where.
    pub server: &'a Server,
    /// Whose certificate the server has.
    pub ca: &'a Ca,
    /// Which certificate the client shows.
    pub certificate: &'a Certificate,
    /// The client's home.
    pub folder: &'a Path,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Curl,
        Self::OpenSsl,
        Self::GnuTls,
        Self::Wget,
        Self::Java,
    ];

    /// Visits a server; what it prints has the page.
    pub fn visit(self, visit: &Visit<'_>) -> Running {
        let mut command = match self {
            Self::Curl => curl(visit),
            Self::OpenSsl => openssl(visit),
            Self::GnuTls => gnutls(visit),
            Self::Wget => wget(visit),
            Self::Java => java(visit),
        };
        let input = match self {
            Self::OpenSsl | Self::GnuTls => "GET / HTTP/1.0\r\n\r\n",
            _ => "",
        };
        Running::start(&mut command, input)
    }
}

impl Visit<'_> {
    /// RFC 7512: the certificate, or its key.
    fn uri(&self, kind: &str) -> String {
        uri(self.module, self.certificate, kind)
    }

    fn command(&self, program: &str) -> Command {
        self.module.command(program, self.folder)
    }
}

/// RFC 7512: the certificate in a module, or its key (`cert`, `private`), with the PIN if the program
/// is to give one.
pub fn uri(module: &Provider, certificate: &Certificate, kind: &str) -> String {
    let id = key_identifier(certificate);
    let bytes = id.as_bytes().chunks(2);
    let id: String = bytes
        .map(|byte| format!("%{}", String::from_utf8_lossy(byte)))
        .collect();
    let mut uri = format!("pkcs11:id={id};type={kind}");
    if let Some(pin) = &module.pin {
        write!(uri, "?pin-value={pin}").expect("memory");
    }
    uri
}

/// SHA-1 of the key's bits, hexadecimal: what PKCS#11 calls the identifier of key and certificate.
///
/// # Panics
/// When openssl does not say it.
pub fn key_identifier(certificate: &Certificate) -> String {
    let output = Command::new("openssl")
        .args(["x509", "-noout", "-ocspid", "-in"])
        .arg(&certificate.path)
        .output()
        .expect("openssl is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    lines
        .find_map(|line| line.trim().strip_prefix("Public key OCSP hash: "))
        .unwrap_or_else(|| panic!("{text}"))
        .trim()
        .to_owned()
}

fn curl(visit: &Visit<'_>) -> Command {
    let mut command = visit.command("curl");
    command
        .env("PKCS11_MODULE_PATH", &visit.module.path)
        .args(["--silent", "--show-error", "--cacert"])
        .arg(&visit.ca.root().path)
        .args(["--engine", "pkcs11", "--cert-type", "ENG", "--cert"])
        .arg(visit.uri("cert"))
        .args(["--key-type", "ENG", "--key", &visit.uri("private")])
        .arg(visit.server.url());
    command
}

fn openssl(visit: &Visit<'_>) -> Command {
    let mut command = visit.command("openssl");
    command
        .env("PKCS11_MODULE_PATH", &visit.module.path)
        .args(["s_client", "-quiet", "-verify_return_error", "-connect"])
        .arg(format!("localhost:{}", visit.server.port()))
        .arg("-CAfile")
        .arg(&visit.ca.root().path)
        // s_client takes a key from an engine, but no certificate.
        .arg("-cert")
        .arg(&visit.certificate.path)
        .args(["-engine", "pkcs11", "-keyform", "engine", "-key"])
        .arg(visit.uri("private"));
    command
}

fn gnutls(visit: &Visit<'_>) -> Command {
    let mut command = visit.command("gnutls-cli");
    command
        .arg("--provider")
        .arg(&visit.module.path)
        .arg("--x509cafile")
        .arg(&visit.ca.root().path)
        .args(["--x509certfile", &visit.uri("cert")])
        .args(["--x509keyfile", &visit.uri("private")])
        .args(["--port", &visit.server.port().to_string(), "localhost"]);
    command
}

fn wget(visit: &Visit<'_>) -> Command {
    let mut command = visit.module.command_with_p11_kit("wget", visit.folder);
    command
        .args(["--quiet", "--output-document=-", "--tries=1", "--no-hsts"])
        .arg(format!(
            "--ca-certificate={}",
            visit.ca.root().path.display()
        ))
        .arg(format!("--certificate={}", visit.uri("cert")))
        .arg(format!("--private-key={}", visit.uri("private")))
        .arg(visit.server.url());
    command
}

fn java(visit: &Visit<'_>) -> Command {
    let mut command = visit.command("java");
    command
        .arg(built::root().join("tests/src/programs/TlsClient.java"))
        .arg(sun_pkcs11(visit.module, visit.folder))
        .arg(&visit.ca.root().path)
        .arg(visit.server.url())
        .args(&visit.module.pin);
    command
}

/// The settings of SunPKCS11 for a module, as a file.
pub fn sun_pkcs11(module: &Provider, folder: &Path) -> PathBuf {
    let file = folder.join("sunpkcs11.cfg");
    let text = format!("name = Card\nlibrary = {}\n", module.path.display());
    fs::write(&file, text).expect("own folder");
    file
}

/// p11-kit's server, which hands a module on to other processes; until it is dropped.
#[derive(Debug)]
pub struct P11KitServer {
    server: Running,
    socket: PathBuf,
}

impl P11KitServer {
    /// Starts it, and waits until it listens.
    ///
    /// # Panics
    /// When it does not.
    pub fn start(module: &Provider, folder: &Path) -> Self {
        let socket = folder.join("p11-kit");
        let mut command = module.command("p11-kit", folder);
        command
            .args(["server", "--foreground", "--provider"])
            .arg(&module.path)
            .arg("--name")
            .arg(&socket)
            .arg("pkcs11:");
        let mut server = Running::start(&mut command, "");
        until("p11-kit's server to listen", || {
            assert!(!server.has_ended(), "p11-kit's server ended");
            socket.exists()
        });
        Self { server, socket }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// The module at the other end, as a program uses it: it knows nothing of what is behind the
    /// server.
    pub fn client(&self) -> Provider {
        let address = format!("unix:path={}", self.socket.display());
        Provider {
            path: libraries().join("pkcs11/p11-kit-client.so"),
            environment: vec![("P11_KIT_SERVER_ADDRESS".into(), address.into())],
            pin: None,
        }
    }
}

/// Debian's folder for the libraries of the machine's own kind.
///
/// # Panics
/// When gcc is not installed.
pub fn libraries() -> PathBuf {
    let kind = Command::new("gcc").arg("-print-multiarch").output();
    let kind = kind.expect("gcc is installed").stdout;
    Path::new("/usr/lib").join(String::from_utf8_lossy(&kind).trim())
}
