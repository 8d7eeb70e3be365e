//! What a reader says it can do, PC/SC part 10: CM_IOCTL_GET_FEATURE_REQUEST and its properties.
//!
//! The answers come from a driver; they are read as if it lied.

use std::time::Instant;

use lichna_apdu::{LONGEST_EXTENDED, LONGEST_SHORT};
use tracing::debug;

use crate::{
    service,
    worker::{Failure, Worker},
};

/// CM_IOCTL_GET_FEATURE_REQUEST, §2.2.
const GET_FEATURE_REQUEST: u32 = 3400;

/// Tags of the features, §2.3.
mod feature {
    pub(super) const VERIFY_PIN_DIRECT: u8 = 0x06;
    pub(super) const MODIFY_PIN_DIRECT: u8 = 0x07;
    pub(super) const IFD_PIN_PROPERTIES: u8 = 0x0A;
    pub(super) const GET_TLV_PROPERTIES: u8 = 0x12;
}

/// Tags of GET_TLV_PROPERTIES, §2.6.14.
mod property {
    pub(super) const MIN_PIN_SIZE: u8 = 0x06;
    pub(super) const MAX_PIN_SIZE: u8 = 0x07;
    pub(super) const MAX_APDU_DATA_SIZE: u8 = 0x0A;
}

/// Most characters of a PIN that a keypad takes which does not say.
const USUAL_LONGEST_PIN: u8 = 15;
/// dwMaxAPDUDataSize of a reader that takes every extended APDU.
const ANY_EXTENDED: u32 = 0x1_0000;

/// What a reader can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features {
    /// Control code of FEATURE_VERIFY_PIN_DIRECT.
    pub(crate) verify: Option<u32>,
    /// Control code of FEATURE_MODIFY_PIN_DIRECT.
    pub(crate) modify: Option<u32>,
    /// What PINs its keypad takes.
    pub(crate) keypad: Keypad,
    /// Longest command that it takes, in bytes.
    pub(crate) longest_command: usize,
}

/// What PINs a keypad takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keypad {
    /// Fewest characters.
    pub(crate) shortest: u8,
    /// Most characters.
    pub(crate) longest: u8,
}

impl Default for Features {
    /// A reader that says nothing: no keypad, short commands.
    fn default() -> Self {
        Self {
            verify: None,
            modify: None,
            keypad: Keypad {
                shortest: 0,
                longest: USUAL_LONGEST_PIN,
            },
            longest_command: LONGEST_SHORT,
        }
    }
}

/// Asks the reader. One that cannot answer has no features: readers that claim a keypad and fail
/// when asked about it are about.
pub(crate) fn ask(worker: &Worker, deadline: Instant) -> Result<Features, Failure> {
    let control = |code| match worker.control(code, Vec::new(), deadline) {
        Ok(answer) => Ok(Some(answer)),
        // The card or the service is gone: that is no answer about the reader.
        Err(Failure::Pcsc(error)) if !is_about_the_reader(error) => Err(Failure::Pcsc(error)),
        Err(Failure::Pcsc(error)) => {
            debug!(%error, "the reader does not say what it can");
            Ok(None)
        }
        Err(failure) => Err(failure),
    };
    let Some(list) = control(control_code(GET_FEATURE_REQUEST))? else {
        return Ok(Features::default());
    };
    let list = FeatureList::parse(&list);
    let mut features = Features {
        verify: list.verify,
        modify: list.modify,
        ..Features::default()
    };
    if let Some(code) = list.tlv_properties {
        match control(code)? {
            Some(properties) => features.apply(&properties),
            None => features.lose_keypad(),
        }
    } else if let Some(code) = list.pin_properties
        && control(code)?.is_none()
    {
        features.lose_keypad();
    }
    debug!(?features, "the reader");
    Ok(features)
}

fn is_about_the_reader(error: pcsc::Error) -> bool {
    !service::is_lost(error)
        && !matches!(
            error,
            pcsc::Error::RemovedCard
                | pcsc::Error::NoSmartcard
                | pcsc::Error::ReaderUnavailable
                | pcsc::Error::UnknownReader
        )
}

/// SCARD_CTL_CODE, which differs between the systems.
#[allow(
    clippy::useless_conversion,
    reason = "the type differs between the systems"
)]
fn control_code(number: u32) -> u32 {
    u32::try_from(pcsc::ctl_code(number.into())).unwrap_or_default()
}

/// Control codes by feature, as GET_FEATURE_REQUEST lists them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct FeatureList {
    verify: Option<u32>,
    modify: Option<u32>,
    pin_properties: Option<u32>,
    tlv_properties: Option<u32>,
}

impl FeatureList {
    /// Entries of tag, length 4, control code in big-endian order. The list ends at the first
    /// that is none.
    fn parse(bytes: &[u8]) -> Self {
        let mut list = Self::default();
        for entry in Entries(bytes) {
            let Ok(code) = <[u8; 4]>::try_from(entry.value).map(u32::from_be_bytes) else {
                continue;
            };
            let code = Some(code).filter(|code| *code != 0);
            match entry.tag {
                feature::VERIFY_PIN_DIRECT => list.verify = code,
                feature::MODIFY_PIN_DIRECT => list.modify = code,
                feature::IFD_PIN_PROPERTIES => list.pin_properties = code,
                feature::GET_TLV_PROPERTIES => list.tlv_properties = code,
                _ => {}
            }
        }
        list
    }
}

impl Features {
    /// Takes over what GET_TLV_PROPERTIES says.
    fn apply(&mut self, properties: &[u8]) {
        for entry in Entries(properties) {
            match (entry.tag, entry.value) {
                // 0 is what a driver says that does not know.
                (property::MIN_PIN_SIZE, [shortest @ 1..=u8::MAX]) => {
                    self.keypad.shortest = *shortest
                }
                (property::MAX_PIN_SIZE, [longest @ 1..=u8::MAX]) => self.keypad.longest = *longest,
                (property::MAX_APDU_DATA_SIZE, value) => {
                    if let Ok(size) = <[u8; 4]>::try_from(value) {
                        self.longest_command = longest_command(u32::from_le_bytes(size));
                    }
                }
                _ => {}
            }
        }
        if self.keypad.shortest > self.keypad.longest {
            self.lose_keypad();
        }
    }

    fn lose_keypad(&mut self) {
        self.verify = None;
        self.modify = None;
    }

    /// Whether a PIN can be typed at the reader.
    pub(crate) const fn has_keypad(&self) -> bool {
        self.verify.is_some() || self.modify.is_some()
    }
}

/// Longest command of a reader with this dwMaxAPDUDataSize: 0 is a reader for short APDUs,
/// 0x10000 one for all extended ones; between them drivers count the whole command.
fn longest_command(size: u32) -> usize {
    if size >= ANY_EXTENDED {
        LONGEST_EXTENDED
    } else {
        usize::try_from(size)
            .unwrap_or(LONGEST_SHORT)
            .max(LONGEST_SHORT)
    }
}

/// Entries of tag, length and value of one byte each, two and so many, as part 10 has them (no
/// BER). What is cut off ends them.
struct Entries<'a>(&'a [u8]);

struct Entry<'a> {
    tag: u8,
    value: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (&[tag, length], rest) = self.0.split_first_chunk()?;
        let Some((value, rest)) = rest.split_at_checked(length.into()) else {
            self.0 = &[];
            return None;
        };
        self.0 = rest;
        Some(Entry { tag, value })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As libccid answers for a keypad reader.
    const LIST: [u8; 24] = [
        0x06, 0x04, 0x42, 0x33, 0x00, 0x06, 0x07, 0x04, 0x42, 0x33, 0x00, 0x07, 0x0A, 0x04, 0x42,
        0x33, 0x00, 0x0A, 0x12, 0x04, 0x42, 0x33, 0x00, 0x12,
    ];

    fn applied(properties: &[u8]) -> Features {
        let mut features = Features {
            verify: Some(1),
            ..Features::default()
        };
        features.apply(properties);
        features
    }

    #[test]
    fn reads_the_list_of_features() {
        assert_eq!(
            FeatureList::parse(&LIST),
            FeatureList {
                verify: Some(0x4233_0006),
                modify: Some(0x4233_0007),
                pin_properties: Some(0x4233_000A),
                tlv_properties: Some(0x4233_0012),
            }
        );
    }

    #[test]
    fn passes_over_features_of_another_length_and_stops_where_the_list_is_cut_off() {
        let list = [
            0x06, 0x02, 0x42, 0x33, 0x07, 0x04, 0, 0, 0, 9, 0x12, 0x04, 1,
        ];
        assert_eq!(
            FeatureList::parse(&list),
            FeatureList {
                modify: Some(9),
                ..FeatureList::default()
            }
        );
    }

    #[test]
    fn reads_the_properties_in_little_endian_order() {
        let features = applied(&[
            0x01, 0x02, 0x10, 0x02, 0x06, 0x01, 4, 0x07, 0x01, 12, 0x0A, 0x04, 0x00, 0x00, 0x01,
            0x00,
        ]);
        assert_eq!(
            features.keypad,
            Keypad {
                shortest: 4,
                longest: 12
            }
        );
        assert_eq!(features.longest_command, LONGEST_EXTENDED);
    }

    #[test]
    fn a_reader_that_does_not_say_takes_short_commands() {
        assert_eq!(applied(&[]).longest_command, LONGEST_SHORT);
        assert_eq!(
            applied(&[0x0A, 4, 0, 0, 0, 0]).longest_command,
            LONGEST_SHORT
        );
        assert_eq!(applied(&[0x0A, 2, 0, 1]).longest_command, LONGEST_SHORT);
        assert_eq!(
            applied(&[0x0A, 4, 5, 0, 0, 0]).longest_command,
            LONGEST_SHORT
        );
        assert_eq!(applied(&[0x0A, 4, 0, 8, 0, 0]).longest_command, 2048);
    }

    #[test]
    fn a_keypad_with_impossible_limits_is_none() {
        assert!(!applied(&[0x06, 1, 9, 0x07, 1, 4]).has_keypad());
    }

    #[test]
    fn a_limit_of_zero_is_no_limit() {
        assert_eq!(applied(&[0x07, 1, 0]).keypad.longest, USUAL_LONGEST_PIN);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = FeatureList::parse(&bytes);
            let features = applied(&bytes);
            prop_assert!((LONGEST_SHORT..=LONGEST_EXTENDED).contains(&features.longest_command));
            prop_assert!(Entries(&bytes).count() <= bytes.len() / 2);
            if features.has_keypad() {
                prop_assert!(features.keypad.shortest <= features.keypad.longest);
            }
        }

        #[test]
        fn a_list_that_was_written_is_read(verify: u32, modify: u32, rest in 0_u8..6) {
            let mut bytes = vec![0x06, 4];
            bytes.extend(verify.to_be_bytes());
            bytes.extend([0x07, 4]);
            bytes.extend(modify.to_be_bytes());
            bytes.extend(std::iter::repeat_n(0xFF, rest.into()));
            let list = FeatureList::parse(&bytes);
            prop_assert_eq!(list.verify, Some(verify).filter(|code| *code != 0));
            prop_assert_eq!(list.modify, Some(modify).filter(|code| *code != 0));
        }
    }
}
