//! What a host asks of a PIN pad: PIN_VERIFY_STRUCTURE and PIN_MODIFY_STRUCTURE, PC/SC part 10
//! §2.5.2 and §2.5.3, and the command that comes of it once digits were pressed.

/// Either of the two structures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Seconds without a key; 0 stands for the reader's own choice.
    pub time_out: u8,
    format: Format,
    block_size: usize,
    length_bits: usize,
    length_position: usize,
    digits_at_least: u8,
    digits_at_most: u8,
    /// What only the modification has.
    pub modify: Option<Modify>,
    command: Vec<u8>,
}

/// What only PIN_MODIFY_STRUCTURE has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modify {
    old_offset: usize,
    new_offset: usize,
    /// The new PIN is to be typed twice.
    pub confirm: bool,
    /// The PIN in force is to be typed first.
    pub ask_old: bool,
}

/// bmFormatString: where in the command's data the PIN goes, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    position: usize,
    justify_right: bool,
    digit: Digit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digit {
    Binary,
    Bcd,
    Ascii,
}

impl Digit {
    fn bits(self) -> usize {
        match self {
            Self::Bcd => 4,
            Self::Binary | Self::Ascii => 8,
        }
    }

    fn value(self, digit: u8) -> u8 {
        match self {
            Self::Ascii => digit,
            Self::Binary | Self::Bcd => digit & 0x0F,
        }
    }
}

/// Why a reader refuses: the status word that PC/SC part 10 §2.5.5 gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 6403: fewer or more digits than allowed.
    #[error("too few or too many digits")]
    Digits,
    /// 6402: the new PIN was not typed alike twice.
    #[error("the new PIN was not typed alike twice")]
    Mismatch,
    /// 6B80: the structure contradicts itself.
    #[error("invalid parameter in the structure")]
    Structure,
}

impl Structure {
    /// Reads a PIN_VERIFY_STRUCTURE.
    ///
    /// # Errors
    /// [`Refusal::Structure`] when it is cut short, or its lengths do not add up.
    pub fn verify(bytes: &[u8]) -> Result<Self, Refusal> {
        let (head, command) = bytes.split_at_checked(19).ok_or(Refusal::Structure)?;
        Self::read(head, &head[5..7], &head[15..19], None, command)
    }

    /// Reads a PIN_MODIFY_STRUCTURE.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn modify(bytes: &[u8]) -> Result<Self, Refusal> {
        let (head, command) = bytes.split_at_checked(24).ok_or(Refusal::Structure)?;
        let modify = Modify {
            old_offset: head[5].into(),
            new_offset: head[6].into(),
            confirm: head[9] & 0x01 != 0,
            ask_old: head[9] & 0x02 != 0,
        };
        Self::read(head, &head[7..9], &head[20..24], Some(modify), command)
    }

    fn read(
        head: &[u8],
        extra_digit: &[u8],
        length: &[u8],
        modify: Option<Modify>,
        command: &[u8],
    ) -> Result<Self, Refusal> {
        // Multi-byte numbers are little-endian here (§2.5.1).
        let length: [u8; 4] = length.try_into().map_err(|_| Refusal::Structure)?;
        if usize::try_from(u32::from_le_bytes(length)) != Ok(command.len()) || command.len() < 4 {
            return Err(Refusal::Structure);
        }
        let in_units = |bytes: bool, count: u8| usize::from(count) * if bytes { 8 } else { 1 };
        let (format, block, length_format) = (head[2], head[3], head[4]);
        let structure = Self {
            time_out: head[0],
            format: Format {
                position: in_units(format & 0x80 != 0, format >> 3 & 0x0F),
                justify_right: format & 0x04 != 0,
                digit: match format & 0x03 {
                    0 => Digit::Binary,
                    1 => Digit::Bcd,
                    2 => Digit::Ascii,
                    _ => return Err(Refusal::Structure),
                },
            },
            block_size: usize::from(block & 0x0F),
            length_bits: usize::from(block >> 4),
            length_position: in_units(length_format & 0x10 != 0, length_format & 0x0F),
            digits_at_most: extra_digit[0],
            digits_at_least: extra_digit[1],
            modify,
            command: command.to_vec(),
        };
        if structure.digits_at_least > structure.digits_at_most {
            return Err(Refusal::Structure);
        }
        Ok(structure)
    }

    /// Whether so many digits are allowed.
    ///
    /// # Errors
    /// [`Refusal::Digits`] when not.
    pub fn check(&self, pin: &[u8]) -> Result<(), Refusal> {
        let allowed = usize::from(self.digits_at_least)..=usize::from(self.digits_at_most);
        if allowed.contains(&pin.len()) {
            Ok(())
        } else {
            Err(Refusal::Digits)
        }
    }

    /// The command with the PIN in its place.
    ///
    /// # Errors
    /// [`Refusal::Structure`] when the PIN does not fit where the structure puts it.
    pub fn verify_command(&self, pin: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.command_with(&[(0, pin)])
    }

    /// The command with both PINs in their places. Without an old one its place stays as it came.
    ///
    /// # Errors
    /// As [`verify_command`](Self::verify_command).
    pub fn modify_command(&self, old: Option<&[u8]>, new: &[u8]) -> Result<Vec<u8>, Refusal> {
        let modify = self.modify.ok_or(Refusal::Structure)?;
        match old {
            Some(old) => self.command_with(&[(modify.old_offset, old), (modify.new_offset, new)]),
            None => self.command_with(&[(modify.new_offset, new)]),
        }
    }

    fn command_with(&self, pins: &[(usize, &[u8])]) -> Result<Vec<u8>, Refusal> {
        let mut header = self.command[..4].to_vec();
        // A command without data may come without Lc, too (a PIN of its own length, no padding).
        let mut data = self.command.get(5..).unwrap_or_default().to_vec();
        let mut appended = 0;
        for (offset, pin) in pins {
            appended += self.put(&mut data, offset + appended, pin)?;
        }
        header.push(u8::try_from(data.len()).map_err(|_| Refusal::Structure)?);
        header.extend(data);
        Ok(header)
    }

    /// Writes a PIN block into the data at that offset. Without a block size, and at the end of the
    /// data, the PIN makes the data longer; then a second PIN goes behind it: the result is by how
    /// much the offsets of the host are to be moved.
    fn put(&self, data: &mut Vec<u8>, offset: usize, pin: &[u8]) -> Result<usize, Refusal> {
        let digit = self.format.digit;
        let block_bits = match self.block_size {
            0 => pin.len() * digit.bits(),
            size => size * 8,
        };
        let spare = block_bits
            .checked_sub(pin.len() * digit.bits())
            .ok_or(Refusal::Structure)?;
        let start = offset * 8 + self.format.position;
        let first = start + if self.format.justify_right { spare } else { 0 };
        let before = data.len();
        data.resize(before.max((start + block_bits).div_ceil(8)), PADDING);
        for (number, key) in pin.iter().enumerate() {
            put_bits(
                data,
                first + number * digit.bits(),
                digit.bits(),
                digit.value(*key),
            );
        }
        if self.length_bits > 0 {
            let length = u8::try_from(pin.len()).map_err(|_| Refusal::Structure)?;
            let position = offset * 8 + self.length_position;
            data.resize(
                data.len().max((position + self.length_bits).div_ceil(8)),
                PADDING,
            );
            put_bits(data, position, self.length_bits, length);
        }
        Ok(if self.block_size == 0 {
            data.len() - before
        } else {
            0
        })
    }
}

/// Writes the low `count` bits of the value, most significant first.
fn put_bits(data: &mut [u8], position: usize, count: usize, value: u8) {
    for bit in 0..count {
        let wanted = count - bit <= 8 && value >> (count - bit - 1) & 1 == 1;
        let (byte, mask) = ((position + bit) / 8, 0x80 >> ((position + bit) % 8));
        if wanted {
            data[byte] |= mask;
        } else {
            data[byte] &= !mask;
        }
    }
}

/// With what PINs are commonly filled up (PIV: SP 800-73-4 part 2 §2.4.3).
const PADDING: u8 = 0xFF;

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(format: [u8; 3], digits: [u8; 2], command: &[u8]) -> Vec<u8> {
        let mut bytes = vec![30, 30];
        bytes.extend(format);
        bytes.extend([digits[1], digits[0], 2, 1, 0x09, 0x04, 0, 0, 0, 0]);
        bytes.extend(u32::try_from(command.len()).unwrap().to_le_bytes());
        bytes.extend(command);
        bytes
    }

    #[test]
    fn piv_pin_is_filled_up_to_eight_bytes() {
        let command = hex::decode("0020008008ffffffffffffffff").unwrap();
        let structure = Structure::verify(&verify([0x82, 0x08, 0x00], [6, 8], &command)).unwrap();
        let command = structure.verify_command(b"123456").unwrap();
        assert_eq!(hex::encode(command), "0020008008313233343536ffff");
        assert_eq!(structure.check(b"12345"), Err(Refusal::Digits));
        assert_eq!(structure.check(b"123456789"), Err(Refusal::Digits));
    }

    #[test]
    fn openpgp_pin_has_its_own_length() {
        for command in ["00200082", "0020008200"] {
            let command = hex::decode(command).unwrap();
            let structure =
                Structure::verify(&verify([0x82, 0x00, 0x00], [6, 32], &command)).unwrap();
            let command = structure.verify_command(b"123456").unwrap();
            assert_eq!(hex::encode(command), "0020008206313233343536");
        }
    }

    #[test]
    fn global_platform_pin_is_packed_behind_its_length() {
        // A control nibble 2, the length nibble, digits as BCD, filled up: ISO 9564-1 format 2.
        let command = hex::decode("002000010820ffffffffffffff").unwrap();
        let structure = Structure::verify(&verify([0x89, 0x47, 0x04], [4, 12], &command)).unwrap();
        let command = structure.verify_command(b"12345").unwrap();
        assert_eq!(hex::encode(command), "00200001082512345fffffffff");
    }

    #[test]
    fn both_pins_of_a_change_find_their_places() {
        let change = |block: u8, offsets: [u8; 2], command: &str| {
            let command = hex::decode(command).unwrap();
            let mut bytes = vec![
                30, 30, 0x82, block, 0, offsets[0], offsets[1], 8, 6, 3, 2, 3,
            ];
            bytes.extend([0x09, 0x04, 0, 1, 2, 0, 0, 0]);
            bytes.extend(u32::try_from(command.len()).unwrap().to_le_bytes());
            bytes.extend(command);
            let structure = Structure::modify(&bytes).unwrap();
            hex::encode(
                structure
                    .modify_command(Some(b"123456"), b"7654321")
                    .unwrap(),
            )
        };
        assert_eq!(
            change(0x08, [0, 8], "0024008010ffffffffffffffffffffffffffffffff"),
            "0024008010313233343536ffff37363534333231ff"
        );
        assert_eq!(
            change(0x00, [0, 0], "0024008100"),
            "002400810d31323334353637363534333231"
        );
    }

    #[test]
    fn refuses_a_structure_whose_lengths_do_not_add_up() {
        let mut bytes = verify([0x82, 0x08, 0x00], [6, 8], &[0, 0x20, 0, 0x80]);
        bytes.push(0);
        assert_eq!(Structure::verify(&bytes), Err(Refusal::Structure));
        assert_eq!(Structure::verify(&bytes[..18]), Err(Refusal::Structure));
    }
}
