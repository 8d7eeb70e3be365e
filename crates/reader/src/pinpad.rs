//! The reader's keypad, PC/SC part 10 (2.02.09): the structures that have it ask for a PIN, and
//! what it answers.
//!
//! The structures are those that scdaemon sends, which keypad readers have met in the field.

use std::time::Duration;

use lichna_apdu::{
    Instruction, PinEncoding, PinFormat, PinModification, PinVerification, PinpadError, Response,
    Status,
};

use crate::features::Keypad;

/// bmFormatString: offsets in bytes, PIN at the start of the data, left-justified, ASCII.
const FORMAT_ASCII: u8 = 0x82;
/// bmPINLengthFormat: no length of the PIN is inserted into the command.
const NO_LENGTH: u8 = 0x00;
/// bEntryValidationCondition: the validation key was pressed.
const VALIDATION_KEY: u8 = 0x02;
/// bEntryValidationCondition, too: as many characters as can be were typed.
const MAXIMUM_REACHED: u8 = 0x01;
/// bConfirmPIN: ask for the old secret, and for the new one twice.
const OLD_AND_NEW_TWICE: u8 = 0x03;
/// wLangId of the messages: Bulgarian.
const BULGARIAN: u16 = 0x0402;
/// Longest PIN block that bmPINBlockString can say, in its four bits.
const LONGEST_BLOCK: u8 = 0x0F;
/// SW1 SW2 of a reader that does not like the structure.
const INVALID_PARAMETER: u16 = 0x6B80;

/// PIN_VERIFY_STRUCTURE, §2.5.2.
pub(crate) fn verify_structure(
    verification: &PinVerification,
    keypad: Keypad,
    left: Duration,
) -> Result<Vec<u8>, PinpadError> {
    let format = verification.format;
    let sizes = Sizes::of(format, keypad)?;
    let block = block_length(format)?;
    let header = [0, Instruction::Verify.byte(), 0, verification.reference];
    let seconds = seconds(left);
    let mut bytes = vec![seconds, seconds, encoding(format), block, NO_LENGTH];
    bytes.extend(sizes.max_extra_digit());
    bytes.push(sizes.validation());
    bytes.push(1); // bNumberMessage: one
    bytes.extend(BULGARIAN.to_le_bytes());
    bytes.push(0); // bMsgIndex: "enter your PIN"
    bytes.extend([0; 3]); // bTeoPrologue: for T=1 readers that want it; the driver fills it in
    push_command(&mut bytes, header, &[(block, format.padding)]);
    Ok(bytes)
}

/// PIN_MODIFY_STRUCTURE, §2.5.3.
pub(crate) fn modify_structure(
    modification: &PinModification,
    keypad: Keypad,
    left: Duration,
) -> Result<Vec<u8>, PinpadError> {
    let PinModification { old, new, .. } = *modification;
    // One structure has one format, one block length and one range of sizes for both secrets.
    if encoding(old) != encoding(new) || old.padding.is_some() != new.padding.is_some() {
        return Err(PinpadError::NotSupported);
    }
    let block = block_length(new)?;
    // Beyond the range of the new PIN, the keypad would take a new PIN that is too short or long.
    if block_length(old)? != block || old.shortest < new.shortest || old.longest > new.longest {
        return Err(PinpadError::NotSupported);
    }
    let sizes = Sizes::of(new, keypad)?;
    let header = [
        0,
        modification.instruction.byte(),
        modification.p1,
        modification.reference,
    ];
    let seconds = seconds(left);
    let mut bytes = vec![seconds, seconds, encoding(new), block, NO_LENGTH];
    bytes.push(0); // bInsertionOffsetOld
    bytes.push(block); // bInsertionOffsetNew; 0 without blocks: it follows the old one
    bytes.extend(sizes.max_extra_digit());
    bytes.push(OLD_AND_NEW_TWICE);
    bytes.push(sizes.validation());
    bytes.push(3); // bNumberMessage: three
    bytes.extend(BULGARIAN.to_le_bytes());
    bytes.extend([0, 1, 2]); // bMsgIndex1 to 3: enter the old, the new, and confirm it
    bytes.extend([0; 3]); // bTeoPrologue
    push_command(
        &mut bytes,
        header,
        &[(block, old.padding), (block, new.padding)],
    );
    Ok(bytes)
}

/// What the reader's answer means: its own status words first, then the card's.
pub(crate) fn outcome(response: Response) -> Result<Response, PinpadError> {
    match response.status() {
        Status::Timeout => Err(PinpadError::Timeout),
        Status::Cancelled => Err(PinpadError::Cancelled),
        Status::PinsDiffer => Err(PinpadError::PinsDiffer),
        Status::PinLength => Err(PinpadError::PinLength),
        _ if response.word() == INVALID_PARAMETER => Err(PinpadError::NotSupported),
        _ => Ok(response),
    }
}

/// Whether this return code of SCardControl says that the reader cannot do it.
pub(crate) fn is_refusal(error: pcsc::Error) -> bool {
    matches!(
        error,
        pcsc::Error::UnsupportedFeature
            | pcsc::Error::ReaderUnsupported
            | pcsc::Error::InvalidParameter
            | pcsc::Error::InvalidValue
    )
}

/// How many characters the keypad is to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sizes {
    shortest: u8,
    longest: u8,
}

impl Sizes {
    /// What both the PIN and the keypad allow.
    fn of(format: PinFormat, keypad: Keypad) -> Result<Self, PinpadError> {
        let shortest = format.shortest.max(keypad.shortest).max(1);
        let longest = format.longest.min(keypad.longest);
        if shortest > longest {
            return Err(PinpadError::NotSupported);
        }
        Ok(Self { shortest, longest })
    }

    /// wPINMaxExtraDigit: minimum in the high byte, maximum in the low one, little-endian.
    const fn max_extra_digit(self) -> [u8; 2] {
        [self.longest, self.shortest]
    }

    const fn validation(self) -> u8 {
        if self.shortest == self.longest {
            VALIDATION_KEY | MAXIMUM_REACHED
        } else {
            VALIDATION_KEY
        }
    }
}

const fn encoding(format: PinFormat) -> u8 {
    match format.encoding {
        PinEncoding::Ascii => FORMAT_ASCII,
    }
}

/// bmPINBlockString: no length in the command, and the length of the block; 0 when the data is as
/// long as the PIN.
fn block_length(format: PinFormat) -> Result<u8, PinpadError> {
    match format.padding {
        None => Ok(0),
        Some(_) if format.longest <= LONGEST_BLOCK => Ok(format.longest),
        Some(_) => Err(PinpadError::NotSupported),
    }
}

/// bTimeOut and bTimeOut2: what is left, less a second for the answer, and not 0, which is the
/// reader's own default.
fn seconds(left: Duration) -> u8 {
    u8::try_from(left.as_secs().saturating_sub(1))
        .unwrap_or(u8::MAX)
        .max(1)
}

/// ulDataLength and abData: the command, its blocks filled with padding where the PIN will be.
fn push_command(bytes: &mut Vec<u8>, header: [u8; 4], blocks: &[(u8, Option<u8>)]) {
    let lc = blocks
        .iter()
        .fold(0_u8, |sum, (length, _)| sum.saturating_add(*length));
    bytes.extend((u32::from(lc) + 5).to_le_bytes());
    bytes.extend(header);
    bytes.push(lc);
    for (length, padding) in blocks {
        bytes.extend(std::iter::repeat_n(
            padding.unwrap_or(0xFF),
            usize::from(*length),
        ));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    const KEYPAD: Keypad = Keypad {
        shortest: 4,
        longest: 12,
    };
    const PIV: PinFormat = PinFormat {
        encoding: PinEncoding::Ascii,
        shortest: 6,
        longest: 8,
        padding: Some(0xFF),
    };
    const OPENPGP: PinFormat = PinFormat {
        encoding: PinEncoding::Ascii,
        shortest: 6,
        longest: 127,
        padding: None,
    };
    const HALF_MINUTE: Duration = Duration::from_secs(31);

    fn change(old: PinFormat, new: PinFormat) -> PinModification {
        PinModification {
            instruction: Instruction::ChangeReferenceData,
            p1: 0,
            reference: 0x80,
            old,
            new,
        }
    }

    #[test]
    fn verifies_a_padded_pin() {
        let verification = PinVerification {
            reference: 0x80,
            format: PIV,
        };
        let bytes = verify_structure(&verification, KEYPAD, HALF_MINUTE).unwrap();
        let expected = [
            30, 30, 0x82, 0x08, 0x00, 8, 6, 0x02, 1, 0x02, 0x04, 0, 0, 0, 0, 13, 0, 0,
            0, // header
            0x00, 0x20, 0x00, 0x80, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn verifies_a_pin_that_is_not_padded_and_longer_than_the_keypad_takes() {
        let verification = PinVerification {
            reference: 0x82,
            format: OPENPGP,
        };
        let bytes = verify_structure(&verification, KEYPAD, HALF_MINUTE).unwrap();
        let expected = [
            30, 30, 0x82, 0x00, 0x00, 12, 6, 0x02, 1, 0x02, 0x04, 0, 0, 0, 0, 5, 0, 0,
            0, // header
            0x00, 0x20, 0x00, 0x82, 0x00,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn changes_a_padded_pin() {
        let bytes = modify_structure(&change(PIV, PIV), KEYPAD, HALF_MINUTE).unwrap();
        let mut expected = vec![
            30, 30, 0x82, 0x08, 0x00, 0, 8, 8, 6, 0x03, 0x02, 3, 0x02, 0x04, 0, 1, 2, 0, 0, 0, 21,
            0, 0, 0, 0x00, 0x24, 0x00, 0x80, 0x10,
        ];
        expected.extend([0xFF; 16]);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn unblocks_with_a_secret_of_fixed_length() {
        let puk = PinFormat { shortest: 8, ..PIV };
        let mut modification = change(puk, PIV);
        modification.instruction = Instruction::ResetRetryCounter;
        let bytes = modify_structure(&modification, KEYPAD, HALF_MINUTE).unwrap();
        assert_eq!(&bytes[7..9], [8, 6]);
        assert_eq!(bytes[25], 0x2C);
    }

    #[test]
    fn changes_a_pin_that_is_not_padded() {
        let bytes = modify_structure(&change(OPENPGP, OPENPGP), KEYPAD, HALF_MINUTE).unwrap();
        assert_eq!(&bytes[5..9], [0, 0, 12, 6]);
        assert_eq!(&bytes[20..], [5, 0, 0, 0, 0x00, 0x24, 0x00, 0x80, 0x00]);
    }

    #[test]
    fn a_pin_of_fixed_length_needs_no_validation_key() {
        let format = PinFormat {
            shortest: 6,
            longest: 6,
            ..PIV
        };
        let verification = PinVerification {
            reference: 1,
            format,
        };
        let bytes = verify_structure(&verification, KEYPAD, HALF_MINUTE).unwrap();
        assert_eq!(bytes[7], 0x03);
    }

    #[test]
    fn refuses_a_pin_that_does_not_fit_the_keypad() {
        let keypad = Keypad {
            shortest: 9,
            longest: 12,
        };
        let verification = PinVerification {
            reference: 0x80,
            format: PIV,
        };
        assert_eq!(
            verify_structure(&verification, keypad, HALF_MINUTE),
            Err(PinpadError::NotSupported)
        );
    }

    #[test]
    fn refuses_a_block_longer_than_the_structure_can_say() {
        let format = PinFormat { longest: 16, ..PIV };
        let verification = PinVerification {
            reference: 0x80,
            format,
        };
        assert_eq!(
            verify_structure(&verification, KEYPAD, HALF_MINUTE),
            Err(PinpadError::NotSupported)
        );
    }

    #[test]
    fn refuses_to_let_a_new_pin_be_as_short_as_the_old_one_may_be() {
        let old = PinFormat { shortest: 5, ..PIV };
        assert_eq!(
            modify_structure(&change(old, PIV), KEYPAD, HALF_MINUTE),
            Err(PinpadError::NotSupported)
        );
    }

    #[test]
    fn the_readers_status_words_are_not_the_cards() {
        let answer =
            |word: u16| Response::parse(Zeroizing::new(word.to_be_bytes().to_vec())).unwrap();
        for (word, error) in [
            (0x6400, PinpadError::Timeout),
            (0x6401, PinpadError::Cancelled),
            (0x6402, PinpadError::PinsDiffer),
            (0x6403, PinpadError::PinLength),
            (0x6B80, PinpadError::NotSupported),
        ] {
            assert_eq!(outcome(answer(word)).unwrap_err(), error);
        }
        for word in [0x9000, 0x63C2, 0x6983, 0x6B00] {
            assert_eq!(outcome(answer(word)).unwrap().word(), word);
        }
    }

    proptest! {
        #[test]
        fn lengths_in_a_structure_are_true(
            shortest: u8, longest: u8, padding: Option<u8>, low: u8, high: u8, left in 0_u64..1000,
        ) {
            let format = PinFormat { encoding: PinEncoding::Ascii, shortest, longest, padding };
            let keypad = Keypad { shortest: low, longest: high };
            let left = Duration::from_secs(left);
            let verification = PinVerification { reference: 1, format };
            if let Ok(bytes) = verify_structure(&verification, keypad, left) {
                prop_assert_eq!(usize::from(bytes[15]), bytes.len() - 19);
                prop_assert_eq!(usize::from(bytes[23]), bytes.len() - 24);
                prop_assert!(bytes[0] > 0 && bytes[6] <= bytes[5] && bytes[5] <= high);
            }
            if let Ok(bytes) = modify_structure(&change(format, format), keypad, left) {
                prop_assert_eq!(usize::from(bytes[20]), bytes.len() - 24);
                prop_assert_eq!(usize::from(bytes[28]), bytes.len() - 29);
                prop_assert!(bytes[8] <= bytes[7] && bytes[7] <= high);
            }
        }
    }
}
