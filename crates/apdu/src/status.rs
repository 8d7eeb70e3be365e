//! Status words SW1 SW2, ISO/IEC 7816-4 §5.6. They are read here and nowhere else.

use core::fmt;

/// What a card says of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// 9000
    Success,
    /// 61xx: so many more bytes wait for GET RESPONSE; 0 means 256 or more.
    MoreData(u8),
    /// 6285: the file, or the application, is in a state of termination.
    Terminated,
    /// 6283, 6282 and other 62xx: done, with a remark.
    Warning(u8),
    /// 63Cx (tries left) or 6300 (not said): the comparison failed.
    VerificationFailed(Option<u8>),
    /// 6400: nothing was changed; a pinpad says so when nobody typed in time.
    Timeout,
    /// 6401: cancelled at the pinpad.
    Cancelled,
    /// 6402: the new PIN was not typed twice alike at the pinpad.
    PinsDiffer,
    /// 6403: too few or too many digits typed at the pinpad.
    PinLength,
    /// 6581: the memory of the card failed.
    MemoryFailure,
    /// 6700
    WrongLength,
    /// 6882: secure messaging is not supported, or 6881 and 6884 (channel, chaining).
    ClassFunctionNotSupported(u8),
    /// 6982
    SecurityStatusNotSatisfied,
    /// 6983
    AuthenticationMethodBlocked,
    /// 6984
    ReferenceDataNotUsable,
    /// 6985
    ConditionsOfUseNotSatisfied,
    /// 6986
    CommandNotAllowed,
    /// 6987, 6988: secure messaging data missing or wrong.
    SecureMessagingIncorrect,
    /// 6A80
    IncorrectData,
    /// 6A81
    FunctionNotSupported,
    /// 6A82
    FileNotFound,
    /// 6A83
    RecordNotFound,
    /// 6A84
    NotEnoughMemory,
    /// 6A86, 6B00
    IncorrectParameters,
    /// 6A88
    ReferencedDataNotFound,
    /// 6Cxx: ask again with this Le; 0 means 256.
    WrongLe(u8),
    /// 6D00
    InstructionNotSupported,
    /// 6E00
    ClassNotSupported,
    /// Any other.
    Unknown(u16),
}

impl From<u16> for Status {
    fn from(word: u16) -> Self {
        let [sw1, sw2] = word.to_be_bytes();
        match (sw1, sw2) {
            (0x90, 0x00) => Self::Success,
            (0x61, more) => Self::MoreData(more),
            (0x62, 0x85) => Self::Terminated,
            (0x62, remark) => Self::Warning(remark),
            (0x63, 0x00) => Self::VerificationFailed(None),
            (0x63, tries @ 0xC0..=0xCF) => Self::VerificationFailed(Some(tries & 0x0F)),
            (0x64, 0x00) => Self::Timeout,
            (0x64, 0x01) => Self::Cancelled,
            (0x64, 0x02) => Self::PinsDiffer,
            (0x64, 0x03) => Self::PinLength,
            (0x65, 0x81) => Self::MemoryFailure,
            (0x67, 0x00) => Self::WrongLength,
            (0x68, which) => Self::ClassFunctionNotSupported(which),
            (0x69, 0x82) => Self::SecurityStatusNotSatisfied,
            (0x69, 0x83) => Self::AuthenticationMethodBlocked,
            (0x69, 0x84) => Self::ReferenceDataNotUsable,
            (0x69, 0x85) => Self::ConditionsOfUseNotSatisfied,
            (0x69, 0x86) => Self::CommandNotAllowed,
            (0x69, 0x87 | 0x88) => Self::SecureMessagingIncorrect,
            (0x6A, 0x80) => Self::IncorrectData,
            (0x6A, 0x81) => Self::FunctionNotSupported,
            (0x6A, 0x82) => Self::FileNotFound,
            (0x6A, 0x83) => Self::RecordNotFound,
            (0x6A, 0x84) => Self::NotEnoughMemory,
            (0x6A, 0x86) | (0x6B, 0x00) => Self::IncorrectParameters,
            (0x6A, 0x88) => Self::ReferencedDataNotFound,
            (0x6C, le) => Self::WrongLe(le),
            (0x6D, 0x00) => Self::InstructionNotSupported,
            (0x6E, 0x00) => Self::ClassNotSupported,
            _ => Self::Unknown(word),
        }
    }
}

impl Status {
    /// Whether the command did what it was sent for.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Success)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(word) => write!(f, "status {word:04X}"),
            Self::VerificationFailed(Some(tries)) => {
                write!(f, "verification failed, {tries} tries left")
            }
            known => write!(f, "{known:?}"),
        }
    }
}
