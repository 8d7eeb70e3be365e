//! Data objects within bounds.

use lichna_apdu::tlv::{self, DEEPEST, LONGEST, TlvError};
use proptest::prelude::*;

fn nested(depth: usize) -> Vec<u8> {
    (1..depth).fold(tlv::encode(0x04, b"x"), |inside, _| {
        tlv::encode(0x30, &inside)
    })
}

#[test]
fn reads_a_value_by_its_path() {
    let inner = [tlv::encode(0x82, &[1, 2]), tlv::encode(0x81, &[3])].concat();
    let whole = tlv::parse(&tlv::encode(0x7C, &inner)).unwrap();
    assert_eq!(tlv::value_at(&whole, &[0x81]).unwrap(), [3]);
    let missing = tlv::value_at(&whole, &[0x83]).unwrap_err();
    assert_eq!(missing, TlvError::Missing { tag: "83".into() });
}

#[test]
fn reads_long_lengths_and_long_tags() {
    for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFF0] {
        let value = vec![0xA5; length];
        let whole = tlv::parse(&tlv::encode(0x5F2F, &value)).unwrap();
        assert_eq!(tlv::value_at(&whole, &[]).unwrap(), value, "{length} bytes");
    }
}

#[test]
fn refuses_what_is_nested_too_deep() {
    assert!(tlv::parse(&nested(DEEPEST)).is_ok());
    let refused = tlv::parse(&nested(DEEPEST + 1)).unwrap_err();
    assert!(matches!(refused, TlvError::TooDeep { .. }), "{refused}");
    let refused = tlv::parse(&nested(10_000)).unwrap_err();
    assert!(matches!(refused, TlvError::TooDeep { .. }), "{refused}");
}

#[test]
fn refuses_more_than_an_answer_can_carry() {
    let refused = tlv::parse(&vec![0; LONGEST + 1]).unwrap_err();
    assert_eq!(
        refused,
        TlvError::TooLong {
            length: LONGEST + 1
        }
    );
}

#[test]
fn refuses_an_object_that_says_more_than_is_there() {
    let refused = tlv::parse(&[0x53, 0x82, 0xFF, 0xFF, 1, 2, 3]).unwrap_err();
    assert_eq!(
        refused,
        TlvError::CutOff {
            offset: 0,
            announced: 0xFFFF,
            present: 3
        }
    );
    // The inner object reaches beyond its parent.
    let refused = tlv::parse(&[0x7C, 0x02, 0x82, 0x05]).unwrap_err();
    assert_eq!(
        refused,
        TlvError::CutOff {
            offset: 2,
            announced: 5,
            present: 0
        }
    );
}

#[test]
fn refuses_lengths_that_no_card_needs() {
    for bytes in [
        &[0x04, 0x80][..],
        &[0x04, 0x84, 0, 0, 0, 0],
        &[0x04],
        &[0x1F],
        &[0x1F, 0x81],
    ] {
        let refused = tlv::parse(bytes).unwrap_err();
        assert!(
            matches!(refused, TlvError::Malformed { offset: 0 }),
            "{bytes:?}: {refused}"
        );
    }
}

#[test]
fn refuses_bytes_after_the_object() {
    assert_eq!(
        tlv::parse(&[0x04, 0x01, 7, 9]).unwrap_err(),
        TlvError::Malformed { offset: 3 }
    );
    let (first, rest) = tlv::parse_first(&[0x04, 0x01, 7, 9]).unwrap();
    assert_eq!(
        (tlv::value_at(&first, &[]).unwrap(), rest),
        (&[7][..], &[9][..])
    );
}

proptest! {
    #[test]
    fn what_is_encoded_is_read_back(
        tag in prop::sample::select(vec![0x53_u16, 0x70, 0x7C, 0x82, 0x5FC1, 0x7F49]),
        value in prop::collection::vec(any::<u8>(), 0..5000),
    ) {
        let bytes = tlv::encode(tag, &value);
        let (content, head) = (value.as_slice(), bytes.len() - value.len());
        prop_assert_eq!(&bytes[head..], content);
        if [0x53, 0x82].contains(&tag) {
            let whole = tlv::parse(&bytes).unwrap();
            prop_assert_eq!(tlv::value_at(&whole, &[]).unwrap(), content);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = tlv::parse(&bytes);
        let _ = tlv::parse_all(&bytes);
    }
}
