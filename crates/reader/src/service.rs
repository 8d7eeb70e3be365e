//! The PC/SC service, and why it cannot be used when it cannot.

use core::fmt;

use pcsc::{Context, Scope};

/// What is known of the PC/SC service (pcscd, SCardSvr).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceState {
    /// It answers.
    Running,
    /// It is not on this computer: neither its program nor its socket is there.
    NotInstalled,
    /// It is installed and does not run. Windows starts it with the first reader and stops it
    /// with the last, so there this may only mean that there is no reader.
    NotRunning,
    /// It runs, and this user may not speak to it (rights of its socket, polkit).
    NoPermission,
    /// It speaks another version of the protocol than the library we are linked with:
    /// a sandboxed build beside the system's service.
    ProtocolMismatch {
        /// Major version that the service speaks.
        major: i32,
        /// Minor version that the service speaks.
        minor: i32,
    },
    /// It is there and does not answer.
    NotResponding,
    /// It refuses for a reason of its own.
    Failed {
        /// PC/SC return code.
        code: u32,
    },
}

impl fmt::Display for ServiceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("it runs"),
            Self::NotInstalled => f.write_str("it is not installed"),
            Self::NotRunning => f.write_str("it does not run"),
            Self::NoPermission => f.write_str("this user may not use it"),
            Self::ProtocolMismatch { major, minor } => {
                write!(f, "it speaks another protocol version ({major}:{minor})")
            }
            Self::NotResponding => f.write_str("it does not answer"),
            Self::Failed { code } => write!(f, "it reported {code:#010x}"),
        }
    }
}

/// A context of its own for the calling thread (SCardEstablishContext).
///
/// Contexts are never shared between threads: pcsc-lite takes a lock of the whole process and then
/// waits for the context's, so one call that is stuck in a driver would stop every other thread.
pub(crate) fn establish() -> Result<Context, ServiceState> {
    let error = match Context::establish(Scope::System) {
        Ok(context) => return Ok(context),
        Err(error) => error,
    };
    let state = diagnose(error);
    // The service answered us after all: either it came up just now, or it does not like the
    // version that the library speaks.
    if matches!(state, ServiceState::ProtocolMismatch { .. })
        && let Ok(context) = Context::establish(Scope::System)
    {
        return Ok(context);
    }
    Err(state)
}

/// Why the service said `error` to SCardEstablishContext.
fn diagnose(error: pcsc::Error) -> ServiceState {
    match error {
        pcsc::Error::SecurityViolation | pcsc::Error::NoAccess => ServiceState::NoPermission,
        pcsc::Error::NoService
        | pcsc::Error::ServiceStopped
        | pcsc::Error::Shutdown
        | pcsc::Error::SystemCancelled
        | pcsc::Error::CommError
        | pcsc::Error::InvalidHandle => system::why_unreachable(),
        other => ServiceState::Failed {
            code: crate::error::code(other),
        },
    }
}

/// Whether the context that reported `error` is dead, and a new one is needed.
pub(crate) fn is_lost(error: pcsc::Error) -> bool {
    matches!(
        error,
        pcsc::Error::NoService
            | pcsc::Error::ServiceStopped
            | pcsc::Error::Shutdown
            | pcsc::Error::SystemCancelled
            | pcsc::Error::CommError
            | pcsc::Error::InvalidHandle
            | pcsc::Error::InternalError
            | pcsc::Error::UnknownError
    )
}

/// Windows always has the service; it stops when the last reader goes. macOS starts it on demand.
#[cfg(not(target_os = "linux"))]
mod system {
    use super::ServiceState;

    pub(super) fn why_unreachable() -> ServiceState {
        ServiceState::NotRunning
    }
}

#[cfg(target_os = "linux")]
pub(crate) use system::{Reach, reach, socket_path};

/// pcsc-lite: a socket in the file system.
#[cfg(target_os = "linux")]
mod system {
    use std::{
        env,
        io::{self, Read, Write},
        os::unix::net::UnixStream,
        path::{Path, PathBuf},
        time::Duration,
    };

    use super::ServiceState;

    /// Where pcsc-lite's own programs look, unless PCSCLITE_CSOCK_NAME says otherwise.
    const SOCKET: &str = "/run/pcscd/pcscd.comm";
    /// Where the service's program is, beside the search path: services live where a user's
    /// search path does not lead.
    const PROGRAM_FOLDERS: [&str; 5] = [
        "/usr/sbin",
        "/usr/bin",
        "/usr/local/sbin",
        "/sbin",
        "/run/current-system/sw/bin",
    ];
    const PROGRAM: &str = "pcscd";
    /// The version our probe speaks (pcsc-lite 1.8.24 to 2.2). The answer names the service's.
    const PROBE_VERSION: (i32, i32) = (4, 4);
    /// CMD_VERSION of pcsc-lite's winscard_msg.h.
    const CMD_VERSION: u32 = 0x11;
    /// Bytes of its `struct version_struct`: major, minor, return code.
    const VERSION_LENGTH: u32 = 12;
    /// A service that takes longer to say its version is stuck.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// The service's socket.
    pub(crate) fn socket_path() -> PathBuf {
        env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| PathBuf::from(SOCKET), PathBuf::from)
    }

    /// What an attempt to connect to the socket says.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Reach {
        /// There is no socket.
        Missing,
        /// The socket is left over: nobody listens.
        Deserted,
        /// We may not connect.
        Forbidden,
        /// Somebody listens.
        Listens,
        /// The system said something else.
        Odd,
    }

    /// Tries to connect, and lets go at once.
    pub(crate) fn reach() -> Reach {
        connect().map_or_else(|reach| reach, |_| Reach::Listens)
    }

    fn connect() -> Result<UnixStream, Reach> {
        UnixStream::connect(socket_path()).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Reach::Missing,
            io::ErrorKind::ConnectionRefused => Reach::Deserted,
            io::ErrorKind::PermissionDenied => Reach::Forbidden,
            _ => Reach::Odd,
        })
    }

    pub(super) fn why_unreachable() -> ServiceState {
        match connect() {
            Err(Reach::Missing) if !is_installed() => ServiceState::NotInstalled,
            Err(Reach::Forbidden) => ServiceState::NoPermission,
            Err(_) => ServiceState::NotRunning,
            Ok(stream) => match version(stream) {
                Ok((major, minor)) => ServiceState::ProtocolMismatch { major, minor },
                // It closed the connection: it is about to end.
                Err(_) => ServiceState::NotRunning,
            },
        }
    }

    fn is_installed() -> bool {
        let searched = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&searched)
            .chain(PROGRAM_FOLDERS.iter().map(PathBuf::from))
            .any(|folder| is_program(&folder.join(PROGRAM)))
    }

    fn is_program(path: &Path) -> bool {
        path.is_file()
    }

    /// Asks the service which version of its protocol it speaks: the first message of every
    /// client, in the byte order of the machine.
    fn version(mut stream: UnixStream) -> io::Result<(i32, i32)> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (major, minor) = PROBE_VERSION;
        let mut message = Vec::with_capacity(20);
        message.extend(VERSION_LENGTH.to_ne_bytes());
        message.extend(CMD_VERSION.to_ne_bytes());
        message.extend(major.to_ne_bytes());
        message.extend(minor.to_ne_bytes());
        message.extend(0_u32.to_ne_bytes());
        stream.write_all(&message)?;
        let mut major = [0; 4];
        let mut minor = [0; 4];
        stream.read_exact(&mut major)?;
        stream.read_exact(&mut minor)?;
        Ok((i32::from_ne_bytes(major), i32::from_ne_bytes(minor)))
    }
}
