//! A virtual card and the reader slot it is pushed into and pulled out of: the card's side of the
//! vsmartcard protocol (`vpcd`), a TCP stream of messages with a two-byte big-endian length.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::{DEADLINE, until};

/// What the reader does to the card's supply, ISO/IEC 7816-3 §6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// The contacts are dead; the card forgets all that is volatile.
    Off,
    /// Cold reset.
    On,
    /// Warm reset.
    Reset,
}

/// What a card does with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These bytes, whatever their number (a sound response has at least its status word).
    Bytes(Vec<u8>),
    /// Never anything. The slot stays as it is until the card is removed.
    Silence,
    /// The card leaves the reader instead of answering, as if pulled at that very moment.
    PulledOut,
}

/// A smart card in software.
pub trait VirtualCard: Send {
    /// The answer to reset. Bytes that are none (or no bytes) make a mute card.
    fn atr(&self) -> Vec<u8>;

    /// The supply changes.
    fn power(&mut self, power: Power);

    /// A command APDU; the result is the response APDU with its status word.
    fn transmit(&mut self, command: &[u8]) -> Vec<u8>;

    /// As [`transmit`](Self::transmit), for cards that may also say nothing.
    fn answer(&mut self, command: &[u8]) -> Answer {
        Answer::Bytes(self.transmit(command))
    }
}

impl VirtualCard for Box<dyn VirtualCard> {
    fn atr(&self) -> Vec<u8> {
        (**self).atr()
    }
    fn power(&mut self, power: Power) {
        (**self).power(power);
    }
    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        (**self).transmit(command)
    }
    fn answer(&mut self, command: &[u8]) -> Answer {
        (**self).answer(command)
    }
}

/// How long a card takes for a command, by INS. The links of a command chain but the last are free.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    by_instruction: HashMap<u8, Duration>,
}

impl Latency {
    /// Adds a time for one INS.
    #[must_use]
    pub fn with(mut self, instruction: u8, time: Duration) -> Self {
        self.by_instruction.insert(instruction, time);
        self
    }

    /// A time for every command that signs: GENERAL AUTHENTICATE (87), INTERNAL AUTHENTICATE (88)
    /// and PERFORM SECURITY OPERATION (2A).
    #[must_use]
    pub fn signing(self, time: Duration) -> Self {
        self.with(0x87, time).with(0x88, time).with(0x2A, time)
    }

    fn of(&self, command: &[u8]) -> Duration {
        match *command {
            [class, instruction, ..] if class & 0x10 == 0 => self
                .by_instruction
                .get(&instruction)
                .copied()
                .unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}

/// A command and what the card did with it, as the card itself saw it (so a PIN typed at a PIN
/// pad is in it, which no log of the service shows).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The command APDU.
    pub command: Vec<u8>,
    /// What became of it.
    pub answer: Answer,
}

#[derive(Default)]
struct State {
    inserted: bool,
    over: bool,
    stream: Option<TcpStream>,
    /// How many answers to reset were given since insertion.
    resets: u64,
    exchanges: Vec<Exchange>,
    /// How many commands have come; the last one may not be answered yet.
    commands: u64,
    latency: Latency,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits up to the deadline until the state is so; says whether it is.
    fn wait(&self, deadline: Duration, mut so: impl FnMut(&State) -> bool) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), deadline, |state| !so(state))
            .unwrap_or_else(PoisonError::into_inner);
        so(&state)
    }
}

/// Says whether the service tells its clients of a card in the slot.
pub(crate) type Seen = Box<dyn Fn() -> bool + Send + Sync>;

/// A card with the hand that holds it: it goes in and out of one reader slot, and keeps its memory
/// meanwhile. It is taken out when this is dropped.
///
/// While inserted it stays in the slot even when the service stops and starts again.
pub struct Card {
    shared: Arc<Shared>,
    port: u16,
    seen: Option<Seen>,
    worker: Option<JoinHandle<()>>,
}

impl Card {
    /// A card in the hand, before the slot that listens on `port` of this computer.
    pub fn new(port: u16, card: impl VirtualCard + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let worker = {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("card-{port}"))
                .spawn(move || live(port, Box::new(card), &shared))
                .expect("a thread for the card")
        };
        Self {
            shared,
            port,
            seen: None,
            worker: Some(worker),
        }
    }

    /// The TCP port of the slot.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets [`insert`](Self::insert) wait until the service itself has seen the card.
    pub(crate) fn seen_by(mut self, seen: Seen) -> Self {
        self.seen = Some(seen);
        self
    }

    /// Pushes the card in, and waits until the service has powered it and tells its clients of it.
    /// (A card that no [`Reader`](crate::pcscd::Reader) holds: until it was powered.)
    ///
    /// # Panics
    /// When no service does so within the deadline.
    pub fn insert(&self) {
        self.push_in();
        assert!(
            self.shared.wait(DEADLINE, |state| state.resets > 0),
            "no reader powered the card on port {} within {DEADLINE:?}",
            self.port
        );
        // It has the answer to reset, so it is past an earlier removal; but it has yet to say so.
        if let Some(seen) = &self.seen {
            until("the service to see the card", seen);
        }
    }

    /// Pushes the card in and waits for nothing: the service may not even run yet.
    pub fn push_in(&self) {
        self.shared.change(|state| {
            if !state.inserted {
                state.inserted = true;
                state.resets = 0;
            }
        });
    }

    /// Pulls the card out. The service notices within half a second.
    pub fn remove(&self) {
        self.shared.change(|state| {
            state.inserted = false;
            if let Some(stream) = state.stream.take() {
                // The other side may have gone first.
                stream.shutdown(Shutdown::Both).ok();
            }
        });
    }

    /// Whether the card is in the slot.
    pub fn is_inserted(&self) -> bool {
        self.shared.lock().inserted
    }

    /// Sets how long the card takes for commands from now on.
    pub fn set_latency(&self, latency: Latency) {
        self.shared.change(|state| state.latency = latency);
    }

    /// How many commands the card was sent since it was made.
    pub fn commands(&self) -> u64 {
        self.shared.lock().commands
    }

    /// Every command and answer since the card was made, by the card's own account.
    pub fn log(&self) -> Vec<Exchange> {
        self.shared.lock().exchanges.clone()
    }

    /// Waits until the card was sent `count` commands in all; says whether it was, in time.
    pub fn wait_for_commands(&self, count: u64, deadline: Duration) -> bool {
        self.shared.wait(deadline, |state| state.commands >= count)
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.remove();
        self.shared.change(|state| state.over = true);
        if let Some(worker) = self.worker.take() {
            // A card that panicked has said so on standard error.
            worker.join().ok();
        }
    }
}

/// The card's life: wait to be inserted, serve, be removed, again.
fn live(port: u16, mut card: Box<dyn VirtualCard>, shared: &Shared) {
    loop {
        shared.wait(Duration::MAX, |state| state.inserted || state.over);
        if shared.lock().over {
            return;
        }
        let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
            // The service is not there (yet, or any more): a card in a dead reader.
            shared.wait(RETRY, |state| !state.inserted || state.over);
            continue;
        };
        let Ok(other_end) = stream.try_clone() else {
            continue;
        };
        let mut still_in = false;
        shared.change(|state| {
            still_in = state.inserted;
            if still_in {
                state.stream = Some(other_end);
            }
        });
        if still_in && serve(stream, card.as_mut(), shared).is_err() {
            card.power(Power::Off);
        }
    }
}

/// Serves one connection until its end, which is an error by nature.
fn serve(mut stream: TcpStream, card: &mut dyn VirtualCard, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let message = receive(&mut stream)?;
        match *message.as_slice() {
            [POWER_OFF] => card.power(Power::Off),
            [POWER_ON] => card.power(Power::On),
            [RESET] => card.power(Power::Reset),
            [ATR] => {
                send(&mut stream, &card.atr())?;
                shared.change(|state| state.resets += 1);
            }
            _ => {
                let mut time = Duration::ZERO;
                shared.change(|state| {
                    state.commands += 1;
                    time = state.latency.of(&message);
                });
                let started = Instant::now();
                let answer = card.answer(&message);
                let exchange = Exchange {
                    command: message,
                    answer: answer.clone(),
                };
                match answer {
                    Answer::Bytes(response) => {
                        // A slow card answers late; a card pulled out meanwhile answers nothing.
                        shared.wait(time.saturating_sub(started.elapsed()), |s| !s.inserted);
                        // Before the answer is out, so that whoever has it finds it in the log.
                        shared.change(|state| state.exchanges.push(exchange));
                        send(&mut stream, &response)?;
                    }
                    Answer::Silence => shared.change(|state| state.exchanges.push(exchange)),
                    Answer::PulledOut => {
                        shared.change(|state| state.exchanges.push(exchange));
                        shared.change(|state| {
                            state.inserted = false;
                            state.stream = None;
                        });
                        stream.shutdown(Shutdown::Both)?;
                    }
                }
            }
        }
    }
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    // vpcd writes length and body apart; without this, Nagle's algorithm there waits 40 ms for
    // our delayed acknowledgement of the first.
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    stream.read_exact(&mut length)?;
    let mut body = vec![0; usize::from(u16::from_be_bytes(length))];
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn send(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len()).map_err(io::Error::other)?;
    let mut message = length.to_be_bytes().to_vec();
    message.extend_from_slice(body);
    stream.write_all(&message)
}

/// Control messages of the vpcd protocol are one byte long.
const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ATR: u8 = 4;

/// How often a card in a dead reader looks for life.
const RETRY: Duration = Duration::from_millis(20);
