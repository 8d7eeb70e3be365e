//! The PC/SC service, and why it cannot be used when it cannot.

use core::fmt;

/// What is known of the PC/SC service (pcscd, SCardSvr).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceState {
    /// It answers.
    Running,
    /// It is not on this computer: neither its program nor its socket is there.
    NotInstalled,
    /// It is installed and does not run.
    NotRunning,
    /// It runs, and this user may not speak to it (socket rights, polkit).
    NoPermission,
    /// It speaks another version of the protocol than the library we are linked with:
    /// a sandboxed build beside the system's service.
    ProtocolMismatch {
        /// Major version that the service speaks.
        major: i32,
        /// Minor version that the service speaks.
        minor: i32,
    },
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
            Self::Failed { code } => write!(f, "it reported {code:#010x}"),
        }
    }
}

/// Tells apart why `error` came from the service.
pub(crate) fn why_unusable(error: pcsc::Error) -> ServiceState {
    ServiceState::Failed {
        code: crate::error::code(error),
    }
}
