//! `lichna status`: whether a certificate is good, and who says so. Req 6.4, 20.3.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lichna_i18n::plain;
use lichna_ipc::{
    CertificateChoice, CertificateOf, Failure, Reply, Request, StatusOutcome, StatusRequest,
    StatusSource, Verdict,
};

use super::manage::authority;
use super::{ask_with, can, unexpected};
use crate::arguments::authority::Status;
use crate::exit::Exit;
use crate::face::Face;
use crate::output::{Output, plain_table};
use crate::problem::Problem;

/// Longest file with a certificate, in bytes.
const LONGEST: u64 = 64 * 1024;

pub fn run(of: Status, out: &Output) -> Result<ExitCode, Problem> {
    let face = Face::new(out, can(of.can_stdin));
    let certificate = match &of.file {
        Some(file) => contents(file)?,
        None => CertificateOf::Card(CertificateChoice {
            reader: of.reader,
            key: of.key,
        }),
    };
    let request = Request::CertificateStatus(StatusRequest {
        authority: authority(&of.authority)?,
        certificate,
    });
    let Reply::CertificateStatus(outcome) = ask_with(request, face)? else {
        return Err(unexpected());
    };
    if out.json {
        out.print_json(&outcome)?;
    } else {
        show(&outcome, out)?;
    }
    Ok(match outcome.verdict {
        Verdict::Good => ExitCode::SUCCESS,
        _ => Exit::NotGood.into(),
    })
}

fn contents(file: &Path) -> Result<CertificateOf, Problem> {
    let name = file.display().to_string();
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
        .map_err(|error| Failure::FileUnreadable {
            file: name.clone(),
            reason: error.to_string(),
        })?;
    Ok(CertificateOf::File {
        file: name,
        contents: STANDARD.encode(bytes),
    })
}

fn detail(source: &StatusSource, out: &Output) -> String {
    let detail = source.detail.as_deref().map(plain);
    let reason = source.reason.as_deref().map(|reason| out.reason(reason));
    let both: Vec<_> = detail.into_iter().chain(reason).collect();
    both.join(", ")
}

fn show(outcome: &StatusOutcome, out: &Output) -> Result<(), Problem> {
    out.print(&out.word("verdict", &outcome.verdict))?;
    let mut table = plain_table();
    let mut line = |title: &str, text: String| {
        table.add_row([format!("{}:", out.text(title)), text]);
    };
    line("title-subject", plain(&outcome.subject));
    line("title-serial", plain(&outcome.serial));
    if let Some(reader) = &outcome.reader {
        line("title-reader", out.reader(reader, outcome.practice));
    }
    out.print(&table.trim_fmt())?;
    if outcome.practice && outcome.reader.is_none() {
        out.print(&format!("! {}", out.text("status-practice")))?;
    }
    if let Some(ahead) = outcome.clock_ahead {
        let text = if ahead >= 0 {
            "status-clock-ahead"
        } else {
            "status-clock-behind"
        };
        let minutes = i64::try_from(ahead.unsigned_abs().div_ceil(60)).unwrap_or(i64::MAX);
        let arguments = [("minutes", lichna_i18n::Value::Number(minutes))];
        out.print(&format!("! {}", out.text_with(text, &arguments)))?;
    }
    let row = |source: &StatusSource| {
        vec![
            out.word("source", &source.source),
            out.word("said", &source.verdict),
            source.this_update.as_deref().map(plain).unwrap_or_default(),
            source.next_update.as_deref().map(plain).unwrap_or_default(),
            detail(source, out),
        ]
    };
    out.print_table(
        &[
            "title-source",
            "title-says",
            "title-from",
            "title-until",
            "title-detail",
        ],
        outcome.sources.iter().map(row).collect(),
    )
}
