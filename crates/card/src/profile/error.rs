//! What is wrong with a profile file, and where.

use thiserror::Error;

/// Why a profile is not used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The file has a fault.
    #[error("{file}, line {line}, {field}: {fault}")]
    ProfileInvalid {
        /// Name of the file, as it was handed in.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The field at fault: `keys[0].pin`.
        field: String,
        /// What is wrong with it.
        fault: ProfileFault,
    },
    /// It claims cards that a signed profile knows.
    #[error(
        "{file}, line {line}, {field}: an unsigned profile cannot claim the cards of “{known}”"
    )]
    ClaimsKnownCard {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The field that claims them.
        field: String,
        /// Name of the profile that knows them.
        known: String,
    },
    /// It takes away a protection.
    #[error("{file}, line {line}, {field}: only a signed profile may relax this")]
    RelaxesProtection {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The field that relaxes it.
        field: String,
    },
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileFault {
    /// It is not TOML.
    #[error("{message}")]
    Syntax {
        /// What the TOML reader says.
        message: String,
    },
    /// The file is longer than any profile.
    #[error("{length} bytes are more than the {longest} of the longest profile")]
    TooLong {
        /// Bytes of the file.
        length: usize,
        /// Most that are read.
        longest: usize,
    },
    /// No such field.
    #[error("there is no such field")]
    UnknownField,
    /// It has to be there.
    #[error("it is missing")]
    Missing,
    /// Another kind of value.
    #[error("{found} where {expected} is expected")]
    WrongType {
        /// What is expected.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A number that is too small or too large.
    #[error("it must be {least} to {most}")]
    OutOfRange {
        /// Least number.
        least: i64,
        /// Greatest number.
        most: i64,
    },
    /// A text that is empty or too long, or a list with too few or too many entries.
    #[error("its length must be {least} to {most}, not {length}")]
    Length {
        /// Its length: characters, bytes, or entries.
        length: usize,
        /// Least length.
        least: usize,
        /// Greatest length.
        most: usize,
    },
    /// A word that is not one of those that are known.
    #[error("it must be one of {}", allowed.join(", "))]
    NotOneOf {
        /// Those that are.
        allowed: Vec<&'static str>,
    },
    /// Something other than pairs of hexadecimal digits.
    #[error("it must be pairs of hexadecimal digits")]
    NotHexadecimal,
    /// It names something that is not in the file.
    #[error("there is no {what} {name:?} in this file")]
    NotThere {
        /// What it should be.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The same thing a second time.
    #[error("it is there already")]
    Twice,
    /// Two fields that cannot both be true.
    #[error("{rule}")]
    Contradiction {
        /// The rule it breaks.
        rule: &'static str,
    },
}
