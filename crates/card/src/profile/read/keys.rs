//! `[[keys]]` and `[[certificates]]`.

use super::{MOST, pin_named};
use crate::{
    KeyAlgorithm, SignatureScheme,
    algorithm::Padding,
    profile::{
        Certificate, Compression, Dialect, Key, KeyRef, KeyRole, PinRole, PinRules, ProfileError,
        ProfileFault,
        section::{Field, Section},
    },
};

pub fn keys(
    root: &Section<'_>,
    dialect: Dialect,
    pins: &[PinRules],
) -> Result<Vec<Key>, ProfileError> {
    let mut keys: Vec<Key> = Vec::new();
    for section in root.tables("keys", MOST)? {
        let reference = section.required("reference")?;
        let range = match dialect {
            Dialect::Piv => 0x82..=0x9E,
            Dialect::OpenPgp => 0x01..=0x03,
        };
        let number = KeyRef(reference.number(range)?);
        if keys.iter().any(|key| key.reference == number) {
            return Err(reference.invalid(ProfileFault::Twice));
        }
        let field = section.required("role")?;
        let role = field.one_of(&[
            ("authentication", KeyRole::Authentication),
            ("signature", KeyRole::Signature),
            ("card-authentication", KeyRole::CardAuthentication),
            ("decryption", KeyRole::Decryption),
        ])?;
        if dialect == Dialect::OpenPgp && openpgp_role(number) != Some(role) {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "the keys of an OpenPGP card are 1 signature, 2 decryption, 3 authentication",
            }));
        }
        let field = section.required("algorithms")?;
        let algorithms = field.some_of(&KeyAlgorithm::NAMED)?;
        if algorithms.is_empty() {
            return Err(field.invalid(ProfileFault::Missing));
        }
        let schemes = match section.optional("schemes") {
            None => Vec::new(),
            Some(field) => schemes(&field, dialect, role, &algorithms)?,
        };
        let pin = match section.optional("pin") {
            None => None,
            Some(field) => {
                let pin = pin_named(pins, &field)?;
                if pin.role != PinRole::User {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "a key is opened by a user's PIN",
                    }));
                }
                Some(pin.position)
            }
        };
        if pin.is_none() && role == KeyRole::Authentication {
            return Err(section.invalid("pin", ProfileFault::Missing));
        }
        let generate = match section.optional("generate") {
            None => false,
            Some(field) => field.bool()?,
        };
        section.finish()?;
        keys.push(Key {
            reference: number,
            role,
            algorithms,
            schemes,
            pin,
            generate,
        });
    }
    Ok(keys)
}

/// OpenPGP 3.4, §4.1.
const fn openpgp_role(key: KeyRef) -> Option<KeyRole> {
    match key.byte() {
        0x01 => Some(KeyRole::Signature),
        0x02 => Some(KeyRole::Decryption),
        0x03 => Some(KeyRole::Authentication),
        _ => None,
    }
}

fn schemes(
    field: &Field<'_>,
    dialect: Dialect,
    role: KeyRole,
    algorithms: &[KeyAlgorithm],
) -> Result<Vec<SignatureScheme>, ProfileError> {
    let schemes = field.some_of(&SignatureScheme::NAMED)?;
    let rule = |rule| Err(field.invalid(ProfileFault::Contradiction { rule }));
    if !schemes.is_empty() && role != KeyRole::Authentication {
        return rule("only an authentication key signs TLS handshakes");
    }
    if schemes
        .iter()
        .any(|scheme| !algorithms.iter().any(|algorithm| scheme.fits(*algorithm)))
    {
        return rule("none of the key's algorithms can sign one of the schemes");
    }
    let pss = Padding::Pss;
    if dialect == Dialect::OpenPgp && schemes.iter().any(|scheme| scheme.padding() == pss) {
        return rule("an OpenPGP card pads with PKCS #1 v1.5 itself, so it cannot sign PSS");
    }
    Ok(schemes)
}

pub fn certificates(
    root: &Section<'_>,
    dialect: Dialect,
    keys: &[Key],
) -> Result<Vec<Certificate>, ProfileError> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for section in root.tables("certificates", MOST)? {
        let key = section.required("key")?;
        let number = key_named(keys, &key)?;
        if certificates.iter().any(|other| other.key == number) {
            return Err(key.invalid(ProfileFault::Twice));
        }
        let lengths = match dialect {
            Dialect::Piv => 1..=3,
            Dialect::OpenPgp => 1..=2,
        };
        let object = section.required("object")?.bytes(lengths.clone())?;
        let occurrence = match section.optional("occurrence") {
            None => 0,
            Some(field) => {
                let occurrence = field.number(0..=15)?;
                if occurrence > 0 && dialect == Dialect::Piv {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "a PIV card has each object once",
                    }));
                }
                occurrence
            }
        };
        let compression = match section.optional("compression") {
            None => Compression::None,
            Some(field) => {
                let compression = field
                    .one_of(&[("none", Compression::None), ("marked", Compression::Marked)])?;
                if compression == Compression::Marked && dialect != Dialect::Piv {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "only PIV marks how a certificate is packed",
                    }));
                }
                compression
            }
        };
        let change_counter = match section.optional("change_counter") {
            None => None,
            Some(field) => Some(field.bytes(lengths)?),
        };
        section.finish()?;
        certificates.push(Certificate {
            key: number,
            object,
            occurrence,
            compression,
            change_counter,
        });
    }
    let login = keys.iter().find(|key| {
        !key.schemes.is_empty() && !certificates.iter().any(|one| one.key == key.reference)
    });
    match login {
        Some(key) => Err(root.invalid(
            "certificates",
            ProfileFault::NotThere {
                what: "certificate of key",
                name: key.reference.to_string(),
            },
        )),
        None => Ok(certificates),
    }
}

/// The key that a field names by its number.
pub fn key_named(keys: &[Key], field: &Field<'_>) -> Result<KeyRef, ProfileError> {
    let reference = KeyRef(field.number(0..=0xFF)?);
    if keys.iter().any(|key| key.reference == reference) {
        return Ok(reference);
    }
    Err(field.invalid(ProfileFault::NotThere {
        what: "key",
        name: reference.to_string(),
    }))
}
