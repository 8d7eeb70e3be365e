//! How often one program may have a person asked in vain.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    time::{Duration, Instant},
};

use lichna_ipc::{Peer, peer::Executable};

/// Prompts that a person refused, left unanswered or answered with a wrong PIN count for so long.
const WINDOW: Duration = Duration::from_secs(60);
/// So many of them, and the program has to wait.
const MOST_IN_VAIN: usize = 5;

/// A program, as well as the system tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    /// By its executable.
    Executable(Executable),
    /// By its session, where the system does not tell the executable.
    Session(u32),
}

impl Program {
    /// The program that a process runs.
    pub fn of(peer: &Peer) -> Self {
        match &peer.executable {
            Some(executable) => Self::Executable(executable.clone()),
            // A process that keeps its memory to itself does not show its executable, either.
            // A new process is cheap, a new session less so.
            None => Self::Session(peer.ancestry.session),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Executable(executable) => write!(f, "{}", executable.path.display()),
            Self::Session(session) => write!(f, "session {session}"),
        }
    }
}

/// Prompts in vain, by program.
#[derive(Debug, Default)]
pub struct RateLimit {
    in_vain: HashMap<Program, VecDeque<Instant>>,
}

impl RateLimit {
    /// Whether `program` may have a person asked now; else for how long not.
    pub fn check(&mut self, program: &Program, now: Instant) -> Result<(), Duration> {
        self.in_vain.retain(|_, times| {
            times.retain(|time| now.duration_since(*time) < WINDOW);
            !times.is_empty()
        });
        match self.in_vain.get(program) {
            Some(times) if times.len() >= MOST_IN_VAIN => {
                let oldest = times.front().copied().unwrap_or(now);
                Err(WINDOW.saturating_sub(now.duration_since(oldest)))
            }
            _ => Ok(()),
        }
    }

    /// A prompt for `program` came to nothing.
    pub fn asked_in_vain(&mut self, program: Program, now: Instant) {
        let times = self.in_vain.entry(program).or_default();
        if times.len() >= MOST_IN_VAIN {
            times.pop_front();
        }
        times.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_a_program_that_keeps_asking_in_vain() {
        let mut limit = RateLimit::default();
        let (nag, other) = (Program::Session(1), Program::Session(2));
        let start = Instant::now();
        for _ in 0..MOST_IN_VAIN {
            limit.check(&nag, start).unwrap();
            limit.asked_in_vain(nag.clone(), start);
        }
        assert_eq!(limit.check(&nag, start), Err(WINDOW));
        limit.check(&other, start).unwrap();
        limit.check(&nag, start + WINDOW).unwrap();
    }
}
