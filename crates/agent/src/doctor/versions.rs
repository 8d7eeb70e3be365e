//! Are the parts of Lichna that run of one version, after it was installed anew?

use std::process::Command;

use lichna_ipc::{Failure, Finding, Remedy};

use super::{Told, good, warning};
use crate::{Agent, VERSION};

/// The smart card service of Linux and other Unixes, where packages put it.
const PCSCD: &str = "/usr/sbin/pcscd";

/// This agent, and the programs that are connected to it.
pub fn examine(agent: &Agent) -> Vec<Finding> {
    let others = agent.clients.of_other_versions(VERSION);
    let others = others.into_iter().map(|(program, version)| {
        let agent = VERSION.to_owned();
        let failure = Failure::VersionsDiffer {
            program: program.clone(),
            version,
            agent,
        };
        warning("versions", failure).about(&program)
    });
    [this_agent()].into_iter().chain(others).collect()
}

fn this_agent() -> Finding {
    // Where another file took its place, the system says of this one that it was deleted.
    let replaced = std::env::current_exe().is_ok_and(|file| !file.exists());
    let found = if replaced {
        let remedy = Remedy::EndProgram {
            pid: std::process::id(),
            name: "lichna-agent".to_owned(),
        };
        warning("agent", Failure::AgentReplaced).mended_by(Some(remedy))
    } else {
        good("agent")
    };
    found.about(VERSION)
}

/// What the smart card service says that it is: `pcsc-lite version 1.9.9.`
pub fn of_service() -> Option<String> {
    let said = Command::new(PCSCD).arg("--version").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let first = said.lines().next()?.trim_end_matches('.');
    (first.len() < 80).then(|| first.to_owned())
}
