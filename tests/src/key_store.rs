//! A desktop session's key store: a message bus and GNOME Keyring, both of this test alone.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::until;

/// A key store that is unlocked, empty, and gone when this is dropped.
#[derive(Debug)]
pub struct KeyStore {
    bus: Child,
    daemon: Option<Child>,
    folder: tempfile::TempDir,
}

impl KeyStore {
    /// A session with a bus and an unlocked store.
    pub fn start() -> Self {
        let mut session = Self::bus_alone();
        session.start_daemon();
        session
    }

    /// A session with a bus on which nobody keeps keys.
    pub fn bus_alone() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-keys-")
            .tempdir()
            .expect("a folder");
        let configuration = folder.path().join("bus.conf");
        // No services are started on demand: those of the machine are none of this test's.
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen>\
             <policy context=\"default\"><allow send_destination=\"*\"/>\
             <allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
            folder.path().join("bus").display()
        );
        fs::write(&configuration, text).expect("own folder");
        let mut command = Command::new("dbus-daemon");
        command.arg(format!("--config-file={}", configuration.display()));
        let bus = command
            .args(["--nofork", "--nopidfile"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus is installed");
        let session = Self {
            bus,
            daemon: None,
            folder,
        };
        until("the bus", || session.socket().exists());
        session
    }

    fn start_daemon(&mut self) {
        let folder = self.folder.path();
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets", "--unlock"])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.env())
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("data"))
            .env("XDG_RUNTIME_DIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut daemon = command.spawn().expect("gnome-keyring is installed");
        let mut password = daemon.stdin.take().expect("it is piped");
        password.write_all(b"test").expect("it reads");
        drop(password);
        self.daemon = Some(daemon);
        until("the key store", || self.has_store());
    }

    fn has_store(&self) -> bool {
        let asked = Command::new("dbus-send")
            .arg(format!("--bus={}", self.address()))
            .args(["--print-reply", "--dest=org.freedesktop.DBus", "/"])
            .arg("org.freedesktop.DBus.NameHasOwner")
            .arg("string:org.freedesktop.secrets")
            .output();
        asked.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("true"))
    }

    /// What a program in this session has in its environment.
    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        vec![("DBUS_SESSION_BUS_ADDRESS", self.address().into())]
    }

    /// Everything that the store has on disk.
    pub fn on_disk(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let folder = self.folder.path().join("data/keyrings");
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            all.extend(fs::read(entry.path()).unwrap_or_default());
        }
        all
    }

    /// Ends the store, as a log-out does; the bus stays.
    pub fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().ok();
            daemon.wait().ok();
        }
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("bus")
    }
}

impl Drop for KeyStore {
    fn drop(&mut self) {
        self.stop();
        self.bus.kill().ok();
        self.bus.wait().ok();
    }
}
