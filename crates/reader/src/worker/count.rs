//! How many threads may be stuck with one reader.
//!
//! A thread that is stuck in SCardConnect or in a driver lives until that comes back. Whoever asks
//! again and again would have more and more of them, and pcscd serves 200 clients at most; so
//! beyond a few, a reader is not asked again until one of them is free.

use std::{
    collections::BTreeMap,
    ffi::{CStr, CString},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most threads with one reader: one that works, and some that are stuck.
const MOST: usize = 8;

static WITH_READER: Mutex<BTreeMap<CString, usize>> = Mutex::new(BTreeMap::new());

/// A thread's place with a reader, until it is dropped.
pub(super) struct Place(CString);

impl Place {
    /// A place, unless all are taken.
    pub(super) fn take(reader: &CStr) -> Option<Self> {
        let mut places = places();
        let taken = places.entry(reader.to_owned()).or_default();
        if *taken >= MOST {
            return None;
        }
        *taken += 1;
        Some(Self(reader.to_owned()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = places();
        if let Some(taken) = places.get_mut(&self.0) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                places.remove(&self.0);
            }
        }
    }
}

fn places() -> MutexGuard<'static, BTreeMap<CString, usize>> {
    WITH_READER.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_has_so_many_places_and_another_has_its_own() {
        let reader = c"Counted 00 00";
        let taken: Vec<_> = (0..MOST).filter_map(|_| Place::take(reader)).collect();
        assert_eq!(taken.len(), MOST);
        assert!(Place::take(reader).is_none());
        assert!(Place::take(c"Counted 01 00").is_some());
        drop(taken);
        assert!(Place::take(reader).is_some());
        assert!(!places().contains_key(reader));
    }
}
