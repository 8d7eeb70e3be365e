//! An authority of one's own: made in a folder of its own, with its own database and ports, run as
//! one process or several, and gone when its value is dropped.
//!
//! ```no_run
//! use lichna_tests::authority::{Authority, Database, Spec};
//!
//! let authority = Authority::start(&Spec::new(Database::Sqlite));
//! let answer = authority.get("/v1/register/suspensions").send();
//! assert_eq!(answer.code(), "not-identified");
//! ```
//!
//! - [`people`]: officers and holders with keys of openssl's, enrolled by Art. 14.
//! - [`call`]: requests by curl.

mod postgres;

pub mod call;
pub mod people;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::built;
use crate::ca::Certificate;
use crate::ports::Ports;
use crate::until;
use call::{Call, Method};
use postgres::Postgres;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite,
    /// A cluster of this authority's own.
    Postgres,
}

impl Database {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// An authority to be.
#[derive(Clone, Debug)]
pub struct Spec {
    database: Database,
    instances: u16,
    settings: String,
    environment: Vec<(String, String)>,
}

impl Spec {
    /// One instance over this database, with the settings that are there without any.
    pub fn new(database: Database) -> Self {
        Self {
            database,
            instances: 1,
            settings: String::new(),
            environment: Vec::new(),
        }
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// So many instances over one database.
    #[must_use]
    pub fn instances(mut self, instances: u16) -> Self {
        self.instances = instances;
        self
    }

    /// More settings: TOML with sections other than `[listen]`, `[urls]` and `[store]`.
    #[must_use]
    pub fn settings(mut self, settings: &str) -> Self {
        self.settings.push_str(settings);
        self.settings.push('\n');
        self
    }
}

/// An authority that was made. Its instances run unless they were stopped.
#[derive(Debug)]
pub struct Authority {
    instances: Vec<Instance>,
    environment: Vec<(String, String)>,
    ports: Ports,
    folder: tempfile::TempDir,
    // Goes last: the instances are its clients.
    postgres: Option<Postgres>,
}

#[derive(Debug)]
struct Instance {
    name: String,
    child: Option<Child>,
}

/// Ports of an instance: HTTPS, HTTP, internal.
const PORTS: u16 = 3;

impl Authority {
    /// Makes and starts it, and waits until every instance is ready.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(spec: &Spec) -> Self {
        let mut authority = Self::make(spec);
        for index in 0..authority.instances.len() {
            authority.run(index);
        }
        authority
    }

    /// Makes it and starts none of its instances.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn make(spec: &Spec) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-authority-")
            .tempdir()
            .expect("a folder");
        let ports = Ports::take(PORTS * spec.instances);
        let postgres = (spec.database == Database::Postgres).then(Postgres::start);
        let instances = (1..=spec.instances).map(|number| Instance {
            name: format!("i{number}"),
            child: None,
        });
        let authority = Self {
            instances: instances.collect(),
            environment: spec.environment.clone(),
            ports,
            folder,
            postgres,
        };
        for index in 0..authority.instances.len() {
            let text = authority.settings(index, &spec.settings);
            fs::write(authority.config(index), text).expect("own folder");
        }
        authority.admin(&["init"]);
        authority
    }

    fn settings(&self, index: usize, more: &str) -> String {
        let port = |which| self.port(index, which);
        let store = match &self.postgres {
            Some(postgres) => format!("url = \"{}\"\n", postgres.url()),
            None => String::new(),
        };
        // All name the first one in what they issue.
        format!(
            "instance = \"{}\"\n[listen]\nhttps = \"127.0.0.1:{}\"\nhttp = \"127.0.0.1:{}\"\n\
             internal = \"127.0.0.1:{}\"\n[urls]\nhttps = \"https://localhost:{}/\"\n\
             http = \"http://127.0.0.1:{}/\"\n[store]\nconnections = 8\n{store}\n{more}\n",
            self.instances[index].name,
            port(0),
            port(1),
            port(2),
            self.port(0, 0),
            self.port(0, 1),
        )
    }

    /// Starts an instance, and waits until it is ready.
    ///
    /// # Panics
    /// When it runs already, or does not start.
    pub fn run(&mut self, index: usize) {
        assert!(self.instances[index].child.is_none(), "it runs already");
        let mut command = self.command(index);
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_file(index))
            .expect("own folder");
        command
            .arg("run")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let child = command.spawn().expect("own program");
        self.instances[index].child = Some(child);
        until("the authority to be ready", || {
            let child = self.instances[index].child.as_mut().expect("just started");
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the authority ended ({status}): {}", self.log(index));
            }
            let ready = format!("http://127.0.0.1:{}/ready", self.port(index, 2));
            let mut command = Command::new("curl");
            command.args(["--silent", "--fail", "--output", "/dev/null", &ready]);
            command.status().expect("curl is installed").success()
        });
    }

    /// Has an instance stop as the system does, and waits for its end. Returns whether it ended in
    /// order.
    pub fn stop(&mut self, index: usize) -> bool {
        let Some(mut child) = self.instances[index].child.take() else {
            return true;
        };
        signal(&child, rustix::process::Signal::TERM);
        child.wait().expect("own child").success()
    }

    /// Kills an instance where it stands.
    pub fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.instances[index].child.take() {
            child.kill().expect("own child");
            child.wait().expect("own child");
        }
    }

    /// The process of an instance.
    ///
    /// # Panics
    /// When it does not run.
    pub fn pid(&self, index: usize) -> u32 {
        self.instances[index].child.as_ref().expect("it runs").id()
    }

    /// An operator's command; what it says, a line of JSON each.
    ///
    /// # Panics
    /// When it fails.
    pub fn admin(&self, arguments: &[&str]) -> Vec<Value> {
        self.admin_with(arguments, "")
    }

    /// The same with something on the standard input.
    ///
    /// # Panics
    /// When it fails.
    pub fn admin_with(&self, arguments: &[&str], input: &str) -> Vec<Value> {
        match self.try_admin(arguments, input) {
            Ok(lines) => lines,
            Err(error) => panic!("{arguments:?}: {error}"),
        }
    }

    /// The operator invites a person to be an officer of this administrator; id and code of the
    /// application.
    ///
    /// # Panics
    /// When it fails.
    pub fn invite(&self, administrator: &str, person: &Value) -> (String, String) {
        let arguments = ["officer", "invite", "--administrator", administrator];
        let arguments = [&arguments[..], &["--person", "-"]].concat();
        let said = self.admin_with(&arguments, &person.to_string());
        let text = |name: &str| said[0][name].as_str().expect("text").to_owned();
        (text("application"), text("code"))
    }

    /// An operator's command that may fail.
    ///
    /// # Errors
    /// What it says when it fails.
    pub fn try_admin(&self, arguments: &[&str], input: &str) -> Result<Vec<Value>, String> {
        let mut command = self.command(0);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("own program");
        let mut stdin = child.stdin.take().expect("piped");
        // It may end without reading any of it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("own child");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let text = String::from_utf8(output.stdout).expect("text");
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        Ok(lines.collect())
    }

    /// Registers an administrator by its certificate; its id.
    pub fn administrator(&self, name: &str, certificate: &Certificate) -> String {
        let path = certificate.path.to_str().expect("a path in UTF-8");
        let said = self.admin(&[
            "administrator",
            "add",
            "--name",
            name,
            "--eik",
            "126608480",
            "--certificate",
            path,
        ]);
        said[0]["id"].as_str().expect("an id").to_owned()
    }

    /// Registers a centre or an official (`kind`) by its certificate.
    pub fn client(&self, kind: &str, name: &str, certificate: &Certificate) {
        let path = certificate.path.to_str().expect("a path in UTF-8");
        self.admin(&[
            "client",
            "add",
            "--kind",
            kind,
            "--name",
            name,
            "--certificate",
            path,
        ]);
    }

    /// Registers a practice card with its key.
    pub fn carrier(&self, number: &str, key: &[u8; 32]) {
        self.admin_with(&["carrier", "add", number], &hex::encode(key));
    }

    /// Registers a carrier of that scheme with its key.
    pub fn carrier_of(&self, scheme: &str, number: &str, key: &[u8]) {
        let arguments = ["carrier", "add", number, "--scheme", scheme];
        self.admin_with(&arguments, &hex::encode(key));
    }

    /// The root certificate, which its clients are given (PEM).
    pub fn root(&self) -> PathBuf {
        self.data().join("keys/root.pem")
    }

    /// The issuing authority's certificate (PEM).
    pub fn issuing(&self) -> PathBuf {
        self.data().join("keys/issuing.pem")
    }

    /// The public key that journals are verified with (PEM).
    pub fn journal_key(&self) -> PathBuf {
        self.data().join("keys/journal.pub.pem")
    }

    /// The journal of an instance.
    pub fn journal(&self, index: usize) -> PathBuf {
        self.data()
            .join("journal")
            .join(&self.instances[index].name)
    }

    /// The journal of the operator's commands.
    pub fn operators_journal(&self) -> PathBuf {
        let name = format!("operator-{}", self.instances[0].name);
        self.data().join("journal").join(name)
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The API of an instance: `https://localhost:PORT`.
    pub fn url(&self, index: usize) -> String {
        format!("https://localhost:{}", self.port(index, 0))
    }

    /// The listener without TLS of an instance: `http://127.0.0.1:PORT`.
    pub fn http_url(&self, index: usize) -> String {
        format!("http://127.0.0.1:{}", self.port(index, 1))
    }

    /// The operator's listener of an instance: `http://127.0.0.1:PORT`.
    pub fn internal_url(&self, index: usize) -> String {
        format!("http://127.0.0.1:{}", self.port(index, 2))
    }

    /// All that an instance said.
    pub fn log(&self, index: usize) -> String {
        fs::read_to_string(self.log_file(index)).unwrap_or_default()
    }

    /// The URL of the database, for tools.
    pub fn database_url(&self) -> String {
        match &self.postgres {
            Some(postgres) => postgres.url(),
            None => format!("sqlite:{}", self.data().join("authority.db").display()),
        }
    }

    /// The result of a query: rows of values, by sqlite3 or psql.
    ///
    /// # Panics
    /// When the query fails.
    pub fn query(&self, sql: &str) -> Vec<Vec<String>> {
        let mut command = match &self.postgres {
            Some(postgres) => {
                let mut command = Command::new("psql");
                command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--dbname"]);
                command.arg(postgres.url()).args(["--command", sql]);
                command
            }
            None => {
                let mut command = Command::new("sqlite3");
                command.arg("-cmd").arg(".timeout 10000");
                command.arg(self.data().join("authority.db")).arg(sql);
                command
            }
        };
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {said}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines()
            .map(|line| line.split('|').map(str::to_owned).collect())
            .collect()
    }

    /// A GET from the first instance.
    pub fn get(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::Get, path)
    }

    /// A POST to the first instance.
    pub fn post(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::Post, path)
    }

    /// A PUT to the first instance.
    pub fn put(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::Put, path)
    }

    /// A DELETE to the first instance.
    pub fn delete(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::Delete, path)
    }

    /// How many instances it has.
    pub fn instances(&self) -> usize {
        self.instances.len()
    }

    /// The settings of an instance.
    pub fn config(&self, index: usize) -> PathBuf {
        self.data()
            .join(format!("{}.toml", self.instances[index].name))
    }

    fn command(&self, index: usize) -> Command {
        let mut command = Command::new(built::authority());
        command
            .arg("--data")
            .arg(self.data())
            .arg("--config")
            .arg(self.config(index))
            .env_remove("CREDENTIALS_DIRECTORY")
            .envs(self.environment.iter().cloned());
        command
    }

    fn port(&self, index: usize, which: u16) -> u16 {
        let index = u16::try_from(index).expect("few instances");
        self.ports.first() + index * PORTS + which
    }

    fn log_file(&self, index: usize) -> PathBuf {
        self.data()
            .join(format!("{}.log", self.instances[index].name))
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for index in 0..self.instances.len() {
            self.kill(index);
        }
    }
}

fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).expect("own child");
}
