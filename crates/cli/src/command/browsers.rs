//! `lichna browsers`: the module in Firefox, Chromium and what else takes PKCS#11 modules.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use lichna_i18n::plain;
use serde_json::{Value, json};

use crate::arguments::{Browsers, OfBrowsers};
use crate::exit::Exit;
use crate::output::Output;
use crate::problem::{Here, Problem};
use lichna_browsers::{Change, Packaging, Place, Scope, State, Surroundings, places};

/// Set by `sudo` to whoever called it.
const CALLER: &str = "SUDO_USER";

pub fn run(browsers: Browsers, out: &Output) -> Result<ExitCode, Problem> {
    match browsers {
        Browsers::Status(of) => status(of, out),
        Browsers::Setup(of) => {
            let (around, scope) = writable(of)?;
            let module = around.module()?;
            let done = places(&around, scope).into_iter().map(|mut place| {
                let change = place.set_up(module).map_err(Problem::from);
                Done { place, change }
            });
            let done: Vec<Done> = done.collect();
            let exit = report(&around.module, &done, scope, out)?;
            for done in done.iter().filter(|_| !out.json) {
                hint(&done.place, out)?;
            }
            Ok(exit)
        }
        Browsers::Remove(of) => {
            let (around, scope) = writable(of)?;
            let done = places(&around, scope).into_iter().map(|mut place| {
                let change = place.remove().map_err(Problem::from);
                Done { place, change }
            });
            report(&around.module, &done.collect::<Vec<_>>(), scope, out)
        }
    }
}

/// The same as `setup`, on behalf of a command that says itself how things are then.
pub fn mend() -> Result<(), Problem> {
    let of_user = OfBrowsers {
        system: false,
        root: None,
    };
    let (around, scope) = writable(of_user)?;
    let module = around.module()?;
    for mut place in places(&around, scope) {
        place.set_up(module)?;
    }
    Ok(())
}

/// A place, and what became of it.
struct Done {
    place: Place,
    change: Result<Change, Problem>,
}

fn scope(of: &OfBrowsers) -> Scope {
    if of.system {
        Scope::System
    } else {
        Scope::User
    }
}

/// What may be changed. With `sudo`, the home folder is somebody's whose files the administrator
/// would take from him.
fn writable(of: OfBrowsers) -> Result<(Surroundings, Scope), Problem> {
    let scope = scope(&of);
    if scope == Scope::User && env::var_os(CALLER).is_some_and(|caller| caller != "root") {
        return Err(Here::NotThroughSudo.into());
    }
    Ok((Surroundings::new(of.root)?, scope))
}

fn status(of: OfBrowsers, out: &Output) -> Result<ExitCode, Problem> {
    let scope = scope(&of);
    let around = Surroundings::new(of.root)?;
    let mut all = Vec::new();
    if scope == Scope::User {
        all.extend(places(&around, Scope::User));
    }
    for place in places(&around, Scope::System) {
        // p11-kit's may be the computer's for the user, too.
        if all.iter().all(|one: &Place| one.path != place.path) {
            all.push(place);
        }
    }
    if out.json {
        let module = &around.module;
        out.print_json(&json!({ "module": module, "present": module.is_file(), "places": all }))?;
        return Ok(ExitCode::SUCCESS);
    }
    show(&around.module, &all, out)?;
    for place in &all {
        hint(place, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(module: &Path, done: &[Done], scope: Scope, out: &Output) -> Result<ExitCode, Problem> {
    let problems = done.iter().filter_map(|done| done.change.as_ref().err());
    let exit = problems.clone().next().map(Problem::exit);
    if out.json {
        let places: Vec<Value> = done.iter().map(|done| explained(done, out)).collect();
        out.print_json(&json!({ "module": module, "places": places }))?;
    } else {
        let places = done.iter().map(|done| &done.place);
        show(module, places, out)?;
        if done.iter().any(|done| {
            done.change
                .as_ref()
                .is_ok_and(|change| *change != Change::Nothing)
        }) {
            out.print(&out.text("browser-restart"))?;
        }
        if scope == Scope::System {
            out.print(&out.text("browser-each-user"))?;
        }
        for problem in problems {
            out.problem(problem);
        }
    }
    Ok(exit.map_or(ExitCode::SUCCESS, Exit::into))
}

/// Which file it is about, and how each place is.
fn show<'a>(
    module: &Path,
    places: impl IntoIterator<Item = &'a Place>,
    out: &Output,
) -> Result<(), Problem> {
    let file = plain(&module.display().to_string());
    let text = if module.is_file() {
        "browser-module"
    } else {
        "browser-module-missing"
    };
    out.print(&out.text_with(text, &[("file", file.into())]))?;
    let row = |place: &Place| {
        let mut state = out.word("browser-state", &place.state);
        if place.state == State::Elsewhere
            && let Some(library) = &place.library
        {
            state = format!("{state}: {}", plain(&library.display().to_string()));
        }
        if place.running {
            state = format!("{state} ({})", out.text("browser-running"));
        }
        vec![
            out.word("browser", &place.program),
            plain(&place.path.display().to_string()),
            state,
        ]
    };
    out.print_table(
        &["title-program", "title-where", "title-state"],
        places.into_iter().map(row).collect(),
    )
}

/// What to do where nothing can be done.
fn hint(place: &Place, out: &Output) -> Result<(), Problem> {
    let text = match place.packaging {
        Packaging::Native => return Ok(()),
        Packaging::Snap => "browser-snap",
        Packaging::Flatpak => "browser-flatpak",
    };
    let program = out.word("browser", &place.program);
    let path = plain(&place.path.display().to_string());
    let arguments = [("program", program.into()), ("path", path.into())];
    out.print(&format!("! {}", out.text_with(text, &arguments)))
}

/// With what was done, or the texts of what was not.
fn explained(done: &Done, out: &Output) -> Value {
    let mut value = json!(done.place);
    if let Some(fields) = value.as_object_mut() {
        let (change, failure) = match &done.change {
            Ok(change) => (json!(change), Value::Null),
            Err(problem) => {
                let mut failure = problem.fields();
                failure.insert("message".into(), problem.message(&out.messages).into());
                failure.insert("advice".into(), problem.advice(&out.messages).into());
                (json!(Change::Nothing), failure.into())
            }
        };
        fields.insert("change".into(), change);
        fields.insert("failure".into(), failure);
    }
    value
}
