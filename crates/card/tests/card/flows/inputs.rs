//! What programs have hashed themselves.

use lichna_apdu::Channel;
use lichna_card::{HashAlgorithm, InputKind, KeyAlgorithm, KeyRef, LastTry, Salt, SigningInput};
use sha2::{Digest, Sha256, Sha384};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{MESSAGE, PIN, SIGNING, Which, personalise::Kind, pin, select};
use crate::inputs::{check, digest_info};

pub fn programs<K: Kind>(which: Which, channel: &mut dyn Channel) {
    run::<K>(which, channel, which.key());
}

pub fn programs_signing<K: Kind>(which: Which, channel: &mut dyn Channel) {
    run::<K>(which, channel, SIGNING);
}

/// Every input that the profile offers of the key, each with its own VERIFY: a key for documents
/// wants it so.
fn run<K: Kind>(which: Which, channel: &mut dyn Channel, key: KeyRef) {
    let mut card = select(which, channel);
    let certificate = card.read_certificate(key).unwrap().unwrap();
    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    let public_key = certificate.public_key().raw;
    let profile = card.profile().clone();
    let user = profile.user_pin().unwrap().reference();
    let offered = profile.inputs(key, K::ALGORITHM);
    let (short, exact, long) = (
        &Sha256::digest(MESSAGE)[..20],
        Sha256::digest(MESSAGE),
        Sha384::digest(MESSAGE),
    );
    let info = digest_info(MESSAGE);
    // What TLS 1.0 signed: two hashes, and no name of either.
    let nameless = [7; 36];
    let all = [
        SigningInput::Ecdsa { digest: short },
        SigningInput::Ecdsa { digest: &exact },
        SigningInput::Ecdsa { digest: &long },
        SigningInput::RsaPkcs1 { encoded: &info },
        SigningInput::RsaPkcs1 { encoded: &nameless },
        SigningInput::RsaPss {
            hash: HashAlgorithm::Sha256,
            digest: &exact,
        },
    ];
    let mut signed = Vec::new();
    for input in all.iter().filter(|input| offered.contains(&input.kind())) {
        let mut card = card.verify(user, &pin(PIN), LastTry::Refuse, None).unwrap();
        let salt = Salt::new([7; 64]);
        let signature = card.sign_input(key, K::ALGORITHM, input, &salt).unwrap();
        check(public_key, input, &signature);
        signed.push(input.kind());
    }
    let pss = InputKind::RsaPss {
        hash: HashAlgorithm::Sha256,
    };
    let expected = match (K::ALGORITHM, which) {
        (KeyAlgorithm::Rsa2048, Which::Piv) => vec![InputKind::RsaPkcs1, InputKind::RsaPkcs1, pss],
        (KeyAlgorithm::Rsa2048, Which::OpenPgp) => vec![InputKind::RsaPkcs1; 2],
        _ => vec![InputKind::Ecdsa; 3],
    };
    assert_eq!(signed, expected);
}
