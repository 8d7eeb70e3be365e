//! What may be known of an exchange with a card: never its bytes.

use std::time::Duration;

use lichna_apdu::ChannelError;

/// One command and its answer, without their bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApduExchange<'a> {
    /// The reader.
    pub reader: &'a str,
    /// INS.
    pub instruction: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// Bytes of the whole command; 0 when the PIN was typed at the reader, which sent it.
    pub command_length: usize,
    /// Bytes of the answer, status word included.
    pub response_length: usize,
    /// SW1 SW2, when an answer came that has one.
    pub status: Option<u16>,
    /// Why no answer came.
    pub error: Option<&'a ChannelError>,
    /// The PIN was typed at the reader's keypad.
    pub pinpad: bool,
    /// From the command's departure to the answer's arrival.
    pub duration: Duration,
}

/// Is told of each exchange.
pub trait ApduObserver: Send + Sync {
    /// An exchange is over. Called on the thread that spoke to the card: be quick.
    fn exchanged(&self, exchange: &ApduExchange<'_>);
}
