//! Command APDUs, ISO/IEC 7816-4 §5.3 (2020): short and extended.

use core::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

/// Longest short command: header, Lc, 255 bytes of data, Le.
pub const LONGEST_SHORT: usize = 4 + 1 + 255 + 1;
/// Longest extended command: header, Lc of three bytes, 65535 bytes of data, Le of two.
pub const LONGEST_EXTENDED: usize = 4 + 3 + 65_535 + 2;

/// Bit b5 of CLA: the command continues in the next one of the chain (ISO/IEC 7816-4 §5.3.3).
pub(crate) const CHAINING: u8 = 0x10;

/// The instructions Lichna sends, ISO/IEC 7816-4 and -8, SP 800-73-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is named as its standard names it")]
pub enum Instruction {
    Verify = 0x20,
    ManageSecurityEnvironment = 0x22,
    ChangeReferenceData = 0x24,
    PerformSecurityOperation = 0x2A,
    ResetRetryCounter = 0x2C,
    ActivateFile = 0x44,
    GenerateAsymmetricKeyPair = 0x47,
    ExternalAuthenticate = 0x82,
    GetChallenge = 0x84,
    GeneralAuthenticate = 0x86,
    GeneralAuthenticateOdd = 0x87,
    InternalAuthenticate = 0x88,
    Select = 0xA4,
    SelectData = 0xA5,
    ReadBinary = 0xB0,
    ReadBinaryOdd = 0xB1,
    GetResponse = 0xC0,
    GetData = 0xCA,
    GetDataOdd = 0xCB,
    UpdateBinary = 0xD6,
    UpdateBinaryOdd = 0xD7,
    PutData = 0xDA,
    PutDataOdd = 0xDB,
}

impl Instruction {
    /// The INS byte.
    #[allow(clippy::as_conversions, reason = "the discriminant is the byte")]
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8
    }
}

/// One command: header, data, and the answer's expected length.
///
/// The data may hold a PIN, so it is wiped when the command is dropped and never formatted.
pub struct Command {
    cla: u8,
    instruction: Instruction,
    p1: u8,
    p2: u8,
    data: Zeroizing<Vec<u8>>,
    expected: Option<usize>,
}

/// Why a command cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// More data than Lc can say.
    #[error("command data of {length} bytes is longer than the {longest} that fit")]
    DataTooLong {
        /// Bytes of data.
        length: usize,
        /// Bytes that fit.
        longest: usize,
    },
    /// A longer answer than Le can ask for.
    #[error("an answer of {length} bytes is longer than the {longest} that can be asked for")]
    AnswerTooLong {
        /// Bytes expected.
        length: usize,
        /// Bytes that can be asked for.
        longest: usize,
    },
}

impl Command {
    /// A command without data and without an answer (case 1), class 00.
    #[must_use]
    pub fn new(instruction: Instruction, p1: u8, p2: u8) -> Self {
        Self {
            cla: 0,
            instruction,
            p1,
            p2,
            data: Zeroizing::new(Vec::new()),
            expected: None,
        }
    }

    /// The same with this data field.
    #[must_use]
    pub fn data(mut self, data: &[u8]) -> Self {
        self.data = Zeroizing::new(data.to_vec());
        self
    }

    /// The same with a data field that holds a secret; no second copy is made.
    #[must_use]
    pub fn secret_data(mut self, data: Zeroizing<Vec<u8>>) -> Self {
        self.data = data;
        self
    }

    /// The same, expecting up to `length` bytes of answer. `0` asks for all there is.
    #[must_use]
    pub const fn expect(mut self, length: usize) -> Self {
        self.expected = Some(length);
        self
    }

    /// The same, announcing that the next command goes on with it (class 10): the steps of GENERAL
    /// AUTHENTICATE are linked so. Long data is chained by [`exchange`](crate::exchange) itself.
    #[must_use]
    pub const fn linked(mut self) -> Self {
        self.cla |= CHAINING;
        self
    }

    /// INS, P1 and P2: what may be shown of a command.
    #[must_use]
    pub const fn header(&self) -> (Instruction, u8, u8) {
        (self.instruction, self.p1, self.p2)
    }

    /// Length of the data field in bytes.
    #[must_use]
    pub fn data_length(&self) -> usize {
        self.data.len()
    }

    /// The expected length of the answer, if one is expected; `0` means all there is.
    #[must_use]
    pub const fn expected(&self) -> Option<usize> {
        self.expected
    }

    /// The same command with another expected length, for the repeat after 6Cxx.
    /// Short, where its data allows.
    pub(crate) fn encode_expecting(&self, length: u8) -> Result<Zeroizing<Vec<u8>>, CommandError> {
        let length = match length {
            0 => 256,
            length => usize::from(length),
        };
        if self.data.len() > 255 {
            self.encode_extended_expecting(Some(length))
        } else {
            encode_short(self.head(false), &self.data, Some(length))
        }
    }

    /// The bytes of a short command.
    ///
    /// # Errors
    /// [`CommandError`] when the data is longer than 255 bytes or the answer longer than 256.
    pub fn encode_short(&self) -> Result<Zeroizing<Vec<u8>>, CommandError> {
        encode_short(self.head(false), &self.data, self.expected)
    }

    /// The bytes of an extended command.
    ///
    /// # Errors
    /// [`CommandError`] when the data is longer than 65535 bytes or the answer longer than 65536.
    pub fn encode_extended(&self) -> Result<Zeroizing<Vec<u8>>, CommandError> {
        self.encode_extended_expecting(self.expected)
    }

    fn encode_extended_expecting(
        &self,
        expected: Option<usize>,
    ) -> Result<Zeroizing<Vec<u8>>, CommandError> {
        let length = u16::try_from(self.data.len()).map_err(|_| CommandError::DataTooLong {
            length: self.data.len(),
            longest: usize::from(u16::MAX),
        })?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.data.len() + 9));
        bytes.extend_from_slice(&self.head(false));
        if length > 0 {
            bytes.push(0);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&self.data);
        }
        if let Some(expected) = expected {
            if length == 0 {
                bytes.push(0);
            }
            bytes.extend_from_slice(&extended_le(expected)?);
        }
        Ok(bytes)
    }

    /// The bytes of each short command of a chain (ISO/IEC 7816-4 §5.3.3), none longer than
    /// `longest`; one, if the data fits.
    ///
    /// # Errors
    /// [`CommandError`] when the answer expected is longer than 256 bytes.
    pub fn encode_chain(&self, longest: usize) -> Result<Vec<Zeroizing<Vec<u8>>>, CommandError> {
        // Header, Lc and Le stand around the data.
        let link = longest.saturating_sub(6).clamp(1, 255);
        let mut chunks = self.data.chunks(link).peekable();
        let mut chain = Vec::with_capacity(self.data.len() / link + 1);
        while let Some(chunk) = chunks.next() {
            let last = chunks.peek().is_none();
            let expected = if last { self.expected } else { None };
            chain.push(encode_short(self.head(!last), chunk, expected)?);
        }
        if chain.is_empty() {
            chain.push(self.encode_short()?);
        }
        Ok(chain)
    }

    fn head(&self, more: bool) -> [u8; 4] {
        let cla = if more { self.cla | CHAINING } else { self.cla };
        [cla, self.instruction.byte(), self.p1, self.p2]
    }
}

/// Shows the header and lengths only: the data may hold a PIN.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            instruction,
            p1,
            p2,
            data,
            expected,
            ..
        } = self;
        write!(
            f,
            "{instruction:?} P1P2 {p1:02X}{p2:02X}, {} bytes, Le {expected:?}",
            data.len()
        )
    }
}

fn encode_short(
    head: [u8; 4],
    data: &[u8],
    expected: Option<usize>,
) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let length = u8::try_from(data.len()).map_err(|_| CommandError::DataTooLong {
        length: data.len(),
        longest: 255,
    })?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(data.len() + 6));
    bytes.extend_from_slice(&head);
    if length > 0 {
        bytes.push(length);
        bytes.extend_from_slice(data);
    }
    if let Some(expected) = expected {
        bytes.push(short_le(expected)?);
    }
    Ok(bytes)
}

/// Le of one byte: 00 means 256, or all there is.
fn short_le(expected: usize) -> Result<u8, CommandError> {
    match expected {
        0 | 256 => Ok(0),
        length => u8::try_from(length).map_err(|_| CommandError::AnswerTooLong {
            length,
            longest: 256,
        }),
    }
}

/// Le of two bytes: 0000 means 65536, or all there is.
fn extended_le(expected: usize) -> Result<[u8; 2], CommandError> {
    match expected {
        0 | 65_536 => Ok([0, 0]),
        length => {
            u16::try_from(length)
                .map(u16::to_be_bytes)
                .map_err(|_| CommandError::AnswerTooLong {
                    length,
                    longest: 65_536,
                })
        }
    }
}
