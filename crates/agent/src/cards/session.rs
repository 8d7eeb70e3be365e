//! What a job may do with the card: hold it for one transaction.

use std::{sync::Arc, time::Instant};

use lichna_ipc::Failure;
use lichna_reader::{ApduObserver, Connection, Leave, Transaction};

use super::{
    failure::{self, CardFault},
    meter::{Meter, Tally},
};

/// A reader's connection, on the reader's own thread.
pub struct CardSession {
    reader: String,
    meter: Arc<Meter>,
    connection: Option<Connection>,
}

impl CardSession {
    /// For the card in `reader`; connects when it is first needed.
    pub fn new(reader: &str, meter: Arc<Meter>) -> Self {
        Self {
            reader: reader.to_owned(),
            meter,
            connection: None,
        }
    }

    /// Runs `task` on the card, undisturbed by other programs, and leaves the card as `leave`
    /// says. Its commands count for `tally`.
    ///
    /// # Errors
    /// Why the card could not be reached, or what went wrong with it.
    pub fn transaction<T>(
        &mut self,
        deadline: Instant,
        leave: Leave,
        tally: &Tally,
        task: impl FnOnce(&mut Transaction<'_>) -> Result<T, CardFault>,
    ) -> Result<T, Failure> {
        self.meter.count_for(Some(tally));
        let done = self.in_transaction(deadline, leave, task);
        self.meter.count_for(None);
        if done.is_err() {
            // What is left of the connection may be of no use; a new one costs little.
            self.disconnect();
        }
        done
    }

    fn in_transaction<T>(
        &mut self,
        deadline: Instant,
        leave: Leave,
        task: impl FnOnce(&mut Transaction<'_>) -> Result<T, CardFault>,
    ) -> Result<T, Failure> {
        let reader = self.reader.clone();
        let told = |error| failure::from_reader(&reader, error);
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let mut connection = Connection::open(&reader, deadline).map_err(told)?;
                let observer: Arc<dyn ApduObserver> = self.meter.clone();
                connection.observe(observer);
                connection
            }
        };
        let connection = self.connection.insert(connection);
        let mut transaction = connection.transaction(deadline).map_err(told)?;
        let done = task(&mut transaction).map_err(|fault| failure::from_card(&reader, fault));
        match (done, transaction.finish(leave)) {
            // A card that cannot be reset any more is out of its reader, which is reset enough.
            (Ok(done), _) => Ok(done),
            (Err(failure), _) => Err(failure),
        }
    }

    /// Lets go of the card.
    pub fn disconnect(&mut self) {
        self.connection = None;
    }
}
