//! Speaks with the person, or with the script in his place, while the agent works.

use std::ops::ControlFlow;

use lichna_ipc::terminal::{FromTyped, Line, read_line, unbuffered_input};
use lichna_ipc::{
    Alphabet, ApduTrace, Consent, Decision, Dialogue, Ended, Entry, Failure, PinEntry, SecretField,
    SecretKind, Step, Terminal, TypedSecret,
};

use crate::consent;
use crate::output::Output;
use crate::problem::{Here, Problem};
use crate::progress::Progress;

/// How often a person may type something that cannot be right before it is enough.
const ATTEMPTS: u32 = 3;

/// Where secrets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// A person types them at the terminal.
    Terminal,
    /// A script gives them on the standard input, a line each.
    Input,
    /// Nobody here is asked.
    Nobody,
}

/// One request's dialogue.
pub struct Face<'a> {
    out: &'a Output,
    secrets: Secrets,
    progress: Progress,
    on_trace: Option<OnTrace<'a>>,
    problem: Option<Problem>,
}

/// What is done with each exchange of a trace.
pub type OnTrace<'a> = Box<dyn FnMut(&ApduTrace) -> ControlFlow<()> + 'a>;

impl<'a> Face<'a> {
    /// A dialogue that takes secrets from there.
    pub fn new(out: &'a Output, secrets: Secrets) -> Self {
        Self {
            out,
            secrets,
            progress: Progress::default(),
            on_trace: None,
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

    /// Why this side cancelled the request, if it did.
    pub fn problem(mut self) -> Option<Problem> {
        self.problem.take()
    }

    fn on_input(&self, consent: &Consent) -> Result<Decision, Problem> {
        if consent.entry == PinEntry::Pinpad {
            return Err(Failure::PinpadOnly.into());
        }
        if !self.out.json {
            self.out.say(&consent::shown(consent, self.out));
        }
        let mut input = unbuffered_input().map_err(|error| Here::terminal(&error))?;
        let mut secrets = Vec::new();
        for field in &consent.secrets {
            let line = read_line(&mut input)
                .map_err(|error| Here::terminal(&error))?
                .ok_or(Here::PinInputMissing)?;
            secrets.push(secret(field.kind, line)?);
        }
        // Nobody is there to be asked about the last try, so it is not spent.
        Ok(Decision::Typed {
            secrets,
            spend_last_try: false,
        })
    }

    fn at_terminal(&self, consent: &Consent, ended: &mut Ended<'_>) -> Result<Decision, Problem> {
        let broken = |error: std::io::Error| Here::terminal(&error);
        let mut terminal = Terminal::open().map_err(broken)?;
        let shown = format!("\n{}\n", consent::shown(consent, self.out));
        terminal.show(&shown).map_err(broken)?;
        let mut ask = Ask {
            out: self.out,
            terminal,
            ended,
        };
        let spend_last_try = consent.tries_left == Some(1);
        if spend_last_try && !ask.yes("ask-last-try")? {
            return Ok(Decision::Refused);
        }
        if consent.entry == PinEntry::Pinpad && !ask.yes("ask-pinpad")? {
            return Ok(Decision::Refused);
        }
        let mut secrets = Vec::new();
        for field in &consent.secrets {
            match ask.secret(field)? {
                Entry::Typed(secret) => secrets.push(secret),
                Entry::Empty => return Ok(Decision::Refused),
                Entry::Cancelled | Entry::Ended => return Ok(Decision::Cancelled),
            }
        }
        Ok(Decision::Typed {
            secrets,
            spend_last_try,
        })
    }
}

impl Dialogue for Face<'_> {
    fn ask(&mut self, consent: &Consent, ended: &mut Ended<'_>) -> Decision {
        self.progress.clear();
        let decision = match self.secrets {
            Secrets::Terminal => self.at_terminal(consent, ended),
            Secrets::Input => self.on_input(consent),
            Secrets::Nobody => Err(Here::AnswerUnexpected.into()),
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
}

/// Questions at the terminal.
struct Ask<'a, 'b> {
    out: &'a Output,
    terminal: Terminal,
    ended: &'a mut Ended<'b>,
}

impl Ask<'_, '_> {
    /// A question that only an explicit yes answers with yes.
    fn yes(&mut self, question: &str) -> Result<bool, Problem> {
        let prompt = format!("{} ", self.out.text(question));
        let answer = self
            .terminal
            .read_answer(&prompt, Some(self.ended))
            .map_err(|error| Here::terminal(&error))?;
        // Either language's word will do.
        Ok(matches!(
            answer,
            Entry::Typed(text) if matches!(text.to_lowercase().as_str(), "да" | "yes")
        ))
    }

    fn secret(&mut self, field: &SecretField) -> Result<Entry<TypedSecret>, Problem> {
        for _ in 0..ATTEMPTS {
            let line = match self.hidden("ask", field)? {
                Entry::Typed(line) => line,
                Entry::Empty => return Ok(Entry::Empty),
                Entry::Cancelled => return Ok(Entry::Cancelled),
                Entry::Ended => return Ok(Entry::Ended),
            };
            if let Some(wrong) = self.wrong(field, &line) {
                self.show(&wrong)?;
                continue;
            }
            if field.kind == SecretKind::NewPin {
                match self.hidden("ask-again", field)? {
                    Entry::Typed(again) if again.same(&line) => {}
                    Entry::Typed(_) | Entry::Empty => {
                        let text = self.out.text("err-pins-differ");
                        self.show(&text)?;
                        continue;
                    }
                    Entry::Cancelled => return Ok(Entry::Cancelled),
                    Entry::Ended => return Ok(Entry::Ended),
                }
            }
            return secret(field.kind, line).map(Entry::Typed);
        }
        Err(match field.kind {
            SecretKind::NewPin => Failure::PinsDiffer.into(),
            _ => Failure::PinLength {
                shortest: field.shortest,
                longest: field.longest,
            }
            .into(),
        })
    }

    fn hidden(&mut self, question: &str, field: &SecretField) -> Result<Entry<Line>, Problem> {
        let name = self.out.word("secret", &field.kind);
        let arguments = [("secret", (&name).into())];
        let prompt = format!("{} ", self.out.text_with(question, &arguments));
        self.terminal
            .read_hidden(&prompt, Some(self.ended))
            .map_err(|error| Here::terminal(&error).into())
    }

    /// Why it cannot be right, as far as that shows here.
    fn wrong(&self, field: &SecretField, line: &Line) -> Option<String> {
        let fits = (usize::from(field.shortest)..=usize::from(field.longest))
            .contains(&line.length())
            && (field.alphabet == Alphabet::Ascii || line.is_digits());
        if fits {
            return None;
        }
        let id = match field.alphabet {
            Alphabet::Digits => "ask-digits",
            Alphabet::Ascii => "ask-characters",
        };
        let limits = [
            ("shortest", field.shortest.into()),
            ("longest", field.longest.into()),
        ];
        Some(self.out.text_with(id, &limits))
    }

    fn show(&mut self, text: &str) -> Result<(), Problem> {
        self.terminal
            .show(&format!("{text}\n"))
            .map_err(|error| Here::terminal(&error).into())
    }
}

fn secret(kind: SecretKind, line: Line) -> Result<TypedSecret, Problem> {
    fn of<S: FromTyped>(line: Line) -> Result<S, Problem> {
        line.into_secret().map_err(|error| {
            let reason = error.to_string();
            Here::PinInputInvalid { reason }.into()
        })
    }
    Ok(match kind {
        SecretKind::Pin | SecretKind::NewPin => TypedSecret::Pin(of(line)?),
        SecretKind::Puk => TypedSecret::Puk(of(line)?),
        SecretKind::Can => TypedSecret::Can(of(line)?),
    })
}
