//! What shows that a card is genuine.

use lichna_pace::{Anchor, Evidence, SecurityObject};
use time::OffsetDateTime;

/// A moment at which all of `anchors/` are valid: 2027-01-01.
const AT: i64 = 1_798_761_600;
const CARD_ACCESS: &[u8] = include_bytes!("../anchors/card-access");
const SIGNED: &[u8] = include_bytes!("../anchors/dg14");

/// DG14 (two bytes of length, then it) and EF.SOD: they are vouched for only when DG14 is the one
/// that was signed. The keys of the anchors were thrown away.
pub fn security_object(data: &[u8]) {
    thread_local! {
        static ANCHORS: Vec<Anchor> = anchors();
    }
    let Some((length, rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (group, signed) = rest.split_at(length);
    let Ok(at) = OffsetDateTime::from_unix_timestamp(AT) else {
        return;
    };
    let evidence = Evidence {
        card_access: Some(CARD_ACCESS),
        data_group_14: Some(group),
        security_object: Some(signed),
    };
    ANCHORS.with(|anchors| {
        if evidence.examine(anchors, at).is_ok() {
            assert!(group.starts_with(SIGNED), "another DG14 was vouched for");
        }
        if let Ok(signed) = SecurityObject::parse(signed) {
            // The signer's chain too, whatever the list of hashes says.
            let _ = signed.verify(anchors, at);
            assert_eq!(signed.verify(&[], at).ok(), None);
        }
    });
}

#[allow(
    clippy::expect_used,
    reason = "the anchors are files of this repository"
)]
fn anchors() -> Vec<Anchor> {
    let practice: &[u8] = include_bytes!("../anchors/practice.der");
    let countries: [&[u8]; 3] = [
        include_bytes!("../anchors/p384.der"),
        include_bytes!("../anchors/rsa.der"),
        include_bytes!("../anchors/pss.der"),
    ];
    let countries = countries.into_iter().map(Anchor::country);
    let all = countries.chain([Anchor::practice(practice)]);
    all.map(|anchor| anchor.expect("a file of this repository"))
        .collect()
}
