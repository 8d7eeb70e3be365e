//! A PC/SC service of its own for one test, with virtual readers.

mod slots;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::apdu_log::{self, LoggedApdu};
use crate::pinpad::{Keypad, Properties};
use crate::ports::Ports;
use crate::vpicc::{Card, VirtualCard};
use crate::{built, until};

pub use self::slots::Slot;

/// A reader to be.
#[derive(Clone, Debug)]
pub struct ReaderSpec {
    name: String,
    driver: Driver,
}

#[derive(Clone, Debug)]
enum Driver {
    Vpcd,
    Own(Properties),
}

impl ReaderSpec {
    /// A plain reader (vsmartcard's vpcd). Its PC/SC name is `name` and " 00 00"; every such reader
    /// has an empty second slot, " 00 01".
    pub fn vpcd(name: &str) -> Self {
        Self {
            name: name.into(),
            driver: Driver::Vpcd,
        }
    }

    /// A reader with a keypad (`pinpad_ifd`): FEATURE_VERIFY_PIN_DIRECT, FEATURE_MODIFY_PIN_DIRECT,
    /// TLV properties; one slot. Its keys are pressed through [`Reader::keypad`].
    pub fn pinpad(name: &str) -> Self {
        Self::pinpad_with(name, Properties::default())
    }

    /// As [`pinpad`](Self::pinpad), with other properties. Without a keypad it is a plain reader
    /// that has one slot only, other than vpcd.
    pub fn pinpad_with(name: &str, properties: Properties) -> Self {
        Self {
            name: name.into(),
            driver: Driver::Own(properties),
        }
    }
}

/// A reader of a running [`Pcscd`].
#[derive(Debug)]
pub struct Reader {
    spec: ReaderSpec,
    ports: Ports,
    keypad: Keypad,
    socket: PathBuf,
}

impl Reader {
    /// The name under which PC/SC programs know the reader's (first) slot.
    pub fn name(&self) -> String {
        format!("{} 00 00", self.spec.name)
    }

    /// The TCP port of the slot, where a card connects.
    pub fn port(&self) -> u16 {
        self.ports.first()
    }

    /// The keypad. Only a reader made with [`ReaderSpec::pinpad`] ever asks for its keys.
    pub fn keypad(&self) -> &Keypad {
        &self.keypad
    }

    /// Pushes a card into the reader, and waits until the service tells its clients of it.
    pub fn insert(&self, card: impl VirtualCard + 'static) -> Card {
        let card = self.hold(card);
        card.insert();
        card
    }

    /// Holds a card before the reader.
    pub fn hold(&self, card: impl VirtualCard + 'static) -> Card {
        let (socket, name) = (self.socket.clone(), self.name());
        let seen = move || present(&socket, &name).unwrap_or(false);
        Card::new(self.port(), card).seen_by(Box::new(seen))
    }
}

/// A PC/SC service of its own: own socket, own readers, own log. It ends when this is dropped.
#[derive(Debug)]
pub struct Pcscd {
    // Declared before the folder, which must outlive it.
    child: Option<Child>,
    readers: Vec<Reader>,
    folder: tempfile::TempDir,
}

/// Runs `program` on a computer without the service: pcscd is hidden from that process alone.
pub fn without_pcscd(program: impl AsRef<OsStr>) -> Command {
    const HIDE: &str = "mount --bind /dev/null \"$(command -v pcscd)\" && exec \"$@\"";
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount"])
        .args(["sh", "-c", HIDE, "sh"])
        .arg(program)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

impl Pcscd {
    /// Starts the service with these readers, and waits until clients can come.
    ///
    /// # Panics
    /// When a program is missing (pcscd, systemd-socket-activate, vpcd) or does not start.
    pub fn start(readers: &[ReaderSpec]) -> Self {
        let mut pcscd = Self::stopped(readers);
        pcscd.start_again();
        pcscd
    }

    /// The readers and the folder of the service, which does not run yet, and has no socket.
    pub fn stopped(readers: &[ReaderSpec]) -> Self {
        let names: HashSet<_> = readers.iter().map(|spec| &spec.name).collect();
        assert_eq!(
            names.len(),
            readers.len(),
            "each reader has a name of its own"
        );
        let folder = tempfile::Builder::new()
            .prefix("lichna-pcscd-")
            .tempdir()
            .expect("a folder");
        // Other users look in too, in tests about them.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("own folder");
        let configuration = folder.path().join("conf");
        fs::create_dir(&configuration).expect("a folder in a new folder");
        let readers: Vec<_> = readers
            .iter()
            .enumerate()
            .map(|(number, spec)| Reader {
                spec: spec.clone(),
                ports: Ports::take(2),
                socket: folder.path().join(SOCKET),
                keypad: Keypad::new(folder.path().join(format!("keypad-{number}.keys"))),
            })
            .collect();
        let mut file = File::create(configuration.join("readers")).expect("a file in own folder");
        for (number, reader) in readers.iter().enumerate() {
            let library = folder.path().join(format!("driver-{number}.so"));
            let port = reader.port();
            let (driver, device) = match reader.spec.driver {
                // pcscd takes a device name with a colon as it is; vpcd reads the port only.
                Driver::Vpcd => (PathBuf::from(VPCD), format!("/dev/null:{port:#x}")),
                Driver::Own(properties) => {
                    reader.keypad.set_properties(properties);
                    let keys = reader.keypad.path().display();
                    (built::pinpad_driver(), format!("{keys}:{port}"))
                }
            };
            // pcscd loads a library once, and a loaded vpcd knows one reader only.
            fs::copy(&driver, &library)
                .unwrap_or_else(|e| panic!("{} (vsmartcard-vpcd?): {e}", driver.display()));
            write!(
                file,
                "FRIENDLYNAME \"{}\"\nDEVICENAME {device}\nLIBPATH {}\nCHANNELID {port:#x}\n\n",
                reader.spec.name,
                library.display(),
            )
            .expect("a write to own file");
        }
        Self {
            child: None,
            readers,
            folder,
        }
    }

    /// The reader made from the spec of that number.
    pub fn reader(&self, number: usize) -> &Reader {
        &self.readers[number]
    }

    /// All readers, in the order of their specs.
    pub fn readers(&self) -> &[Reader] {
        &self.readers
    }

    /// The socket of the service.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(SOCKET)
    }

    /// What a client's environment needs in order to reach this service and no other.
    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        vec![("PCSCLITE_CSOCK_NAME", self.socket().into())]
    }

    /// A program that reaches this service and no other.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.env());
        command
    }

    /// The process of the service while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Starts the service after [`stop`](Self::stop): same socket, same readers; cards that were
    /// in are in.
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "the service runs already");
        // systemd-socket-activate wants to make the socket itself.
        fs::remove_file(self.socket()).ok();
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("a log");
        let child = Command::new("systemd-socket-activate")
            .arg("-l")
            .arg(self.socket())
            .args(["pcscd", "--foreground", "--apdu", "--debug", "--config"])
            .arg(self.folder.path().join("conf"))
            .env("PATH", path_with_sbin())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle of the log"))
            .stderr(log)
            .spawn()
            .expect("systemd-socket-activate is installed");
        self.child = Some(child);
        let before = self.raw_log().matches(READY).count();
        // The first connection starts pcscd in the place of systemd-socket-activate.
        until("the service's socket", || {
            UnixStream::connect(self.socket()).is_ok()
        });
        until("the service", || {
            self.raw_log().matches(READY).count() > before
        });
        fs::set_permissions(self.socket(), Permissions::from_mode(0o666)).expect("own socket");
    }

    /// Ends the service as an administrator does: the socket goes too.
    pub fn stop(&mut self) {
        self.kill();
        fs::remove_file(self.socket()).ok();
    }

    /// Ends the service as a crash does: the socket stays behind, and nobody listens.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            child.kill().ok();
            child.wait().expect("own child");
        }
    }

    /// Lets no user but the service's own connect (root is above this).
    pub fn no_permission(&self) {
        fs::set_permissions(self.socket(), Permissions::from_mode(0o600)).expect("own socket");
    }

    /// Lets everybody connect, as at the start.
    pub fn permission(&self) {
        fs::set_permissions(self.socket(), Permissions::from_mode(0o666)).expect("own socket");
    }

    /// The log file, for a person.
    pub fn log_path(&self) -> PathBuf {
        self.folder.path().join(LOG)
    }

    fn raw_log(&self) -> String {
        fs::read(self.log_path())
            .map(|log| String::from_utf8_lossy(&log).into())
            .unwrap_or_default()
    }

    /// Every exchange with the cards since the beginning, as the service logged it. With several
    /// cards at work at once they are not told apart.
    pub fn log(&self) -> Vec<LoggedApdu> {
        apdu_log::parse(&self.raw_log())
    }

    /// What was exchanged while `work` ran, and its result.
    pub fn logged<R>(&self, work: impl FnOnce() -> R) -> (Vec<LoggedApdu>, R) {
        let before = self.log().len();
        let result = work();
        (self.log().split_off(before), result)
    }

    /// Waits until the service has seen what state the slot is in: a card or none.
    ///
    /// # Panics
    /// When it has not within the deadline.
    pub fn wait_for_card(&self, reader: &Reader, is: bool) {
        until("the service to see the card come or go", || {
            present(&self.socket(), &reader.name()) == Some(is)
        });
    }

    /// The slots of all readers, as the service tells its clients.
    ///
    /// # Panics
    /// When the service does not run.
    pub fn slots(&self) -> Vec<Slot> {
        slots::read(&self.socket()).expect("the service runs")
    }
}

/// Whether there is a card in the slot of that name, if the service runs and has it.
fn present(socket: &Path, name: &str) -> Option<bool> {
    let slots = slots::read(socket).ok()?;
    slots
        .iter()
        .find(|slot| slot.name == name)
        .map(|slot| slot.present)
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() && std::env::var_os(KEEP).is_some() {
            let _ = std::io::stderr()
                .write_all(format!("log of pcscd:\n{}\n", self.raw_log()).as_bytes());
        }
    }
}

/// Services live where a user's search path does not lead.
pub(crate) fn path_with_sbin() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    path
}

/// Set this to see the service's log of a failed test.
const KEEP: &str = "LICHNA_TEST_LOGS";
const LOG: &str = "log";
const SOCKET: &str = "pcscd.comm";
const READY: &str = "daemon ready";
const VPCD: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
