//! The server of a login: what it wants, and whether the card can give it.

use std::{sync::Arc, time::Duration};

use lichna_ipc::{Failure, LoginRequest, ServerSummary, Step};
use lichna_tls::{
    CardKey, KeyError, Match, Mismatch, ProbeError, ServerDemand, ServerTrust, SignatureScheme,
    client_config, explain, match_key, probe, probe_for_key,
};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

use super::super::{
    explained::{from_explanation, from_mismatch, from_probe, schemes},
    http::{self, Answer, HttpError, Target},
    login_key::LoginKey,
};
use crate::{Agent, config::Config, connections::Dialogue, consent::Prompter};

/// How long the first handshake may take.
const ASKING: Duration = Duration::from_secs(15);

/// Everything about the server that the login needs.
pub struct Server {
    /// Where it is.
    pub target: Target,
    /// Whom its certificate must come from.
    pub trust: ServerTrust,
    on_trust_list: bool,
}

impl Server {
    /// Reads the request and the configuration.
    ///
    /// # Errors
    /// [`Failure::UrlInvalid`], [`Failure::ConfigurationInvalid`], [`Failure::AuthorityInvalid`].
    pub fn new(agent: &Agent, request: &LoginRequest) -> Result<Self, Failure> {
        let target = Target::parse(&request.url)?;
        let file = agent.home.configuration_file();
        let config = Config::read(&file)?;
        let list = config.trust_list(&file)?;
        let mut trust = ServerTrust::system();
        for given in config
            .authorities(&file)?
            .iter()
            .chain(&request.authorities)
        {
            trust = trust
                .with_pem(&given.file, given.pem.as_bytes())
                .map_err(|error| Failure::AuthorityInvalid {
                    file: given.file.clone(),
                    reason: error.to_string(),
                })?;
        }
        Ok(Self {
            on_trust_list: list.knows(&target.host),
            target,
            trust,
        })
    }

    /// The first handshake. That the server has no scheme for TLS 1.3 is not the end yet.
    pub async fn probe(
        &self,
        dialogue: &Dialogue,
    ) -> Result<Result<ServerDemand, ProbeError>, Failure> {
        dialogue.progress(Step::AskServer);
        let (host, port) = (self.target.host.clone(), self.target.port);
        let trust = self.trust.clone();
        let probed = blocking(move || probe(&host, port, &trust, ASKING)).await?;
        match probed {
            Err(error) if !matches!(error, ProbeError::NoUsableSchemes) => {
                Err(from_probe(&self.target.host, error))
            }
            probed => Ok(probed),
        }
    }

    /// The server, as a person is shown it.
    pub fn summary(&self, demand: &ServerDemand, matched: &Match) -> ServerSummary {
        ServerSummary {
            issuer_not_named: !matched.warnings.is_empty(),
            ..self.introduced(demand)
        }
    }

    /// The same, before it is known whether the card will do.
    pub fn introduced(&self, demand: &ServerDemand) -> ServerSummary {
        ServerSummary {
            host: self.target.host.clone(),
            port: self.target.port,
            subject: demand.certificate.subject.clone(),
            issuer: demand.certificate.issuer.clone(),
            on_trust_list: self.on_trust_list,
            issuer_not_named: false,
        }
    }

    /// Whether card and server can do with each other; before anybody is asked.
    pub async fn agree(
        &self,
        probed: Result<ServerDemand, ProbeError>,
        key: &Arc<LoginKey>,
    ) -> Result<(ServerDemand, Match), Failure> {
        let host = &self.target.host;
        let first = match &probed {
            Ok(demand) => Some(match_key(demand, &**key)),
            Err(_) => None,
        };
        match (probed, first) {
            (Ok(demand), Some(Ok(matched))) => Ok((demand, matched)),
            (Ok(demand), Some(Err(Mismatch::NothingAsked))) => {
                Err(self.late_or_never(&demand, key).await)
            }
            (Ok(_), Some(Err(mismatch))) if mismatch != Mismatch::NeedsTls12 => {
                Err(from_mismatch(host, mismatch))
            }
            // What the server asks of this very key, in TLS 1.2 if need be.
            _ => {
                let demand = self.probe_for(key).await?;
                let matched = match_key(&demand, &**key);
                let matched = matched.map_err(|mismatch| from_mismatch(host, mismatch))?;
                Ok((demand, matched))
            }
        }
    }

    async fn probe_for(&self, key: &Arc<LoginKey>) -> Result<ServerDemand, Failure> {
        let (host, port) = (self.target.host.clone(), self.target.port);
        let (trust, of_card) = (self.trust.clone(), Arc::clone(key));
        let probed = blocking(move || probe_for_key(&host, port, &trust, ASKING, &*of_card));
        probed.await?.map_err(|error| match error {
            ProbeError::NeedsTls13 | ProbeError::NoUsableSchemes => Failure::NothingInCommon {
                host: self.target.host.clone(),
                card: schemes(key.schemes()),
                server: "TLS 1.3".into(),
            },
            other => from_probe(&self.target.host, other),
        })
    }

    /// The server asked for no certificate in the handshake. Does it miss one afterwards?
    async fn late_or_never(&self, demand: &ServerDemand, key: &Arc<LoginKey>) -> Failure {
        let host = self.target.host.clone();
        let never = Failure::ServerAsksNothing { host: host.clone() };
        let unable = Arc::new(NoSignature(Arc::clone(key)));
        let Ok((config, observation)) = client_config(&self.trust, unable, demand) else {
            return never;
        };
        match http_get(&self.target, demand, config).await {
            Ok(answer) => explain(&observation, Some(answer.status), None),
            Err(HttpError::Failed(error)) => explain(&observation, None, Some(&*error)),
            Err(_) => None,
        }
        .and_then(|explanation| from_explanation(&host, explanation))
        .unwrap_or(never)
    }
}

/// A key that shows its certificate and signs nothing.
struct NoSignature(Arc<LoginKey>);

impl CardKey for NoSignature {
    fn certificate_chain(&self) -> &[CertificateDer<'static>] {
        self.0.certificate_chain()
    }

    fn public_key(&self) -> SubjectPublicKeyInfoDer<'_> {
        self.0.public_key()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }

    fn sign(&self, _scheme: SignatureScheme, _message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::ConsentSpent)
    }
}

async fn http_get(
    target: &Target,
    demand: &ServerDemand,
    config: rustls::ClientConfig,
) -> Result<Answer, HttpError> {
    http::open(target, demand.name.clone(), config)
        .await?
        .get(target)
        .await
}

/// Runs what blocks beside the tasks.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    // It fails only when the runtime ends.
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Failure::Stopping)
}
