//! OCSP, both sides, beside `openssl ocsp`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod openssl;
mod scheme;

use std::{fs, sync::Arc};

use lichna_pki::{
    Certificate, CertificateId, CertificateStatus, Issuer, Locations, OcspAnswer, OcspError,
    OcspFault, OcspHash, OcspRefusal, OcspRequest, OcspResponder, OcspResponse, Profile,
    Revocation, RevocationReason, SerialNumber, SignatureAlgorithm, Signer, Validity,
};
use proptest::prelude::*;
use scheme::{ALL, FileKey, NOW, P256, Scheme, authority, holder, serial, service};
use time::{Duration, OffsetDateTime};

use CertificateStatus::{Good, Unknown};

/// A scheme with a holder and a responder that the authority delegated.
struct Bench {
    scheme: Scheme,
    holder: Certificate,
    holder_key: Arc<FileKey>,
    responder: Certificate,
    key: Arc<FileKey>,
}

impl Bench {
    fn new(kind: &str, algorithm: SignatureAlgorithm) -> Self {
        let scheme = Scheme::new(kind, algorithm);
        let holder_key = FileKey::new(&scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
        let key = FileKey::new(&scheme.openssl, kind, algorithm);
        let person = holder();
        let holder = scheme.issue(&Profile::Identification(&person), holder_key.public_key());
        let subject = service("Отговори за състояние");
        let responder = scheme.issue(&Profile::OcspResponder(&subject), key.public_key());
        scheme.write("holder.pem", &holder);
        Self {
            scheme,
            holder,
            holder_key,
            responder,
            key,
        }
    }

    fn issuer(&self) -> &Certificate {
        self.scheme.issuing.certificate()
    }

    fn id(&self, serial: SerialNumber) -> CertificateId {
        CertificateId::new(self.issuer(), serial, OcspHash::Sha1).unwrap()
    }

    fn answer(&self, status: CertificateStatus) -> OcspAnswer {
        answer(self.id(self.holder.serial_number().unwrap()), status)
    }

    /// A response of the delegate.
    fn respond(&self, answers: &[OcspAnswer], nonce: Option<&[u8]>) -> Vec<u8> {
        OcspResponder::new(&self.responder, &*self.key)
            .unwrap()
            .answer(answers, nonce, NOW)
            .unwrap()
    }

    fn read(&self, der: &[u8]) -> Result<OcspResponse, OcspFault> {
        OcspResponse::read(der, self.issuer())
    }

    /// What `openssl ocsp` says of a response, with the question or without.
    fn judge(&self, response: &[u8], question: &[&str]) -> (bool, String) {
        fs::write(self.scheme.openssl.path("response.der"), response).unwrap();
        let moment = NOW.unix_timestamp().to_string();
        let mut arguments = vec!["ocsp", "-respin", "response.der", "-CAfile", "root.pem"];
        // The certificates of this scheme are of another day than today.
        arguments.extend(["-attime", &moment, "-validity_period", "1000000000"]);
        arguments.extend([
            "-no_nonce",
            "-verify_other",
            "issuing.pem",
            "-issuer",
            "issuing.pem",
        ]);
        arguments.extend(question);
        let (ok, output, says) = self.scheme.openssl.judge(&arguments, b"");
        (ok, says + &String::from_utf8(output).unwrap())
    }
}

fn answer(id: CertificateId, status: CertificateStatus) -> OcspAnswer {
    OcspAnswer {
        id,
        status,
        this_update: whole(NOW - Duration::MINUTE),
        next_update: Some(whole(NOW + Duration::HOUR)),
    }
}

fn whole(moment: OffsetDateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.unix_timestamp()).unwrap()
}

fn revoked(reason: RevocationReason) -> CertificateStatus {
    CertificateStatus::Revoked(Revocation {
        since: whole(NOW - Duration::HOUR * 5),
        reason,
    })
}

/// Req 6.4.
#[test]
fn openssl_takes_answers_of_every_kind_of_key() {
    for (kind, algorithm) in ALL {
        let bench = Bench::new(kind, algorithm);
        bench
            .scheme
            .openssl
            .run("ocsp -issuer issuing.pem -cert holder.pem -reqout question.der");
        let question = fs::read(bench.scheme.openssl.path("question.der")).unwrap();
        let request = OcspRequest::read(&question).unwrap();
        assert_eq!(request.certificates().len(), 1);
        let id = &request.certificates()[0];
        assert!(id.is_of(bench.issuer()));
        assert_eq!(Some(id.serial()), bench.holder.serial_number());
        assert!(request.nonce().is_some_and(|nonce| nonce.len() == 16));

        let cases = [
            (Good, "holder.pem: good", ""),
            (
                revoked(RevocationReason::CertificateHold),
                "holder.pem: revoked",
                "certificateHold",
            ),
            (
                revoked(RevocationReason::KeyCompromise),
                "holder.pem: revoked",
                "keyCompromise",
            ),
            (
                revoked(RevocationReason::Unspecified),
                "holder.pem: revoked",
                "Revocation Time",
            ),
            (Unknown, "holder.pem: unknown", ""),
        ];
        for (status, line, more) in cases {
            let answers = [answer(id.clone(), status)];
            let response = bench.respond(&answers, request.nonce());
            // With the request openssl looks at the nonce, with the certificate at what is said.
            let asked = ["-reqin", "question.der"];
            let (ok, says) = bench.judge(&response, &asked);
            assert!(ok && says.contains("Response verify OK"), "{says}");
            assert!(
                !says.contains("Nonce") && !says.contains("WARNING"),
                "{says}"
            );
            let (ok, says) = bench.judge(&response, &["-no_nonce", "-cert", "holder.pem"]);
            assert!(
                ok && says.contains("Response verify OK"),
                "{algorithm}: {says}"
            );
            assert!(says.contains(line) && says.contains(more), "{says}");

            let replayed = bench.respond(&answers, Some(&[1; 16]));
            let (_, says) = bench.judge(&replayed, &asked);
            assert!(says.contains("Nonce Verify error"), "{says}");

            let read = bench.read(&response).unwrap();
            assert_eq!(read.answers(), answers);
            assert_eq!(
                read.answer(&bench.holder, bench.issuer()),
                Some(&answers[0])
            );
            assert_eq!(read.nonce(), request.nonce());
            assert_eq!(read.produced_at(), whole(NOW));
        }
    }
}

#[test]
fn the_authority_answers_for_itself() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let issuing = &bench.scheme.issuing;
    let responder = OcspResponder::new(issuing.certificate(), issuing.signer()).unwrap();
    let response = responder.answer(&[bench.answer(Good)], None, NOW).unwrap();
    let (ok, says) = bench.judge(&response, &["-no_nonce", "-cert", "holder.pem"]);
    assert!(ok && says.contains("holder.pem: good"), "{says}");
    assert_eq!(bench.read(&response).unwrap().nonce(), None);
}

#[test]
fn openssl_reads_our_questions_about_several_certificates() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let serials: Vec<SerialNumber> = (0..3).map(|_| serial()).collect();
    for hash in [OcspHash::Sha1, OcspHash::Sha256] {
        let ids: Vec<CertificateId> = serials
            .iter()
            .map(|serial| CertificateId::new(bench.issuer(), *serial, hash).unwrap())
            .collect();
        let request = OcspRequest::new(ids.clone(), Some(vec![0x5A; 32])).unwrap();
        let der = request.to_der().unwrap();
        assert_eq!(OcspRequest::read(&der), Ok(request.clone()));
        fs::write(bench.scheme.openssl.path("ours.der"), &der).unwrap();
        let text = bench.scheme.openssl.run("ocsp -reqin ours.der -req_text");
        let text = String::from_utf8(text).unwrap();
        for serial in &serials {
            assert!(text.contains(&format!("Serial Number: {serial}")), "{text}");
        }
        assert!(text.contains("OCSP Nonce"), "{text}");

        let answers: Vec<OcspAnswer> = ids.into_iter().map(|id| answer(id, Good)).collect();
        let response = bench.respond(&answers, request.nonce());
        let digest = if hash == OcspHash::Sha1 {
            "-sha1"
        } else {
            "-sha256"
        };
        let serial = format!("0x{}", serials[1]);
        let question = [digest, "-no_nonce", "-serial", &serial];
        let (ok, says) = bench.judge(&response, &question);
        assert!(ok && says.contains(&format!("{serial}: good")), "{says}");
        let read = bench.read(&response).unwrap();
        assert_eq!(read.answers(), answers);
        assert_eq!(read.answer(&bench.holder, bench.issuer()), None);
    }
}

#[test]
fn we_read_openssls_answers() {
    // openssl answers with today's time, so this authority is an old one.
    let openssl = Arc::new(openssl::Openssl::new());
    let validity = Validity::new(
        time::macros::datetime!(2020-01-01 0:00 UTC),
        time::macros::datetime!(2049-01-01 0:00 UTC),
    )
    .unwrap();
    let root_key = FileKey::new(&openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let root = Issuer::root(&*root_key, &authority("Стар корен"), serial(), validity).unwrap();
    let issuer = Issuer::new(root.clone(), root_key, Locations::default()).unwrap();
    let key = FileKey::new(&openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let subject = service("Отговори");
    let profile = Profile::OcspResponder(&subject);
    let responder = issuer
        .issue(&profile, key.public_key(), serial(), validity)
        .unwrap();
    fs::write(openssl.path("root.pem"), root.to_pem()).unwrap();
    fs::write(openssl.path("responder.pem"), responder.to_pem()).unwrap();

    let serials: Vec<SerialNumber> = (0..4).map(|_| serial()).collect();
    let index = [
        format!("V\t310101000000Z\t\t{}\tunknown\t/CN=a\n", serials[0]),
        format!(
            "R\t310101000000Z\t261101010203Z,certificateHold\t{}\tunknown\t/CN=b\n",
            serials[1]
        ),
        format!(
            "R\t310101000000Z\t261102000000Z,superseded\t{}\tunknown\t/CN=c\n",
            serials[2]
        ),
    ];
    fs::write(openssl.path("index.txt"), index.concat()).unwrap();
    let ids = serials
        .iter()
        .map(|serial| CertificateId::new(&root, *serial, OcspHash::Sha256).unwrap())
        .collect();
    let request = OcspRequest::new(ids, Some(vec![0x5A; 32])).unwrap();
    fs::write(openssl.path("question.der"), request.to_der().unwrap()).unwrap();
    openssl.run(&format!(
        "ocsp -index index.txt -CA root.pem -rsigner responder.pem -rkey {} -reqin question.der \
         -respout response.der -ndays 1",
        key.file
    ));
    let response = fs::read(openssl.path("response.der")).unwrap();
    let read = OcspResponse::read(&response, &root).unwrap();
    let at = |text| OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
    let revoked = |since, reason| {
        CertificateStatus::Revoked(Revocation {
            since: at(since).unwrap(),
            reason,
        })
    };
    let said: Vec<CertificateStatus> = read.answers().iter().map(|one| one.status).collect();
    assert_eq!(
        said,
        [
            Good,
            revoked("2026-11-01T01:02:03Z", RevocationReason::CertificateHold),
            revoked("2026-11-02T00:00:00Z", RevocationReason::Superseded),
            Unknown,
        ]
    );
    assert_eq!(read.nonce(), request.nonce());
    assert!(
        read.answers()
            .iter()
            .all(|one| one.id.is_of(&root) && one.next_update.is_some())
    );
}

#[test]
fn refusals_are_known_to_openssl_and_to_us() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    for (refusal, says) in [
        (OcspRefusal::MalformedRequest, "malformedrequest (1)"),
        (OcspRefusal::InternalError, "internalerror (2)"),
        (OcspRefusal::TryLater, "trylater (3)"),
        (OcspRefusal::SignatureRequired, "sigrequired (5)"),
        (OcspRefusal::Unauthorized, "unauthorized (6)"),
    ] {
        let der = refusal.to_der();
        assert_eq!(bench.read(&der), Err(OcspFault::Refused(refusal)));
        let (ok, text) = bench.judge(&der, &[]);
        assert!(!ok && text.contains(says), "{text}");
    }
}

#[test]
fn answers_of_those_who_may_not_speak_for_the_authority_are_refused() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let openssl = &bench.scheme.openssl;
    let answers = [bench.answer(Good)];
    let by = |certificate: &Certificate, key: &dyn Signer, at: OffsetDateTime| {
        let responder = OcspResponder::new(certificate, key).unwrap();
        responder.answer(&answers, None, at).unwrap()
    };
    let refused = |response: &[u8], fault: OcspFault, what: &str| {
        assert_eq!(bench.read(response), Err(fault), "{what}");
        let (_, says) = bench.judge(response, &["-no_nonce", "-cert", "holder.pem"]);
        assert!(!says.contains("Response verify OK"), "{what}: {says}");
    };

    let response = by(&bench.holder, &*bench.holder_key, NOW);
    refused(&response, OcspFault::Responder, "a holder");

    let stranger = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let response = by(&stranger.responder, &*stranger.key, NOW);
    refused(
        &response,
        OcspFault::Responder,
        "another authority's delegate",
    );

    // The root did not issue the certificate that was asked about.
    let root = &bench.scheme.root;
    let response = by(root.certificate(), root.signer(), NOW);
    assert_eq!(bench.read(&response), Err(OcspFault::Responder));

    // Before the delegate's certificate began, and after it ended.
    for at in [Duration::DAY * -1, Duration::DAY * 365 * 6] {
        let response = by(&bench.responder, &*bench.key, NOW + at);
        assert_eq!(bench.read(&response), Err(OcspFault::Responder));
    }

    // Delegates without the purpose, or of whom nobody says that they need no check.
    for (extensions, taken) in [
        ("extendedKeyUsage = OCSPSigning\nnoCheck = ignored\n", true),
        ("extendedKeyUsage = OCSPSigning\n", false),
        ("extendedKeyUsage = clientAuth\nnoCheck = ignored\n", false),
        ("noCheck = ignored\n", false),
        (
            "extendedKeyUsage = OCSPSigning\nnoCheck = ignored\nkeyUsage = nonRepudiation\n",
            false,
        ),
        (
            "extendedKeyUsage = OCSPSigning\nnoCheck = ignored\n1.2.3.4 = critical, DER:0500\n",
            false,
        ),
    ] {
        let key = FileKey::new(openssl, P256, SignatureAlgorithm::EcdsaSha256);
        fs::write(openssl.path("extensions.cnf"), extensions).unwrap();
        openssl.run(&format!(
            "req -new -key {} -subj /CN=delegate -out r.pem",
            key.file
        ));
        let der = openssl.run(
            "x509 -req -in r.pem -CA issuing.pem -CAkey 1.key -extfile extensions.cnf -days 2 \
             -outform DER",
        );
        let today = OffsetDateTime::now_utc() + Duration::MINUTE;
        let response = by(&Certificate::parse(&der).unwrap(), &*key, today);
        assert_eq!(bench.read(&response).is_ok(), taken, "{extensions}");
    }

    assert!(matches!(
        OcspResponder::new(&bench.responder, &*bench.holder_key),
        Err(OcspError::OtherKey)
    ));
}

#[test]
fn an_answer_about_another_authoritys_certificate_says_nothing() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    // The same serial number, named as one of the root.
    let serial = bench.holder.serial_number().unwrap();
    let id = CertificateId::new(bench.scheme.root.certificate(), serial, OcspHash::Sha1).unwrap();
    let response = bench.respond(&[answer(id, Good)], None);
    let read = bench.read(&response).unwrap();
    assert_eq!(read.answer(&bench.holder, bench.issuer()), None);
}

#[test]
fn requests_that_are_none_are_refused() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let id = bench.id(serial());
    let new = OcspRequest::new;
    assert_eq!(new(vec![], None), Err(OcspFault::Certificates));
    assert_eq!(
        new(vec![id.clone(); 33], None),
        Err(OcspFault::Certificates)
    );
    let nonce = OcspFault::Malformed { part: "nonce" };
    assert_eq!(new(vec![id.clone()], Some(vec![])), Err(nonce.clone()));
    assert_eq!(new(vec![id.clone()], Some(vec![1; 129])), Err(nonce));
    assert!(new(vec![id.clone()], Some(vec![1; 128])).is_ok());

    let der = new(vec![id.clone()], None).unwrap().to_der().unwrap();
    assert_eq!(OcspRequest::read(&[]), Err(OcspFault::NotOcsp));
    assert_eq!(
        OcspRequest::read(&der[..der.len() - 1]),
        Err(OcspFault::NotOcsp)
    );
    assert_eq!(
        OcspRequest::read(&[&der[..], &[0]].concat()),
        Err(OcspFault::NotOcsp)
    );
    let length = 9000;
    assert_eq!(
        OcspRequest::read(&vec![0; length]),
        Err(OcspFault::TooLong { length })
    );
    // A hash that is not known names nobody's certificate; the answer repeats it.
    let at = der
        .windows(5)
        .position(|five| five == [0x2B, 0x0E, 3, 2, 0x1A])
        .unwrap();
    let mut other = der;
    other[at + 4] = 0x1B;
    let request = OcspRequest::read(&other).unwrap();
    assert!(!request.certificates()[0].is_of(bench.issuer()));
    let answers = [answer(request.certificates()[0].clone(), Unknown)];
    let response = bench.respond(&answers, None);
    assert_eq!(bench.read(&response).unwrap().answers(), answers);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_question_is_read_as_it_was_written(
        serials in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=20), 1..=32),
        nonce in prop::option::of(prop::collection::vec(any::<u8>(), 1..=128)),
        sha256: bool,
    ) {
        use std::sync::OnceLock;
        static ISSUER: OnceLock<Certificate> = OnceLock::new();
        let issuer = ISSUER.get_or_init(|| {
            let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
            bench.issuer().clone()
        });
        let hash = if sha256 { OcspHash::Sha256 } else { OcspHash::Sha1 };
        let ids = serials
            .iter()
            .map(|serial| SerialNumber::from_bytes(serial).unwrap())
            .map(|serial| CertificateId::new(issuer, serial, hash).unwrap())
            .collect();
        let request = OcspRequest::new(ids, nonce).unwrap();
        prop_assert_eq!(OcspRequest::read(&request.to_der().unwrap()), Ok(request));
    }
}

#[test]
fn a_response_with_any_byte_changed_is_none() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let response = bench.respond(&[bench.answer(Good)], Some(&[7; 16]));
    for place in 0..response.len() {
        let mut changed = response.clone();
        changed[place] ^= 0x01;
        if let Ok(read) = bench.read(&changed) {
            // The delegate's certificate is beside what is signed, and may be there twice as well.
            assert_eq!(read, bench.read(&response).unwrap(), "at {place}");
        }
    }
}
