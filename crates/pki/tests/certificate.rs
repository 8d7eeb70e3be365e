//! Certificates made by openssl, and what is read from them.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod openssl;

use lichna_pki::{
    Certificate, HolderIdentifier, KeyAlgorithm, KeyParts, KeyPurpose, PkiError, PublicKey,
};
use openssl::Openssl;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use time::macros::datetime;

/// Subject of the scheme's certificates, as the Ministry's test certificates have it.
const SUBJECT: &str = "/C=BG/serialNumber=PI:BG-01234567-89ab-cdef-0123-456789abcdef/GN=Ivan/SN=Petrov/CN=Иван Георгиев Петров";

const AUTHENTICATION: &str =
    "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n";

#[test]
fn reads_what_a_certificate_of_the_scheme_says() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-256");
    let certificate =
        Certificate::parse(&openssl.certificate(&key, SUBJECT, AUTHENTICATION)).unwrap();

    assert_eq!(certificate.common_name(), Some("Иван Георгиев Петров"));
    assert_eq!(
        certificate.subject(),
        "CN=Иван Георгиев Петров,SN=Petrov,GN=Ivan,\
         SERIALNUMBER=PI:BG-01234567-89ab-cdef-0123-456789abcdef,C=BG"
    );
    assert_eq!(certificate.issuer(), certificate.subject());
    assert_eq!(certificate.issuer_der(), certificate.subject_der());
    assert_eq!(certificate.serial(), "4142");
    assert_eq!(certificate.not_before(), datetime!(2026-01-02 03:04:05 UTC));
    assert_eq!(certificate.not_after(), datetime!(2031-01-02 03:04:05 UTC));
    assert!(certificate.covers(datetime!(2026-01-02 03:04:05 UTC)));
    assert!(!certificate.covers(datetime!(2031-01-02 03:04:06 UTC)));
    assert_eq!(certificate.key_algorithm(), &KeyAlgorithm::EcP256);
    assert_eq!(certificate.spki_der(), openssl.public_key(&key));
    assert!(certificate.may_authenticate_tls_client());
    assert_eq!(certificate.purpose(), KeyPurpose::Authentication);
    let uuid = certificate
        .holder_identifier()
        .and_then(HolderIdentifier::electronic)
        .unwrap();
    assert_eq!(uuid.to_string(), "01234567-89ab-cdef-0123-456789abcdef");
    assert_eq!(
        certificate.fingerprint(),
        <[u8; 32]>::from(Sha256::digest(certificate.der()))
    );
}

#[test]
fn writes_the_pem_that_openssl_writes() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-384");
    let der = openssl.certificate(&key, SUBJECT, AUTHENTICATION);
    let certificate = Certificate::parse(&der).unwrap();
    let theirs = openssl.run_with("x509 -inform DER", &der);
    assert_eq!(certificate.to_pem().as_bytes(), theirs);
    assert_eq!(certificate.key_algorithm(), &KeyAlgorithm::EcP384);
}

#[test]
fn has_the_parts_that_other_programs_look_for() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-384");
    let certificate =
        Certificate::parse(&openssl.certificate(&key, SUBJECT, AUTHENTICATION)).unwrap();
    assert_eq!(certificate.serial_der(), [0x02, 0x02, 0x41, 0x42]);
    let Some(KeyParts::Ec { parameters, point }) = certificate.public_key().parts() else {
        panic!("a key of an elliptic curve");
    };
    assert_eq!(parameters, [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]);
    assert_eq!((point.len(), point[0]), (97, 0x04));
    assert!(certificate.spki_der().ends_with(&point));
    // The same key with its point compressed is the same point.
    let compressed = openssl.run(&format!(
        "pkey -in {key} -pubout -outform DER -ec_conv_form compressed"
    ));
    assert!(compressed.len() < certificate.spki_der().len());
    let compressed = PublicKey::parse(&compressed).unwrap();
    assert_eq!(compressed.parts(), certificate.public_key().parts());

    let key = openssl.key("RSA -pkeyopt rsa_keygen_bits:2048");
    let extensions = "subjectKeyIdentifier=hash\n";
    let certificate = Certificate::parse(&openssl.certificate(&key, SUBJECT, extensions)).unwrap();
    let Some(KeyParts::Rsa { modulus, exponent }) = certificate.public_key().parts() else {
        panic!("an RSA key");
    };
    let said = openssl.run(&format!("rsa -in {key} -noout -modulus"));
    let said = String::from_utf8(said).unwrap();
    let hexadecimal: String = modulus.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(said.trim(), format!("Modulus={hexadecimal}"));
    assert_eq!(exponent, [1, 0, 1]);
    // openssl makes the identifier in the extension the same way.
    let identifier = certificate.key_identifier();
    let in_extension = certificate
        .der()
        .windows(22)
        .any(|bytes| bytes == [&[0x04, 0x14][..], &identifier].concat());
    assert!(in_extension);
}

#[test]
fn tells_what_a_key_may_be_used_for() {
    let openssl = Openssl::new();
    let key = openssl.key("RSA -pkeyopt rsa_keygen_bits:2048");
    for (extensions, authenticates, purpose) in [
        ("", true, KeyPurpose::Authentication),
        (AUTHENTICATION, true, KeyPurpose::Authentication),
        (
            "keyUsage=digitalSignature,nonRepudiation\n",
            true,
            KeyPurpose::Authentication,
        ),
        (
            "extendedKeyUsage=anyExtendedKeyUsage\n",
            true,
            KeyPurpose::Authentication,
        ),
        // Some of the Ministry's test certificates are like this.
        (
            "keyUsage=critical,nonRepudiation\nextendedKeyUsage=clientAuth\n",
            false,
            KeyPurpose::Signing,
        ),
        (
            "extendedKeyUsage=serverAuth\n",
            false,
            KeyPurpose::Unspecified,
        ),
        ("keyUsage=keyAgreement\n", false, KeyPurpose::Unspecified),
        (
            "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,digitalSignature\n",
            false,
            KeyPurpose::Issuing,
        ),
    ] {
        let der = openssl.certificate(&key, "/CN=x", extensions);
        let certificate = Certificate::parse(&der).unwrap();
        assert_eq!(
            certificate.may_authenticate_tls_client(),
            authenticates,
            "{extensions}"
        );
        assert_eq!(certificate.purpose(), purpose, "{extensions}");
        assert_eq!(
            certificate.key_algorithm(),
            &KeyAlgorithm::Rsa { bits: 2048 }
        );
    }
}

#[test]
fn reads_cyrillic_in_the_strings_of_older_authorities() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-256");
    let der = openssl.certificate_with("string_mask = MASK:0x800", &key, "/CN=Иван Петров", "");
    assert!(
        der.windows(3).any(|bytes| bytes == [0x1E, 22, 0x04]),
        "a BMPString"
    );
    let certificate = Certificate::parse(&der).unwrap();
    assert_eq!(certificate.subject(), "CN=Иван Петров");
    assert_eq!(certificate.common_name(), Some("Иван Петров"));
}

#[test]
fn shows_nothing_of_a_name_that_would_mislead() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-256");
    let der = openssl.certificate(&key, "/CN=Иван\u{202E}вонавИ, CN=Петър", "");
    let certificate = Certificate::parse(&der).unwrap();
    assert_eq!(
        certificate.subject(),
        "CN=Иван\\E2\\80\\AEвонавИ\\, CN=Петър"
    );
}

#[test]
fn knows_a_foreigners_number_and_other_curves() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:secp256k1");
    let der = openssl.certificate(&key, "/serialNumber=PI:BG-1001038547/CN=x", "");
    let certificate = Certificate::parse(&der).unwrap();
    assert_eq!(
        certificate.holder_identifier(),
        Some(&HolderIdentifier::ForeignerNumber)
    );
    assert_eq!(
        certificate.key_algorithm(),
        &KeyAlgorithm::Unsupported {
            oid: "1.3.132.0.10".into()
        }
    );
}

#[test]
fn refuses_what_is_no_certificate() {
    assert_eq!(Certificate::parse(&[]), Err(PkiError::NotACertificate));
    assert_eq!(
        Certificate::parse(&[0x30; 40_000]),
        Err(PkiError::TooLong { length: 40_000 })
    );
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-256");
    let mut der = openssl.certificate(&key, "/CN=x", "");
    for length in 0..der.len() {
        assert_eq!(
            Certificate::parse(&der[..length]),
            Err(PkiError::NotACertificate),
            "cut at {length}"
        );
    }
    der.push(0);
    assert_eq!(
        Certificate::parse(&der),
        Err(PkiError::TrailingBytes { length: 1 })
    );
    let broken = openssl.certificate(&key, "/CN=x", "keyUsage=DER:30:00\n");
    assert_eq!(
        Certificate::parse(&broken),
        Err(PkiError::Malformed { part: "keyUsage" })
    );
}

proptest! {
    #[test]
    fn never_panics_on_any_bytes(bytes: Vec<u8>) {
        let _ = Certificate::parse(&bytes);
    }
}

#[test]
fn never_panics_on_a_certificate_with_changed_bytes() {
    let openssl = Openssl::new();
    let key = openssl.key("EC -pkeyopt ec_paramgen_curve:P-256");
    let der = openssl.certificate(&key, SUBJECT, AUTHENTICATION);
    proptest!(|(changes in prop::collection::vec((0..der.len(), any::<u8>()), 1..4))| {
        let mut changed = der.clone();
        for (at, byte) in changes {
            changed[at] = byte;
        }
        if let Ok(certificate) = Certificate::parse(&changed) {
            prop_assert_eq!(certificate.der(), &changed[..]);
            let _ = certificate.public_key().check_quality();
            let _ = certificate.to_pem();
        }
    });
}
