//! TLS servers that want a client certificate, none of them written here. Their answers show what
//! they saw: the lines `subject=` and `protocol=` (s_server: its own page).

use std::fmt::Write;
use std::fs::{self, File, Permissions};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::ca::{Ca, Identity};
use crate::pcscd::path_with_sbin;
use crate::ports::Ports;
use crate::until;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// nginx. A certificate it does not accept gets HTTP 400 after a whole handshake. It keeps no
    /// connection and resumes no session: each request has a handshake of its own.
    Nginx,
    /// `openssl s_server -www`. A certificate it does not accept ends the handshake with an alert.
    OpenSsl,
    /// Apache. A certificate it does not accept ends the handshake with an alert.
    Apache,
}

/// Which TLS versions it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// TLS 1.2 alone.
    Tls12,
    /// TLS 1.3 alone.
    Tls13,
    /// Both.
    Both,
}

/// When it asks for the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// In the first handshake, and nobody goes without.
    Always,
    /// Only for the path `/late/`, once it was requested (Apache alone): renegotiation in TLS 1.2,
    /// post-handshake authentication in TLS 1.3.
    Late,
    /// In the first handshake, and takes none for an answer too.
    Optionally,
    /// Never.
    Never,
}

/// A server to be.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    program: Program,
    versions: Versions,
    asks: Asks,
    identity: Identity,
    accepted: PathBuf,
    client_schemes: Option<String>,
    ocsp: Option<String>,
}

impl ServerSpec {
    /// A server of `localhost` whose own certificate is of this authority, and which asks for
    /// another of the same in every handshake; both TLS versions.
    pub fn new(program: Program, ca: &Ca) -> Self {
        Self {
            program,
            versions: Versions::Both,
            asks: Asks::Always,
            identity: ca.server(&[]),
            accepted: ca.root().path.clone(),
            client_schemes: None,
            ocsp: None,
        }
    }

    /// Sets the TLS versions.
    #[must_use]
    pub fn versions(mut self, versions: Versions) -> Self {
        self.versions = versions;
        self
    }

    /// Sets when it asks for the certificate.
    #[must_use]
    pub fn asks(mut self, asks: Asks) -> Self {
        self.asks = asks;
        self
    }

    /// Sets its own certificate.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// Accepts the certificates of another authority than its own, and no others.
    #[must_use]
    pub fn accepts(mut self, ca: &Ca) -> Self {
        self.accepted = ca.root().path.clone();
        self
    }

    /// The same for the authorities in a PEM file.
    #[must_use]
    pub fn accepts_file(mut self, authorities: PathBuf) -> Self {
        self.accepted = authorities;
        self
    }

    /// Asks that OCSP responder about each certificate that it is shown (nginx).
    #[must_use]
    pub fn asks_ocsp(mut self, url: &str) -> Self {
        self.ocsp = Some(url.to_owned());
        self
    }

    /// Takes only these signature schemes of clients, named as OpenSSL names them and joined by
    /// colons: `rsa_pss_rsae_sha256`, `ecdsa_secp384r1_sha384`, `RSA+SHA256`… (not nginx).
    #[must_use]
    pub fn client_schemes(mut self, schemes: &str) -> Self {
        self.client_schemes = Some(schemes.into());
        self
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Panics
    /// When it cannot do what is wanted of it, or does not start.
    pub fn start(&self) -> Server {
        Server::start(self)
    }
}

/// A running server, until it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    ports: Ports,
    folder: tempfile::TempDir,
}

impl Server {
    fn start(spec: &ServerSpec) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-server-")
            .tempdir()
            .expect("a folder");
        // Workers of a server started by root are somebody else.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("own folder");
        let ports = Ports::take(1);
        let mut command = match spec.program {
            Program::Nginx => nginx(spec, folder.path(), ports.first()),
            Program::OpenSsl => openssl(spec, ports.first()),
            Program::Apache => apache(spec, folder.path(), ports.first()),
        };
        let log = File::create(folder.path().join("output")).expect("own folder");
        let child = command
            .env("PATH", path_with_sbin())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle of the log"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = Self {
            child,
            ports,
            folder,
        };
        until("the server to listen", || {
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("the server ended ({status}): {}", server.log());
            }
            TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).is_ok()
        });
        server
    }

    /// Its TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.ports.first()
    }

    /// `https://localhost:PORT/`, or with [`Asks::Late`] the page that wants the certificate is at
    /// `late/` below it.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/", self.port())
    }

    /// The same for browsers, of nginx's: a page with no icon that they would come for once more.
    pub fn url_of_page(&self) -> String {
        format!("{}page", self.url())
    }

    /// A page of nginx's with [`PICTURES`] pictures. Each comes over a connection of its own, with a
    /// handshake of its own, as does the page.
    pub fn url_of_pictures(&self) -> String {
        format!("{}pictures", self.url())
    }

    /// All that it said.
    pub fn log(&self) -> String {
        ["output", "error.log", "access.log"]
            .iter()
            .filter_map(|name| fs::read(self.folder.path().join(name)).ok())
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .collect()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself. None of the three has children, as they are started here.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A page that has no icon. Browsers come for one where none is named.
const NO_ICON: &str = r#"<!DOCTYPE html><link rel="icon" href="data:,">"#;

/// How many pictures are on the page [`Server::url_of_pictures`].
pub const PICTURES: usize = 6;

fn nginx(spec: &ServerSpec, folder: &Path, port: u16) -> Command {
    assert!(
        spec.client_schemes.is_none(),
        "nginx cannot choose the schemes of clients"
    );
    let asks = match spec.asks {
        Asks::Always => "on",
        Asks::Optionally => "optional",
        Asks::Never => "off",
        Asks::Late => panic!("nginx asks in the first handshake or never"),
    };
    let protocols = match spec.versions {
        Versions::Tls12 => "TLSv1.2",
        Versions::Tls13 => "TLSv1.3",
        Versions::Both => "TLSv1.2 TLSv1.3",
    };
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .fold(String::new(), |mut text, name| {
            write!(text, "{name}_temp_path {name};").expect("memory");
            text
        });
    let pictures = (0..PICTURES).fold(String::new(), |mut text, number| {
        write!(text, "<img src=\"/picture?{number}\">").expect("memory");
        text
    });
    let ocsp = spec.ocsp.as_ref().map_or_else(String::new, |url| {
        format!("ssl_verify_depth 3; ssl_ocsp leaf; ssl_ocsp_responder {url};")
    });
    let seen = "server=nginx\\nsubject=$ssl_client_s_dn\\nprotocol=$ssl_protocol\\n";
    let text = format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log info;
events {{}}
http {{
  {folders} access_log access.log;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {}; ssl_certificate_key {};
    ssl_client_certificate {}; ssl_verify_client {asks}; ssl_protocols {protocols};
    {ocsp}
    ssl_session_cache off; ssl_session_tickets off; keepalive_timeout 0;
    add_header Cache-Control no-store;
    error_page 496 =400 /none;
    location = /none {{
      internal; default_type text/html;
      return 400 '{NO_ICON}400 Bad Request: No required SSL certificate was sent';
    }}
    location = /page {{ default_type text/html; return 200 '{NO_ICON}<pre>{seen}</pre>'; }}
    location = /pictures {{ default_type text/html; return 200 '{NO_ICON}{pictures}'; }}
    location = /picture {{
      default_type image/svg+xml;
      return 200 '<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>';
    }}
    location / {{
      default_type text/plain;
      return 200 '{seen}';
    }}
  }}
}}
",
        spec.identity.certificate.path.display(),
        spec.identity.key.display(),
        spec.accepted.display(),
    );
    let configuration = folder.join("nginx.conf");
    fs::write(&configuration, text).expect("own folder");
    let mut command = Command::new("nginx");
    command
        .arg("-p")
        .arg(folder)
        .arg("-e")
        .arg(folder.join("error.log"));
    command.arg("-c").arg(configuration);
    command
}

fn openssl(spec: &ServerSpec, port: u16) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(["s_server", "-www", "-accept"])
        .arg(format!("127.0.0.1:{port}"));
    command
        .arg("-cert")
        .arg(&spec.identity.certificate.path)
        .arg("-key")
        .arg(&spec.identity.key);
    command
        .arg("-CAfile")
        .arg(&spec.accepted)
        .arg("-no-CApath")
        .arg("-no-CAstore");
    match spec.asks {
        Asks::Always => command.args(["-Verify", "4", "-verify_return_error"]),
        Asks::Optionally => command.args(["-verify", "4", "-verify_return_error"]),
        Asks::Never => &mut command,
        Asks::Late => panic!("s_server asks in the first handshake or never"),
    };
    match spec.versions {
        Versions::Tls12 => command.arg("-tls1_2"),
        Versions::Tls13 => command.arg("-tls1_3"),
        Versions::Both => &mut command,
    };
    if let Some(schemes) = &spec.client_schemes {
        command.args(["-client_sigalgs", schemes]);
    }
    command
}

fn apache(spec: &ServerSpec, folder: &Path, port: u16) -> Command {
    let pages = folder.join("pages");
    for page in ["", "late"] {
        fs::create_dir_all(pages.join(page)).expect("own folder");
        fs::write(
            pages.join(page).join("index.shtml"),
            "server=apache\nsubject=<!--#echo var=\"SSL_CLIENT_S_DN\" -->\n\
             protocol=<!--#echo var=\"SSL_PROTOCOL\" -->\n",
        )
        .expect("own folder");
    }
    let (asks, late) = match spec.asks {
        Asks::Always => ("require", ""),
        Asks::Optionally => ("optional", ""),
        Asks::Never => ("none", ""),
        Asks::Late => (
            "none",
            "<Location /late>\n  SSLVerifyClient require\n</Location>\n",
        ),
    };
    let protocols = match spec.versions {
        Versions::Tls12 => "-all +TLSv1.2",
        Versions::Tls13 => "-all +TLSv1.3",
        Versions::Both => "-all +TLSv1.2 +TLSv1.3",
    };
    let schemes = spec
        .client_schemes
        .as_ref()
        .map_or(String::new(), |schemes| {
            format!("SSLOpenSSLConfCmd ClientSignatureAlgorithms {schemes}\n")
        });
    let modules: String = ["mpm_event", "authz_core", "dir", "mime", "include", "ssl"]
        .iter()
        .fold(String::new(), |mut text, name| {
            let library = format!("/usr/lib/apache2/modules/mod_{name}.so");
            writeln!(text, "LoadModule {name}_module {library}").expect("memory");
            text
        });
    let text = format!(
        "ServerRoot {0}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {0}/apache.pid
DefaultRuntimeDir {0}
Mutex fcntl:{0}
ErrorLog {0}/error.log
LogLevel info
{modules}
<IfModule unixd_module>
  User www-data
  Group www-data
</IfModule>
TypesConfig /etc/mime.types
AddType text/plain .shtml
AddOutputFilter INCLUDES .shtml
DirectoryIndex index.shtml
DocumentRoot {1}
<Directory {1}>
  Options +Includes
  Require all granted
</Directory>
SSLEngine on
SSLCertificateFile {2}
SSLCertificateKeyFile {3}
SSLCACertificateFile {4}
SSLProtocol {protocols}
SSLVerifyClient {asks}
SSLVerifyDepth 4
SSLOptions +StdEnvVars
{schemes}{late}",
        folder.display(),
        pages.display(),
        spec.identity.certificate.path.display(),
        spec.identity.key.display(),
        spec.accepted.display(),
    );
    let configuration = folder.join("apache.conf");
    fs::write(&configuration, text).expect("own folder");
    let mut command = Command::new("apache2");
    // One process, so that ending it ends the server.
    command.arg("-X").arg("-f").arg(configuration);
    command
}
