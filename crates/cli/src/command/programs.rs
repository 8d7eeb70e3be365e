//! `lichna programs`: the programs that the holder wants to be asked less for. Req C.2.

use std::path::Path;

use lichna_consent::date;
use lichna_i18n::plain;
use lichna_ipc::{ProgramInfo, Reply, Request};
use serde_json::json;

use super::{ask, unexpected};
use crate::arguments::Programs;
use crate::output::Output;
use crate::problem::Problem;

pub fn run(programs: Programs, out: &Output) -> Result<(), Problem> {
    match programs {
        Programs::List => list(out),
        Programs::Forget { program } => forget(program.as_deref(), out),
    }
}

fn list(out: &Output) -> Result<(), Problem> {
    let Reply::Programs(programs) = ask(Request::Programs, out)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "programs": programs }));
    }
    if programs.is_empty() {
        return out.print(&out.text("program-none"));
    }
    let row = |program: &ProgramInfo| {
        vec![
            plain(&program.executable),
            plain(date(&program.since)),
            out.text(if program.current {
                "program-counts"
            } else {
                "program-changed"
            }),
        ]
    };
    out.print_table(
        &["title-program", "title-since", "title-state"],
        programs.iter().map(row).collect(),
    )
}

fn forget(program: Option<&Path>, out: &Output) -> Result<(), Problem> {
    let executable = program.map(|path| path.display().to_string());
    let request = Request::ForgetPrograms { executable };
    let Reply::ProgramsForgotten(count) = ask(request, out)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "forgotten": count }));
    }
    out.print(&out.text_with("program-forgotten", &[("count", count.into())]))
}
