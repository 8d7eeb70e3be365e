//! `lichna profiles list` and `lichna profiles check`.

use std::path::Path;

use lichna_i18n::plain;
use lichna_ipc::{Failure, ProfileInfo, Reply, Request};
use serde_json::{Value, json};

use super::{ask, unexpected};
use crate::arguments::Profiles;
use crate::output::Output;
use crate::problem::Problem;

pub fn run(profiles: Profiles, out: &Output) -> Result<(), Problem> {
    match profiles {
        Profiles::List => list(out),
        Profiles::Check { file } => check(&file, out),
    }
}

fn list(out: &Output) -> Result<(), Problem> {
    let profiles = ask_for(Request::Profiles, out)?;
    if out.json {
        let profiles: Vec<Value> = profiles.iter().map(|one| explained(one, out)).collect();
        return out.print_json(&json!({ "profiles": profiles }));
    }
    let row = |profile: &ProfileInfo| {
        vec![
            plain(&profile.name),
            plain(&profile.card),
            plain(&profile.dialect),
            plain(&profile.source),
            out.text(match (&profile.rejected, profile.unsigned) {
                (Some(_), _) => "profile-rejected",
                (None, true) => "profile-unsigned",
                (None, false) => "profile-used",
            }),
        ]
    };
    out.print_table(
        &[
            "title-profile",
            "title-card",
            "title-dialect",
            "title-source",
            "title-state",
        ],
        profiles.iter().map(row).collect(),
    )?;
    for rejected in profiles
        .iter()
        .filter_map(|profile| profile.rejected.as_ref())
    {
        let problem = Problem::from(rejected.as_ref().clone());
        out.print(&format!("! {}", problem.message(&out.messages)))?;
        out.print(&format!("  {}", problem.advice(&out.messages)))?;
    }
    Ok(())
}

fn check(file: &Path, out: &Output) -> Result<(), Problem> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::FileUnreadable {
        file: name.clone(),
        reason: error.to_string(),
    })?;
    let request = Request::ProfileCheck {
        file: name.clone(),
        text,
    };
    let profiles = ask_for(request, out)?;
    let rejected = profiles.iter().find_map(|one| one.rejected.as_ref());
    if let Some(rejected) = rejected {
        return Err(rejected.as_ref().clone().into());
    }
    if out.json {
        return out.print_json(&json!({ "file": name, "valid": true, "profiles": profiles }));
    }
    out.print(&out.text_with("profile-valid", &[("file", plain(&name).into())]))
}

fn ask_for(request: Request, out: &Output) -> Result<Vec<ProfileInfo>, Problem> {
    match ask(request, out)? {
        Reply::Profiles(profiles) => Ok(profiles),
        _ => Err(unexpected()),
    }
}

/// With the texts of what was wrong with it.
fn explained(profile: &ProfileInfo, out: &Output) -> Value {
    let mut value = json!(profile);
    if let (Some(rejected), Some(fields)) = (&profile.rejected, value.as_object_mut()) {
        let problem = Problem::from(rejected.as_ref().clone());
        fields.insert("message".into(), problem.message(&out.messages).into());
        fields.insert("advice".into(), problem.advice(&out.messages).into());
    }
    value
}
