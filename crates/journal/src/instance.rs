//! The name of an instance.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::JournalError;

/// Which of several servers writes a journal: 1 to 64 of `a`–`z`, `0`–`9`, `.`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instance(String);

/// Characters it has at most.
const LONGEST: usize = 64;

impl Instance {
    /// # Errors
    /// [`JournalError::InstanceName`].
    pub fn new(name: &str) -> Result<Self, JournalError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        if name.is_empty() || name.len() > LONGEST || !name.chars().all(allowed) {
            return Err(JournalError::InstanceName);
        }
        Ok(Self(name.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Instance {
    type Err = JournalError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl TryFrom<String> for Instance {
    type Error = JournalError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name)
    }
}

impl From<Instance> for String {
    fn from(instance: Instance) -> Self {
        instance.0
    }
}
