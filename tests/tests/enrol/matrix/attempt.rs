//! A card, and what its holder does before and after something happened.

use std::sync::Arc;

use lichna_ipc::{
    EnrolRequest, Failure, RenewRequest, Reply, Request, TaskInfo, TaskOutcome, TaskResumeRequest,
    TaskState,
};
use lichna_tests::practice::{PIN, PracticeCard};
use lichna_tests::vpicc::Card;
use lichna_tests::workspace::Home;
use rustix::process::Pid;

use super::{
    Task,
    bench::{Bench, Death},
};
use crate::client::{Agent, Person, agent, call, cards_are_read, connect, listening};
use crate::trap::Trigger;

/// A card that nobody has used yet, before the reader, and an agent.
pub struct Try {
    pub agent: Agent,
    pub home: Home,
    pub card: Card,
    pub trigger: Arc<Trigger>,
    pub number: String,
    pub request: EnrolRequest,
    pub code: &'static str,
    pub _file: PracticeCard,
}

impl Try {
    /// Of the agent.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.agent.0)
    }

    /// Asks the agent for a task; `None` when it died.
    pub fn run(&self, task: Task) -> Option<Result<Reply, Failure>> {
        let (request, types): (_, &[_]) = match task {
            Task::Enrol => (Request::Enrol(self.request.clone()), &[self.code, PIN]),
            Task::Renew => {
                let authority = self.request.authority.clone();
                let request = RenewRequest {
                    authority,
                    ..RenewRequest::default()
                };
                (Request::Renew(request), &[PIN])
            }
        };
        let answer = connect(&self.home).call(request, &mut Person::who_types(types));
        answer.ok()
    }

    /// An agent whose writes are counted, to die so.
    pub fn watched_agent(&mut self, bench: &Bench, death: Option<Death>) {
        let _ = self.agent.0.kill();
        let _ = self.agent.0.wait();
        self.agent = listening(&self.home, bench.watched(&self.home, death));
        cards_are_read(&self.home, 1);
    }

    /// An agent that nothing happens to.
    pub fn another_agent(&mut self) {
        let _ = self.agent.0.kill();
        let _ = self.agent.0.wait();
        self.agent = agent(&self.home);
        cards_are_read(&self.home, 1);
    }

    fn tasks(&self) -> Vec<TaskInfo> {
        match call(&self.home, Request::Tasks, &mut Person::nobody()) {
            Ok(Reply::Tasks(tasks)) => tasks,
            other => panic!("{other:?}"),
        }
    }

    /// What a person does afterwards: he goes on with what was begun, or begins again.
    pub fn go_on(&self, bench: &Bench, task: Task, context: &str) -> TaskOutcome {
        let tasks = self.tasks();
        assert!(tasks.len() <= 1, "{context}: {tasks:?}");
        let Some(left) = tasks.first() else {
            let replaced = self.rows(bench).iter().any(|row| row[1] == "REVOKED");
            if task == Task::Renew && replaced {
                return self.done();
            }
            return match self.run(task).expect("the agent answers") {
                Ok(Reply::Enrolled(outcome) | Reply::Renewed(outcome)) => *outcome,
                // It was done, and only the answer was lost.
                Err(Failure::CardHasCertificates { .. }) => self.done(),
                other => panic!("{context}: {other:?}"),
            };
        };
        let types: &[_] = match (task, left.state) {
            (Task::Renew, _) | (_, TaskState::Activated | TaskState::Confirmed) => &[PIN],
            _ => &[self.code, PIN],
        };
        let request = Request::TaskResume(TaskResumeRequest {
            id: left.id.clone(),
            ..TaskResumeRequest::default()
        });
        match call(&self.home, request, &mut Person::who_types(types)) {
            Ok(Reply::TaskResumed(outcome)) => *outcome,
            other => panic!("{context}, {:?}: {other:?}", left.state),
        }
    }

    /// The certificates of the card in the register.
    fn rows(&self, bench: &Bench) -> Vec<Vec<String>> {
        bench.authority.query(&format!(
            "SELECT serial, state FROM certificates WHERE carrier = '{}' ORDER BY serial",
            self.number
        ))
    }

    /// A task whose end nobody was told of.
    fn done(&self) -> TaskOutcome {
        TaskOutcome {
            task: TaskInfo {
                id: String::new(),
                kind: lichna_ipc::TaskKind::Enrol,
                role: None,
                state: TaskState::Confirmed,
                card: Some(self.number.clone()),
                authority: String::new(),
                application: None,
                rnu: None,
                started_at: String::new(),
                deadline: None,
                running: false,
            },
            reader: String::new(),
            practice: true,
            subject: None,
            certificates: Vec::new(),
            timings: Vec::new(),
            apdus: 0,
        }
    }

    /// The card and the register agree.
    pub fn assert_agrees(
        &self,
        bench: &Bench,
        task: Task,
        context: &str,
        outcome: Option<&TaskOutcome>,
    ) {
        if let Some(outcome) = outcome {
            assert_eq!(outcome.task.state, TaskState::Confirmed, "{context}");
        }
        assert!(self.tasks().is_empty(), "{context}");
        let reply = call(
            &self.home,
            Request::Certificates { reader: None },
            &mut Person::nobody(),
        );
        let Ok(Reply::Certificates(on_card)) = reply else {
            panic!("{context}: {reply:?}");
        };
        // Those that the card uses: of a renewed one, the old pair is on the card as well.
        let rows = self.rows(bench);
        let active: Vec<_> = rows.iter().filter(|row| row[1] == "ACTIVE").collect();
        assert_eq!(active.len(), 2, "{context}: {rows:?}");
        for row in &active {
            let there = on_card.iter().any(|one| {
                let serial = one.serial.replace(':', "").to_uppercase();
                format!("{serial:0>40}") == row[0].to_uppercase()
            });
            assert!(there, "{context}: {row:?} is not on the card: {on_card:?}");
        }
        let issued = match task {
            Task::Enrol => 2,
            Task::Renew => 4,
        };
        assert_eq!(rows.len(), issued, "{context}: issued twice: {rows:?}");
    }
}
