//! The authority for practice: a program beside this one, started when it is first needed, which
//! ends with this one, for it reads from a pipe that ends then.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use lichna_ipc::home::private_folder;
use lichna_ipc::{AuthorityChoice, CertificateOf, Home, NamedPem, Request};
use serde::Deserialize;

use crate::problem::{Here, Problem};

/// Name of the program.
const PROGRAM: &str = "lichna-authority";
/// How the readers of practice cards are named.
const PRACTICE_READER: &str = "Lichna Practice Card";

/// The sandbox of this home.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    home: Home,
    running: Mutex<Option<Running>>,
}

struct Running {
    child: Child,
    place: Place,
}

/// Where a sandbox is.
#[derive(Clone)]
pub struct Place {
    /// The authority.
    pub authority: AuthorityChoice,
    /// Its root certificate.
    pub root: NamedPem,
    /// The service to log in to.
    pub service: String,
}

/// The line that says that it is ready.
#[derive(Deserialize)]
struct Ready {
    authority: String,
    root: PathBuf,
    service: String,
}

impl Sandbox {
    /// The one of a home.
    pub fn of(home: Home) -> Self {
        let running = Mutex::default();
        Self(Arc::new(Inner { home, running }))
    }

    /// Where it is; it is made and started where it does not run. Waits until it is ready.
    ///
    /// # Errors
    /// [`Here::SandboxMissing`], [`Here::SandboxFailed`].
    pub fn place(&self) -> Result<Place, Problem> {
        let running = self.0.running.lock();
        let mut running = running.unwrap_or_else(PoisonError::into_inner);
        if let Some(Running { child, place }) = running.as_mut()
            && matches!(child.try_wait(), Ok(None))
        {
            return Ok(place.clone());
        }
        let (child, place) = start(&self.0.home)?;
        *running = Some(Running {
            child,
            place: place.clone(),
        });
        Ok(place)
    }

    /// Ends it, and deletes all that it has. What it issued is good for nothing then.
    ///
    /// # Errors
    /// [`Here::SandboxFailed`].
    pub fn forget(&self) -> Result<(), Problem> {
        let running = self.0.running.lock();
        let mut running = running.unwrap_or_else(PoisonError::into_inner);
        if let Some(Running { mut child, .. }) = running.take() {
            // Told by the end of its input, it closes its store in order.
            drop(child.stdin.take());
            child.wait().map_err(|error| failed(&error))?;
        }
        match fs::remove_dir_all(self.0.home.sandbox()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&error)),
            _ => Ok(()),
        }
    }

    /// Starts it where this is asked of a practice card that may have its certificates from there.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub fn wake_for(&self, request: &Request) -> Result<(), Problem> {
        let was_made = self.0.home.sandbox().exists();
        if was_made && reader_at_authority(request).is_some_and(is_practice) {
            self.place()?;
        }
        Ok(())
    }
}

/// The reader whose card's authority is asked.
fn reader_at_authority(request: &Request) -> Option<&str> {
    match request {
        Request::CertificateStatus(asked) => match &asked.certificate {
            CertificateOf::Card(choice) => choice.reader.as_deref(),
            CertificateOf::File { .. } => None,
        },
        Request::History(asked) => asked.reader.as_deref(),
        Request::NameCertificate(asked) => asked.reader.as_deref(),
        Request::Suspend(asked) => asked.reader.as_deref(),
        Request::Resume(asked) => asked.reader.as_deref(),
        Request::Revoke(asked) => asked.reader.as_deref(),
        Request::Renew(asked) => asked.reader.as_deref(),
        // Which card it is about stands in the task; it may be a practice card.
        Request::TaskResume(_) => Some(PRACTICE_READER),
        _ => None,
    }
}

fn is_practice(reader: &str) -> bool {
    reader.starts_with(PRACTICE_READER)
}

fn start(home: &Home) -> Result<(Child, Place), Problem> {
    let beside = std::env::current_exe().map_err(|error| failed(&error))?;
    let program = beside.with_file_name(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        return Err(Problem::Here(Here::SandboxMissing));
    }
    let folder = home.sandbox();
    private_folder(&folder).map_err(|error| failed(&error))?;
    let mut child = Command::new(program)
        .args(["sandbox", "--home"])
        .arg(&folder)
        .env("LICHNA_LOG", "off")
        // It ends with this program, whatever ends that.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    match ready(&mut child) {
        Ok(place) => Ok((child, place)),
        Err(problem) => {
            // It may have ended by itself.
            child.kill().ok();
            child.wait().ok();
            Err(problem)
        }
    }
}

fn ready(child: &mut Child) -> Result<Place, Problem> {
    let mut line = String::new();
    if let Some(out) = child.stdout.as_mut() {
        let read = BufReader::new(out).read_line(&mut line);
        read.map_err(|error| failed(&error))?;
    }
    if line.is_empty() {
        let mut said = String::new();
        if let Some(errors) = child.stderr.as_mut() {
            errors.read_to_string(&mut said).ok();
        }
        return Err(failed(&io::Error::other(said.trim().to_owned())));
    }
    let ready: Ready = serde_json::from_str(&line).map_err(|error| failed(&error))?;
    let pem = fs::read_to_string(&ready.root).map_err(|error| failed(&error))?;
    let root = NamedPem {
        file: ready.root.display().to_string(),
        pem,
    };
    Ok(Place {
        authority: AuthorityChoice {
            url: ready.authority,
            root: Some(root.clone()),
        },
        root,
        service: ready.service,
    })
}

fn failed(error: &dyn std::error::Error) -> Problem {
    let reason = lichna_ipc::chain(error);
    Problem::Here(Here::SandboxFailed { reason })
}
