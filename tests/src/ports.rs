//! TCP ports of this computer for one owner at a time, among all test processes.

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};

/// So many ports side by side; they are the holder's until this is dropped.
#[derive(Debug)]
pub struct Ports {
    first: u16,
    _locks: Vec<File>,
}

impl Ports {
    /// Takes `count` consecutive ports that nobody listens on and no other holder has.
    ///
    /// They lie below the range from which the system gives ports to clients, so nothing slips in
    /// between this call and the listening.
    ///
    /// # Panics
    /// When there are none.
    pub fn take(count: u16) -> Self {
        // Users keep apart, for none may lock the files of another; between them the attempt to
        // listen decides.
        let user = rustix::process::getuid().as_raw();
        let folder = std::env::temp_dir().join(format!("lichna-test-ports-{user}"));
        fs::create_dir_all(&folder).expect("a folder for the port locks");
        // Processes begin their search apart, so they seldom meet.
        let start = u16::try_from(std::process::id() % u32::from(RANGE)).unwrap_or(0);
        (0..RANGE / count)
            .map(|step| FIRST + (start + step * count) % (RANGE - count))
            .find_map(|first| {
                let locks = (first..first + count)
                    .map(|port| lock(&folder.join(port.to_string()), port))
                    .collect::<Option<Vec<_>>>()?;
                Some(Self {
                    first,
                    _locks: locks,
                })
            })
            .expect("a free port")
    }

    /// The first of the ports; the others follow it.
    pub fn first(&self) -> u16 {
        self.first
    }
}

fn lock(path: &std::path::Path, port: u16) -> Option<File> {
    let file = File::options().create(true).append(true).open(path).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .ok()
        .map(|_| file)
}

const FIRST: u16 = 20_000;
const RANGE: u16 = 12_000;
