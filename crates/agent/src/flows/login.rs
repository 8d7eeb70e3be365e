//! A login to a server with the card's key. Req C.3, 20.1.
//!
//! The server is asked what it wants while the card is read; only then a person is asked; only
//! then the connection is opened, in the middle of which the card signs.

use std::{
    error::Error as StdError,
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{KeyAlgorithm as CardAlgorithm, PinStatus};
use lichna_ipc::{
    Failure, LoginOutcome, LoginRequest, PinEntry, Purpose, SecretKind, ServerSummary, Step, Timing,
};
use lichna_pki::KeyAlgorithm;
use lichna_tls::{
    CardKey, KeyError, Match, Mismatch, Observation, ProbeError, ServerDemand, ServerTrust,
    SignatureScheme, TrustList, Version, client_config, explain, match_key, probe, probe_for_key,
};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

use super::{
    PUT_IN,
    ask::{self, Question},
    certificates,
    explained::{date, from_config, from_explanation, from_mismatch, from_probe, schemes},
    http::{self, Answer, HttpError, Target},
    login_key::{Identity, LoginKey},
};
use crate::{
    Agent,
    cards::{Chosen, Hold, Tally, insertion},
    config::Config,
    connections::Dialogue,
    consent::{Prompter, Secret},
    pin_policy::is_wrong,
};

/// How long the first handshake may take.
const ASKING: Duration = Duration::from_secs(15);

/// What is known of the card before a person is asked.
struct Ready {
    chosen: Chosen,
    key: Arc<LoginKey>,
    certificate: lichna_ipc::CertificateInfo,
    status: PinStatus,
    /// Keeps the card's supply until the login is over.
    _hold: Hold,
}

/// Everything about the server that the login needs.
struct Server {
    target: Target,
    trust: ServerTrust,
    on_trust_list: bool,
}

/// Logs in.
///
/// # Errors
/// Why not; asked of nobody what leads nowhere.
pub async fn run(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: LoginRequest,
) -> Result<LoginOutcome, Failure> {
    let server = Server::new(agent, &request)?;
    agent.consents.may_ask(&dialogue.asker().program)?;
    let (before, after) = (Tally::default(), Tally::default());
    let mut clock = Clock::default();

    let (probed, ready) = tokio::try_join!(
        timed(server.probe(dialogue)),
        timed(ready(agent, dialogue, &request, &before, &after)),
    )?;
    clock.took(Step::AskServer, probed.1);
    clock.took(Step::ReadCard, ready.1);
    let (demand, matched, ready) = agree(&server, probed.0, ready.0).await?;

    let insertion = ready.chosen.card.insertion.clone();
    let connected = connect(
        agent, dialogue, &request, &server, &demand, &matched, &ready, &mut clock,
    );
    let connected = tokio::select! {
        connected = connected => connected,
        // A connection dies with its card.
        () = agent.cards.removed(&insertion) => Err(Failure::CardRemoved),
    };
    ready.key.disarm();
    if let Some(signing) = ready.key.signing_time() {
        clock.took(Step::Sign, signing);
    }
    let connected = match connected {
        Err(failure) => Err(agent.cards.or_removed(&insertion, failure).await),
        connected => connected,
    };
    let connected = connected.inspect_err(|failure| {
        if is_wrong(failure) {
            agent.consents.asked_in_vain(dialogue.asker().program);
        }
    })?;
    let apdus_after_pin = after.count();
    Ok(LoginOutcome {
        server: server.summary(&demand, &matched),
        tls_version: connected.tls_version,
        scheme: connected.scheme,
        status: connected.answer.status,
        content_type: connected.answer.content_type,
        body: String::from_utf8_lossy(&connected.answer.body).into_owned(),
        body_cut: connected.answer.cut,
        timings: clock.0,
        apdus: before.count() + apdus_after_pin,
        apdus_after_pin,
    })
}

impl Server {
    fn new(agent: &Agent, request: &LoginRequest) -> Result<Self, Failure> {
        let target = Target::parse(&request.url)?;
        let file = agent.home.configuration_file();
        let config = Config::read(&file)?;
        let list = TrustList::parse(config.servers.trusted.iter().map(String::as_str));
        let list = list.map_err(|error| Failure::ConfigurationInvalid {
            file: file.display().to_string(),
            reason: error.to_string(),
        })?;
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
    async fn probe(
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

    fn summary(&self, demand: &ServerDemand, matched: &Match) -> ServerSummary {
        ServerSummary {
            host: self.target.host.clone(),
            port: self.target.port,
            subject: demand.certificate.subject.clone(),
            issuer: demand.certificate.issuer.clone(),
            on_trust_list: self.on_trust_list,
            issuer_not_named: !matched.warnings.is_empty(),
        }
    }
}

/// Finds the card, its certificate and the state of its PIN.
async fn ready(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: &LoginRequest,
    before: &Tally,
    after: &Tally,
) -> Result<Ready, Failure> {
    let reader = request.certificate.reader.as_deref();
    let chosen = agent.cards.choose(reader, PUT_IN, dialogue).await?;
    let hold = chosen.thread.hold();
    let key = insertion::key(&chosen.known, request.certificate.key.as_deref())?;
    let unknown = || Failure::KeyUnknown {
        key: key.reference().to_string(),
    };
    let guard = key.pin().filter(|_| !key.schemes().is_empty());
    let guard = guard.ok_or_else(unknown)?;
    let certificate = certificates::certificate(&chosen, key.reference(), before).await?;
    let now = time::OffsetDateTime::now_utc();
    if certificate.parsed.not_after() < now {
        return Err(Failure::CertificateExpired {
            date: date(certificate.parsed.not_after()),
        });
    }
    let identity = Identity {
        key: key.reference(),
        pin: guard,
        algorithm: algorithm(certificate.parsed.key_algorithm()).ok_or_else(|| {
            Failure::CertificateUnreadable {
                key: key.reference().to_string(),
                reason: format!("its key is {}", certificate.parsed.key_algorithm()),
            }
        })?,
        certificate: Arc::clone(&certificate),
    };
    if ask::entry(&chosen) == PinEntry::Typed {
        agent.policy.may_take(&chosen.card.insertion)?;
    }
    let status = match chosen.known.fresh_pin() {
        Some(status) if status.pin == guard => status,
        _ => {
            let asked = ask::pin_status(&chosen, guard, before);
            ask::patiently(dialogue, &chosen, asked).await?
        }
    };
    ask::usable(&status)?;
    Ok(Ready {
        certificate: certificates::info(&chosen, key, &certificate.parsed),
        key: LoginKey::new(
            chosen.clone(),
            identity,
            after.clone(),
            agent.policy.clone(),
            agent.runtime.clone(),
        ),
        chosen,
        status,
        _hold: hold,
    })
}

/// Whether card and server can do with each other; before anybody is asked.
async fn agree(
    server: &Server,
    probed: Result<ServerDemand, ProbeError>,
    ready: Ready,
) -> Result<(ServerDemand, Match, Ready), Failure> {
    let host = &server.target.host;
    let first = match &probed {
        Ok(demand) => Some(match_key(demand, &*ready.key)),
        Err(_) => None,
    };
    match (probed, first) {
        (Ok(demand), Some(Ok(matched))) => Ok((demand, matched, ready)),
        (Ok(demand), Some(Err(Mismatch::NothingAsked))) => {
            Err(late_or_never(server, &demand, &ready).await)
        }
        (Ok(_), Some(Err(mismatch))) if mismatch != Mismatch::NeedsTls12 => {
            Err(from_mismatch(host, mismatch))
        }
        // What the server asks of this very key, in TLS 1.2 if need be.
        _ => {
            let (name, port) = (host.clone(), server.target.port);
            let (trust, key) = (server.trust.clone(), Arc::clone(&ready.key));
            let probed =
                blocking(move || probe_for_key(&name, port, &trust, ASKING, &*key)).await?;
            let demand = probed.map_err(|error| match error {
                ProbeError::NeedsTls13 | ProbeError::NoUsableSchemes => Failure::NothingInCommon {
                    host: host.clone(),
                    card: schemes(ready.key.schemes()),
                    server: "TLS 1.3".into(),
                },
                other => from_probe(host, other),
            })?;
            match match_key(&demand, &*ready.key) {
                Ok(matched) => Ok((demand, matched, ready)),
                Err(mismatch) => Err(from_mismatch(host, mismatch)),
            }
        }
    }
}

/// The server asked for no certificate in the handshake. Does it miss one afterwards?
async fn late_or_never(server: &Server, demand: &ServerDemand, ready: &Ready) -> Failure {
    let host = server.target.host.clone();
    let never = Failure::ServerAsksNothing { host: host.clone() };
    let key = Arc::new(NoSignature(Arc::clone(&ready.key)));
    let Ok((config, observation)) = client_config(&server.trust, key, demand) else {
        return never;
    };
    match http_get(&server.target, demand, config).await {
        Ok(answer) => explain(&observation, Some(answer.status), None),
        Err(HttpError::Failed(error)) => explain(&observation, None, Some(&*error)),
        Err(_) => None,
    }
    .and_then(|explanation| from_explanation(&host, explanation))
    .unwrap_or(never)
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

/// What came of the connection.
struct Connected {
    answer: Answer,
    tls_version: String,
    scheme: String,
}

/// Asks the holder, opens the connection, and gets the answer.
#[allow(
    clippy::too_many_arguments,
    reason = "all that a login has found out comes together here"
)]
async fn connect(
    agent: &Agent,
    dialogue: &Dialogue,
    request: &LoginRequest,
    server: &Server,
    demand: &ServerDemand,
    matched: &Match,
    ready: &Ready,
    clock: &mut Clock,
) -> Result<Connected, Failure> {
    let host = &server.target.host;
    let key: Arc<dyn CardKey> = ready.key.clone();
    let (config, observation) = client_config(&server.trust, key, demand)
        .map_err(|error| from_config(&ready.certificate.key, &error))?;

    let asked = Instant::now();
    arm(
        agent,
        dialogue,
        request,
        server.summary(demand, matched),
        ready,
    )
    .await?;
    clock.took(Step::AskHolder, asked.elapsed());

    dialogue.progress(Step::Connect);
    let began = Instant::now();
    let open = http::open(&server.target, demand.name.clone(), config);
    let mut open = open
        .await
        .map_err(|error| why(host, &ready.key, &observation, error))?;
    clock.took(Step::Connect, began.elapsed());

    dialogue.progress(Step::Answer);
    let began = Instant::now();
    let answer = open.get(&server.target).await;
    clock.took(Step::Answer, began.elapsed());
    let answer = answer.map_err(|error| why(host, &ready.key, &observation, error))?;
    let explanation = explain(&observation, Some(answer.status), None);
    if let Some(failure) = explanation.and_then(|one| from_explanation(host, one)) {
        return Err(ready.key.failure().unwrap_or(failure));
    }
    Ok(Connected {
        answer,
        tls_version: match observation.version() {
            Some(Version::Tls12) => "TLSv1.2".into(),
            _ => "TLSv1.3".into(),
        },
        scheme: observation
            .scheme()
            .map_or_else(String::new, |scheme| schemes(&[scheme])),
    })
}

/// Gets the holder's consent and PIN, and gives them to the key.
async fn arm(
    agent: &Agent,
    dialogue: &Dialogue,
    request: &LoginRequest,
    summary: ServerSummary,
    ready: &Ready,
) -> Result<(), Failure> {
    let rules = ready.chosen.known.profile.pin(ready.status.pin);
    let question = Question {
        purpose: Purpose::Login { server: summary },
        certificate: Some(ready.certificate.clone()),
        tries_left: ask::tries_left(&ready.status),
        secrets: rules
            .map(|rules| ask::field(rules, SecretKind::Pin))
            .into_iter()
            .collect(),
        route: request.consent,
        chosen: &ready.chosen,
    };
    let (mut agreed, turn) = ask::ask(agent, dialogue, question).await?;
    let last_try = ask::last_try(&agreed, Some(&ready.status));
    match (ask::entry(&ready.chosen), agreed.secrets.pop()) {
        (PinEntry::Typed, Some(Secret::Pin(pin))) => {
            ready.key.arm(pin, last_try, ready.status, turn);
            Ok(())
        }
        (PinEntry::Pinpad, _) => {
            dialogue.progress(Step::TypeAtReader);
            let armed = ready.key.arm_at_pinpad(last_try, ready.status, turn);
            armed.await?;
            agent.policy.right_at_pinpad(&ready.chosen.card.insertion);
            Ok(())
        }
        _ => Err(Failure::RequestInvalid {
            reason: "no PIN was typed".into(),
        }),
    }
}

/// Why a connection came to nothing. What the card said comes first: the rest follows from it.
fn why(host: &str, key: &LoginKey, observation: &Observation, error: HttpError) -> Failure {
    if let Some(failure) = key.failure() {
        return failure;
    }
    if let Some(KeyError::NotTheKeyOfTheCertificate) = observation.key_error() {
        return Failure::CertificateKeyMismatch { key: key.name() };
    }
    let host = host.to_owned();
    match error {
        HttpError::Elsewhere(failure) => failure,
        HttpError::Timeout => Failure::ServerTimeout { host },
        HttpError::Unreachable(error) => Failure::ServerUnreachable {
            host,
            reason: error.to_string(),
        },
        HttpError::Failed(error) => {
            let explanation = explain(observation, None, Some(&*error));
            explanation
                .and_then(|one| from_explanation(&host, one))
                .unwrap_or_else(|| Failure::ServerTlsFailed {
                    host,
                    reason: chain(&*error),
                })
        }
    }
}

/// An error and the errors under it.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |error| StdError::source(*error));
    let texts: Vec<_> = errors.take(8).map(ToString::to_string).collect();
    texts.join(": ")
}

/// The kind of key, as cards know kinds.
fn algorithm(algorithm: &KeyAlgorithm) -> Option<CardAlgorithm> {
    Some(match algorithm {
        KeyAlgorithm::EcP256 => CardAlgorithm::EcP256,
        KeyAlgorithm::EcP384 => CardAlgorithm::EcP384,
        KeyAlgorithm::Rsa { bits: 2048 } => CardAlgorithm::Rsa2048,
        KeyAlgorithm::Rsa { bits: 3072 } => CardAlgorithm::Rsa3072,
        KeyAlgorithm::Rsa { bits: 4096 } => CardAlgorithm::Rsa4096,
        _ => return None,
    })
}

/// How long each step took.
#[derive(Default)]
struct Clock(Vec<Timing>);

impl Clock {
    fn took(&mut self, step: Step, time: Duration) {
        self.0.push(Timing {
            step,
            milliseconds: u32::try_from(time.as_millis()).unwrap_or(u32::MAX),
        });
    }
}

/// A result and how long it took.
async fn timed<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<(T, Duration), Failure> {
    let began = Instant::now();
    Ok((work.await?, began.elapsed()))
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
