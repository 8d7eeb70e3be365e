//! What the card answers: data and SW1 SW2, ISO/IEC 7816-4 §5.6.

use zeroize::Zeroizing;

/// A status word that the card says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(pub u16);

impl Word {
    pub const SUCCESS: Self = Self(0x9000);
    pub const VERIFICATION_FAILED: Self = Self(0x6300);
    pub const MEMORY_FAILURE: Self = Self(0x6581);
    pub const WRONG_LENGTH: Self = Self(0x6700);
    pub const SECURE_MESSAGING_NOT_SUPPORTED: Self = Self(0x6882);
    pub const LAST_COMMAND_OF_CHAIN_EXPECTED: Self = Self(0x6883);
    pub const SECURITY_STATUS_NOT_SATISFIED: Self = Self(0x6982);
    pub const BLOCKED: Self = Self(0x6983);
    pub const REFERENCE_DATA_NOT_USABLE: Self = Self(0x6984);
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    pub const NO_CURRENT_FILE: Self = Self(0x6986);
    pub const INCORRECT_DATA: Self = Self(0x6A80);
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    pub const NOT_ENOUGH_MEMORY: Self = Self(0x6A84);
    pub const WRONG_PARAMETERS: Self = Self(0x6A86);
    pub const REFERENCED_DATA_NOT_FOUND: Self = Self(0x6A88);
    pub const OFFSET_OUTSIDE: Self = Self(0x6B00);
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6D00);
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x6E00);

    /// 63Cx: a counter stands at `tries`.
    pub fn tries(tries: u8) -> Self {
        Self(0x63C0 | u16::from(tries & 0x0F))
    }

    /// 61xx: so many more bytes wait.
    fn more(length: usize) -> Self {
        Self(0x6100 | u8::try_from(length).map_or(0, u16::from))
    }
}

/// Data and status word.
pub struct Reply {
    pub data: Zeroizing<Vec<u8>>,
    pub word: Word,
}

/// What a command comes to: an answer, or the word of a refusal.
pub type Done = Result<Reply, Word>;

impl Reply {
    /// Data, and success.
    pub fn data(data: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self {
            data: data.into(),
            word: Word::SUCCESS,
        }
    }

    /// Success without data.
    pub fn success() -> Self {
        Word::SUCCESS.into()
    }

    /// No more than `longest` bytes of data, and the rest where there is one.
    pub fn split(self, longest: usize) -> (Self, Option<Zeroizing<Vec<u8>>>) {
        let Some((now, rest)) = self
            .data
            .split_at_checked(longest)
            .filter(|(_, rest)| !rest.is_empty())
        else {
            return (self, None);
        };
        let now = Self {
            data: Zeroizing::new(now.to_vec()),
            word: Word::more(rest.len()),
        };
        (now, Some(Zeroizing::new(rest.to_vec())))
    }

    /// The bytes of the answer.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.data.as_slice(), &self.word.0.to_be_bytes()].concat())
    }
}

impl From<Word> for Reply {
    fn from(word: Word) -> Self {
        Self {
            data: Zeroizing::new(Vec::new()),
            word,
        }
    }
}
