//! What differs from one operating system to another: files for their owner alone, and how a
//! server is told to stop.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// A new file that its owner alone may read and write.
pub(crate) fn own_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether others than its owner may read a file.
#[cfg(unix)]
pub(crate) fn others_may_read(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(path.metadata()?.permissions().mode() & 0o077 != 0)
}

/// Whether others than its owner may read a file: its folder decides, and that is the installer's.
#[cfg(not(unix))]
pub(crate) fn others_may_read(path: &Path) -> io::Result<bool> {
    path.metadata().map(|_| false)
}

/// Ends when the system, or a person at the terminal, ends the server.
#[cfg(unix)]
pub(crate) fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when the system, or a person at the terminal, ends the server.
#[cfg(not(unix))]
pub(crate) fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
