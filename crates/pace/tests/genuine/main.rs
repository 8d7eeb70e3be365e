//! Whether a card is genuine: who stands behind its files, and whether the chip is the one they name.
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test fail as the test does"
)]

mod card;
mod openssl;

use card::{CAN, Card};
use der::Decode;
use der::asn1::{Any, BitString, ObjectIdentifier};
use getrandom::SysRng;
use lichna_pace::{
    Anchor, AnchorError, ChipAuthenticationInfo, Cipher, Curve, Doubt, Evidence, Forgery,
    Genuineness, LONGEST_SECURITY_OBJECT, PaceInfo, Password, PracticeIssue, PrivateKey,
    SecureMessaging, SecurityInfo, SecurityInfos, SecurityObject, SecurityObjectError, Vouched,
    check_genuine, open,
};
use lichna_secret::Can;
use openssl::{Country, SIGNER, Scheme};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use time::{Duration, OffsetDateTime};

/// A practice card with its files.
struct Practice {
    info: PaceInfo,
    card: Card,
    card_access: Vec<u8>,
    issue: PracticeIssue,
    now: OffsetDateTime,
}

impl Practice {
    fn new(info: PaceInfo) -> Self {
        let now = OffsetDateTime::now_utc();
        let key = PrivateKey::generate(info.curve(), &mut SysRng).unwrap();
        let issue = PracticeIssue::new(&info, &key.public_key(), now, &mut SysRng).unwrap();
        Self {
            info,
            card: Card::new(info, key),
            card_access: card_access(&info),
            issue,
            now,
        }
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            card_access: Some(&self.card_access),
            data_group_14: Some(&self.issue.data_group_14),
            security_object: Some(&self.issue.security_object),
        }
    }

    fn anchor(&self) -> Anchor {
        Anchor::practice(&self.issue.authority).unwrap()
    }

    fn examine(&self) -> Result<Vouched, Genuineness> {
        self.evidence().examine(&[self.anchor()], self.now)
    }

    /// With a channel opened by the CAN, or none.
    fn check(&mut self, channel: bool) -> (Genuineness, Option<SecureMessaging>) {
        let mut messaging = channel.then(|| {
            let can = Can::take(&mut CAN.to_vec()).unwrap();
            open(&mut self.card, &self.info, Password::Can(&can), &mut SysRng).unwrap()
        });
        let trust = (&[self.anchor()][..], self.now);
        let evidence = Evidence {
            card_access: Some(&self.card_access),
            data_group_14: Some(&self.issue.data_group_14),
            security_object: Some(&self.issue.security_object),
        };
        let verdict = check_genuine(
            &mut self.card,
            &mut messaging,
            &evidence,
            trust,
            &mut SysRng,
        );
        (verdict.unwrap(), messaging)
    }
}

fn card_access(info: &PaceInfo) -> Vec<u8> {
    let infos = SecurityInfos::new(vec![info.security_info().unwrap()]);
    infos.encode().unwrap()
}

const INFO: PaceInfo = PaceInfo::new(Curve::P256, Cipher::Aes256);

#[test]
fn a_practice_card_is_one_with_a_channel_and_without_and_never_genuine() {
    for curve in Curve::ALL {
        for cipher in Cipher::ALL {
            let mut practice = Practice::new(PaceInfo::new(curve, cipher));
            for channel in [true, false] {
                practice.card = Card::new(
                    practice.info,
                    PrivateKey::from_bytes(curve, practice.card.key.bytes()).unwrap(),
                );
                let (verdict, messaging) = practice.check(channel);
                assert_eq!(verdict, Genuineness::Practice, "{curve:?} {cipher:?}");
                assert_eq!(messaging.unwrap().fault(), None);
            }
        }
    }
}

#[test]
fn the_authority_of_a_practice_card_is_taken_for_no_country() {
    let practice = Practice::new(INFO);
    let refused = Anchor::country(&practice.issue.authority);
    assert_eq!(refused, Err(AnchorError::OfPracticeCards));
}

#[test]
fn a_copy_of_a_cards_files_is_a_forgery() {
    for channel in [true, false] {
        let mut practice = Practice::new(INFO);
        practice.card.key = PrivateKey::generate(Curve::P256, &mut SysRng).unwrap();
        let (verdict, messaging) = practice.check(channel);
        let why = Forgery::Copy;
        assert_eq!(verdict, Genuineness::Forged { why });
        assert!(messaging.unwrap().fault().is_some());
    }
}

#[test]
fn a_chip_that_refuses_proves_nothing_and_its_channel_stands() {
    let mut practice = Practice::new(INFO);
    practice.card.refuses_chip_authentication = true;
    let (verdict, messaging) = practice.check(true);
    let why = |verdict| match verdict {
        Genuineness::NotProven { why } => why,
        other => panic!("{other:?}"),
    };
    assert!(matches!(why(verdict), Doubt::Refused { .. }));
    assert_eq!(messaging.unwrap().fault(), None);
}

#[test]
fn another_pace_in_the_card_access_file_is_a_downgrade() {
    let mut practice = Practice::new(INFO);
    let weaker = PaceInfo::new(Curve::P256, Cipher::Aes128);
    let both = SecurityInfos::new(vec![
        INFO.security_info().unwrap(),
        weaker.security_info().unwrap(),
    ]);
    let empty = SecurityInfos::default();
    for other in [
        card_access(&weaker),
        both.encode().unwrap(),
        empty.encode().unwrap(),
        b"nothing".to_vec(),
    ] {
        practice.card_access = other;
        let why = Forgery::Downgrade;
        assert_eq!(practice.examine(), Err(Genuineness::Forged { why }));
    }
    let mut evidence = practice.evidence();
    evidence.card_access = None;
    let why = Forgery::Downgrade;
    let verdict = evidence.examine(&[practice.anchor()], practice.now);
    assert_eq!(verdict, Err(Genuineness::Forged { why }));
}

#[test]
fn refuses_every_data_group_that_differs_in_a_byte() {
    let mut practice = Practice::new(INFO);
    let original = practice.issue.data_group_14.clone();
    for at in 0..original.len() {
        practice.issue.data_group_14.clone_from(&original);
        practice.issue.data_group_14[at] ^= 0x01;
        assert!(practice.examine().is_err(), "byte {at}");
    }
    // A file may be longer than what is in it.
    practice.issue.data_group_14 = [original, vec![0; 16]].concat();
    practice.examine().unwrap();
}

#[test]
fn no_byte_of_what_is_signed_may_differ() {
    let mut practice = Practice::new(INFO);
    let original = practice.issue.security_object.clone();
    let mut accepted = Vec::new();
    for at in 0..original.len() {
        practice.issue.security_object.clone_from(&original);
        practice.issue.security_object[at] ^= 0x01;
        if practice.examine().is_ok() {
            accepted.push(at);
        }
    }
    // CMS signs neither its versions nor the list of hash algorithms at its head.
    let from = original
        .windows(8)
        .position(|eight| eight == LDS_SECURITY_OBJECT)
        .unwrap();
    let unsigned = accepted.iter().filter(|at| **at >= from).count();
    assert!(
        unsigned <= 1,
        "{accepted:?} of {}, head to {from}",
        original.len()
    );
}

#[test]
fn each_reason_not_to_believe_has_its_name() {
    let practice = Practice::new(INFO);
    let other = Practice::new(INFO);
    let examine = |anchor: &Anchor, at| {
        practice
            .evidence()
            .examine(std::slice::from_ref(anchor), at)
    };
    let of = |why| Err(Genuineness::NotProven { why });
    let later = practice.now + Duration::days(365 * 30);
    let expired = SecurityObjectError::NotValid { whose: "signer" };
    assert_eq!(
        examine(&practice.anchor(), later),
        of(Doubt::SecurityObject(expired))
    );
    // Another practice card's authority has the same name and another key.
    let verdict = examine(&other.anchor(), practice.now);
    let unknown =
        |error: &SecurityObjectError| matches!(error, SecurityObjectError::UnknownIssuer { .. });
    assert!(
        matches!(&verdict, Err(Genuineness::NotProven { why: Doubt::SecurityObject(error) }) if unknown(error)),
        "{verdict:?}"
    );
    for file in ["EF.SOD", "DG14"] {
        let mut evidence = practice.evidence();
        match file {
            "DG14" => evidence.data_group_14 = None,
            _ => evidence.security_object = None,
        }
        let verdict = evidence.examine(&[practice.anchor()], practice.now);
        assert_eq!(verdict, of(Doubt::NoFile { file }));
    }
}

#[test]
fn refuses_security_objects_that_are_none() {
    let whole = Practice::new(INFO).issue.security_object;
    let refused = |bytes: &[u8]| SecurityObject::parse(bytes).unwrap_err();
    let length = LONGEST_SECURITY_OBJECT + 1;
    assert_eq!(
        refused(&vec![0x77; length]),
        SecurityObjectError::TooLong { length }
    );
    for end in 0..whole.len() {
        refused(&whole[..end]);
    }
    let mut longer = whole.clone();
    longer.push(0);
    SecurityObject::parse(&longer).unwrap();
    longer.push(1);
    refused(&longer);
}

#[test]
fn a_country_stands_behind_what_openssl_signed() {
    // After the certificates were made.
    let at = OffsetDateTime::now_utc() + Duration::hours(1);
    for scheme in SCHEMES {
        let country = Country::new(*scheme);
        let mut practice = Practice::new(INFO);
        let group = practice.issue.data_group_14.clone();
        practice.issue.security_object = country.security_object(&group, DOCUMENT_SIGNER, SIGNER);
        let anchor = Anchor::country(&country.authority()).unwrap();
        let vouched = practice
            .evidence()
            .examine(&[practice.anchor(), anchor], at);
        let vouched = vouched.unwrap_or_else(|why| panic!("{}: {why:?}", scheme.name));
        let verdict = vouched.prove(&mut practice.card, &mut None, &mut SysRng);
        assert_eq!(verdict, Ok(Genuineness::Genuine), "{}", scheme.name);
    }
}

#[test]
fn refuses_signers_who_may_not_sign() {
    let now = OffsetDateTime::now_utc();
    let country = Country::new(SCHEMES[0]);
    let anchor = [Anchor::country(&country.authority()).unwrap()];
    let mut practice = Practice::new(INFO);
    for (subject, extensions, part) in [
        (
            DOCUMENT_SIGNER,
            "keyUsage = critical, keyAgreement\n",
            "keyUsage",
        ),
        (
            DOCUMENT_SIGNER,
            "keyUsage = critical, digitalSignature, keyCertSign\nbasicConstraints = critical, CA:TRUE\n",
            "basicConstraints",
        ),
        (
            DOCUMENT_SIGNER,
            "keyUsage = critical, digitalSignature\nextendedKeyUsage = critical, 2.23.136.1.1.3\n",
            "critical extension",
        ),
        ("/C=BG/CN=Signer", SIGNER, "country"),
    ] {
        let group = practice.issue.data_group_14.clone();
        practice.issue.security_object = country.security_object(&group, subject, extensions);
        let verdict = practice.evidence().examine(&anchor, now);
        let why = Forgery::SecurityObject(SecurityObjectError::NotASigner { part });
        assert_eq!(verdict, Err(Genuineness::Forged { why }));
    }
}

#[test]
fn the_infos_of_chip_authentication_are_read_as_they_are_written() {
    for curve in Curve::ALL {
        let key = PrivateKey::generate(curve, &mut SysRng)
            .unwrap()
            .public_key();
        for cipher in Cipher::ALL {
            let info = ChipAuthenticationInfo::new(cipher, key.clone());
            let infos = SecurityInfos::new(info.security_infos().unwrap().into());
            let der = infos.encode().unwrap();
            let infos = SecurityInfos::parse(&der).unwrap();
            assert_eq!(ChipAuthenticationInfo::read(&infos), Ok(Some(info)));
        }
    }
}

#[test]
fn a_written_out_curve_is_known_and_none_that_differs_from_it() {
    let key = PrivateKey::generate(Curve::BrainpoolP256r1, &mut SysRng).unwrap();
    let point = key.public_key();
    let parameters = include_bytes!("../../src/domain/brainpoolP256r1.der");
    let read = |parameters: &[u8]| {
        let algorithm = AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
            parameters: Some(Any::from_der(parameters).ok()?),
        };
        let key = SubjectPublicKeyInfoOwned {
            algorithm,
            subject_public_key: BitString::from_bytes(point.bytes()).unwrap(),
        };
        let named = ChipAuthenticationInfo::new(Cipher::Aes128, point.clone());
        let [info, named] = named.security_infos().unwrap();
        let protocol = named.protocol().unwrap();
        let key = SecurityInfo::new(protocol, Any::encode_from(&key).unwrap(), None).unwrap();
        let found = ChipAuthenticationInfo::read(&SecurityInfos::new(vec![info, key]));
        found.ok().flatten().map(|info| info.key().curve())
    };
    assert_eq!(read(parameters), Some(Curve::BrainpoolP256r1));
    for at in 0..parameters.len() {
        let mut other = parameters.to_vec();
        other[at] ^= 0x01;
        assert_eq!(read(&other), None, "byte {at}");
    }
}

/// 2.23.136.1.1.1 as it stands in DER.
const LDS_SECURITY_OBJECT: &[u8] = &[0x06, 0x06, 0x67, 0x81, 0x08, 0x01, 0x01, 0x01];

const DOCUMENT_SIGNER: &str = "/C=ut/CN=Document Signer";
const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
const P256_WRITTEN_OUT: &[&str] = &[
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-pkeyopt",
    "ec_param_enc:explicit",
];
const BP256_WRITTEN_OUT: &[&str] = &[
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:brainpoolP256r1",
    "-pkeyopt",
    "ec_param_enc:explicit",
];
const BP384: &[&str] = &[
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:brainpoolP384r1",
];
const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const PSS: &[&str] = &["rsa_padding_mode:pss", "rsa_pss_saltlen:digest"];

const fn scheme(
    name: &'static str,
    key: &'static [&'static str],
    (hash, flag): (&'static str, &'static str),
    padding: &'static [&'static str],
) -> Scheme {
    Scheme {
        name,
        key,
        hash,
        flag,
        padding,
    }
}

const SHA256: (&str, &str) = ("sha256", "-sha256");
const SHA384: (&str, &str) = ("sha384", "-sha384");
const SHA512: (&str, &str) = ("sha512", "-sha512");

const SCHEMES: &[Scheme] = &[
    scheme("ECDSA P-256", P256, SHA256, &[]),
    scheme("ECDSA P-384", P384, SHA384, &[]),
    scheme("ECDSA P-256 with SHA-384", P256, SHA384, &[]),
    scheme("ECDSA P-384 with SHA-512", P384, SHA512, &[]),
    scheme("ECDSA P-256, written out", P256_WRITTEN_OUT, SHA256, &[]),
    scheme(
        "ECDSA brainpoolP256r1, written out",
        BP256_WRITTEN_OUT,
        SHA256,
        &[],
    ),
    scheme("ECDSA brainpoolP384r1", BP384, SHA384, &[]),
    scheme("RSA PKCS#1", RSA, SHA256, &[]),
    scheme("RSA PKCS#1 with SHA-512", RSA, SHA512, &[]),
    scheme("RSA PSS", RSA, SHA256, PSS),
    scheme("RSA PSS with SHA-384", RSA, SHA384, PSS),
];
