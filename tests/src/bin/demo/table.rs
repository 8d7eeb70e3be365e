//! What was done so far, with its time and the number of commands to cards.

use std::time::{Duration, Instant};

use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets};
use lichna_i18n::{Language, Messages};

use crate::commands::Commands;
use crate::texts::{self, Text};

/// The steps. What happens before the agent runs, nobody counts.
pub struct Steps {
    language: Language,
    done: Vec<(String, Duration, Option<usize>)>,
}

impl Steps {
    /// None yet, in the language of the system.
    pub fn new() -> Self {
        Self {
            language: Messages::from_system().language(),
            done: Vec::new(),
        }
    }

    /// Which language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A text in it.
    pub const fn text(&self, [bulgarian, english]: Text) -> &'static str {
        match self.language {
            Language::Bulgarian => bulgarian,
            Language::English => english,
        }
    }

    /// Does one step, and counts the commands meanwhile.
    pub fn step<R>(
        &mut self,
        name: Text,
        commands: Option<&Commands>,
        work: impl FnOnce() -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        let name = self.text(name);
        println!("  {name}");
        let count = || commands.map(Commands::count);
        let (began, before) = (Instant::now(), count());
        let result = work().context(name)?;
        let time = began.elapsed();
        let sent = count().zip(before).map(|(now, before)| now - before);
        self.done.push((name.to_owned(), time, sent));
        Ok(result)
    }

    /// All of them, and their sum.
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_FULL_CONDENSED);
        table.set_header(texts::HEAD.map(|text| self.text(text)));
        let milliseconds = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1000.0);
        for (name, time, commands) in &self.done {
            let commands = commands.map_or("–".to_owned(), |count| count.to_string());
            table.add_row([name.clone(), milliseconds(*time), commands]);
        }
        let all = self.done.iter().map(|(_, time, _)| *time).sum();
        let commands: usize = self.done.iter().filter_map(|(.., sent)| *sent).sum();
        let name = self.text(texts::ALL).to_owned();
        table.add_row([name, milliseconds(all), commands.to_string()]);
        for column in [1, 2] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}
