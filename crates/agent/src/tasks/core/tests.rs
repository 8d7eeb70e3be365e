//! A card, a register and a task between them, interrupted wherever that can be.

use proptest::prelude::*;

use super::*;

/// What goes on with both keys at a time.
const PAIRS: [Course; 2] = [Course::First, Course::Beside];
/// All.
const COURSES: [Course; 4] = [
    Course::First,
    Course::Beside,
    Course::InPlace(Part::Identification),
    Course::InPlace(Part::Signing),
];

/// A place on the card for a key and its certificate; both are known by a number here.
#[derive(Clone, Copy, Default, Debug)]
struct Slot {
    key: Option<u32>,
    certificate: Option<u32>,
}

/// The states of a certificate in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Signed,
    Active,
    Failed,
    Replaced,
}

/// What is in the world beside the file of the task.
#[derive(Debug)]
struct World {
    course: Course,
    slots: [Slot; 2],
    current: Option<usize>,
    /// The key of each certificate, and how the register counts it.
    register: Vec<(u32, Standing)>,
    made: u32,
    lapsed: bool,
    issued_for: Option<u32>,
}

/// What the task keeps on the disk.
#[derive(Clone, Debug)]
struct Kept {
    state: TaskState,
    key: Option<u32>,
    certificate: Option<u32>,
}

impl World {
    fn new(course: Course) -> Self {
        let mut world = Self {
            course,
            slots: [Slot::default(); 2],
            current: None,
            register: Vec::new(),
            made: 0,
            lapsed: false,
            issued_for: None,
        };
        if course == Course::Beside {
            world.register.push((0, Standing::Active));
            world.slots[0] = Slot {
                key: Some(0),
                certificate: Some(0),
            };
            world.current = Some(0);
        }
        world
    }

    /// Where the task works: the place that the card does not use at its beginning.
    const fn place(&self) -> usize {
        match self.course {
            Course::First => 0,
            Course::Beside | Course::InPlace(_) => 1,
        }
    }

    fn ours(&self) -> Option<&(u32, Standing)> {
        self.register
            .iter()
            .find(|(key, _)| Some(*key) == self.issued_for)
    }

    /// The authority waits no longer.
    fn lapse(&mut self) {
        self.lapsed = true;
        for (_, standing) in &mut self.register {
            if *standing == Standing::Signed {
                *standing = Standing::Failed;
            }
        }
    }

    /// Does an action, and says what it came to.
    fn act(&mut self, action: Action, kept: &mut Kept) -> Event {
        let place = self.place();
        let denied = self.lapsed && self.ours().is_none_or(|(_, s)| *s != Standing::Active);
        match action {
            Action::Introduce if denied => Event::Denied,
            Action::Introduce => Event::Introduced,
            Action::Generate => {
                // The place that the card uses is not written to.
                assert_ne!(self.current, Some(place));
                self.made += 1;
                self.slots[place] = Slot {
                    key: Some(self.made),
                    certificate: None,
                };
                kept.key = Some(self.made);
                Event::Generated
            }
            Action::Sign if self.slots[place].key != kept.key => Event::KeysLost,
            Action::Sign => Event::Signed,
            Action::Announce => Event::Announced,
            Action::Submit if denied => Event::Denied,
            Action::Submit => {
                let key = kept.key.unwrap();
                // Other requests than before are refused, the same are answered again.
                assert!(self.issued_for.is_none_or(|issued| issued == key));
                if self.issued_for.is_none() {
                    self.issued_for = Some(key);
                    self.register.push((key, Standing::Signed));
                }
                kept.certificate = Some(key);
                Event::Issued
            }
            Action::Write if denied => Event::Denied,
            Action::Write if self.slots[place].key != kept.key => Event::KeysLost,
            Action::Write => {
                if self.current != Some(place) {
                    self.slots[place].certificate = kept.certificate;
                }
                Event::Written
            }
            Action::ReadBack if self.slots[place].certificate == kept.certificate => Event::Same,
            Action::ReadBack => Event::Differs,
            Action::Activate if self.course == Course::First && denied => Event::Denied,
            Action::Activate => {
                assert_eq!(self.slots[place].key, kept.key);
                assert_eq!(self.slots[place].certificate, kept.certificate);
                self.current = Some(place);
                Event::Activated
            }
            Action::Confirm => {
                let issued = self.issued_for;
                let ours = self
                    .register
                    .iter_mut()
                    .find(|(key, _)| Some(*key) == issued);
                match ours {
                    Some((_, standing @ (Standing::Signed | Standing::Active))) => {
                        *standing = Standing::Active;
                        Event::Confirmed
                    }
                    _ => Event::Denied,
                }
            }
            Action::Complete => {
                if self.course == Course::Beside {
                    self.register[0].1 = Standing::Replaced;
                }
                Event::Completed
            }
            Action::TakeBack => {
                self.lapse();
                Event::TakenBack
            }
        }
    }

    /// The card and the register agree, and nothing half is in force.
    fn agrees(&self, ended: TaskState) {
        let ours = self.ours().copied();
        let used = self.current.and_then(|place| self.slots[place].certificate);
        assert!(
            self.register.iter().filter(|(key, _)| *key != 0).count() <= 1,
            "issued twice"
        );
        match ended {
            TaskState::Confirmed => {
                let (key, standing) = ours.unwrap();
                assert_eq!(standing, Standing::Active);
                assert_eq!(used, Some(key));
                let place = self.current.unwrap();
                assert_eq!(self.slots[place].key, Some(key));
            }
            TaskState::RolledBack => {
                assert!(ours.is_none_or(|(_, standing)| standing == Standing::Failed));
                if self.course == Course::Beside {
                    assert_eq!(used, Some(0), "the old one works as before");
                    assert_eq!(self.register[0].1, Standing::Active);
                }
            }
            other => panic!("a task ends {other:?}"),
        }
    }
}

/// What goes wrong at one step.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    None,
    /// The agent is gone before the action.
    Before,
    /// After it, and before its state is on the disk.
    After,
    /// The authority's deadline passes.
    Deadline,
    /// The holder gives it up.
    Drop,
    /// Somebody else has keys made in that place.
    OtherKeys,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        12 => Just(Trouble::None),
        3 => Just(Trouble::Before),
        5 => Just(Trouble::After),
        1 => Just(Trouble::Deadline),
        1 => Just(Trouble::Drop),
        1 => Just(Trouble::OtherKeys),
    ]
}

fn run(course: Course, troubles: &[Trouble]) -> TaskState {
    let mut world = World::new(course);
    let mut disk = Kept {
        state: TaskState::Prepared,
        key: None,
        certificate: None,
    };
    let mut troubles = troubles.iter().copied();
    for _ in 0..400 {
        let trouble = troubles.next().unwrap_or(Trouble::None);
        // What is in memory is what was on the disk when the agent came up.
        let mut memory = disk.clone();
        let todo = action(course, memory.state);
        let event = match trouble {
            Trouble::Before => continue,
            Trouble::Deadline => {
                world.lapse();
                continue;
            }
            Trouble::OtherKeys if world.current != Some(world.place()) => {
                if !matches!(todo, Action::Activate | Action::Confirm | Action::Complete) {
                    world.made += 1;
                    let place = world.place();
                    world.slots[place] = Slot {
                        key: Some(world.made),
                        certificate: None,
                    };
                }
                continue;
            }
            Trouble::Drop if after(course, memory.state, Event::Dropped).is_ok() => Event::Dropped,
            Trouble::None | Trouble::After | Trouble::Drop | Trouble::OtherKeys => {
                world.act(todo, &mut memory)
            }
        };
        if matches!(trouble, Trouble::After) {
            continue;
        }
        match after(course, memory.state, event).unwrap() {
            Next::State(state) => {
                memory.state = state;
                disk = memory;
            }
            Next::Part(part) => panic!("{part:?} of both"),
            Next::Ended(ended) => {
                world.agrees(ended);
                return ended;
            }
        }
    }
    panic!("it never ends: {disk:?} {world:?}");
}

#[test]
fn without_trouble_the_certificates_come_to_be_in_force() {
    for course in PAIRS {
        assert_eq!(run(course, &[]), TaskState::Confirmed);
    }
}

#[test]
fn an_agent_that_is_killed_at_any_one_point_goes_on_or_takes_back() {
    for course in PAIRS {
        for at in 0..STATES.len() {
            for trouble in [Trouble::Before, Trouble::After] {
                let mut troubles = vec![Trouble::None; at];
                troubles.push(trouble);
                assert_eq!(run(course, &troubles), TaskState::Confirmed);
            }
            for trouble in [Trouble::Deadline, Trouble::Drop, Trouble::OtherKeys] {
                let mut troubles = vec![Trouble::None; at];
                troubles.push(trouble);
                run(course, &troubles);
            }
        }
    }
}

#[test]
fn every_state_has_an_action_and_every_action_has_an_end() {
    for course in COURSES {
        for state in STATES {
            let todo = action(course, state);
            let ends = Event::ALL
                .into_iter()
                .filter(|event| after(course, state, *event).is_ok())
                .count();
            assert!(ends > 0, "{course:?} {state:?} {todo:?}");
        }
    }
}

#[test]
fn what_may_be_in_force_or_leaves_half_a_card_is_not_given_up() {
    for course in COURSES {
        for state in STATES {
            let dropped = after(course, state, Event::Dropped);
            if may_be_in_force(course, state) || is_overwritten(course, state) {
                assert_eq!(
                    dropped,
                    Err(Misplaced {
                        state,
                        event: Event::Dropped
                    })
                );
            } else if state != TaskState::RolledBack {
                assert_eq!(dropped, Ok(Next::State(TaskState::RolledBack)));
            }
        }
    }
}

#[test]
fn what_happens_in_the_wrong_state_changes_nothing() {
    for course in COURSES {
        assert!(after(course, TaskState::Prepared, Event::Confirmed).is_err());
        assert!(after(course, TaskState::Submitted, Event::Generated).is_err());
        assert!(after(course, TaskState::Confirmed, Event::Denied).is_err());
        assert!(after(course, TaskState::RolledBack, Event::Issued).is_err());
    }
}

proptest! {
    // Req 14.2
    #[test]
    fn the_card_and_the_register_agree_after_any_trouble(
        renewal: bool,
        troubles in prop::collection::vec(trouble(), 0..40),
    ) {
        let course = if renewal { Course::Beside } else { Course::First };
        run(course, &troubles);
    }
}
