//! Requests for certificates, judged by openssl, and keys that get none.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod openssl;

use lichna_pki::{
    KeyAlgorithm, KeyFault, PkiError, PublicKey, RequestError, RequestInfo, SignatureAlgorithm,
    Subject, SubjectFault,
};
use openssl::Openssl;

const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";
const P384: &str = "EC -pkeyopt ec_paramgen_curve:P-384";
const RSA: &str = "RSA -pkeyopt rsa_keygen_bits:2048";

fn subject() -> Subject {
    Subject::new("Иван Георгиев Петров")
        .country("BG")
        .given_name("Ivan")
        .electronic_identifier("01234567-89ab-cdef-0123-456789abcdef".parse().unwrap())
}

#[test]
fn openssl_verifies_a_request_signed_elsewhere() {
    let pss = &[
        "-sha256",
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:32",
    ];
    for (algorithm, kind, options) in [
        (P256, SignatureAlgorithm::EcdsaSha256, &["-sha256"][..]),
        (P384, SignatureAlgorithm::EcdsaSha384, &["-sha384"]),
        (RSA, SignatureAlgorithm::RsaPkcs1Sha256, &["-sha256"]),
        (RSA, SignatureAlgorithm::RsaPssSha256, pss),
    ] {
        let openssl = Openssl::new();
        let key = openssl.key(algorithm);
        let public = PublicKey::parse(&openssl.public_key(&key)).unwrap();
        let info = RequestInfo::new(&subject(), &public).unwrap();
        let signature = openssl.sign(&key, options, info.to_be_signed());
        let request = info.signed(kind, &signature).unwrap();

        let verify = ["req", "-inform", "DER", "-verify", "-noout"];
        let (ok, _, says) = openssl.judge(&verify, &request);
        assert!(ok && says.contains("verify OK"), "{kind:?}: {says}");

        let text = openssl.run_with(
            "req -inform DER -noout -subject -nameopt utf8,sep_comma_plus,show_type",
            &request,
        );
        assert_eq!(
            String::from_utf8(text).unwrap().trim(),
            "subject=C=PRINTABLESTRING:BG,\
             serialNumber=PRINTABLESTRING:PI:BG-01234567-89ab-cdef-0123-456789abcdef,\
             GN=UTF8STRING:Ivan,CN=UTF8STRING:Иван Георгиев Петров"
        );

        // The judge can refuse: another key's signature does not pass.
        let other = openssl.key(algorithm);
        let info = RequestInfo::new(&subject(), &public).unwrap();
        let forged = openssl.sign(&other, options, info.to_be_signed());
        let (_, _, says) = openssl.judge(&verify, &info.signed(kind, &forged).unwrap());
        assert!(!says.contains("verify OK"), "{kind:?}: {says}");
    }
}

#[test]
fn refuses_a_signature_of_another_kind_than_the_key() {
    let openssl = Openssl::new();
    let public = PublicKey::parse(&openssl.public_key(&openssl.key(P256))).unwrap();
    let info = RequestInfo::new(&subject(), &public).unwrap();
    assert_eq!(
        info.signed(SignatureAlgorithm::RsaPkcs1Sha256, &[0; 256]),
        Err(RequestError::SignatureMismatch {
            key: KeyAlgorithm::EcP256,
            signature: SignatureAlgorithm::RsaPkcs1Sha256
        })
    );
}

#[test]
fn refuses_a_subject_that_cannot_be_certified() {
    let openssl = Openssl::new();
    let public = PublicKey::parse(&openssl.public_key(&openssl.key(P256))).unwrap();
    for (subject, attribute) in [
        (Subject::new(""), "common name"),
        (Subject::new(&"я".repeat(65)), "common name"),
        (Subject::new("Иван\n"), "common name"),
        (Subject::new("Иван").country("България"), "country"),
        (Subject::new("Иван").country("BGR"), "country"),
        (Subject::new("Иван").given_name(""), "given name"),
    ] {
        assert_eq!(
            RequestInfo::new(&subject, &public).err(),
            Some(RequestError::Subject(SubjectFault { attribute }))
        );
    }
}

#[test]
fn refuses_a_point_off_the_curve() {
    let openssl = Openssl::new();
    for algorithm in [P256, P384] {
        let mut spki = openssl.public_key(&openssl.key(algorithm));
        assert_eq!(PublicKey::parse(&spki).unwrap().check_quality(), Ok(()));
        *spki.last_mut().unwrap() ^= 1;
        let off = PublicKey::parse(&spki).unwrap();
        assert_eq!(off.check_quality(), Err(KeyFault::PointNotOnCurve));
        assert_eq!(
            RequestInfo::new(&subject(), &off).err(),
            Some(RequestError::Key(KeyFault::PointNotOnCurve))
        );
    }
}

#[test]
fn refuses_an_rsa_key_that_is_too_short() {
    let openssl = Openssl::new();
    let key = openssl.key("RSA -pkeyopt rsa_keygen_bits:1024");
    let public = PublicKey::parse(&openssl.public_key(&key)).unwrap();
    assert_eq!(public.algorithm(), &KeyAlgorithm::Rsa { bits: 1024 });
    assert_eq!(
        public.check_quality(),
        Err(KeyFault::ModulusLength { bits: 1024 })
    );
}

#[test]
fn refuses_a_key_made_by_a_chip_with_the_roca_fault() {
    let openssl = Openssl::new();
    let text = include_str!("vectors/roca-2048.txt");
    assert!(text.contains("expect: Roca"));
    let modulus: String = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("expect:"))
        .collect();
    std::fs::write(
        openssl.path("roca.cnf"),
        format!(
            "asn1=SEQUENCE:spki\n[spki]\nalgorithm=SEQUENCE:alg\n\
             key=BITWRAP,SEQUENCE:rsa\n[alg]\noid=OID:rsaEncryption\nnull=NULL\n\
             [rsa]\nn=INTEGER:0x{modulus}\ne=INTEGER:65537\n"
        ),
    )
    .unwrap();
    openssl.run("asn1parse -genconf roca.cnf -noout -out roca.der");
    let spki = std::fs::read(openssl.path("roca.der")).unwrap();
    let public = PublicKey::parse(&spki).unwrap();
    assert_eq!(public.algorithm(), &KeyAlgorithm::Rsa { bits: 2048 });
    assert_eq!(public.check_quality(), Err(KeyFault::Roca));

    let sound = PublicKey::parse(&openssl.public_key(&openssl.key(RSA))).unwrap();
    assert_eq!(sound.check_quality(), Ok(()));
}

#[test]
fn refuses_a_kind_of_key_that_is_not_known() {
    let openssl = Openssl::new();
    let public = PublicKey::parse(&openssl.public_key(&openssl.key("ED25519"))).unwrap();
    assert_eq!(
        public.check_quality(),
        Err(KeyFault::UnsupportedAlgorithm {
            oid: "1.3.101.112".into()
        })
    );
}

#[test]
fn refuses_what_is_no_public_key() {
    let openssl = Openssl::new();
    let mut spki = openssl.public_key(&openssl.key(P256));
    spki.push(0);
    let malformed = Err(PkiError::Malformed { part: "public key" });
    assert_eq!(PublicKey::parse(&spki), malformed);
    assert_eq!(PublicKey::parse(&[]), malformed);
    assert_eq!(PublicKey::parse(&[0x30; 5000]), malformed);
}
