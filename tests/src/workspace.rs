//! Our own programs at work: a place of their own (`LICHNA_HOME`), the client, its agent.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use rexpect::session::PtySession;
use rustix::process::{Pid, Signal, kill_process};

use crate::pcscd::Pcscd;
use crate::{DEADLINE, built, until};

/// What a program said to its end.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// The exit code.
    ///
    /// # Panics
    /// When a signal ended it.
    pub fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| panic!("ended by a signal: {self:?}"))
    }

    /// The standard output, if the program succeeded.
    ///
    /// # Panics
    /// When it did not; the message has all it said.
    pub fn success(&self) -> &str {
        assert!(
            self.status.success(),
            "{}: {}{}",
            self.status,
            self.stdout,
            self.stderr
        );
        &self.stdout
    }

    /// The standard output as JSON, if the program succeeded.
    ///
    /// # Panics
    /// When it did not, or it is none.
    pub fn json(&self) -> serde_json::Value {
        let text = self.success();
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }
}

/// A `LICHNA_HOME` of its own, and whatever runs in it; the agent is ended when this is dropped.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    environment: Vec<(OsString, OsString)>,
    _folder: tempfile::TempDir,
}

impl Home {
    /// A home whose programs reach that PC/SC service.
    pub fn new(pcscd: &Pcscd) -> Self {
        let mut home = Self::apart();
        for (name, value) in pcscd.env() {
            home.set(name, value);
        }
        home
    }

    /// A home whose programs reach no PC/SC service.
    pub fn apart() -> Self {
        Self::below("home")
    }

    /// A home at that path below a folder of its own, to make the path as long as one likes.
    pub fn below(path: impl AsRef<Path>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-home-")
            .tempdir()
            .expect("a folder");
        // For tests with another user's processes; what is below says who may enter it.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("own folder");
        let path = folder.path().join(path);
        fs::create_dir_all(&path).expect("own folder");
        fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("own folder");
        let runtime = folder.path().join("runtime");
        fs::create_dir(&runtime).expect("own folder");
        fs::set_permissions(&runtime, Permissions::from_mode(0o700)).expect("own folder");
        let mut home = Self {
            path,
            environment: Vec::new(),
            _folder: folder,
        };
        home.set("LICHNA_HOME", home.path.clone());
        home.set("XDG_RUNTIME_DIR", runtime);
        home.set("PCSCLITE_CSOCK_NAME", home.path.join("no-such-service"));
        // Nor does any of them touch the key store of whoever runs this.
        let no_bus = home.path.join("no-such-bus");
        home.set(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", no_bus.display()),
        );
        // A screen that is locked meanwhile is none of theirs.
        home.set(
            "DBUS_SYSTEM_BUS_ADDRESS",
            format!("unix:path={}", no_bus.display()),
        );
        // And no window opens on the screen of whoever runs this.
        home.set("DISPLAY", "");
        home.set("WAYLAND_DISPLAY", "");
        home.set("LC_ALL", "en_GB.UTF-8");
        home
    }

    /// Sets a variable of the environment of every program started from now on.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let (name, value) = (name.into(), value.into());
        self.environment.retain(|(other, _)| *other != name);
        self.environment.push((name, value));
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The environment of its programs, as far as it differs from that of the test.
    pub fn environment(&self) -> &[(OsString, OsString)] {
        &self.environment
    }

    /// Any program, in this home.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// `lichna` with these arguments, in this home, not started yet.
    pub fn lichna<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        // The client starts the agent that lies beside it.
        built::agent();
        let mut command = self.command(built::lichna());
        command.args(arguments);
        command
    }

    /// Runs `lichna` to its end, without a terminal and with no input.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        finish(self.lichna(arguments), b"")
    }

    /// Runs `lichna` to its end, without a terminal and with this on its standard input.
    pub fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: impl AsRef<[u8]>,
    ) -> Output {
        finish(self.lichna(arguments), input.as_ref())
    }

    /// Starts `lichna` at a terminal: `exp_string` waits for a text, `send_line` types one.
    pub fn terminal<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> PtySession {
        at_terminal(self.lichna(arguments))
    }

    /// Starts the agent by itself in the foreground, with these arguments.
    pub fn agent<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(built::agent());
        command.args(arguments);
        command
    }

    /// The agents that run in this home. There should be one at most.
    pub fn agents(&self) -> Vec<Pid> {
        let Ok(processes) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let mut agents: Vec<_> = processes
            .flatten()
            .filter_map(|process| {
                let number: i32 = process.file_name().to_str()?.parse().ok()?;
                self.is_agent(&process.path())
                    .then(|| Pid::from_raw(number))?
            })
            .collect();
        // An agent that is not dumpable shows its environment to root only; who listens, it tells.
        let listener = UnixStream::connect(self.path.join("run/agent.sock"))
            .ok()
            .and_then(|stream| rustix::net::sockopt::socket_peercred(&stream).ok());
        agents.extend(
            listener
                .map(|peer| peer.pid)
                .filter(|pid| !agents.contains(pid)),
        );
        agents
    }

    /// Whether a process is the agent's program with this home in its environment.
    fn is_agent(&self, process: &Path) -> bool {
        let Ok(name) = fs::read_to_string(process.join("comm")) else {
            return false;
        };
        // `lichna`, the client, has the same home.
        if name.trim_end() != "lichna-agent" {
            return false;
        }
        let mut wanted = OsString::from("LICHNA_HOME=");
        wanted.push(&self.path);
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment
            .split(|&byte| byte == 0)
            .any(|entry| entry == wanted.as_encoded_bytes())
    }

    /// Sends every agent of this home a signal.
    pub fn signal_agents(&self, signal: Signal) {
        for pid in self.agents() {
            // It may end in between.
            kill_process(pid, signal).ok();
        }
    }

    /// Ends the agent as a log-out does, and waits until it is gone.
    ///
    /// # Panics
    /// When it does not go.
    pub fn stop_agent(&self) {
        self.signal_agents(Signal::TERM);
        until("the agent to end", || self.agents().is_empty());
    }

    /// Ends the agent without warning, and waits until it is gone.
    pub fn kill_agent(&self) {
        self.signal_agents(Signal::KILL);
        until("the agent to be gone", || self.agents().is_empty());
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What hangs is a matter of another test than the one that ends here.
        self.signal_agents(Signal::TERM);
        let end = Instant::now() + DEADLINE / 10;
        while !self.agents().is_empty() && Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        self.signal_agents(Signal::KILL);
    }
}

/// Starts a program at a terminal of its own.
///
/// # Panics
/// When it does not start.
pub fn at_terminal(command: Command) -> PtySession {
    let deadline = u64::try_from(DEADLINE.as_millis()).ok();
    rexpect::session::spawn_command(command, deadline).expect("a terminal")
}

/// Runs a program to its end with that input.
///
/// # Panics
/// When it does not start, or does not end within the deadline.
pub fn finish(mut command: Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("it is piped");
    // A program that does not want its input closes it.
    stdin.write_all(input).ok();
    drop(stdin);
    let pid = Pid::from_child(&child);
    let (done, ended) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let output = child.wait_with_output();
        done.send(()).ok();
        output
    });
    if ended.recv_timeout(3 * DEADLINE).is_err() {
        kill_process(pid, Signal::KILL).ok();
        let said = waiting.join().map(Result::ok);
        panic!(
            "{command:?} did not end within {:?}: {said:?}",
            3 * DEADLINE
        );
    }
    let output = waiting
        .join()
        .expect("the thread only waits")
        .expect("own child");
    Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into(),
        stderr: String::from_utf8_lossy(&output.stderr).into(),
    }
}

/// The user that owns a file or a process folder; for tests with several users.
pub fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| metadata.uid())
}
