//! Signed messages and bundles of certificates: ours judged by openssl, openssl's read by ours, and
//! those that are refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod openssl;
mod scheme;

use std::{fs, sync::Arc};

use der::{Decode, Encode, asn1::SetOfVec};
use lichna_pki::{
    Certificate, KeyAlgorithm, LONGEST_MESSAGE, MessageError, MessageFault, MessageToSign, Profile,
    SignatureAlgorithm, SignedMessage, Signer, SignerName, bundle, read_bundle,
};
use proptest::prelude::*;
use scheme::{ALL, FileKey, NOW, P256, RSA, Scheme, holder};

const CONTENT: &[u8] = b"{\"action\":\"resume\",\"serial\":\"4142\"}";

/// A holder's signing key, and its certificate in `signer.pem`.
struct Card {
    scheme: Scheme,
    key: Arc<FileKey>,
    certificate: Certificate,
}

impl Card {
    fn new(kind: &str, algorithm: SignatureAlgorithm) -> Self {
        let scheme = Scheme::new(P256, SignatureAlgorithm::EcdsaSha256);
        let key = FileKey::new(&scheme.openssl, kind, algorithm);
        let certificate = scheme.issue(&Profile::Signing(&holder()), key.public_key());
        scheme.write("signer.pem", &certificate);
        let chain = [scheme.root.certificate(), scheme.issuing.certificate()];
        let chain = chain.map(Certificate::to_pem).concat();
        fs::write(scheme.openssl.path("chain.pem"), chain).unwrap();
        Self {
            scheme,
            key,
            certificate,
        }
    }

    fn ours(&self, content: &[u8]) -> Vec<u8> {
        let algorithm = self.key.algorithm();
        let message = MessageToSign::new(content, &self.certificate, algorithm, NOW).unwrap();
        let signature = self.key.sign(message.to_be_signed()).unwrap();
        message.signed(&signature).unwrap()
    }

    fn theirs(&self, content: &[u8], more: &[&str]) -> Vec<u8> {
        fs::write(self.scheme.openssl.path("content"), content).unwrap();
        let mut arguments = vec![
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-in",
            "content",
            "-signer",
            "signer.pem",
            "-inkey",
            &self.key.file,
            "-outform",
            "DER",
        ];
        arguments.extend(match self.key.algorithm() {
            SignatureAlgorithm::EcdsaSha384 => &["-md", "sha384"][..],
            SignatureAlgorithm::RsaPssSha256 => &[
                "-md",
                "sha256",
                "-keyopt",
                "rsa_padding_mode:pss",
                "-keyopt",
                "rsa_pss_saltlen:32",
            ],
            _ => &["-md", "sha256"],
        });
        arguments.extend(more);
        self.scheme.openssl.run_arguments(&arguments, b"")
    }

    /// Whether openssl takes it, and with which content.
    fn judge(&self, message: &[u8]) -> (bool, Vec<u8>, String) {
        let moment = NOW.unix_timestamp().to_string();
        self.scheme.openssl.judge(
            &[
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-CAfile",
                "chain.pem",
                "-purpose",
                "any",
                "-attime",
                &moment,
                "-cades",
            ],
            message,
        )
    }

    fn verify(&self, message: &[u8]) -> Result<Vec<u8>, MessageFault> {
        let message = SignedMessage::read(message)?;
        message
            .verify(&self.certificate)
            .map(|message| message.content)
    }
}

#[test]
fn openssl_verifies_messages_of_ours_and_we_verify_its() {
    for (kind, algorithm) in ALL {
        let card = Card::new(kind, algorithm);
        let ours = card.ours(CONTENT);
        let (ok, content, says) = card.judge(&ours);
        assert!(ok, "{algorithm}: {says}");
        assert_eq!(content, CONTENT);

        let message = SignedMessage::read(&ours).unwrap();
        let serial = card.certificate.serial_number().unwrap();
        assert_eq!(
            message.signer(),
            &SignerName::Serial {
                issuer: card.certificate.issuer_der().to_vec(),
                serial
            }
        );
        let message = message.verify(&card.certificate).unwrap();
        assert_eq!(
            (&*message.content, message.signing_time),
            (CONTENT, Some(NOW))
        );

        for more in [
            &[][..],
            &["-cades"],
            &["-keyid"],
            &["-nosmimecap"],
            &["-certfile", "issuing.pem"],
        ] {
            let theirs = card.theirs(CONTENT, more);
            assert_eq!(
                card.verify(&theirs).as_deref(),
                Ok(CONTENT),
                "{algorithm} {more:?}"
            );
        }
    }
}

#[test]
fn a_signer_named_by_his_key_is_found_by_it() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    let message = SignedMessage::read(&card.theirs(CONTENT, &["-keyid"])).unwrap();
    let key = card.certificate.key_identifier().to_vec();
    assert_eq!(message.signer(), &SignerName::KeyIdentifier(key));
}

#[test]
fn refuses_another_content_under_the_same_signature() {
    for (kind, algorithm) in ALL {
        let card = Card::new(kind, algorithm);
        let mut message = card.ours(CONTENT);
        let place = message
            .windows(6)
            .position(|some| some == b"resume")
            .unwrap();
        message[place..place + 6].copy_from_slice(b"revoke");
        assert_eq!(card.verify(&message), Err(MessageFault::OtherContent));
        assert!(!card.judge(&message).0);
    }
}

#[test]
fn refuses_a_message_of_another_key_or_certificate() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    let message = SignedMessage::read(&card.ours(CONTENT)).unwrap();

    // A certificate of somebody else's.
    let other = FileKey::new(&card.scheme.openssl, P256, SignatureAlgorithm::EcdsaSha256);
    let others = card
        .scheme
        .issue(&Profile::Signing(&holder()), other.public_key());
    assert_eq!(message.verify(&others), Err(MessageFault::OtherCertificate));

    // Another certificate for the same key, named by the key: only the signed attribute tells.
    let renewed = card
        .scheme
        .issue(&Profile::Signing(&holder()), card.key.public_key());
    assert_eq!(
        message.verify(&renewed),
        Err(MessageFault::OtherCertificate)
    );
    let by_key = SignedMessage::read(&card.theirs(CONTENT, &["-keyid", "-cades"])).unwrap();
    assert!(by_key.verify(&card.certificate).is_ok());
    assert_eq!(by_key.verify(&renewed), Err(MessageFault::OtherCertificate));

    // Somebody who says that he is the holder.
    fs::copy(
        card.scheme.openssl.path(&other.file),
        card.scheme.openssl.path("other.key"),
    )
    .unwrap();
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let forged = MessageToSign::new(CONTENT, &card.certificate, algorithm, NOW).unwrap();
    let signature = other.sign(forged.to_be_signed()).unwrap();
    assert_eq!(forged.signed(&signature), Err(MessageError::NotSigned));
}

/// Takes a message apart, changes it, and puts it together again.
fn changed(message: &[u8], change: impl FnOnce(&mut cms::signed_data::SignedData)) -> Vec<u8> {
    let mut info = cms::content_info::ContentInfo::from_der(message).unwrap();
    let mut data: cms::signed_data::SignedData = info.content.decode_as().unwrap();
    change(&mut data);
    info.content = der::Any::encode_from(&data).unwrap();
    info.to_der().unwrap()
}

/// … its one signature.
fn changed_signer(
    message: &[u8],
    change: impl FnOnce(&mut cms::signed_data::SignerInfo),
) -> Vec<u8> {
    changed(message, |data| {
        let mut signers = data.signer_infos.0.clone().into_vec();
        change(&mut signers[0]);
        data.signer_infos.0 = SetOfVec::try_from(signers).unwrap();
    })
}

#[test]
fn refuses_changed_attributes_and_signatures() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    let message = card.ours(CONTENT);
    assert_eq!(
        card.verify(&changed(&message, |_| ())).as_deref(),
        Ok(CONTENT)
    );

    // Each of the four attributes taken away, or there twice.
    for place in 0..4 {
        let without = changed_signer(&message, |signer| {
            let mut all = signer.signed_attrs.take().unwrap().into_vec();
            all.remove(place);
            signer.signed_attrs = Some(SetOfVec::try_from(all).unwrap());
        });
        assert_eq!(
            card.verify(&without),
            Err(MessageFault::NotSigned),
            "{place}"
        );
    }
    let later = changed_signer(&message, |signer| {
        let bytes = signer.signed_attrs.as_ref().unwrap().to_der().unwrap();
        let place = bytes.windows(5).position(|some| some == b"26112").unwrap();
        let mut bytes = bytes;
        bytes[place] = b'3';
        signer.signed_attrs = Some(SetOfVec::from_der(&bytes).unwrap());
    });
    assert_eq!(card.verify(&later), Err(MessageFault::NotSigned));

    let broken = changed_signer(&message, |signer| {
        let mut bytes = signer.signature.as_bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        signer.signature = der::asn1::OctetString::new(bytes).unwrap();
    });
    assert_eq!(card.verify(&broken), Err(MessageFault::NotSigned));

    for (what, oid) in [
        ("digest", "1.3.14.3.2.26"),
        ("signature", "1.2.840.10045.4.1"),
    ] {
        let sha1 = changed_signer(&message, |signer| {
            let algorithm = match what {
                "digest" => &mut signer.digest_alg,
                _ => &mut signer.signature_algorithm,
            };
            algorithm.oid = oid.parse().unwrap();
        });
        let oid = oid.to_owned();
        assert_eq!(card.verify(&sha1), Err(MessageFault::Algorithm { oid }));
    }
}

/// A message whose attributes are these, well signed by the card.
fn with_attributes(
    card: &Card,
    change: impl FnOnce(&mut Vec<x509_cert::attr::Attribute>),
) -> Vec<u8> {
    changed_signer(&card.ours(CONTENT), |signer| {
        let mut all = signer.signed_attrs.take().unwrap().into_vec();
        change(&mut all);
        let all = SetOfVec::try_from(all).unwrap();
        let signature = card.key.sign(&all.to_der().unwrap()).unwrap();
        signer.signature = der::asn1::OctetString::new(signature).unwrap();
        signer.signed_attrs = Some(all);
    })
}

#[test]
fn refuses_attributes_that_are_missing_wrong_or_there_twice() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    assert_eq!(
        card.verify(&with_attributes(&card, |_| ())).as_deref(),
        Ok(CONTENT)
    );
    let place = |all: &[x509_cert::attr::Attribute], oid: &str| {
        all.iter()
            .position(|one| one.oid.to_string() == oid)
            .unwrap()
    };
    for (oid, attribute) in [
        ("1.2.840.113549.1.9.3", "content type"),
        ("1.2.840.113549.1.9.4", "message digest"),
    ] {
        let without = with_attributes(&card, |all| {
            all.remove(place(all, oid));
        });
        assert_eq!(
            card.verify(&without),
            Err(MessageFault::Attribute { attribute })
        );
        assert!(!card.judge(&without).0);
    }
    for (oid, attribute) in [
        ("1.2.840.113549.1.9.3", "content type"),
        ("1.2.840.113549.1.9.4", "message digest"),
        ("1.2.840.113549.1.9.5", "signing time"),
        ("1.2.840.113549.1.9.16.2.47", "signing certificate"),
    ] {
        let wrong = Err(MessageFault::Attribute { attribute });
        let other = || der::Any::encode_from(&der::asn1::Null).unwrap();
        let of_another_kind = with_attributes(&card, |all| {
            let place = place(all, oid);
            all[place].values = SetOfVec::try_from(vec![other()]).unwrap();
        });
        assert_eq!(card.verify(&of_another_kind), wrong);
        let two_values = with_attributes(&card, |all| {
            let place = place(all, oid);
            all[place].values.insert(other()).unwrap();
        });
        assert_eq!(card.verify(&two_values), wrong);
        for same in [false, true] {
            let twice = with_attributes(&card, |all| {
                let mut second = all[place(all, oid)].clone();
                if !same {
                    second.values = SetOfVec::try_from(vec![other()]).unwrap();
                }
                all.push(second);
            });
            assert_eq!(card.verify(&twice), wrong, "{attribute} {same}");
        }
    }
    // The content is said to be something else than data.
    let token = with_attributes(&card, |all| {
        let place = place(all, "1.2.840.113549.1.9.3");
        let tst: der::asn1::ObjectIdentifier = "1.2.840.113549.1.9.16.1.4".parse().unwrap();
        let value = der::Any::encode_from(&tst).unwrap();
        all[place].values = SetOfVec::try_from(vec![value]).unwrap();
    });
    let attribute = "content type";
    assert_eq!(
        card.verify(&token),
        Err(MessageFault::Attribute { attribute })
    );
}

#[test]
fn refuses_content_that_looks_like_the_attributes_of_another_message() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    // openssl signs without attributes: such a message is refused to begin with.
    let attribute = "content type";
    let plain = card.theirs(CONTENT, &["-noattr"]);
    assert_eq!(
        card.verify(&plain),
        Err(MessageFault::Attribute { attribute })
    );

    // The attributes of a good message as the content, with the signature that is over them.
    let trick = changed(&card.ours(CONTENT), |data| {
        let mut signers = data.signer_infos.0.clone().into_vec();
        let attributes = signers[0].signed_attrs.take().unwrap().to_der().unwrap();
        let content = der::asn1::OctetString::new(attributes).unwrap();
        data.encap_content_info.econtent = Some(der::Any::encode_from(&content).unwrap());
        data.signer_infos.0 = SetOfVec::try_from(signers).unwrap();
    });
    assert_eq!(
        card.verify(&trick),
        Err(MessageFault::Attribute { attribute })
    );
    // A verifier that allows messages without attributes takes it: that is why we do not.
    let moment = NOW.unix_timestamp().to_string();
    let arguments = [
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-CAfile",
        "chain.pem",
        "-purpose",
        "any",
        "-attime",
        &moment,
    ];
    assert!(card.scheme.openssl.judge(&arguments, &trick).0);
}

#[test]
fn refuses_messages_with_no_signature_or_with_two() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    let other = FileKey::new(
        &card.scheme.openssl,
        RSA,
        SignatureAlgorithm::RsaPkcs1Sha256,
    );
    let others = card
        .scheme
        .issue(&Profile::Signing(&holder()), other.public_key());
    card.scheme.write("other.pem", &others);
    fs::write(card.scheme.openssl.path("content"), CONTENT).unwrap();
    let two = card.scheme.openssl.run_arguments(
        &[
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-in",
            "content",
            "-outform",
            "DER",
            "-signer",
            "signer.pem",
            "-inkey",
            &card.key.file,
            "-signer",
            "other.pem",
            "-inkey",
            &other.file,
        ],
        b"",
    );
    assert_eq!(
        card.verify(&two),
        Err(MessageFault::SignatureCount { count: 2 })
    );
    let none = changed(&card.ours(CONTENT), |data| {
        data.signer_infos.0 = SetOfVec::new();
    });
    assert_eq!(
        card.verify(&none),
        Err(MessageFault::SignatureCount { count: 0 })
    );
}

#[test]
fn refuses_what_is_no_signed_message_with_its_content() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    let message = card.ours(CONTENT);
    let none = Err(MessageFault::NotSignedData);
    for der in [
        &[][..],
        &message[..message.len() - 1],
        &[&message[..], &[0]].concat(),
        card.certificate.der(),
    ] {
        assert_eq!(card.verify(der), none);
    }
    // BER of unknown length, as openssl streams it.
    assert_eq!(card.verify(&card.theirs(CONTENT, &["-stream"])), none);
    let length = LONGEST_MESSAGE + 1;
    assert_eq!(
        card.verify(&vec![0x30; length]),
        Err(MessageFault::TooLong { length })
    );

    let detached = changed(&message, |data| data.encap_content_info.econtent = None);
    assert_eq!(card.verify(&detached), Err(MessageFault::NoContent));
    let other = changed(&message, |data| {
        data.encap_content_info.econtent_type = "1.2.840.113549.1.7.2".parse().unwrap();
    });
    assert_eq!(card.verify(&other), Err(MessageFault::NoContent));
}

#[test]
fn refuses_to_sign_with_another_kind_of_signature_or_too_much() {
    let card = Card::new(P256, SignatureAlgorithm::EcdsaSha256);
    let signature = SignatureAlgorithm::RsaPssSha256;
    let refused = MessageToSign::new(CONTENT, &card.certificate, signature, NOW).err();
    let key = KeyAlgorithm::EcP256;
    assert_eq!(
        refused,
        Some(MessageError::SignatureMismatch { key, signature })
    );
    let long = vec![0; LONGEST_MESSAGE + 1];
    let refused = MessageToSign::new(&long, &card.certificate, card.key.algorithm(), NOW).err();
    assert_eq!(refused, Some(MessageError::TooLong { length: long.len() }));
}

#[test]
fn bundles_of_certificates_go_both_ways() {
    let card = Card::new(RSA, SignatureAlgorithm::RsaPssSha256);
    let scheme = &card.scheme;
    let all = [
        card.certificate.clone(),
        scheme.issuing.certificate().clone(),
        scheme.root.certificate().clone(),
    ];
    let ours = bundle(&all).unwrap();
    let printed = scheme
        .openssl
        .run_with("pkcs7 -inform DER -print_certs -noout", &ours);
    let printed = String::from_utf8(printed).unwrap();
    assert_eq!(printed.matches("subject=").count(), 3, "{printed}");

    let theirs = scheme.openssl.run(
        "crl2pkcs7 -nocrl -certfile signer.pem -certfile issuing.pem -certfile root.pem -outform DER",
    );
    for der in [ours, theirs] {
        let mut read = read_bundle(&der).unwrap();
        assert_eq!(read.len(), 3);
        read.retain(|one| !all.contains(one));
        assert_eq!(read, []);
    }
    assert_eq!(read_bundle(&bundle(&[]).unwrap()), Ok(vec![]));
    let once = bundle(&all[..1]);
    assert_eq!(bundle(&[all[0].clone(), all[0].clone()]), once);
    assert_eq!(read_bundle(all[0].der()), Err(MessageFault::NotSignedData));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_signed_is_read_again(content in prop::collection::vec(any::<u8>(), 0..2000)) {
        let certificate = Certificate::parse(include_bytes!("vectors/signer-p256.der")).unwrap();
        let message = MessageToSign::new(
            &content,
            &certificate,
            SignatureAlgorithm::EcdsaSha256,
            NOW,
        )
        .unwrap();
        let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        use p256::ecdsa::signature::Signer as _;
        let signature: p256::ecdsa::DerSignature = key.sign(message.to_be_signed());
        let der = message.signed(signature.as_bytes()).unwrap();
        let read = SignedMessage::read(&der).unwrap().verify(&certificate).unwrap();
        prop_assert_eq!(read.content, content);
    }

    #[test]
    fn one_changed_byte_never_gives_another_content(
        place in any::<prop::sample::Index>(),
        by in 1_u8..,
    ) {
        let certificate = Certificate::parse(include_bytes!("vectors/signer-p256.der")).unwrap();
        let mut der = include_bytes!("vectors/message-p256.der").to_vec();
        let verify = |der: &[u8]| SignedMessage::read(der)?.verify(&certificate);
        let good = verify(&der).unwrap();
        let place = place.index(der.len());
        der[place] ^= by;
        // What is not under the signature, such as certificates sent along, may change.
        if let Ok(message) = verify(&der) {
            prop_assert_eq!(message, good);
        }
    }
}
