//! Two pipes. The system does not tell who is at the other end.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::process::{Child, Command, Stdio};

use super::WindowError;

/// One end.
#[derive(Debug)]
pub struct Channel {
    from: File,
    to: File,
}

impl Channel {
    /// Starts the window with the other end.
    pub(super) fn open(mut command: Command) -> io::Result<(Child, Self)> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (from, to) = (OwnedHandle::from(from), OwnedHandle::from(to));
        Ok((
            child,
            Self {
                from: from.into(),
                to: to.into(),
            },
        ))
    }

    /// The window's end, when something started this process with one.
    ///
    /// # Errors
    /// [`WindowError::NotByAgent`] when it is a terminal's.
    pub fn of_agent() -> Result<Self, WindowError> {
        use std::io::IsTerminal;
        let (input, output) = (io::stdin(), io::stdout());
        if input.is_terminal() || output.is_terminal() {
            return Err(WindowError::NotByAgent);
        }
        Ok(Self {
            from: input.as_handle().try_clone_to_owned()?.into(),
            to: output.as_handle().try_clone_to_owned()?.into(),
        })
    }

    /// The same end once more, for another thread.
    ///
    /// # Errors
    /// As the system says.
    pub fn duplicate(&self) -> io::Result<Self> {
        Ok(Self {
            from: self.from.try_clone()?,
            to: self.to.try_clone()?,
        })
    }
}

impl Read for Channel {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.from.read(into)
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
