//! Where a token's key is used: one connection to the agent for one token, for one caller at a
//! time. What the holder granted hangs on this connection, so it is kept.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lichna_ipc::{
    Client, Consent, Decision, Dialogue, Ended, GrantOffer, Home, Purpose, Reply, Request,
    SecretKind, Start, TypedSecret, Waiter,
};
use lichna_secret::Pin;

use crate::error::Error;
use crate::link;

/// How long the agent may take to take a connection.
const CONNECTING: Duration = Duration::from_secs(2);

/// The desk.
#[derive(Debug, Default)]
pub struct Desk {
    state: Mutex<State>,
    free: Condvar,
}

#[derive(Debug, Default)]
struct State {
    busy: bool,
    closed: bool,
    /// Whoever is at the desk leaves no connection behind: what was granted to it is over.
    forget: bool,
    /// Kept while nobody is at the desk.
    client: Option<Client>,
    /// Ends the connection of whoever is.
    hang_up: Option<Waiter>,
    login: Option<Login>,
}

/// A login of the classic kind.
#[derive(Clone, Copy, Debug)]
enum Login {
    /// Until the user logs out.
    Lasting,
    /// What the agent granted to the connection.
    Granted { until: Instant, signatures: u8 },
}

impl Desk {
    /// Asks the agent for something, and waits for its end, or until `end`.
    ///
    /// # Errors
    /// The agent's; [`Error::TimedOut`] where it gave no answer, or somebody else was at the desk
    /// for so long; [`Error::DeviceRemoved`] where the token or the agent is gone.
    pub fn call(
        &self,
        home: &Home,
        request: Request,
        dialogue: &mut dyn Dialogue,
        end: Instant,
    ) -> Result<Reply, Error> {
        let mut turn = self.turn(end)?;
        let mut client = match turn.client.take() {
            Some(client) => client,
            None => self.connect(home, end)?,
        };
        let left = end.saturating_duration_since(Instant::now());
        let reply = client.call_within(request, dialogue, left);
        if matches!(reply, Ok(_) | Err(lichna_ipc::ClientError::Silent)) {
            turn.client = Some(client);
        }
        Ok(reply??)
    }

    /// Waits until nobody else is at the desk.
    fn turn(&self, end: Instant) -> Result<Turn<'_>, Error> {
        let mut state = self.state();
        while state.busy && !state.closed {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::TimedOut);
            }
            let waited = self.free.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.closed {
            return Err(Error::DeviceRemoved);
        }
        state.busy = true;
        let client = state.client.take();
        Ok(Turn { desk: self, client })
    }

    fn connect(&self, home: &Home, end: Instant) -> Result<Client, Error> {
        let left = end.saturating_duration_since(Instant::now());
        // The one that told of this token runs; another would not know it.
        let client = Client::connect_within(
            home,
            &Start::Never,
            link::PROGRAM,
            link::VERSION,
            left.min(CONNECTING),
        )?;
        let hang_up = client.waiter()?;
        let mut state = self.state();
        if state.closed {
            return Err(Error::DeviceRemoved);
        }
        state.hang_up = Some(hang_up);
        Ok(client)
    }

    /// The token is gone, or the module ends: whoever waits here stops waiting.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.login = None;
        state.client = None;
        if let Some(hang_up) = state.hang_up.take() {
            hang_up.hang_up();
        }
        self.free.notify_all();
    }

    /// A login of the classic kind holds.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        match self.state().login {
            None => false,
            Some(Login::Lasting) => true,
            Some(Login::Granted { until, signatures }) => signatures > 0 && Instant::now() < until,
        }
    }

    /// The agent took the PIN, and granted this; `None`: nothing that could lapse.
    pub fn logged_in(&self, granted: Option<GrantOffer>, since: Instant) {
        self.state().login = Some(granted.map_or(Login::Lasting, |granted| Login::Granted {
            until: since + Duration::from_secs(granted.seconds.into()),
            signatures: granted.signatures,
        }));
    }

    /// A signature was made of those granted.
    pub fn signed(&self) {
        if let Some(Login::Granted { signatures, .. }) = &mut self.state().login {
            *signatures = signatures.saturating_sub(1);
        }
    }

    /// Nobody is logged in any more. The connection goes, and with it what was granted to it.
    pub fn log_out(&self) {
        let mut state = self.state();
        state.login = None;
        state.client = None;
        state.forget = state.busy;
        if !state.busy {
            state.hang_up = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody is at the desk.
struct Turn<'a> {
    desk: &'a Desk,
    /// What he leaves behind for the next.
    client: Option<Client>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.desk.state();
        state.busy = false;
        if !state.closed && !state.forget {
            state.client = self.client.take();
        }
        state.forget = false;
        if state.client.is_none() {
            state.hang_up = None;
        }
        self.desk.free.notify_one();
    }
}

/// Nobody to speak with: the holder is asked by the agent's own prompt.
pub struct Nobody;

impl Dialogue for Nobody {
    fn ask(&mut self, _consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        Decision::Cancelled
    }
}

/// Gives the PINs that the program was given, where it is asked for just these.
pub struct Given {
    pin: Option<Pin>,
    new_pin: Option<Pin>,
    /// It was asked for something else.
    was_of_no_use: bool,
    /// What the agent grants for them.
    pub granted: Option<GrantOffer>,
}

impl Given {
    /// A PIN, and the one that is to take its place.
    #[must_use]
    pub fn new(pin: Pin, new_pin: Option<Pin>) -> Self {
        Self {
            pin: Some(pin),
            new_pin,
            was_of_no_use: false,
            granted: None,
        }
    }

    /// What came of it: that it was asked for something else is not the holder's no.
    ///
    /// # Errors
    /// As `outcome`.
    pub fn outcome(&self, outcome: Result<Reply, Error>) -> Result<Reply, Error> {
        match outcome {
            Err(_) if self.was_of_no_use => Err(Error::FunctionCanceled),
            outcome => outcome,
        }
    }
}

impl Dialogue for Given {
    fn ask(&mut self, consent: &Consent, _ended: &mut Ended<'_>) -> Decision {
        let expected = match consent.purpose {
            Purpose::TokenLogin => self.new_pin.is_none(),
            Purpose::PinChange => self.new_pin.is_some(),
            _ => false,
        };
        let secrets = consent.secrets.iter().map(|field| {
            let pin = match field.kind {
                SecretKind::Pin => self.pin.take(),
                SecretKind::NewPin => self.new_pin.take(),
                _ => None,
            };
            pin.map(TypedSecret::Pin)
        });
        match secrets.collect::<Option<Vec<_>>>() {
            Some(secrets) if expected && !secrets.is_empty() => {
                self.granted = consent.grant;
                Decision::Typed {
                    secrets,
                    choices: lichna_ipc::Choices::default(),
                }
            }
            _ => {
                self.was_of_no_use = true;
                Decision::Cancelled
            }
        }
    }
}
