//! `lichna uses` and `lichna services`: what the keys were used for on this computer. Req C.4

use lichna_i18n::plain;
use lichna_ipc::{KeyUse, Reply, Request, ServiceInfo};
use serde_json::json;

use super::{ask, unexpected};
use crate::consent::moment;
use crate::output::Output;
use crate::problem::Problem;

pub fn run(forget: bool, out: &Output) -> Result<(), Problem> {
    if forget {
        return match ask(Request::ForgetUses, out)? {
            Reply::UsesForgotten if out.json => out.print_json(&json!({ "forgotten": true })),
            Reply::UsesForgotten => out.print(&out.text("uses-forgotten")),
            _ => Err(unexpected()),
        };
    }
    let Reply::Uses(uses) = ask(Request::Uses, out)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&uses);
    }
    if let Some(why) = uses.not_kept {
        out.say(&out.text("uses-not-kept"));
        out.problem(&Problem::from(*why));
    }
    if uses.uses.is_empty() {
        return out.print(&out.text("uses-none"));
    }
    out.print_table(
        &[
            "title-when",
            "title-what",
            "title-requester",
            "title-server",
            "title-key",
            "title-card",
            "title-became",
        ],
        uses.uses.iter().map(|one| row(one, out)).collect(),
    )
}

fn row(one: &KeyUse, out: &Output) -> Vec<String> {
    let told = |word: &Option<String>| word.as_deref().map(plain).unwrap_or_default();
    let card = told(&one.card);
    vec![
        plain(&moment(&one.time)),
        out.word("use", &one.what),
        told(&one.program),
        told(&one.server),
        out.word("role", &one.role),
        if one.practice {
            format!("{} – {card}", out.text("card-practice"))
        } else {
            card
        },
        match &one.failure {
            Some(failure) => Problem::from(failure.as_ref().clone()).message(&out.messages),
            None => out.text("use-signed"),
        },
    ]
}

pub fn services(out: &Output) -> Result<(), Problem> {
    let Reply::Services(services) = ask(Request::Services, out)? else {
        return Err(unexpected());
    };
    if out.json {
        return out.print_json(&json!({ "services": services }));
    }
    if services.is_empty() {
        return out.print(&out.text("uses-none"));
    }
    let row = |one: &ServiceInfo| {
        vec![
            plain(&one.server),
            one.logins.to_string(),
            plain(&moment(&one.last)),
            out.yes_no(Some(one.trusted)),
        ]
    };
    out.print_table(
        &[
            "title-server",
            "title-logins",
            "title-last",
            "title-trusted",
        ],
        services.iter().map(row).collect(),
    )
}
