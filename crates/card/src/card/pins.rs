//! Changing, activating and unblocking PINs. Req C.4.

use lichna_secret::{Pin, Puk};

use super::{Card, Selected};
use crate::{
    CardError, LastTry, PinRef, PinState, PinStatus, dialect,
    pin::guard,
    profile::{PinRole, PinRules},
};

impl Card<'_, Selected> {
    /// Changes a PIN. A wrong old one costs a try, so the last one is guarded here too. Req C.4.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn change_pin(
        &mut self,
        reference: PinRef,
        old: &Pin,
        new: &Pin,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<(), CardError> {
        let rules = self.guarded(reference, policy, known)?;
        dialect::change(&mut self.session(), (&rules, old), (&rules, new))
    }

    /// As [`change_pin`](Self::change_pin), with the PINs typed on the reader's keypad.
    ///
    /// # Errors
    /// As [`verify_on_pinpad`](Self::verify_on_pinpad).
    pub fn change_pin_on_pinpad(
        &mut self,
        reference: PinRef,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<(), CardError> {
        let rules = self.guarded(reference, policy, known)?;
        dialect::change_on_pinpad(&mut self.session(), &rules)
    }

    /// Unblocks a PIN with what the profile says unblocks it, and sets a new one. `known` is the
    /// status of the PUK, where the card tells it. Req C.4.
    ///
    /// # Errors
    /// [`CardError::PukWrong`], [`CardError::PukBlocked`] and others.
    pub fn unblock(
        &mut self,
        reference: PinRef,
        puk: &Puk,
        new: &Pin,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<(), CardError> {
        let (rules, unblocking) = self.unblocking(reference, policy, known)?;
        dialect::unblock(&mut self.session(), &rules, &unblocking, puk, new)
    }

    /// As [`unblock`](Self::unblock), with the PUK and the PIN typed on the reader's keypad.
    ///
    /// # Errors
    /// As [`unblock`](Self::unblock), and [`CardError::Pinpad`], [`CardError::NoPinpad`].
    pub fn unblock_on_pinpad(
        &mut self,
        reference: PinRef,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<(), CardError> {
        let (rules, unblocking) = self.unblocking(reference, policy, known)?;
        dialect::unblock_on_pinpad(&mut self.session(), &rules, &unblocking)
    }

    /// Sets the holder's first PIN, with the transport PIN that came with the card. Req 15.1.
    ///
    /// Cards do not tell the tries of a transport PIN before it was wrong, so `known` is what that
    /// wrong one said, where there was one: else the try is spent.
    ///
    /// # Errors
    /// [`CardError::NotInProfile`] when such cards have none, [`CardError::WrongPin`],
    /// [`CardError::PinBlocked`], [`CardError::PinSuspended`], [`CardError::LastTryRefused`] and
    /// others.
    pub fn activate_pin(
        &mut self,
        reference: PinRef,
        transport: &Pin,
        new: &Pin,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<(), CardError> {
        let rules = self.rules(reference)?;
        let old = rules.transport().ok_or(CardError::NotInProfile {
            what: "transport PIN",
        })?;
        match known.filter(|status| status.pin == reference) {
            None => {}
            // That it is not activated is what brings the holder here.
            Some(status) if status.state == PinState::NotActivated => {}
            Some(status) => guard(&old, status.state, policy)?,
        }
        dialect::change(&mut self.session(), (&old, transport), (&rules, new))
    }

    /// The rules of a PIN and of what unblocks it, when a try of that may be spent.
    fn unblocking(
        &mut self,
        reference: PinRef,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<(PinRules, PinRules), CardError> {
        let rules = self.rules(reference)?;
        let unblocking = rules
            .unblocked_by()
            .ok_or(CardError::NotInProfile { what: "PUK" })?;
        let unblocking = self.guarded(unblocking, policy, known)?;
        if unblocking.role() != PinRole::Unblocking {
            return Err(CardError::NotInProfile { what: "PUK" });
        }
        Ok((rules, unblocking))
    }
}
