//! The link to the agent, on which it tells what tokens there are. Nothing runs in the background:
//! whoever calls looks at what came meanwhile.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use cryptoki_sys::CK_SLOT_ID;
use lichna_ipc::{Client, ClientError, Home, Start, TokenWatch, Tokens, Waiter, installed};

use crate::error::Error;
use crate::world::World;

/// What the agent is told that we are.
pub const PROGRAM: &str = "liblichna_pkcs11";
/// Which version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a call that needs no person may take, the start of the agent included.
pub const QUICK: Duration = Duration::from_secs(2);

/// How long a later attempt to reach the agent may take.
const AGAIN: Duration = Duration::from_millis(500);

/// The least time between two attempts, and the most when they take their time and fail.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long after one connection of an agent that ends another may still stand.
const A_MOMENT: Duration = Duration::from_millis(200);

/// How long whoever waits for an event goes without looking whether another thread took the news.
const SLICE: Duration = Duration::from_millis(500);

/// The link.
#[derive(Debug)]
pub struct Link {
    home: Option<Home>,
    world: ArcSwap<World>,
    /// Held for no longer than [`QUICK`], and mostly for one look at the socket.
    watching: Mutex<Watching>,
    /// Ends what the holder of `watching` waits for.
    hang_up: Mutex<Option<Arc<Waiter>>>,
    /// Until then a client that looks for tokens waits for cards that are being read.
    settle_until: Instant,
    ended: AtomicBool,
    ending: (Mutex<()>, Condvar),
}

#[derive(Debug)]
struct Watching {
    watch: Option<TokenWatch>,
    /// When the next attempt to reach the agent may be made.
    next: Instant,
    pause: Duration,
    /// Slots with something new in them that nobody was told of.
    changed: BTreeSet<CK_SLOT_ID>,
    /// Readers for whose cards the holder was asked for the CAN.
    asked: BTreeSet<String>,
}

impl Link {
    /// A link that is not made yet.
    #[must_use]
    pub fn new() -> Self {
        let now = Instant::now();
        Self {
            home: Home::from_environment().ok(),
            world: ArcSwap::default(),
            watching: Mutex::new(Watching {
                watch: None,
                next: now,
                pause: PAUSE,
                changed: BTreeSet::new(),
                asked: BTreeSet::new(),
            }),
            hang_up: Mutex::default(),
            settle_until: now + QUICK,
            ended: AtomicBool::new(false),
            ending: (Mutex::new(()), Condvar::new()),
        }
    }

    /// Makes it, and waits for what the agent says first. Nothing of that is news.
    pub fn begin(&self) {
        let mut watching = self.watching();
        self.connect(&mut watching, self.settle_until);
        if let Some(watch) = &mut watching.watch
            && let Ok(Some(tokens)) = watch.next(self.settle_until)
        {
            self.take_in(&mut watching, tokens);
        }
        watching.changed.clear();
    }

    /// Where the agent is.
    ///
    /// # Errors
    /// [`Error::DeviceRemoved`] where there is no place for it.
    pub fn home(&self) -> Result<&Home, Error> {
        self.home.as_ref().ok_or(Error::DeviceRemoved)
    }

    /// What there was at the last look.
    #[must_use]
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// What there is now.
    ///
    /// # Errors
    /// [`Error::NotInitialized`] when the module ended.
    pub fn look(&self) -> Result<Arc<World>, Error> {
        self.look_into(&mut self.watching())
    }

    /// What there is now; a client that has just begun waits for cards that are being read.
    ///
    /// # Errors
    /// As [`Link::look`].
    pub fn look_for_tokens(&self) -> Result<Arc<World>, Error> {
        let mut watching = self.watching();
        let mut world = self.look_into(&mut watching)?;
        while !world.settled && Instant::now() < self.settle_until {
            let Some(watch) = &mut watching.watch else {
                break;
            };
            let said = watch.next(self.settle_until);
            if self.has_ended() {
                return Err(Error::NotInitialized);
            }
            match said {
                Ok(Some(tokens)) => self.take_in(&mut watching, tokens),
                Ok(None) => {}
                Err(_) => {
                    self.lose(&mut watching);
                    break;
                }
            }
            world = self.world();
        }
        Ok(world)
    }

    /// A connection broke: when it was the agent that went, this one breaks, too, a moment later.
    /// Without this look the tokens would seem to be there still.
    pub fn look_after_loss(&self) {
        let waiter = lock(&self.hang_up).clone();
        if waiter.is_none_or(|waiter| waiter.wait(A_MOMENT)) {
            // It ended where there is an error, and nobody is to be told.
            let _ = self.look();
        }
    }

    fn look_into(&self, watching: &mut Watching) -> Result<Arc<World>, Error> {
        if self.has_ended() {
            return Err(Error::NotInitialized);
        }
        if let Some(watch) = &mut watching.watch {
            match watch.latest() {
                Ok(Some(tokens)) => self.take_in(watching, tokens),
                Ok(None) => {}
                Err(_) => self.lose(watching),
            }
        }
        if watching.watch.is_none() && watching.next <= Instant::now() {
            let end = Instant::now() + AGAIN;
            self.connect(watching, end);
            if let Some(watch) = &mut watching.watch
                && let Ok(Some(tokens)) = watch.next(end)
            {
                self.take_in(watching, tokens);
            }
        }
        Ok(self.world())
    }

    fn take_in(&self, watching: &mut Watching, tokens: Tokens) {
        let before = self.world();
        let after = before.after(tokens);
        for token in before.tokens() {
            if !after.tokens().any(|other| other.life == token.life) {
                token.desk.close();
            }
        }
        watching.changed.append(&mut after.changed_since(&before));
        let wants = |name: &String| {
            let mut readers = after.slots().filter_map(|slot| after.reader(slot).ok()?);
            readers.any(|reader| *reader.name == **name && reader.wants_can)
        };
        watching.asked.retain(wants);
        self.world.store(Arc::new(after));
    }

    /// The agent is gone, and the tokens with it.
    fn lose(&self, watching: &mut Watching) {
        watching.watch = None;
        *lock(&self.hang_up) = None;
        self.take_in(watching, Tokens::default());
    }

    fn connect(&self, watching: &mut Watching, end: Instant) {
        let begun = Instant::now();
        let made = self.try_connect(end);
        let quick = begun.elapsed() < PAUSE / 10;
        watching.pause = match &made {
            Err(_) if !quick => (watching.pause * 2).min(LONGEST_PAUSE),
            _ => PAUSE,
        };
        watching.next = Instant::now() + watching.pause;
        watching.watch = made.ok();
    }

    fn try_connect(&self, end: Instant) -> Result<TokenWatch, ClientError> {
        let home = self.home.as_ref().ok_or(ClientError::NotRunning)?;
        let start = Start::Apart(PathBuf::from(installed::AGENT));
        let left = end.saturating_duration_since(Instant::now());
        let client = Client::connect_within(home, &start, PROGRAM, VERSION, left)?;
        let watch = TokenWatch::begin(client)?;
        *lock(&self.hang_up) = Some(Arc::new(watch.waiter()?));
        if self.has_ended() {
            return Err(ClientError::Gone);
        }
        Ok(watch)
    }

    /// Has the holder asked for the CAN of the card in this slot's reader, where it tells nothing
    /// without: once for an insertion, and nobody waits for it.
    pub fn ask_for_can(&self, world: &World, slot: CK_SLOT_ID) {
        let reader = world.reader(slot).ok().flatten();
        let Some(reader) = reader.filter(|reader| reader.wants_can) else {
            return;
        };
        let mut watching = self.watching();
        if watching.asked.insert(reader.name.to_string())
            && let Some(watch) = &mut watching.watch
            && watch.unlock(&reader.name).is_err()
        {
            self.lose(&mut watching);
        }
    }

    /// A slot with something new in it, if there is one.
    ///
    /// # Errors
    /// [`Error::NoEvent`], [`Error::NotInitialized`].
    pub fn event(&self) -> Result<CK_SLOT_ID, Error> {
        let mut watching = self.watching();
        self.look_into(&mut watching)?;
        watching.changed.pop_first().ok_or(Error::NoEvent)
    }

    /// Waits for a slot with something new in it, as long as it takes.
    ///
    /// # Errors
    /// [`Error::NotInitialized`] when the module ends.
    pub fn wait_for_event(&self) -> Result<CK_SLOT_ID, Error> {
        loop {
            match self.event() {
                Err(Error::NoEvent) => {}
                other => return other,
            }
            let waiter = lock(&self.hang_up).clone();
            match waiter {
                // At the end the connection is hung up, which ends this.
                Some(waiter) => drop(waiter.wait(SLICE)),
                None => {
                    let (mutex, ending) = &self.ending;
                    let until_ended = |_: &mut ()| !self.has_ended();
                    drop(ending.wait_timeout_while(lock(mutex), PAUSE, until_ended));
                }
            }
        }
    }

    /// Ends it: whoever waits for the agent or for a signature stops waiting.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(waiter) = lock(&self.hang_up).take() {
            waiter.hang_up();
        }
        for token in self.world().tokens() {
            token.desk.close();
        }
        let (mutex, ending) = &self.ending;
        drop(lock(mutex));
        ending.notify_all();
    }

    /// It ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    fn watching(&self) -> MutexGuard<'_, Watching> {
        lock(&self.watching)
    }
}

/// What a panic left behind is good: no change is made in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
