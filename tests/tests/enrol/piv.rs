//! Certificates are issued to a PIV card, whose keys have one place each. Req 14.1.5, C.5

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use lichna_ipc::{Failure, Purpose, Reply, Request, Step, TaskOutcome, TaskState};
use lichna_tests::applet::{Applet, Kind, Making, ManagementKey};
use lichna_tests::authority::people::Person as Citizen;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::{Ca, KeyKind};
use lichna_tests::practice::PIN;
use lichna_tests::server::{Program, ServerSpec, Versions};

use crate::client::{Person, call, cards_are_read, login_request};
use crate::desk::{Desk, Difference, Foreign};

/// The GUID of the card, which is its number.
const NUMBER: &str = "0011223344556677A899AABBCCDDEEFF";
const TRIPLE_DES: ManagementKey = ManagementKey::TripleDes(*b"a management key of DES.");
const AES: ManagementKey = ManagementKey::Aes256([0xA5; 32]);
/// What the authority certifies.
const CERTIFIED: &str = "[issuing]\nkey_algorithms = [\"ec-p256\", \"rsa-2048\"]";
/// GENERATE ASYMMETRIC KEY PAIR.
const GENERATE: u8 = 0x47;
const PUT_DATA: u8 = 0xDB;

fn making() -> Making {
    let guid = hex::decode(NUMBER).unwrap().try_into().unwrap();
    Making::new(Kind::Piv).uuid(guid)
}

/// A desk with this card for the holder, known to the authority by its number and that key; the
/// officer has his certificates.
fn desk(card: Applet, key: ManagementKey) -> Desk {
    desk_with(card, Some((NUMBER, key)))
}

fn desk_with(card: Applet, registered: Option<(&'static str, ManagementKey)>) -> Desk {
    let difference = Difference {
        settings: CERTIFIED.into(),
        ..Difference::default()
    };
    let desk = Desk::with_foreign(&difference, Foreign { card, registered });
    desk.make_officer();
    desk
}

/// Enrols Maria; what was shown is in `person`.
fn enrol(desk: &Desk, kind: &str, person: &mut Person) -> Result<TaskOutcome, Failure> {
    let mut request = desk.by_officer(&Citizen::maria());
    request.key_algorithm = Some(kind.into());
    request.reader = Some(desk.holders_reader());
    desk.enrol(request, person)
}

/// What the holder was told of certificates that are there.
fn overwrites(person: &Person) -> bool {
    match person.consents.last().map(|consent| &consent.purpose) {
        Some(Purpose::Enrol { overwrites, .. }) => *overwrites,
        other => panic!("{other:?}"),
    }
}

/// Whether the holder's card has made a key since its `first` command.
fn made_a_key(desk: &Desk, first: usize) -> bool {
    let log = desk.cards[1].card.log();
    log[first..].iter().any(|one| one.command[1] == GENERATE)
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {text}");
    text + &String::from_utf8_lossy(&output.stdout)
}

/// A program that knows nothing of us reads the certificate of that key from the card, has it sign,
/// and compares; openssl takes the certificate.
fn is_judged_good(desk: &Desk, slot: &str, purpose: &[&str]) {
    let file = desk.home.path().join(format!("{slot}.pem"));
    let piv = || {
        let mut piv = desk.pcscd.command("yubico-piv-tool");
        piv.args(["-r", "Desk B", "-s", slot]);
        piv
    };
    said(piv().args(["-a", "read-certificate", "-o"]).arg(&file));
    let mut signed = piv();
    signed.args(["-a", "verify-pin", "-P", PIN, "-a", "test-signature"]);
    let signed = said(signed.stdin(Stdio::from(fs::File::open(&file).unwrap())));
    assert!(signed.contains("Successful"), "{signed}");
    let verified = said(
        Command::new("openssl")
            .args(["verify", "-x509_strict", "-CAfile"])
            .arg(desk.authority.root())
            .arg("-untrusted")
            .arg(desk.authority.issuing())
            .args(purpose)
            .arg(&file),
    );
    assert!(verified.contains(": OK"), "{verified}");
}

/// Root and issuing certificate, for a server.
fn authorities(desk: &Desk) -> PathBuf {
    let file = desk.home.path().join("authorities.pem");
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let both = read(desk.authority.root()) + &read(desk.authority.issuing());
    fs::write(&file, both).unwrap();
    file
}

fn an_officer_enrols(key: ManagementKey, kind: &str) {
    let desk = desk(making().make().managed(&key), key);
    let mut request = desk.by_officer(&Citizen::maria());
    request.key_algorithm = Some(kind.into());
    // Nobody says which card is whose: the officer's has certificates, the other has none.
    let mut person = Person::who_types(&[PIN, PIN]);
    let outcome = desk.enrol(request, &mut person).unwrap();
    assert_eq!(outcome.task.state, TaskState::Confirmed);
    assert_eq!(outcome.task.card.as_deref(), Some(NUMBER));
    assert_eq!(outcome.subject.as_ref().unwrap().cyrillic.first, "Мария");
    desk.assert_agrees(NUMBER, &outcome);
    assert!(!overwrites(&person));
    assert_eq!(person.consents.len(), 2, "asked twice");
    assert!(person.steps.contains(&Step::ProveAuthority));

    let ca = Ca::new("Bench CA");
    let server = ServerSpec::new(Program::Nginx, &ca).versions(Versions::Tls13);
    let server = server.accepts_file(authorities(&desk)).start();
    let mut login = login_request(&server.url(), &ca);
    login.certificate.reader = Some(desk.holders_reader());
    let mut person = Person::who_types(&[PIN]);
    match call(&desk.home, Request::Login(login), &mut person) {
        Ok(Reply::Login(outcome)) => {
            assert_eq!(outcome.status, 200);
            assert_eq!(
                outcome.apdus_after_pin,
                if kind == "ec-p256" { 3 } else { 5 }
            );
        }
        other => panic!("{other:?}\n{}", server.log()),
    }
    is_judged_good(&desk, "9a", &["-purpose", "sslclient"]);
    is_judged_good(&desk, "9c", &[]);
}

#[test]
fn an_officer_enrols_the_holder_of_a_piv_card_who_logs_in_with_it() {
    an_officer_enrols(TRIPLE_DES, "ec-p256");
}

#[test]
fn a_piv_card_with_an_aes_key_gets_rsa_keys() {
    an_officer_enrols(AES, "rsa-2048");
}

#[test]
fn an_authority_with_another_key_than_the_card_is_refused_and_nothing_is_made() {
    let desk = desk(
        making().make().managed(&AES),
        ManagementKey::Aes256([1; 32]),
    );
    let mut person = Person::who_types(&[PIN, PIN]);
    let refused = enrol(&desk, "ec-p256", &mut person).unwrap_err();
    let differs = Failure::CarrierKeyDiffers {
        card: NUMBER.into(),
    };
    assert_eq!(refused, differs);
    assert!(!made_a_key(&desk, 0));
    assert!(desk.registered(NUMBER).is_empty());
    let task = desk.tasks().remove(0);
    assert_eq!(task.state, TaskState::IdentifierReceived);
    let drop = Request::TaskDrop { id: task.id };
    call(&desk.home, drop, &mut Person::nobody()).unwrap();
    assert!(desk.tasks().is_empty());
}

#[test]
fn certificates_that_are_there_are_overwritten_when_the_holder_was_told_so() {
    let ca = Ca::new("Somebody else");
    let (card, _) = making().personalised(KeyKind::P256, &ca, "Holder");
    let desk = desk(card.managed(&TRIPLE_DES), TRIPLE_DES);
    let before = desk.cards[1].card.log().len();
    // What would not be certified does not cost the holder what he has.
    let mut person = Person::who_types(&[PIN, PIN]);
    let refused = enrol(&desk, "ec-p384", &mut person).unwrap_err();
    let algorithm = "ec-p384".to_owned();
    assert_eq!(refused, Failure::KeyAlgorithmNotCertified { algorithm });
    // He reads it, and does not want it.
    let mut person = Person::who_types(&[PIN]);
    let refused = enrol(&desk, "ec-p256", &mut person);
    assert_eq!(refused.unwrap_err(), Failure::Refused);
    assert!(overwrites(&person));
    assert!(!made_a_key(&desk, before));
    assert!(desk.tasks().is_empty());

    let mut person = Person::who_types(&[PIN, PIN]);
    let first = enrol(&desk, "ec-p256", &mut person).unwrap();
    assert!(overwrites(&person));
    desk.assert_agrees(NUMBER, &first);
    // Once more for the same holder: what the first pair had is gone from the card, so the register
    // does not count it as good any more.
    let mut person = Person::who_types(&[PIN, PIN]);
    let second = enrol(&desk, "ec-p256", &mut person).unwrap();
    assert!(overwrites(&person));
    desk.assert_agrees(NUMBER, &second);
    let states: Vec<_> = desk.registered(NUMBER);
    let states: Vec<_> = states.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(states, ["ACTIVE", "ACTIVE", "REVOKED", "REVOKED"]);
    assert_eq!(desk.log_in(desk.holders_reader(), PIN), Ok(200));
}

#[test]
fn an_enrolment_goes_on_after_the_card_was_pulled_out() {
    let desk = desk(making().make().managed(&TRIPLE_DES), TRIPLE_DES);
    let before = desk.cards[1].card.log().len();
    enrol(&desk, "ec-p256", &mut Person::who_types(&[PIN, PIN])).unwrap();
    let log = desk.cards[1].card.log().split_off(before);
    let last = |instruction| {
        let mut log = log.iter();
        log.rposition(|one| one.command[1] == instruction)
    };
    // The second key is there and nobody heard of it; a certificate is there in part.
    for at in [last(GENERATE).unwrap() + 1, last(PUT_DATA).unwrap()] {
        let desk = self::desk(making().make().managed(&TRIPLE_DES), TRIPLE_DES);
        desk.cards[1].trigger.pull_at(u64::try_from(at).unwrap());
        let mut person = Person::who_types(&[PIN, PIN]);
        let failed = enrol(&desk, "ec-p256", &mut person).unwrap_err();
        assert_eq!(failed, Failure::CardRemoved, "at command {at}");
        desk.cards[1].trigger.clear();
        desk.cards[1].card.insert();
        cards_are_read(&desk.home, 2);
        let outcome = desk.resume(&mut Person::who_types(&[PIN, PIN])).unwrap();
        desk.assert_agrees(NUMBER, &outcome);
        assert_eq!(desk.registered(NUMBER).len(), 2, "issued twice");
    }
}

#[test]
fn a_card_that_no_authority_can_know_or_answer_is_refused_with_what_to_do() {
    let desk = desk_with(making().make().numberless(), None);
    let refused = enrol(&desk, "ec-p256", &mut Person::nobody()).unwrap_err();
    let reader = desk.holders_reader();
    assert_eq!(refused, Failure::CardNumberMissing { reader });
    assert!(desk.tasks().is_empty());

    let desk = desk_with(Applet::openpgp(), None);
    let refused = enrol(&desk, "ec-p256", &mut Person::nobody()).unwrap_err();
    let reader = desk.holders_reader();
    assert_eq!(refused, Failure::CardPersonalisedByPin { reader });
    assert!(desk.tasks().is_empty());
}

#[test]
fn the_key_that_every_piv_card_leaves_the_factory_with_is_not_registered() {
    let authority = Authority::make(&Spec::new(Database::Sqlite));
    let add = |scheme, key: &str| {
        let add = ["carrier", "add", NUMBER, "--scheme", scheme];
        authority.try_admin(&add, key)
    };
    let refused = add("piv-3des", &"0102030405060708".repeat(3));
    assert!(refused.unwrap_err().contains("everybody has this key"));
    for (scheme, digits) in [("piv-aes-128", 48), ("piv-aes-256", 63), ("practice", 48)] {
        let refused = add(scheme, &"5".repeat(digits));
        assert!(refused.unwrap_err().contains("hexadecimal digits"));
    }
    assert!(
        add("piv", &"5".repeat(48))
            .unwrap_err()
            .contains("piv-aes-192")
    );
    add("piv-aes-192", &"5".repeat(48)).unwrap();
}
