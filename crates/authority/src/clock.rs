//! The time, as the store and the journal have it.

use time::OffsetDateTime;

/// Unix milliseconds.
pub fn now() -> i64 {
    millis(OffsetDateTime::now_utc())
}

/// A time as Unix milliseconds.
pub fn millis(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// Unix milliseconds as a time; what no calendar holds is its beginning.
pub fn time(millis: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Unix milliseconds as RFC 3339 has them, for JSON: `#[serde(serialize_with = "clock::rfc3339")]`.
///
/// # Errors
/// The serializer's.
pub fn rfc3339<S: serde::Serializer>(millis: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    time::serde::rfc3339::serialize(&time(*millis), serializer)
}

/// The same where there may be none.
///
/// # Errors
/// The serializer's.
pub fn rfc3339_option<S: serde::Serializer>(
    millis: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time::serde::rfc3339::option::serialize(&millis.map(time), serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_after_a_way_through_milliseconds() {
        let now = now();
        assert_eq!(millis(time(now)), now);
        assert_eq!(time(i64::MAX), OffsetDateTime::UNIX_EPOCH);
    }
}
