//! A connection on which the agent says what tokens there are, whenever that changes.

use std::time::{Duration, Instant};

use super::{Client, ClientError, REST};
use crate::transport::{Connect, Stream};
use crate::{AgentMessage, CONNECTION, ClientMessage, Outcome, Request, Tokens, frame};

/// The tokens, as the agent tells of them. Nothing is read in the background: whoever wants to
/// know looks.
#[derive(Debug)]
pub struct TokenWatch {
    client: Client,
    request: u32,
}

impl TokenWatch {
    /// Begins to watch on a connection that serves nothing else from now on.
    ///
    /// # Errors
    /// [`ClientError::Gone`] when the agent is.
    pub fn begin(mut client: Client) -> Result<Self, ClientError> {
        let request = client.next;
        client.send(&ClientMessage::Request {
            id: request,
            request: Request::WatchTokens,
        })?;
        Ok(Self { client, request })
    }

    /// What the agent said last, if it said anything since the last look. Waits for nothing.
    ///
    /// # Errors
    /// [`ClientError`]: the agent is gone, or refuses. The watch is of no more use then.
    pub fn latest(&mut self) -> Result<Option<Tokens>, ClientError> {
        let mut latest = None;
        while self.client.stream.is_readable() {
            if let Some(tokens) = self.read()? {
                latest = Some(tokens);
            }
        }
        Ok(latest)
    }

    /// As [`TokenWatch::latest`], but waits for something to be said until `end`.
    ///
    /// # Errors
    /// As [`TokenWatch::latest`].
    pub fn next(&mut self, end: Instant) -> Result<Option<Tokens>, ClientError> {
        loop {
            if let Some(tokens) = self.latest()? {
                return Ok(Some(tokens));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.client.stream.is_readable_within(left) {
                return self.latest();
            }
        }
    }

    /// Has the holder asked for the CAN of the card in this reader, and does not wait: when it is
    /// given, the card's tokens are among those that are told of.
    ///
    /// # Errors
    /// [`ClientError::Gone`] when the agent is.
    pub fn unlock(&mut self, reader: &str) -> Result<(), ClientError> {
        self.client.next = self.client.next.wrapping_add(1).max(self.request + 1);
        self.client.send(&ClientMessage::Request {
            id: self.client.next,
            request: Request::TokenUnlock {
                reader: reader.to_owned(),
            },
        })
    }

    /// For another thread, which waits until there is something to look at, or ends the watch.
    ///
    /// # Errors
    /// When the system has no handle left.
    pub fn waiter(&self) -> Result<Waiter, ClientError> {
        self.client.waiter()
    }

    fn read(&mut self) -> Result<Option<Tokens>, ClientError> {
        self.client
            .stream
            .wait_reading(Some(REST))
            .map_err(|_| ClientError::Gone)?;
        match frame::read_agent_message(&mut self.client.stream)? {
            AgentMessage::Tokens { id, tokens } if id == self.request => Ok(Some(*tokens)),
            // The agent stops, or does not take the request.
            AgentMessage::Reply { id, outcome } if id == self.request || id == CONNECTION => {
                Err(match outcome {
                    Outcome::Done(_) => ClientError::Gone,
                    Outcome::Failed(failure) => ClientError::Refused(failure),
                })
            }
            _ => Ok(None),
        }
    }
}

/// Waits at a connection that another thread uses, and can end it.
#[derive(Debug)]
pub struct Waiter(Stream);

impl Waiter {
    pub(super) fn of(stream: &Stream) -> Result<Self, ClientError> {
        stream.duplicate().map(Self).map_err(|_| ClientError::Gone)
    }

    /// Waits until something came, or the connection ended; `false`: neither within `limit`.
    #[must_use]
    pub fn wait(&self, limit: Duration) -> bool {
        self.0.is_readable_within(limit)
    }

    /// Ends the connection for both sides. Whoever waits at it returns.
    pub fn hang_up(&self) {
        self.0.hang_up();
    }
}
