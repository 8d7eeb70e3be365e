//! What the authority reads of those who ask, and what they read of it.

use lichna_pki::{
    Certificate, CertificationRequest, Crl, OcspRequest, OcspResponse, RevocationList,
    SignedMessage, Timestamp, TimestampRequest, read_bundle,
};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::DecodePrivateKey;

/// An authority whose key everybody has.
const AUTHORITY: &[u8] = include_bytes!("../anchors/authority.der");
const KEY: &[u8] = include_bytes!("../anchors/authority.key.der");

thread_local! {
    static OURS: (Certificate, SigningKey) = ours();
}

#[allow(
    clippy::expect_used,
    reason = "the anchors are files of this repository"
)]
fn ours() -> (Certificate, SigningKey) {
    let certificate = Certificate::parse(AUTHORITY).expect("a file of this repository");
    let key = SigningKey::from_pkcs8_der(KEY).expect("a file of this repository");
    (certificate, key)
}

/// A CRL: as it is, or what is inside it, signed here.
pub fn crl(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    OURS.with(|(certificate, key)| {
        let der = if kind & 1 == 0 {
            rest.to_vec()
        } else {
            signed(rest, key)
        };
        if let Ok(crl) = Crl::read(&der, certificate) {
            let _ = RevocationList::new(crl);
        }
    });
}

/// OCSP: a request, a response as it is, or what is inside it, signed here.
pub fn ocsp(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    OURS.with(|(certificate, key)| match kind % 3 {
        0 => drop(OcspRequest::read(rest)),
        1 => drop(OcspResponse::read(rest, certificate)),
        _ => {
            let basic = object(0x04, &signed(rest, key));
            let bytes = object(0x30, &[OCSP_BASIC, &basic].concat());
            let response = [&[0x0A, 1, 0][..], &object(0xA0, &bytes)].concat();
            if let Ok(response) = OcspResponse::read(&object(0x30, &response), certificate) {
                let _ = response.answer(certificate, certificate);
            }
        }
    });
}

/// Timestamps: a request, a response, a token.
pub fn timestamp(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    match kind % 3 {
        0 => drop(TimestampRequest::read(rest)),
        1 => {
            const REQUEST: &[u8] = include_bytes!("../anchors/timestamp-request");
            if let Ok(request) = TimestampRequest::read(REQUEST) {
                let _ = Timestamp::read_response(rest, &request, &[]);
            }
        }
        _ => drop(Timestamp::read_token(rest, &[])),
    }
}

/// Signed messages, and certificates in a bundle.
pub fn message(data: &[u8]) {
    let _ = read_bundle(data);
    OURS.with(|(certificate, _)| {
        if let Ok(message) = SignedMessage::read(data) {
            assert!(
                message.verify(certificate).is_err(),
                "this key signs no message"
            );
        }
    });
}

/// Requests for certificates.
pub fn request(data: &[u8]) {
    let _ = CertificationRequest::read(data);
}

/// `SEQUENCE { content, ecdsa-with-SHA256, signature }`.
fn signed(content: &[u8], key: &SigningKey) -> Vec<u8> {
    let signature: DerSignature = key.sign(content);
    let bits = object(0x03, &[&[0][..], signature.as_bytes()].concat());
    object(0x30, &[content, ECDSA_WITH_SHA256, &bits].concat())
}

/// A data object with its length in as few bytes as there may be.
fn object(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let bytes = length.to_be_bytes();
    let short = length < 0x80;
    let zeros = usize::try_from(length.leading_zeros() / 8)
        .unwrap_or(0)
        .min(3);
    let bytes = bytes.get(zeros..).unwrap_or_default();
    let count = 0x80 | u8::try_from(bytes.len()).unwrap_or(0);
    let prefix: &[u8] = if short { &[] } else { &[count] };
    [&[tag], prefix, bytes, content].concat()
}

const ECDSA_WITH_SHA256: &[u8] = b"\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";
const OCSP_BASIC: &[u8] = b"\x06\x09\x2B\x06\x01\x05\x05\x07\x30\x01\x01";
