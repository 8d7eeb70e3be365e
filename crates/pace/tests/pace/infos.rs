//! What EF.CardAccess may say.

use der::asn1::{Any, ObjectIdentifier};
use der::{Encode, Tag};
use lichna_apdu::tlv;
use lichna_pace::{
    Cipher, Curve, PaceError, PaceInfo, SecurityInfo, SecurityInfos, SecurityInfosError,
    Unsupported,
};
use proptest::prelude::*;

fn number(number: u32) -> Any {
    Any::encode_from(&number).unwrap()
}

/// A `PACEInfo`: arcs below id-PACE, version, parameter id.
fn pace(arcs: &str, version: u32, parameter: Option<u32>) -> SecurityInfo {
    let id = ObjectIdentifier::new_unwrap(&format!("0.4.0.127.0.7.2.2.4.{arcs}"));
    SecurityInfo::new(id, number(version), parameter.map(number)).unwrap()
}

/// A `PACEDomainParameterInfo` of ECDH with generic mapping.
fn parameters(algorithm: &str, parameters: u32, id: Option<u32>) -> SecurityInfo {
    let algorithm = ObjectIdentifier::new_unwrap(algorithm).to_der().unwrap();
    let inside = [algorithm, parameters.to_der().unwrap()].concat();
    let identifier = Any::new(Tag::Sequence, inside).unwrap();
    let protocol = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.2");
    SecurityInfo::new(protocol, identifier, id.map(number)).unwrap()
}

const STANDARDIZED: &str = "0.4.0.127.0.7.1.2";

fn choose(infos: Vec<SecurityInfo>) -> Result<PaceInfo, PaceError> {
    let der = SecurityInfos::new(infos).encode().unwrap();
    SecurityInfos::parse(&der).unwrap().pace()
}

fn unsupported(infos: Vec<SecurityInfo>) -> Unsupported {
    match choose(infos) {
        Err(PaceError::Unsupported { what }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn takes_every_curve_and_cipher_that_is_spoken() {
    for curve in Curve::ALL {
        for cipher in Cipher::ALL {
            let info = PaceInfo::new(curve, cipher);
            let chosen = choose(vec![info.security_info().unwrap()]).unwrap();
            assert_eq!(chosen, info);
        }
    }
}

#[test]
fn reads_the_card_access_of_the_icao_example() {
    let der = hex::decode("31143012060A04007F0007020204020202010202010D").unwrap();
    let infos = SecurityInfos::parse(&der).unwrap();
    let info = infos.pace().unwrap();
    assert_eq!(info, PaceInfo::new(Curve::BrainpoolP256r1, Cipher::Aes128));
    assert_eq!(infos.encode().unwrap(), der);
}

#[test]
fn picks_the_longest_key_then_the_longest_curve() {
    let offered = [
        PaceInfo::new(Curve::P384, Cipher::Aes128),
        PaceInfo::new(Curve::P256, Cipher::Aes256),
        PaceInfo::new(Curve::BrainpoolP384r1, Cipher::Aes256),
        PaceInfo::new(Curve::BrainpoolP384r1, Cipher::Aes192),
    ];
    let infos = offered.map(|info| info.security_info().unwrap()).to_vec();
    assert_eq!(choose(infos).unwrap(), offered[2]);
}

#[test]
fn keeps_and_skips_what_it_does_not_know() {
    let mut inside = Vec::new();
    for info in [
        // Terminal Authentication, Chip Authentication, PACE, a key
        "300D060804007F0007020202020102",
        "3012060A04007F000702020302020201020201 48",
        "3012060A04007F0007020204020402010202010C",
        "300E060904007F000701010101020105",
    ] {
        inside.extend(hex::decode(info.replace(' ', "")).unwrap());
    }
    // A private protocol under a UUID, which is greater than const-oid lets a number be.
    let uuid = [&[0x69, 0x83][..], &[0xF7; 17], &[0x1B]].concat();
    let private = [tlv::encode(0x06, &uuid), tlv::encode(0x02, &[1])].concat();
    inside.extend(tlv::encode(0x30, &private));
    let whole = tlv::encode(0x31, &inside);
    let infos = SecurityInfos::parse(&whole).unwrap();
    assert_eq!(infos.iter().count(), 5);
    assert_eq!(
        infos.pace().unwrap(),
        PaceInfo::new(Curve::P256, Cipher::Aes256)
    );
    assert!(infos.iter().any(|info| info.protocol().is_none()));
    assert_eq!(infos.encode().unwrap().len(), whole.len());
}

#[test]
fn refuses_by_name_what_it_does_not_speak() {
    // Req 15.3
    let cases = [
        (vec![], Unsupported::NoPace),
        (vec![pace("1.2", 2, Some(0))], Unsupported::DiffieHellman),
        (vec![pace("3.2", 2, Some(0))], Unsupported::DiffieHellman),
        (
            vec![pace("4.2", 2, Some(12))],
            Unsupported::IntegratedMapping,
        ),
        (
            vec![pace("6.2", 2, Some(12))],
            Unsupported::ChipAuthenticationMapping,
        ),
        (vec![pace("2.1", 2, Some(12))], Unsupported::TripleDes),
        (vec![pace("1.1", 2, Some(12))], Unsupported::TripleDes),
        (vec![pace("2.2", 1, Some(12))], Unsupported::Version(1)),
        (
            vec![pace("2.2", 2, Some(8))],
            Unsupported::DomainParameters(8),
        ),
        (
            vec![pace("2.4", 2, Some(18))],
            Unsupported::DomainParameters(18),
        ),
        (vec![pace("2.2", 2, None)], Unsupported::UnnamedParameters),
        (
            vec![pace("2.2", 2, Some(40))],
            Unsupported::UnnamedParameters,
        ),
        (
            vec![
                pace("2.2", 2, Some(40)),
                parameters("1.2.840.10045.2.1", 1, Some(40)),
            ],
            Unsupported::ExplicitParameters,
        ),
        (
            vec![pace("2.2", 2, None), parameters(STANDARDIZED, 10, None)],
            Unsupported::DomainParameters(10),
        ),
        (
            vec![pace("2.5", 2, Some(12))],
            Unsupported::Protocol("0.4.0.127.0.7.2.2.4.2.5".to_owned()),
        ),
        (
            vec![pace("9.2", 2, Some(12))],
            Unsupported::Protocol("0.4.0.127.0.7.2.2.4.9.2".to_owned()),
        ),
        // Basic Access Control has no info; what is there is of other protocols.
        (
            vec![
                SecurityInfo::new(
                    ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.2"),
                    number(1),
                    None,
                )
                .unwrap(),
            ],
            Unsupported::NoPace,
        ),
    ];
    for (infos, what) in cases {
        assert_eq!(unsupported(infos), what);
    }
}

#[test]
fn takes_what_it_speaks_from_among_what_it_does_not() {
    let infos = vec![
        pace("4.4", 2, Some(16)),
        pace("2.2", 2, Some(13)),
        pace("1.4", 2, Some(2)),
    ];
    let chosen = choose(infos).unwrap();
    assert_eq!(
        chosen,
        PaceInfo::new(Curve::BrainpoolP256r1, Cipher::Aes128)
    );
}

#[test]
fn follows_a_number_of_the_cards_own_to_its_curve() {
    let infos = vec![
        pace("2.3", 2, Some(77)),
        parameters(STANDARDIZED, 12, Some(76)),
        parameters(STANDARDIZED, 16, Some(77)),
    ];
    let chosen = choose(infos).unwrap();
    assert_eq!(
        (chosen.curve(), chosen.cipher()),
        (Curve::BrainpoolP384r1, Cipher::Aes192)
    );
    // MSE:SET AT names them as the card does.
    assert_eq!(chosen.parameter_id(), Some(77));
    let unnamed = vec![pace("2.3", 2, None), parameters(STANDARDIZED, 15, None)];
    let chosen = choose(unnamed).unwrap();
    assert_eq!((chosen.curve(), chosen.parameter_id()), (Curve::P384, None));
}

#[test]
fn names_the_info_that_is_malformed() {
    let protocol = "0.4.0.127.0.7.2.2.4.2.2";
    let id = ObjectIdentifier::new_unwrap(protocol);
    let text = Any::new(Tag::Utf8String, b"two".to_vec()).unwrap();
    for broken in [
        SecurityInfo::new(id, text.clone(), None).unwrap(),
        SecurityInfo::new(id, number(2), Some(text)).unwrap(),
    ] {
        let refused = choose(vec![broken]).unwrap_err();
        let expected = SecurityInfosError::Info {
            protocol: protocol.to_owned(),
        };
        assert_eq!(refused, PaceError::SecurityInfos(expected));
    }
}

#[test]
fn refuses_bytes_that_are_no_security_infos() {
    let good = PaceInfo::new(Curve::P256, Cipher::Aes256)
        .security_info()
        .unwrap();
    let good = SecurityInfos::new(vec![good]).encode().unwrap();
    for end in 0..good.len() {
        SecurityInfos::parse(&good[..end]).unwrap_err();
    }
    let longer = [good.as_slice(), &[0]].concat();
    SecurityInfos::parse(&longer).unwrap_err();
    let sequence = [&[0x30], &good[1..]].concat();
    SecurityInfos::parse(&sequence).unwrap_err();
    let too_long = vec![0x31; 20_000];
    let refused = SecurityInfos::parse(&too_long).unwrap_err();
    assert!(matches!(
        refused,
        SecurityInfosError::TooLong { length: 20_000, .. }
    ));
}

proptest! {
    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(infos) = SecurityInfos::parse(&bytes) {
            let _ = infos.pace();
        }
    }

    #[test]
    fn survives_any_changed_byte(at in 0_usize..200, to: u8) {
        let infos = Cipher::ALL.map(|cipher| PaceInfo::new(Curve::P256, cipher));
        let infos = infos.map(|info| info.security_info().unwrap()).to_vec();
        let mut der = SecurityInfos::new(infos).encode().unwrap();
        let at = at % der.len();
        der[at] = to;
        if let Ok(infos) = SecurityInfos::parse(&der) {
            let _ = infos.pace();
            let again = infos.encode();
            prop_assert!(again.is_err() || SecurityInfos::parse(&again.unwrap()).is_ok());
        }
    }
}
