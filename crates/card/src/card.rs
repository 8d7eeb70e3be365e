//! A card whose profile is known: what it was convinced of is its type. Req C.2, C.3.

mod contents;
mod pins;
mod signatures;

use core::fmt;
use std::sync::Arc;

use lichna_apdu::{Channel, Framing, Status};
use lichna_secret::Pin;

use crate::{
    AdminKey, CardError, Challenge, KeyRef, LastTry, Personalising, PinRef, PinState, PinStatus,
    Profile, dialect,
    pin::guard,
    profile::PinRules,
    profiles,
    session::{self, Session},
};

/// A card whose application is selected, on a channel that is ours until it is dropped.
///
/// `S` says what the card was convinced of: [`Selected`] (nothing), [`Verified`] (the holder's
/// PIN), [`Personalising`] (the administrator). The card itself forgets when the reader resets it
/// at the end of the transaction, or by [`Card::reset_security`].
///
/// ```
/// # use lichna_card::{Card, CardError, KeyAlgorithm, KeyRef, LastTry, PinStatus, Profile, Salt, SignatureScheme};
/// # use std::sync::Arc;
/// /// A login: three commands.
/// fn sign(
///     channel: &mut dyn lichna_apdu::Channel,
///     profile: Arc<Profile>,
///     (pin, known): (&lichna_secret::Pin, &PinStatus),
///     (key, message, salt): (KeyRef, &[u8], &Salt),
/// ) -> Result<Vec<u8>, CardError> {
///     let mut card = Card::select(channel, profile)?;
///     let mut card = card.verify(known.pin, pin, LastTry::Refuse, Some(known))?;
///     let scheme = SignatureScheme::EcdsaSecp256r1Sha256;
///     card.sign(key, KeyAlgorithm::EcP256, scheme, message, salt)
/// }
/// ```
///
/// A card that has seen no PIN has no way to sign:
///
/// ```compile_fail,E0599
/// # use lichna_card::{Card, KeyAlgorithm, KeyRef, Salt, Selected, SignatureScheme};
/// fn sign(card: &mut Card<'_, Selected>, key: KeyRef, salt: &Salt) {
///     let scheme = SignatureScheme::EcdsaSecp256r1Sha256;
///     let _ = card.sign(key, KeyAlgorithm::EcP256, scheme, b"message", salt);
/// }
/// ```
pub struct Card<'c, S> {
    channel: &'c mut dyn Channel,
    profile: Arc<Profile>,
    framing: Framing,
    state: S,
}

/// The application is selected, and nothing more.
#[derive(Debug)]
pub struct Selected(());

/// The card has accepted this PIN.
#[derive(Debug)]
pub struct Verified {
    pin: PinRef,
}

/// What the administrator proves himself with.
#[non_exhaustive]
pub enum Administrator<'a> {
    /// The card management key of a PIV card.
    Key {
        /// The key.
        key: &'a AdminKey,
        /// Fresh random bytes that the card has to encrypt.
        challenge: [u8; 16],
    },
    /// The answer to the card's [challenge](Card::challenge), given by whoever has the card's key.
    Answer {
        /// What the card asked.
        challenge: &'a Challenge,
        /// The answer, 1 to 255 bytes.
        answer: &'a [u8],
    },
    /// A PIN of his own, PW3 of an OpenPGP card.
    Pin {
        /// The PIN.
        pin: &'a Pin,
        /// Whether its last try may be spent.
        policy: LastTry,
    },
}

impl<S> Card<'_, S> {
    /// What is known of this kind of card.
    #[must_use]
    pub const fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    pub(crate) fn session(&mut self) -> Session<'_> {
        Session {
            channel: &mut *self.channel,
            profile: &self.profile,
            framing: &mut self.framing,
        }
    }

    fn with<T>(&mut self, state: T) -> Card<'_, T> {
        Card {
            channel: &mut *self.channel,
            profile: Arc::clone(&self.profile),
            framing: self.framing,
            state,
        }
    }
}

impl<'c> Card<'c, Selected> {
    /// Selects the application of `profile`: one command.
    ///
    /// # Errors
    /// [`CardError::ApplicationMissing`] when it is not on the card; [`CardError::ChannelNeeded`]
    /// when a secure channel has to stand first.
    pub fn select(channel: &'c mut dyn Channel, profile: Arc<Profile>) -> Result<Self, CardError> {
        if !channel.is_protected() && profile.needs_pace(channel.interface()) {
            return Err(CardError::ChannelNeeded);
        }
        let mut answer = Status::FileNotFound;
        for aid in profile.recognition().aids() {
            answer = profiles::select(channel, aid)?.status();
            match answer {
                Status::Success | Status::Warning(_) => {
                    return Ok(Self::already_selected(channel, profile));
                }
                Status::Terminated => return Err(CardError::ApplicationTerminated),
                _ => {}
            }
        }
        Err(CardError::ApplicationMissing { status: answer })
    }

    /// The application is selected already: [`Profiles::recognise`](crate::Profiles::recognise)
    /// has just done so, on this channel and with nothing in between.
    #[must_use]
    pub fn already_selected(channel: &'c mut dyn Channel, profile: Arc<Profile>) -> Self {
        Self {
            channel,
            framing: profile.framing(),
            profile,
            state: Selected(()),
        }
    }

    /// Asks for the state of a PIN without spending a try: at most one command.
    ///
    /// # Errors
    /// [`CardError`] when the card gives no answer. A card that does not say is not an error:
    /// [`PinState::Unknown`].
    pub fn pin_status(&mut self, pin: PinRef) -> Result<PinStatus, CardError> {
        let rules = self.rules(pin)?;
        Ok(PinStatus {
            pin,
            state: self.ask(&rules)?,
            tries_total: rules.tries(),
        })
    }

    /// Reads the certificate of a key, in DER; `None` when the card has none.
    ///
    /// One command where the card and the reader carry it (`iso7816`: one more to select the
    /// file), else one more for each 256 bytes. It is as long as the card says, at most 64 KiB.
    ///
    /// # Errors
    /// [`CardError`]; [`CardError::Malformed`] when it is not a certificate.
    pub fn read_certificate(&mut self, key: KeyRef) -> Result<Option<Vec<u8>>, CardError> {
        let mut session = self.session();
        let place = session::certificate(session.profile, key)?;
        dialect::of(session.profile.dialect()).read_certificate(&mut session, place)
    }

    /// Reads what changes whenever the certificate of `key` does; `None` when the profile names
    /// no such thing or the card has none. Only then may a certificate be kept over insertions.
    ///
    /// # Errors
    /// [`CardError`] when the card gives no answer.
    pub fn read_change_counter(&mut self, key: KeyRef) -> Result<Option<Vec<u8>>, CardError> {
        let mut session = self.session();
        let place = session::certificate(session.profile, key)?;
        match place.change_counter() {
            Some(tag) => dialect::of(session.profile.dialect()).read_object(&mut session, tag),
            None => Ok(None),
        }
    }

    /// Gives the card a PIN: one command.
    ///
    /// `known` is what [`pin_status`](Self::pin_status) said, asked while the holder read the
    /// prompt; without it, it is asked now, with a command more. Nothing is sent when the PIN
    /// cannot be one of this card, when it cannot succeed, or when it might be the last try and
    /// `policy` refuses that.
    ///
    /// # Errors
    /// [`CardError::WrongPin`], [`CardError::PinBlocked`], [`CardError::LastTryRefused`],
    /// [`CardError::PinFormat`] and others. The card stays selected.
    pub fn verify(
        &mut self,
        reference: PinRef,
        pin: &Pin,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<Card<'_, Verified>, CardError> {
        let rules = self.guarded(reference, policy, known)?;
        dialect::verify(&mut self.session(), &rules, pin)?;
        Ok(self.with(Verified { pin: reference }))
    }

    /// As [`verify`](Self::verify), with the PIN typed on the reader's keypad. Req 27.3.3.
    ///
    /// # Errors
    /// As [`verify`](Self::verify), and [`CardError::Pinpad`], [`CardError::NoPinpad`].
    pub fn verify_on_pinpad(
        &mut self,
        reference: PinRef,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<Card<'_, Verified>, CardError> {
        let rules = self.guarded(reference, policy, known)?;
        dialect::verify_on_pinpad(&mut self.session(), &rules)?;
        Ok(self.with(Verified { pin: reference }))
    }

    /// What the administrator has to answer, where whoever has the card's key is elsewhere: it is
    /// asked over the network, and its answer given back with [`Administrator::Answer`]. The card
    /// must not be reset, nor its channel end, in between. Req 14.1.5.
    ///
    /// One command; to a PIV card one for each kind of key that its management key is not.
    ///
    /// # Errors
    /// [`CardError::NotInProfile`] for a card whose administrator is here.
    pub fn challenge(&mut self) -> Result<Challenge, CardError> {
        let mut session = self.session();
        dialect::of(session.profile.dialect()).challenge(&mut session)
    }

    /// Proves the administrator to the card, which may then be personalised. Req C.5.
    ///
    /// # Errors
    /// [`CardError::AdministratorRefused`], [`CardError::CardNotGenuine`] and others.
    pub fn authenticate_administrator(
        &mut self,
        administrator: &Administrator<'_>,
    ) -> Result<Card<'_, Personalising>, CardError> {
        let mut session = self.session();
        dialect::of(session.profile.dialect())
            .authenticate_administrator(&mut session, administrator)?;
        Ok(self.with(Personalising(())))
    }

    /// The secure channel was opened with this PIN, so the card has accepted it already: no
    /// command. When that is not so the card says so at the first signature.
    ///
    /// # Errors
    /// [`CardError::ChannelNeeded`] without a channel.
    pub fn verified_by_channel(&mut self, pin: PinRef) -> Result<Card<'_, Verified>, CardError> {
        self.rules(pin)?;
        if !self.channel.is_protected() {
            return Err(CardError::ChannelNeeded);
        }
        Ok(self.with(Verified { pin }))
    }

    fn rules(&self, pin: PinRef) -> Result<PinRules, CardError> {
        self.profile
            .pin(pin)
            .cloned()
            .ok_or(CardError::NotInProfile { what: "PIN" })
    }

    fn ask(&mut self, rules: &PinRules) -> Result<PinState, CardError> {
        let mut session = self.session();
        dialect::of(session.profile.dialect()).pin_state(&mut session, rules)
    }

    /// The rules of a PIN, when a try may be spent on it.
    fn guarded(
        &mut self,
        reference: PinRef,
        policy: LastTry,
        known: Option<&PinStatus>,
    ) -> Result<PinRules, CardError> {
        let rules = self.rules(reference)?;
        let state = match known.filter(|status| status.pin == reference) {
            Some(status) => status.state,
            None => self.ask(&rules)?,
        };
        guard(&rules, state, policy)?;
        Ok(rules)
    }
}

impl Card<'_, Verified> {
    /// Makes the card forget that the PIN was given.
    ///
    /// # Errors
    /// [`CardError`] when the card cannot: then it must be reset by the reader.
    pub fn reset_security(mut self) -> Result<(), CardError> {
        let pin = self.state.pin;
        let mut session = self.session();
        let rules = session.pin(pin)?.clone();
        dialect::forget(&mut session, &rules)
    }
}

impl<S: fmt::Debug> fmt::Debug for Card<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}", self.profile.name(), self.state)
    }
}
