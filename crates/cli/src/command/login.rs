//! `lichna login`.

use std::io::{IsTerminal, stdout};

use lichna_i18n::{plain, plain_lines};
use lichna_ipc::{
    CertificateChoice, ConsentRoute, LoginOutcome, LoginRequest, Reply, Request, Terminal,
};

use super::{ask_with, pem, unexpected};
use crate::arguments::{Login, Prompt};
use crate::face::{Face, Given, Secrets};
use crate::output::Output;
use crate::problem::Problem;

pub fn run(login: Login, out: &Output) -> Result<(), Problem> {
    let authorities = login.ca.iter().map(|file| pem(file));
    let secrets = match login.prompt {
        _ if login.pin_stdin => super::secrets(Given {
            can: login.can_stdin,
            pins: true,
            ..Given::default()
        })?,
        Some(Prompt::Terminal) => super::secrets(Given::default())?,
        Some(Prompt::Agent) => Secrets::Nobody,
        None if Terminal::is_there() => Secrets::Terminal,
        None => Secrets::Nobody,
    };
    let request = Request::Login(LoginRequest {
        url: login.url,
        certificate: CertificateChoice {
            reader: login.reader,
            key: login.key,
        },
        authorities: authorities.collect::<Result<_, _>>()?,
        consent: match secrets {
            Secrets::Nobody => ConsentRoute::Prompter,
            Secrets::Terminal | Secrets::Input(_) => ConsentRoute::Caller,
        },
    });
    match ask_with(request, Face::new(out, secrets))? {
        Reply::Login(outcome) => show(&outcome, out),
        _ => Err(unexpected()),
    }
}

/// The server's answer is the result; how it came about is for whoever watches.
fn show(outcome: &LoginOutcome, out: &Output) -> Result<(), Problem> {
    if out.json {
        return out.print_json(outcome);
    }
    out.say(&out.text_with(
        "login-done",
        &[
            ("host", plain(&outcome.server.host).into()),
            ("tls", plain(&outcome.tls_version).into()),
            ("scheme", plain(&outcome.scheme).into()),
            ("status", outcome.status.into()),
        ],
    ));
    if outcome.body_cut {
        out.say(&out.text("login-body-cut"));
    }
    if stdout().is_terminal() {
        out.print(&plain_lines(&outcome.body))
    } else {
        out.write(outcome.body.as_bytes())
    }
}
