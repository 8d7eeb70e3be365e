//! Speaks with the person, or with the script in his place, while the agent works.

use std::ops::ControlFlow;

use lichna_ipc::terminal::{read_line, unbuffered_input};
use lichna_ipc::{
    ApduTrace, Choices, ClientProblem, Consent, Decision, Dialogue, Ended, Entry, Failure, Made,
    PinEntry, Purpose, SecretKind, State, Step, Terminal, TypedSecret, made,
};
use lichna_secret::{HexKey, Line};

mod ask;

use crate::consent;
use crate::output::Output;
use crate::problem::{Here, Problem};
use crate::progress::Progress;
use ask::Ask;
pub use ask::is_yes;

/// Where secrets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// A person types them at the terminal.
    Terminal,
    /// A script gives them on the standard input, a line each: these.
    Input(Given),
    /// Nobody here is asked.
    Nobody,
}

/// What a script gives on the standard input. The CANs are the first lines, and are read in any
/// case: whether the card wants its one the script need not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The CAN of an officer's card, before the holder's.
    pub officer_can: bool,
    /// The CAN.
    pub can: bool,
    /// The code of an application that was made before.
    pub code: bool,
    /// PINs, PUKs and telephone passwords, in the order in which they are asked for.
    pub pins: bool,
    /// The passphrase of a practice card's file.
    pub passphrase: bool,
}

impl Given {
    const fn has(self, kind: SecretKind) -> bool {
        match kind {
            SecretKind::Can => self.can || self.officer_can,
            SecretKind::ApplicationCode => self.code,
            SecretKind::Passphrase | SecretKind::NewPassphrase => self.passphrase,
            _ => self.pins,
        }
    }
}

/// One request's dialogue.
pub struct Face<'a> {
    out: &'a Output,
    secrets: Secrets,
    /// The first lines of the input, while they were not asked for.
    cans: Option<Cans>,
    /// The reader with an officer's card, where he named one.
    officer_reader: Option<String>,
    /// Whoever runs this said yes beforehand to what cannot be undone.
    agreed: bool,
    /// The codes of a new practice card.
    made: Vec<Made>,
    administrator_key: Option<HexKey>,
    progress: Progress,
    on_trace: Option<OnTrace<'a>>,
    on_state: Option<OnState<'a>>,
    problem: Option<Problem>,
}

/// What is done with each exchange of a trace.
pub type OnTrace<'a> = Box<dyn FnMut(&ApduTrace) -> ControlFlow<()> + 'a>;

/// What is done with each state of a watch.
pub type OnState<'a> = Box<dyn FnMut(&State) -> ControlFlow<()> + 'a>;

impl<'a> Face<'a> {
    /// A dialogue that takes secrets from there.
    pub fn new(out: &'a Output, secrets: Secrets) -> Self {
        Self {
            out,
            secrets,
            cans: None,
            officer_reader: None,
            agreed: false,
            made: Vec::new(),
            administrator_key: None,
            progress: Progress::default(),
            on_trace: None,
            on_state: None,
            problem: None,
        }
    }

    /// A dialogue for a trace.
    pub fn tracing(out: &'a Output, on_trace: OnTrace<'a>) -> Self {
        Self {
            on_trace: Some(on_trace),
            ..Self::new(out, Secrets::Nobody)
        }
    }

    /// A dialogue for a watch.
    pub fn watching(out: &'a Output, on_state: OnState<'a>) -> Self {
        Self {
            on_state: Some(on_state),
            ..Self::new(out, Secrets::Nobody)
        }
    }

    /// The same, with the key that a new practice card is to be personalised with.
    pub fn with_administrator_key(mut self, key: Option<HexKey>) -> Self {
        self.administrator_key = key;
        self
    }

    /// The same for a command that was told yes beforehand.
    pub const fn with_agreement(mut self, agreed: bool) -> Self {
        self.agreed = agreed;
        self
    }

    /// The same for a command with two cards, of which this reader has the officer's.
    pub fn with_officer_reader(mut self, reader: Option<String>) -> Self {
        self.officer_reader = reader;
        self
    }

    /// Why this side cancelled the request, if it did.
    pub fn problem(&mut self) -> Option<Problem> {
        self.problem.take()
    }

    /// The codes that were made up for a new practice card.
    pub fn made(self) -> Vec<Made> {
        self.made
    }

    /// A secret that nobody types, because this program makes it up or was given it.
    fn made_here(&mut self, consent: &Consent, kind: SecretKind) -> Option<MadeHere> {
        if !matches!(consent.purpose, Purpose::PracticeCardNew { .. }) {
            return None;
        }
        if kind == SecretKind::AdministratorKey {
            let key = self.administrator_key.take();
            let key = key.ok_or_else(|| ClientProblem::AnswerUnexpected.into());
            return Some(key.map(TypedSecret::Key));
        }
        let (secret, made) = match made::up(kind)? {
            Ok(pair) => pair,
            Err(error) => return Some(Err(error.into())),
        };
        self.made.push(made);
        Some(Ok(secret))
    }

    /// It is an officer's card that something is asked for.
    fn is_officers(&self, consent: &Consent) -> bool {
        let reader = consent.card.as_ref().map(|card| &card.reader);
        let named = self.officer_reader.as_ref();
        matches!(consent.purpose, Purpose::Application { .. })
            || (named.is_some() && named == reader)
    }

    fn line_of_input(&mut self, consent: &Consent, kind: SecretKind) -> Result<Line, Problem> {
        let officers = self.is_officers(consent);
        let mut input = unbuffered_input().map_err(|error| Here::terminal(&error))?;
        let mut next = || -> Result<Line, Problem> {
            let line = read_line(&mut input).map_err(|error| Here::terminal(&error))?;
            Ok(line.ok_or(Here::PinInputMissing)?)
        };
        let Secrets::Input(given) = self.secrets else {
            return next();
        };
        if self.cans.is_none() {
            self.cans = Some(Cans {
                officers: given.officer_can.then(&mut next).transpose()?,
                holders: given.can.then(&mut next).transpose()?,
            });
        }
        match (kind, &mut self.cans) {
            (SecretKind::Can, Some(cans)) => {
                let (is_given, can) = if officers {
                    (given.officer_can, &mut cans.officers)
                } else {
                    (given.can, &mut cans.holders)
                };
                if !is_given {
                    return Err(missing(consent, kind));
                }
                // Asked for once more: it was wrong.
                can.take().ok_or(Failure::WrongCan.into())
            }
            _ => next(),
        }
    }

    fn on_input(&mut self, consent: &Consent, given: Given) -> Result<Decision, Problem> {
        if consent.entry == PinEntry::Pinpad {
            return Err(Failure::PinpadOnly.into());
        }
        if !self.out.json && !is_own(consent) {
            self.out.say(&consent::shown(consent, self.out));
        }
        if lichna_consent::question(consent).is_some() && !self.agreed {
            return Err(Here::YesMissing.into());
        }
        let mut secrets = Vec::new();
        for field in &consent.secrets {
            if let Some(made) = self.made_here(consent, field.kind) {
                secrets.push(made?);
                continue;
            }
            // What was given for something else goes to no card.
            if !given.has(field.kind) {
                return Err(missing(consent, field.kind));
            }
            let line = self.line_of_input(consent, field.kind)?;
            secrets.push(secret(field.kind, line)?);
        }
        // Nobody is there to be asked about the last try, so it is not spent.
        Ok(Decision::Typed {
            secrets,
            choices: Choices::default(),
        })
    }

    fn at_nobody(&mut self, consent: &Consent) -> Result<Decision, Problem> {
        let mut secrets = Vec::new();
        for field in &consent.secrets {
            let made = self.made_here(consent, field.kind);
            secrets.push(made.unwrap_or_else(|| Err(missing(consent, field.kind)))?);
        }
        if secrets.is_empty() {
            return Err(ClientProblem::AnswerUnexpected.into());
        }
        Ok(Decision::Typed {
            secrets,
            choices: Choices::default(),
        })
    }

    fn at_terminal(
        &mut self,
        consent: &Consent,
        ended: &mut Ended<'_>,
    ) -> Result<Decision, Problem> {
        let broken = |error: std::io::Error| Here::terminal(&error);
        let mut terminal = Terminal::open().map_err(broken)?;
        if !is_own(consent) {
            let shown = format!("\n{}\n", consent::shown(consent, self.out));
            terminal.show(&shown).map_err(broken)?;
        }
        let mut ask = Ask {
            out: self.out,
            terminal,
            ended,
        };
        if let Some(question) = lichna_consent::question(consent)
            && !self.agreed
            && !ask.yes(question)?
        {
            return Ok(Decision::Refused);
        }
        let spend_last_try = consent.tries_left == Some(1);
        if spend_last_try && !ask.yes("ask-last-try")? {
            return Ok(Decision::Refused);
        }
        if consent.entry == PinEntry::Pinpad && !ask.yes("ask-pinpad")? {
            return Ok(Decision::Refused);
        }
        let mut secrets = Vec::new();
        let mut remember_can = false;
        for field in &consent.secrets {
            if let Some(made) = self.made_here(consent, field.kind) {
                secrets.push(made?);
                continue;
            }
            match ask.secret(field)? {
                Entry::Typed(secret) => secrets.push(secret),
                Entry::Empty => return Ok(Decision::Refused),
                Entry::Cancelled | Entry::Ended => return Ok(Decision::Cancelled),
            }
            if field.kind == SecretKind::Can && consent.can_may_be_remembered {
                remember_can = ask.yes("ask-remember-can")?;
            }
        }
        // After the PIN, which is not shown: typed a moment early it must not come to a question
        // that is.
        let (grant, remember_program) = ask.grant(consent.grant.as_ref())?;
        Ok(Decision::Typed {
            secrets,
            choices: Choices {
                spend_last_try,
                remember_can,
                grant,
                remember_program,
            },
        })
    }
}

impl Dialogue for Face<'_> {
    fn ask(&mut self, consent: &Consent, ended: &mut Ended<'_>) -> Decision {
        self.progress.clear();
        let decision = match self.secrets {
            Secrets::Terminal => self.at_terminal(consent, ended),
            Secrets::Input(given) => self.on_input(consent, given),
            Secrets::Nobody => self.at_nobody(consent),
        };
        decision.unwrap_or_else(|problem| {
            self.problem = Some(problem);
            Decision::Cancelled
        })
    }

    fn progress(&mut self, step: Step) {
        if !self.out.is_watched() {
            return;
        }
        let text = self.out.word("step", &step);
        match step {
            // The question itself is on the screen.
            Step::AskHolder if self.secrets != Secrets::Nobody => self.progress.clear(),
            // A person is to do something, so he is told at once.
            Step::WaitForCard
            | Step::WaitForOfficersCard
            | Step::ExchangeCards
            | Step::WaitForSameCard
            | Step::WaitForTurn
            | Step::WaitForReader
            | Step::AskHolder
            | Step::TypeAtReader => {
                self.progress.clear();
                self.out.say(&text);
            }
            _ => self.progress.step(text),
        }
    }

    fn trace(&mut self, exchange: &ApduTrace) -> ControlFlow<()> {
        match &mut self.on_trace {
            Some(on_trace) => on_trace(exchange),
            None => ControlFlow::Continue(()),
        }
    }

    fn state(&mut self, state: &State) -> ControlFlow<()> {
        match &mut self.on_state {
            Some(on_state) => on_state(state),
            None => ControlFlow::Continue(()),
        }
    }
}

/// The CANs that a script gave, until they are asked for.
struct Cans {
    officers: Option<Line>,
    holders: Option<Line>,
}

/// What this program made up, or why it could not.
type MadeHere = Result<TypedSecret, Problem>;

/// It is about a practice card, and this very command asks: there is nothing to be shown.
fn is_own(consent: &Consent) -> bool {
    let practice = matches!(
        consent.purpose,
        Purpose::PracticeCardNew { .. } | Purpose::PracticeCardInsert { .. }
    );
    practice && consent.requester.pid == std::process::id()
}

/// Nobody is there who could give it.
fn missing(consent: &Consent, kind: SecretKind) -> Problem {
    match (kind, &consent.card) {
        (SecretKind::Can, Some(card)) => Failure::CanNeeded {
            reader: card.reader.clone(),
        }
        .into(),
        _ => Here::Terminal {
            reason: "the input is no terminal".to_owned(),
        }
        .into(),
    }
}

fn secret(kind: SecretKind, line: Line) -> Result<TypedSecret, Problem> {
    TypedSecret::of_line(kind, line).map_err(|error| {
        let reason = error.to_string();
        Here::PinInputInvalid { reason }.into()
    })
}
