//! A card with one place for each key, and its renewal, interrupted wherever that can be: the card
//! always has a key that the register trusts, and a renewal that was begun can always be ended.

use proptest::prelude::*;

use super::*;

/// The states of a certificate in the register; it is known by the number of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Signed,
    Active,
    Failed,
    Replaced,
}

/// A renewal at the authority that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: u32,
    part: Part,
    issued: Option<u32>,
}

/// What is in the world beside the file of the task.
#[derive(Debug)]
struct World {
    /// The two keys on the card: the one that identifies first.
    keys: [u32; 2],
    register: Vec<(u32, Standing)>,
    open: Option<Open>,
    /// Numbers that were given to keys and renewals.
    given: u32,
}

/// What the task keeps on the disk.
#[derive(Clone, Copy, Debug)]
struct Kept {
    part: Part,
    state: TaskState,
    renewal: Option<u32>,
    key: Option<u32>,
}

const BEGINNING: Kept = Kept {
    part: Part::Identification,
    state: TaskState::Prepared,
    renewal: None,
    key: None,
};

const fn place(part: Part) -> usize {
    match part {
        Part::Identification => 0,
        Part::Signing => 1,
    }
}

const fn other(part: Part) -> Part {
    match part {
        Part::Identification => Part::Signing,
        Part::Signing => Part::Identification,
    }
}

impl World {
    fn new() -> Self {
        Self {
            keys: [0, 1],
            register: vec![(0, Standing::Active), (1, Standing::Active)],
            open: None,
            given: 1,
        }
    }

    const fn give(&mut self) -> u32 {
        self.given += 1;
        self.given
    }

    fn is_trusted(&self, part: Part) -> bool {
        let key = self.keys[place(part)];
        self.register.contains(&(key, Standing::Active))
    }

    fn standing(&mut self, key: u32) -> &mut Standing {
        let mut certificates = self.register.iter_mut();
        let found = certificates.find(|(one, _)| *one == key);
        &mut found.unwrap().1
    }

    /// The renewal that is open ends, with what was issued for it.
    fn end(&mut self) {
        if let Some(issued) = self.open.take().and_then(|open| open.issued) {
            *self.standing(issued) = Standing::Failed;
        }
    }

    /// The renewal that the task knows is still open.
    fn knows(&self, kept: &Kept) -> bool {
        self.open.map(|open| open.id) == kept.renewal
    }

    fn act(&mut self, action: Action, kept: &mut Kept) -> Event {
        let part = kept.part;
        let place = place(part);
        match action {
            Action::Introduce => {
                if !self.is_trusted(other(part)) {
                    assert_eq!(part, Part::Identification, "nothing vouches");
                    return Event::KeysLost;
                }
                if self.open.is_some_and(|open| open.issued.is_some()) {
                    self.end();
                }
                if let Some(open) = self.open {
                    assert_eq!(open.part, part);
                }
                let id = self.open.map_or_else(|| self.give(), |open| open.id);
                self.open = Some(Open {
                    id,
                    part,
                    issued: None,
                });
                kept.renewal = Some(id);
                Event::Introduced
            }
            Action::Generate | Action::Submit | Action::Write if !self.knows(kept) => Event::Denied,
            Action::Generate => {
                assert!(self.is_trusted(other(part)), "nothing vouches for it");
                self.keys[place] = self.give();
                kept.key = Some(self.keys[place]);
                Event::Generated
            }
            Action::Sign if Some(self.keys[place]) != kept.key => Event::KeysLost,
            Action::Sign => Event::Signed,
            Action::Announce => Event::Announced,
            Action::Submit => {
                let key = kept.key.unwrap();
                let open = self.open.as_mut().unwrap();
                match open.issued {
                    Some(issued) => assert_eq!(issued, key, "other requests"),
                    None => {
                        open.issued = Some(key);
                        self.register.push((key, Standing::Signed));
                    }
                }
                Event::Issued
            }
            Action::Write => Event::Written,
            Action::ReadBack => Event::Same,
            Action::Confirm => {
                let key = kept.key.unwrap();
                if part == Part::Identification && self.keys[place] != key {
                    return Event::KeysLost;
                }
                match *self.standing(key) {
                    Standing::Signed => {
                        let old = self.register.iter().position(|(one, standing)| {
                            *standing == Standing::Active && *one != self.keys[1 - place]
                        });
                        self.register[old.unwrap()].1 = Standing::Replaced;
                        *self.standing(key) = Standing::Active;
                        self.open = None;
                        Event::Confirmed
                    }
                    Standing::Active => Event::Confirmed,
                    _ => Event::Denied,
                }
            }
            Action::Activate => Event::Activated,
            Action::Complete => Event::Completed,
            Action::TakeBack => {
                self.end();
                Event::TakenBack
            }
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
    /// The file of the task is gone, and the holder begins anew.
    Forgotten,
    /// Another program has a key made in that place.
    OtherKey,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        14 => Just(Trouble::None),
        3 => Just(Trouble::Before),
        5 => Just(Trouble::After),
        1 => Just(Trouble::Deadline),
        1 => Just(Trouble::Drop),
        1 => Just(Trouble::Forgotten),
        1 => Just(Trouble::OtherKey),
    ]
}

/// Renews until it has come to its end, and says how.
fn run(world: &mut World, troubles: &mut impl Iterator<Item = Trouble>) -> TaskState {
    let mut disk = BEGINNING;
    for _ in 0..500 {
        assert!(
            world.is_trusted(Part::Identification) || world.is_trusted(Part::Signing),
            "the card has no key that is trusted: {disk:?} {world:?}"
        );
        // What is in memory is what was on the disk when the agent came up.
        let mut memory = disk;
        let course = Course::InPlace(memory.part);
        let todo = action(course, memory.state);
        let trouble = troubles.next().unwrap_or(Trouble::None);
        let event = match trouble {
            Trouble::Before => continue,
            Trouble::Deadline => {
                world.end();
                continue;
            }
            Trouble::Forgotten => {
                disk = BEGINNING;
                // What is open for the other key is in the way until its time is over.
                world.end();
                continue;
            }
            Trouble::OtherKey => {
                // Before it has signed: not every card tells which key it has.
                if todo == Action::Sign {
                    world.keys[place(memory.part)] = world.give();
                }
                continue;
            }
            Trouble::Drop if after(course, memory.state, Event::Dropped).is_ok() => Event::Dropped,
            Trouble::None | Trouble::After | Trouble::Drop => world.act(todo, &mut memory),
        };
        if matches!(trouble, Trouble::After) {
            continue;
        }
        match after(course, memory.state, event) {
            Ok(Next::State(state)) => {
                memory.state = state;
                if state == TaskState::Prepared {
                    memory.renewal = None;
                }
                disk = memory;
            }
            Ok(Next::Part(part)) => disk = Kept { part, ..BEGINNING },
            Ok(Next::Ended(ended)) => return ended,
            Err(misplaced) => panic!("{misplaced}: {disk:?} {world:?}"),
        }
    }
    panic!("it never ends: {disk:?} {world:?}");
}

fn is_renewed(world: &World) -> bool {
    let trusted = world.is_trusted(Part::Identification) && world.is_trusted(Part::Signing);
    let active = world
        .register
        .iter()
        .filter(|(_, s)| *s == Standing::Active);
    trusted && active.count() == 2 && world.open.is_none()
}

#[test]
fn both_keys_are_renewed_one_after_the_other() {
    let mut world = World::new();
    assert_eq!(run(&mut world, &mut [].into_iter()), TaskState::Confirmed);
    assert!(is_renewed(&world), "{world:?}");
    assert_eq!(world.register[0].1, Standing::Replaced);
    assert_eq!(world.register[1].1, Standing::Replaced);
}

#[test]
fn an_agent_that_is_killed_at_any_one_point_ends_what_it_began() {
    for at in 0..2 * STATES.len() {
        for trouble in [
            Trouble::Before,
            Trouble::After,
            Trouble::Deadline,
            Trouble::OtherKey,
        ] {
            let troubles = vec![Trouble::None; at].into_iter().chain([trouble]);
            let mut world = World::new();
            assert_eq!(
                run(&mut world, &mut troubles.into_iter()),
                TaskState::Confirmed
            );
            assert!(is_renewed(&world), "{at} {trouble:?}: {world:?}");
        }
    }
}

#[test]
fn a_key_that_is_overwritten_is_not_given_up() {
    for part in [Part::Identification, Part::Signing] {
        for state in STATES {
            let course = Course::InPlace(part);
            let early = matches!(state, TaskState::Prepared | TaskState::IdentifierReceived);
            let dropped = after(course, state, Event::Dropped);
            assert_eq!(dropped.is_ok(), early, "{part:?} {state:?}");
        }
    }
}

proptest! {
    // Req 13.6, 14.2
    #[test]
    fn the_card_is_never_without_a_key_that_is_trusted(
        troubles in prop::collection::vec(trouble(), 0..60),
    ) {
        let mut world = World::new();
        let mut troubles = troubles.into_iter();
        if run(&mut world, &mut troubles) == TaskState::RolledBack {
            // Whatever was left, another renewal mends it.
            prop_assert_eq!(run(&mut world, &mut [].into_iter()), TaskState::Confirmed);
        }
        prop_assert!(is_renewed(&world), "{:?}", world);
    }
}
