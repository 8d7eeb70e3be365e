//! What the commands do.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::CommandFactory;
use lichna_journal::archive::{Period, archive};
use lichna_journal::export::{Line, export};
use lichna_journal::verify::{Report, verify};
use lichna_journal::{Checkpoint, CheckpointKey, Record, SigningFile, records};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::arguments::{Archive, Arguments, Command, Export, Man, Place, Range, Show, Verify};
use crate::exit;

pub fn run(command: Command) -> anyhow::Result<u8> {
    let mut out = BufWriter::new(io::stdout().lock());
    let done = match command {
        Command::Verify(arguments) => run_verify(&arguments, &mut out),
        Command::Show(arguments) => run_show(&arguments, &mut out),
        Command::Archive(arguments) => run_archive(&arguments, &mut out),
        Command::Export(arguments) => run_export(&arguments, &mut out),
        Command::Man(arguments) => run_man(&arguments, &mut out),
    };
    let flushed = out.flush();
    let code = done?;
    flushed.context("the output")?;
    Ok(code)
}

fn run_verify(arguments: &Verify, out: &mut impl Write) -> anyhow::Result<u8> {
    let mut keys = Vec::new();
    for path in &arguments.keys {
        let key = CheckpointKey::from_pem(&read(path)?);
        keys.push(key.with_context(|| path.display().to_string())?);
    }
    let mut later = Vec::new();
    for path in &arguments.checkpoints {
        let text = String::from_utf8(read(path)?).with_context(|| path.display().to_string())?;
        for (line, number) in text.lines().zip(1..) {
            let checkpoint = Checkpoint::parse(line);
            let place = || format!("{}, line {number}", path.display());
            later.push(checkpoint.with_context(place)?);
        }
    }
    let report = verify(&arguments.path, &keys, &later)?;
    if arguments.json {
        serde_json::to_writer(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        tell(&report, out)?;
    }
    Ok(if report.is_whole() {
        exit::WHOLE
    } else {
        exit::FAULTS
    })
}

fn tell(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let Report {
        first,
        last,
        records,
        checkpoints,
        vouched,
        ..
    } = report;
    for fault in &report.faults {
        writeln!(out, "{fault}")?;
    }
    if report.more_faults > 0 {
        writeln!(out, "… and {} more", report.more_faults)?;
    }
    let instance = report
        .instance
        .as_ref()
        .map_or("?", |instance| instance.as_str());
    writeln!(out, "{instance}: {records} records, from {first} to {last}")?;
    writeln!(
        out,
        "compared with {checkpoints} checkpoints; they vouch for all up to {vouched}"
    )?;
    if last > vouched {
        let after = last.saturating_sub(*vouched);
        writeln!(
            out,
            "{after} records after that have the chain of hashes alone"
        )?;
    }
    if report.unfinished {
        writeln!(
            out,
            "the last record is being written, or a crash left it unfinished"
        )?;
    }
    let verdict = if report.is_whole() {
        "whole"
    } else {
        "NOT whole"
    };
    writeln!(out, "{verdict}")
}

fn run_show(arguments: &Show, out: &mut impl Write) -> anyhow::Result<u8> {
    let range = Bounds::of(&arguments.range);
    for record in records(&arguments.folder, range.first)? {
        let (record, hash) = record?;
        if range.is_behind(&record) {
            break;
        }
        if range.is_before(&record) {
            continue;
        }
        if arguments.json {
            serde_json::to_writer(&mut *out, &Line::new(record, hash))?;
            writeln!(out)?;
        } else {
            let (number, at) = (record.sequence, shown_time(record.time));
            writeln!(out, "{number} {at} {}", shown(&record.payload))?;
        }
    }
    Ok(exit::WHOLE)
}

fn run_archive(arguments: &Archive, out: &mut impl Write) -> anyhow::Result<u8> {
    let pem = String::from_utf8(read(&arguments.key)?).context("the key is not PEM")?;
    let passphrase = arguments.passphrase.as_deref().map(read).transpose()?;
    let passphrase = passphrase.as_ref().map(|text| text.trim_ascii_end());
    let signer = SigningFile::from_pem(&pem, passphrase);
    let signer = signer.with_context(|| arguments.key.display().to_string())?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock")?;
    let now = u64::try_from(now.as_millis()).context("the clock")?;
    let period = Period {
        from: arguments.after.map_or(0, |after| after.0),
        before: arguments.before.0,
    };
    if period.before > now {
        bail!("--before is in the future");
    }
    let place = || arguments.output.display().to_string();
    let mut file = BufWriter::new(File::create_new(&arguments.output).with_context(place)?);
    let made = archive(&arguments.folder, period, now, &signer, &mut file);
    let made = made.map_err(anyhow::Error::from).and_then(|manifest| {
        let file = file.into_inner().map_err(|error| error.into_error());
        file.and_then(|file| file.sync_all()).with_context(place)?;
        Ok(manifest)
    });
    match made {
        Ok(manifest) => {
            writeln!(out, "records {} to {}", manifest.first, manifest.last)?;
            Ok(exit::WHOLE)
        }
        Err(error) => {
            // It is none, so nobody shall take it for one.
            let _ = fs::remove_file(&arguments.output);
            Err(error)
        }
    }
}

fn run_export(arguments: &Export, out: &mut impl Write) -> anyhow::Result<u8> {
    let range = Bounds::of(&arguments.range);
    let (mut first, mut last) = (range.first, range.last);
    if range.needs_times() {
        let mut found = None;
        for record in records(&arguments.folder, range.first)? {
            let (record, _) = record?;
            if range.is_behind(&record) {
                break;
            }
            if !range.is_before(&record) {
                found.get_or_insert(record.sequence);
                last = record.sequence;
            }
        }
        first = found.context("no record is in that range")?;
    }
    let exported = export(&arguments.folder, first, last, &arguments.output)?;
    writeln!(
        out,
        "records {} to {}, {} checkpoints",
        exported.first, exported.last, exported.checkpoints
    )?;
    Ok(exit::WHOLE)
}

/// Made from the command line itself, so always true.
fn run_man(arguments: &Man, out: &mut impl Write) -> anyhow::Result<u8> {
    let command = Arguments::command();
    match &arguments.folder {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            clap_mangen::generate_to(command, folder)?;
        }
        None => clap_mangen::Man::new(command).render(out)?,
    }
    Ok(exit::WHOLE)
}

/// Which records are asked for.
struct Bounds {
    first: u64,
    last: u64,
    /// In Unix milliseconds.
    from: u64,
    before: u64,
}

impl Bounds {
    fn of(range: &Range) -> Self {
        let mut bounds = Self {
            first: 1,
            last: u64::MAX,
            from: 0,
            before: u64::MAX,
        };
        match range.from {
            Some(Place::Number(number)) => bounds.first = number,
            Some(Place::Moment(moment)) => bounds.from = moment.0,
            None => {}
        }
        match range.to {
            Some(Place::Number(number)) => bounds.last = number,
            Some(Place::Moment(moment)) => bounds.before = moment.0,
            None => {}
        }
        bounds
    }

    const fn needs_times(&self) -> bool {
        self.from > 0 || self.before < u64::MAX
    }

    const fn is_before(&self, record: &Record) -> bool {
        record.time < self.from
    }

    const fn is_behind(&self, record: &Record) -> bool {
        record.sequence > self.last || record.time >= self.before
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn shown_time(time: u64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time) * 1_000_000);
    let text = at.ok().and_then(|at| at.format(&Rfc3339).ok());
    text.unwrap_or_else(|| time.to_string())
}

/// A payload for a terminal, which obeys what it is shown.
fn shown(payload: &[u8]) -> String {
    let mut text = String::new();
    for character in String::from_utf8_lossy(payload).chars() {
        let turns = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}
