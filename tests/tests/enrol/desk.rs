//! An officer's desk: readers with practice cards, an agent, and an authority.

use std::fs;
use std::sync::Arc;

use lichna_ipc::{
    Applicant, AuthorityChoice, ConsentRoute, EnrolRequest, Failure, LoginRequest, NamedPem, Names,
    NumberKind, Person as Applied, RenewRequest, Reply, Request, TaskInfo, TaskOutcome,
    TaskResumeRequest,
};
use lichna_softcard::{Face, FirstPin};
use lichna_tests::applet::{Applet, ManagementKey};
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Ca;
use lichna_tests::pcscd::{Pcscd, ReaderSpec};
use lichna_tests::practice::{ADMINISTRATOR_KEY, PIN, PracticeCard, TRANSPORT_PIN};
use lichna_tests::vpicc::{Card, VirtualCard};
use lichna_tests::workspace::Home;
use zeroize::Zeroizing;

use crate::client::{Agent, Person, agent, call, cards_are_read, connect};
use crate::trap::{Trap, Trigger};

/// The officer's card.
pub const OFFICERS: &str = "P00000001";
/// The holder's card.
pub const HOLDERS: &str = "P00000002";
/// The PIN that the holder chooses where he has a transport PIN.
pub const OWN_PIN: &str = "246810";

/// A card and where it can be put in.
pub struct Sitting {
    pub card: Card,
    pub trigger: Arc<Trigger>,
    /// Of a practice card.
    _file: Option<PracticeCard>,
}

/// A card of another kind than practice cards.
pub struct Foreign {
    pub card: Applet,
    /// Under which number, and with which key, the authority knows it.
    pub registered: Option<(&'static str, ManagementKey)>,
}

/// The desk.
pub struct Desk {
    // Dropped in this order: the agent before what it uses.
    agent: Option<Agent>,
    pub home: Home,
    pub cards: Vec<Sitting>,
    pub pcscd: Pcscd,
    pub authority: Authority,
    administrator: String,
    _ca: Ca,
}

/// What is different from the usual.
#[derive(Clone, Default)]
pub struct Difference {
    /// One reader for both cards.
    pub one_reader: bool,
    /// The holder's card lies on a reader for the radio.
    pub radio: bool,
    /// The holder's card was never used.
    pub not_activated: bool,
    /// Settings of the authority.
    pub settings: String,
}

impl Desk {
    /// Two readers, the officer's card in the first, the holder's in the second; neither has
    /// certificates yet.
    pub fn new() -> Self {
        Self::with(&Difference::default())
    }

    /// The same but for that.
    pub fn with(difference: &Difference) -> Self {
        Self::between(difference, None)
    }

    /// The same, and the holder's card is this one.
    pub fn with_foreign(difference: &Difference, foreign: Foreign) -> Self {
        Self::between(difference, Some(foreign))
    }

    fn between(difference: &Difference, mut foreign: Option<Foreign>) -> Self {
        let mut spec = Spec::new(Database::Sqlite);
        if !difference.settings.is_empty() {
            spec = spec.settings(&difference.settings);
        }
        let authority = Authority::start(&spec);
        let ca = Ca::new("Administrators");
        let (administrator, _) = authority.new_administrator(&ca, "Банка АД");
        let mut readers = vec![ReaderSpec::vpcd("Desk A")];
        if !difference.one_reader {
            readers.push(ReaderSpec::vpcd("Desk B"));
        }
        let pcscd = Pcscd::start(&readers);
        let mut cards = Vec::new();
        for (index, number) in [OFFICERS, HOLDERS].into_iter().enumerate() {
            let holders = number == HOLDERS;
            let (file, inserted): (_, Box<dyn VirtualCard>) =
                if let Some(foreign) = foreign.take_if(|_| holders) {
                    if let Some((number, key)) = &foreign.registered {
                        authority.carrier_of(key.scheme(), number, key.bytes());
                    }
                    (None, Box::new(foreign.card))
                } else {
                    let file = practice_card(number, holders && difference.not_activated);
                    authority.carrier(number, &ADMINISTRATOR_KEY);
                    let face = if holders && difference.radio {
                        Face::Contactless
                    } else {
                        Face::Contact
                    };
                    let inserted = file.open().insert(face);
                    (Some(file), Box::new(inserted))
                };
            let trigger = Arc::<Trigger>::default();
            let inserted = Trap::new(inserted, &trigger);
            let reader = pcscd.reader(if difference.one_reader { 0 } else { index });
            let card = if difference.one_reader {
                reader.hold(inserted)
            } else {
                reader.insert(inserted)
            };
            cards.push(Sitting {
                card,
                trigger,
                _file: file,
            });
        }
        let mut home = Home::new(&pcscd);
        home.set("LICHNA_LOG", "debug");
        let agent = agent(&home);
        cards_are_read(&home, if difference.one_reader { 0 } else { 2 });
        Self {
            agent: Some(agent),
            home,
            cards,
            pcscd,
            authority,
            administrator,
            _ca: ca,
        }
    }

    /// Name of the reader with the officer's card.
    pub fn officers_reader(&self) -> String {
        self.pcscd.reader(0).name()
    }

    /// Name of the reader with the holder's card.
    pub fn holders_reader(&self) -> String {
        self.pcscd.readers().last().unwrap().name()
    }

    /// The authority, as a request names it.
    pub fn choice(&self) -> AuthorityChoice {
        AuthorityChoice {
            url: self.authority.url(0),
            root: Some(NamedPem {
                file: "root.pem".into(),
                pem: fs::read_to_string(self.authority.root()).unwrap(),
            }),
        }
    }

    /// The operator invites this person for the card; id and code of the application.
    pub fn invite(&self, person: &Citizen, card: &str) -> (String, &'static str) {
        let application = person.application(card);
        let (application, code) = self.authority.invite(&self.administrator, &application);
        (application, Box::leak(code.into_boxed_str()))
    }

    /// A request by invitation, for the card in that reader.
    pub fn by_invitation(&self, application: &str, reader: String) -> EnrolRequest {
        EnrolRequest {
            authority: Some(self.choice()),
            applicant: Applicant::Invitation {
                application: application.to_owned(),
            },
            reader: Some(reader),
            card: None,
            key_algorithm: None,
            consent: ConsentRoute::Caller,
        }
    }

    /// A request by the officer, for this person.
    pub fn by_officer(&self, person: &Citizen) -> EnrolRequest {
        let names = |[first, middle, last]: &[String; 3]| Names {
            first: first.clone(),
            middle: Some(middle.clone()),
            last: last.clone(),
        };
        EnrolRequest {
            authority: Some(self.choice()),
            applicant: Applicant::Officer {
                person: Applied {
                    kind: NumberKind::Egn,
                    number: person.number.clone(),
                    cyrillic: names(&person.cyrillic),
                    latin: names(&person.latin),
                    email: None,
                },
                officer_reader: None,
                telephone_password: false,
            },
            reader: None,
            card: None,
            key_algorithm: None,
            consent: ConsentRoute::Caller,
        }
    }

    /// The officer's card gets its certificates, by invitation.
    pub fn make_officer(&self) -> TaskOutcome {
        let (application, code) = self.invite(&Citizen::georgi(), OFFICERS);
        let request = self.by_invitation(&application, self.officers_reader());
        let mut person = Person::who_types(&[code, PIN]);
        self.enrol(request, &mut person).unwrap()
    }

    /// The holder's card gets its certificates, by the officer, whose card has some.
    pub fn make_holder(&self) -> TaskOutcome {
        let request = self.by_officer(&Citizen::maria());
        let mut person = Person::who_types(&[PIN, PIN]);
        self.enrol(request, &mut person).unwrap()
    }

    /// Enrols.
    pub fn enrol(
        &self,
        request: EnrolRequest,
        person: &mut Person,
    ) -> Result<TaskOutcome, Failure> {
        match call(&self.home, Request::Enrol(request), person)? {
            Reply::Enrolled(outcome) => Ok(*outcome),
            other => panic!("{other:?}"),
        }
    }

    /// Renews what is on the holder's card.
    pub fn renew(&self, person: &mut Person) -> Result<TaskOutcome, Failure> {
        let request = RenewRequest {
            authority: Some(self.choice()),
            reader: Some(self.holders_reader()),
            ..RenewRequest::default()
        };
        match call(&self.home, Request::Renew(request), person)? {
            Reply::Renewed(outcome) => Ok(*outcome),
            other => panic!("{other:?}"),
        }
    }

    /// What is under way.
    pub fn tasks(&self) -> Vec<TaskInfo> {
        match call(&self.home, Request::Tasks, &mut Person::nobody()) {
            Ok(Reply::Tasks(tasks)) => tasks,
            other => panic!("{other:?}"),
        }
    }

    /// Goes on with the only task there is.
    pub fn resume(&self, person: &mut Person) -> Result<TaskOutcome, Failure> {
        let tasks = self.tasks();
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        let request = TaskResumeRequest {
            id: tasks[0].id.clone(),
            ..TaskResumeRequest::default()
        };
        match call(&self.home, Request::TaskResume(request), person)? {
            Reply::TaskResumed(outcome) => Ok(*outcome),
            other => panic!("{other:?}"),
        }
    }

    /// Logs in to the authority with what is on the card in that reader; the HTTP status.
    pub fn log_in(&self, reader: String, pin: &'static str) -> Result<u16, Failure> {
        let choice = self.choice();
        let mut request = LoginRequest {
            url: format!("{}/v1/holder/certificates", choice.url),
            certificate: lichna_ipc::CertificateChoice::default(),
            authorities: choice.root.into_iter().collect(),
            consent: ConsentRoute::Caller,
        };
        request.certificate.reader = Some(reader);
        let mut person = Person::who_types(&[pin]);
        match call(&self.home, Request::Login(request), &mut person)? {
            Reply::Login(outcome) => Ok(outcome.status),
            other => panic!("{other:?}"),
        }
    }

    /// The states of the certificates of a card in the register, the newest pair first.
    pub fn registered(&self, card: &str) -> Vec<[String; 3]> {
        let sql = format!(
            "SELECT role, state, serial FROM certificates WHERE carrier = '{card}' \
             ORDER BY issued_at DESC, role"
        );
        let rows = self.authority.query(&sql);
        rows.into_iter()
            .map(|row| row.try_into().unwrap())
            .collect()
    }

    /// An enrolment in the middle of which the agent is gone; `None`: it was not.
    pub fn enrol_until_killed(
        &self,
        request: EnrolRequest,
        person: &mut Person,
    ) -> Option<Result<Reply, Failure>> {
        connect(&self.home)
            .call(Request::Enrol(request), person)
            .ok()
    }

    /// The process of the agent.
    pub fn agents_pid(&self) -> u32 {
        self.agent.as_ref().unwrap().0.id()
    }

    /// The agent is gone, where it still stands, and another one comes up.
    pub fn another_agent(&mut self) {
        self.agent = None;
        self.agent = Some(agent(&self.home));
        let put_in = self.cards.iter().filter(|one| one.card.is_inserted());
        cards_are_read(&self.home, put_in.count());
    }

    /// The card in the register and the card on the desk agree: what the card uses is in force,
    /// and nothing else is.
    pub fn assert_agrees(&self, number: &str, outcome: &TaskOutcome) {
        let registered = self.registered(number);
        let mut active: Vec<_> = registered
            .iter()
            .filter(|row| row[1] == "ACTIVE")
            .map(|row| row[2].to_uppercase())
            .collect();
        let mut shown: Vec<_> = outcome
            .certificates
            .iter()
            .map(|one| format!("{:0>40}", one.serial.replace(':', "").to_uppercase()))
            .collect();
        active.sort();
        shown.sort();
        assert_eq!(active, shown, "{registered:?}");
        assert_eq!(active.len(), 2);
        assert!(self.tasks().is_empty());
        let folder = self.home.path();
        let left = fs::read_dir(folder.join("state/tasks")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "a task left its file");
    }
}

fn practice_card(number: &str, not_activated: bool) -> PracticeCard {
    let transport = Zeroizing::new(TRANSPORT_PIN.to_owned());
    PracticeCard::with(|making| {
        making.number = number.to_owned();
        if not_activated {
            making.pin = FirstPin::Transport(transport);
        }
    })
}

impl Drop for Desk {
    fn drop(&mut self) {
        drop(self.agent.take());
    }
}
