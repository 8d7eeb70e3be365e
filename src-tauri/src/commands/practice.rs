//! Practice cards. The codes of a new one are made up here, and shown in a dialogue of the
//! system's: the web view does not see even these.

use lichna_ipc::{
    Applicant, CertificateChoice, ClientProblem, Consent, ConsentRoute, Decision, Dialogue, Ended,
    EnrolRequest, InterfaceKind, LoginOutcome, LoginRequest, Made, PracticeCardInfo, PracticeFace,
    PracticeLock, PracticeMaking, PracticePolicy, Purpose, Reply, Request, SecretKind, Step,
    TaskOutcome, made,
};
use serde::Deserialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

use crate::agent::{Agent, Answer};
use crate::problem::Problem;
use crate::sandbox::Place;

/// The words around the codes, in the person's language.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    title: String,
    text: String,
    pin: String,
    transport_pin: String,
    can: String,
    puk: String,
}

/// Makes a practice card, and shows its codes.
#[tauri::command]
pub async fn make_practice_card(
    app: AppHandle,
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    label: String,
    transport_pin: bool,
    shown: Words,
) -> Answer<PracticeCardInfo> {
    let agent = agent.inner().clone();
    tauri::async_runtime::spawn_blocking(move || {
        let id = steps.id();
        let mut making = Making {
            steps,
            made: Vec::new(),
            problem: None,
        };
        let request = Request::PracticeCardNew(PracticeMaking {
            label,
            transport_pin,
            administrator_key: false,
            lock: PracticeLock::KeyStore,
            policy: PracticePolicy::default(),
        });
        let reply = agent.call(id, request, &mut making);
        if let Some(problem) = making.problem {
            return Err(problem);
        }
        let Reply::PracticeCardMade(card) = reply? else {
            return Err(ClientProblem::AnswerUnexpected.into());
        };
        app.dialog()
            .message(letter(&shown, &making.made))
            .title(&shown.title)
            .kind(MessageDialogKind::Info)
            .blocking_show();
        Ok(*card)
    })
    .await?
}

/// What a letter with a card's codes says.
fn letter(words: &Words, made: &[Made]) -> String {
    let mut text = format!("{}\n", words.text);
    for one in made {
        let name = match one.kind {
            SecretKind::NewCan => &words.can,
            SecretKind::NewPuk => &words.puk,
            SecretKind::NewTransportPin => &words.transport_pin,
            _ => &words.pin,
        };
        one.digits.expose(|digits| {
            text.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(digits)));
        });
    }
    text
}

/// Makes up the codes that the agent asks for.
struct Making {
    steps: Channel<Step>,
    made: Vec<Made>,
    problem: Option<Problem>,
}

impl Dialogue for Making {
    fn ask(&mut self, consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        if !matches!(consent.purpose, Purpose::PracticeCardNew { .. }) {
            return Decision::Cancelled;
        }
        let mut secrets = Vec::new();
        for field in &consent.secrets {
            match made::up(field.kind) {
                Some(Ok((secret, made))) => {
                    secrets.push(secret);
                    self.made.push(made);
                }
                Some(Err(error)) => {
                    self.problem = Some(error.into());
                    return Decision::Cancelled;
                }
                None => return Decision::Cancelled,
            }
        }
        Decision::Typed {
            secrets,
            choices: lichna_ipc::Choices::default(),
        }
    }

    fn progress(&mut self, step: Step) {
        self.steps.send(step).ok();
    }
}

/// Puts a practice card in.
#[tauri::command]
pub async fn insert_practice_card(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    number: String,
    side: InterfaceKind,
) -> Answer<PracticeCardInfo> {
    let request = Request::PracticeCardInsert {
        number: Some(number),
        face: PracticeFace {
            interface: side,
            vpcd: None,
        },
    };
    let take = |reply| match reply {
        Reply::PracticeCardInserted(card) => Some(*card),
        _ => None,
    };
    agent.ask(steps, request, take).await
}

/// Takes one out.
#[tauri::command]
pub async fn remove_practice_card(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    number: String,
) -> Answer<PracticeCardInfo> {
    let take = |reply| match reply {
        Reply::PracticeCardRemoved(card) => Some(*card),
        _ => None,
    };
    let number = Some(number);
    let request = Request::PracticeCardRemove { number };
    agent.ask(steps, request, take).await
}

/// Deletes one for good.
#[tauri::command]
pub async fn delete_practice_card(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    number: String,
) -> Answer<()> {
    let take = |reply| matches!(reply, Reply::PracticeCardDeleted).then_some(());
    let request = Request::PracticeCardDelete { number };
    agent.ask(steps, request, take).await
}

/// Certificates of the sandbox for the practice card in this reader.
#[tauri::command]
pub async fn enrol_practice_card(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<TaskOutcome> {
    let place = sandbox(&agent).await?;
    let request = Request::Enrol(EnrolRequest {
        authority: Some(place.authority),
        applicant: Applicant::Practice,
        reader: Some(reader),
        card: None,
        key_algorithm: None,
        consent: ConsentRoute::Prompter,
    });
    let take = |reply| match reply {
        Reply::Enrolled(outcome) => Some(*outcome),
        _ => None,
    };
    agent.ask(steps, request, take).await
}

/// Logs in to the service of the sandbox.
#[tauri::command]
pub async fn log_in_practising(
    agent: State<'_, Agent>,
    steps: Channel<Step>,
    reader: String,
) -> Answer<LoginOutcome> {
    let place = sandbox(&agent).await?;
    let request = Request::Login(LoginRequest {
        url: place.service,
        certificate: CertificateChoice {
            reader: Some(reader),
            key: None,
        },
        authorities: vec![place.root],
        consent: ConsentRoute::Prompter,
    });
    let take = |reply| match reply {
        Reply::Login(outcome) => Some(*outcome),
        _ => None,
    };
    agent.ask(steps, request, take).await
}

async fn sandbox(agent: &Agent) -> Answer<Place> {
    let sandbox = agent.sandbox().clone();
    tauri::async_runtime::spawn_blocking(move || sandbox.place()).await?
}
