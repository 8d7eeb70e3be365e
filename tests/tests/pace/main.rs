//! PACE, secure messaging and Chip Authentication against OpenPACE, in both directions: someone
//! else's reading of the standards.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

mod our_chip;
mod our_terminal;
mod practice_card;
mod their_terminal;

use lichna_apdu::{Channel, ChannelError, Interface};
use lichna_pace::{Cipher, Curve, PasswordKind};
use lichna_tests::openpace::{CAN, PIN, PUK};
use zeroize::Zeroizing;

/// Every curve with every cipher.
pub fn each(mut with: impl FnMut(Curve, Cipher)) {
    for curve in Curve::ALL {
        for cipher in Cipher::ALL {
            with(curve, cipher);
        }
    }
}

/// Every password, as both sides know it.
pub const PASSWORDS: [(PasswordKind, &str); 3] = [
    (PasswordKind::Can, CAN),
    (PasswordKind::Pin, PIN),
    (PasswordKind::Puk, PUK),
];

/// Lengths of data around the blocks of the cipher and the steps of the length fields, up to what
/// an extended command carries once it is protected.
pub const LENGTHS: [usize; 12] = [1, 15, 16, 17, 111, 112, 223, 224, 255, 256, 1000, 65_487];

/// A command that is answered with its data, of any length.
pub fn echo(instruction: u8, length: usize) -> (Vec<u8>, Vec<u8>) {
    let data: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
    let mut command = vec![0x00, instruction, 0x00, 0x00, 0x00];
    command.extend(u16::try_from(length).unwrap().to_be_bytes());
    command.extend(&data);
    command.extend([0, 0]);
    (command, data)
}

/// A channel on which one byte of one message is changed.
pub struct Tampering<'a> {
    /// The way to the card.
    pub inner: &'a mut dyn Channel,
    /// In the answers, else in the commands.
    pub answers: bool,
    /// Which byte.
    pub byte: usize,
}

impl Channel for Tampering<'_> {
    fn interface(&self) -> Interface {
        self.inner.interface()
    }

    fn longest_command(&self) -> usize {
        self.inner.longest_command()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let mut command = command.to_vec();
        if !self.answers {
            command[self.byte] ^= 0x01;
        }
        let mut answer = self.inner.transmit(&command)?;
        if self.answers {
            answer[self.byte] ^= 0x01;
        }
        Ok(answer)
    }
}
