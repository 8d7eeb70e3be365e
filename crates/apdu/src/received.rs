//! Commands as they arrive: on a card, and in secure messaging, which takes them apart again.

use core::fmt;

use thiserror::Error;

use crate::command::CHAINING;

/// One command APDU taken apart, ISO/IEC 7816-4 §5.3 (2020): all four cases, short and extended.
#[derive(Clone, Copy)]
pub struct ReceivedCommand<'a> {
    /// CLA.
    pub class: u8,
    /// INS. Not an [`Instruction`](crate::Instruction): a card may be sent anything.
    pub instruction: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// The data field.
    pub data: &'a [u8],
    /// Most bytes of answer that are expected: 1 to 65536; `None`: no answer.
    pub expected: Option<usize>,
    /// Lc and Le are of the extended form.
    pub extended: bool,
}

/// Bytes that are no command: a length that does not fit what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{length} bytes are not a command")]
pub struct NotACommand {
    /// How many bytes there were.
    pub length: usize,
}

impl<'a> ReceivedCommand<'a> {
    /// Takes a command apart.
    ///
    /// # Errors
    /// [`NotACommand`], to which a card answers 6700.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotACommand> {
        let not_a_command = NotACommand {
            length: bytes.len(),
        };
        let ([class, instruction, p1, p2], body) =
            bytes.split_first_chunk::<4>().ok_or(not_a_command)?;
        let (data, expected, extended) = body_of(body).ok_or(not_a_command)?;
        Ok(Self {
            class: *class,
            instruction: *instruction,
            p1: *p1,
            p2: *p2,
            data,
            expected,
            extended,
        })
    }

    /// The four bytes of the header.
    #[must_use]
    pub const fn header(&self) -> [u8; 4] {
        [self.class, self.instruction, self.p1, self.p2]
    }

    /// Whether the next command goes on with this one (bit b5 of CLA).
    #[must_use]
    pub const fn is_linked(&self) -> bool {
        self.class & CHAINING != 0
    }
}

/// Data, Le, and whether they are extended.
fn body_of(body: &[u8]) -> Option<(&[u8], Option<usize>, bool)> {
    match body {
        [] => Some((&[], None, false)),
        [le] => Some((&[], Some(short_le(*le)), false)),
        [0, high, low] => Some((&[], Some(extended_le(*high, *low)), true)),
        [0, high, low, rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let (data, le) = rest.split_at_checked(length).filter(|_| length > 0)?;
            match le {
                [] => Some((data, None, true)),
                [high, low] => Some((data, Some(extended_le(*high, *low)), true)),
                _ => None,
            }
        }
        [length, rest @ ..] => {
            let length = usize::from(*length);
            let (data, le) = rest.split_at_checked(length).filter(|_| length > 0)?;
            match le {
                [] => Some((data, None, false)),
                [le] => Some((data, Some(short_le(*le)), false)),
                _ => None,
            }
        }
    }
}

fn short_le(le: u8) -> usize {
    match le {
        0 => 256,
        le => usize::from(le),
    }
}

fn extended_le(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

/// Shows the header and lengths only: the data may hold a PIN.
impl fmt::Debug for ReceivedCommand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [class, instruction, p1, p2] = self.header();
        write!(
            f,
            "{class:02X} {instruction:02X} {p1:02X}{p2:02X}, {} bytes, Le {:?}",
            self.data.len(),
            self.expected
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Command, Instruction};

    proptest! {
        #[test]
        fn takes_apart_what_a_command_encodes(
            data in proptest::collection::vec(any::<u8>(), 0..700),
            expected in proptest::option::of(0_usize..65_536),
            p1: u8,
            p2: u8,
        ) {
            let mut command = Command::new(Instruction::Select, p1, p2).data(&data);
            if let Some(expected) = expected {
                command = command.expect(expected);
            }
            let le = |all| expected.map(|le| if le == 0 { all } else { le });
            let extended = command.encode_extended().unwrap();
            let parsed = ReceivedCommand::parse(&extended).unwrap();
            prop_assert_eq!(parsed.header(), [0, 0xA4, p1, p2]);
            prop_assert_eq!(parsed.data, data.as_slice());
            prop_assert_eq!(parsed.expected, le(65_536));
            if let Ok(short) = command.encode_short() {
                let parsed = ReceivedCommand::parse(&short).unwrap();
                prop_assert_eq!(parsed.data, data.as_slice());
                prop_assert_eq!(parsed.expected, le(256));
                prop_assert!(!parsed.extended);
            }
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = ReceivedCommand::parse(&bytes);
        }
    }

    #[test]
    fn refuses_a_length_that_does_not_fit() {
        for bytes in [
            &[0, 0xA4, 4][..],
            &[0, 0xA4, 4, 0, 2, 1],
            &[0, 0xA4, 4, 0, 1, 1, 1, 1],
            &[0, 0xA4, 4, 0, 0, 0],
            &[0, 0xA4, 4, 0, 0, 0, 0, 1],
            &[0, 0xA4, 4, 0, 0, 0, 2, 1],
            &[0, 0xA4, 4, 0, 0, 0, 1, 1, 1],
        ] {
            let length = bytes.len();
            let refused = ReceivedCommand::parse(bytes).unwrap_err();
            assert_eq!(refused, NotACommand { length });
        }
    }
}
