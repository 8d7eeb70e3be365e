//! `lichna doctor`: what stands between the holder and a login, and how to mend it; with `--fix`, it is
//! mended.

use std::process::ExitCode;

use lichna_i18n::plain;
use lichna_ipc::{Command, Finding, FindingState, Remedy, Reply, Request, Terminal};
use serde_json::{Value, json};

use super::{ask, unexpected};
use crate::arguments::{OfPin, Pin};
use crate::exit::Exit;
use crate::face::is_yes;
use crate::output::Output;
use crate::problem::{Here, Problem};

pub fn run(fix: bool, yes: bool, report: bool, out: &Output) -> Result<ExitCode, Problem> {
    let mut findings = examine(out)?;
    if report {
        findings = struck_out(&findings);
    }
    if fix && mend(&findings, yes, out)? {
        findings = examine(out)?;
    }
    let healthy = !findings
        .iter()
        .any(|finding| finding.state == FindingState::Bad);
    if out.json {
        let findings: Vec<Value> = findings
            .iter()
            .map(|finding| explained(finding, out))
            .collect();
        out.print_json(&json!({ "healthy": healthy, "findings": findings }))?;
    } else {
        if report {
            let (version, os) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS);
            out.print(&format!(
                "lichna {version}, {os} {}",
                std::env::consts::ARCH
            ))?;
        }
        for finding in &findings {
            out.print(&shown(finding, out))?;
        }
        let summary = if healthy { "doctor-good" } else { "doctor-bad" };
        out.print(&format!("\n{}", out.text(summary)))?;
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        Exit::Other.into()
    })
}

fn examine(out: &Output) -> Result<Vec<Finding>, Problem> {
    match ask(Request::Doctor, out)? {
        Reply::Doctor(findings) => Ok(findings),
        _ => Err(unexpected()),
    }
}

/// Without what says whose computer this is: for whoever is asked for help.
fn struck_out(findings: &[Finding]) -> Vec<Finding> {
    let home = std::env::home_dir().map(|folder| folder.display().to_string());
    let all = findings.iter();
    all.map(|finding| finding.struck_out(home.as_deref()))
        .collect()
}

/// Carries out what mends the findings, each when the person says yes. Whether anything was done.
fn mend(findings: &[Finding], yes: bool, out: &Output) -> Result<bool, Problem> {
    if !yes && !Terminal::is_there() {
        return Err(Here::YesMissing.into());
    }
    let mut done = Vec::new();
    for finding in findings {
        let (Some(remedy), Some(line)) = (&finding.remedy, &finding.fix) else {
            continue;
        };
        // What mends several findings is carried out once.
        if done.contains(&remedy) {
            continue;
        }
        if !out.json {
            out.say(&shown(finding, out));
        }
        if !yes && !agreed(line, out)? {
            continue;
        }
        done.push(remedy);
        match (remedy, remedy.command()) {
            (Remedy::UnblockPin { reader }, _) => {
                let of = OfPin {
                    reader: Some(reader.clone()),
                    pin: None,
                    pin_stdin: false,
                    can_stdin: false,
                };
                super::pin::run(Pin::Unblock(of), out)?;
            }
            (Remedy::SetUpBrowsers, _) => super::browsers::mend()?,
            (_, Some(command)) => carry_out(&command)?,
            (_, None) => {}
        }
    }
    Ok(!done.is_empty())
}

fn agreed(line: &str, out: &Output) -> Result<bool, Problem> {
    let question = out.text_with("ask-fix", &[("command", plain(line).into())]);
    let answer = Terminal::open()
        .and_then(|mut terminal| terminal.read_answer(&format!("{question} "), None))
        .map_err(|error| Here::terminal(&error))?;
    Ok(is_yes(&answer))
}

/// Runs it with this terminal. What came of it, the next look says.
fn carry_out(command: &Command) -> Result<(), Problem> {
    let run = |before: &[&str]| {
        let mut words = before
            .iter()
            .copied()
            .chain(command.words.iter().map(String::as_str));
        let program = words.next().unwrap_or_default();
        std::process::Command::new(program).args(words).status()
    };
    let ended = if command.elevated {
        // Whoever is the administrator already may have no `sudo`.
        run(&["sudo"]).or_else(|_| run(&[]))
    } else {
        run(&[])
    };
    ended
        .map(drop)
        .map_err(|error| Here::terminal(&error).into())
}

/// A sign and a word for how it is, what it is, and for what is wrong the cause and the fix.
fn shown(finding: &Finding, out: &Output) -> String {
    let sign = match finding.state {
        FindingState::Good => '✓',
        FindingState::Warning => '!',
        FindingState::Bad => '✗',
        FindingState::Skipped => '–',
    };
    let mut text = format!(
        "{sign} {}: {}",
        out.check(&finding.check),
        out.word("finding", &finding.state)
    );
    if let Some(subject) = &finding.subject {
        text.push_str(&format!(" ({})", plain(subject)));
    }
    let problem = finding.failure.as_ref();
    let problem = problem.map(|failure| Problem::from(failure.as_ref().clone()));
    let mut advice = String::new();
    if let Some(problem) = problem {
        advice = problem.advice(&out.messages);
        text.push_str(&format!("\n    {}", problem.message(&out.messages)));
        text.push_str(&format!("\n    → {advice}"));
    }
    // The advice may name the command already.
    let fix = finding.fix.as_ref().filter(|fix| !advice.contains(*fix));
    if let Some(fix) = fix {
        text.push_str(&format!("\n    $ {}", plain(fix)));
    }
    text
}

fn explained(finding: &Finding, out: &Output) -> Value {
    let mut value = json!(finding);
    if let (Some(failure), Some(fields)) = (&finding.failure, value.as_object_mut()) {
        let problem = Problem::from(failure.as_ref().clone());
        fields.insert("message".into(), problem.message(&out.messages).into());
        fields.insert("advice".into(), problem.advice(&out.messages).into());
    }
    value
}
