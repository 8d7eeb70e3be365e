//! Signatures over what was hashed elsewhere, made by openssl. Req C.3.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod openssl;

use std::fs;

use lichna_pki::{HashName, NotSigned, PublicKey, SignedInput};
use openssl::Openssl;
use sha2::{Digest, Sha256, Sha384};

const MESSAGE: &[u8] = b"what a program has hashed itself";

fn public_key(openssl: &Openssl, key: &str) -> PublicKey {
    PublicKey::parse(&openssl.public_key(key)).unwrap()
}

/// A signature of `openssl pkeyutl`, over bytes as they are.
fn sign(openssl: &Openssl, key: &str, input: &[u8], options: &[&str]) -> Vec<u8> {
    fs::write(openssl.path("input"), input).unwrap();
    let mut arguments = vec!["pkeyutl", "-sign", "-inkey", key, "-in", "input"];
    arguments.extend(options);
    openssl.run_arguments(&arguments, b"")
}

/// Each signature is one of its key over its input, and no longer when a bit of either changes.
fn judged(key: &PublicKey, other: &PublicKey, input: &SignedInput<'_>, signature: &[u8]) {
    assert_eq!(key.verify(input, signature), Ok(()), "{input:?}");
    assert_eq!(other.verify(input, signature), Err(NotSigned));
    let mut wrong = signature.to_vec();
    if let Some(last) = wrong.last_mut() {
        *last ^= 1;
    }
    assert_eq!(key.verify(input, &wrong), Err(NotSigned));
    let short = signature.get(1..).unwrap();
    assert_eq!(key.verify(input, short), Err(NotSigned));
    assert_eq!(key.verify(input, &[]), Err(NotSigned));
}

#[test]
fn knows_ecdsa_signatures_over_hashes_of_every_length() {
    let openssl = Openssl::new();
    for (curve, length) in [("P-256", 32), ("P-384", 48)] {
        let new = || openssl.key(&format!("EC -pkeyopt ec_paramgen_curve:{curve}"));
        let (key, other) = (new(), new());
        let (public, other) = (public_key(&openssl, &key), public_key(&openssl, &other));
        let digest: Vec<u8> = (1..=64).collect();
        for bytes in [20, 28, 32, 48, 64] {
            let digest = digest.get(..bytes).unwrap();
            let der = sign(&openssl, &key, digest, &[]);
            let plain = match length {
                32 => p256::ecdsa::Signature::from_der(&der)
                    .unwrap()
                    .to_bytes()
                    .to_vec(),
                _ => p384::ecdsa::Signature::from_der(&der)
                    .unwrap()
                    .to_bytes()
                    .to_vec(),
            };
            let input = SignedInput::Ecdsa { digest };
            judged(&public, &other, &input, &plain);
            assert_eq!(
                public.verify(&input, &der),
                Err(NotSigned),
                "DER is another form"
            );
            let another = SignedInput::Ecdsa { digest: &[9; 32] };
            assert_eq!(public.verify(&another, &plain), Err(NotSigned));
            let rsa = SignedInput::RsaPkcs1 { encoded: digest };
            assert_eq!(public.verify(&rsa, &plain), Err(NotSigned));
        }
    }
}

#[test]
fn knows_rsa_signatures_with_either_padding() {
    let openssl = Openssl::new();
    for bits in [2048, 3072] {
        let new = || openssl.key(&format!("RSA -pkeyopt rsa_keygen_bits:{bits}"));
        let (key, other) = (new(), new());
        let (public, other) = (public_key(&openssl, &key), public_key(&openssl, &other));
        // As it is: any bytes, such as the two hashes of TLS 1.0.
        let encoded = [7; 36];
        let signature = sign(
            &openssl,
            &key,
            &encoded,
            &["-pkeyopt", "rsa_padding_mode:pkcs1"],
        );
        judged(
            &public,
            &other,
            &SignedInput::RsaPkcs1 { encoded: &encoded },
            &signature,
        );

        let digest = Sha384::digest(MESSAGE);
        let signature = sign(&openssl, &key, &digest, &pss("rsa_pss_saltlen:digest"));
        let input = SignedInput::RsaPss {
            hash: HashName::Sha384,
            digest: &digest,
        };
        judged(&public, &other, &input, &signature);
        let wrong_hash = SignedInput::RsaPss {
            hash: HashName::Sha256,
            digest: &Sha256::digest(MESSAGE),
        };
        assert_eq!(public.verify(&wrong_hash, &signature), Err(NotSigned));
        let wrong_padding = SignedInput::RsaPkcs1 { encoded: &digest };
        assert_eq!(public.verify(&wrong_padding, &signature), Err(NotSigned));
        let ecdsa = SignedInput::Ecdsa { digest: &digest };
        assert_eq!(public.verify(&ecdsa, &signature), Err(NotSigned));
        // Another length of salt is another scheme: TLS and Lichna have it as long as the hash.
        let signature = sign(&openssl, &key, &digest, &pss("rsa_pss_saltlen:20"));
        assert_eq!(public.verify(&input, &signature), Err(NotSigned));
    }
}

#[test]
fn a_kind_of_key_that_is_not_known_signs_nothing() {
    let openssl = Openssl::new();
    let key = openssl.key("ED25519");
    let input = SignedInput::Ecdsa { digest: &[1; 32] };
    let public = public_key(&openssl, &key);
    assert_eq!(public.verify(&input, &[1; 64]), Err(NotSigned));
    assert_eq!(public.parts(), None);
}

/// What openssl is told of RSASSA-PSS with SHA-384.
fn pss(salt: &str) -> [&str; 6] {
    let padding = "rsa_padding_mode:pss";
    [
        "-pkeyopt",
        "digest:sha384",
        "-pkeyopt",
        padding,
        "-pkeyopt",
        salt,
    ]
}
