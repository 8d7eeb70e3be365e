//! A grant: the PIN stays in its locked page for a minute, for one connection and one key, so that
//! the holder is asked once for a page that a browser opens several connections for.
//!
//! It begins when the PIN was typed, and nothing makes it longer. It ends with its time, its last
//! signature, the connection, the card, the holder's presence, and any doubt about the PIN.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use lichna_card::PinStatus;
use lichna_secret::Pin;
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::presence::away;
use crate::{cards::Cards, pin_policy::Insertion};

/// How long a grant lasts, in seconds from the entry of the PIN.
pub const SECONDS: u8 = 60;
/// How many signatures it is good for, the first included.
pub const SIGNATURES: u8 = 8;
/// By so much the two clocks may differ, before the computer counts as having slept.
const DRIFT: Duration = Duration::from_secs(2);

/// When a PIN was typed, by a clock that stands still while the computer sleeps and by one that
/// does not.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    awake: Instant,
    wall: SystemTime,
}

impl Moment {
    /// This one.
    pub fn now() -> Self {
        Self {
            awake: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// When what began then is over.
    fn end(self) -> Instant {
        self.awake + Duration::from_secs(SECONDS.into())
    }

    /// Whether it is over: its time has passed, or the computer slept meanwhile.
    pub fn is_over(self) -> bool {
        let awake = self.awake.elapsed();
        // A clock that was set back says nothing.
        let wall = self.wall.elapsed().unwrap_or(Duration::ZERO);
        self.end() <= Instant::now() || wall > awake + DRIFT
    }

    /// Waits until a PIN that was typed then is to be wiped: its time has passed, its card is gone,
    /// there is doubt about it, or the holder went away.
    pub async fn ended(
        self,
        cards: &Cards,
        insertion: &Insertion,
        doubts: &mut watch::Receiver<u64>,
    ) {
        tokio::select! {
            () = sleep_until(self.end()) => {}
            () = cards.removed(insertion) => {}
            _ = doubts.changed() => {}
            () = away() => {}
        }
    }
}

/// The PIN of a grant. Whoever uses it takes it out of here and puts it back, so that wiping waits
/// for nobody.
pub struct KeptPin(Mutex<Place>);

enum Place {
    Here(Pin),
    Lent,
    Wiped,
}

impl KeptPin {
    /// Keeps this one.
    pub fn new(pin: Pin) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Place::Here(pin))))
    }

    /// Keeps none.
    pub fn wiped() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Place::Wiped)))
    }

    /// Takes it, if it is still there.
    pub fn take(&self) -> Option<Pin> {
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::Lent) {
            Place::Here(pin) => Some(pin),
            other => {
                *place = other;
                None
            }
        }
    }

    /// Puts it back; when it was to be wiped meanwhile, it is now.
    pub fn put_back(&self, pin: Pin) {
        let mut place = self.place();
        if matches!(*place, Place::Lent) {
            *place = Place::Here(pin);
        }
    }

    /// Wipes it.
    pub fn wipe(&self) {
        *self.place() = Place::Wiped;
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a connection was granted for a key.
pub struct Grant {
    pin: Arc<KeptPin>,
    typed: Moment,
    left: u8,
    before: PinStatus,
    /// Ends the grant when something else than its use does.
    guard: Option<AbortHandle>,
}

/// A grant, for one signature.
pub struct Lent {
    /// The PIN.
    pub pin: Arc<KeptPin>,
    /// There is no other signature after this one.
    pub last: bool,
    /// What the card said of the PIN before it was typed.
    pub before: PinStatus,
}

impl Grant {
    /// For `left` signatures with this PIN, which was typed at `typed`. What the card said of it
    /// before is `before`.
    pub const fn new(pin: Arc<KeptPin>, typed: Moment, left: u8, before: PinStatus) -> Self {
        Self {
            pin,
            typed,
            left,
            before,
            guard: None,
        }
    }

    /// When the PIN was typed.
    pub const fn typed(&self) -> Moment {
        self.typed
    }

    /// Has this task ended with the grant.
    pub fn guarded_by(&mut self, guard: AbortHandle) {
        self.guard = Some(guard);
    }

    /// One signature of it, if there is one left; and whether the grant is over.
    pub fn lend(&mut self) -> (Option<Lent>, bool) {
        if self.typed.is_over() || self.left == 0 {
            return (None, true);
        }
        self.left -= 1;
        let last = self.left == 0;
        let lent = Lent {
            pin: Arc::clone(&self.pin),
            last,
            before: self.before,
        };
        (Some(lent), false)
    }

    /// Nothing is left of it.
    pub fn is_over(&self) -> bool {
        self.left == 0 || self.typed.is_over()
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        // The last signature may just be made: it has the PIN already, or comes too late.
        if self.left > 0 {
            self.pin.wipe();
        }
        if let Some(guard) = self.guard.take() {
            guard.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use lichna_card::{PinState, Profiles};

    use super::*;

    fn grant(left: u8, typed: Moment) -> (Grant, Arc<KeptPin>) {
        let profiles = Profiles::builtin();
        let rules = profiles.iter().find_map(|profile| profile.user_pin());
        let before = PinStatus {
            pin: rules.unwrap().reference(),
            state: PinState::Ready {
                tries_left: Some(3),
            },
            tries_total: Some(3),
        };
        let pin = KeptPin::new(Pin::take(&mut b"123456".to_vec()).unwrap());
        (Grant::new(Arc::clone(&pin), typed, left, before), pin)
    }

    // Req C.3
    #[tokio::test(start_paused = true)]
    async fn lasts_a_minute_and_no_use_makes_it_longer() {
        let (mut grant, _) = grant(SIGNATURES, Moment::now());
        for _ in 0..5 {
            tokio::time::advance(Duration::from_secs(11)).await;
            let (lent, is_over) = grant.lend();
            let lent = lent.unwrap();
            assert!(!is_over && !lent.last);
            let pin = lent.pin.take().unwrap();
            lent.pin.put_back(pin);
        }
        tokio::time::advance(Duration::from_secs(5)).await;
        let (lent, is_over) = grant.lend();
        assert!(lent.is_none() && is_over);
    }

    // Req C.3
    #[tokio::test]
    async fn is_good_for_so_many_signatures() {
        let (mut grant, _) = grant(3, Moment::now());
        let lasts: Vec<_> = (0..3).map(|_| grant.lend().0.unwrap().last).collect();
        assert_eq!(lasts, [false, false, true]);
        assert!(grant.lend().0.is_none());
    }

    // Req C.3
    #[tokio::test]
    async fn a_computer_that_slept_ends_it() {
        let mut typed = Moment::now();
        let (mut of_now, _) = grant(8, typed);
        assert!(of_now.lend().0.is_some());
        // By the clock on the wall ten seconds passed in which the computer did nothing.
        typed.wall -= Duration::from_secs(10);
        let (mut of_before, _) = grant(8, typed);
        assert!(of_before.lend().0.is_none());
    }

    #[tokio::test]
    async fn its_pin_is_wiped_with_it_also_while_it_is_lent() {
        let (grant, pin) = grant(8, Moment::now());
        let lent = pin.take().unwrap();
        drop(grant);
        pin.put_back(lent);
        assert!(pin.take().is_none());
    }
}
