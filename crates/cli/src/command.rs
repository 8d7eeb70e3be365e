//! The commands.

use std::path::Path;
use std::process::ExitCode;

use lichna_ipc::{Client, ClientProblem, Failure, Home, NamedPem, Reply, Request, Terminal};

use crate::arguments::Command;
use crate::face::{Face, Given, Secrets};
use crate::output::Output;
use crate::problem::{Here, Problem};

mod approve;
mod browsers;
mod can;
mod cards;
mod certificates;
mod doctor;
mod enrol;
mod generate;
mod login;
mod manage;
mod pin;
mod practice_card;
mod profiles;
mod programs;
mod status;
mod tasks;
mod trace;
mod uses;
mod watch;

/// Runs a command; the code is for those that succeed and still have something to say.
pub fn run(command: Command, out: &Output) -> Result<ExitCode, Problem> {
    match command {
        Command::Readers => cards::readers(out),
        Command::Cards => cards::cards(out),
        Command::Watch { count } => watch::run(count, out),
        Command::Certs(of) => certificates::list(of, out),
        Command::Cert(cert) => certificates::one(cert, out),
        Command::Pin(pin) => pin::run(pin, out),
        Command::Login(login) => login::run(login, out),
        Command::Enrol(enrol) => enrol::run(*enrol, out),
        Command::Renew(renew) => enrol::renew(renew, out),
        Command::Suspend(suspend) => manage::suspend(suspend, out),
        Command::Resume(resume) => manage::resume(resume, out),
        Command::Revoke(revoke) => manage::revoke(revoke, out),
        Command::Name(name) => manage::name(name, out),
        Command::History(history) => manage::history(history, out),
        Command::Status(of) => return status::run(of, out),
        Command::Tasks { what } => tasks::run(what, out),
        Command::Approve { wait: true, .. } => approve::wait(out),
        Command::Approve { id, .. } => approve::run(id, out),
        Command::Browsers(browsers) => return browsers::run(browsers, out),
        Command::Programs(programs) => programs::run(programs, out),
        Command::Uses { forget } => uses::run(forget, out),
        Command::Services => uses::services(out),
        Command::Profiles(profiles) => profiles::run(profiles, out),
        Command::Doctor { fix, yes, report } => return doctor::run(fix, yes, report, out),
        Command::Check(of) => cards::check(of, out),
        Command::Can(can) => can::run(can, out),
        Command::PracticeCard(practice) => practice_card::run(practice, out),
        Command::Trace { count } => trace::run(count, out),
        Command::Completions { shell } => generate::completions(shell, out),
        Command::Man { folder } => generate::man(folder.as_deref(), out),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// A connection to the agent, which is started where none runs.
fn connect() -> Result<Client, Problem> {
    let home = Home::from_environment()?;
    Ok(Client::connect(&home, "lichna", env!("CARGO_PKG_VERSION"))?)
}

/// Asks the agent for something that nobody needs to agree to.
fn ask(request: Request, out: &Output) -> Result<Reply, Problem> {
    ask_with(request, Face::new(out, Secrets::Nobody))
}

/// Asks the agent for something, with a dialogue.
fn ask_with(request: Request, face: Face<'_>) -> Result<Reply, Problem> {
    call(&mut connect()?, request, face)
}

fn call(client: &mut Client, request: Request, mut face: Face<'_>) -> Result<Reply, Problem> {
    call_keeping(client, request, &mut face)
}

/// As [`call`], for who wants something of the dialogue afterwards.
fn call_keeping(
    client: &mut Client,
    request: Request,
    face: &mut Face<'_>,
) -> Result<Reply, Problem> {
    let outcome = client.call(request, face);
    // What went wrong here is why the agent says that it was cancelled.
    if let Some(problem) = face.problem() {
        return Err(problem);
    }
    Ok(outcome??)
}

/// Where the CAN comes from, for a command that wants no other secret.
fn can(can_stdin: bool) -> Secrets {
    match secrets(Given {
        can: can_stdin,
        ..Given::default()
    }) {
        Ok(secrets) => secrets,
        // Most cards want none. One that does gets a failure of its own.
        Err(_) => Secrets::Nobody,
    }
}

/// Where the secrets of a command come from that asks the person himself.
fn secrets(given: Given) -> Result<Secrets, Problem> {
    if Terminal::is_there() {
        // Also with --pin-stdin: a terminal would show what is typed as input.
        Ok(Secrets::Terminal)
    } else if given != Given::default() {
        Ok(Secrets::Input(given))
    } else {
        let reason = "the input is no terminal".to_owned();
        Err(Here::Terminal { reason }.into())
    }
}

/// A PEM file, which the agent reads.
///
/// # Errors
/// [`Failure::FileUnreadable`].
fn pem(file: &Path) -> Result<NamedPem, Problem> {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(pem) => Ok(NamedPem { file: name, pem }),
        Err(error) => Err(Failure::FileUnreadable {
            file: name,
            reason: error.to_string(),
        }
        .into()),
    }
}

/// The agent answered another question.
fn unexpected() -> Problem {
    ClientProblem::AnswerUnexpected.into()
}
