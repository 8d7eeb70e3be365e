//! Requests as an authority reads them: ours and openssl's, and those that it refuses.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod openssl;
mod scheme;

use std::{fs, sync::Arc};

use lichna_pki::{
    CertificationRequest, KeyAlgorithm, KeyFault, LONGEST_REQUEST, RequestFault, RequestInfo,
    SignatureAlgorithm, Signer, Subject,
};
use openssl::Openssl;
use proptest::prelude::*;
use scheme::{ALL, FileKey, P256, P384, RSA, holder, options};

/// A request of the card, made by ours.
fn ours(key: &FileKey, subject: &Subject) -> Vec<u8> {
    let info = RequestInfo::new(subject, key.public_key()).unwrap();
    let signature = key.sign(info.to_be_signed()).unwrap();
    info.signed(key.algorithm(), &signature).unwrap()
}

/// A request made by openssl.
fn theirs(openssl: &Openssl, key: &str, subject: &str, more: &[&str]) -> Vec<u8> {
    fs::write(
        openssl.path("request.cnf"),
        "[req]\ndistinguished_name = dn\nattributes = att\n[dn]\n[att]\n\
         [password]\nchallengePassword = secret1\n\
         [asks]\nbasicConstraints = CA:TRUE\nkeyUsage = keyCertSign\n",
    )
    .unwrap();
    let mut arguments = vec![
        "req",
        "-new",
        "-batch",
        "-config",
        "request.cnf",
        "-utf8",
        "-subj",
        subject,
        "-key",
        key,
        "-outform",
        "DER",
    ];
    arguments.extend(more);
    openssl.run_arguments(&arguments, b"")
}

const SUBJECT: &str = "/C=BG/serialNumber=PI:BG-01234567-89ab-4def-8123-456789abcdef/GN=Ivan\
                       /SN=Petroff-Shterev/CN=Иван Георгиев Петров-Щерев";

#[test]
fn reads_requests_of_ours_and_of_openssl() {
    let openssl = Arc::new(Openssl::new());
    let subject = holder().subject();
    for (kind, algorithm) in ALL {
        let key = FileKey::new(&openssl, kind, algorithm);
        let theirs = theirs(&openssl, &key.file, SUBJECT, options(algorithm));
        for der in [ours(&key, &subject), theirs] {
            let request = CertificationRequest::read(&der).unwrap();
            assert_eq!(request.public_key(), key.public_key());
            assert_eq!(request.signature_algorithm(), algorithm);
            assert_eq!(request.is_for(&subject), Ok(()));
            assert!(request.subject().contains("Иван Георгиев"));
        }
    }
}

#[test]
fn the_kind_of_string_and_the_order_in_a_subject_do_not_matter() {
    let openssl = Openssl::new();
    let key = openssl.key(P256);
    let turned = "/CN=Иван Георгиев Петров-Щерев/SN=Petroff-Shterev/GN=Ivan\
                  /serialNumber=PI:BG-01234567-89ab-4def-8123-456789abcdef/C=BG";
    fs::write(
        openssl.path("bmp.cnf"),
        "[req]\ndistinguished_name = dn\nstring_mask = pkix\n[dn]\n",
    )
    .unwrap();
    for subject in [SUBJECT, turned] {
        let der = theirs(&openssl, &key, subject, &["-config", "bmp.cnf"]);
        // BMPString: И is two bytes.
        assert!(der.windows(2).any(|two| two == [0x04, 0x18]));
        let request = CertificationRequest::read(&der).unwrap();
        assert_eq!(request.is_for(&holder().subject()), Ok(()), "{subject}");
    }
}

#[test]
fn refuses_a_request_for_another_subject() {
    let openssl = Openssl::new();
    let key = openssl.key(P256);
    let refusal = |subject: &str, more: &[&str]| {
        let request = theirs(&openssl, &key, subject, more);
        let request = CertificationRequest::read(&request).unwrap();
        request.is_for(&holder().subject()).unwrap_err()
    };
    for (from, to, attribute) in [
        ("C=BG", "C=RO", "country"),
        ("89ab-4def", "89ab-4dee", "serial number"),
        (
            "/serialNumber=PI:BG-01234567-89ab-4def-8123-456789abcdef",
            "",
            "serial number",
        ),
        ("GN=Ivan", "GN=Ivana", "given name"),
        ("/SN=Petroff", "/SN=Petrov", "surname"),
        ("Георгиев", "Гeoргиев", "common name"), // Latin e and o
        ("CN=Иван", "CN=иван", "common name"),
    ] {
        let fault = refusal(&SUBJECT.replace(from, to), &[]);
        assert_eq!(fault, RequestFault::Subject { attribute }, "{to}");
    }
    let more = format!("{SUBJECT}/O=Банка");
    let oid = "2.5.4.10".to_owned();
    assert_eq!(
        refusal(&more, &[]),
        RequestFault::UnexpectedInSubject { oid }
    );
    let twice = format!("{SUBJECT}/GN=Ivan");
    let oid = "2.5.4.42".to_owned();
    assert_eq!(
        refusal(&twice, &[]),
        RequestFault::UnexpectedInSubject { oid }
    );
    let together = SUBJECT.replace("/GN=", "+GN=");
    let multi = refusal(&together, &["-multivalue-rdn"]);
    assert_eq!(multi, RequestFault::MalformedSubject);
}

#[test]
fn refuses_a_request_that_its_own_key_did_not_sign() {
    let openssl = Arc::new(Openssl::new());
    let subject = holder().subject();
    for (kind, algorithm) in ALL {
        let key = FileKey::new(&openssl, kind, algorithm);
        let other = FileKey::new(&openssl, kind, algorithm);
        let info = RequestInfo::new(&subject, key.public_key()).unwrap();
        let signature = other.sign(info.to_be_signed()).unwrap();
        let stolen = info.signed(algorithm, &signature).unwrap();
        assert_eq!(
            CertificationRequest::read(&stolen),
            Err(RequestFault::NotSigned)
        );

        // Another subject under the same signature.
        let mut changed = ours(&key, &subject);
        let place = changed.windows(4).position(|four| four == b"Ivan").unwrap();
        changed[place] = b'E';
        assert_eq!(
            CertificationRequest::read(&changed),
            Err(RequestFault::NotSigned)
        );
    }
}

#[test]
fn refuses_keys_and_signatures_that_are_not_fit() {
    let openssl = Openssl::new();
    let read = |kind: &str, more: &[&str]| {
        let key = openssl.key(kind);
        CertificationRequest::read(&theirs(&openssl, &key, SUBJECT, more)).unwrap_err()
    };
    assert_eq!(
        read("RSA -pkeyopt rsa_keygen_bits:1024", &["-sha256"]),
        RequestFault::Key(KeyFault::ModulusLength { bits: 1024 })
    );
    assert!(matches!(
        read("ED25519", &[]),
        RequestFault::Key(KeyFault::UnsupportedAlgorithm { .. })
    ));
    assert!(matches!(
        read("EC -pkeyopt ec_paramgen_curve:secp256k1", &[]),
        RequestFault::Key(KeyFault::UnsupportedAlgorithm { .. })
    ));
    for (kind, more, oid) in [
        (RSA, &["-sha1"][..], "1.2.840.113549.1.1.5"),
        (RSA, &["-md5"], "1.2.840.113549.1.1.4"),
        (P256, &["-sha1"], "1.2.840.10045.4.1"),
        // PSS with a salt of another length, and with SHA-1.
        (
            RSA,
            &[
                "-sha256",
                "-sigopt",
                "rsa_padding_mode:pss",
                "-sigopt",
                "rsa_pss_saltlen:20",
            ],
            "1.2.840.113549.1.1.10",
        ),
        (
            RSA,
            &[
                "-sha1",
                "-sigopt",
                "rsa_padding_mode:pss",
                "-sigopt",
                "rsa_pss_saltlen:20",
            ],
            "1.2.840.113549.1.1.10",
        ),
    ] {
        let oid = oid.to_owned();
        assert_eq!(
            read(kind, more),
            RequestFault::SignatureAlgorithm { oid },
            "{more:?}"
        );
    }
}

#[test]
fn refuses_a_request_whose_key_has_the_roca_fault_or_is_off_its_curve() {
    let openssl = Arc::new(Openssl::new());
    let key = FileKey::new(&openssl, P384, SignatureAlgorithm::EcdsaSha384);
    let mut der = ours(&key, &holder().subject());
    let spki = key.public_key().spki_der();
    let place = der
        .windows(spki.len())
        .position(|some| some == spki)
        .unwrap();
    der[place + spki.len() - 1] ^= 1;
    assert_eq!(
        CertificationRequest::read(&der),
        Err(RequestFault::Key(KeyFault::PointNotOnCurve))
    );

    // The modulus of another key of that length, put in the place of this one's.
    let text = include_str!("vectors/roca-2048.txt");
    let modulus: String = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("expect:"))
        .collect();
    let key = FileKey::new(&openssl, RSA, SignatureAlgorithm::RsaPkcs1Sha256);
    assert_eq!(
        key.public_key().algorithm(),
        &KeyAlgorithm::Rsa { bits: 2048 }
    );
    let mut der = ours(&key, &holder().subject());
    let place = der
        .windows(4)
        .position(|some| some == [2, 0x82, 1, 1])
        .unwrap()
        + 5;
    for (byte, digits) in der[place..].iter_mut().zip(modulus.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    assert_eq!(
        CertificationRequest::read(&der),
        Err(RequestFault::Key(KeyFault::Roca))
    );
}

#[test]
fn passes_over_extensions_that_are_asked_for_and_refuses_any_other_attribute() {
    let openssl = Openssl::new();
    let key = openssl.key(P256);
    let asks = theirs(&openssl, &key, SUBJECT, &["-reqexts", "asks"]);
    let text = openssl.run_with("req -inform DER -noout -text", &asks);
    assert!(String::from_utf8_lossy(&text).contains("CA:TRUE"));
    assert!(CertificationRequest::read(&asks).is_ok());

    fs::write(
        openssl.path("password.cnf"),
        "[req]\nprompt = no\ndistinguished_name = dn\nattributes = att\n[dn]\nCN = Иван\n\
         [att]\nchallengePassword = secret1\n",
    )
    .unwrap();
    let der = openssl.run_arguments(
        &[
            "req",
            "-new",
            "-config",
            "password.cnf",
            "-utf8",
            "-key",
            &key,
            "-outform",
            "DER",
        ],
        b"",
    );
    let oid = "1.2.840.113549.1.9.7".to_owned();
    assert_eq!(
        CertificationRequest::read(&der),
        Err(RequestFault::Attribute { oid })
    );
}

#[test]
fn refuses_what_is_no_request() {
    let openssl = Arc::new(Openssl::new());
    let key = FileKey::new(&openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let der = ours(&key, &holder().subject());
    let none = Err(RequestFault::NotARequest);
    assert_eq!(CertificationRequest::read(&[]), none);
    assert_eq!(CertificationRequest::read(&der[..der.len() - 1]), none);
    assert_eq!(CertificationRequest::read(&[&der[..], &[0]].concat()), none);
    assert_eq!(
        CertificationRequest::read(&openssl.certificate(&key.file, "/CN=a", "")),
        none
    );
    let length = LONGEST_REQUEST + 1;
    assert_eq!(
        CertificationRequest::read(&vec![0x30; length]),
        Err(RequestFault::TooLong { length })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn one_changed_byte_is_never_taken(place in any::<prop::sample::Index>(), by in 1_u8..) {
        let mut der = include_bytes!("vectors/request-p256.der").to_vec();
        prop_assert!(CertificationRequest::read(&der).is_ok());
        let place = place.index(der.len());
        der[place] ^= by;
        prop_assert!(CertificationRequest::read(&der).is_err());
    }
}
