//! Profile files: what is read, what is refused, and where the fault is said to be. Req C.7.

use std::fs;

use lichna_card::{
    Atr, Clear, Dialect, KeyAlgorithm, KeyRef, PinRole, Profile, ProfileError, ProfileFault,
    Profiles, SignatureScheme,
};
use proptest::prelude::*;

/// The worked example of the README, as it stands there.
pub fn example() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../card-profiles/README.md");
    let readme = fs::read_to_string(folder).unwrap();
    let (_, from) = readme.split_once("```toml\n").expect("an example");
    let (example, _) = from.split_once("```").expect("its end");
    example.to_owned()
}

/// PIV, OpenPGP, the Bulgarian identity card, the practice card.
pub const BUILTIN: usize = 4;

/// The example with one text in it replaced by another.
pub fn example_with(from: &str, to: &str) -> String {
    let example = example();
    assert!(example.contains(from), "the example has no {from:?}");
    example.replacen(from, to, 1)
}

/// Line, from 1, of the first occurrence of `text`.
pub fn line_of(all: &str, text: &str) -> usize {
    let (before, _) = all.split_once(text).expect("the text is there");
    before.matches('\n').count() + 1
}

#[test]
fn the_worked_example_is_a_profile_of_its_own() {
    let mut profiles = Profiles::builtin();
    profiles.add_unsigned("example.toml", &example()).unwrap();
    let profile = profiles.iter().last().unwrap();
    assert_eq!(profile.name(), "Example staff card");
    assert_eq!(profile.issuer(), "Municipality of Example");
    assert_eq!(profile.dialect(), Dialect::Piv);
    assert!(profile.unsigned());
    assert!(!profile.extended_length());
    assert_eq!(profile.pace().contactless(), Clear::Refused);
    let pin = profile.user_pin().unwrap();
    assert_eq!(
        (pin.id(), pin.role(), pin.tries()),
        ("pin", PinRole::User, Some(3))
    );
    assert_eq!(pin.unblocked_by(), profile.pin_named("puk"));
    let key = profile.login_keys().next().unwrap();
    assert_eq!(key.reference(), KeyRef::new(0x9A));
    assert_eq!(
        profile.schemes(key.reference(), KeyAlgorithm::EcP256),
        [SignatureScheme::EcdsaSecp256r1Sha256]
    );
    assert_eq!(
        profile.certificate(key.reference()).unwrap().object(),
        [0x5F, 0xC1, 0x05]
    );
}

#[test]
fn the_builtin_profiles_have_no_fault_and_count_as_signed() {
    let profiles = Profiles::builtin();
    assert_eq!(profiles.iter().count(), BUILTIN);
    for profile in profiles.iter() {
        assert!(!profile.unsigned());
        // The practice card has two places; its own files say which is used.
        let keys = match profile.name() {
            "Practice card" => 2,
            _ => usize::from(profile.is_complete()),
        };
        assert_eq!(profile.login_keys().count(), keys, "{}", profile.name());
        assert_eq!(profile.is_practice(), profile.name() == "Practice card");
        // Req 15.2: no PIN over the radio without a secure channel.
        assert_ne!(profile.pace().contactless(), Clear::Allowed);
        assert!(profile.pins().iter().all(|pin| pin.last_try_is_guarded()));
    }
}

#[test]
fn the_builtin_atrs_are_whole_answers_to_reset() {
    let profiles = Profiles::builtin();
    let atrs: Vec<_> = profiles
        .iter()
        .flat_map(|profile| profile.recognition().atrs())
        .collect();
    assert!(!atrs.is_empty());
    for atr in atrs {
        let bytes = atr.pattern();
        // All of them offer T=1, so they end with TCK: all bytes after TS are zero together.
        let check = bytes[1..].iter().fold(0, |sum, byte| sum ^ byte);
        assert_eq!((bytes[0], check), (0x3B, 0), "{}", atr.name());
        assert!(atr.matches(&Atr::parse(bytes).unwrap()));
    }
}

#[test]
fn every_field_of_the_schema_stands_in_the_readme() {
    let readme = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../card-profiles/README.md"
    ))
    .unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/profile/read");
    let source: String = fs::read_dir(folder)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let mut fields = 0;
    for reads in ["required(\"", "optional(\"", "tables(\""] {
        for name in source.split(reads).skip(1) {
            let (name, _) = name.split_once('"').unwrap();
            let named = [
                format!("`{name}`"),
                format!("[{name}]"),
                format!(".{name}]"),
            ];
            assert!(named.iter().any(|named| readme.contains(named)), "{name}");
            fields += 1;
        }
    }
    assert!(fields > 40);
}

#[test]
fn refuses_a_profile_that_claims_a_known_card() {
    let mut profiles = Profiles::builtin();
    // The whole identifier of PIV, its beginning, and one that begins with it.
    for aid in [
        "A0 00 00 03 08 00 00 10 00",
        "A0 00 00 03 08",
        "A0 00 00 03 08 00 00 10 00 01 00",
        "D2 76 00 01 24 01 03 04",
    ] {
        let text = example_with("F0 45 58 41 4D 50 4C 45 01", aid);
        let refused = profiles.add_unsigned("mine.toml", &text).unwrap_err();
        let ProfileError::ClaimsKnownCard {
            file, line, field, ..
        } = refused
        else {
            panic!("{refused:?}");
        };
        assert_eq!(
            (file.as_str(), field.as_str()),
            ("mine.toml", "recognise.aids[0]")
        );
        assert_eq!(line, line_of(&text, aid));
    }
    // A pattern that fits the ATR of a Nitrokey 3, among others.
    let text = example_with("3B 87 80 01 45 58 41 4D 50 00 00", &["3B"; 19].join(" "));
    let text = text.replace(
        "FF FF FF FF FF FF FF FF FF 00 00",
        &format!("FF{}", " 00".repeat(18)),
    );
    let refused = profiles.add_unsigned("mine.toml", &text).unwrap_err();
    assert!(
        matches!(&refused, ProfileError::ClaimsKnownCard { field, known, .. }
            if field == "recognise.atrs[0].pattern" && known == "PIV"),
        "{refused:?}"
    );
    assert_eq!(profiles.iter().count(), BUILTIN);
}

#[test]
fn refuses_an_unsigned_profile_that_relaxes_pace_or_the_last_try() {
    let mut profiles = Profiles::builtin();
    for (from, to, field) in [
        (
            "contactless = \"refused\"",
            "contactless = \"allowed\"",
            "pace.contactless",
        ),
        (
            "tries = 3",
            "tries = 3\nlast_try = \"free\"",
            "pins[0].last_try",
        ),
    ] {
        let text = example_with(from, to);
        // As a signed profile it would be one.
        Profile::check("mine.toml", &text).unwrap();
        let refused = profiles.add_unsigned("mine.toml", &text).unwrap_err();
        let expected = ProfileError::RelaxesProtection {
            file: "mine.toml".into(),
            line: line_of(&text, to.lines().last().unwrap()),
            field: field.into(),
        };
        assert_eq!(refused, expected);
    }
    assert_eq!(profiles.iter().count(), BUILTIN);
}

#[test]
fn refuses_a_profile_without_end() {
    let text = format!("{}# {}", example(), "x".repeat(64 * 1024));
    assert!(matches!(
        Profile::check("long.toml", &text),
        Err(ProfileError::ProfileInvalid {
            fault: ProfileFault::TooLong { .. },
            ..
        })
    ));
    // Deep nesting is the TOML reader's to refuse, without a stack overflow.
    let deep = format!("x = {}", "[".repeat(30_000));
    assert!(Profile::check("deep.toml", &deep).is_err());
}

proptest! {
    /// A profile that was written from values says those values.
    #[test]
    fn what_is_written_is_what_is_read(
        name in "[а-яa-z][а-яA-Z0-9 ]{0,30}",
        aids in prop::collection::vec(prop::collection::vec(any::<u8>(), 5..=16), 1..4),
        atr in prop::collection::vec(any::<(u8, u8)>(), 2..=33),
        references in any::<(u8, u8)>(),
        lengths in (1_u8..=127).prop_flat_map(|longest| (1..=longest, Just(longest))),
        tries in 1_u8..=15,
        key in 0x82_u8..=0x9E,
        flags in any::<(bool, bool, bool)>(),
    ) {
        let hex = |bytes: &[u8]| format!("\"{}\"", hex::encode_upper(bytes));
        let (pattern, mask): (Vec<u8>, Vec<u8>) = atr.iter().copied().unzip();
        let (extended, generate, only) = flags;
        let list: Vec<String> = aids.iter().map(|aid| hex(aid)).collect();
        let text = format!(
            r#"
            schema = 1
            name = "{name}"
            issuer = "i"
            dialect = "piv"
            extended_length = {extended}
            recognise.aids = [{}]
            recognise.only_these_atrs = {only}
            recognise.atrs = [{{ name = "a", pattern = {}, mask = {} }}]
            pins = [{{ id = "p", role = "user", reference = {}, verify_reference = {:#x},
                      shortest = {}, longest = {}, alphabet = "digits", tries = {tries} }}]
            keys = [{{ reference = {key}, role = "authentication", algorithms = ["rsa-2048"],
                      pin = "p", generate = {generate} }}]
            personalisation = {{ administrator = "management-key", reference = 0x9B,
                                algorithms = ["3des"] }}
            "#,
            list.join(", "), hex(&pattern), hex(&mask), references.0, references.1,
            lengths.0, lengths.1,
        );
        let profile = match Profile::check("p.toml", &text) {
            Ok(profile) => profile,
            Err(error) => {
                // The only thing these values can be: one identifier begins another.
                let overlap = aids.iter().enumerate().any(|(at, one)| {
                    aids.iter().skip(at + 1).any(|other| one.starts_with(other) || other.starts_with(one))
                });
                prop_assert!(overlap, "{error}");
                return Ok(());
            }
        };
        prop_assert_eq!(profile.name(), name);
        let read: Vec<&[u8]> = profile.recognition().aids().iter().map(|aid| aid.as_bytes()).collect();
        prop_assert_eq!(read, aids);
        let atr = &profile.recognition().atrs()[0];
        prop_assert_eq!((atr.pattern(), atr.mask()), (&pattern[..], &mask[..]));
        prop_assert_eq!(profile.recognition().only_these_atrs(), only);
        prop_assert_eq!(profile.extended_length(), extended);
        let pin = profile.user_pin().unwrap();
        prop_assert_eq!((pin.change_reference(), pin.verify_reference()), references);
        prop_assert_eq!((pin.format().shortest, pin.format().longest), lengths);
        prop_assert_eq!(pin.tries(), Some(tries));
        let read = profile.key(KeyRef::new(key)).unwrap();
        prop_assert_eq!(read.generate(), generate);
        prop_assert_eq!(read.pin(), Some(pin.reference()));
    }

    /// Whatever one number of a profile is, it is read as it stands, or refused at its place.
    #[test]
    fn numbers_are_read_as_they_stand(reference: u8, shortest in 1_u8..=8, tries in 0_u8..=20) {
        let text = example()
            .replacen("reference = 0x80", &format!("reference = {reference:#04X}"), 1)
            .replacen("shortest = 6", &format!("shortest = {shortest}"), 1)
            .replacen("tries = 3", &format!("tries = {tries}"), 1);
        match Profile::check("p.toml", &text) {
            Ok(profile) => {
                let pin = profile.user_pin().unwrap();
                prop_assert_eq!(pin.verify_reference(), reference);
                prop_assert_eq!(pin.format().shortest, shortest);
                prop_assert_eq!(pin.tries(), Some(tries));
                prop_assert!((1..=15).contains(&tries));
            }
            Err(ProfileError::ProfileInvalid { field, .. }) => {
                prop_assert_eq!(field, "pins[0].tries");
                prop_assert!(!(1..=15).contains(&tries));
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// A profile with any line changed to anything is read or refused, and never more than that.
    #[test]
    fn no_text_makes_the_reader_panic(line in 0_usize..60, with in ".{0,40}") {
        let example = example();
        let mut lines: Vec<&str> = example.lines().collect();
        let at = line.min(lines.len() - 1);
        lines[at] = &with;
        let _ = Profile::check("p.toml", &lines.join("\n"));
        let _ = Profile::check("p.toml", &with);
    }
}
