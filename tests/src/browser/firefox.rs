//! Firefox, driven over Marionette.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::{Processes, messages};
use super::{Browser, Database, LOOK, Looked, PATIENCE, Page};
use crate::programs::Provider;
use crate::until;

/// Firefox with a profile of its own, until this is dropped.
#[derive(Debug)]
pub struct Firefox {
    // Dropped first: the browser before its profile.
    processes: Processes,
    marionette: Marionette,
    database: Database,
    loads: u32,
    url: String,
    /// The number of the request for the page that is being loaded.
    loading: u64,
    _folder: tempfile::TempDir,
}

impl Firefox {
    /// Firefox that trusts the authority, knows the module, and shows whichever certificate fits.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(module: &Provider, root: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("lichna-firefox-")
            .tempdir()
            .expect("a folder");
        let profile = folder.path().join("profile");
        fs::create_dir(&profile).expect("own folder");
        let database = Database::new(&profile, folder.path(), module, root);
        fs::write(profile.join("user.js"), settings()).expect("own folder");
        let mut command = module.command("firefox-esr", folder.path());
        command
            .args(["--headless", "--marionette", "--remote-allow-system-access"])
            .args(["--no-remote", "--profile"])
            .arg(&profile)
            .env("MOZ_CRASHREPORTER_DISABLE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut processes = Processes::start(&mut command);
        let mut stream = None;
        until("Firefox to listen", || {
            processes.assert_alive();
            stream = connect(&profile);
            stream.is_some()
        });
        let mut marionette = Marionette::new(stream.expect("it was waited for"));
        let wanted = json!({"pageLoadStrategy": "none", "unhandledPromptBehavior": "ignore"});
        marionette.must("WebDriver:NewSession", &wanted);
        Self {
            processes,
            marionette,
            database,
            loads: 0,
            url: String::new(),
            loading: 0,
            _folder: folder,
        }
    }

    /// The tokens that Firefox's certificate manager lists for the module.
    ///
    /// # Panics
    /// When Firefox does not say.
    pub fn tokens(&mut self) -> Vec<String> {
        self.set_context("chrome");
        let answer = self.marionette.must(
            "WebDriver:ExecuteAsyncScript",
            &json!({"script": TOKENS, "args": [], "sandbox": "system"}),
        );
        self.set_context("content");
        serde_json::from_value(answer["value"].clone())
            .unwrap_or_else(|error| panic!("{error} in {answer}"))
    }

    /// Types this PIN wherever Firefox itself asks for one from now on, for tokens that want a login.
    pub fn types_at_prompts(&mut self, pin: &str) {
        self.set_context("chrome");
        let request = json!({"script": TYPE, "args": [pin], "sandbox": "system"});
        self.marionette.must("WebDriver:ExecuteScript", &request);
        self.set_context("content");
    }

    /// The profile's database.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// The process that the module is in.
    pub fn pid(&mut self) -> u32 {
        self.processes.child().id()
    }

    /// What stands in the window, if nothing is being loaded: the address and the document's own,
    /// which is another where Firefox shows a page of its own. The window is asked, for a page that
    /// goes while it is asked never answers.
    fn stands(&mut self) -> Option<(String, String)> {
        self.set_context("chrome");
        let request = json!({"script": STANDS, "args": [], "sandbox": "system"});
        let sent = self.marionette.send("WebDriver:ExecuteScript", &request);
        let answer = self.marionette.answer(sent, Instant::now() + PATIENCE);
        self.set_context("content");
        // While Firefox asks for a PIN itself, it says nothing else.
        serde_json::from_value(answer.ok()?["value"].clone()).ok()
    }

    fn look(&mut self) -> Looked {
        let request = json!({"script": format!("return {LOOK}"), "args": []});
        let answer = self.marionette.must("WebDriver:ExecuteScript", &request);
        let text = answer["value"].as_str().unwrap_or_default();
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {answer}"))
    }

    fn set_context(&mut self, context: &str) {
        let value = json!({"value": context});
        self.marionette.must("Marionette:SetContext", &value);
    }
}

impl Browser for Firefox {
    fn begin(&mut self, url: &str) {
        self.loads += 1;
        // So that this page is not taken for the one before it.
        self.url = format!("{url}?load={}", self.loads);
        let url = json!({"url": self.url});
        // The answer comes by the same thread as signatures, so it may take until one is made.
        self.loading = self.marionette.send("WebDriver:Navigate", &url);
    }

    fn end(&mut self) -> Page {
        let deadline = Instant::now() + PATIENCE;
        if let Err(error) = self.marionette.answer(self.loading, deadline) {
            return Page {
                failure: Some(error.to_string()),
                ..Page::default()
            };
        }
        loop {
            self.processes.assert_alive();
            let stands = self.stands();
            assert!(Instant::now() < deadline, "{} hangs: {stands:?}", self.url);
            if let Some((address, document)) = stands
                && address == self.url
            {
                if let Some(about) = document.strip_prefix("about:") {
                    return Page {
                        failure: Some(about.to_owned()),
                        ..Page::default()
                    };
                }
                let looked = self.look();
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
        // It decides anew for each connection.
    }

    fn quit(mut self: Box<Self>) {
        let how = json!({"flags": ["eAttemptQuit"]});
        self.marionette.must("Marionette:Quit", &how);
        self.processes.wait();
    }
}

/// The connection on which Firefox is told what to do: a length in decimal digits, a colon, JSON.
#[derive(Debug)]
struct Marionette {
    stream: TcpStream,
    messages: Receiver<Value>,
    last: u64,
}

impl Marionette {
    fn new(stream: TcpStream) -> Self {
        let reading = stream.try_clone().expect("a second handle");
        let messages = messages(reading, read_message);
        let hello = messages.recv_timeout(PATIENCE).expect("Firefox speaks");
        assert_eq!(hello["marionetteProtocol"], 3, "{hello}");
        Self {
            stream,
            messages,
            last: 0,
        }
    }

    fn send(&mut self, name: &str, parameters: &Value) -> u64 {
        self.last += 1;
        let message = json!([0, self.last, name, parameters]).to_string();
        let message = format!("{}:{message}", message.len());
        self.stream
            .write_all(message.as_bytes())
            .expect("Firefox listens");
        self.last
    }

    /// Waits for the answer to that message.
    fn answer(&self, id: u64, deadline: Instant) -> Result<Value, Value> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = self.messages.recv_timeout(left);
            let answer = answer.unwrap_or_else(|_| panic!("Firefox does not answer"));
            if answer[1] == id {
                return match &answer[2] {
                    Value::Null => Ok(answer[3].clone()),
                    error => Err(error.clone()),
                };
            }
        }
    }

    fn must(&mut self, name: &str, parameters: &Value) -> Value {
        let sent = self.send(name, parameters);
        let answer = self.answer(sent, Instant::now() + PATIENCE);
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// Firefox writes its port into its profile when it listens.
fn connect(profile: &Path) -> Option<TcpStream> {
    let port = fs::read_to_string(profile.join("MarionetteActivePort")).ok()?;
    TcpStream::connect((Ipv4Addr::LOCALHOST, port.trim().parse().ok()?)).ok()
}

fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        match byte[0] {
            digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
            b':' => break,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message)?;
    Ok(message)
}

/// The profile's `user.js`.
fn settings() -> String {
    SETTINGS
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "user_pref(\"{name}\", {value});").expect("memory");
            text
        })
}

/// Which certificate is shown Firefox decides by itself; everything else is for quiet.
const SETTINGS: &[(&str, &str)] = &[
    ("security.default_personal_cert", "\"Select Automatically\""),
    ("marionette.port", "0"),
    ("app.normandy.enabled", "false"),
    ("app.update.auto", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("browser.newtabpage.enabled", "false"),
    ("browser.newtab.preload", "false"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.startup.page", "0"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("dom.ipc.processPrelaunch.enabled", "false"),
    ("extensions.update.enabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    // Each connection is one that the page needs: none ahead of time, and no second one where the
    // first takes more than a quarter of a second.
    ("network.http.connection-retry-timeout", "0"),
    ("network.http.speculative-parallel-limit", "0"),
    ("services.settings.server", "\"data:,none\""),
    ("toolkit.telemetry.reportingpolicy.firstRun", "false"),
];

/// The address and the document's own in the window, once it is loaded.
const STANDS: &str = r#"
let browser = Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser;
return browser.webProgress.isLoadingDocument
  ? null
  : [browser.currentURI.spec, browser.documentURI ? browser.documentURI.spec : ""];
"#;

/// The names of the tokens of the module, by Firefox's own list of modules.
const TOKENS: &str = r#"
let done = arguments[arguments.length - 1];
(async () => {
  let modules = Cc["@mozilla.org/security/pkcs11moduledb;1"].getService(Ci.nsIPKCS11ModuleDB);
  let all = await modules.listModules();
  let names = [];
  for (let one of all) {
    if (one.name != "card") continue;
    for (let slot of one.listSlots ? one.listSlots() : one.slots)
      if (slot.tokenName) names.push(slot.tokenName);
  }
  done(names);
})().catch(error => done([String(error)]));
"#;

/// Types the PIN at every prompt for one.
const TYPE: &str = r#"
let [pin] = arguments;
let typist = { observe(dialog) {
  if (dialog.Dialog?.args?.promptType != "promptPassword") return;
  dialog.setTimeout(() => {
    dialog.Dialog.ui.password1Textbox.value = pin;
    dialog.Dialog.ui.button0.click();
  }, 50);
} };
// Whoever observes lives as long as the window.
Services.wm.getMostRecentWindow("navigator:browser").typist = typist;
Services.obs.addObserver(typist, "common-dialog-loaded");
"#;

const LOOK_AGAIN: Duration = Duration::from_millis(20);
