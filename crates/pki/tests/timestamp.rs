//! Timestamps, both sides, beside `openssl ts`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod openssl;
mod scheme;

use std::{fs, sync::Arc};

use lichna_pki::{
    ACCURACY, Certificate, HashName, Issuer, Locations, MessageImprint, Profile,
    SignatureAlgorithm, Signer, Timestamp, TimestampAuthority, TimestampError, TimestampFault,
    TimestampPolicy, TimestampRefusal, TimestampRequest, Validity,
};
use proptest::prelude::*;
use scheme::{ALL, FileKey, NOW, P256, RSA, Scheme, authority, holder, serial, service};
use time::OffsetDateTime;

const MESSAGE: &[u8] = "спрян на 22 ноември".as_bytes();
const HASHES: [(HashName, &str); 3] = [
    (HashName::Sha256, "-sha256"),
    (HashName::Sha384, "-sha384"),
    (HashName::Sha512, "-sha512"),
];

/// A scheme with an authority that stamps.
struct Bench {
    scheme: Scheme,
    certificate: Certificate,
    key: Arc<FileKey>,
    policy: TimestampPolicy,
}

impl Bench {
    fn new(kind: &str, algorithm: SignatureAlgorithm) -> Self {
        let scheme = Scheme::new(kind, algorithm);
        let key = FileKey::new(&scheme.openssl, kind, algorithm);
        let subject = service("Отговори за време");
        let certificate = scheme.issue(&Profile::Timestamps(&subject), key.public_key());
        scheme.write("tsa.pem", &certificate);
        fs::write(scheme.openssl.path("message"), MESSAGE).unwrap();
        let authorities = [scheme.root.certificate(), scheme.issuing.certificate()];
        let authorities = authorities.map(Certificate::to_pem).concat();
        fs::write(scheme.openssl.path("authorities.pem"), authorities).unwrap();
        let uuid = "0d7e5bd2-61f4-4f3a-9c3b-62a4a7b0c1d9".parse().unwrap();
        Self {
            scheme,
            certificate,
            key,
            policy: TimestampPolicy::from_uuid(uuid),
        }
    }

    fn authority(&self) -> TimestampAuthority<'_> {
        TimestampAuthority::new(&self.certificate, &*self.key, &self.policy).unwrap()
    }

    fn answer(&self, request: &TimestampRequest) -> Vec<u8> {
        self.authority().answer(request, serial(), NOW).unwrap()
    }

    /// A request that openssl makes.
    fn query(&self, options: &str) -> Vec<u8> {
        self.scheme
            .openssl
            .run(&format!("ts -query -data message {options}"))
    }

    /// What `openssl ts -verify` says of a response, or of a token.
    fn judge(&self, response: &[u8], options: &[&str]) -> (bool, String) {
        fs::write(self.scheme.openssl.path("response.tsr"), response).unwrap();
        let moment = NOW.unix_timestamp().to_string();
        let mut arguments = vec!["ts", "-verify", "-in", "response.tsr", "-attime", &moment];
        arguments.extend(["-CAfile", "root.pem", "-untrusted", "issuing.pem"]);
        arguments.extend(options);
        let (ok, output, says) = self.scheme.openssl.judge(&arguments, b"");
        (ok, says + &String::from_utf8(output).unwrap())
    }

    /// `openssl cms -verify` on a token.
    fn judge_as_cms(&self, asked: &TimestampRequest) {
        let token = self.authority().stamp(asked, serial(), NOW).unwrap();
        fs::write(self.scheme.openssl.path("token.der"), token).unwrap();
        let moment = NOW.unix_timestamp();
        self.scheme.openssl.run(&format!(
            "cms -verify -binary -inform DER -in token.der -CAfile authorities.pem \
             -purpose timestampsign -attime {moment} -out info.der"
        ));
    }
}

fn request(hash: HashName, message: &[u8]) -> TimestampRequest {
    TimestampRequest::new(MessageImprint::new(hash, &hash.digest(message)).unwrap())
}

fn whole(moment: OffsetDateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.unix_timestamp()).unwrap()
}

/// Req 16.4.
#[test]
fn openssl_takes_stamps_of_every_kind_of_key_over_every_hash() {
    for (kind, algorithm) in ALL {
        let bench = Bench::new(kind, algorithm);
        for (hash, option) in HASHES {
            let query = bench.query(&format!("{option} -cert"));
            fs::write(bench.scheme.openssl.path("query.tsq"), &query).unwrap();
            let asked = TimestampRequest::read(&query).unwrap();
            assert_eq!(asked.imprint(), request(hash, MESSAGE).imprint());
            let serial = serial();
            let response = bench.authority().answer(&asked, serial, NOW).unwrap();
            for by in [["-queryfile", "query.tsq"], ["-data", "message"]] {
                if algorithm == SignatureAlgorithm::RsaPssSha256 {
                    // `openssl ts` reads tokens as PKCS#7, which is older than PSS.
                    bench.judge_as_cms(&asked);
                    continue;
                }
                let (ok, says) = bench.judge(&response, &by);
                assert!(
                    ok && says.contains("Verification: OK"),
                    "{algorithm}: {says}"
                );
            }
            let arguments = ["ts", "-reply", "-in", "response.tsr", "-text"];
            fs::write(bench.scheme.openssl.path("response.tsr"), &response).unwrap();
            let text = bench.scheme.openssl.run_arguments(&arguments, b"");
            let text = String::from_utf8(text).unwrap();
            for line in [
                "Status: Granted.",
                &format!("Policy OID: {}", bench.policy),
                &format!("Serial number: 0x{serial}"),
                "Time stamp: Nov 22 09:10:11 2026 GMT",
                "Accuracy: 0x01 seconds",
                "Ordering: no",
            ] {
                assert!(text.contains(line), "{line}: {text}");
            }

            let stamp = Timestamp::read_response(&response, &asked, &[]).unwrap();
            assert!(stamp.is_of(MESSAGE) && !stamp.is_of(b"something else"));
            assert_eq!(stamp.time(), whole(NOW));
            assert_eq!(stamp.accuracy(), Some(ACCURACY));
            assert_eq!(stamp.serial(), serial);
            assert_eq!(stamp.policy(), &bench.policy);
            assert_eq!(stamp.certificate(), &bench.certificate);
        }
    }
}

#[test]
fn a_token_stands_alone() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let asked = request(HashName::Sha256, MESSAGE);
    let token = bench.authority().stamp(&asked, serial(), NOW).unwrap();
    let (ok, says) = bench.judge(&token, &["-token_in", "-data", "message"]);
    assert!(ok, "{says}");
    let stamp = Timestamp::read_token(&token, &[]).unwrap();
    assert_eq!(stamp.der(), token);
    assert!(stamp.is_of(MESSAGE));
}

#[test]
fn a_stamp_without_the_certificate_needs_it_from_elsewhere() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let asked = TimestampRequest::read(&bench.query("-sha256 -no_nonce")).unwrap();
    let response = bench.answer(&asked);
    assert_eq!(
        Timestamp::read_response(&response, &asked, &[]),
        Err(TimestampFault::NoCertificate)
    );
    let known = [
        bench.scheme.issuing.certificate().clone(),
        bench.certificate.clone(),
    ];
    assert!(
        Timestamp::read_response(&response, &asked, &known)
            .unwrap()
            .is_of(MESSAGE)
    );
    fs::write(
        bench.scheme.openssl.path("both.pem"),
        bench.certificate.to_pem() + &bench.scheme.issuing.certificate().to_pem(),
    )
    .unwrap();
    let (ok, says) = bench.judge(&response, &["-data", "message", "-untrusted", "both.pem"]);
    assert!(ok, "{says}");
}

#[test]
fn we_read_openssls_stamps() {
    // openssl stamps with today's time, so this authority is an old one.
    let validity = Validity::new(
        time::macros::datetime!(2020-01-01 0:00 UTC),
        time::macros::datetime!(2049-01-01 0:00 UTC),
    )
    .unwrap();
    for (kind, algorithm) in [
        (P256, SignatureAlgorithm::EcdsaSha256),
        (RSA, SignatureAlgorithm::RsaPkcs1Sha256),
    ] {
        let openssl = Arc::new(openssl::Openssl::new());
        let root_key = FileKey::new(&openssl, kind, algorithm);
        let root = Issuer::root(&*root_key, &authority("Корен"), serial(), validity).unwrap();
        let issuer = Issuer::new(root, root_key, Locations::default()).unwrap();
        let key = FileKey::new(&openssl, kind, algorithm);
        let subject = service("Време");
        let profile = Profile::Timestamps(&subject);
        let tsa = issuer
            .issue(&profile, key.public_key(), serial(), validity)
            .unwrap();
        fs::write(openssl.path("tsa.pem"), tsa.to_pem()).unwrap();
        for (digest, fraction, hash) in [
            ("sha256", "0", HashName::Sha256),
            ("sha512", "3", HashName::Sha384),
        ] {
            let configuration = format!(
                "[tsa]\ndefault_tsa = here\n[here]\nserial = tsaserial\nsigner_cert = tsa.pem\n\
                 signer_key = {}\nsigner_digest = {digest}\ndefault_policy = 1.2.3.4.1\n\
                 digests = sha256, sha384, sha512\naccuracy = secs:1, millisecs:500, microsecs:100\n\
                 clock_precision_digits = {fraction}\nordering = yes\ntsa_name = yes\n\
                 ess_cert_id_alg = sha256\n",
                key.file
            );
            fs::write(openssl.path("tsa.cnf"), configuration).unwrap();
            let asked = request(hash, MESSAGE).nonce(&[0x5A; 20]).unwrap();
            fs::write(openssl.path("ours.tsq"), asked.to_der().unwrap()).unwrap();
            let text = openssl.run("ts -query -in ours.tsq -text");
            let text = String::from_utf8(text).unwrap();
            assert!(text.contains("Certificate required: yes"), "{text}");
            let response =
                openssl.run("ts -reply -config tsa.cnf -section here -queryfile ours.tsq");
            let stamp = Timestamp::read_response(&response, &asked, &[]).unwrap();
            assert!(stamp.is_of(MESSAGE));
            let accuracy = stamp.accuracy().unwrap();
            assert_eq!(accuracy, std::time::Duration::from_micros(1_500_100));
            let off = (stamp.time() - OffsetDateTime::now_utc()).abs();
            assert!(off < time::Duration::MINUTE, "{off}");
            assert_eq!(stamp.policy(), &"1.2.3.4.1".parse().unwrap());
            assert_eq!(stamp.certificate(), &tsa);
        }
        // With a certificate that ended long ago.
        let then = time::macros::datetime!(2021-01-01 0:00 UTC);
        let ended = Validity::new(validity.not_before(), then).unwrap();
        let ended = issuer.issue(&profile, key.public_key(), serial(), ended);
        fs::write(openssl.path("tsa.pem"), ended.unwrap().to_pem()).unwrap();
        let asked = request(HashName::Sha256, MESSAGE);
        fs::write(openssl.path("ours.tsq"), asked.to_der().unwrap()).unwrap();
        let response = openssl.run("ts -reply -config tsa.cnf -section here -queryfile ours.tsq");
        assert_eq!(
            Timestamp::read_response(&response, &asked, &[]),
            Err(TimestampFault::MayNotSign)
        );
        fs::write(openssl.path("tsa.pem"), tsa.to_pem()).unwrap();

        // Without SigningCertificateV2 nothing says which certificate was meant.
        let text = fs::read_to_string(openssl.path("tsa.cnf")).unwrap();
        let text = text.replace("ess_cert_id_alg = sha256", "ess_cert_id_alg = sha1");
        fs::write(openssl.path("tsa.cnf"), text).unwrap();
        let asked = request(HashName::Sha256, MESSAGE);
        fs::write(openssl.path("ours.tsq"), asked.to_der().unwrap()).unwrap();
        let response = openssl.run("ts -reply -config tsa.cnf -section here -queryfile ours.tsq");
        assert!(Timestamp::read_response(&response, &asked, &[]).is_err());
    }
}

#[test]
fn refusals_are_known_to_openssl_and_to_us() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let asked = request(HashName::Sha256, MESSAGE);
    for (refusal, says) in [
        (
            TimestampRefusal::BadAlgorithm,
            "unrecognized or unsupported algorithm identifier",
        ),
        (
            TimestampRefusal::BadRequest,
            "transaction not permitted or supported",
        ),
        (
            TimestampRefusal::BadDataFormat,
            "the data submitted has the wrong format",
        ),
        (
            TimestampRefusal::TimeNotAvailable,
            "the TSA's time source is not available",
        ),
        (
            TimestampRefusal::UnacceptedPolicy,
            "the requested TSA policy is not supported by the TSA",
        ),
        (
            TimestampRefusal::UnacceptedExtension,
            "the requested extension is not supported by the TSA",
        ),
        (
            TimestampRefusal::AdditionalInformationNotAvailable,
            "the additional information requested could not be understood or is not available",
        ),
        (
            TimestampRefusal::SystemFailure,
            "the request cannot be handled due to system failure",
        ),
    ] {
        let der = refusal.to_der();
        let reason = Some(refusal);
        assert_eq!(
            Timestamp::read_response(&der, &asked, &[]),
            Err(TimestampFault::Refused { reason })
        );
        fs::write(bench.scheme.openssl.path("response.tsr"), &der).unwrap();
        let text = bench.scheme.openssl.run("ts -reply -in response.tsr -text");
        let text = String::from_utf8(text).unwrap();
        assert!(
            text.contains("Status: Rejected.") && text.contains(says),
            "{text}"
        );
    }
}

#[test]
fn requests_that_cannot_be_met_are_refused_by_their_reason() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let fault = TimestampRequest::read(&bench.query("-sha1")).unwrap_err();
    assert_eq!(fault.refusal(), TimestampRefusal::BadAlgorithm);

    let asked = TimestampRequest::read(&bench.query("-sha256 -tspolicy 1.2.3.4")).unwrap();
    let reason = Some(TimestampRefusal::UnacceptedPolicy);
    assert_eq!(
        Timestamp::read_response(&bench.answer(&asked), &asked, &[]),
        Err(TimestampFault::Refused { reason })
    );
    let own = format!("-sha256 -cert -tspolicy {}", bench.policy);
    let asked = TimestampRequest::read(&bench.query(&own)).unwrap();
    assert!(Timestamp::read_response(&bench.answer(&asked), &asked, &[]).is_ok());

    for bytes in [&[][..], &[0x30, 0], &[0; 5000]] {
        let fault = TimestampRequest::read(bytes).unwrap_err();
        assert_eq!(fault.refusal(), TimestampRefusal::BadDataFormat);
    }
    // An extension: [0] { SEQUENCE { 1.2.3, NULL in an OCTET STRING } }.
    let extension = [0xA0, 0x0A, 0x30, 8, 6, 2, 0x2A, 3, 4, 2, 5, 0];
    let mut der = bench.query("-sha256 -no_nonce");
    der.extend(extension);
    der[1] += 12;
    let fault = TimestampRequest::read(&der).unwrap_err();
    assert_eq!(fault.refusal(), TimestampRefusal::UnacceptedExtension);

    let short = MessageImprint::new(HashName::Sha256, &[0; 31]);
    assert!(matches!(short, Err(TimestampFault::Malformed { .. })));
    for nonce in [&[][..], &[0, 1], &[0xFF, 0x80], &[1; 65]] {
        assert!(request(HashName::Sha256, MESSAGE).nonce(nonce).is_err());
    }
}

#[test]
fn stamps_for_something_else_are_refused() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let asked = request(HashName::Sha256, MESSAGE).nonce(&[7; 16]).unwrap();
    let other = |asked: TimestampRequest, what: &str| {
        let response = bench.answer(&asked);
        let expected = request(HashName::Sha256, MESSAGE).nonce(&[7; 16]).unwrap();
        assert_eq!(
            Timestamp::read_response(&response, &expected, &[]),
            Err(TimestampFault::OtherRequest),
            "{what}"
        );
    };
    other(
        request(HashName::Sha256, b"x").nonce(&[7; 16]).unwrap(),
        "another message",
    );
    other(
        request(HashName::Sha512, MESSAGE).nonce(&[7; 16]).unwrap(),
        "another hash",
    );
    other(
        request(HashName::Sha256, MESSAGE).nonce(&[8; 16]).unwrap(),
        "another nonce",
    );
    other(request(HashName::Sha256, MESSAGE), "no nonce");
    assert!(Timestamp::read_response(&bench.answer(&asked), &asked, &[]).is_ok());
}

#[test]
fn only_a_certificate_for_timestamps_stamps() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let person = holder();
    let subject = service("Сървър");
    for profile in [
        Profile::Identification(&person),
        Profile::Signing(&person),
        Profile::OcspResponder(&subject),
    ] {
        let certificate = bench.scheme.issue(&profile, bench.key.public_key());
        let authority = TimestampAuthority::new(&certificate, &*bench.key, &bench.policy);
        assert!(matches!(authority, Err(TimestampError::OtherPurpose)));
    }
    let other = FileKey::new(&bench.scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let authority = TimestampAuthority::new(&bench.certificate, &*other, &bench.policy);
    assert!(matches!(authority, Err(TimestampError::OtherKey)));

    let asked = request(HashName::Sha256, MESSAGE);
    for days in [-1, 365 * 6] {
        let time = NOW + time::Duration::days(days);
        let stamped = bench.authority().stamp(&asked, serial(), time);
        assert_eq!(stamped, Err(TimestampError::NotValid));
    }

    // The same name and number, another purpose: as if a token came with a changed certificate.
    let signing = bench.scheme.issuing.issue(
        &Profile::Signing(&person),
        bench.key.public_key(),
        bench.certificate.serial_number().unwrap(),
        scheme::years(1),
    );
    let asked = TimestampRequest::read(&bench.query("-sha256")).unwrap();
    assert_eq!(
        Timestamp::read_response(&bench.answer(&asked), &asked, &[signing.unwrap()]),
        Err(TimestampFault::MayNotSign)
    );
    // … and one that is for timestamps, but is not the one that the authority meant.
    let subject = service("Двойник");
    let twin = bench.scheme.issuing.issue(
        &Profile::Timestamps(&subject),
        bench.key.public_key(),
        bench.certificate.serial_number().unwrap(),
        scheme::years(1),
    );
    assert_eq!(
        Timestamp::read_response(&bench.answer(&asked), &asked, &[twin.unwrap()]),
        Err(TimestampFault::WrongSignature)
    );
}

#[test]
fn a_token_with_any_byte_changed_says_nothing_else() {
    let bench = Bench::new(P256, SignatureAlgorithm::EcdsaSha256);
    let asked = request(HashName::Sha256, MESSAGE);
    let token = bench.authority().stamp(&asked, serial(), NOW).unwrap();
    let right = Timestamp::read_token(&token, &[]).unwrap();
    for place in 0..token.len() {
        let mut changed = token.clone();
        changed[place] ^= 0x01;
        if let Ok(stamp) = Timestamp::read_token(&changed, &[]) {
            let told = |stamp: &Timestamp| (stamp.time(), stamp.serial(), stamp.imprint().clone());
            assert_eq!(told(&stamp), told(&right), "at {place}");
        }
    }
}

proptest! {
    #[test]
    fn a_request_is_read_as_it_was_written(
        digest in prop::collection::vec(any::<u8>(), 64),
        which in 0..3_usize,
        nonce in prop::collection::vec(1..0x7F_u8, 0..=64),
    ) {
        let hash = HASHES[which].0;
        let imprint = MessageImprint::new(hash, &digest[..hash.length()]).unwrap();
        let mut request = TimestampRequest::new(imprint);
        if !nonce.is_empty() {
            request = request.nonce(&nonce).unwrap();
        }
        prop_assert_eq!(TimestampRequest::read(&request.to_der().unwrap()), Ok(request));
    }
}
