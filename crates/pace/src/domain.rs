//! Which curve a public key is on, as `SubjectPublicKeyInfo` says it: by name (RFC 5480 §2.1.1),
//! by number (TR-03110-3 §A.2.1.1), or with its parameters written out, as ICAO 9303-12 §4.4 wants
//! it of passports.

use der::Sequence;
use der::asn1::{Any, BitString, ObjectIdentifier, OctetString, Uint};
use der::{Decode, Encode};

use crate::{Curve, Unsupported};

/// ECParameters, SEC 1 §C.2.
#[derive(Sequence)]
struct Explicit {
    /// 1; 2 and 3 say more of the seed.
    version: u8,
    field: Field,
    curve: Equation,
    base: OctetString,
    order: Uint,
    cofactor: Option<Uint>,
}

#[derive(PartialEq, Eq, Sequence)]
struct Field {
    kind: ObjectIdentifier,
    prime: Uint,
}

#[derive(Sequence)]
struct Equation {
    a: OctetString,
    b: OctetString,
    /// What a and b were made from. It changes nothing.
    seed: Option<BitString>,
}

/// The curve that the parameters of id-ecPublicKey name, or write out.
pub(crate) fn curve(parameters: &Any) -> Result<Curve, Unsupported> {
    if let Ok(found) = parameters.decode_as::<ObjectIdentifier>() {
        return Curve::ALL
            .into_iter()
            .find(|curve| name(*curve) == found)
            .ok_or_else(|| Unsupported::Protocol(found.to_string()));
    }
    let der = parameters.to_der();
    let found = der.and_then(|der| Explicit::from_der(&der));
    let found = found.map_err(|_| Unsupported::ExplicitParameters)?;
    // All of it is compared: with a generator of his own, anyone has a private key for any point.
    Curve::ALL
        .into_iter()
        .find(|curve| Explicit::from_der(written_out(*curve)).is_ok_and(|own| own.is(&found)))
        .ok_or(Unsupported::ExplicitParameters)
}

impl Explicit {
    fn is(&self, other: &Self) -> bool {
        (1..=3).contains(&other.version)
            && self.field == other.field
            && self.curve.a == other.curve.a
            && self.curve.b == other.curve.b
            && self.base == other.base
            && self.order == other.order
            && other
                .cofactor
                .as_ref()
                .is_none_or(|cofactor| cofactor.as_bytes() == [1])
    }
}

/// Its name, RFC 5480 §2.1.1.1 and RFC 5639 §3.
pub(crate) const fn name(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        Curve::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        Curve::BrainpoolP256r1 => ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7"),
        Curve::BrainpoolP384r1 => ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11"),
    }
}

/// As `openssl ecparam -param_enc explicit` writes it.
const fn written_out(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => include_bytes!("domain/P-256.der"),
        Curve::P384 => include_bytes!("domain/P-384.der"),
        Curve::BrainpoolP256r1 => include_bytes!("domain/brainpoolP256r1.der"),
        Curve::BrainpoolP384r1 => include_bytes!("domain/brainpoolP384r1.der"),
    }
}
