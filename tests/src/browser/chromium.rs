//! Chromium, driven over its debugging pipe (`--remote-debugging-pipe`).

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::{Processes, messages};
use super::{Browser, Database, LOOK, Looked, PATIENCE, Page};
use crate::programs::Provider;

/// Chromium with a home of its own, until this is dropped.
#[derive(Debug)]
pub struct Chromium {
    // Dropped first: the browser before its home.
    processes: Processes,
    pipe: Pipe,
    /// The session of the page.
    page: String,
    database: Database,
    loads: u32,
    url: String,
    /// The number of the request for the page that is being loaded.
    loading: u64,
    _folder: tempfile::TempDir,
}

impl Chromium {
    /// Chromium that trusts the authority, knows the module, and shows whichever certificate fits.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(module: &Provider, root: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-chromium-")
            .tempdir()
            .expect("a folder");
        let nss = folder.path().join(".pki/nssdb");
        fs::create_dir_all(&nss).expect("own folder");
        let database = Database::new(&nss, folder.path(), module, root);
        let policies = folder.path().join("etc");
        fs::create_dir_all(policies.join("policies/managed")).expect("own folder");
        let policy = json!({
            "AutoSelectCertificateForUrls": [json!({"pattern": "*", "filter": {}}).to_string()],
        });
        let file = policies.join("policies/managed/test.json");
        fs::write(file, policy.to_string()).expect("own folder");

        let root = rustix::process::getuid().is_root();
        let mut command = module.command("unshare", folder.path());
        if !root {
            command.args(["--user", "--map-root-user"]);
        }
        command
            .args(["--mount", "sh", "-c", BEGIN, "sh"])
            .arg(&policies)
            // In a name space where it is root, or for root, it has no sandbox.
            .args(["chromium", "--no-sandbox"])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("data").display()
            ))
            .args(OPTIONS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut processes = Processes::start(&mut command);
        let stdin = processes.child().stdin.take().expect("it is piped");
        let stdout = processes.child().stdout.take().expect("it is piped");
        let mut pipe = Pipe::new(stdin, stdout);
        let blank = json!({"url": "about:blank"});
        let target = pipe.must("Target.createTarget", &blank, None);
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = pipe.must("Target.attachToTarget", &attach, None);
        let page = attached["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        Self {
            processes,
            pipe,
            page,
            database,
            loads: 0,
            url: String::new(),
            loading: 0,
            _folder: folder,
        }
    }

    /// The database that it shares with other programs of its kind.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    fn look(&mut self, deadline: Instant) -> Option<Looked> {
        let expression = json!({"expression": LOOK});
        let sent = self
            .pipe
            .send("Runtime.evaluate", &expression, Some(&self.page));
        // A document that goes while it is looked at is no answer.
        let answer = self.pipe.answer(sent, deadline).ok()?;
        serde_json::from_str(answer["result"]["value"].as_str()?).ok()
    }
}

impl Browser for Chromium {
    fn begin(&mut self, url: &str) {
        self.loads += 1;
        // So that this page is not taken for the one before it.
        self.url = format!("{url}?load={}", self.loads);
        let url = json!({"url": self.url});
        self.loading = self.pipe.send("Page.navigate", &url, Some(&self.page));
    }

    fn end(&mut self) -> Page {
        let deadline = Instant::now() + PATIENCE;
        let answer = self.pipe.answer(self.loading, deadline);
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", self.url));
        if let Some(error) = answer["errorText"].as_str() {
            return Page {
                failure: Some(error.to_owned()),
                ..Page::default()
            };
        }
        loop {
            self.processes.assert_alive();
            assert!(Instant::now() < deadline, "{} hangs", self.url);
            if let Some(looked) = self.look(deadline)
                && looked.state == "complete"
                && looked.href == self.url
            {
                return Page {
                    text: looked.text,
                    pictures: looked.pictures,
                    failure: None,
                };
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    fn forget(&mut self) {
        // It remembers for the life of a profile that it went without a certificate.
        let context = self
            .pipe
            .must("Target.createBrowserContext", &json!({}), None);
        let context = &context["browserContextId"];
        let blank = json!({"url": "about:blank", "browserContextId": context});
        self.page = self.pipe.open_page(&blank);
    }

    fn quit(mut self: Box<Self>) {
        self.pipe.send("Browser.close", &json!({}), None);
        self.processes.wait();
    }
}

/// What Chromium is told, and says: JSON, each message ended by a zero.
#[derive(Debug)]
struct Pipe {
    to: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
}

impl Pipe {
    fn new(to: ChildStdin, from: ChildStdout) -> Self {
        Self {
            to,
            messages: messages(BufReader::new(from), read_message),
            last: 0,
        }
    }

    fn send(&mut self, method: &str, parameters: &Value, session: Option<&str>) -> u64 {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut message = message.to_string().into_bytes();
        message.push(0);
        self.to.write_all(&message).expect("Chromium listens");
        self.last
    }

    /// Waits for the answer to that message; answers to others, and what was not asked for, count
    /// for nothing.
    fn answer(&self, id: u64, deadline: Instant) -> Result<Value, String> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).map_err(|why| match why {
                RecvTimeoutError::Timeout => "Chromium does not answer".to_owned(),
                RecvTimeoutError::Disconnected => "Chromium is gone".to_owned(),
            })?;
            if message["id"] == id {
                return match &message["error"] {
                    Value::Null => Ok(message["result"].clone()),
                    error => Err(error.to_string()),
                };
            }
        }
    }

    /// Opens a page; its session.
    fn open_page(&mut self, what: &Value) -> String {
        let target = self.must("Target.createTarget", what, None);
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.must("Target.attachToTarget", &attach, None);
        attached["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned()
    }

    fn must(&mut self, method: &str, parameters: &Value, session: Option<&str>) -> Value {
        let sent = self.send(method, parameters, session);
        let answer = self.answer(sent, Instant::now() + PATIENCE);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

fn read_message(from: &mut BufReader<ChildStdout>) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    from.read_until(0, &mut message)?;
    match message.pop() {
        Some(0) => Ok(message),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Puts the folder `$1` in the place of Chromium's settings for all users, which is where it looks
/// for policies, and becomes the rest; the debugging pipe is at descriptors 3 and 4.
const BEGIN: &str = "mount --bind \"$1\" /etc/chromium && shift && \
    exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null";

/// Headless, quiet, and a page that failed is not loaded again behind a test's back.
const OPTIONS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-auto-reload",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--password-store=basic",
];

const LOOK_AGAIN: Duration = Duration::from_millis(20);
