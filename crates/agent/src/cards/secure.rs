//! The secure channel of a task: PACE, and the keys it came to. Req 15.2, 15.3.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use getrandom::SysRng;
use lichna_apdu::Channel;
use lichna_card::{CardAccess, Fault, Password, SecureChannel, SecureMessaging, open_channel};
use lichna_secret::Can;

use super::{failure::CardFault, link::Exclusive};

/// What opens a card that wants a secure channel.
///
/// The number is printed on the card, and stays in its locked page while the card is in its
/// reader: whoever could read it there could as well read the card.
#[derive(Clone)]
pub struct Guard {
    /// What the card says of itself before the channel.
    pub access: Arc<CardAccess>,
    /// The card access number.
    pub can: Arc<Mutex<Can>>,
    /// Set while a channel stands.
    pub stands: Arc<AtomicBool>,
}

/// A channel that stands.
pub struct Secure {
    messaging: SecureMessaging,
    /// The application is selected inside it.
    selected: bool,
    stands: Stands,
}

/// Says that a channel stands, as long as it lives.
struct Stands(Arc<AtomicBool>);

impl Secure {
    /// Opens one: MSE and four GENERAL AUTHENTICATE.
    ///
    /// # Errors
    /// That the number was wrong, or what else the card said.
    pub fn open(channel: &mut Exclusive<'_>, guard: &Guard) -> Result<Self, CardFault> {
        let can = guard.can.lock().unwrap_or_else(PoisonError::into_inner);
        let password = Password::Can(&can);
        let messaging = open_channel(channel, &guard.access, password, &mut SysRng)?;
        guard.stands.store(true, Ordering::Release);
        Ok(Self {
            messaging,
            selected: false,
            stands: Stands(Arc::clone(&guard.stands)),
        })
    }

    /// The keys alone.
    pub fn into_messaging(self) -> SecureMessaging {
        drop(self.stands);
        self.messaging
    }

    /// Whether it ended because the card no longer knew of it: another program spoke to the card in
    /// between.
    pub fn was_interrupted(&self) -> bool {
        matches!(self.messaging.fault(), Some(Fault::NotProtected { .. }))
    }

    /// The channel, over the one to the card; and whether the application is selected in it.
    pub fn over<'a>(
        &'a mut self,
        channel: &'a mut dyn Channel,
    ) -> (SecureChannel<'a>, &'a mut bool) {
        (self.messaging.over(channel), &mut self.selected)
    }
}

impl Drop for Stands {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
