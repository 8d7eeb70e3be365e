//! A person at another terminal, who answers what programs ask for: `lichna approve`, typed at a
//! pseudo-terminal in a session of its own.
//!
//! ```no_run
//! use lichna_tests::approver::{Answers, Approver};
//! use lichna_tests::workspace::Home;
//!
//! let home = Home::apart();
//! let person = Approver::new(&home, Answers::pin("123456").grants());
//! person.once(Answers::refuses()); // the next request alone
//! // … a program asks …
//! assert_eq!(person.answered().len(), 1);
//! ```

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lichna_ipc::client::{Client, Decision, Dialogue, Ended, Start};
use lichna_ipc::{Consent, PendingRequest, Reply, Request};
use rexpect::reader::{ReadUntil, Regex};
use rexpect::session::{PtySession, spawn_command};

use crate::workspace::Home;
use crate::{DEADLINE, built, until};

/// What `lichna approve` asks at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The PIN.
    Pin,
    /// The CAN.
    Can,
    /// Whether the last try may be spent.
    LastTry,
    /// Whether the CAN is to be remembered.
    RememberCan,
    /// Whether to go on at the reader's keypad.
    Pinpad,
    /// Whether the program may sign more without another PIN.
    Grant,
    /// Whether the program is to be remembered.
    RememberProgram,
}

impl Question {
    /// The question that a prompt puts.
    fn of(prompt: &str) -> Self {
        let has = |words: &str| prompt.contains(words);
        match prompt {
            _ if has("alone to refuse") && has("CAN") => Self::Can,
            _ if has("alone to refuse") => Self::Pin,
            _ if has("LAST") => Self::LastTry,
            _ if has("CAN") => Self::RememberCan,
            _ if has("at the reader") => Self::Pinpad,
            _ if has("every time") => Self::RememberProgram,
            _ if has("without asking again") => Self::Grant,
            _ => panic!("nobody knows what to say to “{prompt}”"),
        }
    }
}

/// What a person answers to one request.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pin: Option<String>,
    can: Option<String>,
    yes: BTreeSet<Question>,
    leaves: bool,
}

impl Answers {
    /// Types this PIN, and says no to whatever else is offered.
    pub fn pin(pin: &str) -> Self {
        Self {
            pin: Some(pin.to_owned()),
            ..Self::default()
        }
    }

    /// Presses Enter alone.
    pub fn refuses() -> Self {
        Self::default()
    }

    /// Does not answer at all.
    pub fn leaves_it() -> Self {
        Self {
            leaves: true,
            ..Self::default()
        }
    }

    /// Types that CAN where it is asked for.
    #[must_use]
    pub fn can(mut self, can: &str) -> Self {
        self.can = Some(can.to_owned());
        self
    }

    /// Lets the program sign more without another PIN.
    #[must_use]
    pub fn grants(self) -> Self {
        self.says_yes(Question::Grant)
    }

    /// Says yes to that question.
    #[must_use]
    pub fn says_yes(mut self, question: Question) -> Self {
        self.yes.insert(question);
        self
    }

    fn line(&self, question: Question) -> &str {
        match question {
            Question::Pin => self.pin.as_deref().unwrap_or_default(),
            Question::Can => self.can.as_deref().unwrap_or_default(),
            _ if self.yes.contains(&question) => "yes",
            _ => "",
        }
    }
}

/// A request that came to the person.
#[derive(Clone, Debug)]
pub struct Answered {
    /// As the agent lists it.
    pub request: PendingRequest,
    /// What was asked at the terminal, in order. Nothing where the person left it.
    pub asked: Vec<Question>,
    /// All that stood at the terminal.
    pub screen: String,
}

/// A person at another terminal, until this is dropped.
#[derive(Debug)]
pub struct Approver {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    environment: Vec<(OsString, OsString)>,
    home: lichna_ipc::Home,
    lichna: PathBuf,
    always: Answers,
    once: Mutex<VecDeque<Answers>>,
    answered: Mutex<Vec<Answered>>,
    /// He is at his terminal.
    busy: AtomicBool,
    over: AtomicBool,
}

impl Approver {
    /// Answers every request of the agent in that home like this, whenever an agent runs there.
    ///
    /// # Panics
    /// When `lichna` does not build.
    pub fn new(home: &Home, always: Answers) -> Self {
        let shared = Arc::new(Shared {
            environment: home.environment().to_vec(),
            home: lichna_ipc::Home::at(home.path()).expect("an absolute path"),
            lichna: built::lichna(),
            always,
            once: Mutex::default(),
            answered: Mutex::default(),
            busy: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        Self {
            shared,
            thread: Some(thread::spawn(move || own.sit())),
        }
    }

    /// Nobody who answers: one who only looks at what comes.
    pub fn who_leaves_all(home: &Home) -> Self {
        Self::new(home, Answers::leaves_it())
    }

    /// Answers the next request like this, or the one after those that this was said of before.
    pub fn once(&self, answers: Answers) {
        lock(&self.shared.once).push_back(answers);
    }

    /// Waits until nothing is left that was asked so far. (A program has its answer a moment before
    /// the person sees that it was taken.)
    ///
    /// # Panics
    /// When he never comes to an end.
    pub fn until_done(&self) {
        until("the person to have answered all", || {
            waiting(&self.shared.home).is_empty() && !self.shared.busy.load(Ordering::Acquire)
        });
    }

    /// The requests so far, each when it was dealt with.
    pub fn answered(&self) -> Vec<Answered> {
        lock(&self.shared.answered).clone()
    }

    /// How often the person was asked for a PIN.
    pub fn pins_asked(&self) -> usize {
        let answered = lock(&self.shared.answered);
        let asked = answered.iter().flat_map(|one| &one.asked);
        asked.filter(|one| **one == Question::Pin).count()
    }
}

impl Drop for Approver {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // What went wrong there was said there.
            thread.join().ok();
        }
    }
}

impl Shared {
    fn over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Looks after one agent after the other.
    fn sit(&self) {
        while !self.over() {
            if let Ok(client) = Client::connect_with(&self.home, &Start::Never, "approver", "0") {
                self.serve(client);
            }
            thread::sleep(LOOK);
        }
    }

    /// Answers what comes, until the agent goes.
    fn serve(&self, mut client: Client) {
        // An agent counts its requests; another agent counts anew.
        let mut seen = BTreeSet::new();
        while !self.over() {
            let Ok(Ok(Reply::Pending(pending))) = client.call(Request::Pending, &mut Nobody) else {
                return;
            };
            for request in pending {
                if self.over() || !seen.insert(request.id) {
                    continue;
                }
                let answers = lock(&self.once).pop_front();
                let answers = answers.unwrap_or_else(|| self.always.clone());
                self.busy.store(true, Ordering::Release);
                let answered = self.answer(request, &answers);
                lock(&self.answered).push(answered);
                self.busy.store(false, Ordering::Release);
            }
            thread::sleep(LOOK);
        }
    }

    fn answer(&self, request: PendingRequest, answers: &Answers) -> Answered {
        let mut answered = Answered {
            request,
            asked: Vec::new(),
            screen: String::new(),
        };
        if answers.leaves {
            return answered;
        }
        let mut command = Command::new(&self.lichna);
        command
            .args(["approve", &answered.request.id.to_string()])
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        let patience = u64::try_from(PATIENCE.as_millis()).ok();
        let mut terminal = spawn_command(command, patience).expect("a terminal");
        let end = Instant::now() + 3 * DEADLINE;
        while let Some((screen, question)) = self.next_question(&mut terminal, end) {
            answered.screen.push_str(&screen);
            let Some(question) = question else {
                return answered;
            };
            answered.asked.push(question);
            // The program may have ended while the person typed.
            terminal.send_line(answers.line(question)).ok();
        }
        drop(terminal.process_mut().exit());
        answered
    }

    /// What stands at the terminal up to the next question; no question when the program ended.
    /// Nothing when it is time to go.
    fn next_question(
        &self,
        terminal: &mut PtySession,
        end: Instant,
    ) -> Option<(String, Option<Question>)> {
        let prompt = Regex::new(PROMPT).expect("a pattern");
        while !self.over() && Instant::now() < end {
            let wanted = vec![ReadUntil::Regex(prompt.clone()), ReadUntil::EOF];
            match terminal.exp_any(wanted) {
                Ok((before, rest)) if !rest.contains("Enter") => {
                    return Some((before + &rest, None));
                }
                Ok((before, prompt)) => {
                    let line = before.rsplit('\n').next().unwrap_or_default();
                    let question = Question::of(&[line, &prompt].concat());
                    return Some((before + &prompt, Some(question)));
                }
                Err(rexpect::error::Error::Timeout { .. }) => {}
                Err(_) => return Some((String::new(), None)),
            }
        }
        None
    }
}

/// What waits for a person in that home; nothing where no agent runs.
pub fn pending(home: &Home) -> Vec<PendingRequest> {
    waiting(&lichna_ipc::Home::at(home.path()).expect("an absolute path"))
}

fn waiting(home: &lichna_ipc::Home) -> Vec<PendingRequest> {
    let client = Client::connect_with(home, &Start::Never, "approver", "0");
    match client.map(|mut client| client.call(Request::Pending, &mut Nobody)) {
        Ok(Ok(Ok(Reply::Pending(pending)))) => pending,
        _ => Vec::new(),
    }
}

/// A client that asks for nothing a person is needed for.
struct Nobody;

impl Dialogue for Nobody {
    fn ask(&mut self, _: &Consent, _: &mut Ended<'_>) -> Decision {
        Decision::Refused
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().expect("nobody panics with it")
}

/// How often the person looks whether somebody asks.
const LOOK: Duration = Duration::from_millis(20);
/// How long the person reads before looking whether it is over.
const PATIENCE: Duration = Duration::from_millis(500);
/// Every question of `lichna` ends by saying what Enter alone does.
const PROMPT: &str = r"\([^()]*Enter[^()]*\): ";
