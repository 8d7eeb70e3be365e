//! From a command to its whole answer: chaining, GET RESPONSE, the repeat with the right Le.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    Channel, ChannelError, Command, CommandError, Instruction, LONGEST_EXTENDED, LONGEST_SHORT,
    Response, Status,
};

/// Longest answer that is put together: more than a command with an extended Le can ask for is
/// a card gone wrong.
const LONGEST_ANSWER: usize = 65_536;
/// Most GET RESPONSE commands for one answer: [`LONGEST_ANSWER`] in pieces of 256, and one more.
const MOST_PIECES: usize = LONGEST_ANSWER / 256 + 1;

/// Which commands a card takes. A profile says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Short commands only; long data is chained.
    Short,
    /// Extended commands, where the channel carries them too.
    Extended,
}

/// Why an exchange failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// No answer came.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The command cannot be sent.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// An answer of zero or one byte.
    #[error("the card answered {length} bytes, less than a status word")]
    AnswerTooShort {
        /// Bytes of the answer.
        length: usize,
    },
    /// The card kept announcing more data.
    #[error("the card announced more data without end")]
    EndlessAnswer,
    /// The card asked for another Le after it got the one it had asked for.
    #[error("the card keeps asking for another length")]
    EndlessLength,
    /// A link of a chain was refused.
    #[error("the card refused a part of a long command: {status}")]
    ChainRefused {
        /// What the card said.
        status: Status,
    },
}

/// Sends `command` and returns its whole answer.
///
/// A command that fits goes out as one; else as an extended command where `framing` and the
/// channel allow, else as a chain. 61xx is followed by GET RESPONSE, 6Cxx by one repeat.
///
/// # Errors
/// [`ExchangeError`]. A status word other than success is not an error here: it is the answer.
pub fn exchange(
    channel: &mut dyn Channel,
    command: &Command,
    framing: Framing,
) -> Result<Response, ExchangeError> {
    let longest = match framing {
        Framing::Short => LONGEST_SHORT,
        Framing::Extended => LONGEST_EXTENDED,
    }
    .min(channel.longest_command());
    let extended = if longest > LONGEST_SHORT && wants_extended(command) {
        let encoded = command.encode_extended()?;
        (encoded.len() <= longest).then_some(encoded)
    } else {
        None
    };
    let answer = match extended {
        Some(encoded) => {
            let answer = transmit(channel, &encoded)?;
            match answer.status() {
                Status::WrongLe(le) if command.expected().is_some() => {
                    repeat(channel, command, le)?
                }
                _ => answer,
            }
        }
        None => send_chain(channel, command)?,
    };
    collect(channel, answer)
}

/// A long command, or one whose answer may be longer than a short Le can say.
fn wants_extended(command: &Command) -> bool {
    command.data_length() > 255 || command.expected().is_some_and(|le| le == 0 || le > 256)
}

fn send_chain(channel: &mut dyn Channel, command: &Command) -> Result<Response, ExchangeError> {
    let chain = command.encode_chain(channel.longest_command())?;
    let mut links = chain.iter().peekable();
    while let Some(link) = links.next() {
        let answer = transmit(channel, link)?;
        if links.peek().is_none() {
            return match answer.status() {
                // Only where an answer was expected: a VERIFY would cost another try.
                Status::WrongLe(le) if chain.len() == 1 && command.expected().is_some() => {
                    repeat(channel, command, le)
                }
                _ => Ok(answer),
            };
        }
        if !answer.status().is_success() {
            return Err(ExchangeError::ChainRefused {
                status: answer.status(),
            });
        }
    }
    Err(ExchangeError::AnswerTooShort { length: 0 })
}

/// The same command with the Le that the card named (6Cxx).
fn repeat(channel: &mut dyn Channel, command: &Command, le: u8) -> Result<Response, ExchangeError> {
    let answer = transmit(channel, &command.encode_expecting(le)?)?;
    match answer.status() {
        Status::WrongLe(_) => Err(ExchangeError::EndlessLength),
        _ => Ok(answer),
    }
}

/// Fetches what the card still holds (61xx), within bounds.
fn collect(channel: &mut dyn Channel, first: Response) -> Result<Response, ExchangeError> {
    let Status::MoreData(mut more) = first.status() else {
        return Ok(first);
    };
    let mut whole = first.into_data();
    for _ in 0..MOST_PIECES {
        let get = Command::new(Instruction::GetResponse, 0, 0).expect(usize::from(more));
        let mut piece = transmit(channel, &get.encode_short()?)?;
        if let Status::WrongLe(le) = piece.status() {
            piece = repeat(channel, &get, le)?;
        }
        if whole.len().saturating_add(piece.data().len()) > LONGEST_ANSWER {
            return Err(ExchangeError::EndlessAnswer);
        }
        append(&mut whole, piece.data());
        match piece.status() {
            // A card that has nothing more to say but says that it has would go on for ever.
            Status::MoreData(_) if piece.data().is_empty() => break,
            Status::MoreData(next) => more = next,
            _ => return Ok(Response::new(whole, piece.word())),
        }
    }
    Err(ExchangeError::EndlessAnswer)
}

/// Appends without leaving an unwiped copy behind when the buffer has to grow.
fn append(whole: &mut Zeroizing<Vec<u8>>, piece: &[u8]) {
    if whole.capacity() - whole.len() < piece.len() {
        let mut grown = Zeroizing::new(Vec::with_capacity((whole.len() + piece.len()) * 2));
        grown.extend_from_slice(whole);
        *whole = grown;
    }
    whole.extend_from_slice(piece);
}

fn transmit(channel: &mut dyn Channel, command: &[u8]) -> Result<Response, ExchangeError> {
    let answer = channel.transmit(command)?;
    let length = answer.len();
    Response::parse(answer).ok_or(ExchangeError::AnswerTooShort { length })
}
