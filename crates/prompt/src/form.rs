//! What the person is typing and ticking, and what is wrong with it.

use lichna_i18n::{Messages, Value};
use lichna_ipc::{Alphabet, Choices, Consent, SecretField, SecretKind, TypedSecret};
use lichna_secret::{Line, SecretError, Weakness};

/// A place to type a secret in.
pub struct Entry {
    /// What is typed there.
    pub field: SecretField,
    /// It is typed once more, to be sure.
    pub again: bool,
    /// What was typed.
    pub line: Line,
}

/// What can be ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// That what is asked is meant: it cannot be undone. The message that says it.
    Meant(&'static str),
    /// The last try may be spent.
    LastTry,
    /// The CAN is to be remembered.
    RememberCan,
    /// The program may sign more.
    Grant,
    /// And always may.
    RememberProgram,
}

impl Choice {
    /// Without it nothing is done.
    pub const fn is_needed(self) -> bool {
        matches!(self, Self::Meant(_) | Self::LastTry)
    }
}

/// Something to tick.
pub struct Tick {
    /// What.
    pub choice: Choice,
    /// It is ticked.
    pub on: bool,
}

/// What stands in the way of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too few characters, or too many.
    Length,
    /// A character that it does not have.
    Character,
    /// The two are not the same.
    Differs,
    /// It would be guessed first.
    Weak(Weakness),
    /// Something is to be ticked.
    Tick,
}

/// All that is typed and ticked.
pub struct Form {
    /// The places to type in, in order.
    pub entries: Vec<Entry>,
    /// Where what is typed goes.
    pub active: usize,
    /// What can be ticked.
    pub ticks: Vec<Tick>,
    /// The last key was none of this secret.
    rejected: bool,
}

impl Form {
    /// The form for what is asked.
    ///
    /// # Errors
    /// [`SecretError::NoLockedMemory`].
    pub fn new(consent: &Consent) -> Result<Self, SecretError> {
        let mut entries = Vec::new();
        for field in &consent.secrets {
            let times: &[bool] = if is_made_up(field.kind) {
                &[false, true]
            } else {
                &[false]
            };
            for again in times {
                entries.push(Entry {
                    field: field.clone(),
                    again: *again,
                    line: Line::new()?,
                });
            }
        }
        let question = lichna_consent::question(consent).and_then(meant);
        let grant = consent.grant.filter(|grant| !grant.remembered);
        let asked_for = |kind| consent.secrets.iter().any(|field| field.kind == kind);
        let choices = [
            question.map(Choice::Meant),
            (consent.tries_left == Some(1)).then_some(Choice::LastTry),
            (consent.can_may_be_remembered && asked_for(SecretKind::Can))
                .then_some(Choice::RememberCan),
            grant.map(|_| Choice::Grant),
            grant
                .filter(|grant| grant.may_be_remembered)
                .map(|_| Choice::RememberProgram),
        ];
        let ticks = choices.into_iter().flatten();
        Ok(Self {
            entries,
            active: 0,
            ticks: ticks.map(|choice| Tick { choice, on: false }).collect(),
            rejected: false,
        })
    }

    /// The active place takes digits. (A PIN that may have letters mostly has none.)
    pub fn takes_digits(&self) -> bool {
        let active = self.entries.get(self.active);
        active.is_some_and(|entry| entry.field.alphabet != Alphabet::Text)
    }

    /// A character was typed.
    pub fn typed(&mut self, character: char) {
        let Some(entry) = self.entries.get_mut(self.active) else {
            return;
        };
        let fits = match entry.field.alphabet {
            Alphabet::Digits => character.is_ascii_digit(),
            Alphabet::Ascii => matches!(character, ' '..='~'),
            Alphabet::Text => !character.is_control(),
        };
        self.rejected = !fits;
        if fits && entry.line.length() < usize::from(entry.field.longest) {
            let mut bytes = zeroize::Zeroizing::new([0; 4]);
            for byte in character.encode_utf8(&mut bytes[..]).bytes() {
                entry.line.push(byte);
            }
        }
    }

    /// The last character is taken back.
    pub fn take_back(&mut self) {
        self.rejected = false;
        if let Some(entry) = self.entries.get_mut(self.active)
            && !entry.line.is_empty()
        {
            entry.line.pop_character();
        }
    }

    /// The person went there.
    pub fn activate(&mut self, place: usize) {
        if self.active != place {
            self.active = place;
            self.rejected = false;
        }
    }

    /// What is said at once of the active place.
    pub fn fault(&self) -> Option<Fault> {
        if self.rejected {
            return Some(Fault::Character);
        }
        let entry = self.entries.get(self.active)?;
        let first = self.first_of(self.active)?;
        if entry.again {
            return (!entry.line.begins(first)).then_some(Fault::Differs);
        }
        self.is_long_enough(entry).then(|| weak(entry)).flatten()
    }

    /// What is still in the way, and at which place.
    pub fn lacks(&self) -> Option<(Option<usize>, Fault)> {
        for (place, entry) in self.entries.iter().enumerate() {
            let differs = || {
                let first = self.first_of(place);
                first.is_some_and(|first| !entry.line.same(first))
            };
            let fault = if !self.is_long_enough(entry) {
                Some(Fault::Length)
            } else if entry.again && differs() {
                Some(Fault::Differs)
            } else {
                weak(entry)
            };
            if let Some(fault) = fault {
                return Some((Some(place), fault));
            }
        }
        let mut needed = self.ticks.iter().filter(|tick| tick.choice.is_needed());
        needed.any(|tick| !tick.on).then_some((None, Fault::Tick))
    }

    /// What is agreed to.
    ///
    /// # Errors
    /// [`SecretError`]: something is typed that cannot be such a secret.
    pub fn answer(self) -> Result<(Vec<TypedSecret>, Choices), SecretError> {
        let ticked = |choice| {
            let mut ticks = self.ticks.iter();
            ticks.any(|tick| tick.choice == choice && tick.on)
        };
        let grant = ticked(Choice::Grant);
        let choices = Choices {
            spend_last_try: ticked(Choice::LastTry),
            remember_can: ticked(Choice::RememberCan),
            grant,
            remember_program: grant && ticked(Choice::RememberProgram),
        };
        let once = self.entries.into_iter().filter(|entry| !entry.again);
        let secrets = once.map(|entry| TypedSecret::of_line(entry.field.kind, entry.line));
        Ok((secrets.collect::<Result<_, _>>()?, choices))
    }

    /// What was typed the first time of what is typed twice.
    fn first_of(&self, place: usize) -> Option<&Line> {
        let first = match self.entries.get(place)?.again {
            true => place.checked_sub(1)?,
            false => place,
        };
        self.entries.get(first).map(|entry| &entry.line)
    }

    fn is_long_enough(&self, entry: &Entry) -> bool {
        let limits = usize::from(entry.field.shortest)..=usize::from(entry.field.longest);
        limits.contains(&entry.line.length())
    }
}

impl Entry {
    /// What is to be typed here.
    pub fn label(&self, messages: &Messages) -> String {
        let name = lichna_consent::word(messages, "secret", &self.field.kind);
        if self.again {
            messages.text("prompt-again", &[("secret", name.into())])
        } else {
            name
        }
    }

    /// Of how many characters, and how many there are.
    pub fn hint(&self, messages: &Messages) -> String {
        let id = match (
            self.field.alphabet,
            self.field.shortest == self.field.longest,
        ) {
            (Alphabet::Digits, true) => "prompt-digits-exactly",
            (Alphabet::Digits, false) => "prompt-digits",
            (_, _) => "prompt-characters",
        };
        let typed = u32::try_from(self.line.length()).unwrap_or(u32::MAX);
        let of: [(&str, Value<'_>); 3] = [
            ("shortest", self.field.shortest.into()),
            ("longest", self.field.longest.into()),
            ("typed", typed.into()),
        ];
        messages.text(id, &of)
    }
}

impl Fault {
    /// What is wrong, in words.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Length => "prompt-fault-length",
            Self::Character => "prompt-fault-character",
            Self::Differs => "prompt-fault-differs",
            Self::Weak(Weakness::Sequence) => "prompt-fault-sequence",
            Self::Weak(_) => "prompt-fault-repeats",
            Self::Tick => "prompt-fault-tick",
        }
    }
}

/// What a person makes up is typed twice.
const fn is_made_up(kind: SecretKind) -> bool {
    matches!(
        kind,
        SecretKind::NewPin | SecretKind::NewPassphrase | SecretKind::NewTelephonePassword
    )
}

fn weak(entry: &Entry) -> Option<Fault> {
    let chosen = entry.field.kind == SecretKind::NewPin && !entry.again;
    chosen
        .then(|| entry.line.weakness().map(Fault::Weak))
        .flatten()
}

/// What is ticked for a question that is answered with a yes at a terminal.
fn meant(question: &str) -> Option<&'static str> {
    Some(match question {
        "ask-application" => "prompt-meant-application",
        "ask-enrol" => "prompt-meant-enrol",
        "ask-overwrite" => "prompt-meant-overwrite",
        "ask-lost" => "prompt-meant-lost",
        "ask-revoke" => "prompt-meant-revoke",
        _ => return None,
    })
}
