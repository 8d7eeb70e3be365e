//! Questions at the terminal.

use lichna_i18n::Value;
use lichna_ipc::{
    Alphabet, Ended, Entry, Failure, GrantOffer, SecretField, SecretKind, Terminal, TypedSecret,
};
use lichna_secret::Line;

use super::secret;
use crate::output::Output;
use crate::problem::{Here, Problem};

/// How often a person may type something that cannot be right before it is enough.
const ATTEMPTS: u32 = 3;

/// Questions at the terminal.
pub struct Ask<'a, 'b> {
    pub out: &'a Output,
    pub terminal: Terminal,
    pub ended: &'a mut Ended<'b>,
}

/// An explicit yes. Either language's word will do.
pub fn is_yes(answer: &Entry<String>) -> bool {
    matches!(
        answer,
        Entry::Typed(text) if matches!(text.to_lowercase().as_str(), "да" | "yes")
    )
}

impl Ask<'_, '_> {
    /// A question that only an explicit yes answers with yes.
    pub fn yes(&mut self, question: &str) -> Result<bool, Problem> {
        self.yes_with(question, &[])
    }

    /// The same with arguments.
    pub fn yes_with(
        &mut self,
        question: &str,
        arguments: &[(&str, Value<'_>)],
    ) -> Result<bool, Problem> {
        let prompt = format!("{} ", self.out.text_with(question, arguments));
        let answer = self
            .terminal
            .read_answer(&prompt, Some(self.ended))
            .map_err(|error| Here::terminal(&error))?;
        Ok(is_yes(&answer))
    }

    /// Whether the program may sign more without another PIN, and whether that is to be so from
    /// now on.
    pub fn grant(&mut self, offer: Option<&GrantOffer>) -> Result<(bool, bool), Problem> {
        match offer {
            None => Ok((false, false)),
            // He said so before, and was told.
            Some(offer) if offer.remembered => Ok((true, false)),
            Some(offer) => {
                let granted = self.yes_with("ask-grant", &lichna_consent::limits(offer))?;
                let remember =
                    granted && offer.may_be_remembered && self.yes("ask-remember-program")?;
                Ok((granted, remember))
            }
        }
    }

    pub fn secret(&mut self, field: &SecretField) -> Result<Entry<TypedSecret>, Problem> {
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
            if made_up(field.kind) {
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
            SecretKind::NewPin | SecretKind::NewPassphrase => Failure::PinsDiffer.into(),
            SecretKind::Passphrase
            | SecretKind::TelephonePassword
            | SecretKind::NewTelephonePassword => Failure::PassphraseUnusable {
                shortest: field.shortest,
                longest: field.longest,
            }
            .into(),
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
            && (field.alphabet != Alphabet::Digits || line.is_digits());
        if fits {
            return None;
        }
        let id = match field.alphabet {
            Alphabet::Digits => "ask-digits",
            Alphabet::Ascii => "ask-characters",
            Alphabet::Text => "ask-text",
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

/// What a person makes up is typed twice.
const fn made_up(kind: SecretKind) -> bool {
    matches!(
        kind,
        SecretKind::NewPin | SecretKind::NewPassphrase | SecretKind::NewTelephonePassword
    )
}
