//! What stands between the holder and a login, from the service to the clock. Each fault is
//! named, with the command that mends it where there is one.

mod authority;
mod browsers;
mod card;
mod versions;

use std::path::Path;

use lichna_ipc::{Failure, Finding, FindingState, Holder, NamedPem, Remedy};
use lichna_reader::SlotState;
use lichna_tls::ServerTrust;

use crate::{
    Agent,
    cards::{ReaderView, View, from_service, held_alone, named},
    config::Config,
    profiles,
};

/// Looks at everything.
pub async fn examine(agent: &Agent) -> Vec<Finding> {
    let mut findings = versions::examine(agent);
    configuration(&agent.home.configuration_file(), &mut findings);
    profiles(&agent.home.profiles(), &mut findings);
    let (authority, mut findings) =
        tokio::join!(authority::examine(agent), of_cards(agent, findings));
    findings.extend(authority);
    findings.extend(tokio::task::block_in_place(browsers::examine));
    findings
}

/// Looks at the service, the readers and the cards.
async fn of_cards(agent: &Agent, mut findings: Vec<Finding>) -> Vec<Finding> {
    agent.cards.view().await;
    agent.cards.read_failed_again(None);
    let view = agent.cards.settled().await;
    let view = agent.cards.look_again(view).await;
    let own = view.readers.iter().any(|reader| reader.own);
    if service(&view, &mut findings) || own {
        readers(&view, &mut findings);
        for reader in &view.readers {
            if held_alone(&reader.slot) {
                // What is on the card cannot be looked at; why, the reader's finding says.
                findings.extend(["card", "certificate", "pin"].map(skipped));
            } else if let Some(card) = &reader.card {
                card::examine(agent, &reader.name, card, &mut findings).await;
            }
        }
    }
    findings
}

fn configuration(file: &Path, findings: &mut Vec<Finding>) {
    let name = file.display().to_string();
    let config = match Config::read(file) {
        Ok(config) => config,
        Err(failure) => {
            findings.push(bad("configuration", failure).about(&name));
            findings.push(skipped("trust"));
            return;
        }
    };
    findings.push(good("configuration").about(&name));
    if let Err(failure) = config.trust_list(file) {
        findings.push(bad("trust", failure).about(&name));
        return;
    }
    let authorities = config.authorities(file);
    match authorities.and_then(|all| all.iter().try_for_each(usable)) {
        Ok(()) => findings.push(good("trust").about(&name)),
        Err(failure) => findings.push(bad("trust", failure).about(&name)),
    }
}

fn usable(authority: &NamedPem) -> Result<(), Failure> {
    let trust = ServerTrust::nobody().with_pem(&authority.file, authority.pem.as_bytes());
    trust
        .map(|_| ())
        .map_err(|error| Failure::AuthorityInvalid {
            file: authority.file.clone(),
            reason: error.to_string(),
        })
}

fn profiles(folder: &Path, findings: &mut Vec<Finding>) {
    let refused = profiles::load(folder).refused;
    if refused.is_empty() {
        findings.push(good("profile"));
    }
    for (file, failure) in refused {
        findings.push(bad("profile", failure).about(&file));
    }
}

/// Whether the service runs.
fn service(view: &View, findings: &mut Vec<Finding>) -> bool {
    let failure = view
        .service
        .map_or(Some(Failure::ServiceNotRunning), from_service);
    let Some(failure) = failure else {
        let version = tokio::task::block_in_place(versions::of_service);
        findings.push(match version {
            Some(version) => good("service").about(&version),
            None => good("service"),
        });
        return true;
    };
    let remedy = service_remedy(&failure);
    if view.readers.iter().any(|reader| reader.own) {
        // With a practice card nothing is wanted of the service.
        findings.push(warning("service", failure).mended_by(remedy));
        return false;
    }
    findings.push(bad("service", failure).mended_by(remedy));
    findings.extend(["reader", "card"].map(skipped));
    false
}

/// What gets the service to work.
fn service_remedy(failure: &Failure) -> Option<Remedy> {
    match failure {
        Failure::ServiceNotInstalled => Some(Remedy::InstallService),
        Failure::ServiceNotRunning => Some(Remedy::StartService),
        Failure::ServiceNoPermission => Some(Remedy::AllowService {
            socket: socket().display().to_string(),
        }),
        _ => None,
    }
}

/// The socket of pcscd.
fn socket() -> std::path::PathBuf {
    let moved = std::env::var_os("PCSCLITE_CSOCK_NAME");
    moved.map_or_else(|| "/run/pcscd/pcscd.comm".into(), Into::into)
}

fn readers(view: &View, findings: &mut Vec<Finding>) {
    if view.readers.is_empty() {
        findings.push(bad("reader", Failure::NoReader));
        return;
    }
    let some_card = view.readers.iter().any(|reader| reader.card.is_some());
    for reader in &view.readers {
        findings.push(slot(reader, some_card).about(&reader.name));
    }
}

fn slot(reader: &ReaderView, some_card: bool) -> Finding {
    let name = reader.name.clone();
    match &reader.slot {
        // A reader of two slots, or a second reader, may well be empty.
        SlotState::Empty if some_card => good("reader"),
        SlotState::Empty => warning("reader", Failure::NoCard),
        SlotState::Mute => bad("reader", Failure::CardMute { reader: name }),
        SlotState::InUse {
            exclusive: true, ..
        } => {
            let holders = lichna_reader::holders(&name);
            let remedy = let_go(&named(&holders));
            bad("reader", crate::cards::in_use(name, &holders)).mended_by(remedy)
        }
        SlotState::Card { .. } | SlotState::InUse { .. } => good("reader"),
        _ => bad("reader", Failure::ReaderUnavailable { reader: name }),
    }
}

/// What makes a program let go of the card, when it is known which one holds it.
fn let_go(holders: &[Holder]) -> Option<Remedy> {
    match holders {
        [one] => Some(Remedy::EndProgram {
            pid: one.pid,
            name: one.name.clone(),
        }),
        _ => None,
    }
}

fn finding(check: &str, state: FindingState, failure: Option<Failure>) -> Finding {
    Finding {
        check: check.into(),
        state,
        failure: failure.map(Box::new),
        fix: None,
        remedy: None,
        subject: None,
    }
}

fn good(check: &str) -> Finding {
    finding(check, FindingState::Good, None)
}

fn skipped(check: &str) -> Finding {
    finding(check, FindingState::Skipped, None)
}

fn warning(check: &str, failure: Failure) -> Finding {
    finding(check, FindingState::Warning, Some(failure))
}

fn bad(check: &str, failure: Failure) -> Finding {
    finding(check, FindingState::Bad, Some(failure))
}

/// What is said besides.
trait Told {
    /// What it concerns.
    fn about(self, subject: &str) -> Self;
    /// What mends it, where this system has a way.
    fn mended_by(self, remedy: Option<Remedy>) -> Self;
}

impl Told for Finding {
    fn about(mut self, subject: &str) -> Self {
        self.subject = Some(subject.into());
        self
    }

    fn mended_by(mut self, remedy: Option<Remedy>) -> Self {
        self.fix = match &remedy {
            Some(Remedy::UnblockPin { .. }) => Some("lichna pin unblock".to_owned()),
            remedy => remedy
                .as_ref()
                .and_then(Remedy::command)
                .map(|command| command.to_string()),
        };
        self.remedy = remedy.filter(|_| self.fix.is_some());
        self
    }
}
