//! A channel to a card whose profile is known.

use core::fmt;

use lichna_apdu::{
    Channel, Command, Framing, Instruction, LONGEST_SHORT, Response, Status, exchange,
};

use crate::{CardError, Clear, KeyRef, PinRef, Profile, profile::PinRules};

/// Who is spoken to, and over what.
pub struct Session<'a> {
    pub channel: &'a mut dyn Channel,
    pub profile: &'a Profile,
    /// Which commands the card takes, as far as it is known: it may take back what the profile
    /// says.
    pub framing: &'a mut Framing,
}

impl Session<'_> {
    /// Sends a command and returns its whole answer, whatever its status.
    ///
    /// A profile speaks for many products, and not each of them takes extended commands: one
    /// that says 6700 to the first is spoken to with short ones from then on.
    ///
    /// Nothing is sent in the clear where the card needs a secure channel. Req 15.2.
    pub fn send(&mut self, command: &Command) -> Result<Response, CardError> {
        self.may_speak()?;
        let response = exchange(self.channel, command, *self.framing)?;
        let was_extended = *self.framing == Framing::Extended
            && self.channel.longest_command() > LONGEST_SHORT
            && needs_extended(command);
        if was_extended && response.status() == Status::WrongLength {
            *self.framing = Framing::Short;
            return Ok(exchange(self.channel, command, Framing::Short)?);
        }
        Ok(response)
    }

    /// Sends a command that must succeed.
    pub fn demand(&mut self, command: &Command) -> Result<Response, CardError> {
        let response = self.send(command)?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refused(command.header().0, &response))
    }

    /// The rules of a PIN.
    pub fn pin(&self, pin: PinRef) -> Result<&PinRules, CardError> {
        self.profile
            .pin(pin)
            .ok_or(CardError::NotInProfile { what: "PIN" })
    }

    fn may_speak(&self) -> Result<(), CardError> {
        if !self.channel.is_protected() && self.profile.needs_pace(self.channel.interface()) {
            return Err(CardError::ChannelNeeded);
        }
        Ok(())
    }

    /// Stops before a PIN is sent in the clear where the profile does not allow it. Req 15.2.
    pub fn may_send_pin(&self) -> Result<(), CardError> {
        if self.channel.is_protected() {
            return Ok(());
        }
        match self.profile.pace().on(self.channel.interface()) {
            Clear::Allowed => Ok(()),
            Clear::NeedsPace => Err(CardError::ChannelNeeded),
            Clear::Refused => Err(CardError::ClearPinOverRadio),
        }
    }

    /// Which commands pass: what the card takes, where the channel carries it too.
    pub fn longest_framing(&self) -> Framing {
        if self.channel.longest_command() > LONGEST_SHORT {
            *self.framing
        } else {
            Framing::Short
        }
    }

    /// Most data that one command carries.
    pub fn longest_data(&self) -> usize {
        let longest = self.channel.longest_command();
        match self.longest_framing() {
            // Header, Lc and Le stand around the data.
            Framing::Short => longest.min(LONGEST_SHORT).saturating_sub(6).clamp(1, 255),
            Framing::Extended => longest.saturating_sub(9).clamp(1, 65_535),
        }
    }
}

/// Whether a command goes out extended where it can: long data, or an answer of unknown length.
/// No command with a PIN does.
fn needs_extended(command: &Command) -> bool {
    command.data_length() > 255 || command.expected().is_some_and(|le| le == 0 || le > 256)
}

/// The error for a command that was refused with a status of no special meaning.
pub fn refused(command: Instruction, response: &Response) -> CardError {
    CardError::CardRefused {
        command,
        status: response.status(),
    }
}

/// The key is in the profile; the card may still lack it.
pub fn key(profile: &Profile, key: KeyRef) -> Result<&crate::Key, CardError> {
    profile
        .key(key)
        .ok_or(CardError::NotInProfile { what: "key" })
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session with {}", self.profile.name())
    }
}

/// Where the certificate of a key is.
pub fn certificate(profile: &Profile, key: KeyRef) -> Result<&crate::Certificate, CardError> {
    profile.certificate(key).ok_or(CardError::NotInProfile {
        what: "certificate",
    })
}
