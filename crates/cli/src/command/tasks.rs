//! `lichna tasks`: what was interrupted is gone on with, or given up. Req 14.2.

use lichna_i18n::plain;
use lichna_ipc::{
    ConsentRoute, Failure, Reply, Request, TaskInfo, TaskKind, TaskResumeRequest, Terminal,
};
use serde_json::json;

use super::manage::given;
use super::{ask, ask_with, enrol, secrets, unexpected};
use crate::arguments::authority::{TaskResume, Tasks};
use crate::consent::moment;
use crate::face::{Face, Given, is_yes};
use crate::output::Output;
use crate::problem::{Here, Problem};

pub fn run(tasks: Option<Tasks>, out: &Output) -> Result<(), Problem> {
    match tasks {
        None | Some(Tasks::List) => list(out),
        Some(Tasks::Resume(task)) => resume(task, out),
        Some(Tasks::Drop { id, yes }) => drop(id, yes, out),
    }
}

fn list(out: &Output) -> Result<(), Problem> {
    let tasks = all(out)?;
    if out.json {
        return out.print_json(&json!({ "tasks": tasks }));
    }
    if tasks.is_empty() {
        return out.print(&out.text("task-none"));
    }
    table(&tasks, out)
}

/// Prints them; nothing at all where there are none.
pub fn table(tasks: &[TaskInfo], out: &Output) -> Result<(), Problem> {
    let row = |task: &TaskInfo| {
        let state = out.word("task-state", &task.state);
        let kind = out.word("task-kind", &task.kind);
        vec![
            plain(&task.id),
            match &task.role {
                Some(role) => format!("{kind} ({})", out.word("role", role)),
                None => kind,
            },
            if task.running {
                format!("{state} ({})", out.text("task-running"))
            } else {
                state
            },
            task.card.as_deref().map(plain).unwrap_or_default(),
            plain(&moment(&task.started_at)),
            task.deadline
                .as_deref()
                .map(|deadline| plain(&moment(deadline)))
                .unwrap_or_default(),
        ]
    };
    out.print_table(
        &[
            "title-number",
            "title-what",
            "title-state",
            "title-card",
            "title-since",
            "title-until",
        ],
        tasks.iter().map(row).collect(),
    )
}

fn all(out: &Output) -> Result<Vec<TaskInfo>, Problem> {
    match ask(Request::Tasks, out)? {
        Reply::Tasks(tasks) => Ok(tasks),
        _ => Err(unexpected()),
    }
}

/// Says how to go on with what was begun, where it was not finished.
pub fn or_later(done: Result<Reply, Problem>, out: &Output) -> Result<Reply, Problem> {
    if done.is_err()
        && !out.json
        && let Ok(tasks) = all(out)
        && let Some(left) = tasks.iter().max_by_key(|task| &task.started_at)
    {
        let arguments = [
            ("kind", out.word("task-kind", &left.kind).into()),
            ("task", plain(&left.id).into()),
        ];
        out.say(&out.text_with("task-left", &arguments));
    }
    done
}

fn resume(task: TaskResume, out: &Output) -> Result<(), Problem> {
    let given = Given {
        officer_can: task.officer_can_stdin,
        code: task.code_stdin,
        ..given(task.input)
    };
    let face = Face::new(out, secrets(given)?)
        .with_agreement(task.yes)
        .with_officer_reader(task.officer_reader.clone());
    let request = Request::TaskResume(TaskResumeRequest {
        id: task.id,
        reader: task.reader,
        officer_reader: task.officer_reader,
        consent: ConsentRoute::Caller,
    });
    let Reply::TaskResumed(outcome) = or_later(ask_with(request, face), out)? else {
        return Err(unexpected());
    };
    let done = match outcome.task.kind {
        TaskKind::Enrol => "enrol-done",
        TaskKind::Renew => "renew-done",
    };
    enrol::show(&outcome, done, out)
}

fn drop(id: String, yes: bool, out: &Output) -> Result<(), Problem> {
    let tasks = all(out)?;
    let task = tasks.iter().find(|task| task.id == id);
    let task = task.ok_or_else(|| Failure::TaskUnknown { task: id.clone() })?;
    if !yes && !agreed(task, out)? {
        return Err(Failure::Refused.into());
    }
    match ask(Request::TaskDrop { id }, out)? {
        Reply::TaskDropped(task) if out.json => out.print_json(&json!({ "dropped": task })),
        Reply::TaskDropped(_) => out.print(&out.text("task-dropped")),
        _ => Err(unexpected()),
    }
}

/// A person at the terminal says that it is to be given up.
fn agreed(task: &TaskInfo, out: &Output) -> Result<bool, Problem> {
    if !Terminal::is_there() {
        return Err(Here::YesMissing.into());
    }
    let arguments = [
        ("kind", out.word("task-kind", &task.kind).into()),
        ("state", out.word("task-state", &task.state).into()),
    ];
    let prompt = format!("{} ", out.text_with("ask-drop", &arguments));
    let answer = Terminal::open()
        .and_then(|mut terminal| terminal.read_answer(&prompt, None))
        .map_err(|error| Here::terminal(&error))?;
    Ok(is_yes(&answer))
}
