//! A process that leaves no memory behind.

use thiserror::Error;

/// Why the process could not be hardened.
#[derive(Debug, Error)]
#[error("the system refused to keep the memory of this process to itself: {0}")]
pub struct HardenError(#[from] std::io::Error);

/// No core files, and no other process of the same user may read this one's memory.
///
/// The first thing in `main` of every process that a PIN passes through. On systems other than
/// Linux only core files are switched off; Windows writes none unless it is told to.
///
/// # Errors
/// [`HardenError`] when the system refuses; the process should then not go on.
pub fn harden_process() -> Result<(), HardenError> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(
            Resource::Core,
            Rlimit {
                current: Some(0),
                maximum: Some(0),
            },
        )
        .map_err(std::io::Error::from)?;
    }
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(std::io::Error::from)?;
    Ok(())
}
