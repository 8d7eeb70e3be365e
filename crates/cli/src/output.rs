//! What is printed: results to the standard output, everything else to the standard error.

use std::io::{self, ErrorKind, IsTerminal, Write};

use comfy_table::{Cell, Table, presets};
use lichna_i18n::{Messages, Value};
use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;
use crate::problem::{Here, Problem};

/// In which language, and for whom.
pub struct Output {
    /// The texts.
    pub messages: Messages,
    /// For a program: JSON, and nothing else, on the standard output.
    pub json: bool,
}

impl Output {
    /// A message without arguments.
    pub fn text(&self, id: &str) -> String {
        self.messages.text(id, &[])
    }

    /// A message with arguments.
    pub fn text_with(&self, id: &str, arguments: &[(&str, Value<'_>)]) -> String {
        self.messages.text(id, arguments)
    }

    /// Prints a result for people.
    pub fn print(&self, text: &str) -> Result<(), Problem> {
        let mut line = text.to_owned();
        if !line.ends_with('\n') {
            line.push('\n');
        }
        self.write(line.as_bytes())
    }

    /// Prints a result for programs: one JSON value on one line.
    pub fn print_json(&self, value: &impl Serialize) -> Result<(), Problem> {
        let mut line = serde_json::to_vec(value).unwrap_or_default();
        line.push(b'\n');
        self.write(&line)
    }

    /// Prints bytes as they are.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Problem> {
        let mut out = io::stdout().lock();
        let written = out.write_all(bytes).and_then(|()| out.flush());
        match written {
            // Whoever reads has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Here::output(&error).into()),
            Ok(()) => Ok(()),
        }
    }

    /// Prints a table; the titles are messages. Nothing at all when there are no rows.
    pub fn print_table(&self, titles: &[&str], rows: Vec<Vec<String>>) -> Result<(), Problem> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut table = plain_table();
        table.set_header(titles.iter().map(|id| Cell::new(self.text(id))));
        table.add_rows(rows);
        self.print(&table.trim_fmt())
    }

    /// Says something beside the result, to a person.
    pub fn say(&self, text: &str) {
        // Nobody is left to hear that nobody hears it.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// A person sees the standard error.
    pub fn is_watched(&self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// Says what went wrong, and what to do.
    pub fn problem(&self, problem: &Problem) -> Exit {
        let (message, advice) = (
            problem.message(&self.messages),
            problem.advice(&self.messages),
        );
        let exit = problem.exit();
        if self.json {
            let mut error = problem.fields();
            error.insert("message".into(), message.into());
            error.insert("advice".into(), advice.into());
            error.insert("exit_code".into(), exit.number().into());
            // It has nowhere else to go.
            let _ = self.print_json(&json!({ "error": error }));
        } else {
            self.say(&format!("{message} [{}]", problem.code()));
            self.say(&advice);
        }
        exit
    }
}

/// A table without lines, for a person's eyes and for `grep`.
pub fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}
