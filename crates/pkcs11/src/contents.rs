//! The objects of a token, made from what the agent says of it.

use cryptoki_sys::*;
use der::Encode;
use der::asn1::OctetStringRef;
use lichna_ipc::{PublicKey, Token, TokenCertificate};
use sha1::{Digest, Sha1};

use crate::mechanism;
use crate::object::Object;

/// All objects of a token: the certificate, those above it, the keys, and what the token is like.
#[must_use]
pub fn objects(token: &Token) -> Vec<Object> {
    let own = (&token.certificate, CK_CERTIFICATE_CATEGORY_TOKEN_USER);
    let above = token.chain.iter();
    let above = above.map(|certificate| (certificate, CK_CERTIFICATE_CATEGORY_AUTHORITY));
    let mut objects: Vec<Object> = std::iter::once(own)
        .chain(above)
        .map(|(certificate, category)| certificate_object(certificate, category))
        .collect();
    objects.push(public_key(token));
    objects.push(private_key(token));
    objects.push(profile(token));
    objects
}

/// §4.6.3.
fn certificate_object(from: &TokenCertificate, category: CK_ULONG) -> Object {
    let digest = Sha1::digest(&from.der);
    let unique = format!("certificate-{}", hex::encode(digest));
    let mut object = Object::of_class(CKO_CERTIFICATE, &from.label, &unique);
    object.number(CKA_CERTIFICATE_TYPE, CKC_X_509);
    object.number(CKA_CERTIFICATE_CATEGORY, category);
    object.falsehoods(&[CKA_TRUSTED]);
    object.bytes(CKA_CHECK_VALUE, digest.get(..3).unwrap_or_default());
    object.bytes(CKA_START_DATE, &date(&from.not_before));
    object.bytes(CKA_END_DATE, &date(&from.not_after));
    object.bytes(CKA_PUBLIC_KEY_INFO, &from.public_key);
    object.bytes(CKA_SUBJECT, &from.subject);
    object.bytes(CKA_ID, &from.key_identifier);
    object.bytes(CKA_ISSUER, &from.issuer);
    object.bytes(CKA_SERIAL_NUMBER, &from.serial);
    object.bytes(CKA_VALUE, &from.der);
    // Of use only where a certificate is named by its address.
    object.bytes(CKA_URL, &[]);
    object.bytes(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, &[]);
    object.bytes(CKA_HASH_OF_ISSUER_PUBLIC_KEY, &[]);
    object.number(CKA_NAME_HASH_ALGORITHM, CKM_SHA_1);
    object.number(CKA_JAVA_MIDP_SECURITY_DOMAIN, 0);
    object
}

/// What both keys have, §4.7 and §4.8.
fn key(token: &Token, class: CK_OBJECT_CLASS, name: &str) -> Object {
    let certificate = &token.certificate;
    let unique = format!("{name}-{}", hex::encode(&certificate.key_identifier));
    let mut object = Object::of_class(class, &certificate.label, &unique);
    object.bytes(CKA_ID, &certificate.key_identifier);
    object.bytes(CKA_SUBJECT, &certificate.subject);
    object.bytes(CKA_PUBLIC_KEY_INFO, &certificate.public_key);
    object.bytes(CKA_START_DATE, &[]);
    object.bytes(CKA_END_DATE, &[]);
    object.falsehoods(&[CKA_DERIVE]);
    // Whether the card made the key is not known here.
    object.falsehoods(&[CKA_LOCAL]);
    object.number(CKA_KEY_GEN_MECHANISM, CK_UNAVAILABLE_INFORMATION);
    let mechanisms: Vec<_> = mechanism::offered(token)
        .into_iter()
        .filter(|(_, info)| info.flags & CKF_SIGN != 0)
        .map(|(mechanism, _)| mechanism)
        .collect();
    object.numbers(CKA_ALLOWED_MECHANISMS, &mechanisms);
    match &token.key {
        PublicKey::Rsa { modulus, exponent } => {
            object.number(CKA_KEY_TYPE, CKK_RSA);
            object.bytes(CKA_MODULUS, modulus);
            // Not a private key's by the standard, but programs ask it for its size.
            object.number(CKA_MODULUS_BITS, mechanism::bits(&token.key));
            object.bytes(CKA_PUBLIC_EXPONENT, exponent);
        }
        PublicKey::Ec { parameters, point } => {
            object.number(CKA_KEY_TYPE, CKK_EC);
            object.bytes(CKA_EC_PARAMS, parameters);
            // Nor this, by which they find the public key.
            let point = OctetStringRef::new(point).and_then(|point| point.to_der());
            object.bytes(CKA_EC_POINT, &point.unwrap_or_default());
        }
    }
    object
}

/// §4.8. It verifies nothing here: a public key is no secret, programs do that themselves.
fn public_key(token: &Token) -> Object {
    let mut object = key(token, CKO_PUBLIC_KEY, "public-key");
    object.falsehoods(&[
        CKA_ENCRYPT,
        CKA_VERIFY,
        CKA_VERIFY_RECOVER,
        CKA_WRAP,
        CKA_TRUSTED,
    ]);
    object
}

/// §4.9.
fn private_key(token: &Token) -> Object {
    let mut object = key(token, CKO_PRIVATE_KEY, "private-key");
    object.truths(&[CKA_SIGN, CKA_SENSITIVE]);
    object.falsehoods(&[
        CKA_DECRYPT,
        CKA_SIGN_RECOVER,
        CKA_UNWRAP,
        CKA_EXTRACTABLE,
        CKA_WRAP_WITH_TRUSTED,
        // Where the key was before it came to the card is not known here.
        CKA_ALWAYS_SENSITIVE,
        CKA_NEVER_EXTRACTABLE,
        CKA_ALWAYS_AUTHENTICATE,
    ]);
    if token.login {
        object.truths(&[CKA_PRIVATE]);
        if mechanism::asks_each_time(token) {
            object.truths(&[CKA_ALWAYS_AUTHENTICATE]);
        }
    }
    object
}

/// §4.4: everything but the private keys is there without a login, so nobody needs to ask for a PIN
/// in order to look.
fn profile(token: &Token) -> Object {
    let unique = format!("profile-{}", hex::encode(&token.certificate.key_identifier));
    let mut object = Object::of_class(CKO_PROFILE, "", &unique);
    object.number(CKA_PROFILE_ID, CKP_PUBLIC_CERTIFICATES_TOKEN);
    object
}

/// CK_DATE of a moment in RFC 3339: `20261122`. Empty where it cannot be one.
fn date(moment: &str) -> Vec<u8> {
    let day = moment.split('T').next().unwrap_or_default();
    let digits: Vec<u8> = day.bytes().filter(|byte| *byte != b'-').collect();
    let good = digits.len() == 8 && digits.iter().all(u8::is_ascii_digit);
    if good { digits } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_without_their_strokes() {
        assert_eq!(date("2026-11-22T03:04:05Z"), b"20261122");
        for odd in ["", "tomorrow", "+2026-11-22T", "20-11-2T"] {
            assert!(date(odd).is_empty(), "{odd}");
        }
    }
}
