//! Card types are data. Req C.7.

use std::fs;

use lichna_ipc::{CardState, Failure, Reply, Request};
use lichna_tests::applet::{Applet, Kind, Making};
use lichna_tests::built;
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::hostile::Unknown;
use lichna_tests::pcscd::ReaderSpec;
use lichna_tests::vpicc::{Power, VirtualCard};

use crate::client::{PIN, Person, call};
use crate::stage::{HOLDER, Stage};

/// An answer to reset, and an application, that no profile of ours knows.
const ATR: [u8; 10] = [0x3B, 0x86, 0x01, 0x4E, 0x65, 0x75, 0x65, 0x73, 0x21, 0x3B];
const AID: [u8; 8] = [0xF0, 0x4C, 0x49, 0x43, 0x48, 0x4E, 0x41, 0x54];

/// A PIV card of a make that nobody has heard of.
struct NewMake(Applet);

impl VirtualCard for NewMake {
    fn atr(&self) -> Vec<u8> {
        ATR.to_vec()
    }

    fn power(&mut self, power: Power) {
        self.0.power(power);
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        match command {
            [_, 0xA4, 0x04, _, length, aid @ ..] => {
                let aid = &aid[..usize::from(*length).min(aid.len())];
                if aid == AID {
                    self.0.transmit(&[
                        0x00, 0xA4, 0x04, 0x00, 0x09, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00,
                        0x10, 0x00, 0x00,
                    ])
                } else {
                    vec![0x6A, 0x82]
                }
            }
            _ => self.0.transmit(command),
        }
    }
}

/// The profile of that make: PIV's own, with another way to recognise it.
fn new_make() -> String {
    let piv = fs::read_to_string(built::root().join("card-profiles/piv.toml")).unwrap();
    let (head, rest) = piv.split_once("[recognise]").unwrap();
    let (_, rest) = rest.split_once("[pace]").unwrap();
    let head = head.replace("\"PIV\"", "\"New make\"");
    format!(
        "{head}[recognise]\naids = [\"F0 4C 49 43 48 4E 41 54\"]\n\n[[recognise.atrs]]\n\
         name = \"New make\"\npattern = \"3B 86 01 4E 65 75 65 73 21 3B\"\n\n[pace]{rest}"
    )
}

fn drop_in(stage: &Stage, file: &str, text: &str) {
    let home = lichna_ipc::Home::at(stage.home.path()).unwrap();
    fs::create_dir_all(home.profiles()).unwrap();
    fs::write(home.profiles().join(file), text).unwrap();
}

fn cards(stage: &Stage) -> Vec<CardState> {
    match call(&stage.home, Request::Cards, &mut Person::nobody()) {
        Ok(Reply::Cards(cards)) => cards.into_iter().map(|card| card.card).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_profile_in_the_users_folder_is_used_without_a_rebuild_and_called_unsigned() {
    let ca = Ca::new("Test CA");
    let (applet, _) = Making::new(Kind::Piv).personalised(KeyKind::P256, &ca, HOLDER);
    let stage = Stage::with_card(NewMake(applet), ca, &ReaderSpec::vpcd("Reader"));
    assert_eq!(cards(&stage), [CardState::Unknown]);
    drop_in(&stage, "new-make.toml", &new_make());
    let known = CardState::Known {
        profile: "new-make".into(),
        name: "New make".into(),
        unsigned_profile: true,
    };
    assert_eq!(cards(&stage), std::slice::from_ref(&known));
    let server = stage.server();
    let mut person = Person::who_types(&[PIN]);
    stage.login(&server, &mut person).unwrap();
    assert_eq!(person.consents[0].card.as_ref().unwrap().card, known);
}

#[test]
fn refuses_an_unsigned_profile_that_claims_a_known_card() {
    let stage = Stage::piv();
    let piv = fs::read_to_string(built::root().join("card-profiles/piv.toml")).unwrap();
    drop_in(&stage, "mine.toml", &piv.replace("\"PIV\"", "\"Mine\""));
    stage.reinsert();
    let [
        CardState::Known {
            name,
            unsigned_profile,
            ..
        },
    ] = &cards(&stage)[..]
    else {
        panic!("{:?}", cards(&stage));
    };
    assert_eq!((name.as_str(), *unsigned_profile), ("PIV", false));
    let reply = call(&stage.home, Request::Profiles, &mut Person::nobody()).unwrap();
    let Reply::Profiles(profiles) = reply else {
        panic!("{reply:?}");
    };
    let mine = profiles.iter().find(|one| one.name == "mine").unwrap();
    let why = mine.rejected.as_deref().unwrap();
    assert!(
        matches!(why, Failure::ProfileClaimsKnownCard { profile, .. } if profile == "PIV"),
        "{why:?}"
    );
}

#[test]
fn names_file_line_and_field_of_a_profile_with_a_fault() {
    let stage = Stage::piv();
    let text = new_make().replace("padding = 0xFF", "padding = \"none\"");
    let line = text
        .lines()
        .position(|line| line.contains("padding = \"none\""))
        .unwrap()
        + 1;
    let request = Request::ProfileCheck {
        file: "broken.toml".into(),
        text,
    };
    let failure = call(&stage.home, request, &mut Person::nobody()).unwrap_err();
    let Failure::ProfileInvalid {
        file,
        line: at,
        field,
        ..
    } = failure
    else {
        panic!("{failure:?}");
    };
    assert_eq!(file, "broken.toml");
    assert_eq!(usize::try_from(at).unwrap(), line);
    assert!(field.contains("padding"), "{field}");
}

#[test]
fn an_unknown_card_is_shown_with_its_answer_to_reset_and_not_as_no_card() {
    let card = Unknown::default();
    let atr: String = card.atr.iter().map(|byte| format!("{byte:02X}")).collect();
    let stage = Stage::with_card(card, Ca::new("Test CA"), &ReaderSpec::vpcd("Reader"));
    assert_eq!(cards(&stage), [CardState::Unknown]);
    let request = Request::PinStatus { reader: None };
    let failure = call(&stage.home, request, &mut Person::nobody()).unwrap_err();
    let reader = stage.pcscd.reader(0).name();
    assert_eq!(failure, Failure::CardUnknown { reader, atr });
}
