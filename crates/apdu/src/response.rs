//! Response APDUs, ISO/IEC 7816-4 §5.3.

use core::fmt;

use zeroize::Zeroizing;

use crate::Status;

/// What a card answered: its data and its status word.
pub struct Response {
    data: Zeroizing<Vec<u8>>,
    word: u16,
}

impl Response {
    /// Splits an answer into data and status word; `None` when it is shorter than two bytes.
    #[must_use]
    pub fn parse(mut answer: Zeroizing<Vec<u8>>) -> Option<Self> {
        let (_, status) = answer.split_last_chunk::<2>()?;
        let word = u16::from_be_bytes(*status);
        let length = answer.len().checked_sub(2)?;
        answer.truncate(length);
        Some(Self { data: answer, word })
    }

    pub(crate) fn new(data: Zeroizing<Vec<u8>>, word: u16) -> Self {
        Self { data, word }
    }

    /// The data field, without the status word.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The data field, taken out.
    #[must_use]
    pub fn into_data(self) -> Zeroizing<Vec<u8>> {
        self.data
    }

    /// What the status word says.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::from(self.word)
    }

    /// SW1 SW2 as they came.
    #[must_use]
    pub const fn word(&self) -> u16 {
        self.word
    }
}

/// Shows the length and the status word only.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {:04X}", self.data.len(), self.word)
    }
}
