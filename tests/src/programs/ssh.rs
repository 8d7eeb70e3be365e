//! ssh with keys from a PKCS#11 module, and a server of our own for it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::geteuid;

use super::{Provider, Running};
use crate::ports::Ports;
use crate::until;

/// What the server says to whoever is let in.
const GREETING: &str = "SSH-OK";

/// An sshd that takes keys alone, and says one word to whoever has one; until it is dropped.
#[derive(Debug)]
pub struct Sshd {
    child: Child,
    ports: Ports,
    folder: tempfile::TempDir,
}

impl Sshd {
    /// Starts it, with these keys (lines of `authorized_keys`), and waits until it listens.
    ///
    /// # Panics
    /// When it is not there, or does not start.
    pub fn start(keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(path("host"))
            .status();
        assert!(made.expect("ssh-keygen is installed").success());
        let options = format!("restrict,command=\"echo {GREETING}\"");
        let lines = keys.lines().map(|key| format!("{options} {key}\n"));
        fs::write(path("authorized"), lines.collect::<String>()).expect("own folder");
        let ports = Ports::take(1);
        let settings = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nLogLevel VERBOSE\n\
             KbdInteractiveAuthentication no\n",
            ports.first(),
            path("host").display(),
            path("authorized").display(),
        );
        fs::write(path("settings"), settings).expect("own folder");
        let log = File::create(path("log")).expect("own folder");
        // As root it wants a folder that only the system's own service makes.
        let mut command = if geteuid().is_root() {
            let mut command = Command::new("unshare");
            command.args(["--mount", "sh", "-c", WITH_FOLDER, "sh"]);
            command.arg(SSHD);
            command
        } else {
            Command::new(SSHD)
        };
        command.args(["-D", "-e", "-f"]).arg(path("settings"));
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sshd is installed");
        let mut server = Self {
            child,
            ports,
            folder,
        };
        until("sshd to listen", || {
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("sshd ended ({status}): {}", server.log());
            }
            TcpStream::connect((Ipv4Addr::LOCALHOST, server.ports.first())).is_ok()
        });
        server
    }

    /// All that it said.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Whether what ssh printed is the word for those who are let in.
    pub fn is_greeting(said: &str) -> bool {
        said.trim() == GREETING
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Logs in, with whatever key the module has.
pub fn ssh(module: &Provider, server: &Sshd, folder: &Path) -> Running {
    let user = Command::new("id").arg("--user").arg("--name").output();
    let user = user.expect("coreutils").stdout;
    let mut command = module.command("ssh", folder);
    command
        .args(["-F", "none", "-o", "IdentityFile=none", "-o"])
        .arg(format!("PKCS11Provider={}", module.path.display()))
        .args(["-o", "StrictHostKeyChecking=no"])
        .args(["-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"])
        .args(["-o", "IdentityAgent=none", "-l"])
        .arg(String::from_utf8_lossy(&user).trim())
        .args(["-p", &server.ports.first().to_string(), "127.0.0.1"]);
    Running::start(&mut command, "")
}

/// The public keys of a module, as lines for `authorized_keys`.
pub fn ssh_public_keys(module: &Provider, folder: &Path) -> Running {
    let mut command = module.command("ssh-keygen", folder);
    command.arg("-D").arg(&module.path);
    Running::start(&mut command, "")
}

const SSHD: &str = "/usr/sbin/sshd";
const WITH_FOLDER: &str = "mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec \"$@\"";
