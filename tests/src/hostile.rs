//! Cards that mean harm, or are broken: each has one sickness and is sound otherwise, so that it
//! gets as far into a program as its sickness lets it.

use crate::vpicc::{Answer, Power, VirtualCard};

/// What is wrong with a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sickness {
    /// Always these status words, in turn, and never data.
    Statuses(Vec<u16>),
    /// More and more data: each answer is 256 bytes and 61FF, each GET RESPONSE too. These bytes
    /// come first.
    EndlessData(Vec<u8>),
    /// 61FF without any data, for each GET RESPONSE again.
    EndlessNothing,
    /// 6Cxx for whatever Le, another xx each time.
    EndlessWrongLe,
    /// So many constructed objects, one in the other.
    DeepTlv(usize),
    /// A primitive object inside of 53 (PIV) that says it has so many bytes, and has three.
    OversizedTlv(u32),
    /// A constructed object of indefinite length, whose end never comes.
    IndefiniteLength,
    /// The first length in the sound answer is one too long.
    LengthTooLong,
    /// The first length in the sound answer is one too short.
    LengthTooShort,
    /// The sound answer's first so many bytes; with 0 or 1 there is no status word.
    Truncated(usize),
    /// The sound answer, and so many bytes before its status word that nobody asked for.
    Overlong(usize),
    /// Bytes of no meaning that look random, as many as asked for.
    Noise(usize),
    /// An answer to every command but no data where there must be some: 9000.
    Empty,
    /// No answer, ever.
    Silence,
    /// It is pulled out at the command, before the answer.
    PulledOut,
}

type Strikes = Box<dyn Fn(&[u8]) -> bool + Send>;

/// A card with a [`Sickness`].
pub struct Hostile<C> {
    card: C,
    sickness: Sickness,
    strikes: Strikes,
    /// The sickness has struck, so what GET RESPONSE fetches is its work.
    struck: bool,
    turn: usize,
}

impl<C: VirtualCard> Hostile<C> {
    /// Makes this card sick: the sickness strikes at every command.
    pub fn new(card: C, sickness: Sickness) -> Self {
        Self {
            card,
            sickness,
            strikes: Box::new(|_| true),
            struck: false,
            turn: 0,
        }
    }

    /// Lets the sickness strike only at the commands for which this is so.
    #[must_use]
    pub fn when(mut self, strikes: impl Fn(&[u8]) -> bool + Send + 'static) -> Self {
        self.strikes = Box::new(strikes);
        self
    }

    /// Lets the sickness strike only at these instructions.
    #[must_use]
    pub fn at(self, instructions: &'static [u8]) -> Self {
        self.when(move |command| command.get(1).is_some_and(|ins| instructions.contains(ins)))
    }

    fn sick_answer(&mut self, command: &[u8]) -> Answer {
        self.turn += 1;
        let first = self.turn == 1;
        let bytes = match &self.sickness {
            Sickness::Silence => return Answer::Silence,
            Sickness::PulledOut => return Answer::PulledOut,
            Sickness::Statuses(words) => {
                let word = words
                    .get((self.turn - 1) % words.len().max(1))
                    .unwrap_or(&0x6F00);
                word.to_be_bytes().to_vec()
            }
            Sickness::EndlessData(start) => {
                let mut data = if first { start.clone() } else { Vec::new() };
                data.resize(256, 0x5A);
                with_status(data, 0x61FF)
            }
            Sickness::EndlessNothing => with_status(Vec::new(), 0x61FF),
            Sickness::EndlessWrongLe => {
                let [low, ..] = self.turn.to_le_bytes();
                vec![0x6C, low]
            }
            Sickness::DeepTlv(depth) => with_status(deep(*depth), 0x9000),
            Sickness::OversizedTlv(length) => {
                let mut data = vec![0x53, 0x08, 0x70, 0x84];
                data.extend(length.to_be_bytes());
                data.extend([1, 2, 3]);
                with_status(data, 0x9000)
            }
            Sickness::IndefiniteLength => with_status(
                [0x7F, 0x21, 0x80]
                    .into_iter()
                    .chain([0x30, 0x80].repeat(60))
                    .collect(),
                0x9000,
            ),
            Sickness::LengthTooLong => self.other_length(command, 1),
            Sickness::LengthTooShort => self.other_length(command, -1),
            Sickness::Truncated(count) => {
                let mut answer = self.card.transmit(command);
                answer.truncate(*count);
                answer
            }
            Sickness::Overlong(count) => {
                let mut answer = self.card.transmit(command);
                let at = answer.len().saturating_sub(2);
                answer.splice(at..at, std::iter::repeat_n(0xA5, *count));
                answer
            }
            Sickness::Noise(count) => noise(*count, self.turn),
            Sickness::Empty => with_status(Vec::new(), 0x9000),
        };
        Answer::Bytes(bytes)
    }

    fn other_length(&mut self, command: &[u8], by: i8) -> Vec<u8> {
        let mut answer = self.card.transmit(command);
        let tag = match answer.first() {
            Some(first) if first & 0x1F == 0x1F => 2,
            _ => 1,
        };
        let at = match answer.get(tag) {
            Some(0x81) => tag + 1,
            Some(0x82) => tag + 2,
            _ => tag,
        };
        if answer.len() > at + 2 {
            answer[at] = answer[at].wrapping_add_signed(by);
        }
        answer
    }
}

impl<C: VirtualCard> VirtualCard for Hostile<C> {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power(&mut self, power: Power) {
        self.struck = false;
        self.turn = 0;
        self.card.power(power);
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        match self.answer(command) {
            Answer::Bytes(answer) => answer,
            Answer::Silence | Answer::PulledOut => Vec::new(),
        }
    }

    fn answer(&mut self, command: &[u8]) -> Answer {
        let get_response = command.get(1) == Some(&0xC0);
        if !get_response {
            let strikes = (self.strikes)(command);
            if strikes && !self.struck {
                self.turn = 0;
            }
            self.struck = strikes;
        }
        if self.struck {
            self.sick_answer(command)
        } else {
            self.card.answer(command)
        }
    }
}

/// A card of which the reader understands nothing, as when it lies upside down. pcscd reports it
/// as mute (SCARD_STATE_MUTE).
#[derive(Clone, Debug)]
pub struct Mute {
    /// What it answers to reset: bytes that are no ATR. (vpcd takes no bytes at all for no card.)
    pub atr: Vec<u8>,
}

impl Default for Mute {
    fn default() -> Self {
        // More than the 33 bytes of ISO/IEC 7816-3 §8.2, which is the one fault that vpcd minds.
        Self {
            atr: vec![0xFF; 40],
        }
    }
}

impl VirtualCard for Mute {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }
    fn power(&mut self, _: Power) {}
    fn transmit(&mut self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

/// A card that nobody knows: a sound answer to reset, and 6D00 to all commands.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Its answer to reset.
    pub atr: Vec<u8>,
}

impl Default for Unknown {
    fn default() -> Self {
        // T=1, historical bytes "nobody".
        Self {
            atr: vec![0x3B, 0x86, 0x01, 0x6E, 0x6F, 0x62, 0x6F, 0x64, 0x79, 0x96],
        }
    }
}

impl VirtualCard for Unknown {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }
    fn power(&mut self, _: Power) {}
    fn transmit(&mut self, _: &[u8]) -> Vec<u8> {
        vec![0x6D, 0x00]
    }
}

fn with_status(mut data: Vec<u8>, status: u16) -> Vec<u8> {
    data.extend(status.to_be_bytes());
    data
}

/// Constructed objects (tag 30) one in the other, the innermost empty; each length is right.
fn deep(depth: usize) -> Vec<u8> {
    let mut data: Vec<u8> = Vec::new();
    for _ in 0..depth {
        let mut outer = vec![0x30];
        match u8::try_from(data.len()) {
            Ok(length) if length < 0x80 => outer.push(length),
            Ok(length) => outer.extend([0x81, length]),
            Err(_) => {
                outer.push(0x82);
                outer.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
            }
        }
        outer.append(&mut data);
        data = outer;
    }
    data
}

/// Bytes of a multiplicative generator: the same in each run.
fn noise(count: usize, seed: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9).wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_be_bytes()[0]
        })
        .collect()
}
