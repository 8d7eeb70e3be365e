//! Which authority is meant, and whom its servers' certificates come from.

use std::time::Duration;

use lichna_ipc::{AuthorityChoice, Failure, ServerSummary, Step};
use lichna_tls::{ProbeError, ServerDemand, ServerTrust, probe};

use crate::{
    Agent,
    config::Config,
    consent::Prompter,
    flows::{explained::from_probe, http::Target},
    practice,
};

/// How long the first handshake may take.
const ASKING: Duration = Duration::from_secs(15);

/// An authority.
#[derive(Clone)]
pub struct Authority {
    /// Where it is.
    pub target: Target,
    /// Whom its certificate must come from.
    pub trust: ServerTrust,
    /// The same, as it is kept with a task.
    pub choice: AuthorityChoice,
    on_trust_list: bool,
}

/// An authority whose certificate was verified.
#[derive(Clone)]
pub struct Introduced {
    /// It.
    pub authority: Authority,
    /// What it asks for in a handshake.
    pub demand: ServerDemand,
}

impl Authority {
    /// The one that was named, else the one of the configuration.
    ///
    /// # Errors
    /// [`Failure::AuthorityNotConfigured`], [`Failure::UrlInvalid`],
    /// [`Failure::ConfigurationInvalid`], [`Failure::AuthorityInvalid`].
    pub fn of(agent: &Agent, choice: Option<&AuthorityChoice>) -> Result<Self, Failure> {
        let file = agent.home.configuration_file();
        let config = Config::read(&file)?;
        let choice = match choice {
            Some(choice) => choice.clone(),
            None => config.authority(&file)?,
        };
        let list = config.trust_list(&file)?;
        let target = Target::parse(&choice.url)?;
        let trust = match &choice.root {
            // Its own root alone: no other authority of the system's vouches for it.
            Some(root) => {
                let trusted = ServerTrust::nobody().with_pem(&root.file, root.pem.as_bytes());
                trusted.map_err(|error| Failure::AuthorityInvalid {
                    file: root.file.clone(),
                    reason: error.to_string(),
                })?
            }
            None => ServerTrust::system(),
        };
        Ok(Self {
            // Who names the root of an authority in his configuration trusts it.
            on_trust_list: list.knows(&target.host),
            target,
            trust,
            choice,
        })
    }

    /// The one that was named, else that of the practice card in this reader (`None`: in the only
    /// one with a card), else the one of the configuration.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn for_card(
        agent: &Agent,
        choice: Option<&AuthorityChoice>,
        reader: Option<&str>,
    ) -> Result<Self, Failure> {
        match choice {
            Some(choice) => Self::of(agent, Some(choice)),
            None => Self::of(agent, practice::authority_of(agent, reader)?.as_ref()),
        }
    }

    /// Name of its server.
    pub fn host(&self) -> &str {
        &self.target.host
    }

    /// The first handshake, without a certificate: who it is.
    ///
    /// # Errors
    /// Why it cannot be reached, or is not trusted.
    pub async fn introduce(&self, prompter: &dyn Prompter) -> Result<Introduced, Failure> {
        prompter.progress(Step::AskServer);
        self.look().await
    }

    /// The same, of which nobody is told.
    ///
    /// # Errors
    /// As [`Self::introduce`].
    pub async fn look(&self) -> Result<Introduced, Failure> {
        let (host, port) = (self.target.host.clone(), self.target.port);
        let trust = self.trust.clone();
        let probed = tokio::task::spawn_blocking(move || probe(&host, port, &trust, ASKING));
        // It fails only when the runtime ends.
        let probed = probed.await.map_err(|_| Failure::Stopping)?;
        let demand = probed.map_err(|error: ProbeError| from_probe(self.host(), error))?;
        Ok(Introduced {
            authority: self.clone(),
            demand,
        })
    }
}

impl Introduced {
    /// It, as a person is shown it.
    pub fn summary(&self) -> ServerSummary {
        ServerSummary {
            host: self.authority.target.host.clone(),
            port: self.authority.target.port,
            subject: self.demand.certificate.subject.clone(),
            issuer: self.demand.certificate.issuer.clone(),
            on_trust_list: self.authority.on_trust_list,
            issuer_not_named: false,
        }
    }
}
