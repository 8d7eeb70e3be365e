//! Certificates that are issued, judged by openssl and pkilint.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod openssl;
mod pkilint;
mod scheme;

use std::{process::Command, sync::Arc};

use lichna_pki::{
    ASSURANCE_LEVEL_HIGH, Certificate, HolderFault, HolderIdentifier, HolderSubject, IssueError,
    Issuer, KeyFault, KeyPurpose, Locations, Names, Profile, PublicKey, Script, SerialNumber,
    SignatureAlgorithm, Signer, SignerError, Subject, SubjectFault, Validity,
};
use openssl::Openssl;
use pkilint::lint;
use proptest::prelude::*;
use scheme::{ALL, FileKey, NOW, P256, RSA, Scheme, authority, holder, serial, service, years};
use time::Duration;
use uuid::Uuid;

/// One certificate of every kind, with what openssl is to take it for.
fn every_kind(scheme: &Scheme, key: &PublicKey) -> [(&'static str, &'static str, Certificate); 6] {
    let holder = holder();
    let (responder, clock) = (service("Проверка"), service("Време"));
    let (server, client) = (service("lichna.example.bg"), service("Център"));
    let names = ["lichna.example.bg", "192.0.2.7", "2001:db8::7"];
    let tls = Profile::TlsServer {
        subject: &server,
        names: &names,
    };
    [
        (
            "identification",
            "sslclient",
            Profile::Identification(&holder),
        ),
        ("signing", "any", Profile::Signing(&holder)),
        (
            "responder",
            "ocsphelper",
            Profile::OcspResponder(&responder),
        ),
        ("timestamps", "timestampsign", Profile::Timestamps(&clock)),
        ("server", "sslserver", tls),
        ("client", "sslclient", Profile::Client(&client)),
    ]
    .map(|(name, purpose, profile)| (name, purpose, scheme.issue(&profile, key)))
}

#[test]
fn openssl_takes_every_kind_of_certificate_for_its_purpose() {
    for (kind, algorithm) in ALL {
        let scheme = Scheme::new(kind, algorithm);
        let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
        for (name, purpose, certificate) in every_kind(&scheme, key.public_key()) {
            let (ok, says) = scheme.verify(&certificate, purpose);
            assert!(ok, "{name} by {algorithm}: {says}");
            assert!(certificate.is_from(scheme.issuing.certificate()));
            assert_eq!(certificate.public_key(), key.public_key());
        }
    }
}

#[test]
fn openssl_refuses_every_kind_for_other_purposes() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, RSA, SignatureAlgorithm::RsaPssSha256);
    for (name, right, certificate) in every_kind(&scheme, key.public_key()) {
        for purpose in [
            "sslclient",
            "sslserver",
            "timestampsign",
            "smimesign",
            "crlsign",
        ] {
            let (ok, says) = scheme.verify(&certificate, purpose);
            // openssl takes keyUsage alone for S/MIME where there is no extKeyUsage.
            let signs = name == "signing" && purpose == "smimesign";
            assert_eq!(ok, purpose == right || signs, "{name} {purpose}: {says}");
        }
    }
}

#[test]
fn says_of_the_holder_what_article_12_wants() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let holder = holder();
    let certificate = scheme.issue(&Profile::Identification(&holder), key.public_key());
    let text = scheme.openssl.run_with(
        "x509 -noout -subject -serial -startdate -enddate -ext \
         subjectAltName,keyUsage,extendedKeyUsage,authorityInfoAccess,crlDistributionPoints,\
         freshestCRL,basicConstraints,certificatePolicies -nameopt utf8,sep_comma_plus,show_type",
        certificate.to_pem().as_bytes(),
    );
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for line in [
        "subject=C=PRINTABLESTRING:BG,\
         serialNumber=PRINTABLESTRING:PI:BG-01234567-89ab-4def-8123-456789abcdef,\
         GN=UTF8STRING:Ivan,SN=UTF8STRING:Petroff-Shterev,\
         CN=UTF8STRING:Иван Георгиев Петров-Щерев",
        &format!("serial={}", certificate.serial()),
        "notBefore=Nov 22 09:09:11 2026 GMT",
        "notAfter=Nov 21 09:10:11 2031 GMT",
        "X509v3 Key Usage: critical",
        "Digital Signature",
        "X509v3 Extended Key Usage:",
        "TLS Web Client Authentication",
        "OCSP - URI:http://pki.example.bg/ocsp",
        "CA Issuers - URI:http://pki.example.bg/ca/issuing.cer",
        "X509v3 CRL Distribution Points:",
        "URI:http://pki.example.bg/crl/full.crl",
        "X509v3 Freshest CRL:",
        "URI:http://pki.example.bg/crl/delta.crl",
    ] {
        assert!(lines.contains(&line), "{line}\n{text}");
    }
    for absent in ["CA:TRUE", "Policies", "Non Repudiation"] {
        assert!(!text.contains(absent), "{absent}\n{text}");
    }
    assert_eq!(HolderSubject::read(&certificate), Some(holder.clone()));
    assert_eq!(
        certificate.holder_identifier(),
        Some(&HolderIdentifier::Electronic(holder.identifier()))
    );
    assert_eq!(
        certificate.assurance_level().as_deref(),
        Some(ASSURANCE_LEVEL_HIGH)
    );
    assert_eq!(certificate.purpose(), KeyPurpose::Authentication);

    let certificate = scheme.issue(&Profile::Signing(&holder), key.public_key());
    let text = scheme.openssl.run_with(
        "x509 -noout -ext keyUsage,extendedKeyUsage",
        certificate.to_pem().as_bytes(),
    );
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("Non Repudiation") && !text.contains("Digital Signature"));
    assert!(!text.contains("Extended"), "{text}");
    assert_eq!(certificate.purpose(), KeyPurpose::Signing);
    assert_eq!(HolderSubject::read(&certificate), Some(holder));
}

#[test]
fn other_certificates_name_no_holder_and_no_assurance_level() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let client = service("Център");
    let certificate = scheme.issue(&Profile::Client(&client), key.public_key());
    assert_eq!(HolderSubject::read(&certificate), None);
    assert_eq!(certificate.assurance_level(), None);
    assert_eq!(HolderSubject::read(scheme.root.certificate()), None);
}

#[test]
fn names_too_long_for_a_common_name_are_whole_in_the_alternative_names() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let long = "Я".repeat(64);
    for (first, middle, last, common) in [
        ("Иван", &*long, "Петров", "Иван Петров".to_owned()),
        ("Иван", "Иванов", &*long, format!("Иван {}", "Я".repeat(59))),
    ] {
        let cyrillic = Names::cyrillic(first, Some(middle), last).unwrap();
        let latin = Names::latin("Ivan", Some("Ivanov"), "Ya").unwrap();
        let holder = HolderSubject::new(Uuid::from_u128(7), "BG", cyrillic, latin).unwrap();
        let certificate = scheme.issue(&Profile::Identification(&holder), key.public_key());
        assert_eq!(certificate.common_name(), Some(common.as_str()));
        assert_eq!(HolderSubject::read(&certificate), Some(holder));
        let (ok, says) = scheme.verify(&certificate, "sslclient");
        assert!(ok, "{says}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_holder_is_read_as_he_was_written(
        bits in any::<u128>(),
        cyrillic in ["[А-Яа-я]{1,30}(-[А-Яа-я]{1,30})?", "[А-Яа-я]{1,60}", "[А-Яа-я]{1,20} [А-Яа-я]{1,20}"],
        latin in ["[A-Za-z]{1,30}('[a-z]{1,30})?", "[A-Za-zÀ-Ö]{1,60}", "[A-Z]{1,20} [A-Z]{1,20}"],
        middle in any::<bool>(),
    ) {
        let middle = |name: &str| middle.then(|| name.to_owned());
        let holder = HolderSubject::new(
            Uuid::from_u128(bits),
            "BG",
            Names::cyrillic(&cyrillic[0], middle(&cyrillic[1]).as_deref(), &cyrillic[2]).unwrap(),
            Names::latin(&latin[0], middle(&latin[1]).as_deref(), &latin[2]).unwrap(),
        )
        .unwrap();
        let key = memory_key();
        let root = Issuer::root(&key, &authority("Корен"), serial(), years(2)).unwrap();
        let root = Issuer::new(root, Arc::new(key), Locations::default()).unwrap();
        let certificate = root.issue(
            &Profile::Identification(&holder),
            root.certificate().public_key(),
            serial(),
            years(1),
        );
        prop_assert_eq!(HolderSubject::read(&certificate.unwrap()), Some(holder));
    }
}

/// A key in memory, for tests that issue many certificates.
struct MemoryKey(p256::ecdsa::SigningKey, PublicKey);

impl Signer for MemoryKey {
    fn public_key(&self) -> &PublicKey {
        &self.1
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::EcdsaSha256
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        use p256::ecdsa::{DerSignature, signature::Signer};
        let signature: DerSignature = self.0.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

fn memory_key() -> MemoryKey {
    use p256::pkcs8::EncodePublicKey;
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let spki = key.verifying_key().to_public_key_der().unwrap();
    MemoryKey(key, PublicKey::parse(spki.as_bytes()).unwrap())
}

#[test]
fn refuses_a_holder_whose_names_are_in_the_wrong_script_or_country_in_none() {
    let cyrillic = || Names::cyrillic("Иван", None, "Петров").unwrap();
    let latin = || Names::latin("Ivan", None, "Petrov").unwrap();
    let identifier = Uuid::from_u128(1);
    assert_eq!(
        HolderSubject::new(identifier, "BG", latin(), latin()).err(),
        Some(HolderFault::Script {
            expected: Script::Cyrillic
        })
    );
    assert_eq!(
        HolderSubject::new(identifier, "BG", cyrillic(), cyrillic()).err(),
        Some(HolderFault::Script {
            expected: Script::Latin
        })
    );
    for country in ["", "bg", "BGR", "Б"] {
        assert_eq!(
            HolderSubject::new(identifier, country, cyrillic(), latin()).err(),
            Some(HolderFault::Country)
        );
    }
    let holder = HolderSubject::new(identifier, "BG", cyrillic(), latin()).unwrap();
    let shown = format!("{holder:?}");
    assert!(
        !shown.contains("Иван") && !shown.contains("Ivan"),
        "{shown}"
    );
}

#[test]
fn refuses_to_issue_what_it_should_not() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let openssl = &scheme.openssl;
    let key = FileKey::new(openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let subject = authority("Нещо");
    let issue = |profile: &Profile<'_>, key: &PublicKey, serial, validity| {
        scheme.issuing.issue(profile, key, serial, validity)
    };
    let client = Profile::Client(&subject);

    let below = issue(
        &Profile::IssuingAuthority(&subject),
        key.public_key(),
        serial(),
        years(1),
    );
    assert_eq!(below, Err(IssueError::PathLength));
    let longer = issue(&client, key.public_key(), serial(), years(11));
    assert_eq!(longer, Err(IssueError::Validity));
    let early = Validity::new(NOW - Duration::days(1), NOW).unwrap();
    let earlier = issue(&client, key.public_key(), serial(), early);
    assert_eq!(earlier, Err(IssueError::Validity));
    assert!(matches!(Validity::new(NOW, NOW), Err(IssueError::Validity)));

    let weak = openssl.key("RSA -pkeyopt rsa_keygen_bits:1024");
    let weak = PublicKey::parse(&openssl.public_key(&weak)).unwrap();
    let weak = issue(&client, &weak, serial(), years(1));
    assert!(matches!(
        weak,
        Err(IssueError::Key(KeyFault::ModulusLength { bits: 1024 }))
    ));

    for number in [&[0; 20][..], &[1; 19], &[0x80; 20]] {
        let number = SerialNumber::from_bytes(number).unwrap();
        let numbered = issue(&client, key.public_key(), number, years(1));
        assert_eq!(numbered, Err(IssueError::SerialNumber));
    }
    for names in [
        &[][..],
        &[""],
        &["a b"],
        &["-a.bg"],
        &["a..bg"],
        &["лична.bg"],
    ] {
        let subject = &subject;
        let server = Profile::TlsServer { subject, names };
        let server = issue(&server, key.public_key(), serial(), years(1));
        assert!(
            matches!(server, Err(IssueError::Location { .. })),
            "{names:?}"
        );
    }
    let nameless = Subject::new("");
    let nameless = issue(
        &Profile::Client(&nameless),
        key.public_key(),
        serial(),
        years(1),
    );
    let attribute = "common name";
    assert!(
        matches!(nameless, Err(IssueError::Subject(fault)) if fault == SubjectFault { attribute })
    );
}

#[test]
fn an_authority_is_a_certificate_with_its_own_key() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let holder = holder();
    let holders = scheme.issue(&Profile::Identification(&holder), key.public_key());
    let none = Issuer::new(holders, key.clone(), Locations::default());
    assert_eq!(none.unwrap_err(), IssueError::NotAnAuthority);
    let authority = scheme.issuing.certificate().clone();
    let other = Issuer::new(authority, key, Locations::default());
    assert_eq!(other.unwrap_err(), IssueError::OtherKey);
}

#[test]
fn the_status_of_certificates_is_found_over_plain_http() {
    for url in [
        "",
        "http://",
        "https://a.bg/",
        "ldap://a.bg/",
        "http://a.bg/a b",
        "http://лична.bg/",
    ] {
        let key = memory_key();
        let certificate = Issuer::root(&key, &authority("Корен"), serial(), years(2)).unwrap();
        let crl = Some(url.to_owned());
        let locations = Locations {
            crl,
            ..Locations::default()
        };
        let wrong = Issuer::new(certificate, Arc::new(key), locations).unwrap_err();
        let value = url.to_owned();
        assert_eq!(wrong, IssueError::Location { value });
    }
}

/// A key store that answers with the signature of another message.
struct Faulty(Arc<FileKey>);

impl Signer for Faulty {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.0.sign(&[message, b"!"].concat())
    }
}

#[test]
fn nothing_leaves_that_the_key_did_not_sign() {
    let openssl = Arc::new(Openssl::new());
    for (kind, algorithm) in ALL {
        let key = Faulty(FileKey::new(&openssl, kind, algorithm));
        let root = Issuer::root(&key, &authority("Корен"), serial(), years(1));
        assert!(matches!(
            root,
            Err(IssueError::Signer(SignerError::NotItsSignature))
        ));
    }
}

#[test]
fn serial_numbers_have_forty_digits_and_the_bits_that_they_were_given() {
    for byte in [0, 0x7F, 0xFF] {
        let number = SerialNumber::from_random([byte; 20]);
        assert_eq!(number.to_string().len(), 40);
        let bytes = number.to_bytes();
        assert!((0x40..0x80).contains(&bytes[0]));
        assert_eq!(bytes[1..], [byte; 19]);
    }
}

#[test]
fn pkilint_finds_no_fault_in_any_kind_of_certificate() {
    const CERTIFICATE: &str = "lint_pkix_cert";
    const CHAIN: &str = "lint_pkix_signer_signee_cert_chain";
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, RSA, SignatureAlgorithm::RsaPssSha256);
    let path = |name: &str| scheme.openssl.path(&format!("{name}.pem"));
    let (root, issuing, bad) = (path("root"), path("issuing"), path("bad"));
    let leaves = every_kind(&scheme, key.public_key()).map(|(name, _, certificate)| {
        scheme.write(&format!("{name}.pem"), &certificate);
        path(name)
    });
    let mut checks = vec![
        (CERTIFICATE, vec![&*root]),
        (CERTIFICATE, vec![&*issuing]),
        (CHAIN, vec![&*root, &*issuing]),
    ];
    for leaf in &leaves {
        checks.push((CERTIFICATE, vec![leaf]));
        checks.push((CHAIN, vec![&issuing, leaf]));
    }
    for (check, (ok, says)) in checks.iter().zip(lint(&checks)) {
        assert!(ok, "{check:?}: {says}");
    }

    // The linter does find something: an authority without subjectKeyIdentifier, a chain that is
    // none.
    let authority = "basicConstraints=CA:TRUE\nkeyUsage=keyCertSign";
    let authority = scheme.openssl.certificate(&key.file, "/CN=Иван", authority);
    scheme.write("bad.pem", &Certificate::parse(&authority).unwrap());
    let faulty = [
        (CERTIFICATE, vec![&*bad]),
        (CHAIN, vec![&*root, &*leaves[0]]),
    ];
    for (check, (ok, says)) in faulty.iter().zip(lint(&faulty)) {
        assert!(!ok && says.contains("ERROR"), "{check:?}: {says}");
    }
}

/// What pyca/cryptography says of a certificate: subject, names in both scripts, extensions.
const PYCA: &str = "
import sys
from cryptography import x509
certificate = x509.load_pem_x509_certificate(open(sys.argv[1], 'rb').read())
print(certificate.subject.rfc4514_string())
for extension in certificate.extensions:
    print(extension.oid.dotted_string, extension.critical)
names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
for name in names.get_values_for_type(x509.DirectoryName):
    print(name.rfc4514_string())
";

#[test]
fn other_programs_read_a_holders_certificate() {
    let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
    let key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let certificate = scheme.issue(&Profile::Identification(&holder()), key.public_key());
    let path = |name: &str| scheme.openssl.path(name);
    scheme.write("leaf.pem", &certificate);
    let pyca = Command::new(pkilint::find("python"))
        .args(["-c", PYCA])
        .arg(path("leaf.pem"))
        .output()
        .unwrap();
    let says = String::from_utf8(pyca.stdout).unwrap();
    for line in [
        "1.2.752.201.5.1 False",
        "2.5.29.15 True",
        "2.5.4.41=Иван Георгиев Петров-Щерев,2.5.4.4=Петров-Щерев,2.5.4.42=Иван",
        "2.5.4.41=Ivan Georgiev Petroff-Shterev,2.5.4.4=Petroff-Shterev,2.5.4.42=Ivan",
    ] {
        assert!(says.lines().any(|one| one == line), "{line}\n{says}");
    }

    let certtool = Command::new("certtool")
        .arg("--certificate-info")
        .arg("--infile")
        .arg(path("leaf.pem"))
        .output()
        .unwrap();
    assert!(certtool.status.success());
    let says = String::from_utf8(certtool.stdout).unwrap();
    for part in [
        "CN=Иван Георгиев Петров-Щерев",
        "TLS WWW Client.",
        "directoryName: name=Ivan Georgiev Petroff-Shterev",
    ] {
        assert!(says.contains(part), "{part}\n{says}");
    }
}
