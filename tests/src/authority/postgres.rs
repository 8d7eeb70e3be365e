//! A PostgreSQL server of one's own, reached over TCP on 127.0.0.1.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::ports::Ports;
use crate::until;

/// A running server, until it is dropped.
#[derive(Debug)]
pub(super) struct Postgres {
    child: Child,
    ports: Ports,
    _folder: tempfile::TempDir,
}

impl Postgres {
    /// Makes a cluster and starts its server.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-postgres-")
            .tempdir()
            .expect("a folder");
        // The server refuses to be root, and is somebody else then.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("own folder");
        let cluster = folder.path().join("cluster");
        let made = program("initdb")
            .arg("--pgdata")
            .arg(&cluster)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--no-instructions"])
            .output()
            .expect("PostgreSQL is installed");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "initdb: {said}");

        let ports = Ports::take(1);
        let log = File::create(folder.path().join("log")).expect("own folder");
        let child = program("postgres")
            .arg("-D")
            .arg(&cluster)
            .args(["-p", &ports.first().to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .arg("-c")
            .arg(format!(
                "unix_socket_directories={}",
                folder.path().display()
            ))
            // What is tested is what survives the end of a process, not of the computer.
            .args(["-c", "fsync=off", "-c", "max_connections=100"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("PostgreSQL is installed");
        let mut server = Self {
            child,
            ports,
            _folder: folder,
        };
        until("PostgreSQL to be ready", || {
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("PostgreSQL ended: {status}");
            }
            let mut ready = Command::new(tool("pg_isready"));
            ready.args(["--quiet", "--host=127.0.0.1", "--port"]);
            ready.arg(server.ports.first().to_string());
            ready.status().expect("PostgreSQL is installed").success()
        });
        server
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{}/postgres",
            self.ports.first()
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // At once, with all its processes; what it has is not needed any more.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        self.child.wait().ok();
    }
}

/// A program of the server's, by somebody who is not root.
fn program(name: &str) -> Command {
    let path = tool(name);
    if !rustix::process::getuid().is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(path)
        .current_dir("/");
    command
}

/// The newest version that is there: `/usr/lib/postgresql/15/bin`.
fn tool(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let number = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        name.parse::<u32>().ok()
    };
    let newest = versions
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("bin").join(name).exists())
        .max_by_key(|path| number(path));
    newest
        .expect("PostgreSQL is installed")
        .join("bin")
        .join(name)
}
