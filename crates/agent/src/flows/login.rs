//! A login to a server with the card's key. Req C.3, 20.1.
//!
//! The server is asked what it wants while the card is read; only then a person is asked; only
//! then the connection is opened, in the middle of which the card signs.

mod server;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lichna_card::{PinState, PinStatus};
use lichna_ipc::{
    Failure, LoginOutcome, LoginRequest, PinEntry, Purpose, SecretKind, ServerSummary, Step,
    UseKind,
};
use lichna_tls::{CardKey, Match, ServerDemand, Version, client_config, explain};

use super::{
    PUT_IN,
    ask::{self, Question},
    certificates,
    clock::Clock,
    explained::{from_config, from_explanation, from_http, schemes},
    http::{self, Answer},
    login_key::LoginKey,
    signing::{CardSigner, Identity},
    unlock::{self, Need},
};
use crate::{
    Agent,
    cards::{Chosen, Tally, insertion},
    connections::Dialogue,
    consent::{PROMPT_OPEN, Prompter, Secret},
    pin_policy::is_wrong,
    uses::Using,
};
use server::Server;

/// What is known of the card before a person is asked.
struct Ready {
    chosen: Chosen,
    key: Arc<LoginKey>,
    certificate: lichna_ipc::CertificateInfo,
    status: PinStatus,
}

/// How far a card is known before a person is asked for a PIN.
enum Found {
    /// It can be logged in with.
    Ready(Box<Ready>),
    /// It tells nothing, or takes no PIN, before its number was given.
    WantsCan,
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
    let target = &server.target;
    let using = Using::by(agent, dialogue, UseKind::Login).at(&target.host, target.port);

    let ((probed, asking), ((chosen, _hold, found), reading)) = tokio::try_join!(
        timed(server.probe(dialogue)),
        timed(async {
            let reader = request.certificate.reader.as_deref();
            let chosen = agent.cards.choose(reader, PUT_IN, dialogue).await?;
            // Keeps the card's supply, and its secure channel, until the login is over.
            let hold = chosen.thread.hold();
            let found = ready(
                agent,
                dialogue,
                &request,
                &chosen,
                &using,
                (&before, &after),
            )
            .await?;
            Ok((chosen, hold, found))
        }),
    )?;
    clock.took(Step::AskServer, asking);
    clock.took(Step::ReadCard, reading);
    let ready = match found {
        Found::Ready(ready) => *ready,
        Found::WantsCan => {
            // Nobody is asked for the number before it is known what for.
            let began = Instant::now();
            let purpose = match &probed {
                Ok(demand) => Purpose::Login {
                    server: server.introduced(demand),
                },
                Err(_) => Purpose::ReadCard,
            };
            let need = Need {
                purpose,
                route: request.consent,
                tally: &before,
                open: PROMPT_OPEN,
            };
            if chosen.known.is_sealed() {
                unlock::unlock(agent, dialogue, &chosen, need).await?;
            } else {
                unlock::resume(agent, dialogue, &chosen, need).await?;
            }
            clock.took(Step::OpenChannel, began.elapsed());
            match ready(
                agent,
                dialogue,
                &request,
                &chosen,
                &using,
                (&before, &after),
            )
            .await?
            {
                Found::Ready(ready) => *ready,
                Found::WantsCan => return Err(Failure::PinSuspended),
            }
        }
    };
    let (demand, matched) = server.agree(probed, &ready.key).await?;

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
        timings: clock.timings(),
        apdus: before.count() + apdus_after_pin,
        apdus_after_pin,
    })
}

/// Finds the card's certificate and the state of its PIN.
async fn ready(
    agent: &Arc<Agent>,
    dialogue: &Dialogue,
    request: &LoginRequest,
    chosen: &Chosen,
    using: &Using,
    (before, after): (&Tally, &Tally),
) -> Result<Found, Failure> {
    match chosen.known.guard(chosen.thread.reader()) {
        Err(Failure::CanNeeded { .. }) => return Ok(Found::WantsCan),
        Ok(Some(_)) if !chosen.known.is_read() => return Ok(Found::WantsCan),
        Ok(Some(_)) => dialogue.progress(Step::OpenChannel),
        guard => {
            guard?;
        }
    }
    let key = insertion::key(&chosen.known, request.certificate.key.as_deref())?;
    let unknown = || Failure::KeyUnknown {
        key: key.reference().to_string(),
    };
    let guard = key.pin().filter(|_| !key.schemes().is_empty());
    let guard = guard.ok_or_else(unknown)?;
    let identity = Identity::of(chosen, key.reference(), guard, before).await?;
    if ask::entry(chosen) == PinEntry::Typed {
        agent.policy.may_take(&chosen.card.insertion)?;
    }
    let status = ask::fresh_status(dialogue, chosen, guard, before).await?;
    if status.state == PinState::Suspended && chosen.known.can().is_none() {
        return Ok(Found::WantsCan);
    }
    ask::usable(&status)?;
    Ok(Found::Ready(Box::new(Ready {
        certificate: certificates::info(&chosen.card, key, &identity.certificate.parsed),
        key: LoginKey::new(
            CardSigner {
                chosen: chosen.clone(),
                identity,
                tally: after.clone(),
                policy: agent.policy.clone(),
                using: using.clone(),
            },
            agent.runtime.clone(),
        ),
        chosen: chosen.clone(),
        status,
    })))
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
    let told = |error| from_http(host, Some(&ready.key), Some(&observation), error);
    let open = http::open(&server.target, demand.name.clone(), config);
    let mut open = open.await.map_err(told)?;
    clock.took(Step::Connect, began.elapsed());

    dialogue.progress(Step::Answer);
    let began = Instant::now();
    let answer = open.get(&server.target).await;
    clock.took(Step::Answer, began.elapsed());
    let answer = answer.map_err(told)?;
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
    let rules = ready.chosen.known.profile().pin(ready.status.pin);
    let question = Question {
        purpose: Purpose::Login { server: summary },
        certificate: Some(ready.certificate.clone()),
        status: Some(ready.status),
        secrets: rules
            .map(|rules| ask::field(rules, SecretKind::Pin))
            .into_iter()
            .collect(),
        route: request.consent,
        chosen: &ready.chosen,
        can: None,
        grant: None,
        open: PROMPT_OPEN,
    };
    let (mut agreed, turn) = ask::ask(agent, dialogue, question).await?;
    let last_try = ask::last_try(&agreed, &ready.status);
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

/// A result and how long it took.
async fn timed<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<(T, Duration), Failure> {
    let began = Instant::now();
    Ok((work.await?, began.elapsed()))
}
