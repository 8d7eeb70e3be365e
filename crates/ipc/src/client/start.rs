//! Starting the agent when it is not there.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::ClientError;
use crate::home::{Home, private_folder};
use crate::installed;
use crate::transport::{Connect, Stream};

/// How long an agent that was started may take until it listens.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// How long to go on looking after the agent that was started ended: it does so when another was
/// faster, which then holds the lock and is about to listen.
const GRACE: Duration = Duration::from_secs(2);

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(5);

/// Which agent is started when none runs. Never one that a search path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// The one beside this program's own file, else the one that packages install.
    Installed,
    /// This one. An absolute path.
    Program(PathBuf),
    /// This one, an absolute path, with nothing of this program's environment but what a person's
    /// session is made of: for libraries that live in programs of others.
    Apart(PathBuf),
    /// None.
    Never,
}

impl Start {
    fn program(&self) -> Result<PathBuf, ClientError> {
        match self {
            Self::Never => Err(ClientError::NotRunning),
            Self::Program(program) | Self::Apart(program)
                if program.is_absolute() && program.is_file() =>
            {
                Ok(program.clone())
            }
            Self::Program(program) | Self::Apart(program) => Err(ClientError::NotInstalled {
                program: program.clone(),
            }),
            Self::Installed => {
                let name = format!("lichna-agent{}", std::env::consts::EXE_SUFFIX);
                let beside = std::env::current_exe()
                    .and_then(std::fs::canonicalize)
                    .ok()
                    .map(|own| own.with_file_name(name))
                    .filter(|beside| beside.is_file());
                let installed = Some(PathBuf::from(installed::AGENT)).filter(|path| path.is_file());
                beside
                    .or(installed)
                    .ok_or_else(|| ClientError::NotInstalled {
                        program: PathBuf::from(installed::AGENT),
                    })
            }
        }
    }
}

/// Connects; starts the agent if none listens. Several clients may do so at once: one of their
/// agents stays, and all connect to it.
pub fn connect(home: &Home, start: &Start, latest: Instant) -> Result<Stream, ClientError> {
    if let Some(stream) = try_connect(home)? {
        return Ok(stream);
    }
    let program = start.program()?;
    let not_started = |error: io::Error| ClientError::NotStarted {
        reason: format!("{}: {error}", program.display()),
    };
    private_folder(home.state())?;
    let log = File::create(home.start_log_file()).map_err(not_started)?;
    let apart = matches!(start, Start::Apart(_));
    let mut agent = launch(&program, apart, home, log).map_err(not_started)?;
    let mut end = latest;
    let mut ended = false;
    loop {
        if let Some(stream) = try_connect(home)? {
            return Ok(stream);
        }
        if Instant::now() > end {
            return Err(ClientError::NotStarted {
                reason: last_words(home, ended),
            });
        }
        if !ended && !matches!(agent.try_wait(), Ok(None)) {
            ended = true;
            end = latest.min(Instant::now() + GRACE);
        }
        thread::sleep(PAUSE);
    }
}

fn try_connect(home: &Home) -> Result<Option<Stream>, ClientError> {
    match Stream::connect(home.socket()) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            // No socket, or one that a killed agent left.
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Ok(None),
            _ => Err(ClientError::Unreachable {
                socket: home.socket().to_owned(),
                source: error,
            }),
        },
    }
}

/// Starts the agent, apart from this program: in a session of its own, with no terminal, in `/`.
fn launch(program: &Path, apart: bool, home: &Home, log: File) -> io::Result<Child> {
    let mut command = Command::new(program);
    if apart {
        let session = std::env::vars_os().filter(|(name, _)| is_of_session(name));
        let session: Vec<_> = session.collect();
        command.env_clear().envs(session);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .envs(home.environment());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.current_dir("/");
        // SAFETY: between fork and exec only setsid(2) is called, which is async-signal-safe and
        // allocates nothing.
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                Ok(())
            });
        }
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS};
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    }
    command.spawn()
}

/// What the agent said before it ended.
fn last_words(home: &Home, ended: bool) -> String {
    let said = std::fs::read_to_string(home.start_log_file()).unwrap_or_default();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    match last {
        Some(line) => line.trim().chars().take(300).collect(),
        None if ended => "it ended and said nothing".to_owned(),
        None => format!("it did not listen within {} s", DEADLINE.as_secs()),
    }
}

/// Variables that a person's session is made of. Not among them: what changes how programs are
/// loaded and where they are looked for.
fn is_of_session(name: &std::ffi::OsStr) -> bool {
    const NAMES: &[&str] = &[
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
        "DBUS_SESSION_BUS_ADDRESS",
        "PCSCLITE_CSOCK_NAME",
        "SystemRoot",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "TEMP",
        "TMP",
    ];
    const FAMILIES: &[&str] = &["LC_", "XDG_", "LICHNA_"];
    name.to_str().is_some_and(|name| {
        NAMES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
    })
}
