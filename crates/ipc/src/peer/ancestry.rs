//! Whom a process descends from.

/// One process, for ever: a pid is given again, but not with the same start time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcessId {
    /// Process id.
    pub pid: u32,
    /// When it started, in clock ticks since the system did; proc(5), field 22 of `stat`.
    pub start_time: u64,
}

/// A process, its session, and its line up to the first process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestry {
    /// The process.
    pub process: ProcessId,
    /// Its session, setsid(2). 0 where the system does not say.
    pub session: u32,
    /// Its parent, its parent's parent, and so on.
    pub ancestors: Vec<ProcessId>,
    /// The leader of its session, and the leader's ancestors. A process whose parent ended has
    /// another line than its leader.
    pub leader: Vec<ProcessId>,
}

impl Ancestry {
    /// They share a session, or one was started by the other, or the session of one was.
    #[must_use]
    pub fn same_tree(&self, other: &Self) -> bool {
        self.session == other.session || self.comes_from(other) || other.comes_from(self)
    }

    fn comes_from(&self, other: &Self) -> bool {
        std::iter::once(&self.process)
            .chain(&self.ancestors)
            .chain(&self.leader)
            .any(|process| *process == other.process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn process(pid: u32, start_time: u64) -> ProcessId {
        ProcessId { pid, start_time }
    }

    fn line(line: &[ProcessId], session: u32, leader: &[ProcessId]) -> Ancestry {
        Ancestry {
            process: line[0],
            session,
            ancestors: line[1..].to_vec(),
            leader: leader.to_vec(),
        }
    }

    const TERMINAL: ProcessId = process(10, 100);
    const SHELL_1: ProcessId = process(20, 200);
    const SHELL_2: ProcessId = process(30, 300);
    const LOGIN: ProcessId = process(21, 210);
    const APPROVE: ProcessId = process(31, 310);

    fn login() -> Ancestry {
        line(&[LOGIN, SHELL_1, TERMINAL], 20, &[SHELL_1, TERMINAL])
    }

    #[test]
    fn two_windows_of_one_terminal_are_two_trees() {
        let approve = line(&[APPROVE, SHELL_2, TERMINAL], 30, &[SHELL_2, TERMINAL]);
        assert!(!login().same_tree(&approve));
        assert!(!approve.same_tree(&login()));
    }

    #[test]
    fn refuses_the_same_session() {
        let approve = line(&[APPROVE, SHELL_1, TERMINAL], 20, &[SHELL_1, TERMINAL]);
        assert!(login().same_tree(&approve));
    }

    #[test]
    fn refuses_a_child_in_a_session_of_its_own() {
        let approve = line(
            &[APPROVE, SHELL_2, LOGIN, SHELL_1, TERMINAL],
            30,
            &[SHELL_2, LOGIN, SHELL_1, TERMINAL],
        );
        assert!(login().same_tree(&approve));
        assert!(approve.same_tree(&login()));
    }

    #[test]
    fn refuses_an_orphan_whose_session_leader_is_a_child() {
        let first = process(1, 1);
        let approve = line(&[APPROVE, first], 30, &[SHELL_2, LOGIN, SHELL_1, TERMINAL]);
        assert!(login().same_tree(&approve));
    }

    #[test]
    fn a_reused_pid_is_another_process() {
        let reused = process(LOGIN.pid, LOGIN.start_time + 1);
        let approve = line(&[APPROVE, SHELL_2, reused], 30, &[SHELL_2, reused]);
        assert!(!login().same_tree(&approve));
    }
}
