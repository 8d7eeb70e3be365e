//! The crash matrix: the agent, the authority, or both are killed, or the card is taken out, at
//! every command to the card and whenever something is put on the disk, in the middle of an
//! enrolment and of a renewal. Afterwards the card and the register agree, nothing was issued
//! twice, and nothing half is in force. Req 14.2
//!
//! The points are counted in a run without trouble. By default some of them are tried, evenly, from
//! another beginning for each kind of strike; `LICHNA_CRASH_POINTS=all` tries all of them, and with
//! `LICHNA_CRASH_STRUCK=both,card` those alone at which these are struck.

mod attempt;
mod bench;

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use self::{
    attempt::Try,
    bench::{Bench, Death},
};
use crate::client::cards_are_read;
use lichna_tests::until;

/// Who is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Struck {
    Agent,
    Authority,
    Both,
    /// It is taken out.
    Card,
}

/// At what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// A command to the card.
    Command,
    /// Something that the agent puts on the disk.
    AgentWrites(When),
    /// Something that the authority puts on the disk.
    AuthorityWrites(When),
}

/// Whether the disk has what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Before,
    After,
}

type Strike = (Struck, Moment);

const STRIKES: [Strike; 10] = [
    (Struck::Agent, Moment::Command),
    (Struck::Agent, Moment::AgentWrites(When::Before)),
    (Struck::Agent, Moment::AgentWrites(When::After)),
    (Struck::Authority, Moment::Command),
    (Struck::Authority, Moment::AuthorityWrites(When::Before)),
    (Struck::Authority, Moment::AuthorityWrites(When::After)),
    (Struck::Both, Moment::Command),
    (Struck::Both, Moment::AgentWrites(When::Before)),
    (Struck::Both, Moment::AuthorityWrites(When::Before)),
    (Struck::Card, Moment::Command),
];

/// So many points are tried less closely.
const MANY: u64 = 60;

/// What is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Enrol,
    Renew,
}

/// How many points there are, by a run without trouble.
#[derive(Clone, Copy, Debug)]
struct Points {
    commands: u64,
    agents_writes: u64,
    authoritys_writes: u64,
}

impl Bench {
    /// What is to be struck, with an agent that dies so.
    fn begin_task(&mut self, task: Task, agents: Option<Death>) -> Try {
        match task {
            Task::Enrol => self.begin(agents),
            // Struck in an agent of its own, which writes for the first time then.
            Task::Renew => self.begin_renewal(agents),
        }
    }

    /// Strikes a task at a point, and has it end well. `false`: it ended before that point.
    fn strike(&mut self, task: Task, (struck, moment): Strike, point: u64) -> bool {
        let death = |when, with: Option<Pid>| Death {
            at: point,
            when,
            with: with.filter(|_| struck == Struck::Both),
        };
        let agents = match moment {
            Moment::AgentWrites(when) => Some(death(when, Some(self.pid()))),
            Moment::Command | Moment::AuthorityWrites(_) => None,
        };
        let mut one = self.begin_task(task, agents);
        if let Moment::AuthorityWrites(when) = moment {
            self.restart_authority(Some(death(when, Some(one.pid()))));
        }
        let (agent, authority) = (one.pid(), self.pid());
        match (moment, struck) {
            (Moment::Command, Struck::Card) => one.trigger.pull_at(point),
            (Moment::Command, _) => one.trigger.set(point, move || {
                if struck != Struck::Agent {
                    kill_process(authority, Signal::KILL).unwrap();
                }
                if struck != Struck::Authority {
                    kill_process(agent, Signal::KILL).unwrap();
                }
            }),
            _ => {}
        }
        self.arm();
        let answer = one.run(task);
        let commands = one.trigger.seen();
        one.trigger.clear();
        let answered = matches!(answer, Some(Ok(_)));
        let authority_died = match struck {
            Struck::Authority | Struck::Both => self.authority_again(answered),
            Struck::Agent | Struck::Card => false,
        };
        self.disarm();
        let context = format!("{task:?} {struck:?} {moment:?} {point}");
        let was_struck = match moment {
            Moment::Command => commands >= point,
            Moment::AgentWrites(_) => answer.is_none(),
            Moment::AuthorityWrites(_) => authority_died,
        };
        if !was_struck {
            assert!(answered, "{context}: {answer:?}");
            return false;
        }
        if struck == Struck::Card {
            until("the card to be out", || !one.card.is_inserted());
            cards_are_read(&one.home, 0);
            one.card.insert();
            cards_are_read(&one.home, 1);
        }
        if answer.is_none() {
            one.another_agent();
        }
        let ended = (!answered).then(|| one.go_on(self, task, &context));
        one.assert_agrees(self, task, &context, ended.as_ref());
        true
    }

    /// How many points there are.
    fn points(&mut self, task: Task) -> Points {
        let one = self.begin_task(task, None);
        let _ = fs::remove_file(self.counted("authority"));
        let before = self.count("agent");
        one.trigger.set(0, || ());
        self.arm();
        one.run(task).unwrap().unwrap();
        self.disarm();
        let points = Points {
            commands: one.trigger.seen(),
            agents_writes: self.count("agent") - before,
            authoritys_writes: self.count("authority"),
        };
        one.assert_agrees(self, task, "without trouble", None);
        points
    }
}

/// Tries the points of one kind of strike; how many there are and how many were tried.
fn try_points(bench: &mut Bench, task: Task, strike: Strike, points: Points) -> (u64, u64) {
    let all = match strike.1 {
        Moment::Command => points.commands,
        Moment::AgentWrites(_) => points.agents_writes,
        // What the authority does by itself may come at any time.
        Moment::AuthorityWrites(_) => points.authoritys_writes.saturating_sub(2),
    };
    let step = match std::env::var("LICHNA_CRASH_POINTS").as_deref() {
        Ok("all") => 1,
        _ if all > MANY => 25,
        _ => 6,
    };
    let offset = STRIKES.iter().position(|one| *one == strike).unwrap();
    let first = 1 + u64::try_from(offset).unwrap() % step;
    let mut tried = 0;
    let mut visited = 0;
    let mut point = first;
    while point <= all {
        tried += 1;
        if bench.strike(task, strike, point) {
            visited += 1;
        }
        point += step;
    }
    assert_eq!(
        visited, tried,
        "{task:?} {strike:?}: points were not reached"
    );
    (all, visited)
}

#[allow(clippy::print_stdout, reason = "says how many points were tried")]
fn matrix(task: Task) {
    let mut bench = Bench::new();
    let points = bench.points(task);
    assert!(points.commands > 20 && points.agents_writes > 10 && points.authoritys_writes > 4);
    let (mut all, mut tried) = (0, 0);
    let wanted = std::env::var("LICHNA_CRASH_STRUCK").unwrap_or_default();
    let is_wanted = |struck: Struck| {
        let name = format!("{struck:?}").to_lowercase();
        wanted.is_empty() || wanted.split(',').any(|one| one == name)
    };
    for strike in STRIKES.into_iter().filter(|strike| is_wanted(strike.0)) {
        let (there, visited) = try_points(&mut bench, task, strike, points);
        println!("{task:?} {strike:?}: {visited} of {there} points");
        all += there;
        tried += visited;
    }
    println!("{task:?}: {tried} of {all} points tried, the card and the register agree after each");
}

// Req 14.2
#[test]
fn an_enrolment_survives_a_crash_at_any_point() {
    matrix(Task::Enrol);
}

// Req 14.2, 13.6
#[test]
fn a_renewal_survives_a_crash_at_any_point() {
    matrix(Task::Renew);
}
