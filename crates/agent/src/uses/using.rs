//! What a key is about to be used for.

use lichna_card::KeyRole as Role;
use lichna_ipc::{Failure, KeyRole, KeyUse, UseKind};
use time::OffsetDateTime;

use super::Uses;
use crate::{
    Agent,
    authority::Introduced,
    cards::Chosen,
    connections::Dialogue,
    flows::{
        certificates::{self, moment},
        listing::is_practice,
        signing::Identity,
    },
};

/// Port of HTTPS, which goes without saying.
const HTTPS: u16 = 443;

/// Who wants a key to sign, and for what; and where that is written down.
#[derive(Clone)]
pub struct Using {
    uses: Uses,
    what: UseKind,
    program: Option<String>,
    server: Option<String>,
}

impl Using {
    /// For whoever is at the other end of this dialogue.
    pub fn by(agent: &Agent, dialogue: &Dialogue, what: UseKind) -> Self {
        Self {
            uses: agent.uses.clone(),
            what,
            program: dialogue.requester().executable,
            server: None,
        }
    }

    /// The same, for that server.
    pub fn at(mut self, host: &str, port: u16) -> Self {
        self.server = Some(match port {
            HTTPS => host.to_owned(),
            port => format!("{host}:{port}"),
        });
        self
    }

    /// The same, for that authority.
    pub fn at_authority(self, authority: &Introduced) -> Self {
        let server = authority.summary();
        self.at(&server.host, server.port)
    }

    /// What a holder's key does at an authority.
    pub const fn of_holder(role: Role) -> UseKind {
        match role {
            Role::Signature => UseKind::SignedRequest,
            _ => UseKind::Authority,
        }
    }

    /// The card was given the PIN for this key, and signed or failed.
    pub fn note(&self, chosen: &Chosen, identity: &Identity, failure: Option<Failure>) {
        let key = chosen.known.profile().key(identity.key);
        let certificate = &identity.certificate.parsed;
        self.uses.note(KeyUse {
            time: moment(OffsetDateTime::now_utc()),
            what: self.what,
            role: key.map_or(KeyRole::Other, certificates::role),
            card: chosen.known.number().map(str::to_owned),
            certificate: certificate.serial().to_owned(),
            practice: is_practice(&chosen.card),
            program: self.program.clone(),
            server: self.server.clone(),
            failure: failure.map(Box::new),
        });
    }
}
