//! Who knows of windows on this system. Other systems go here.

/// The title of a window of the first of these processes that has one: the display's word, where
/// there is an X11 display.
#[cfg(target_os = "linux")]
pub fn title(processes: &[u32]) -> Option<String> {
    x11::title(processes)
        .inspect_err(|error| tracing::debug!(%error, "no window is known"))
        .ok()?
}

/// Nobody is asked yet.
#[cfg(not(target_os = "linux"))]
pub fn title(_processes: &[u32]) -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
mod x11 {
    use x11rb::{
        connection::Connection,
        errors::{ConnectError, ConnectionError, ReplyError},
        protocol::xproto::{Atom, AtomEnum, ConnectionExt, GetPropertyReply, Window},
        rust_connection::RustConnection,
    };

    /// Most windows that are looked at.
    const MOST_WINDOWS: u32 = 256;
    /// Longest title that is read, in words of four bytes.
    const LONGEST_TITLE: u32 = 256;

    /// Extended Window Manager Hints: the windows of a desktop, and what each says of itself.
    pub fn title(processes: &[u32]) -> Result<Option<String>, Fault> {
        let (display, screen) = RustConnection::connect(None)?;
        let Some(screen) = display.setup().roots.get(screen) else {
            return Ok(None);
        };
        let atom = |name: &str| -> Result<Atom, Fault> {
            Ok(display.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        let of = |window: Window, name: Atom, kind: Atom, length: u32| {
            display.get_property(false, window, name, kind, 0, length)
        };
        let listed = atom("_NET_CLIENT_LIST_STACKING")?;
        let kind = AtomEnum::WINDOW.into();
        let mut windows = numbers(&of(screen.root, listed, kind, MOST_WINDOWS)?.reply()?);
        if windows.is_empty() {
            let listed = atom("_NET_CLIENT_LIST")?;
            windows = numbers(&of(screen.root, listed, kind, MOST_WINDOWS)?.reply()?);
        }
        // All at once, then the answers.
        let (process, kind) = (atom("_NET_WM_PID")?, AtomEnum::CARDINAL.into());
        let mut asked = Vec::new();
        for window in windows {
            asked.push((window, of(window, process, kind, 1)?));
        }
        let mut owned = Vec::new();
        for (window, answer) in asked {
            // A window may have been closed meanwhile.
            if let Ok(answer) = answer.reply()
                && let Some(process) = numbers(&answer).first()
            {
                owned.push((window, *process));
            }
        }
        // The topmost is the last one.
        let found = processes.iter().find_map(|wanted| {
            let mut of_process = owned.iter().rev();
            of_process.find(|(_, process)| process == wanted)
        });
        let Some((window, _)) = found else {
            return Ok(None);
        };
        let (name, kind) = (atom("_NET_WM_NAME")?, atom("UTF8_STRING")?);
        let title = of(*window, name, kind, LONGEST_TITLE)?.reply()?;
        Ok(Some(String::from_utf8_lossy(&title.value).into_owned()))
    }

    fn numbers(property: &GetPropertyReply) -> Vec<u32> {
        property.value32().into_iter().flatten().collect()
    }

    /// Why the display does not tell.
    #[derive(Debug, thiserror::Error)]
    pub enum Fault {
        /// There is none, or it takes nobody.
        #[error(transparent)]
        Connect(#[from] ConnectError),
        /// It went away.
        #[error(transparent)]
        Connection(#[from] ConnectionError),
        /// It refused something.
        #[error(transparent)]
        Reply(#[from] ReplyError),
    }
}
