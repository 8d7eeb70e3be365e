//! The PIN window's two ends: how the agent opens it, and how it knows that the agent did.
//!
//! Between them are two ways of bytes that no third process has: on Unix one pair of sockets, which
//! is the window's standard input and output. They carry [`frame`]s.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use thiserror::Error;

use crate::frame::{self, FrameError, LONGEST_FROM_AGENT, LONGEST_FROM_CLIENT};
use crate::{Answer, Choices, Prompt, TypedSecret, WindowMessage};

#[cfg(windows)]
mod pipes;
#[cfg(unix)]
mod sockets;

#[cfg(windows)]
pub use pipes::Channel;
#[cfg(unix)]
pub use sockets::Channel;

/// The file of the program.
const PROGRAM: &str = "lichna-prompt";

/// What the window needs of the agent's environment: where the display and the screen reader are,
/// and the language. Nothing that changes how programs are loaded.
const ENVIRONMENT: &[&str] = &[
    "AT_SPI_BUS_ADDRESS",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_MESSAGES",
    "LICHNA_LANGUAGE",
    "SystemRoot",
    "TEMP",
    "USERPROFILE",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XCURSOR_SIZE",
    "XCURSOR_THEME",
    "XDG_RUNTIME_DIR",
];

/// Why the window does not open.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WindowError {
    /// Something else than the agent started it.
    #[error("the PIN window is opened by the agent, and by nothing else")]
    NotByAgent,
    /// The agent's question did not come, or cannot be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The system refused.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// The program, where it stands beside this one's own file. Never one that a search path leads to.
#[must_use]
pub fn program() -> Option<PathBuf> {
    let name = [PROGRAM, std::env::consts::EXE_SUFFIX].concat();
    let own = std::env::current_exe().and_then(std::fs::canonicalize);
    let beside = own.ok()?.with_file_name(name);
    beside.is_file().then_some(beside)
}

/// There is a screen that a window could be on, as this process has it.
#[must_use]
pub fn display_is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("WAYLAND_DISPLAY") || set("DISPLAY")
}

/// A window that is open. It goes when this is dropped.
#[derive(Debug)]
pub struct Window(Child);

impl Window {
    /// Starts the program. The other end of what comes back is the window's alone.
    ///
    /// # Errors
    /// As the system says.
    pub fn open(program: &Path) -> std::io::Result<(Self, Channel)> {
        let mut command = Command::new(program);
        let needed = ENVIRONMENT.iter();
        let needed = needed.filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.env_clear().envs(needed).stderr(Stdio::null());
        Channel::open(command).map(|(child, channel)| (Self(child), channel))
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // It may have closed by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The agent's side of the conversation.
impl Channel {
    /// Says what the window is to show.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn show(&mut self, prompt: &Prompt) -> Result<(), FrameError> {
        frame::write_message(self, prompt, LONGEST_FROM_AGENT)
    }

    /// Waits for what the window says next, as long as it takes.
    ///
    /// # Errors
    /// [`FrameError`]: among others, that it closed.
    pub fn answer(&mut self) -> Result<WindowMessage, FrameError> {
        frame::read_message(self, LONGEST_FROM_CLIENT)
    }
}

/// The window's side of the conversation.
impl Channel {
    /// Waits for what is to be shown.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn prompt(&mut self) -> Result<Prompt, FrameError> {
        frame::read_message(self, LONGEST_FROM_AGENT)
    }

    /// Says something to the agent.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn say(&mut self, message: &WindowMessage) -> Result<(), FrameError> {
        frame::write_message(self, message, LONGEST_FROM_CLIENT)
    }

    /// The person agreed. The secrets go straight from their pages.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn agree(&mut self, secrets: &[TypedSecret], choices: Choices) -> Result<(), FrameError> {
        self.say(&WindowMessage::Answer(Answer::Typed {
            secrets: u8::try_from(secrets.len()).unwrap_or(u8::MAX),
            choices,
        }))?;
        let mut secrets = secrets.iter().take(usize::from(u8::MAX));
        secrets.try_for_each(|secret| secret.write(self))
    }

    /// Waits until the agent has gone, or wants the answer no more.
    pub fn until_gone(&mut self) {
        let mut byte = [0];
        while matches!(self.read(&mut byte), Ok(1..)) {}
    }
}
