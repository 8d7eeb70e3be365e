//! `lichna doctor`: what stands between the holder and a login, and how to mend it.

use std::process::ExitCode;

use lichna_ipc::{Finding, FindingState, Reply, Request};
use serde_json::{Value, json};

use super::{ask, unexpected};
use crate::exit::Exit;
use crate::output::Output;
use crate::plain::plain;
use crate::problem::Problem;

pub fn run(out: &Output) -> Result<ExitCode, Problem> {
    let Reply::Doctor(findings) = ask(Request::Doctor, out)? else {
        return Err(unexpected());
    };
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
