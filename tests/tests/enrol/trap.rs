//! A card at one of whose commands something happens.

use std::sync::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use lichna_tests::vpicc::{Answer, Power, VirtualCard};

/// What happens, and at which command.
#[derive(Default)]
pub struct Trigger {
    seen: AtomicU64,
    at: AtomicU64,
    what: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

impl Trigger {
    /// At the command of that number, from 1, counted from now on: it is carried out, and its answer
    /// comes too late.
    pub fn set(&self, at: u64, what: impl FnMut() + Send + 'static) {
        *self.what.lock().unwrap() = Some(Box::new(what));
        self.seen.store(0, Ordering::SeqCst);
        self.at.store(at, Ordering::SeqCst);
    }

    /// At that command the card is taken out.
    pub fn pull_at(&self, at: u64) {
        *self.what.lock().unwrap() = None;
        self.seen.store(0, Ordering::SeqCst);
        self.at.store(at, Ordering::SeqCst);
    }

    /// Nothing happens any more.
    pub fn clear(&self) {
        self.at.store(0, Ordering::SeqCst);
    }

    /// How many commands came since it was set.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }
}

/// The card.
pub struct Trap {
    card: Box<dyn VirtualCard>,
    trigger: Arc<Trigger>,
}

impl Trap {
    /// Around this card.
    pub fn new(card: impl VirtualCard + 'static, trigger: &Arc<Trigger>) -> Self {
        Self {
            card: Box::new(card),
            trigger: Arc::clone(trigger),
        }
    }
}

impl VirtualCard for Trap {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power(&mut self, power: Power) {
        self.card.power(power);
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        self.card.transmit(command)
    }

    fn answer(&mut self, command: &[u8]) -> Answer {
        let answer = self.card.transmit(command);
        let number = self.trigger.seen.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.trigger.at.load(Ordering::SeqCst) {
            match self.trigger.what.lock().unwrap().as_mut() {
                Some(what) => what(),
                None => return Answer::PulledOut,
            }
        }
        Answer::Bytes(answer)
    }
}
