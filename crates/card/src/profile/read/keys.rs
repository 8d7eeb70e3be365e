//! `[[algorithms]]`, `[[keys]]` and `[[certificates]]`.

use super::{
    MOST,
    files::{only_iso7816, place},
    pin_named,
};
use crate::{
    KeyAlgorithm, SignatureScheme,
    algorithm::Padding,
    profile::{
        AlgorithmInput, CardAlgorithm, Certificate, Compression, Dialect, Key, KeyRef, KeyRole,
        PinRole, PinRules, ProfileError, ProfileFault, SigningCommand,
        section::{Field, Section},
    },
};

pub fn algorithms(
    root: &Section<'_>,
    dialect: Dialect,
) -> Result<Vec<CardAlgorithm>, ProfileError> {
    let mut algorithms: Vec<CardAlgorithm> = Vec::new();
    for section in root.tables("algorithms", MOST)? {
        let field = section.required("reference")?;
        only_iso7816(&field, dialect)?;
        let reference = field.number(0..=0xFF)?;
        if algorithms.iter().any(|other| other.reference == reference) {
            return Err(field.invalid(ProfileFault::Twice));
        }
        let field = section.required("schemes")?;
        let schemes = field.some_of(&SignatureScheme::NAMED)?;
        if schemes.is_empty() {
            return Err(field.invalid(ProfileFault::Missing));
        }
        let known = |scheme| {
            algorithms
                .iter()
                .any(|other| other.schemes.contains(scheme))
        };
        if schemes.iter().any(known) {
            return Err(field.invalid(ProfileFault::Twice));
        }
        let field = section.required("input")?;
        let input = field.one_of(&[
            ("hash", AlgorithmInput::Hash),
            ("digest-info", AlgorithmInput::DigestInfo),
            ("padded", AlgorithmInput::Padded),
        ])?;
        let fits = |scheme: &SignatureScheme| match input {
            AlgorithmInput::Hash => scheme.padding() != Padding::Pkcs1,
            AlgorithmInput::DigestInfo => scheme.padding() == Padding::Pkcs1,
            AlgorithmInput::Padded => scheme.padding() != Padding::Ecdsa,
        };
        if !schemes.iter().all(fits) {
            return Err(field.invalid(ProfileFault::Contradiction {
                rule: "one of the schemes does not sign this",
            }));
        }
        section.finish()?;
        algorithms.push(CardAlgorithm {
            reference,
            schemes,
            input,
        });
    }
    Ok(algorithms)
}

pub fn keys(
    root: &Section<'_>,
    dialect: Dialect,
    pins: &[PinRules],
    known: &[CardAlgorithm],
) -> Result<Vec<Key>, ProfileError> {
    let mut keys: Vec<Key> = Vec::new();
    let mut spares: Vec<(usize, Field<'_>)> = Vec::new();
    for section in root.tables("keys", MOST)? {
        let reference = section.required("reference")?;
        let range = match dialect {
            Dialect::Piv => 0x82..=0x9E,
            Dialect::OpenPgp => 0x01..=0x03,
            Dialect::Iso7816 => 0x01..=0xFE,
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
            Some(field) => schemes(&field, dialect, role, &algorithms, known)?,
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
        let command = match section.optional("command") {
            None if dialect == Dialect::Iso7816 && !schemes.is_empty() => {
                return Err(section.invalid("command", ProfileFault::Missing));
            }
            None => None,
            Some(field) => {
                only_iso7816(&field, dialect)?;
                Some(field.one_of(&[
                    (
                        "internal-authenticate",
                        SigningCommand::InternalAuthenticate,
                    ),
                    (
                        "compute-digital-signature",
                        SigningCommand::ComputeDigitalSignature,
                    ),
                ])?)
            }
        };
        if let Some(field) = section.optional("spare") {
            only_iso7816(&field, dialect)?;
            spares.push((keys.len(), field));
        }
        section.finish()?;
        keys.push(Key {
            reference: number,
            role,
            algorithms,
            schemes,
            pin,
            generate,
            command,
            spare: None,
            current: true,
        });
    }
    // A spare may stand after the key in whose place it comes.
    for (position, field) in spares {
        let spare = key_named(&keys, &field)?;
        let role_of = |key: &Key| key.role;
        let same_role = keys.get(position).map(role_of)
            == keys.iter().find(|key| key.reference == spare).map(role_of);
        match keys.get_mut(position) {
            Some(key) if same_role && key.reference != spare => key.spare = Some(spare),
            _ => {
                return Err(field.invalid(ProfileFault::Contradiction {
                    rule: "a spare is another key of the same role",
                }));
            }
        }
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
    known: &[CardAlgorithm],
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
    let is_known = |scheme| known.iter().any(|one| one.schemes.contains(scheme));
    if dialect == Dialect::Iso7816 && !schemes.iter().all(is_known) {
        return rule("no algorithm of the card signs one of the schemes");
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
        let object = place(&section.required("object")?, dialect)?;
        let occurrence = match section.optional("occurrence") {
            None => 0,
            Some(field) => {
                let occurrence = field.number(0..=15)?;
                if occurrence > 0 && dialect != Dialect::OpenPgp {
                    return Err(field.invalid(ProfileFault::Contradiction {
                        rule: "only an OpenPGP card has an object more than once",
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
            Some(field) => Some(place(&field, dialect)?),
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
