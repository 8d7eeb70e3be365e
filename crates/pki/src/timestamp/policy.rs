//! The policy of a timestamping authority: an object identifier with arcs of up to 128 bits, for
//! those that are made from a UUID (2.25, X.667) have such.

use core::{fmt, str::FromStr};

use der::{Tag, asn1::AnyRef};
use uuid::Uuid;

use super::{TimestampFault, structures::Policy};

/// Longest identifier, in bytes.
const LONGEST: usize = 64;

/// Under what rules a timestamp was made: TSAPolicyId, RFC 3161 §2.4.1.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TimestampPolicy(Vec<u8>);

impl TimestampPolicy {
    /// The one that an authority makes up for itself: 2.25 followed by a UUID.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        let mut bytes = Vec::new();
        put(&mut bytes, 2 * 40 + 25);
        put(&mut bytes, uuid.as_u128());
        Self(bytes)
    }

    pub(super) fn read(policy: &Policy<'_>) -> Result<Self, TimestampFault> {
        let bytes = policy.0.value();
        let whole = bytes.last().is_some_and(|last| last & 0x80 == 0);
        if bytes.len() > LONGEST || !whole {
            return Err(TimestampFault::Malformed { part: "policy" });
        }
        Ok(Self(bytes.to_vec()))
    }

    pub(super) fn der(&self) -> der::Result<Policy<'_>> {
        AnyRef::new(Tag::ObjectIdentifier, &self.0).map(Policy)
    }
}

/// Base 128, the first bit of each byte but the last set: X.690 §8.19.2.
fn put(bytes: &mut Vec<u8>, arc: u128) {
    let mut groups = Vec::new();
    let mut rest = arc;
    loop {
        // INVARIANT: seven bits fit a byte.
        groups.push(u8::try_from(rest & 0x7F).unwrap_or_default());
        rest >>= 7;
        if rest == 0 {
            break;
        }
    }
    let last = groups.len().saturating_sub(1);
    for (place, group) in groups.into_iter().rev().enumerate() {
        bytes.push(if place == last { group } else { group | 0x80 });
    }
}

impl FromStr for TimestampPolicy {
    type Err = TimestampFault;

    /// Reads numbers with dots between them.
    fn from_str(text: &str) -> Result<Self, TimestampFault> {
        let malformed = || TimestampFault::Malformed { part: "policy" };
        let mut arcs = Vec::new();
        for arc in text.split('.') {
            if arc.is_empty() || !arc.bytes().all(|digit| digit.is_ascii_digit()) {
                return Err(malformed());
            }
            arcs.push(arc.parse::<u128>().map_err(|_| malformed())?);
        }
        let [first, second, rest @ ..] = arcs.as_slice() else {
            return Err(malformed());
        };
        if *first > 2 || (*first < 2 && *second > 39) {
            return Err(malformed());
        }
        let mut bytes = Vec::new();
        put(
            &mut bytes,
            (first * 40).checked_add(*second).ok_or_else(malformed)?,
        );
        for arc in rest {
            put(&mut bytes, *arc);
        }
        if bytes.len() > LONGEST {
            return Err(malformed());
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for TimestampPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for group in self.0.split_inclusive(|byte| byte & 0x80 == 0) {
            let Some(arc) = arc(group) else {
                return f.write_str("…");
            };
            if first {
                let root = (arc / 40).min(2);
                write!(f, "{root}.{}", arc - root * 40)?;
            } else {
                write!(f, ".{arc}")?;
            }
            first = false;
        }
        Ok(())
    }
}

/// The number in base 128; `None` when it has more than 128 bits.
fn arc(group: &[u8]) -> Option<u128> {
    group.iter().try_fold(0_u128, |arc, byte| {
        Some(arc.checked_mul(0x80)? | u128::from(byte & 0x7F))
    })
}

impl fmt::Debug for TimestampPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimestampPolicy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_identifiers_also_long_ones() {
        for text in ["1.2.840.113549", "2.999.1", "0.4.0.2023.1.1", "2.5.29.32.0"] {
            let policy: TimestampPolicy = text.parse().unwrap();
            assert_eq!(policy.to_string(), text);
            assert_eq!(TimestampPolicy::read(&policy.der().unwrap()), Ok(policy));
        }
        let uuid = Uuid::from_u128(0xF81D_4FAE_7DEC_11D0_A765_00A0_C91E_6BF6);
        let policy = TimestampPolicy::from_uuid(uuid);
        // The example of X.667.
        assert_eq!(
            policy.to_string(),
            "2.25.329800735698586629295641978511506172918"
        );
        assert_eq!(policy.to_string().parse(), Ok(policy));
        for text in [
            "", "1", "1.", "1.40", "3.1", "1.2.-3", "1.2.+3", "a.b", "1..2",
        ] {
            assert!(text.parse::<TimestampPolicy>().is_err(), "{text}");
        }
    }
}
